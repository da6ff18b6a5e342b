package report

import (
	"fmt"
	"strings"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
)

// maxPaths bounds the paths in a heading: a shell makes thousands of one pattern.
const maxPaths = 3

// heading writes what was audited.
func (p *page) heading(r *audit.Report) {
	if r.Kind == audit.KindInspect {
		p.paragraph(0, bodyIndent, fmt.Sprintf("inspected at %s: %s", instant(r.At), inspected(r.Paths)))
		return
	}
	p.paragraph(0, bodyIndent, fmt.Sprintf("%s at %s, root %s", nodeText(&r.Node), instant(r.At), r.Root))
}

// nodeText names a node, and says how it was set up.
func nodeText(n *audit.Node) string {
	node := "node of unknown name"
	if n.Name != "" {
		node = "node " + n.Name
	}
	var kind []string
	if n.Layout != "" {
		kind = append(kind, strings.TrimSuffix(n.Layout+" by "+n.Evidence, " by "))
	}
	if n.Version != "" {
		kind = append(kind, n.Version)
	}
	if len(kind) > 0 {
		node += " (" + strings.Join(kind, ", ") + ")"
	}
	return node
}

// inspected names what was inspected.
func inspected(paths []string) string {
	if more := len(paths) - maxPaths; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(paths[:maxPaths], ", "), more)
	}
	return strings.Join(paths, ", ")
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
	clauses := []string{found(r)}
	if f := r.Summary.FirstExpiry; f != nil {
		clauses = append(clauses, "first to expire: "+firstExpiry(f))
	}
	clauses = append(clauses, coverage(r))
	if n := r.Coverage.Unjudged; n > 0 && r.Kind != audit.KindInspect {
		clauses = append(clauses, count(n, "object")+" not judged in time")
	}
	return clauses
}

// found counts the objects and the findings.
func found(r *audit.Report) string {
	s := r.Summary
	last := count(s.Connections, "connection")
	if r.Kind == audit.KindInspect {
		last = count(s.Requests, "request")
	}
	text := fmt.Sprintf("%s, %s, %s: %s, %s, %d info",
		count(s.Certificates, "certificate"), count(s.Keys, "key"), last,
		count(s.Error, "error"), count(s.Warning, "warning"), s.Info)
	if s.Waived > 0 {
		text += fmt.Sprintf(", %d waived", s.Waived)
	}
	return text
}

// coverage counts what was read.
func coverage(r *audit.Report) string {
	c := r.Coverage
	if r.Kind == audit.KindInspect {
		return fmt.Sprintf("%s: %d examined, %d unreadable", count(c.References, "file"), c.Examined, c.Unreadable)
	}
	return fmt.Sprintf("%s: %d examined, %d unreadable, %d unverifiable",
		count(c.References, "reference"), c.Examined, c.Unreadable, c.Unverifiable)
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

// missed tells what was not seen, empty where nothing was missed. It may be anything.
func missed(c audit.Coverage) []string {
	var all []string
	if c.Denied > 0 {
		all = append(all, count(c.Denied, "file")+" not read for lack of permission")
	}
	if c.TimedOut > 0 {
		all = append(all, count(c.TimedOut, "file")+" not read in time")
	}
	if c.Unjudged > 0 {
		all = append(all, count(c.Unjudged, "object")+" not judged in time")
	}
	return all
}

// complete reports whether nothing was missed.
func complete(c audit.Coverage) bool { return len(missed(c)) == 0 }
