package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
)

// writeCSV writes the health-check sheet for spreadsheets: full values, one
// row per certificate and request.
func writeCSV(w io.Writer, r *audit.Report, _ Options) error {
	var titles []string
	for _, column := range sheetColumns() {
		titles = append(titles, column.title)
	}
	rows := [][]string{titles}
	all := sheetRows(r)
	for i := range all {
		rows = append(rows, csvRow(&all[i]))
	}
	out := csv.NewWriter(w)
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("csv: %w", err)
	}
	return nil
}

// csvRow returns the fields of a certificate, in the order of sheetColumns.
func csvRow(c *audit.Certificate) []string {
	row := []string{
		c.Component, c.Type, c.Path, c.Subject.CommonName, strings.Join(altNames(c), ", "),
		strings.Join(c.Subject.Organizations, ", "), strings.Join(issuer(c), ", "),
		validUntil(c), string(c.Status),
	}
	for i, field := range row {
		row[i] = inert(display.Text(field))
	}
	return row
}

// inert returns a field that no spreadsheet takes for a formula.
func inert(field string) string {
	if strings.IndexAny(field, "=+-@\t\r＝＋－＠") == 0 {
		return "'" + field
	}
	return field
}
