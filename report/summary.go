package report

import (
	"fmt"
	"strings"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
)

// heading writes what was audited.
func (p *page) heading(r *audit.Report) {
	node := "node of unknown name"
	if r.Node.Name != "" {
		node = "node " + r.Node.Name
	}
	var kind []string
	for _, s := range []string{r.Node.Layout, r.Node.Version} {
		if s != "" {
			kind = append(kind, s)
		}
	}
	if len(kind) > 0 {
		node += " (" + strings.Join(kind, ", ") + ")"
	}
	p.paragraph(0, bodyIndent, fmt.Sprintf("%s at %s, root %s", node, instant(r.At), r.Root))
}

// summary writes what was counted: one line, or one for each clause where that
// is too long.
func (p *page) summary(r *audit.Report) {
	clauses := summaryClauses(r)
	if whole := display.Text(strings.Join(clauses, "; ")); p.width == 0 || columns(whole) <= p.width {
		p.line(whole)
		return
	}
	for i, clause := range clauses {
		if i < len(clauses)-1 {
			clause += ";"
		}
		p.paragraph(0, bodyIndent, clause)
	}
}

func summaryClauses(r *audit.Report) []string {
	s, c := r.Summary, r.Coverage
	clauses := []string{fmt.Sprintf("%s, %s, %s: %s, %s, %d info",
		count(s.Certificates, "certificate"), count(s.Keys, "key"), count(s.Connections, "connection"),
		count(s.Error, "error"), count(s.Warning, "warning"), s.Info)}
	if s.FirstExpiry != nil {
		clauses = append(clauses, "first to expire: "+firstExpiry(s.FirstExpiry))
	}
	clauses = append(clauses, fmt.Sprintf("%s: %d examined, %d unreadable, %d unverifiable",
		count(c.References, "reference"), c.Examined, c.Unreadable, c.Unverifiable))
	if c.Unjudged > 0 {
		clauses = append(clauses, count(c.Unjudged, "object")+" not judged in time")
	}
	return clauses
}

func firstExpiry(f *audit.FirstExpiry) string {
	switch {
	case isNever(f.NotAfter):
		return f.Path + " never"
	case f.SecondsLeft < 0:
		return fmt.Sprintf("%s expired %s ago", f.Path, display.Span(-f.SecondsLeft))
	}
	return fmt.Sprintf("%s in %s", f.Path, display.Span(f.SecondsLeft))
}
