package report

import (
	"fmt"
	"slices"

	"kube-cert-audit/audit"
	"kube-cert-audit/rules"
)

// htmlTable is a table that can be sorted and filtered.
type htmlTable struct {
	ID      string
	Title   string
	Caption string
	Noun    string // of one row
	Columns []string
	Rows    []htmlRow
}

type htmlRow struct {
	Status rules.Status
	Cells  []htmlCell
}

// htmlCell is a field, in the pieces that it may be broken after.
type htmlCell struct {
	Text cell
	// Order is what the column is sorted by, where that is not the text.
	Order string
	Badge rules.Status // colours the cell
}

// htmlTables returns the tables that have rows.
func htmlTables(r *audit.Report) []htmlTable {
	var all []htmlTable
	for _, t := range []htmlTable{connectionTable(r.Connections), certificateTable(sheetRows(r)), keyTable(r.Keys)} {
		if len(t.Rows) > 0 {
			all = append(all, t)
		}
	}
	return all
}

func connectionTable(connections []audit.Connection) htmlTable {
	t := htmlTable{ID: "connections", Title: "Connections", Noun: "connection", Caption: "Who presents which certificate to whom, and the file that decides; the numbers are those of the map."}
	g := connectionGrid(connections)
	t.Columns = append([]string{"#"}, g.titles...)
	for i, row := range g.rows {
		number := fmt.Sprint(i + 1)
		cells := []htmlCell{{Text: cell{number}, Order: number}}
		for j, c := range row {
			cells = append(cells, newHTMLCell(g.titles[j], c, connections[i].Status))
		}
		t.Rows = append(t.Rows, htmlRow{connections[i].Status, cells})
	}
	return t
}

func certificateTable(certificates []audit.Certificate) htmlTable {
	t := htmlTable{ID: "certificates", Title: "Certificates", Noun: "certificate", Caption: "The health-check sheet: every certificate that was found, in each of its roles."}
	columns := sheetColumns()
	for _, column := range columns {
		t.Columns = append(t.Columns, column.title)
	}
	for i := range certificates {
		c := &certificates[i]
		var cells []htmlCell
		for _, column := range columns {
			one := newHTMLCell(column.title, column.certificate(c), c.Status)
			if column.title == expirationTitle {
				one.Order = endOrder(c)
			}
			cells = append(cells, one)
		}
		t.Rows = append(t.Rows, htmlRow{c.Status, cells})
	}
	return t
}

// endOrder sorts by the end; what has none, a request, comes last.
func endOrder(c *audit.Certificate) string {
	if isRequest(c) {
		return "Infinity"
	}
	return fmt.Sprint(c.NotAfter.Unix())
}

func keyTable(keys []audit.Key) htmlTable {
	t := htmlTable{
		ID: "keys", Title: "Keys", Noun: "key", Caption: "Private and public keys; none of what they hold is in this report.",
		Columns: []string{"COMPONENT", "TYPE", "PATH", "KEY", "MODE", "KEY OF", "SOURCE", statusTitle},
	}
	for i := range keys {
		k := &keys[i]
		fields := []cell{words(k.Component), words(k.Type), path(k.Path), words(keyKind(k)), words(k.Mode), path(k.Certificate), path(source(k.Source)), status(k.Status)}
		var cells []htmlCell
		for j, c := range fields {
			cells = append(cells, newHTMLCell(t.Columns[j], c, k.Status))
		}
		t.Rows = append(t.Rows, htmlRow{k.Status, cells})
	}
	return t
}

func newHTMLCell(title string, c cell, s rules.Status) htmlCell {
	if title != statusTitle {
		return htmlCell{Text: c}
	}
	return htmlCell{Text: c, Order: fmt.Sprint(rank(s)), Badge: s}
}

// rank orders statuses, the worst first.
func rank(s rules.Status) int {
	worst := []rules.Status{"error", "warning", "info"}
	if i := slices.Index(worst, s); i >= 0 {
		return i
	}
	return len(worst)
}
