package systemd

import (
	"path"
	"strings"
	"unicode"
)

// command is a command line before variables are put in.
type command struct {
	path      Word
	arguments []Word // the first is argv[0] where hasArgv0 says so
	hasArgv0  bool
	literal   bool // variables are not expanded
}

// addCommands takes in the command lines of an ExecStart=.
func (l *loader) addCommands(a assignment) {
	for s := newSplitter(a.value); !s.done(); {
		line := a.at(s.pos)
		first, ok := l.commandWord(a, s)
		if !ok {
			return
		}
		if first == ";" {
			continue
		}
		c, program := prefixes(first)
		c.path = Word{Text: l.specify(program, a.file, line), File: a.file, Line: line}
		if !isProgram(c.path.Text) {
			l.faultf(a.file, line, "ExecStart: the first word is not the name of a program: the command line is ignored")
			return
		}
		if c.arguments, ok = l.arguments(a, s); !ok {
			return
		}
		if c.hasArgv0 && len(c.arguments) == 0 {
			l.faultf(a.file, line, "ExecStart: the name to run the program under is absent: the command line is ignored")
			return
		}
		if len(l.commands) < 2 {
			l.commands = append(l.commands, c)
		}
	}
}

// prefixes takes off what may stand before the path of the program, in any order.
// Most of it is about privileges, and what happens after a failure.
func prefixes(word string) (c command, program string) {
	seen := map[byte]int{}
	for program = word; program != ""; program = program[1:] {
		p := program[0]
		most := 1
		if p == '!' {
			most = 2
		}
		isPrivilege := p == '+' && seen['!'] > 0 || p == '!' && seen['+'] > 0 // of which there is one
		if !strings.ContainsRune("-@:+!|", rune(p)) || seen[p] == most || isPrivilege {
			break
		}
		seen[p]++
	}
	// A shell that runs the command line (|) takes the @ for itself.
	return command{hasArgv0: seen['@'] > 0 && seen['|'] == 0, literal: seen[':'] > 0}, program
}

// isProgram reports whether systemd takes a word for the path of a program, or
// for the name of one to be found in $PATH.
func isProgram(word string) bool {
	isUnsafe := func(r rune) bool { return unicode.IsControl(r) || strings.ContainsRune(`\"'`, r) }
	isFile := path.IsAbs(word) || !strings.Contains(word, "/") && word != "" && word != "." && word != ".."
	return isFile && !strings.HasSuffix(word, "/") && !strings.ContainsFunc(word, isUnsafe)
}

// arguments takes the words up to the end of a command line.
func (l *loader) arguments(a assignment, s *splitter) ([]Word, bool) {
	var words []Word
	for !s.done() {
		line := a.at(s.pos)
		if s.lone(";") {
			break
		}
		word := Word{Text: ";", File: a.file, Line: line}
		if !s.lone(`\;`) {
			text, ok := l.commandWord(a, s)
			if !ok {
				return nil, false
			}
			word.Text, word.Open = l.specified(text, a.file, line)
		}
		if len(words) == maxWords {
			l.faultf(a.file, line, "ExecStart: more than %d words: the command line is ignored", maxWords)
			return nil, false
		}
		words = append(words, word)
	}
	return words, true
}

// lone takes the next word off if it is written in just this way.
func (s *splitter) lone(word string) bool {
	rest, ok := strings.CutPrefix(s.text[s.pos:], word)
	if !ok || rest != "" && !strings.ContainsRune(whitespace, rune(rest[0])) {
		return false
	}
	s.pos += len(word)
	s.skip()
	return true
}

// commandWord takes a word of a command line off. Escapes that are none do not
// make the line void, as they do elsewhere.
func (l *loader) commandWord(a assignment, s *splitter) (string, bool) {
	line := a.at(s.pos)
	word, err := s.next(cEscapes)
	if err == nil {
		return word, true
	}
	if word, err = s.next(cEscapes | keepUnknown); err == nil {
		l.faultf(a.file, line, "ExecStart: a backslash that begins no known escape is left as it is")
		return word, true
	}
	l.faultf(a.file, line, "ExecStart: quotes that do not end: the command line is ignored")
	return "", false
}

// command expands the command line that is in force.
func (l *loader) command() {
	if len(l.commands) == 0 {
		return
	}
	if len(l.commands) > 1 && !l.oneshot {
		second := l.commands[1].path
		l.faultf(second.File, second.Line, "ExecStart: several command lines need Type=oneshot: systemd refuses the unit")
	}
	c := l.commands[0]
	words := c.arguments
	if !c.literal {
		words = l.expand(words)
	}
	if c.hasArgv0 && len(words) > 0 {
		words = words[1:] // after the expansion, which may make none or several words of it
	}
	l.service.Command = append([]Word{c.path}, words...)
}
