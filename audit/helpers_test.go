package audit

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/internal/testkit"
	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// made is when the sample nodes of the tests were made, and at when they are audited.
func made() time.Time { return time.Date(2026, 11, 24, 10, 20, 30, 0, time.UTC) }

func at() time.Time { return time.Date(2026, 12, 15, 0, 0, 0, 0, time.UTC) }

// options returns what the command would audit with.
func options(t testing.TB) Options {
	t.Helper()
	return Options{Root: "/", At: at(), Limits: rules.DefaultLimits(), Tables: rules.Builtin(), Checks: rules.Checks(), Discovery: manifests.Options{}}
}

// write writes a node below a new folder, and returns its root.
func write(t testing.TB, s *pkitest.Spec, edits ...func(*pkitest.Tree)) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "node")
	if err := s.Write(root, edits...); err != nil {
		t.Fatal(err)
	}
	return root
}

// run audits the node below a folder.
func run(t testing.TB, root string, o Options) *Report {
	t.Helper()
	fsys, err := hostfs.New(root)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	return Run(t.Context(), fsys, o)
}

// brief returns the findings as "severity check path".
func brief(findings []Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, fmt.Sprintf("%s %s %s", f.Severity, f.Check, f.Path))
	}
	return all
}

// checkFindings compares all findings of a report, in any order.
func checkFindings(t *testing.T, r *Report, want []string) {
	t.Helper()
	got := brief(r.Findings)
	slices.Sort(got)
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
		for _, f := range r.Findings {
			t.Logf("%s: %s", f.Check, f.Message)
		}
	}
}

// unpack unpacks one of the real nodes and returns its root.
func unpack(t testing.TB, name string) string {
	t.Helper()
	root := t.TempDir()
	if err := testkit.Unpack(filepath.Join("..", "testdata", "nodes", name), root); err != nil {
		t.Fatal(err)
	}
	return root
}
