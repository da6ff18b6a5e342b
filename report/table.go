package report

import (
	"fmt"
	"io"

	"kube-cert-audit/audit"
)

// sheetWidth is the least width that nine columns are readable at. Narrower
// sheets are shown side by side only if no cell has to wrap.
const sheetWidth = 140

func writeTable(w io.Writer, r *audit.Report, o Options) error {
	p := newPage(o)
	p.heading(r)
	p.gap()
	if err := p.sheet(sheetRows(r)); err != nil {
		return fmt.Errorf("table of certificates: %w", err)
	}
	p.gap()
	p.findings(r.Findings)
	p.gap()
	p.waived(r.Waived, false)
	p.summary(r)
	return p.writeTo(w)
}

// sheet writes the health-check sheet: side by side where there is room for
// it, else in blocks. No text is lost in either.
func (p *page) sheet(certificates []audit.Certificate) error {
	if len(certificates) == 0 {
		p.line("no certificates")
		return nil
	}
	g := sheetGrid(certificates)
	if p.width == 0 {
		return p.grid(g, nil)
	}
	widths, ok := g.fit(p.width)
	if wraps := total(widths) < total(g.natural()); !ok || wraps && p.width < sheetWidth {
		p.blocks(certificates)
		return nil
	}
	return p.grid(g, widths)
}

func sheetGrid(certificates []audit.Certificate) *grid {
	g := new(grid)
	for _, column := range sheetColumns() {
		g.titles = append(g.titles, column.title)
	}
	for i := range certificates {
		var row []cell
		for _, column := range sheetColumns() {
			row = append(row, column.certificate(&certificates[i]))
		}
		g.rows = append(g.rows, row)
	}
	return g
}
