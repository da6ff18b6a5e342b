package report

import (
	"slices"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"

	"kube-cert-audit/internal/display"
)

const (
	mapTop      = 34 // below the headings of the columns
	boxHead     = 26
	boxFoot     = 8
	boxGap      = 14
	rowHeight   = 19
	letterWidth = 7 // of the font of the map, at most
)

// mapColumn is one column of the map.
type mapColumn struct {
	x, width int
	height   int
	boxes    []*mapBox
}

// mapBox is a component with its files, or an issuer with its connections.
type mapBox struct {
	X, Y, Width, Height int
	Name                mapText
	Rows                []*mapRow
	key                 string
}

// mapRow is what a line begins at, passes through, or ends at.
type mapRow struct {
	X, Y int // of its middle
	Name mapText
	key  string
	// The places that its lines lead to, and how many.
	pulls, lines int
}

// mapText is a text as it fits its place, and the whole of it.
type mapText struct{ Short, Full string }

func newMapColumn(x, width int) *mapColumn { return &mapColumn{x: x, width: width} }

// row returns the row of a box, which it adds where it is new.
func (m *mapColumn) row(box, key string) *mapRow {
	at := slices.IndexFunc(m.boxes, func(b *mapBox) bool { return b.key == box })
	if at < 0 {
		at = len(m.boxes)
		m.boxes = append(m.boxes, &mapBox{X: m.x, Width: m.width, key: box, Name: newMapText(box, m.width, head)})
	}
	b := m.boxes[at]
	for _, r := range b.Rows {
		if r.key == key {
			return r
		}
	}
	r := &mapRow{X: m.x, key: key, Name: newMapText(key, m.width, tail)}
	b.Rows = append(b.Rows, r)
	return r
}

// pull draws a row towards the height of what it is connected with.
func (r *mapRow) pull(y int) {
	r.pulls += y
	r.lines++
}

// arrange orders the rows of each box, and the boxes, by what draws them.
func (m *mapColumn) arrange() {
	for _, b := range m.boxes {
		slices.SortStableFunc(b.Rows, func(a, b *mapRow) int { return a.pulls/a.lines - b.pulls/b.lines })
	}
	slices.SortStableFunc(m.boxes, func(a, b *mapBox) int { return a.pull() - b.pull() })
	m.stack()
	for _, b := range m.boxes {
		for _, r := range b.Rows {
			r.pulls, r.lines = 0, 0
		}
	}
}

func (b *mapBox) pull() int {
	pulls, lines := 0, 0
	for _, r := range b.Rows {
		pulls, lines = pulls+r.pulls, lines+r.lines
	}
	return pulls / lines
}

// stack puts the boxes one below the other.
func (m *mapColumn) stack() {
	y := mapTop
	for _, b := range m.boxes {
		b.Y, b.Height = y, boxHead+len(b.Rows)*rowHeight+boxFoot
		for i, r := range b.Rows {
			r.Y = y + boxHead + i*rowHeight + rowHeight/2
		}
		y += b.Height + boxGap
	}
	m.height = y
}

func newMapText(s string, width int, cut func(string, int) string) mapText {
	if s == "" {
		s = none
	}
	full := display.Text(s)
	return mapText{cut(full, width/letterWidth-3), full}
}

// head returns a text cut to a number of columns, at its end.
func head(s string, width int) string {
	if columns(s) <= width {
		return s
	}
	used := 1 // for the ellipsis
	for i, r := range s {
		if used += displaywidth.Rune(r); used > width {
			return s[:i] + "…"
		}
	}
	return s
}

// tail returns a text cut to a number of columns, at its beginning: of a path, the end
// tells most.
func tail(s string, width int) string {
	if columns(s) <= width {
		return s
	}
	used := 1
	for end := len(s); end > 0; {
		r, size := utf8.DecodeLastRuneInString(s[:end])
		if used += displaywidth.Rune(r); used > width {
			return "…" + s[end:]
		}
		end -= size
	}
	return s
}
