package main

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v3"

	"kube-cert-audit/internal/display"
	"kube-cert-audit/report"
	"kube-cert-audit/rules"
)

// wholeConfig has every flag that a file of settings may have.
const wholeConfig = `
root: /mnt/node
at: 2027-06-01
horizon: 90d
output: [table, json=/var/lib/audit.json]
fail-on: error
warn-within: 30d
error-within: 1w
ca-warn-within: 180d
ca-error-within: 1d12h
manifests: [/etc/kubernetes/manifests, /etc/more]
kubeconfig: /srv/admin.conf
node-name: cp-1
layout: kubeadm
orphans: true
check: [expired, untrusted]
skip: expired
rules: rules.yaml
timeout: 30s
color: never
`

func settingsProcess() *process {
	return &process{name: programName, getenv: getenv(nil), now: now()}
}

// configSchema returns the published schema, ready to validate with.
func configSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(configSchemaText))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("config.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("config.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON returns a document as the value of JSON that YAML 1.2 takes it for: it knows
// of no days.
func asJSON(t *testing.T, text string) any {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	undated(&n)
	var value any
	if err := n.Decode(&value); err != nil {
		t.Fatal(err)
	}
	document, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	value, err = jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func undated(n *yaml.Node) {
	if n.ShortTag() == "!!timestamp" {
		n.Tag = "!!str"
	}
	for _, c := range n.Content {
		undated(c)
	}
}

// TestConfigSchemaMatchesFlags holds the published schema to the flags that there are.
func TestConfigSchemaMatchesFlags(t *testing.T) {
	var schema struct {
		Properties map[string]struct {
			Enum  []string
			AnyOf []struct{ Type string }
		}
		Defs map[string]struct {
			Enum    []string
			Pattern string
		} `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(configSchemaText), &schema); err != nil {
		t.Fatal(err)
	}
	known := settingsProcess().configurable()
	if diff := cmp.Diff(slices.Sorted(maps.Keys(known)), slices.Sorted(maps.Keys(schema.Properties))); diff != "" {
		t.Errorf("settings (-flags +schema):\n%s", diff)
	}
	for name, flag := range known {
		property := schema.Properties[name]
		isList := false
		for _, alternative := range property.AnyOf {
			isList = isList || alternative.Type == "array"
		}
		if isList != isRepeatable(flag) {
			t.Errorf("%s: a list is accepted: %v", name, isList)
		}
		if c, ok := flag.(*choice); ok {
			if diff := cmp.Diff(c.allowed, property.Enum); diff != "" {
				t.Errorf("%s (-flag +schema):\n%s", name, diff)
			}
		}
	}
	var ids, formats []string
	for _, c := range rules.Checks() {
		ids = append(ids, c.ID)
	}
	for _, f := range report.Formats() {
		formats = append(formats, f.Name)
	}
	if diff := cmp.Diff(ids, schema.Defs["check"].Enum); diff != "" {
		t.Errorf("checks (-want +schema):\n%s", diff)
	}
	if want := "^(" + strings.Join(formats, "|") + ")(=.+)?$"; schema.Defs["output"].Pattern != want {
		t.Errorf("outputs match %s, want %s", schema.Defs["output"].Pattern, want)
	}
}

func TestConfigSchemaAcceptsWhatIsRead(t *testing.T) {
	settings, faults := settingsProcess().parseConfig(wholeConfig)
	if len(faults) > 0 {
		t.Errorf("faults %q", faults)
	}
	if err := configSchema(t).Validate(asJSON(t, wholeConfig)); err != nil {
		t.Error(err)
	}
	if known := settingsProcess().configurable(); len(settings) != len(known) {
		t.Errorf("the example has %d settings of %d", len(settings), len(known))
	}
}

func TestConfigSchemaRefusesWhatIsRefused(t *testing.T) {
	schema := configSchema(t)
	for _, text := range []string{
		"[root]", "text", "rot: /", "config: x.yaml", "keep: dir", "root: ''", "root: [/]", "root:", "root: {a: b}",
		"at: noon", "at: 30d", "at: 2027-02-29", "output: text", "output: []", "output: json=", "output: [json, text]", "output: [[json]]",
		"fail-on: info", "fail-on: [error]", "warn-within: thirty", "warn-within: 30", "warn-within: 1y", "ca-error-within: -1d",
		"manifests: ['']", "manifests: {a: b}", "kubeconfig: []", "kubeconfig: [null]", "check: expird", "skip: [expired, '']", "timeout: soon", "color: on",
	} {
		if _, faults := settingsProcess().parseConfig(text); len(faults) == 0 {
			t.Errorf("%q is read", text)
		}
		if schema.Validate(asJSON(t, text)) == nil {
			t.Errorf("the schema accepts %q", text)
		}
	}
}

// Every flag of the file reaches the values of the command, as on its command line.
func TestConfigSetsFlags(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(wholeConfig), 0o644); err != nil {
		t.Fatal(err)
	}
	p := settingsProcess()
	want, got := p.newAuditFlags(), p.newAuditFlags()
	settings, _ := p.parseConfig(wholeConfig)
	for _, f := range want.list() {
		for _, s := range settings {
			for _, value := range s.values {
				if s.flag != f.Names()[0] {
					continue
				}
				if err := f.(*cli.GenericFlag).Value.Set(value); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	want.config = text(file)
	c := command{name: "audit", flags: got.list(), run: func(io.Writer, []string) (int, error) { return exitOK, nil }}
	app := &cli.App{Commands: []*cli.Command{c.forLibrary(p, io.Discard, new(int))}}
	if err := app.Run([]string{programName, "audit", "--config", file}); err != nil {
		t.Fatal(err)
	}
	unexported := cmp.AllowUnexported(auditFlags{}, instant{}, outputs{}, destination{}, choice{})
	if diff := cmp.Diff(want, got, unexported, cmpopts.IgnoreFields(outputs{}, "known")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Whatever the file holds, there are either faults, each in one visible line, or
// settings of known flags.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{wholeConfig, "", "#", "root", "a: &a [*a]", "root: *x", "? [a]\n: b", "<<: {root: /}", "output: [csv, csv]", "root: /\n---\n", "root: \"\x00\""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := settingsProcess()
		known := p.configurable()
		settings, faults := p.parseConfig(text)
		for _, fault := range faults {
			if shown := display.Text(fault); strings.Contains(shown, "\n") || fault == "" {
				t.Errorf("fault %q", fault)
			}
		}
		for _, s := range settings {
			if known[s.flag] == nil || len(faults) == 0 && len(s.values) == 0 {
				t.Errorf("setting %+v", s)
			}
		}
	})
}
