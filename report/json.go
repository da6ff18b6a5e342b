package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
)

// writeJSON writes the document that the schema describes.
func writeJSON(w io.Writer, r *audit.Report, _ Options) error {
	frame, err := newEncoder().append(nil, 0, frame(r))
	if err != nil {
		return fmt.Errorf("json: %w", err)
	}
	out := bufio.NewWriter(w)
	for _, l := range lists(r) {
		start := func() func([]byte, int, int) ([]byte, error) {
			e := newEncoder()
			return func(text []byte, from, to int) ([]byte, error) { return e.items(text, l, from, to) }
		}
		// No text has a line end in JSON: this stands nowhere else.
		before, after, found := bytes.Cut(frame, fmt.Appendf(nil, "\n  %q: []", l.field))
		if !found || l.count == 0 {
			continue
		}
		fmt.Fprintf(out, "%s\n  %q: [", before, l.field)
		if err := writeItems(out, l.count, start); err != nil {
			return fmt.Errorf("json: %w", err)
		}
		out.WriteString("\n  ]")
		frame = after
	}
	fmt.Fprintf(out, "%s\n", frame)
	return out.Flush()
}

// writeDocument writes a value that is no larger than what people read.
func writeDocument(w io.Writer, value any) error {
	text, err := newEncoder().append(nil, 0, value)
	if err != nil {
		return fmt.Errorf("json: %w", err)
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// encoder makes the text of values.
type encoder struct {
	compact bytes.Buffer
	json    *json.Encoder // writes to compact
}

func newEncoder() *encoder {
	e := new(encoder)
	e.json = json.NewEncoder(&e.compact)
	e.json.SetEscapeHTML(false)
	return e
}

// items appends some items of a list, each with what stands before it.
func (e *encoder) items(out []byte, l items, from, to int) ([]byte, error) {
	for i := from; i < to; i++ {
		before := ",\n    "
		if i == 0 {
			before = "\n    "
		}
		var err error
		if out, err = e.append(append(out, before...), 2, l.item(i)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// append appends the text of a value, as deep in the document as depth says.
func (e *encoder) append(out []byte, depth int, value any) ([]byte, error) {
	e.compact.Reset()
	if err := e.json.Encode(value); err != nil {
		return nil, err
	}
	return indent(out, bytes.TrimSuffix(e.compact.Bytes(), []byte("\n")), depth), nil
}

// indent appends compact JSON, of which it knows that it is well-formed, in lines
// as json.Indent does, and with all texts fit to be shown.
func indent(out, compact []byte, depth int) []byte {
	for len(compact) > 0 {
		c, size := compact[0], 1
		switch c {
		case '"':
			var plain bool
			if size, plain = textLength(compact); plain {
				out = append(out, compact[:size]...)
			} else {
				out = appendShown(out, compact[:size])
			}
		case '{', '[':
			if compact[1] == c+2 { // the closing one
				size = 2
				out = append(out, compact[:size]...)
				break
			}
			depth++
			out = newLine(append(out, c), depth)
		case '}', ']':
			depth--
			out = append(newLine(out, depth), c)
		case ',':
			out = newLine(append(out, c), depth)
		case ':':
			out = append(out, ": "...)
		default:
			out = append(out, c)
		}
		compact = compact[size:]
	}
	return out
}

func newLine(out []byte, depth int) []byte {
	out = append(out, '\n')
	for range depth {
		out = append(out, "  "...)
	}
	return out
}

// textLength returns the length of the text that JSON begins with, quotes
// included, and whether it is all of visible ASCII.
func textLength(compact []byte) (length int, plain bool) {
	plain = true
	for i := 1; ; i++ {
		switch c := compact[i]; {
		case c == '\\':
			i++
		case c == '"':
			return i + 1, plain
		case c >= 0x7f:
			plain = false
		}
	}
}

// appendShown appends a text with the runes that encoding/json leaves raw
// although they steer a terminal or cannot be seen (DEL, C1, bidi, zero-width)
// as \uXXXX. It stays the same value.
func appendShown(out, text []byte) []byte {
	for _, r := range string(text) {
		switch {
		case r < 0x7f || display.Text(string(r)) == string(r):
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			r -= 0x10000 // in JSON, two surrogates
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}
