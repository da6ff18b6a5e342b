package audit

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// checkTexts compares the texts of all single faults, which are for a reader to
// judge: does each say what is broken, what stops, and what to type?
func checkTexts(t *testing.T, got string) {
	t.Helper()
	const file = "testdata/faults.golden"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("differs from %s; if it is meant to, run with -update (-want +got):\n%s", file, diff)
	}
}

func faultText(f fault, r *Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n", f.name)
	for _, found := range r.Findings {
		fmt.Fprintf(&b, "%s %s: %s %s\n  %s\n  impact: %s\n", found.Severity, found.Check, found.Component, found.Path, found.Message, found.Impact)
		for line := range strings.SplitSeq(found.Fix, "\n") {
			fmt.Fprintf(&b, "    %s\n", line)
		}
	}
	b.WriteString("\n")
	return b.String()
}
