package report

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/audit"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// render returns the report in the format.
func render(t testing.TB, format string, r *audit.Report, o Options) string {
	t.Helper()
	f, err := Lookup(format)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out, r, o); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return out.String()
}

// golden compares a text with a golden file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
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

func TestGolden(t *testing.T) {
	tests := []struct {
		format string
		width  int
	}{
		{"table", 0}, {"table", 80}, {"table", 120}, {"table", 200},
		{"wide", 0}, {"json", 0}, {"yaml", 0}, {"csv", 0}, {"prometheus", 0}, {"nagios", 0}, {"junit", 0}, {"sarif", 0}, {"html", 0}, {"markdown", 0}, {"github", 0}, {"gitlab", 0}, {"csv-findings", 0},
	}
	for _, tt := range tests {
		name := tt.format
		if tt.width > 0 {
			name = fmt.Sprintf("%s-%d", tt.format, tt.width)
		}
		t.Run(name, func(t *testing.T) {
			golden(t, name, render(t, tt.format, fixture(), Options{Width: tt.width}))
		})
	}
}

func TestWidthConcernsTablesOnly(t *testing.T) {
	for _, format := range []string{"wide", "json", "yaml", "csv", "prometheus", "nagios", "junit", "sarif", "html", "markdown", "github", "gitlab", "csv-findings"} {
		if render(t, format, fixture(), Options{Width: 80}) != render(t, format, fixture(), Options{}) {
			t.Errorf("%s depends on the width", format)
		}
	}
}

func TestEmptyReport(t *testing.T) {
	for _, f := range Formats() {
		got := render(t, f.Name, new(audit.Report), Options{Width: 80})
		if !strings.HasSuffix(got, "\n") || strings.HasSuffix(got, "\n\n") {
			t.Errorf("%s of an empty report does not end with one newline: %q", f.Name, got)
		}
	}
	got := render(t, "table", new(audit.Report), Options{})
	for _, want := range []string{"node of unknown name at 0001-01-01T00:00:00Z", "no certificates\n", "no findings\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("table of an empty report lacks %q:\n%s", want, got)
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.ErrUnsupported }

func TestWriteErrors(t *testing.T) {
	for _, f := range Formats() {
		if err := f.Write(brokenWriter{}, fixture(), Options{}); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s returns %v for a writer that fails", f.Name, err)
		}
	}
}

func TestWritersLeaveTheReportAlone(t *testing.T) {
	r := fixture()
	r.Certificates[0].DNSNames = nil
	for _, f := range Formats() {
		render(t, f.Name, r, Options{Width: 80, Color: true})
	}
	want := fixture()
	want.Certificates[0].DNSNames = nil
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("report changed (-want +got):\n%s", diff)
	}
}

func TestFormats(t *testing.T) {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
		if f.Title == "" {
			t.Errorf("format %s has no title", f.Name)
		}
	}
	if diff := cmp.Diff([]string{"table", "wide", "json", "yaml", "csv", "prometheus", "nagios", "junit", "sarif", "html", "markdown", "github", "gitlab", "csv-findings"}, names); diff != "" {
		t.Errorf("formats (-want +got):\n%s", diff)
	}
}

func TestLookup(t *testing.T) {
	tests := []struct{ name, wantErr string }{
		{"table", ""},
		{"csv", ""},
		{"tabel", `output format "tabel" is none of NAMES; did you mean table?`},
		{"yml", `output format "yml" is none of NAMES; did you mean yaml?`},
		{"JSON", `output format "JSON" is none of NAMES; did you mean json?`},
		{"docbook", `output format "docbook" is none of NAMES`},
		{"", `output format "" is none of NAMES`},
	}
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	for _, tt := range tests {
		tt.wantErr = strings.Replace(tt.wantErr, "NAMES", strings.Join(names, ", "), 1)
		f, err := Lookup(tt.name)
		if tt.wantErr == "" {
			if err != nil || f.Name != tt.name {
				t.Errorf("Lookup(%q) = %q, %v", tt.name, f.Name, err)
			}
			continue
		}
		if err == nil || err.Error() != tt.wantErr {
			t.Errorf("Lookup(%q) gives the error %v, want %s", tt.name, err, tt.wantErr)
		}
	}
}
