package manifests

import "strings"

// maxExpansion bounds what the variables of one container may expand to, so
// that variables that double one another stay harmless. It is above what the
// kernel takes as one argument.
const maxExpansion = 256 << 10

// environment holds the variables of a container whose values are known.
type environment struct {
	values map[string]string
	left   int // bytes that may still be expanded
}

// environmentOf evaluates the variables that a container is given, in order: a
// value may use earlier variables. One that comes from elsewhere (a Secret, the
// pod's address) is not known, and hides an earlier one of its name.
func environmentOf(entries []podVariable) *environment {
	env := &environment{values: map[string]string{}, left: maxExpansion}
	for _, e := range entries {
		if e.ValueFrom.Present {
			delete(env.values, e.Name.Text)
			continue
		}
		env.values[e.Name.Text] = env.expand(e.Value.Text)
	}
	return env
}

// expand replaces $(NAME) by the value of a known variable, as the kubelet does
// in command, args, env and subPathExpr: an unknown one stays, and $$ stands for $.
func (e *environment) expand(text string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "$")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		piece, rest := e.reference(after)
		if e.left -= len(piece); e.left < 0 {
			return b.String() + "$" + after
		}
		b.WriteString(piece)
		text = rest
	}
}

// reference evaluates what follows a dollar sign, and returns the text behind it.
func (e *environment) reference(after string) (piece, rest string) {
	if rest, escaped := strings.CutPrefix(after, "$"); escaped {
		return "$", rest
	}
	// The names of variables are short: a search without end would make a text of many "$(" slow.
	end := strings.IndexByte(after[:min(len(after), 1024)], ')')
	if !strings.HasPrefix(after, "(") || end < 0 {
		return "$", after
	}
	if value, known := e.values[after[1:end]]; known {
		return value, after[end+1:]
	}
	return "$" + after[:end+1], after[end+1:]
}

// expandAll expands every item of a command line.
func (e *environment) expandAll(words []scalar) []scalar {
	expanded := make([]scalar, len(words))
	for i, w := range words {
		expanded[i] = scalar{Text: e.expand(w.Text), Line: w.Line}
	}
	return expanded
}
