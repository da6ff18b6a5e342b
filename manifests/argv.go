package manifests

import (
	"cmp"
	"strconv"
	"strings"
)

// parseArguments picks the known arguments out of a command line, in order. The
// file is that of the words that do not name their own.
func parseArguments(component, file string, words []scalar) []Argument {
	var arguments []Argument
	for i := 0; i < len(words); i++ {
		if words[i].Text == "--" {
			break
		}
		name, value, hasValue := splitFlag(component, words[i].Text)
		s, ok := shapeOf(component, name)
		if !ok || isFieldName(name) {
			continue
		}
		argument := Argument{
			Name:   name,
			Source: Source{File: cmp.Or(words[i].File, file), Line: words[i].Line, Argument: "--" + name},
		}
		switch {
		case s == boolean && !hasValue:
			value = "true"
		case s == boolean:
			value = normalBoolean(value)
		case !hasValue && i+1 < len(words):
			i++
			value = words[i].Text
		}
		argument.Value = withoutUser(value)
		arguments = append(arguments, argument)
	}
	return arguments
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
