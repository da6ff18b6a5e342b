package report

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// checkGitLab reports what the schema refuses, and issues that GitLab would lose or
// take for others.
func checkGitLab(t *testing.T, schema *jsonschema.Schema, r *audit.Report) {
	t.Helper()
	document := render(t, "gitlab", r, Options{})
	validate(t, schema, document)
	var issues []gitlabIssue
	if err := json.Unmarshal([]byte(document), &issues); err != nil {
		t.Fatal(err)
	}
	if len(issues) != len(r.Findings)+len(r.Waived) {
		t.Fatalf("%d issues of %d findings and %d waived ones", len(issues), len(r.Findings), len(r.Waived))
	}
	seen := map[string]bool{}
	for i, issue := range issues {
		if seen[issue.Fingerprint] {
			t.Errorf("issue %d has the fingerprint of another one", i)
		}
		seen[issue.Fingerprint] = true
		if i < len(r.Findings) {
			if want := display.Text(r.Findings[i].Message); issue.Description != want {
				t.Errorf("issue %d is %q, want %q", i, issue.Description, want)
			}
		} else if issue.Severity != "info" {
			t.Errorf("issue %d is waived, and of severity %s", i, issue.Severity)
		}
	}
}

func TestGitLab(t *testing.T) {
	schema := schemaFile(t, "gitlab-code-quality.json")
	for _, r := range []*audit.Report{fixture(), inspectFixture(), new(audit.Report)} {
		checkGitLab(t, schema, r)
	}
	if got := render(t, "gitlab", new(audit.Report), Options{}); got != "[]\n" {
		t.Errorf("nothing is %q", got)
	}
}

func TestGitLabPlaces(t *testing.T) {
	manifest := manifests.Source{File: "/a.yaml", Line: 7}
	for _, tt := range []struct {
		path   string
		source manifests.Source
		want   gitlabLocation
	}{
		{"/pki/ca.crt", manifest, gitlabLocation{"pki/ca.crt", gitlabLines{1}}},
		{"", manifest, gitlabLocation{"a.yaml", gitlabLines{7}}},
		{"/a.yaml", manifest, gitlabLocation{"a.yaml", gitlabLines{7}}},
		{"/../.././x", manifests.Source{}, gitlabLocation{"x", gitlabLines{1}}},
		{"", manifests.Source{}, gitlabLocation{".", gitlabLines{1}}},
	} {
		got := newGitLabIssue(&audit.Finding{Path: tt.path, Source: tt.source}, rules.Error, "", fingerprints{}).Location
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.path, diff)
		}
	}
}
