package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"

	"kube-cert-audit/internal/display"
)

// page collects the lines of a format made for people.
type page struct {
	text  strings.Builder
	width int // 0 is unlimited
	color bool
}

func newPage(o Options) *page {
	p := &page{width: o.Width, color: o.Color}
	if p.width > 0 {
		p.width = max(p.width, minWidth)
	}
	return p
}

// writeTo writes the page at once: either all of it or, on errors, none.
func (p *page) writeTo(w io.Writer) error {
	_, err := io.WriteString(w, p.text.String())
	return err
}

// line writes one line, without blanks at its end.
func (p *page) line(s string) {
	p.text.WriteString(strings.TrimRight(s, " "))
	p.text.WriteByte('\n')
}

func (p *page) gap() { p.text.WriteByte('\n') }

// paragraph writes prose, its first line indented by first and the others by rest.
func (p *page) paragraph(first, rest int, prose string) {
	p.field(first, rest, "", strings.SplitAfter(display.Text(prose), " "))
}

// field writes a label and its cell, the first line indented by first and the
// others by rest.
func (p *page) field(first, rest int, label string, c cell) {
	for i, line := range p.lines(first, rest, label, c) {
		if i == 0 {
			p.line(strings.Repeat(" ", first) + line)
		} else {
			p.line(strings.Repeat(" ", rest) + line)
		}
	}
}

// lines wraps a label and its cell into what remains beside the indents.
func (p *page) lines(first, rest int, label string, c cell) []string {
	if p.width == 0 {
		return []string{label + c.String()}
	}
	if whole := label + c.String(); first+columns(whole) <= p.width {
		return []string{whole}
	}
	pieces := append(cell{label}, c...)
	return pieces.wrap(p.width - max(first, rest))
}

// marked writes lines of which the first begins with a word to be coloured.
func (p *page) marked(word string, lines []string, rest int) {
	for i, line := range lines {
		if i == 0 {
			p.line(p.paint(word) + strings.TrimPrefix(line, word))
		} else {
			p.line(strings.Repeat(" ", rest) + line)
		}
	}
}

// paint colours one word by its meaning. Colours are never left to a longer
// text: one that wraps would colour its neighbours.
func (p *page) paint(word string) string {
	attributes := map[string][]color.Attribute{
		"ok":      {color.FgGreen},
		"INFO":    {color.FgCyan},
		"WARNING": {color.FgYellow},
		"ERROR":   {color.FgRed, color.Bold},
	}[word]
	if !p.color || attributes == nil {
		return word
	}
	c := color.New(attributes...)
	c.EnableColor() // whatever the environment of the process says
	return c.Sprint(word)
}

// count returns a number with its noun, in the plural where it needs one.
func count(n int, noun string) string {
	if n == 1 {
		return fmt.Sprintf("1 %s", noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
