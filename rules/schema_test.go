package rules

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// accepts returns why the schema does not accept a file; nil where it does.
func accepts(t *testing.T, text string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("rules.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("rules.json")
	if err != nil {
		t.Fatal(err)
	}
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return s.Validate(asJSON(n.Content[0]))
}

// asJSON returns a document as the value of JSON that YAML 1.2 takes it for.
func asJSON(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = asJSON(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, asJSON(item))
		}
		return list
	}
	switch {
	case n.ShortTag() == "!!bool":
		return n.Value == "true"
	case n.ShortTag() == "!!int":
		return json.Number(n.Value)
	case n.ShortTag() == "!!null":
		return nil
	}
	return n.Value
}

// exampleFile has everything that a file of rules may hold.
const exampleFile = `
requirements:
- name: kubernetes-admin
  type: Client (Admin)
  component: kubectl
  commonNames: [operator]
  organizations: [example:operators]
  kinds: [client]
  parent: kubernetes-ca
  kubeconfig: {paths: [/etc/kubernetes/admin.conf]}
connections:
- {name: mine, usage: client, presenters: [kubernetes-admin], verifier: {component: kube-apiserver, ca: --client-ca-file}}
severities: {duplicate-serial: info, weak-key: error, rotation: off}
allow:
  groups: [system:masters]
  commonNames: {kube-etcd: [etcd-1, "<nodename>.example.internal"]}
waivers:
- check: untrusted
  path: /etc/kubernetes/pki/etcd/peer.crt
  reason: a reason
  expires: 2027-01-31
- {check: weak-key, fingerprint: "0000000000000000000000000000000000000000000000000000000000000000", reason: x, expires: "2027-01-31"}
`

func TestSchemaAcceptsWhatIsRead(t *testing.T) {
	own, err := Builtin().With("example", exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	printed, err := own.YAML()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"example": exampleFile, "requirements": readFile(t, "requirements.yaml"), "connections": readFile(t, "connections.yaml"), "printed": printed,
	} {
		if err := accepts(t, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Builtin().With(name, text); err != nil {
			t.Error(err)
		}
	}
}

// The schema and With refuse the same, as far as one file tells.
func TestSchemaRefusesWhatIsRefused(t *testing.T) {
	waiver := func(fields string) string { return "waivers: [{reason: x, " + fields + "}]" }
	tests := []struct{ name, text string }{
		{"unknown key", "rows: []"},
		{"list", "- a"},
		{"row without a name", "requirements: [{type: x, path: {key: /x}}]"},
		{"name", "requirements: [{name: A b, type: x, path: {key: /x}}]"},
		{"no type", "requirements: [{name: a, path: {key: /x}}]"},
		{"no place", "requirements: [{name: a, type: x}]"},
		{"unknown key of a row", "requirements: [{name: a, type: x, path: {key: /x}, color: red}]"},
		{"kind", "requirements: [{name: a, type: x, path: {key: /x}, kinds: [peer]}]"},
		{"text for a list", "requirements: [{name: a, type: x, path: {key: /x}, kinds: ca}]"},
		{"placeholder", "requirements: [{name: a, type: x, path: {key: <home>/x}}]"},
		{"argument", "requirements: [{name: a, type: x, named: [{component: x, key: tls-key}]}]"},
		{"named without an argument", "requirements: [{name: a, type: x, named: [{component: x}]}]"},
		{"condition", "requirements: [{name: a, type: x, path: {key: /x}, when: {argument: --x, value: maybe}}]"},
		{"usage", "connections: [{name: a, usage: both, presenters: [kube-etcd], verifier: {kubeconfig: true}}]"},
		{"no presenter", "connections: [{name: a, usage: client, presenters: [], verifier: {kubeconfig: true}}]"},
		{"no verifier", "connections: [{name: a, usage: client, presenters: [kube-etcd]}]"},
		{"two verifiers", "connections: [{name: a, usage: client, presenters: [kube-etcd], verifier: {kubeconfig: true, component: x, ca: --x}}]"},
		{"dialled names", "connections: [{name: a, usage: client, presenters: [kube-etcd], verifier: {kubeconfig: true}, names: dns}]"},
		{"strict", "connections: [{name: a, usage: client, presenters: [kube-etcd], verifier: {kubeconfig: true}, strict: yes}]"},
		{"severity", "severities: {expired: fatal}"},
		{"severity of no check", "severities: {expird: info}"},
		{"list of severities", "severities: [expired]"},
		{"unprivileged group", "allow: {groups: [system:nodes]}"},
		{"unknown allowance", "allow: {users: [x]}"},
		{"no common name", "allow: {commonNames: {kube-etcd: []}}"},
		{"placeholder in an allowance", `allow: {commonNames: {kube-etcd: ["<node>"]}}`},
		{"waiver of no check", waiver("path: /x, expires: 2027-01-31")},
		{"waiver of an unknown check", waiver("check: x, path: /x, expires: 2027-01-31")},
		{"waiver of a waiver", waiver("check: waiver-unused, path: /x, expires: 2027-01-31")},
		{"waiver of everything", waiver("check: expired, expires: 2027-01-31")},
		{"waiver of path and fingerprint", waiver("check: expired, path: /x, fingerprint: \"" + strings.Repeat("0", 64) + "\", expires: 2027-01-31")},
		{"relative path", waiver("check: expired, path: x, expires: 2027-01-31")},
		{"path with ..", waiver("check: expired, path: /x/../y, expires: 2027-01-31")},
		{"path with a blank name", waiver("check: expired, path: /x//y, expires: 2027-01-31")},
		{"fingerprint in capitals", waiver("check: expired, fingerprint: " + strings.Repeat("AB", 32) + ", expires: 2027-01-31")},
		{"short fingerprint", waiver("check: expired, fingerprint: abcd, expires: 2027-01-31")},
		{"no day", waiver("check: expired, path: /x")},
		{"no such day", waiver("check: expired, path: /x, expires: 2027-02-29")},
		{"blank reason", "waivers: [{check: expired, path: /x, reason: \" \", expires: 2027-01-31}]"},
		{"unknown key of a waiver", waiver("check: expired, path: /x, expires: 2027-01-31, until: 2028-01-01")},
	}
	for _, tt := range tests {
		if accepts(t, tt.text) == nil {
			t.Errorf("%s: the schema accepts it", tt.name)
		}
		if _, err := Builtin().With("file", tt.text); err == nil {
			t.Errorf("%s: it is read", tt.name)
		}
	}
}

// TestSchemaMatchesTypes holds that the schema has the keys of the types, and no others.
func TestSchemaMatchesTypes(t *testing.T) {
	type object struct {
		AdditionalProperties *bool
		Properties           map[string]struct{ Description string }
		Enum                 []string
	}
	var schema struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	schema.Defs["file"] = schema.object
	for name, value := range map[string]any{
		"file": file{}, "requirement": Requirement{}, "named": Named{}, "paths": Paths{}, "kubeconfig": KubeconfigUse{},
		"condition": Condition{}, "connection": ConnectionRow{}, "verifier": Verifier{}, "allow": Allow{}, "waiver": Waiver{},
	} {
		o := schema.Defs[name]
		if o.AdditionalProperties == nil || *o.AdditionalProperties {
			t.Errorf("%s accepts unknown keys", name)
		}
		var keys []string
		for _, field := range reflect.VisibleFields(reflect.TypeOf(value)) {
			key, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			if !field.Anonymous && field.IsExported() && key != "-" {
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
		if diff := cmp.Diff(keys, slices.Sorted(maps.Keys(o.Properties))); diff != "" {
			t.Errorf("keys of %s (-type +schema):\n%s", name, diff)
		}
		for key, property := range o.Properties {
			if !strings.HasSuffix(property.Description, ".") {
				t.Errorf("%s.%s has no sentence of description", name, key)
			}
		}
	}
	var ids []string
	for _, c := range Checks() {
		ids = append(ids, c.ID)
	}
	if diff := cmp.Diff(ids, schema.Defs["check"].Enum); diff != "" {
		t.Errorf("checks (-want +schema):\n%s", diff)
	}
}
