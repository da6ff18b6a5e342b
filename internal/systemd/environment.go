package systemd

import (
	"errors"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"kube-cert-audit/internal/hostfs"
)

// environment holds variables in the order of their first assignment.
type environment struct {
	variables []Variable
	index     map[string]int
}

func (e *environment) get(name string) (Variable, bool) {
	i, ok := e.index[name]
	if !ok {
		return Variable{}, false
	}
	return e.variables[i], true
}

// set assigns a variable. It reports whether there was room for it.
func (e *environment) set(v Variable) bool {
	i, known := e.index[v.Name]
	switch {
	case known:
		e.variables[i] = v
	case len(e.variables) == maxVariables:
		return false
	case e.index == nil:
		e.index = map[string]int{}
		fallthrough
	default:
		e.index[v.Name] = len(e.variables)
		e.variables = append(e.variables, v)
	}
	return true
}

// unset removes variables: each entry names one, or is an assignment that is only
// removed with just this value.
func (e *environment) unset(entries []string) {
	names := map[string]bool{}
	for _, entry := range entries {
		names[entry] = true
	}
	e.variables = slices.DeleteFunc(e.variables, func(v Variable) bool { return names[v.Name] || names[v.Name+"="+v.Value] })
	clear(e.index)
	for i, v := range e.variables {
		e.index[v.Name] = i
	}
}

// isVariableName reports whether systemd takes a text for the name of a variable.
func isVariableName(name string) bool {
	for i, r := range name {
		isLetter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '_'
		if !isLetter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}

// addVariables takes in the assignments of an Environment=.
func (l *loader) addVariables(a assignment) {
	for _, w := range l.words(a, cEscapes) {
		name, value, found := strings.Cut(w.Text, "=")
		if !found {
			name = ""
		}
		l.assign(Variable{Name: name, Value: value, File: w.File, Line: w.Line})
	}
}

// assign takes in a variable.
func (l *loader) assign(v Variable) {
	switch {
	case !isVariableName(v.Name) || !utf8.ValidString(v.Value):
		l.faultf(v.File, v.Line, "not the assignment of a variable: it is ignored")
	case !l.environment.set(v):
		l.faultf(v.File, v.Line, "beyond the %d variables that are looked at in one unit", maxVariables)
	}
}

// environmentFile is one EnvironmentFile=, with the place where it is written.
type environmentFile struct {
	pattern  string
	optional bool
	file     string
	line     int
}

// addEnvironmentFile takes in an EnvironmentFile=: one path, in which quotes mean nothing.
func (l *loader) addEnvironmentFile(a assignment) {
	f := environmentFile{file: a.file, line: a.at(0)}
	f.pattern, f.optional = strings.CutPrefix(l.specify(a.value, f.file, f.line), "-")
	if !path.IsAbs(f.pattern) {
		l.faultf(f.file, f.line, "EnvironmentFile: not an absolute path: it is ignored")
		return
	}
	l.files = append(l.files, f)
}

// environmentFiles takes in the variables of all files. They are read when the
// service starts: whatever is in them goes before Environment=.
func (l *loader) environmentFiles() {
	for _, f := range l.files {
		files, err := l.glob(f.pattern)
		if err == nil && len(files) == 0 {
			err = &hostfs.Error{Path: f.pattern, Reason: hostfs.NotExist}
		}
		if err != nil {
			l.cannotReadFor(f, err)
		}
		for _, file := range files {
			l.variablesOf(f, file)
		}
	}
}

// variablesOf takes in the variables of one file.
func (l *loader) variablesOf(f environmentFile, file string) {
	err := l.look(file, 1)
	var data []byte
	if err == nil {
		data, err = l.read(file)
	}
	if err != nil {
		l.cannotReadFor(f, err)
		return
	}
	if problem := textProblem(file, data); problem != "" {
		l.fault(Fault{File: f.file, Line: f.line, Path: file, Detail: problem + ": systemd takes nothing from the file"})
		return
	}
	for v := range environmentFileVariables(file, data) {
		l.assign(v)
	}
}

// cannotReadFor notes a file that gave no content. One that is optional may lack;
// what else may be wrong with it is for the reader to know.
func (l *loader) cannotReadFor(f environmentFile, err error) {
	e, ok := errors.AsType[*hostfs.Error](err)
	if f.optional && (isAbsent(err) || ok && e.Reason == hostfs.DanglingLink) {
		return
	}
	l.fault(unreadable(f.file, f.line, err))
}
