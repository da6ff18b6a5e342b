package manifests

import (
	"path"
	"slices"
	"strings"
)

// program is what a command line runs.
type program struct {
	component string   // empty where it is none of the components
	at        scalar   // the executable
	arguments []scalar // what follows the executable
	shell     bool     // the component is started by a shell, whose text is not understood
}

// programOf recognises the component that a container runs. The words are its
// command and args, after expansion.
func programOf(command, args []scalar, image scalar, env map[string]string) program {
	if p := runs(slices.Concat(command, args), env); p.component != "" {
		return p
	}
	if component := componentOf(imageName(image.Text)); len(command) == 0 && component != "" {
		return program{component: component, at: image, arguments: args}
	}
	return program{}
}

// runs recognises which component a command line runs, not counting what else its
// program can be told to be: a proxy before an etcd has files of its own.
func runs(words []scalar, env map[string]string) program {
	p := started(words, env)
	if p.component == etcd && len(p.arguments) > 0 && slices.Contains([]string{"grpc-proxy", "gateway"}, p.arguments[0].Text) {
		return program{}
	}
	return p
}

// started returns what a command line starts: itself, by way of a wrapper, or in a
// shell, to which the variables of env are known.
func started(words []scalar, env map[string]string) program {
	if len(words) == 0 {
		return program{}
	}
	executable := path.Base(words[0].Text)
	switch component := componentOf(executable); {
	case component != "":
		return program{component: component, at: words[0], arguments: words[1:]}
	case isShell(executable):
		return shellProgram(words, env)
	case isWrapper(executable):
		return wrappedProgram(words)
	}
	return program{}
}

// componentOf returns the component that an executable, or an image, is named for.
func componentOf(executable string) string {
	switch executable {
	case "proxy-server":
		return tunnel
	case "proxy-agent":
		return agent
	case "kubenswrapper": // OpenShift's, which takes the kubelet's arguments
		return kubelet
	}
	if executable == kubelet || slices.Contains(podComponents(), executable) {
		return executable
	}
	return ""
}

func isShell(executable string) bool {
	return slices.Contains([]string{"sh", "bash", "dash", "ash", "busybox"}, executable)
}

// isWrapper reports whether a program does no more than run another one.
func isWrapper(executable string) bool {
	return slices.Contains([]string{
		"go-runner", "hyperkube", "watch-termination", "tini", "dumb-init", "env", "nice", "numactl", "taskset", "chrt", "ionice", "setpriv",
	}, executable)
}

// wrappedProgram finds the component behind a wrapper's own flags.
func wrappedProgram(words []scalar) program {
	for i, w := range words {
		component := componentOf(path.Base(w.Text))
		if i > 0 && !strings.HasPrefix(w.Text, "-") && component != "" {
			return program{component: component, at: w, arguments: words[i+1:]}
		}
	}
	return program{}
}

// shellProgram finds the component that a shell's text starts.
func shellProgram(words []scalar, env map[string]string) program {
	for _, w := range words[1:] {
		command := componentIn(w.Text, env)
		if len(command) == 0 {
			continue
		}
		p := program{component: componentOf(path.Base(command[0].text)), at: w}
		for _, c := range command[1:] {
			p.arguments = append(p.arguments, scalar{Text: c.text, Line: w.Line, File: w.File, Open: c.open})
		}
		return p
	}
	for _, w := range words[1:] {
		if component := mentioned(w.Text); component != "" {
			return program{component: component, at: w, shell: true}
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
