package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
)

// writeForecastCSV writes a row for each certificate that ends.
func writeForecastCSV(w io.Writer, f *audit.Forecast, _ Options) error {
	rows := [][]string{{"DATE", "ENDS", "COMPONENT", "TYPE", "CERTIFICATE PATH", "CN", "IMPACT", "FIX", "RENEWAL", statusTitle}}
	for i := range f.Dates {
		for j := range f.Dates[i].Ends {
			rows = append(rows, csvEnd(&f.Dates[i], &f.Dates[i].Ends[j]))
		}
	}
	if err := csv.NewWriter(w).WriteAll(rows); err != nil {
		return fmt.Errorf("csv: %w", err)
	}
	return nil
}

func csvEnd(d *audit.Date, e *audit.End) []string {
	row := []string{
		d.Day, instant(e.NotAfter), e.Component, e.Type, e.Path, e.CommonName,
		strings.Join(ending(d, e), "; "), fixOf(e), e.Renewal, string(e.Status),
	}
	for i, field := range row {
		row[i] = inert(display.Text(field))
	}
	return row
}
