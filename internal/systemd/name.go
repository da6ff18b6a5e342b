package systemd

import "strings"

const suffix = ".service"

// unitName is the name of a service taken apart: prefix@instance.service.
type unitName struct {
	prefix, instance string
	at               bool // there is an @: with no instance, the name is that of a template
}

// parseName takes a name apart. It reports whether a service may have it.
func parseName(name string) (unitName, bool) {
	stem, ok := strings.CutSuffix(name, suffix)
	valid := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune(`:-_.\@`, r)
	}
	if !ok || stem == "" || stem[0] == '@' || len(name) > 255 || strings.ContainsFunc(stem, func(r rune) bool { return !valid(r) }) {
		return unitName{}, false
	}
	var n unitName
	n.prefix, n.instance, n.at = strings.Cut(stem, "@")
	return n, true
}

func (n unitName) isTemplate() bool { return n.at && n.instance == "" }

func (n unitName) isInstance() bool { return n.instance != "" }

// template returns the name of the template of an instance.
func (n unitName) template() string { return n.prefix + "@" + suffix }

func (n unitName) String() string {
	if n.at {
		return n.prefix + "@" + n.instance + suffix
	}
	return n.prefix + suffix
}

// withInstance inserts the instance into the name of a template. Any other name
// stays as it is.
func withInstance(name, instance string) string {
	n, ok := parseName(name)
	if !ok || !n.isTemplate() {
		return name
	}
	n.instance = instance
	return n.String()
}

// mayAlias reports whether a link of the first name may lead to a unit of the second.
func mayAlias(from, to string) bool {
	f, ok := parseName(from)
	t, valid := parseName(to)
	switch {
	case !ok || !valid:
		return false
	case f.isInstance():
		return t.isTemplate() || t.instance == f.instance
	}
	return !t.isInstance() && t.at == f.at
}

// dropInNames returns the names that the drop-ins of a unit may be for, the most
// specific first: a-b@c.service is also configured by a-b@.service and a-@.service.
func dropInNames(name string) []string {
	names := []string{name}
	n, ok := parseName(name)
	if !ok {
		return names
	}
	if n.isInstance() {
		names = append(names, dropInNames(n.template())...)
	}
	if prefix := truncate(n.prefix); prefix != "" {
		// The shorter names of a template have no @: so it is in systemd.
		shorter := unitName{prefix: prefix, instance: n.instance, at: n.isInstance()}
		names = append(names, dropInNames(shorter.String())...)
	}
	return names
}

// truncate cuts off what follows the last dash of a prefix, the dash aside; it
// returns "" where nothing is left.
func truncate(prefix string) string {
	for chopped := false; ; chopped = true {
		dash := strings.LastIndexByte(prefix, '-')
		if dash <= 0 {
			return ""
		}
		if dash+1 < len(prefix) || chopped {
			return prefix[:dash+1]
		}
		prefix = prefix[:dash]
	}
}

// unescapeName undoes the escaping of a path in the name of a unit.
func unescapeName(name string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case '-':
			b.WriteByte('/')
		case '\\':
			// Other than in a command line, \xHH is the only escape.
			e, n := unescape(name[i+1:])
			if n != 3 || name[i+1] != 'x' {
				return "", false
			}
			b.WriteString(e)
			i += n
		default:
			b.WriteByte(name[i])
		}
	}
	return b.String(), true
}
