package report

import (
	"cmp"
	"strings"

	"github.com/clipperhouse/displaywidth"

	"kube-cert-audit/internal/display"
)

// none stands for an empty value, so that every row has the same number of
// fields for awk -F'  +'.
const none = "-"

// cell is the text of one field, cut into the pieces that a line may end after.
type cell []string

// words makes a cell that may break at its blanks.
func words(s string) cell { return cut(s, " ") }

// path makes a cell that may break after its slashes.
func path(s string) cell { return cut(s, "/") }

func cut(s, after string) cell {
	if s == "" {
		return cell{none}
	}
	return strings.SplitAfter(visible(s), after)
}

// list makes a cell that may break after each of its items.
func list(items []string) cell {
	if len(items) == 0 {
		return cell{none}
	}
	c := make(cell, len(items))
	for i, item := range items {
		c[i] = visible(item)
		if i < len(items)-1 {
			c[i] += ", "
		}
	}
	return c
}

// String returns the whole text, in one line.
func (c cell) String() string { return strings.Join(c, "") }

// widest returns the number of columns that the widest piece takes.
func (c cell) widest() int {
	n := 0
	for _, piece := range c {
		n = max(n, columns(strings.TrimRight(piece, " ")))
	}
	return n
}

// wrap breaks the text into lines of at most width columns, after a piece where
// possible, and within one only where it is wider than a line. 0 is no limit.
func (c cell) wrap(width int) []string {
	if width <= 0 {
		return []string{c.String()}
	}
	var lines []string
	var line strings.Builder
	used := 0
	for _, piece := range c {
		for _, part := range chop(piece, width) {
			text := strings.TrimRight(part, " ")
			if used > 0 && text != "" && used+columns(text) > width {
				lines = append(lines, strings.TrimRight(line.String(), " "))
				line.Reset()
				used = 0
			}
			if used == 0 && text == "" {
				continue // prose may have two blanks; no line begins with one
			}
			line.WriteString(part)
			used += columns(part)
		}
	}
	return append(lines, strings.TrimRight(line.String(), " "))
}

// chop cuts s into parts of at most width columns, not counting blanks at its
// end: after punctuation, as in kube-apiserver, or else wherever a line is full.
func chop(s string, width int) []string {
	body := strings.TrimRight(s, " ")
	var parts []string
	start := 0
	for {
		n := prefix(body[start:], width)
		if start+n == len(body) {
			return append(parts, s[start:])
		}
		parts = append(parts, body[start:start+n])
		start += n
	}
}

// prefix returns the length of the part of s that a line of width columns takes.
func prefix(s string, width int) int {
	used, nice := 0, 0
	for i, r := range s {
		w := displaywidth.Rune(r)
		if i > 0 && used+w > width {
			return cmp.Or(nice, i)
		}
		used += w
		switch r {
		case '-', ':', '@', '/', '=':
			nice = i + 1
		case '.': // .crt stays together
			nice = i
		}
	}
	return len(s)
}

// columns returns the number of terminal columns that s takes. It adds up the
// runes as tablewriter does, so that both agree about every line.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += displaywidth.Rune(r)
	}
	return n
}

// visible returns s fit for one field of a line. Besides what display.Text
// escapes, these are the blanks that could pass for the gap between two fields:
// all but a single one between two other characters.
func visible(s string) string {
	s = display.Text(s)
	var b strings.Builder
	afterBlank := true
	for i, r := range s {
		if r == ' ' && (afterBlank || i == len(s)-1) {
			b.WriteString(`\x20`)
			afterBlank = false
			continue
		}
		b.WriteRune(r)
		afterBlank = r == ' '
	}
	return b.String()
}
