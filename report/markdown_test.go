package report

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

// markdownPrefixes begin all lines outside of blocks of commands.
func markdownPrefixes() []string {
	return []string{
		"## Certificates: ", "Of ", "In all ", "**Incomplete:** ", "### Findings", "None.", "#### ERROR: ", "#### WARNING: ", "**Wrong:** ", "**At:** ",
		"**Impact:** ", "**Fix:**", "- INFO: ", "### Waived", "- Waived, error: ", "- Waived, warning: ", "### Certificates",
		"| ", "|---|", "Left out for lack of room: ",
	}
}

// checkMarkdown reports lines that begin with what others wrote, syntax in their
// texts, and texts that are lost.
func checkMarkdown(t *testing.T, r *audit.Report) {
	t.Helper()
	page := render(t, "markdown", r, Options{})
	if display.Lines(page) != page {
		t.Errorf("hidden characters:\n%s", page)
	}
	code := regexp.MustCompile("`[@#!~$%&:/]+`")
	reference := regexp.MustCompile(`&#[0-9]+;`)
	sections, rows, shown := 0, 0, ""
	for _, line := range withoutFences(t, page) {
		shown += html.UnescapeString(code.ReplaceAllStringFunc(line, func(s string) string {
			return html.EscapeString(strings.Trim(s, "`"))
		})) + "\n"
		i := slices.IndexFunc(markdownPrefixes(), func(p string) bool { return strings.HasPrefix(line, p) })
		if i < 0 {
			t.Errorf("a line %q", line)
			continue
		}
		prefix := markdownPrefixes()[i]
		rest := reference.ReplaceAllString(code.ReplaceAllString(strings.TrimPrefix(line, prefix), ""), "")
		if prefix == "| " {
			rows++
			if n := strings.Count(rest, "|"); n != len(sheetColumns()) {
				t.Errorf("%d cells in %q", n, line)
			}
			rest = strings.ReplaceAll(rest, "|", "")
		}
		if strings.HasPrefix(prefix, "####") {
			sections++
		}
		if prefix != "|---|" && strings.ContainsAny(rest, "\\`*_[]<>|@#!~$%&") || strings.Contains(rest, "://") || strings.Contains(rest, "www.") {
			t.Errorf("syntax in %q", line)
		}
	}
	if n := len(r.Findings) - r.Summary.Info; r.Summary.Error+r.Summary.Warning == n && sections != n {
		t.Errorf("%d sections of %d findings", sections, n)
	}
	if want := len(sheetRows(r)); want > 0 && rows != want+1 {
		t.Errorf("%d rows, want a header and %d", rows, want)
	}
	for _, f := range r.Findings {
		if !strings.Contains(shown, display.Text(f.Message)) || !strings.Contains(page, strings.TrimRight(display.Lines(f.Fix), "\n")) {
			t.Errorf("%q or %q is lost", f.Message, f.Fix)
		}
	}
	for _, w := range r.Waived {
		if !strings.Contains(shown, display.Text(w.Waiver.Reason)) {
			t.Errorf("%q is lost", w.Waiver.Reason)
		}
	}
}

// withoutFences returns the lines outside of blocks of commands, the empty ones aside.
func withoutFences(t *testing.T, page string) []string {
	t.Helper()
	var lines []string
	fence := ""
	for line := range strings.Lines(page) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case fence == "" && strings.HasPrefix(line, "```"):
			fence = strings.TrimSuffix(line, "sh")
		case fence != "" && strings.HasPrefix(strings.TrimSpace(line), fence):
			fence = ""
		case fence == "" && line != "":
			lines = append(lines, line)
		}
	}
	if fence != "" {
		t.Error("a block without an end")
	}
	return lines
}

func TestMarkdown(t *testing.T) {
	incomplete := fixture()
	incomplete.Coverage.Denied = 2
	for _, r := range []*audit.Report{fixture(), inspectFixture(), incomplete, new(audit.Report)} {
		checkMarkdown(t, r)
	}
	if page := render(t, "markdown", incomplete, Options{}); !strings.Contains(page, "\n**Incomplete:** 2 files not read for lack of permission\n") {
		t.Errorf("what was not read is not told:\n%s", page)
	}
}

func TestInline(t *testing.T) {
	for text, want := range map[string]string{
		"system:node:cp-1":         "system:node:cp-1",
		"a|b*c_d":                  "a&#124;b&#42;c&#95;d",
		`\|` + "`x`":               "&#92;&#124;&#96;x&#96;",
		"<b>[x](y)":                "&#60;b&#62;&#91;x&#93;(y)",
		"@jane #1":                 "`@`jane `#`1",
		"https://www.example.com/": "https`://`www&#46;example.com/",
		"@@://x&amp;":              "`@@://`x`&`amp;",
		"50%":                      "50`%`",
		"a\nb":                     "a&#92;nb",
		"":                         "",
	} {
		if got := inline(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// TestMarkdownHasRoom: a page that is too long for a summary loses its end, and says so.
func TestMarkdownHasRoom(t *testing.T) {
	r := fixture()
	for n := range 20000 {
		r.Findings = append(r.Findings, audit.Finding{
			Check: "expired", Severity: rules.Warning, Path: fmt.Sprintf("/%d/%s", n, strings.Repeat("x", 100)), Message: "m",
		})
	}
	page := render(t, "markdown", r, Options{})
	if len(page) > 1<<20 || !regexp.MustCompile(`\nLeft out for lack of room: [0-9]+ more findings and certificates\.\n$`).MatchString(page) {
		t.Errorf("%d bytes, at the end %q", len(page), page[len(page)-100:])
	}
}
