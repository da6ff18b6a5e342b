package report

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/audit"
)

// checkCSV reads the file back and reports rows that have changed, and cells
// that a spreadsheet would run.
func checkCSV(t *testing.T, certificates []audit.Certificate) {
	t.Helper()
	got, err := csv.NewReader(strings.NewReader(render(t, "csv", &audit.Report{Certificates: certificates}, Options{}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(certificates)+1 {
		t.Fatalf("%d rows, want a header and %d", len(got), len(certificates))
	}
	for i := range certificates {
		if diff := cmp.Diff(csvRow(&certificates[i]), got[i+1]); diff != "" {
			t.Errorf("row %d (-want +got):\n%s", i, diff)
		}
		for _, field := range got[i+1] {
			if strings.IndexAny(field, "=+-@\t\r") == 0 || strings.ContainsAny(field, "\r\n") {
				t.Errorf("row %d has the cell %q", i, field)
			}
		}
	}
}

func TestCSV(t *testing.T) { checkCSV(t, fixture().Certificates) }

func TestCSVCells(t *testing.T) {
	tests := []struct{ name, want string }{
		{"plain", "plain"},
		{"", ""},
		{"=1+1", "'=1+1"},
		{"+1", "'+1"},
		{"-1", "'-1"},
		{"@SUM(1)", "'@SUM(1)"},
		{"＝1", "'＝1"},
		{"\t=1", `\t=1`},
		{"\r=1", `\r=1`},
		{"a=1", "a=1"},
		{"'quoted'", "'quoted'"},
		{`"a", b`, `"a", b`},
	}
	for _, tt := range tests {
		row := csvRow(&audit.Certificate{Subject: audit.Name{CommonName: tt.name}})
		if row[3] != tt.want {
			t.Errorf("cell of %q is %q, want %q", tt.name, row[3], tt.want)
		}
	}
}

// TestCSVHasTheSheetsColumns pins that both stay in step.
func TestCSVHasTheSheetsColumns(t *testing.T) {
	c := fixtureCertificates()[3]
	row := csvRow(&c)
	for i, column := range sheetColumns() {
		want := column.certificate(&c).String()
		switch column.title {
		case "EXPIRATION":
			want = instant(c.NotAfter)
		case "ALT NAMES":
			want = ""
		}
		if row[i] != want {
			t.Errorf("%s is %q, want %q", column.title, row[i], want)
		}
	}
}
