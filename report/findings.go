package report

import (
	stdpath "path"
	"strings"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

const (
	bodyIndent = 2
	fixIndent  = 4
)

// findings writes all findings in the order of the report, worst first.
func (p *page) findings(findings []audit.Finding) {
	if len(findings) == 0 {
		p.line("no findings")
	}
	for i := range findings {
		f := &findings[i]
		if f.Severity == rules.Info {
			p.remark(f)
			continue
		}
		p.finding(f)
		if i < len(findings)-1 {
			p.gap()
		}
	}
}

// finding writes what is wrong and where, what stops because of it, and what mends it.
func (p *page) finding(f *audit.Finding) {
	p.findingHead(f)
	p.paragraph(bodyIndent, bodyIndent, f.Message)
	if at := findingSource(f); at != "" {
		p.field(bodyIndent, fixIndent, "at ", path(at))
	}
	p.consequences(f)
}

// remark writes a finding that asks for nothing, in two lines where it can.
func (p *page) remark(f *audit.Finding) {
	p.findingHead(f)
	message := f.Message
	if at := findingSource(f); at != "" {
		message += " (at " + at + ")"
	}
	p.paragraph(bodyIndent, bodyIndent, message)
	p.consequences(f)
}

func (p *page) consequences(f *audit.Finding) {
	if f.Impact != "" {
		p.paragraph(bodyIndent, fixIndent, "impact: "+f.Impact)
	}
	if f.Fix != "" {
		p.line(strings.Repeat(" ", bodyIndent) + "fix:")
		p.fix(f.Fix)
	}
}

// fix writes commands, one below the other. They are never wrapped: broken
// lines would do something else when they are pasted.
func (p *page) fix(commands string) {
	for line := range strings.Lines(strings.TrimRight(display.Lines(commands), "\n")) {
		p.line(strings.Repeat(" ", fixIndent) + strings.TrimSuffix(line, "\n"))
	}
}

// findingHead writes the line that scripts search for: severity, check, component, path.
func (p *page) findingHead(f *audit.Finding) {
	gap := strings.Repeat(" ", gapWidth)
	severity := strings.ToUpper(f.Severity.String())
	head := severity + gap + visible(f.Check) + gap + words(f.Component).String()
	where := path(f.Path)
	switch {
	case f.Path == "":
		p.marked(severity, p.lines(0, bodyIndent, head, nil), bodyIndent)
	case p.width == 0 || columns(head)+gapWidth+columns(where.String()) <= p.width:
		p.marked(severity, []string{head + gap + where.String()}, bodyIndent)
	default:
		p.marked(severity, p.lines(0, bodyIndent, head, nil), bodyIndent)
		p.field(bodyIndent, fixIndent, "", where)
	}
}

// findingSource returns the place that names the finding's object, empty where
// that is the object itself.
func findingSource(f *audit.Finding) string {
	at := source(f.Source)
	if at == f.Path {
		return ""
	}
	return at
}

// sentence returns what is wrong, and where, as formats tell it that have one text
// for a finding.
func sentence(f *audit.Finding) string {
	where := strings.TrimSpace(f.Component + " " + f.Path)
	text := strings.TrimSpace(f.Check+" "+where) + ": " + f.Message
	if at := findingSource(f); at != "" {
		text += " (at " + at + ")"
	}
	return text
}

// findingName returns what tells a finding from most others, for a title.
func findingName(f *audit.Finding) string {
	return strings.TrimSpace(f.Check + " " + f.Path)
}

// findingPlace returns a file of the node as seen from its root, and the line that
// the finding is about: 1 where the finding names none in that file, for services
// show nothing without a line.
func findingPlace(file string, f *audit.Finding) (relative string, line int) {
	line = 1
	if file == f.Source.File {
		line = max(1, f.Source.Line)
	}
	return strings.TrimPrefix(stdpath.Clean("/"+file), "/"), line
}
