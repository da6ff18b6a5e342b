// Package display makes text of foreign origin safe to show: names in
// certificates, paths, arguments of components, contents of files. Whoever
// wrote such text must not be able to steer the terminal, forge a line of the
// report, or hide a part of it.
//
// The package knows nothing of where the text comes from, nor of the format it
// goes to: quoting for JSON, CSV or Markdown is the renderer's own work, and so
// are widths and blanks that pass for the gap between two columns.
package display

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// brailleBlank is a symbol to Unicode, hence printable, but an empty cell.
const brailleBlank = '\u2800'

// Text returns s with everything but visible characters and the plain space
// written as an escape of Go: \n, \t, \r, \x1b, \u202e, \U000e0041, and \xff for
// a byte that is not UTF-8. The result is one line of valid UTF-8. Where nothing
// needs an escape it is s itself.
//
// A backslash stays as it is, so that Text is idempotent and ordinary text keeps
// its look. A name that contains the four characters \x1b therefore looks like
// one with an escape character. That misleads nobody into danger: either way it
// reads as a name that needs a closer look.
func Text(s string) string {
	return escape(s, false)
}

// Lines is Text for texts of several lines that the program itself composes,
// such as the commands of a fix: it keeps "\n".
func Lines(s string) string {
	return escape(s, true)
}

func escape(s string, keepNewline bool) string {
	start := firstHidden(s, keepNewline)
	if start == len(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:start])
	for i := start; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case isShown(r, keepNewline):
			b.WriteRune(r)
		default:
			writeEscape(&b, r)
		}
		i += size
	}
	return b.String()
}

// firstHidden returns the offset of the first byte that needs an escape, or
// len(s).
func firstHidden(s string, keepNewline bool) int {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || !isShown(r, keepNewline) {
			return i
		}
		i += size
	}
	return len(s)
}

// isShown reports whether r is shown as it is. To unicode.IsPrint, controls,
// format characters, separators, every space but U+0020, noncharacters, private
// use and unassigned code points are not printable: nobody can say what a
// terminal makes of them. It takes some characters for printable that have no
// look of their own, such as variation selectors and Hangul fillers.
func isShown(r rune, keepNewline bool) bool {
	if r < utf8.RuneSelf {
		return ' ' <= r && r < 0x7f || r == '\n' && keepNewline
	}
	return unicode.IsPrint(r) && r != brailleBlank &&
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

func writeEscape(b *strings.Builder, r rune) {
	switch {
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\t':
		b.WriteString(`\t`)
	case r == '\r':
		b.WriteString(`\r`)
	case r < utf8.RuneSelf:
		fmt.Fprintf(b, `\x%02x`, r)
	case r <= 0xffff:
		// C1 controls too: \x85 would claim a lone byte that is not UTF-8.
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}
