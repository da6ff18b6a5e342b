package manifests

import (
	"path"
	"slices"
	"strings"
)

// program is what the command line of a container runs.
type program struct {
	component string   // empty where it is none of the components
	line      int      // of the executable
	arguments []scalar // what follows the executable
	shell     bool     // the component is started by a shell, whose text is not understood
}

// programOf recognises the component that a container runs. The words are its
// command and args, after expansion.
func programOf(command, args []scalar, image scalar) program {
	words := slices.Concat(command, args)
	if len(words) > 0 {
		executable := path.Base(words[0].Text)
		switch {
		case slices.Contains(podComponents(), executable):
			return program{component: executable, line: words[0].Line, arguments: words[1:]}
		case isShell(executable):
			return shellProgram(words)
		case isWrapper(executable):
			return wrappedProgram(words)
		}
	}
	if component := imageName(image.Text); len(command) == 0 && slices.Contains(podComponents(), component) {
		return program{component: component, line: image.Line, arguments: args}
	}
	return program{}
}

func isShell(executable string) bool {
	return slices.Contains([]string{"sh", "bash", "dash", "ash", "busybox"}, executable)
}

// isWrapper reports whether a program does no more than run another one.
func isWrapper(executable string) bool {
	return slices.Contains([]string{"go-runner", "hyperkube", "tini", "dumb-init"}, executable)
}

// wrappedProgram finds the component behind a wrapper's own flags.
func wrappedProgram(words []scalar) program {
	for i, w := range words {
		name := path.Base(w.Text)
		if i > 0 && !strings.HasPrefix(w.Text, "-") && slices.Contains(podComponents(), name) {
			return program{component: name, line: w.Line, arguments: words[i+1:]}
		}
	}
	return program{}
}

func shellProgram(words []scalar) program {
	for _, w := range words[1:] {
		if component := mentioned(w.Text); component != "" {
			return program{component: component, line: w.Line, shell: true}
		}
	}
	return program{}
}

// mentioned returns the first component that a text names as a word or as the
// last element of a path.
func mentioned(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-_./", r)
	})
	for _, w := range words {
		if name := path.Base(w); slices.Contains(podComponents(), name) {
			return name
		}
	}
	return ""
}

// namedIn returns the component that the name of a file contains.
func namedIn(file string) string {
	name := path.Base(file)
	for _, component := range podComponents() {
		if strings.Contains(name, component) {
			return component
		}
	}
	return ""
}

// imageName returns the last element of an image's name, less tag and digest.
func imageName(image string) string {
	name, _, _ := strings.Cut(path.Base(image), "@")
	name, _, _ = strings.Cut(name, ":")
	return name
}
