package manifests

import "strings"

// parseArgsFile returns the arguments in an args file, of the kind that snaps keep
// for each component: flags, one on a line as a rule, comments, quotes and
// variables. It takes them as a shell does, which reads those of Canonical
// Kubernetes; kubelite, which reads those of MicroK8s itself, comes to the same for
// every flag that is kept. Flags whose value holds a variable that is not known are
// left out, and named in open.
func parseArgsFile(component, file string, data []byte, env map[string]string) (arguments []Argument, open []string) {
	var words []scalar
	spent := 0
	for i, line := range strings.Split(string(data), "\n") {
		// A line that goes on in the next one ends between two words.
		s := shellText{rest: strings.TrimSuffix(strings.TrimSuffix(line, "\r"), "\\"), env: env, spent: spent}
		for !s.done() {
			for _, w := range s.command() {
				name, _, _ := strings.Cut(w.text, "=")
				if !w.open {
					words = append(words, scalar{Text: w.text, Line: i + 1})
				} else if flag, _, _ := splitFlag(component, name); isKnown(component, flag) {
					open = append(open, name)
				}
			}
		}
		spent = s.spent
	}
	return parseArguments(component, file, words), open
}

// isKnown reports whether an argument of a component is one that is kept.
func isKnown(component, name string) bool {
	_, ok := shapeOf(component, name)
	return ok
}
