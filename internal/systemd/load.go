package systemd

import (
	"errors"
	"fmt"
	"strings"

	"kube-cert-audit/internal/hostfs"
)

// loader builds one service.
type loader struct {
	units      *Units
	service    *Service
	specifiers specifiers

	// What may still be read, looked at, and put in for specifiers and variables.
	bytes     int64
	names     int
	expansion int

	// The settings in force, while the files are read.
	commands    []command // the first two at most
	oneshot     bool
	environment environment
	files       []environmentFile
	passed      map[string]bool
	unset       []string // names, or assignments
}

// Load returns the service of a name, which may be an alias, or an instance of a
// template. It reports false where there is no such unit, or where it is masked.
func (u *Units) Load(name string) (*Service, bool) {
	l, ok := u.read(name)
	if !ok {
		return nil, false
	}
	return l.finish(), true
}

// Assume returns the service that a unit of a known text would be on this node, with
// the drop-ins and environment files that are there: for a unit that has no file
// here, as in a copy of some folders. The file is where its words are said to stand.
func (u *Units) Assume(name, file, text string) *Service {
	l := u.newLoader(name, name)
	parseUnit(file, []byte(text), l.set, l.fault)
	for _, dropIn := range l.dropIns() {
		l.unit(dropIn)
	}
	return l.finish()
}

// finish does what systemd does when it starts a service.
func (l *loader) finish() *Service {
	l.environmentFiles()
	l.environment.unset(l.unset)
	l.service.Environment = l.environment.variables
	l.command()
	return l.service
}

// newLoader returns a loader for the service that was asked for by a name, and goes
// by an id.
func (u *Units) newLoader(name, id string) *loader {
	return &loader{
		units: u, service: &Service{Name: id},
		specifiers: newSpecifiers(u.fsys, name), // not the id: so it is in systemd
		bytes:      maxBytes, names: maxNames, expansion: maxExpansion, passed: map[string]bool{},
	}
}

// read reads the files of a unit, as systemd does when it loads it.
func (u *Units) read(name string) (*loader, bool) {
	file, id, ok := u.resolve(name)
	if n, _ := parseName(id); !ok || n.isTemplate() || isMask(u.fsys, file) {
		return nil, false
	}
	l := u.newLoader(name, id)
	l.unit(file)
	for _, file := range l.dropIns() {
		l.unit(file)
	}
	return l, true
}

// unit reads a unit file or a drop-in.
func (l *loader) unit(file string) {
	data, err := l.read(file)
	if err != nil {
		l.fault(unreadable(file, 0, err))
		return
	}
	l.service.Files = append(l.service.Files, file)
	parseUnit(file, data, l.set, l.fault)
}

// set takes in one setting. With no value, it drops what was set before.
func (l *loader) set(a assignment) {
	isReset := a.value == ""
	switch a.key {
	case "Type":
		l.oneshot = a.value == "oneshot"
	case "User":
		l.service.User = l.specify(a.value, a.file, a.at(0))
	case "Group":
		l.service.Group = l.specify(a.value, a.file, a.at(0))
	case "WorkingDirectory":
		l.service.WorkingDirectory = strings.TrimPrefix(l.specify(a.value, a.file, a.at(0)), "-")
	case "ExecStart":
		if isReset {
			l.commands = nil
		}
		l.addCommands(a)
	case "Environment":
		if isReset {
			l.environment = environment{}
		}
		l.addVariables(a)
	case "EnvironmentFile":
		if isReset {
			l.files = nil
		} else {
			l.addEnvironmentFile(a)
		}
	case "PassEnvironment":
		if isReset {
			clear(l.passed)
		}
		for _, w := range l.words(a, 0) {
			if l.hasRoom(len(l.passed), w) {
				l.passed[w.Text] = true
			}
		}
	case "UnsetEnvironment":
		if isReset {
			l.unset = nil
		}
		for _, w := range l.words(a, cEscapes) {
			if l.hasRoom(len(l.unset), w) {
				l.unset = append(l.unset, w.Text)
			}
		}
	}
}

// words splits a value in which nothing but quotes and specifiers has a meaning.
func (l *loader) words(a assignment, q quoting) []Word {
	var words []Word
	for s := newSplitter(a.value); !s.done(); {
		line := a.at(s.pos)
		text, err := s.next(q)
		if err != nil {
			l.faultf(a.file, line, "%s: the rest is ignored: %s", a.key, err)
			break
		}
		if len(words) == maxWords {
			l.faultf(a.file, line, "%s: more than %d words: the rest was not looked at", a.key, maxWords)
			break
		}
		words = append(words, Word{Text: l.specify(text, a.file, line), File: a.file, Line: line})
	}
	return words
}

// hasRoom reports whether a list of names may have one more.
func (l *loader) hasRoom(length int, w Word) bool {
	if length < maxVariables {
		return true
	}
	l.faultf(w.File, w.Line, "beyond the %d names of variables that are looked at in one unit", maxVariables)
	return false
}

// specify replaces the specifiers in a text. One that is not known here stays.
func (l *loader) specify(text, file string, line int) string {
	text, _ = l.specified(text, file, line)
	return text
}

// specified does the same, and tells whether one of them is not known here.
func (l *loader) specified(text, file string, line int) (result string, isOpen bool) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "%")
		b.WriteString(before)
		if !found {
			return b.String(), isOpen
		}
		if after == "" || !isSpecifier(after[0]) {
			b.WriteByte('%')
			text = after
			continue
		}
		value, known := l.specifiers.value(after[0])
		switch {
		case !known:
			l.faultf(file, line, "the specifier %%%c is not known here: it is left as it is", after[0])
			isOpen = true
		case !l.spend(len(value), file, line):
			known = false
		}
		if !known {
			value = "%" + after[:1]
		}
		b.WriteString(value)
		text = after[1:]
	}
}

// spend counts bytes that are put in for something else. It reports whether there is room.
func (l *loader) spend(n int, file string, line int) bool {
	if l.expansion -= n; l.expansion < 0 {
		l.expansion = 0
		l.faultf(file, line, "specifiers and variables stand for more than %d bytes: the rest is left as it is", maxExpansion)
		return false
	}
	return true
}

// read returns the content of a file, which may be empty.
func (l *loader) read(file string) ([]byte, error) {
	f, err := l.units.fsys.ReadFile(file, min(maxFile, l.bytes))
	e, _ := errors.AsType[*hostfs.Error](err)
	switch {
	case err == nil:
		l.bytes -= int64(len(f.Data))
		return f.Data, nil
	case e != nil && e.Reason == hostfs.Empty:
		return nil, nil
	case e != nil && e.Reason == hostfs.TooLarge && l.bytes < maxFile:
		e.Detail = fmt.Sprintf("more than %d bytes, together with the other files of the unit", maxBytes)
	}
	return nil, err
}

func (l *loader) fault(f Fault) {
	switch n := len(l.service.Faults); {
	case n == maxFaults:
		l.service.Faults = append(l.service.Faults, Fault{File: f.File, Detail: fmt.Sprintf("more than %d faults: the rest is left out", maxFaults)})
	case n < maxFaults:
		l.service.Faults = append(l.service.Faults, f)
	}
}

func (l *loader) faultf(file string, line int, format string, args ...any) {
	l.fault(Fault{File: file, Line: line, Detail: fmt.Sprintf(format, args...)})
}
