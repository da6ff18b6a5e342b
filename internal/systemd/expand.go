package systemd

import "strings"

// expand puts variables into the words of a command line. A word that begins with
// a dollar sign is as a whole the name of a variable, the value of which is split
// into words; ${NAME} is replaced anywhere, and never split; $$ stands for $.
// Nothing else is: the $NAME in --flag=$NAME stays.
func (l *loader) expand(words []Word) []Word {
	var expanded []Word
	for _, w := range words {
		name, isVariable := strings.CutPrefix(w.Text, "$")
		if !isVariable || strings.HasPrefix(name, "{") || strings.HasPrefix(name, "$") {
			expanded = append(expanded, l.replace(w))
			continue
		}
		v, known := l.variable(name, w)
		if !known || !l.spend(len(v.Value), w.File, w.Line) {
			w.Open = true
			expanded = append(expanded, w)
			continue
		}
		for _, text := range splitRelaxed(v.Value) {
			expanded = append(expanded, Word{Text: text, File: v.File, Line: v.Line})
		}
		if len(expanded) > maxWords {
			l.faultf(w.File, w.Line, "ExecStart: variables make more than %d words: the rest is left out", maxWords)
			return expanded[:maxWords]
		}
	}
	return expanded
}

// replace puts variables into a word that stays one.
func (l *loader) replace(w Word) Word {
	var b strings.Builder
	replaced := w
	for text := w.Text; ; {
		before, after, found := strings.Cut(text, "$")
		b.WriteString(before)
		if !found {
			replaced.Text = b.String()
			return replaced
		}
		name, piece, rest := reference(after)
		if piece == "" {
			piece = "${" + name + "}"
			v, known := l.variable(name, w)
			replaced.Open = replaced.Open || !known
			if known && l.spend(len(v.Value), w.File, w.Line) {
				piece = v.Value
				if v.Name != "" && w.Text == "${"+name+"}" {
					replaced.File, replaced.Line = v.File, v.Line
				}
			}
		}
		b.WriteString(piece)
		text = rest
	}
}

// reference takes what belongs to a dollar sign off the text after it: the name of
// a variable, which may be empty, or, where it is no variable, what is in its place.
func reference(after string) (name, piece, rest string) {
	switch {
	case strings.HasPrefix(after, "$"):
		return "", "$", after[1:]
	case !strings.HasPrefix(after, "{"):
		return "", "$", after
	}
	end := strings.IndexAny(after, ":}")
	switch {
	case end < 0:
		return "", "$" + after, ""
	case after[end] == ':': // something that systemd knows in other places only
		return "", "$" + after[:end+1], after[end+1:]
	}
	return after[1:end], "", after[end+1:]
}

// variable looks a variable up that a word names. One that is nowhere assigned is
// empty, unless the manager may set it.
func (l *loader) variable(name string, w Word) (v Variable, known bool) {
	if v, ok := l.environment.get(name); ok {
		return v, true
	}
	if l.passed[name] || isManagers(name) {
		l.faultf(w.File, w.Line, "the variable %s comes from systemd itself: it is left as it is", name)
		return Variable{}, false
	}
	return Variable{}, true
}

// isManagers reports whether systemd may set a variable by itself, from what files do
// not tell, or from settings that this package does not read.
func isManagers(name string) bool {
	switch name {
	case "PATH", "LANG", "LANGUAGE", "USER", "LOGNAME", "HOME", "SHELL", "TERM", "INVOCATION_ID",
		"XDG_RUNTIME_DIR", "RUNTIME_DIRECTORY", "STATE_DIRECTORY", "CACHE_DIRECTORY", "LOGS_DIRECTORY",
		"CONFIGURATION_DIRECTORY", "CREDENTIALS_DIRECTORY", "PIDFILE", "MAINPID", "MANAGERPID", "REMOTE_ADDR", "REMOTE_PORT", "LISTEN_FDS", "LISTEN_PID",
		"LISTEN_FDNAMES", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "SYSTEMD_EXEC_PID", "JOURNAL_STREAM",
		"MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE":
		return true
	}
	return strings.HasPrefix(name, "LC_")
}
