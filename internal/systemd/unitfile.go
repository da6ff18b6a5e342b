package systemd

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
)

// assignment is a setting in the section [Service] of a unit file.
type assignment struct {
	file, key string
	value     string
	line      *logicalLine
	offset    int // of the value in the line
}

// at returns the number of the line in the file at which a byte of the value stands.
func (a assignment) at(i int) int { return a.line.at(a.offset + i) }

// logicalLine is a line with those that continue it.
type logicalLine struct {
	text   []byte
	starts []lineStart
}

// lineStart is the place at which a line of the file begins in a logical one.
type lineStart struct{ offset, number int }

func (l *logicalLine) add(number int, text string) {
	l.starts = append(l.starts, lineStart{len(l.text), number})
	l.text = append(l.text, text...)
}

// continues reports whether the next line belongs to this one, and if so puts a
// blank in the place of the backslash that says it.
func (l *logicalLine) continues() bool {
	end := len(l.text)
	for end > 0 && l.text[end-1] == '\\' {
		end--
	}
	if (len(l.text)-end)%2 == 0 {
		return false // each one escapes another
	}
	l.text[len(l.text)-1] = ' '
	return true
}

// at returns the number of the line in the file that has a byte of this one.
func (l *logicalLine) at(offset int) int {
	i, found := slices.BinarySearchFunc(l.starts, offset, func(s lineStart, offset int) int { return cmp.Compare(s.offset, offset) })
	if !found {
		i--
	}
	return l.starts[i].number
}

// parser reads one unit file.
type parser struct {
	file    string
	set     func(assignment)
	fault   func(Fault)
	section string // without brackets; empty before the first one
	broken  bool   // systemd reads no further
}

// parseUnit hands on the settings in the section [Service] of a unit file, and
// what is not understood of the file.
func parseUnit(file string, data []byte, set func(assignment), fault func(Fault)) {
	p := &parser{file: file, set: set, fault: fault}
	line := &logicalLine{}
	for number, text := range unitLines(strings.TrimPrefix(string(data), "\uFEFF")) {
		if isComment(text) {
			continue // also between a line and the one that continues it
		}
		line.add(number, text)
		if line.continues() {
			continue
		}
		if p.parse(line); p.broken {
			break
		}
		line = &logicalLine{}
	}
	if len(line.starts) > 0 && !p.broken {
		p.parse(line)
	}
}

// unitLines returns the lines of a unit file with their numbers. Any of \n, \r
// and NUL ends one, and so do several different ones together; for the numbers
// only the first counts, as in an editor.
func unitLines(text string) iter.Seq2[int, string] {
	const ends = "\n\r\x00"
	return func(yield func(int, string) bool) {
		for number := 1; text != ""; {
			end := strings.IndexAny(text, ends)
			if end < 0 {
				yield(number, text)
				return
			}
			if !yield(number, text[:end]) {
				return
			}
			text = text[end:]
			n := 0
			for n < len(text) && strings.IndexByte(ends, text[n]) >= 0 && strings.IndexByte(text[:n], text[n]) < 0 {
				n++
			}
			number += strings.Count(text[:n], "\n")
			text = text[n:]
		}
	}
}

func isComment(line string) bool {
	line = strings.TrimLeft(line, whitespace)
	return line != "" && (line[0] == '#' || line[0] == ';')
}

// parse reads a line that is whole.
func (p *parser) parse(line *logicalLine) {
	untrimmed := strings.TrimRight(string(line.text), whitespace)
	text := strings.TrimLeft(untrimmed, whitespace)
	start := len(untrimmed) - len(text)
	key, value, isAssignment := strings.Cut(text, "=")
	fault := ""
	switch {
	case text == "" || isComment(text):
	case !utf8.ValidString(text):
		fault = "not UTF-8: the line is ignored"
	case text[0] == '[' && !strings.HasSuffix(text, "]"):
		fault, p.broken = "not the head of a section: nothing of the file after it is read", true
	case text[0] == '[':
		p.section = text[1 : len(text)-1]
	case p.section == "":
		fault = "outside of any section: the line is ignored"
	case p.section != "Service":
	case !isAssignment || key == "":
		fault = "not an assignment: the line is ignored"
	default:
		trimmed := strings.TrimLeft(value, whitespace)
		p.set(assignment{
			file: p.file, key: strings.TrimRight(key, whitespace), value: trimmed,
			line: line, offset: start + len(text) - len(trimmed),
		})
	}
	if fault != "" {
		p.fault(Fault{File: p.file, Line: line.at(start), Detail: fault})
	}
}
