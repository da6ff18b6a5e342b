package manifests

import (
	"strings"

	"kube-cert-audit/internal/hostfs"
)

// maxArgsFile bounds an args file.
const maxArgsFile = 64 << 10

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
				words = append(words, scalar{Text: w.text, Line: i + 1, Open: w.open})
			}
		}
		spent = s.spent
	}
	return parseCommandLine(component, file, words)
}

// argsFile reads the args file of a component. It reports whether there is one.
func (d *discovery) argsFile(component, file string, env map[string]string) ([]Argument, bool) {
	f, err := d.read(file, maxArgsFile)
	switch {
	case err == nil:
	case reasonOf(err) == hostfs.Empty:
		return nil, true
	default:
		d.cannotRead(component, Source{File: file}, err)
		return nil, false
	}
	arguments, open := parseArgsFile(component, file, f.Data, env)
	if detail, extent := openArguments(component, open); detail != "" {
		d.cannotUse(component, Source{File: file}, file, detail, extent)
	}
	return arguments, true
}
