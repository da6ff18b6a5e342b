package systemd

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// quoting says how words are told from one another, and what their quotes and
// backslashes mean. Quotes hold words together anywhere, not only around whole ones.
type quoting uint8

const (
	// cEscapes reads a backslash as C does. Without it, a backslash only makes the byte after it literal.
	cEscapes quoting = 1 << iota
	// keepUnknown keeps escapes that C does not know, and a backslash at the end.
	keepUnknown
	// relaxed ends open quotes at the end of the text, and drops a backslash there.
	relaxed
)

func errQuoting() error {
	return errors.New("quotes that do not end, or a backslash that begins no known escape")
}

// splitter takes the words off a text.
type splitter struct {
	text string
	pos  int // of the next word, or the end
}

func newSplitter(text string) *splitter {
	s := &splitter{text: text}
	s.skip()
	return s
}

// skip passes over white space.
func (s *splitter) skip() {
	s.pos = len(s.text) - len(strings.TrimLeft(s.text[s.pos:], whitespace))
}

func (s *splitter) done() bool { return s.pos == len(s.text) }

// next takes a word off. After an error it stands where it stood before.
func (s *splitter) next(q quoting) (string, error) {
	var word []byte
	quote := byte(0)
	i := s.pos
	for i < len(s.text) {
		c := s.text[i]
		switch {
		case c == '\\':
			text, n, err := afterBackslash(s.text[i+1:], q, quote != 0)
			if err != nil {
				return "", err
			}
			word = append(word, text...)
			i += 1 + n
			continue
		case c == quote && quote != 0:
			quote = 0
		case quote != 0:
			word = append(word, c)
		case c == '"' || c == '\'':
			quote = c
		case strings.IndexByte(whitespace, c) >= 0:
			s.pos = i
			s.skip()
			return string(word), nil
		default:
			word = append(word, c)
		}
		i++
	}
	if quote != 0 && q&relaxed == 0 {
		return "", errQuoting()
	}
	s.pos = i
	return string(word), nil
}

// afterBackslash returns what a backslash and the n bytes after it stand for.
func afterBackslash(rest string, q quoting, quoted bool) (text string, n int, err error) {
	if rest == "" {
		switch {
		case q&keepUnknown != 0 && (!quoted || q&relaxed != 0):
			return `\`, 0, nil
		case q&relaxed != 0:
			return "", 0, nil
		}
		return "", 0, errQuoting()
	}
	if q&cEscapes == 0 {
		return rest[:1], 1, nil
	}
	if text, n = unescape(rest); n > 0 {
		return text, n, nil
	}
	if q&keepUnknown != 0 {
		return `\` + rest[:1], 1, nil
	}
	return "", 0, errQuoting()
}

// splitRelaxed splits the value of a variable, in which nothing is an error.
func splitRelaxed(text string) []string {
	var words []string
	for s := newSplitter(text); !s.done() && len(words) <= maxWords; {
		word, err := s.next(relaxed)
		if err != nil {
			break
		}
		words = append(words, word)
	}
	return words
}

// unescape returns what the escape at the start of a text, less its backslash,
// stands for, and how many bytes it takes; none where it is no escape.
func unescape(text string) (string, int) {
	const letters, meanings = `abfnrtv\"'s`, "\a\b\f\n\r\t\v\\\"' "
	if text == "" {
		return "", 0
	}
	if i := strings.IndexByte(letters, text[0]); i >= 0 {
		return meanings[i : i+1], 1
	}
	switch text[0] {
	case 'x':
		return number(text, 1, 3, 16)
	case 'u':
		return number(text, 1, 5, 16)
	case 'U':
		return number(text, 1, 9, 16)
	}
	return number(text, 0, 3, 8)
}

// number returns the character, or for up to three bytes of escape the byte, that
// the digits from start to end stand for.
func number(text string, start, end, base int) (string, int) {
	if len(text) < end || strings.ContainsAny(text[start:end], "+-_") {
		return "", 0
	}
	n, err := strconv.ParseUint(text[start:end], base, 32)
	r := rune(n)
	switch {
	case err != nil || n == 0: // no NUL either
		return "", 0
	case end > 3 && utf8.ValidRune(r):
		return string(r), end
	case end <= 3 && n <= 0xFF:
		return string([]byte{byte(n)}), end
	}
	return "", 0
}
