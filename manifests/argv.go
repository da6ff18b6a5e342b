package manifests

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// parseArguments picks the known arguments out of a command line, in order. The
// file is that of the words that do not name their own.
func parseArguments(component, file string, words []scalar) []Argument {
	arguments, _ := parseCommandLine(component, file, words)
	return arguments
}

// parseCommandLine does the same with words of which some may be open: arguments
// with such a value are left out, and open names them.
func parseCommandLine(component, file string, words []scalar) (arguments []Argument, open []string) {
	for i := 0; i < len(words); i++ {
		w := words[i]
		if w.Text == "--" {
			break
		}
		name, value, hasValue := splitFlag(component, w.Text)
		s, ok := shapeOf(component, name)
		if !ok || isFieldName(name) {
			continue
		}
		isOpen := w.Open
		switch {
		case s == boolean && !hasValue:
			value = "true"
		case s == boolean:
			value = normalBoolean(value)
		case !hasValue && i+1 < len(words):
			i++
			value, isOpen = words[i].Text, isOpen || words[i].Open
		}
		if isOpen {
			open = append(open, name)
			continue
		}
		arguments = append(arguments, Argument{
			Name: name, Value: withoutUser(value),
			Source: Source{File: cmp.Or(w.File, file), Line: w.Line, Argument: "--" + name},
		})
	}
	return arguments, open
}

// openArguments tells of arguments whose values are not known, and whether any of
// them names a file.
func openArguments(component string, open []string) (detail string, extent Extent) {
	if len(open) == 0 {
		return "", Open
	}
	extent = Open
	for _, name := range open {
		if s, _ := shapeOf(component, name); s.isPath() {
			extent = Part
		}
	}
	return "the values of some arguments are not known here, and they were left out: --" + strings.Join(slices.Compact(open), ", --"), extent
}

// splitFlag takes one item of a command line apart; name is empty where the
// item is no flag. etcd's parser takes one dash or two and no underscores, that
// of the others two dashes, and underscores for the dashes within the name.
func splitFlag(component, item string) (name, value string, hasValue bool) {
	name, isLong := strings.CutPrefix(item, "--")
	if !isLong {
		short, isShort := strings.CutPrefix(item, "-")
		if !isShort || component != etcd {
			return "", "", false
		}
		name = short
	}
	name, value, hasValue = strings.Cut(name, "=")
	if component != etcd {
		name = strings.ReplaceAll(name, "_", "-")
	}
	return name, value, hasValue
}

// normalBoolean spells a boolean as true or false; what is none stays as it is.
func normalBoolean(value string) string {
	b, err := strconv.ParseBool(value)
	if err != nil {
		return value
	}
	return strconv.FormatBool(b)
}

// environmentArguments returns the arguments that etcd takes from its
// environment: --cert-file is ETCD_CERT_FILE there.
func environmentArguments(component, file string, entries []podVariable, env *environment) []Argument {
	if component != etcd {
		return nil
	}
	var arguments []Argument
	for _, e := range entries {
		at := Source{File: file, Line: e.Name.Line, Argument: e.Name.Text}
		if a, ok := etcdVariable(e.Name.Text, env.values[e.Name.Text], at); ok {
			arguments = append(arguments, a)
		}
	}
	return arguments
}

// etcdVariable returns the argument that a variable stands for, if it is one that
// is kept: of etcd, or of the etcdctl that people and probes run with the same
// variables. etcd passes over a variable that is empty.
func etcdVariable(variable, value string, at Source) (Argument, bool) {
	program, name, _ := strings.Cut(variable, "_")
	if value == "" || strings.ToUpper(name) != name || isFieldName(name) {
		return Argument{}, false
	}
	name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	switch program {
	case "ETCD":
	case "ETCDCTL": // of old --cert was --cert-file
		name = "etcdctl." + strings.TrimSuffix(name, "-file")
	default:
		return Argument{}, false
	}
	s, ok := shapeOf(etcd, name)
	if s == boolean {
		value = normalBoolean(value)
	}
	return Argument{Name: name, Value: withoutUser(value), Source: at}, ok
}

// withoutUser drops user and password from the URLs in a value: no component
// needs them, and they must not get into a report.
func withoutUser(value string) string {
	parts := strings.Split(value, ",")
	for i, part := range parts {
		scheme, rest, isURL := strings.Cut(part, "://")
		if at := strings.LastIndex(rest, "@"); isURL && at >= 0 {
			parts[i] = scheme + "://" + rest[at+1:]
		}
	}
	return strings.Join(parts, ",")
}
