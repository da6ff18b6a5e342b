package report

import (
	"fmt"
	"io"

	"kube-cert-audit/audit"
)

func writeWide(w io.Writer, r *audit.Report, o Options) error {
	p := newPage(Options{Color: o.Color}) // whatever the width of the terminal
	p.heading(r)
	p.gap()
	if err := p.wholeGrid(wideGrid(r), "no certificates and no keys"); err != nil {
		return fmt.Errorf("table of certificates and keys: %w", err)
	}
	if r.Kind != audit.KindInspect { // which knows of none
		p.gap()
		if err := p.wholeGrid(connectionGrid(r.Connections), "no connections"); err != nil {
			return fmt.Errorf("table of connections: %w", err)
		}
	}
	p.gap()
	p.findings(r.Findings)
	p.gap()
	p.waived(r.Waived, true)
	p.summary(r)
	return p.writeTo(w)
}

// wholeGrid writes a table without wrapping, or the words that say that it is empty.
func (p *page) wholeGrid(g *grid, empty string) error {
	if len(g.rows) == 0 {
		p.line(empty)
		return nil
	}
	return p.grid(g, nil)
}

func wideGrid(r *audit.Report) *grid {
	g := new(grid)
	all := wideColumns()
	for _, column := range all {
		g.titles = append(g.titles, column.title)
	}
	certificates := sheetRows(r)
	for i := range certificates {
		var row []cell
		for _, column := range all {
			row = append(row, column.certificate(&certificates[i]))
		}
		g.rows = append(g.rows, row)
	}
	for i := range r.Keys {
		var row []cell
		for _, column := range all {
			if column.key == nil {
				row = append(row, cell{none})
				continue
			}
			row = append(row, column.key(&r.Keys[i]))
		}
		g.rows = append(g.rows, row)
	}
	return g
}

func connectionGrid(connections []audit.Connection) *grid {
	g := &grid{titles: []string{"NAME", "PRESENTER", "VERIFIER", "USAGE", "SERVER NAME", statusTitle, "REASON"}}
	for _, c := range connections {
		g.rows = append(g.rows, []cell{
			words(c.Name), endpoint(c.Presenter), endpoint(c.Verifier), words(c.Usage),
			words(c.ServerName), status(c.Status), words(c.Reason),
		})
	}
	return g
}

func endpoint(e audit.Endpoint) cell {
	c := words(e.Component)
	if e.Path != "" {
		c[len(c)-1] += " "
		c = append(c, path(e.Path)...)
	}
	return c
}
