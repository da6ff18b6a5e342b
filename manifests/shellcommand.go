package manifests

import (
	"path"
	"slices"
	"strings"
)

// shellWord is a word of a shell's text, without its quotes.
type shellWord struct {
	text string
	open bool // it holds an expansion whose outcome is not known
}

// componentIn finds the command of a shell's text that starts a component, and
// returns its words: the component first. Nothing is executed: what an expansion
// comes to is known for variables alone, and only for those of env.
func componentIn(text string, env map[string]string) []shellWord {
	s := shellText{rest: text, env: env}
	for !s.done() {
		words := s.command()
		for i, w := range words {
			if componentOf(path.Base(w.text)) != "" && !w.open && !slices.ContainsFunc(words[:i], isProgram) {
				return words[i:]
			}
		}
	}
	return nil
}

// isProgram reports whether a word before a component makes it an argument of
// something else, rather than what is run.
func isProgram(w shellWord) bool {
	isAssignment := strings.Contains(w.text, "=")
	isFlag := strings.HasPrefix(w.text, "-")
	isRunner := slices.Contains([]string{"exec", "command", "env", "nohup", "nice", "ionice", "numactl", "sudo", "watch-termination", "then", "do", "hyperkube"}, path.Base(w.text))
	return !isAssignment && !isFlag && !isRunner
}

// shellText goes through the text of a shell, command by command.
type shellText struct {
	rest  string
	env   map[string]string
	spent int // bytes that variables put in
}

func (s *shellText) done() bool { return s.rest == "" }

// command returns the words of the next command, without its redirections.
func (s *shellText) command() []shellWord {
	var words []shellWord
	redirected := false
	for !s.done() {
		switch c := s.rest[0]; {
		case strings.IndexByte(" \t\r", c) >= 0:
			s.rest = s.rest[1:]
		case strings.HasPrefix(s.rest, "\\\n"):
			s.rest = s.rest[2:]
		case c == '#':
			_, s.rest, _ = strings.Cut(s.rest, "\n")
			return words
		case strings.IndexByte("\n;|()", c) >= 0, c == '&' && !strings.HasPrefix(s.rest, "&>"):
			s.rest = s.rest[1:]
			return words
		case strings.IndexByte("<>&", c) >= 0:
			s.rest = strings.TrimLeft(s.rest, "<>&|")
			redirected = true
		default:
			w := s.word()
			isNumber := w.text != "" && strings.Trim(w.text, "0123456789") == "" // of what is redirected
			if !redirected && !(isNumber && s.rest != "" && strings.IndexByte("<>", s.rest[0]) >= 0) {
				words = append(words, w)
			}
			redirected = false
		}
	}
	return words
}

// word returns the word that the text begins with.
func (s *shellText) word() shellWord {
	var w shellWord
	var b strings.Builder
	quote := byte(0)
	for ; s.rest != ""; s.rest = s.rest[1:] {
		c := s.rest[0]
		switch {
		case quote == 0 && strings.IndexByte(" \t\r\n;|&()<>", c) >= 0:
			w.text = b.String()
			return w
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case c == '\\' && quote != '\'' && len(s.rest) > 1:
			s.rest = s.rest[1:]
			if s.rest[0] != '\n' {
				b.WriteByte(s.rest[0])
			}
		case c == '`' && quote != '\'', c == '$' && quote != '\'':
			value, length, known := s.expansion()
			w.open = w.open || !known
			b.WriteString(value)
			s.rest = s.rest[length-1:]
		default:
			b.WriteByte(c)
		}
	}
	w.text = b.String()
	return w
}

// expansion returns the value of the variable that the text begins with, and the
// length of the whole expansion. The outcome of all others is not known.
func (s *shellText) expansion() (value string, length int, known bool) {
	switch {
	case strings.HasPrefix(s.rest, "$("):
		return "", closing(s.rest, '(', ')'), false
	case strings.HasPrefix(s.rest, "${"):
		length = closing(s.rest, '{', '}')
		value, known = s.env[strings.Trim(s.rest[1:length], "{}")]
	case s.rest[0] == '`':
		before, _, _ := strings.Cut(s.rest[1:], "`")
		return "", min(len(before)+2, len(s.rest)), false
	default:
		const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
		length = len(s.rest) - len(strings.TrimLeft(s.rest[1:], letters))
		value, known = s.env[s.rest[1:length]]
	}
	if s.spent += len(value); s.spent > maxExpansion {
		return "", length, false
	}
	return value, length, known
}

// closing returns the length of a text up to the bracket that closes the first one,
// or all of it.
func closing(text string, open, end byte) int {
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case open:
			depth++
		case end:
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}
