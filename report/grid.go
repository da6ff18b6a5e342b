package report

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/tw"
)

const (
	gapWidth = 2  // blanks between two columns
	maxPiece = 24 // wider pieces may be broken, to keep all columns in a line

	// maxColumn bounds the columns of tables of unlimited width. A longer cell
	// stands there whole, and the rest of its row further to the right: else one
	// certificate with a megabyte of names would pad each row to a megabyte.
	maxColumn = 1000
)

// grid is a table of cells under titles.
type grid struct {
	titles []string
	rows   [][]cell
}

// natural returns the column widths that wrap nothing.
func (g *grid) natural() []int {
	return g.measure(func(c cell) int { return columns(c.String()) })
}

// narrowest returns the column widths that break no piece of a cell but wide ones.
func (g *grid) narrowest() []int {
	return g.measure(func(c cell) int { return min(c.widest(), maxPiece) })
}

func (g *grid) measure(width func(cell) int) []int {
	widths := make([]int, len(g.titles))
	for i, title := range g.titles {
		widths[i] = columns(title)
		for _, row := range g.rows {
			widths[i] = max(widths[i], width(row[i]))
		}
	}
	return widths
}

// fit returns column widths for lines of at most width columns, and whether
// there are any. Room is taken from the widest column first.
func (g *grid) fit(width int) ([]int, bool) {
	widths, least := g.natural(), g.narrowest()
	room := width - gapWidth*(len(widths)-1)
	if total(widths) <= room {
		return widths, true
	}
	if total(least) > room {
		return nil, false
	}
	for i := range widths { // a list of a thousand names need not be taken down one by one
		widths[i] = max(least[i], min(widths[i], room))
	}
	for total(widths) > room {
		at := -1
		for i := range widths {
			if widths[i] > least[i] && (at < 0 || widths[i] > widths[at]) {
				at = i
			}
		}
		widths[at]--
	}
	return widths, true
}

func total(widths []int) int {
	n := 0
	for _, w := range widths {
		n += w
	}
	return n
}

// grid writes a table with cells wrapped to the widths, or not at all if they
// are nil.
func (p *page) grid(g *grid, widths []int) error {
	var out bytes.Buffer
	t := plainTable(&out)
	t.Header(g.titles)
	var long []string // mark, text, mark, text …
	for _, row := range g.rows {
		fields := make([]string, len(row))
		for i, c := range row {
			switch text := c.String(); {
			case g.titles[i] == statusTitle:
				fields[i] = p.paint(text)
			case widths != nil:
				fields[i] = strings.Join(c.wrap(widths[i]), "\n")
			case len(text) > maxColumn:
				fields[i] = fmt.Sprintf("\x00%d\x00", len(long)) // no cell has a NUL
				long = append(long, fields[i], text)
			default:
				fields[i] = text
			}
		}
		if err := t.Append(fields); err != nil {
			return err
		}
	}
	if err := t.Render(); err != nil {
		return err
	}
	for line := range strings.Lines(strings.NewReplacer(long...).Replace(out.String())) {
		// behind the padding of a coloured cell, tablewriter sets a reset of its own
		p.line(strings.TrimSuffix(strings.TrimRight(line, " \n"), " \x1b[0m"))
	}
	return nil
}

// plainTable returns a table without borders that leaves its texts alone.
func plainTable(out *bytes.Buffer) *tablewriter.Table {
	return tablewriter.NewTable(out,
		// Else the layout depends on the locale of the process. This is a
		// variable of the library; every table sets the same value.
		tablewriter.WithEastAsian(tw.Off),
		tablewriter.WithRendition(tw.Rendition{
			Borders:  tw.BorderNone,
			Symbols:  tw.NewSymbols(tw.StyleNone),
			Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone},
		}),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAlignment(tw.AlignLeft),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithPadding(tw.Padding{Left: tw.Empty, Right: strings.Repeat(" ", gapWidth), Overwrite: true}))
}
