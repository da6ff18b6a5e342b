package systemd

import (
	"bytes"
	"iter"
	"strings"
	"unicode/utf8"
)

// textProblem says why systemd refuses an environment file as a whole; "" if it does not.
func textProblem(file string, data []byte) string {
	if bytes.IndexByte(data, 0) >= 0 {
		return "a NUL byte"
	}
	for v := range environmentFileVariables(file, data) {
		if !utf8.ValidString(v.Name) || !utf8.ValidString(v.Value) { // in comments it does not matter
			return "not UTF-8"
		}
	}
	return ""
}

// environmentFileVariables returns the assignments in a file of EnvironmentFile=, in
// order, whatever their names. Its syntax is not that of unit files, nor that of a
// shell: in an unquoted value, quotes are text, and a backslash makes any character
// literal; a quoted one may go on over many lines.
func environmentFileVariables(file string, data []byte) iter.Seq[Variable] {
	return func(yield func(Variable) bool) {
		s := &envScanner{text: string(data), line: 1}
		for s.skipToKey() {
			line := s.line
			key, ok := s.key()
			if ok && !yield(Variable{Name: key, Value: s.value(), File: file, Line: line}) {
				return
			}
		}
	}
}

const lineEnds = "\n\r"

// envScanner goes through an environment file.
type envScanner struct {
	text string // what is left
	line int
}

// take returns the next byte and passes over it.
func (s *envScanner) take() byte {
	c := s.text[0]
	s.text = s.text[1:]
	if c == '\n' {
		s.line++
	}
	return c
}

// skipToKey passes over white space and comments. It reports whether anything is left.
func (s *envScanner) skipToKey() bool {
	for s.text != "" {
		switch c := s.text[0]; {
		case isOneOf(whitespace, c):
			s.take()
		case isOneOf("#;", c):
			// Before version 254, a backslash at the end continued a comment.
			for s.text != "" && !isOneOf(lineEnds, s.text[0]) {
				s.take()
			}
		default:
			return true
		}
	}
	return false
}

// key takes the text up to the equals sign, which is not the first character. It
// reports whether there is one in the line.
func (s *envScanner) key() (string, bool) {
	end := 1 + strings.IndexAny(s.text[1:], "="+lineEnds)
	if end == 0 {
		end = len(s.text)
	}
	key := strings.TrimRight(s.text[:end], whitespace)
	s.text = s.text[end:]
	if s.text == "" || s.text[0] != '=' {
		return "", false
	}
	s.take()
	return key, true
}

// value takes the text after the equals sign. Quotes count at its start, and after
// other quotes.
func (s *envScanner) value() string {
	var value []byte
	for s.text != "" {
		switch c := s.take(); {
		case isOneOf(lineEnds, c):
			return string(value)
		case c == '\'' || c == '"':
			value = s.quoted(value, c)
		case c == '\\' || !isOneOf(whitespace, c):
			return string(s.unquoted(value, c))
		}
	}
	return string(value)
}

// quoted takes the text up to the quote that ends it, or to the end of the file.
func (s *envScanner) quoted(value []byte, quote byte) []byte {
	for s.text != "" {
		c := s.take()
		switch {
		case c == quote:
			return value
		case c != '\\' || quote == '\'':
			value = append(value, c)
		case s.text != "":
			switch c = s.take(); {
			case isOneOf("\"\\`$", c):
				value = append(value, c)
			case c != '\n': // which continues the line
				value = append(value, '\\', c)
			}
		}
	}
	return value
}

// unquoted takes the text up to the end of the line, from its first byte on.
func (s *envScanner) unquoted(value []byte, c byte) []byte {
	end := len(value) // less the white space at the end
	for {
		switch {
		case c == '\\' && s.text == "":
			return value
		case c == '\\':
			if c = s.take(); !isOneOf(lineEnds, c) {
				value = append(value, c)
			}
			end = len(value) // white space before it counts as well
		case isOneOf(lineEnds, c):
			return value[:end]
		default:
			value = append(value, c)
			if !isOneOf(whitespace, c) {
				end = len(value)
			}
		}
		if s.text == "" {
			return value[:end]
		}
		c = s.take()
	}
}

func isOneOf(set string, c byte) bool { return strings.IndexByte(set, c) >= 0 }
