package systemd

import (
	"strings"

	"kube-cert-audit/internal/hostfs"
)

// specifiers are the values that %n and the like have in a unit.
type specifiers struct {
	fsys  *hostfs.FS
	id    string
	name  unitName
	lines map[string]string // by file, as far as they were asked for
}

func newSpecifiers(fsys *hostfs.FS, id string) specifiers {
	name, _ := parseName(id)
	return specifiers{fsys: fsys, id: id, name: name, lines: map[string]string{}}
}

// value returns what a specifier stands for, as far as files tell.
func (s specifiers) value(specifier byte) (value string, known bool) {
	last := s.name.prefix[strings.LastIndexByte(s.name.prefix, '-')+1:]
	switch specifier {
	case '%':
		return "%", true
	case 'n':
		return s.id, true
	case 'N':
		return strings.TrimSuffix(s.id, suffix), true
	case 'p':
		return s.name.prefix, true
	case 'P':
		return unescapeName(s.name.prefix)
	case 'i':
		return s.name.instance, true
	case 'I':
		return unescapeName(s.name.instance)
	case 'j':
		return last, true
	case 'J':
		return unescapeName(last)
	case 'H':
		return s.hostname()
	case 'l':
		value, known = s.hostname()
		value, _, _ = strings.Cut(value, ".")
		return value, known
	case 'm':
		value = s.firstLine("/etc/machine-id")
		return value, len(value) == 32
	}
	return systemValue(specifier)
}

// systemValue returns what a specifier stands for in every unit of the system
// manager, which runs as root.
func systemValue(specifier byte) (value string, known bool) {
	switch specifier {
	case 't':
		return "/run", true
	case 'S':
		return "/var/lib", true
	case 'C':
		return "/var/cache", true
	case 'L':
		return "/var/log", true
	case 'E':
		return "/etc", true
	case 'T':
		return "/tmp", true
	case 'V':
		return "/var/tmp", true
	case 'h':
		return "/root", true
	case 'u', 'g':
		return "root", true
	case 'U', 'G':
		return "0", true
	}
	return "", false
}

// hostname returns the name that the node takes when it starts.
func (s specifiers) hostname() (string, bool) {
	name := s.firstLine("/etc/hostname")
	return name, name != ""
}

// firstLine returns the first line of a small file that is no comment.
func (s specifiers) firstLine(file string) string {
	line, known := s.lines[file]
	if !known {
		line = firstLine(s.fsys, file)
		s.lines[file] = line
	}
	return line
}

func firstLine(fsys *hostfs.FS, file string) string {
	f, err := fsys.ReadFile(file, 4<<10)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(f.Data)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return line
		}
	}
	return ""
}

// isSpecifier reports whether systemd gives, or may give, a meaning to %c.
func isSpecifier(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '%'
}
