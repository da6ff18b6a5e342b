package report

import (
	"math"
	"strings"

	"kube-cert-audit/audit"
)

const (
	maxBlockColumn = 28 // a hostile component name does not push the other columns off the screen
	minPathRoom    = 40 // columns that make it worth while to show paths beside the rest
)

// blocks writes the sheet for narrow terminals. Each certificate has a line of
// what matters first, aligned with those of the others, and below it the rest:
//
//	STATUS  EXPIRATION         COMPONENT       TYPE
//	ok      2027-11-23 (343d)  kube-apiserver  Server
//	        /etc/kubernetes/pki/apiserver.crt
//	        CN kube-apiserver  ISSUER kubernetes
//	        ALT NAMES cp-1, kubernetes, 10.96.0.1
func (p *page) blocks(certificates []audit.Certificate) {
	heads := [][]string{{statusTitle, "EXPIRATION", "COMPONENT", "TYPE"}}
	for i := range certificates {
		c := &certificates[i]
		heads = append(heads, []string{
			status(c.Status).String(), ends(c).String(),
			words(c.Component).String(), words(c.Type).String(),
		})
	}
	widths := blockWidths(heads)
	p.blockTitles(heads[0], widths)
	for i := range certificates {
		rest := p.blockLine(heads[i+1], widths, path(certificates[i].Path))
		p.blockRest(&certificates[i], rest, widths[0]+gapWidth)
	}
}

// pathRoom returns the columns that remain for paths beside the rest of a first line;
// less than none where paths stand below.
func (p *page) pathRoom(widths []int) int {
	room := p.width - total(widths) - gapWidth*len(widths)
	switch {
	case p.width == 0:
		return math.MaxInt
	case room < minPathRoom:
		return -1
	}
	return room
}

// blockTitles writes the titles of the first lines.
func (p *page) blockTitles(titles []string, widths []int) {
	if p.pathRoom(widths) >= 0 {
		titles = append(titles, "CERTIFICATE PATH")
	}
	p.blockHead(titles, widths)
}

// blockLine writes a first line, with the path where there is room for it, else
// returns the path.
func (p *page) blockLine(head []string, widths []int, where cell) (rest cell) {
	if columns(where.String()) > p.pathRoom(widths) {
		p.blockHead(head, widths)
		return where
	}
	p.blockHead(append(head, where.String()), widths)
	return nil
}

// blockWidths returns the widths of the columns of the first lines.
func blockWidths(heads [][]string) []int {
	widths := make([]int, len(heads[0]))
	for _, head := range heads {
		for i, field := range head {
			widths[i] = max(widths[i], min(columns(field), maxBlockColumn))
		}
	}
	return widths
}

// blockHead writes the fields of the first line below those of the others, or
// the last ones in a line of their own where the terminal is too narrow.
func (p *page) blockHead(head []string, widths []int) {
	indent := widths[0] + gapWidth
	p.marked(head[0], p.lines(0, indent, "", align(head, widths)), indent)
}

// blockRest writes the fields that the first line has not, and of those that
// are often empty only the filled ones.
func (p *page) blockRest(c *audit.Certificate, where cell, indent int) {
	if where != nil {
		p.field(indent, indent+gapWidth, "", where)
	}
	names := []labelled{{"CN ", words(c.Subject.CommonName)}}
	if len(c.Subject.Organizations) > 0 {
		names = append(names, labelled{"ORGANIZATION ", list(c.Subject.Organizations)})
	}
	p.flow(indent, append(names, labelled{"ISSUER ", list(issuer(c))}))
	if names := altNames(c); len(names) > 0 {
		p.field(indent, indent+gapWidth, "ALT NAMES ", list(names))
	}
}

// labelled is a cell that stands outside its column, so it brings its title.
type labelled struct {
	label string
	cell  cell
}

// flow writes as many fields into each line as fit.
func (p *page) flow(indent int, fields []labelled) {
	line := ""
	for _, f := range fields {
		whole := f.label + f.cell.String()
		if line != "" && indent+columns(line)+gapWidth+columns(whole) <= p.width {
			line += strings.Repeat(" ", gapWidth) + whole
			continue
		}
		if line != "" {
			p.line(strings.Repeat(" ", indent) + line)
		}
		line = whole
		if indent+columns(whole) > p.width {
			p.field(indent, indent+gapWidth, f.label, f.cell)
			line = ""
		}
	}
	if line != "" {
		p.line(strings.Repeat(" ", indent) + line)
	}
}

// align pads fields so that those of all lines stand below each other.
func align(fields []string, widths []int) cell {
	c := make(cell, len(fields))
	for i, field := range fields {
		c[i] = field
		if i < len(fields)-1 {
			c[i] += strings.Repeat(" ", max(0, widths[i]-columns(field))+gapWidth)
		}
	}
	return c
}
