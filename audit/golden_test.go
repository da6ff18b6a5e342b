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

// The texts of all single faults, for a reader to judge: does each say what is
// broken, what stops, and what to type?
func TestFaultTexts(t *testing.T) {
	const file = "testdata/faults.golden"
	all := faults()
	texts := make([]string, len(all))
	t.Run("faults", func(t *testing.T) { // beside each other: most of the time they wait for a second look
		for i, f := range all {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				texts[i] = faultText(t, f)
			})
		}
	})
	got := strings.Join(texts, "")
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

func faultText(t *testing.T, f fault) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n", f.name)
	for _, found := range run(t, f.write(t), options(t)).Findings {
		fmt.Fprintf(&b, "%s %s: %s %s\n  %s\n  impact: %s\n", found.Severity, found.Check, found.Component, found.Path, found.Message, found.Impact)
		for line := range strings.SplitSeq(found.Fix, "\n") {
			fmt.Fprintf(&b, "    %s\n", line)
		}
	}
	b.WriteString("\n")
	return b.String()
}
