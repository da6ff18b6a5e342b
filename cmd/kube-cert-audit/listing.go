package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"kube-cert-audit/internal/display"
)

const (
	gap        = 2  // blanks between two columns
	leastProse = 24 // columns that make it worth while to wrap the last column of a table
	unlimited  = 1 << 30
)

// listing is a table of which each cell holds items, such as names.
type listing struct {
	titles []string
	rows   [][][]string
}

// add adds a row. Its items may be of foreign origin.
func (l *listing) add(cells ...[]string) {
	row := make([][]string, len(cells))
	for i, items := range cells {
		for _, item := range items {
			row[i] = append(row[i], display.Text(item))
		}
	}
	l.rows = append(l.rows, row)
}

// text returns the listing in lines of at most width columns: as a table with
// the items of a cell one below the other, of which the last column may wrap, or
// as a block for each row where that is too wide. A width of 0 is for other
// programs: it gives one line for each row.
func (l *listing) text(width int) string {
	if width == 0 {
		return l.flat().table(unlimited)
	}
	widths := l.widths()
	last := len(widths) - 1
	room := width - gap*last
	for _, w := range widths[:last] {
		room -= w
	}
	if room < min(widths[last], leastProse) {
		return l.blocks(width)
	}
	return l.table(room)
}

// flat returns the listing with the items of each cell in one.
func (l *listing) flat() *listing {
	f := &listing{titles: l.titles}
	for _, row := range l.rows {
		cells := make([][]string, len(row))
		for i, items := range row {
			if len(items) > 0 {
				cells[i] = []string{strings.Join(items, ", ")}
			}
		}
		f.rows = append(f.rows, cells)
	}
	return f
}

// widths returns the columns that the widest items take.
func (l *listing) widths() []int {
	widths := make([]int, len(l.titles))
	for i, title := range l.titles {
		widths[i] = len(title)
		for _, row := range l.rows {
			for _, item := range row[i] {
				widths[i] = max(widths[i], utf8.RuneCountInString(item))
			}
		}
	}
	return widths
}

// table returns the listing as a table of which the last column may take as many
// columns of the terminal as given.
func (l *listing) table(room int) string {
	var b strings.Builder
	widths := l.widths()
	last := len(widths) - 1
	widths[last] = min(widths[last], room)
	writeRow(&b, widths, func(i int) []string { return []string{l.titles[i]} })
	for _, row := range l.rows {
		writeRow(&b, widths, func(i int) []string {
			lines := row[i]
			if i == last {
				lines = nil
				for _, item := range row[i] {
					lines = append(lines, wrap(strings.Fields(item), "", widths[i])...)
				}
			}
			if len(lines) == 0 {
				return []string{"-"} // every row has the same number of fields
			}
			return lines
		})
	}
	return b.String()
}

// writeRow writes the lines of the cells beside each other.
func writeRow(b *strings.Builder, widths []int, cell func(column int) []string) {
	for n := 0; ; n++ {
		line, any := "", false
		for i, width := range widths {
			text := ""
			if lines := cell(i); n < len(lines) {
				text, any = lines[n], true
			}
			line += fmt.Sprintf("%-*s", width+gap, text)
		}
		if !any {
			return
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// blocks returns the rows one after the other, without the empty cells.
func (l *listing) blocks(width int) string {
	label := 0
	for _, title := range l.titles[1:] {
		label = max(label, len(title))
	}
	var b strings.Builder
	for n, row := range l.rows {
		if n > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(strings.Join(row[0], ", ") + "\n")
		for i, items := range row[1:] {
			title, mark := l.titles[i+1], ","
			if len(items) == 1 {
				items, mark = strings.Fields(items[0]), "" // prose
			}
			for _, line := range wrap(items, mark, width-label-2*gap) {
				fmt.Fprintf(&b, "%*s%-*s%s\n", gap, "", label+gap, title, line)
				title = ""
			}
		}
	}
	return b.String()
}

// wrap sets pieces, with a mark after each but the last, into lines of at most
// width columns, as far as none is longer.
func wrap(pieces []string, mark string, width int) []string {
	var lines []string
	for i, piece := range pieces {
		if i < len(pieces)-1 {
			piece += mark
		}
		if n := len(lines) - 1; n >= 0 && utf8.RuneCountInString(lines[n]+" "+piece) <= width {
			lines[n] += " " + piece
			continue
		}
		lines = append(lines, piece)
	}
	return lines
}
