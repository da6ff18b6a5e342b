package report

import (
	"fmt"
	"io"
	"strings"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

// maxMarkdown is what GitHub takes as the summary of a step, 1 MiB, less what the
// last line needs.
const maxMarkdown = 1<<20 - 1<<10

// writeMarkdown writes the report for summaries of CI jobs and for tickets: what is
// to be done first, then the sheet. It is written by hand: the table library leaves
// a | of a name as it is.
func writeMarkdown(w io.Writer, r *audit.Report, _ Options) error {
	m := new(markdown)
	m.add(fmt.Sprintf("## Certificates: %s, %s\n", count(r.Summary.Error, "error"), count(r.Summary.Warning, "warning")))
	head := newPage(Options{})
	head.heading(r)
	m.add("\nOf " + inline(strings.TrimSpace(head.text.String())) + "\n")
	m.add("\nIn all " + inline(strings.Join(summaryClauses(r), "; ")) + "\n")
	if all := missed(r.Coverage); len(all) > 0 {
		m.add("\n**Incomplete:** " + strings.Join(all, "; ") + "\n")
	}
	m.findings(r)
	m.waived(r.Waived)
	m.sheet(sheetRows(r))
	if m.left > 0 {
		m.text.WriteString(fmt.Sprintf("\nLeft out for lack of room: %d more findings and certificates.\n", m.left))
	}
	_, err := io.WriteString(w, m.text.String())
	return err
}

// markdown collects parts of a page, as far as there is room.
type markdown struct {
	text strings.Builder
	left int // how many parts there was no room for
}

func (m *markdown) add(part string) {
	if m.text.Len()+len(part) > maxMarkdown {
		m.left++
		return
	}
	m.text.WriteString(part)
}

// findings writes a section for each finding that asks for something, and a line for
// each other one.
func (m *markdown) findings(r *audit.Report) {
	m.add("\n### Findings\n")
	if len(r.Findings) == 0 {
		m.add("\nNone.\n")
	}
	before := "\n"
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Severity == rules.Info {
			m.add(before + "- INFO: " + inline(sentence(f)) + "\n")
			before = ""
			continue
		}
		m.add(markdownFinding(f))
	}
}

// markdownFinding returns the section of a finding. No line of it begins with a text
// that others wrote, which could make a heading or a list of it.
func markdownFinding(f *audit.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n#### %s: %s\n", strings.ToUpper(f.Severity.String()),
		inline(strings.TrimSpace(strings.Join([]string{f.Check, f.Component, f.Path}, " "))))
	fmt.Fprintf(&b, "\n**Wrong:** %s\n", inline(f.Message))
	if at := findingSource(f); at != "" {
		fmt.Fprintf(&b, "\n**At:** %s\n", inline(at))
	}
	if f.Impact != "" {
		fmt.Fprintf(&b, "\n**Impact:** %s\n", inline(f.Impact))
	}
	if f.Fix != "" {
		fmt.Fprintf(&b, "\n**Fix:**\n\n%s", fenced(f.Fix))
	}
	return b.String()
}

func (m *markdown) waived(all []audit.Waived) {
	if len(all) == 0 {
		return
	}
	m.add("\n### Waived\n\n")
	for i := range all {
		w := &all[i]
		m.add(fmt.Sprintf("- Waived, %s: %s\n", w.Severity, inline(sentence(&w.Finding)+"; "+waivedUntil(&w.Waiver))))
	}
}

func (m *markdown) sheet(certificates []audit.Certificate) {
	if len(certificates) == 0 {
		return
	}
	columns := sheetColumns()
	head, rule := "\n### Certificates\n\n|", "|"
	for _, c := range columns {
		head, rule = head+" "+c.title+" |", rule+"---|"
	}
	m.add(head + "\n" + rule + "\n")
	for i := range certificates {
		row := "|"
		for _, c := range columns {
			row += " " + inline(c.certificate(&certificates[i]).String()) + " |"
		}
		m.add(row + "\n")
	}
}

// inline returns a text that Markdown shows as it is. What may be syntax is written
// as a reference; what services make links and mentions of, also behind a reference,
// as code.
func inline(s string) string {
	s = display.Text(s)
	var b strings.Builder
	inCode := false
	for i := 0; i < len(s); i++ {
		n := sigil(s[i:])
		if inCode != (n > 0) {
			b.WriteByte('`')
			inCode = n > 0
		}
		switch {
		case n > 0:
			b.WriteString(s[i : i+n])
			i += n - 1
		case strings.IndexByte("\\`*_[]<>|", s[i]) >= 0, s[i] == '.' && strings.EqualFold(s[max(0, i-3):i], "www"):
			fmt.Fprintf(&b, "&#%d;", s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	if inCode {
		b.WriteByte('`')
	}
	return b.String()
}

// sigil returns the length of what a text begins with that makes a link or a mention
// of what follows: @user, #1, https://…
func sigil(s string) int {
	switch {
	case strings.IndexByte("@#!~$%&", s[0]) >= 0:
		return 1
	case strings.HasPrefix(s, "://"):
		return len("://")
	}
	return 0
}

// fenced returns commands in a block, the fence of which they do not have in them.
func fenced(commands string) string {
	commands = strings.TrimRight(display.Lines(commands), "\n")
	fence := "```"
	for strings.Contains(commands, fence) {
		fence += "`"
	}
	return fence + "sh\n" + commands + "\n" + fence + "\n"
}
