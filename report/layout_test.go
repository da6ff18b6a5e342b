package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
)

func widths() []int { return []int{0, 60, 80, 100, 120, 140, 160, 180, 200, 240, 1000} }

func TestLayout(t *testing.T) {
	for _, width := range widths() {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			checkLayout(t, fixture(), width)
		})
	}
}

// checkLayout reports lines that are too wide or that hold what they must not,
// and text that is lost.
func checkLayout(t *testing.T, r *audit.Report, width int) {
	t.Helper()
	out := render(t, "table", r, Options{Width: width})
	checkLines(t, r, out, width)
	checkSheet(t, r.Certificates, out, width)
	checkFindings(t, r.Findings, out)
}

func checkLines(t *testing.T, r *audit.Report, out string, width int) {
	t.Helper()
	if !utf8.ValidString(out) {
		t.Error("not valid UTF-8")
	}
	var fixes []string
	for _, f := range r.Findings {
		for line := range strings.Lines(display.Lines(f.Fix)) {
			fixes = append(fixes, strings.TrimRight("    "+line, " \n"))
		}
	}
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		if strings.ContainsFunc(line, unicode.IsControl) {
			t.Errorf("control character in %q", line)
		}
		if strings.HasSuffix(line, " ") {
			t.Errorf("blanks at the end of %q", line)
		}
		if width > 0 && columns(line) > width && !slices.Contains(fixes, line) {
			t.Errorf("%d columns, not %d: %q", columns(line), width, line)
		}
	}
}

// checkSheet reads the certificates back from either layout of the sheet.
func checkSheet(t *testing.T, certificates []audit.Certificate, out string, width int) {
	t.Helper()
	sheet := strings.Split(out, "\n\n")[1] // neither layout has empty lines
	if strings.HasPrefix(sheet, "COMPONENT") && (width > 0 || !hasLongCell(certificates)) {
		checkColumns(t, certificates, sheet)
		return
	}
	for i := range certificates {
		for _, column := range sheetColumns() {
			want := column.certificate(&certificates[i]).String()
			if want != none && !strings.Contains(squeeze(sheet), squeeze(want)) {
				t.Errorf("%s %q is lost", column.title, want)
			}
		}
	}
}

// hasLongCell reports whether a row of the unlimited sheet stands outside the columns.
func hasLongCell(certificates []audit.Certificate) bool {
	for _, row := range sheetGrid(certificates).rows {
		for _, c := range row {
			if len(c.String()) > maxColumn {
				return true
			}
		}
	}
	return false
}

// checkColumns compares the text of each column of the sheet, over all lines.
func checkColumns(t *testing.T, certificates []audit.Certificate, sheet string) {
	t.Helper()
	head, body, _ := strings.Cut(sheet, "\n")
	all := sheetColumns()
	for i, column := range all {
		from, to := strings.Index(head, column.title), 1<<20
		if i+1 < len(all) {
			to = strings.Index(head, all[i+1].title)
		}
		var want, got strings.Builder
		for j := range certificates {
			want.WriteString(squeeze(column.certificate(&certificates[j]).String()))
		}
		for line := range strings.Lines(body) {
			got.WriteString(squeeze(between(line, from, to)))
		}
		if diff := cmp.Diff(want.String(), got.String()); diff != "" {
			t.Errorf("column %s (-want +got):\n%s", column.title, diff)
		}
	}
}

// between returns what stands in the terminal columns from up to to.
func between(line string, from, to int) string {
	var b strings.Builder
	at := 0
	for _, r := range line {
		if at >= from && at < to {
			b.WriteRune(r)
		}
		at += columns(string(r))
	}
	return b.String()
}

func checkFindings(t *testing.T, findings []audit.Finding, out string) {
	t.Helper()
	squeezed := squeeze(out)
	for _, f := range findings {
		texts := []string{
			strings.ToUpper(f.Severity.String()), visible(f.Check), words(f.Component).String(), visible(f.Path),
			display.Text(f.Message), display.Text(f.Impact), visible(source(f.Source)), display.Lines(f.Fix),
		}
		for _, text := range texts {
			if !strings.Contains(squeezed, squeeze(text)) {
				t.Errorf("finding %s: %q is lost", f.Check, text)
			}
		}
		for line := range strings.Lines(display.Lines(f.Fix)) {
			if line = strings.TrimRight(line, " \n"); line != "" && !strings.Contains(out, "\n    "+line+"\n") {
				t.Errorf("finding %s: no line of its own for the command %q", f.Check, line)
			}
		}
	}
}

// squeeze returns the text without blanks and line ends.
func squeeze(s string) string {
	return strings.Join(strings.Fields(s), "")
}

// TestLayoutChoice pins where the layouts change for a usual node.
func TestLayoutChoice(t *testing.T) {
	r := fixture()
	r.Certificates = fixtureCertificates()
	tests := []struct {
		width int
		want  string
	}{
		{0, "COMPONENT"}, {80, "STATUS"}, {120, "STATUS"}, {200, "COMPONENT"}, {500, "COMPONENT"},
	}
	for _, tt := range tests {
		sheet := strings.Split(render(t, "table", r, Options{Width: tt.width}), "\n\n")[1]
		if got := strings.Fields(sheet)[0]; got != tt.want {
			t.Errorf("at %d columns the sheet begins with %s, want %s", tt.width, got, tt.want)
		}
	}
	r.Certificates = r.Certificates[:1]
	if out := render(t, "table", r, Options{Width: 139}); !strings.Contains(out, "\nCOMPONENT") {
		t.Errorf("a sheet that needs no wrapping is shown in blocks:\n%s", out)
	}
}

// TestLongCells holds that a hostile certificate does not multiply the output.
func TestLongCells(t *testing.T) {
	r := fixture()
	r.Certificates = fixtureCertificates()
	names := make([]string, 10000)
	for i := range names {
		names[i] = fmt.Sprintf("name-%d.example.com", i)
	}
	before := render(t, "table", r, Options{})
	r.Certificates[1].DNSNames = names
	checkLayout(t, r, 0)
	after := render(t, "table", r, Options{})
	if limit := len(before) + len(strings.Join(names, ", ")) + maxColumn*len(r.Certificates); len(after) > limit {
		t.Errorf("%d bytes, want at most %d", len(after), limit)
	}
	checkLayout(t, r, 80)
	checkLayout(t, r, 200)
}

func TestColor(t *testing.T) {
	ansi := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for _, width := range widths() {
		for _, format := range []string{"table", "wide"} {
			plain := render(t, format, fixture(), Options{Width: width})
			colored := render(t, format, fixture(), Options{Width: width, Color: true})
			if diff := cmp.Diff(plain, ansi.ReplaceAllString(colored, "")); diff != "" {
				t.Errorf("%s at %d: colours change the text (-plain +colored):\n%s", format, width, diff)
			}
			checkColors(t, colored)
		}
	}
	t.Setenv("NO_COLOR", "1") // has been weighed by whoever set Options.Color
	if out := render(t, "table", fixture(), Options{Color: true}); !strings.Contains(out, "\x1b[31;1mERROR") {
		t.Error("no colours")
	}
}

// checkColors reports colours that do not end in their line or that are given to more than one word.
func checkColors(t *testing.T, colored string) {
	t.Helper()
	one := regexp.MustCompile("\x1b\\[[0-9;]+m(ok|INFO|WARNING|ERROR)\x1b\\[0(;22)?m")
	for line := range strings.Lines(colored) {
		rest := strings.ReplaceAll(one.ReplaceAllString(line, ""), "\x1b[0m", "")
		if strings.Contains(rest, "\x1b") {
			t.Errorf("stray colour in %q", line)
		}
	}
}
