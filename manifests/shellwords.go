package manifests

import "strings"

// assignment is a line of an environment file, with the quotes of its value removed.
type assignment struct {
	name, value string
	line        int
}

// parseEnvironmentFile reads an EnvironmentFile= of systemd: NAME=value lines,
// quotes, a backslash at the end of a line, comments.
func parseEnvironmentFile(data []byte) []assignment {
	var assignments []assignment
	text, first, open := "", 0, false
	for i, line := range strings.Split(string(data)+"\n", "\n") {
		line = strings.TrimSuffix(line, "\r")
		if !open {
			text, first = "", i+1
			if trimmed := strings.TrimSpace(line); trimmed == "" || strings.ContainsAny(trimmed[:1], "#;") {
				continue
			}
		}
		line, open = strings.CutSuffix(line, "\\")
		text += line
		name, value, found := strings.Cut(strings.TrimSpace(text), "=")
		if open || !found {
			continue
		}
		assignments = append(assignments, assignment{
			name:  strings.TrimSpace(name),
			value: strings.Join(splitWords(strings.TrimSpace(value), ""), ""),
			line:  first,
		})
	}
	return assignments
}

// splitWords splits a text at the separators that stand outside of quotes, and
// removes the quotes, as systemd does when it puts a variable into a command line.
func splitWords(text, separators string) []string {
	var words []string
	var word strings.Builder
	inWord, escaped, quote := false, false, rune(0)
	for _, r := range text {
		switch {
		case escaped:
			escaped = false
			word.WriteRune(r)
		case r == '\\' && quote != '\'':
			escaped, inWord = true, true
		case quote == 0 && (r == '"' || r == '\''):
			quote, inWord = r, true
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && strings.ContainsRune(separators, r):
			if inWord {
				words = append(words, word.String())
				word.Reset()
			}
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words
}
