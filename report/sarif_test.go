package report

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

// schemaFile compiles a schema of testdata/schemas.
func schemaFile(t testing.TB, name string) *jsonschema.Schema {
	t.Helper()
	file, err := os.Open("testdata/schemas/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	document, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(name, document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate reports a document that a schema refuses, or with hidden characters.
func validate(t *testing.T, schema *jsonschema.Schema, document string) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(document))
	if err == nil {
		err = schema.Validate(value)
	}
	if err != nil {
		t.Errorf("%v:\n%s", err, document)
	}
	checkTexts(t, value)
}

// checkTexts reports texts with hidden characters, which no escape of JSON hides
// from who reads them.
func checkTexts(t *testing.T, value any) {
	t.Helper()
	switch v := value.(type) {
	case map[string]any:
		for _, item := range v {
			checkTexts(t, item)
		}
	case []any:
		for _, item := range v {
			checkTexts(t, item)
		}
	case string:
		if display.Lines(v) != v {
			t.Errorf("hidden characters in %q", v)
		}
	}
}

// checkSARIF reports what the schema of OASIS refuses, and what GitHub asks for
// beyond it.
func checkSARIF(t *testing.T, schema *jsonschema.Schema, r *audit.Report) *sarifRun {
	t.Helper()
	document := render(t, "sarif", r, Options{})
	validate(t, schema, document)
	var log sarifLog
	if err := json.Unmarshal([]byte(document), &log); err != nil {
		t.Fatal(err)
	}
	run := &log.Runs[0]
	if len(run.Results) != len(r.Findings)+len(r.Waived) {
		t.Fatalf("%d results of %d findings and %d waived ones", len(run.Results), len(r.Findings), len(r.Waived))
	}
	seen := map[string]bool{}
	for i, result := range run.Results {
		rule := run.Tool.Driver.Rules[result.RuleIndex]
		if rule.ID != result.RuleID || rule.ID != "" && (rule.Help.Text == "" || rule.Short.Text == "") {
			t.Errorf("result %d of %s has the rule %+v", i, result.RuleID, rule)
		}
		for _, print := range result.Fingerprints {
			if seen[print] {
				t.Errorf("result %d has the fingerprint of another one", i)
			}
			seen[print] = true
		}
		if isWaived := i >= len(r.Findings); isWaived != (len(result.Suppressions) == 1) || isWaived && result.Level != "note" {
			t.Errorf("result %d is of level %s with suppressions %v", i, result.Level, result.Suppressions)
		}
		if m := result.Message.Text; strings.Contains(m, "](") || strings.Contains(m, "{0}") {
			t.Errorf("a link or a placeholder in %q", m)
		}
		for _, l := range slices.Concat(result.Locations, result.Related) {
			u, err := url.Parse(l.Physical.Artifact.URI)
			if err != nil || u.IsAbs() || u.Host != "" || strings.HasPrefix(u.Path, "/") || slices.Contains(strings.Split(u.Path, "/"), "..") {
				t.Errorf("%v, or no relative reference: %s", err, l.Physical.Artifact.URI)
			}
		}
	}
	return run
}

func TestSARIF(t *testing.T) {
	schema := schemaFile(t, "sarif-schema-2.1.0.json")
	incomplete := fixture()
	incomplete.Coverage.Denied = 3
	for _, r := range []*audit.Report{fixture(), inspectFixture(), incomplete, new(audit.Report)} {
		run := checkSARIF(t, schema, r)
		if ok := run.Invocations[0].Successful; ok != complete(r.Coverage) || ok != (len(run.Invocations[0].Notifications) == 0) {
			t.Errorf("%+v is told as %+v", r.Coverage, run.Invocations[0])
		}
	}
}

func TestSARIFPlaces(t *testing.T) {
	for file, want := range map[string]string{
		"/etc/kubernetes/pki/ca.crt": "etc/kubernetes/pki/ca.crt",
		"/a b/ü%.crt":                "a%20b/%C3%BC%25.crt",
		"/../../x/../y":              "y",
		"file:///etc/passwd":         "./file:/etc/passwd",
		"//host/x?y#z":               "host/x%3Fy%23z",
		"\xff\n":                     "%FF%0A",
		"":                           ".",
	} {
		if got := sarifPlace(file, new(audit.Finding)).Physical.Artifact.URI; got != want {
			t.Errorf("%q is %s, want %s", file, got, want)
		}
	}
}

// TestSecuritySeverity: the number of a rule, by which code scanning goes, makes no
// finding worse or better than it is.
func TestSecuritySeverity(t *testing.T) {
	tests := []struct {
		severities []rules.Severity
		waived     bool
		want       string
	}{
		{[]rules.Severity{rules.Error, rules.Error}, false, "8.0"},
		{[]rules.Severity{rules.Warning}, false, "5.0"},
		{[]rules.Severity{rules.Info}, false, ""},
		{[]rules.Severity{rules.Error, rules.Warning}, false, ""},
		{[]rules.Severity{rules.Info, rules.Error, rules.Error}, false, ""},
		{[]rules.Severity{rules.Error, rules.Error}, true, ""},
	}
	for _, tt := range tests {
		r := new(audit.Report)
		for _, s := range tt.severities {
			r.Findings = append(r.Findings, audit.Finding{Check: "expired", Severity: s})
		}
		if tt.waived {
			r.Waived = []audit.Waived{{Finding: r.Findings[0]}}
		}
		if got := newSARIF(r).Runs[0].Tool.Driver.Rules[0].Properties.SecuritySeverity; got != tt.want {
			t.Errorf("%v, waived %v: %q, want %q", tt.severities, tt.waived, got, tt.want)
		}
	}
}

// TestFingerprints: a finding is known again after a day, an edit of the manifest
// and the mending of others.
func TestFingerprints(t *testing.T) {
	before := map[string]string{}
	known := fingerprints{}
	for i := range fixture().Findings {
		f := fixture().Findings[i]
		before[f.Check] = known.of(&f)
	}
	after, known := map[string]string{}, fingerprints{}
	findings := fixture().Findings
	slices.Reverse(findings)
	for _, f := range findings[1:] {
		f.Message, f.Severity, f.Source.Line = "4 days before", f.Severity.Lower(), f.Source.Line+3
		after[f.Check] = known.of(&f)
	}
	delete(before, findings[0].Check)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	if first, second := known.of(&findings[0]), known.of(&findings[0]); first == second {
		t.Error("two findings have one fingerprint")
	}
}

// TestManyResults: no more than services take, and it is told.
func TestManyResults(t *testing.T) {
	r := new(audit.Report)
	for n := range maxResults + 2 {
		r.Findings = append(r.Findings, audit.Finding{Check: "expired", Severity: rules.Error, Path: fmt.Sprintf("/%d", n)})
	}
	run := newSARIF(r).Runs[0]
	if n := run.Invocations[0].Notifications; len(run.Results) != maxResults || len(n) != 1 || !strings.HasPrefix(n[0].Message.Text, "2 more findings") {
		t.Errorf("%d results, %v", len(run.Results), n)
	}
}
