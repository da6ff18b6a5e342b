package report

import (
	"io"
	"strings"

	"kube-cert-audit/internal/diff"
	"kube-cert-audit/internal/display"
)

// writeDiffTable writes what changed for people: what makes anything worse stands out.
func writeDiffTable(w io.Writer, d *diff.Diff, o Options) error {
	p, groups := newPage(o), changeGroups(d)
	if !d.IsEmpty() {
		p.paragraph(0, bodyIndent, diffTitle(d))
	}
	for _, note := range d.Notes {
		p.paragraph(0, bodyIndent, "note: "+note)
	}
	if !d.IsEmpty() {
		p.gap()
	}
	for _, g := range groups {
		p.line(g.title)
		for i := range g.changes {
			p.change(&g.changes[i])
		}
		p.gap()
	}
	p.line(diffVerdict(d, groups))
	return p.writeTo(w)
}

// changeIndent is where the text of a change begins, behind its status.
const changeIndent = len("WARNING") + gapWidth

// change writes what became of something: the status of what it makes worse, what it
// is, and below that the rest.
func (p *page) change(c *changeText) {
	word := strings.Repeat(" ", len("WARNING"))
	if c.status != "" {
		word = status(c.status).String()
	}
	head := cell{word + strings.Repeat(" ", max(0, changeIndent-len(word)))}
	for _, piece := range strings.SplitAfter(display.Text(c.head), " ") {
		head = append(head, piece)
	}
	where := path(c.where)
	switch {
	case c.where == "":
		where = nil
	case p.width == 0 || columns(head.String())+gapWidth+columns(where.String()) <= p.width:
		head, where = append(head, strings.Repeat(" ", gapWidth)+where.String()), nil
	}
	p.marked(strings.TrimSpace(word), p.lines(0, changeIndent, "", head), changeIndent)
	if where != nil {
		p.field(changeIndent, changeIndent+gapWidth, "", where)
	}
	for _, text := range c.rest {
		p.paragraph(changeIndent, changeIndent+gapWidth, text)
	}
}
