package report

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/audit"
)

// checkCSVFindings reads the file back and reports rows that are lost or changed,
// and cells that a spreadsheet would run.
func checkCSVFindings(t *testing.T, r *audit.Report) {
	t.Helper()
	text := render(t, "csv-findings", r, Options{})
	got, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var want [][]string
	for i := range r.Findings {
		want = append(want, csvFinding(&r.Findings[i], audit.Waiver{}))
	}
	for i := range r.Waived {
		want = append(want, csvFinding(&r.Waived[i].Finding, r.Waived[i].Waiver))
	}
	if len(got) != len(want)+1 || strings.Count(text, "\n") != len(got) {
		t.Fatalf("%d rows in %d lines, want a header and %d", len(got), strings.Count(text, "\n"), len(want))
	}
	for i, row := range want {
		if diff := cmp.Diff(row, got[i+1]); diff != "" {
			t.Errorf("row %d (-want +got):\n%s", i, diff)
		}
		for _, field := range got[i+1] {
			if strings.IndexAny(field, "=+-@\t\r") == 0 {
				t.Errorf("row %d has the formula %q", i, field)
			}
		}
	}
}

func TestCSVFindings(t *testing.T) {
	for _, r := range []*audit.Report{fixture(), inspectFixture(), new(audit.Report)} {
		checkCSVFindings(t, r)
	}
}
