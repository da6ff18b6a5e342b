package report

import (
	"encoding/csv"
	"fmt"
	"io"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
)

// writeCSVFindings writes the findings for spreadsheets, one row for each, and behind
// them the waived ones, of which the last two columns tell why.
func writeCSVFindings(w io.Writer, r *audit.Report, _ Options) error {
	rows := [][]string{{
		"SEVERITY", "CHECK", "COMPONENT", "PATH", "SOURCE", "MESSAGE", "IMPACT", "FIX", "WAIVED UNTIL", "REASON",
	}}
	for i := range r.Findings {
		rows = append(rows, csvFinding(&r.Findings[i], audit.Waiver{}))
	}
	for i := range r.Waived {
		rows = append(rows, csvFinding(&r.Waived[i].Finding, r.Waived[i].Waiver))
	}
	if err := csv.NewWriter(w).WriteAll(rows); err != nil {
		return fmt.Errorf("csv-findings: %w", err)
	}
	return nil
}

// csvFinding returns the fields of a finding. Line ends of commands are escaped: a
// row is a line, for tools that know no quotes.
func csvFinding(f *audit.Finding, w audit.Waiver) []string {
	row := []string{
		f.Severity.String(), f.Check, f.Component, f.Path, source(f.Source), f.Message, f.Impact, f.Fix, w.Expires, w.Reason,
	}
	for i, field := range row {
		row[i] = inert(display.Text(field))
	}
	return row
}
