package rules

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// fault is something wrong with a file of rules.
type fault struct {
	at   string // the path of keys that leads to it, as places has them
	line int    // where that is known already
	text string
}

// file is what may stand in a file of rules.
type file struct {
	Tables `yaml:",inline"`
	Allow  Allow `yaml:"allow"`
}

// parse decodes a file strictly: an unknown key, a key given twice, a value of
// another type and a second document are faults. An error is for what is no YAML.
func parse(text string) (f file, faults []fault, err error) {
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	err = d.Decode(&f)
	switch typed, ok := errors.AsType[*yaml.TypeError](err); {
	case errors.Is(err, io.EOF):
		return f, nil, nil // nothing but comments
	case ok:
		for _, text := range typed.Errors {
			faults = append(faults, plainly(text))
		}
	case err != nil:
		return f, nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		faults = append(faults, fault{text: "holds more than one YAML document"})
	}
	return f, faults, nil
}

// plainly rewords an error of the YAML library, which speaks of types of Go.
func plainly(text string) fault {
	f := fault{text: text}
	if m := regexp.MustCompile(`(?s)^line ([0-9]+): (.*)$`).FindStringSubmatch(text); m != nil {
		f.line, _ = strconv.Atoi(m[1])
		f.text = m[2]
	}
	if m := regexp.MustCompile(`(?s)^field (.*) not found in type [^ ]+$`).FindStringSubmatch(f.text); m != nil {
		f.text = fmt.Sprintf("unknown key %q", m[1])
	}
	if m := regexp.MustCompile("(?s)^cannot unmarshal ![^ ]+ (?:`(.*)` )?into ([^ ]+)$").FindStringSubmatch(f.text); m != nil {
		want := "keys with values"
		switch {
		case strings.HasPrefix(m[2], "[]"):
			want = "a list"
		case m[2] == "string":
			want = "a text"
		case m[2] == "bool":
			want = "true or false"
		}
		f.text = want + " should stand here"
		if m[1] != "" {
			f.text += fmt.Sprintf(", not %q", m[1])
		}
	}
	return f
}

// places are the lines of a file of rules, by the path of keys that leads to them:
// requirements/kube-apiserver, waivers/0.
type places map[string]int

// placeDepth is how many keys lead to what a fault may be told of.
const placeDepth = 3

// findPlaces returns the places of a file that parse could read.
func findPlaces(text string) places {
	p := places{}
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err == nil && len(document.Content) > 0 {
		p.add("", document.Content[0], 0)
	}
	return p
}

// add adds what is below a node. Rows are known by their names, other items by
// their index. Aliases stand for themselves: followed, a few lines could be many.
func (p places) add(path string, n *yaml.Node, depth int) {
	if path != "" {
		p[path] = n.Line
	}
	if depth == placeDepth {
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := join(path, n.Content[i].Value)
			p.add(key, n.Content[i+1], depth+1)
			p[key] = n.Content[i].Line
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			key := strconv.Itoa(i)
			if path == "requirements" || path == "connections" {
				key = nameOf(item)
			}
			p.add(join(path, key), item, depth+1)
		}
	}
}

// join returns the path of what is below a path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "/" + key
}

// nameOf returns the name of a row; empty where it has none.
func nameOf(row *yaml.Node) string {
	if row.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(row.Content); i += 2 {
			if row.Content[i].Value == "name" {
				return row.Content[i+1].Value
			}
		}
	}
	return ""
}

// tell returns the faults as one error, nil where there are none: each with the
// file, and with its line where it is on one, in the order of the lines. The rest
// comes last: what a row of the file makes wrong with another.
func (p places) tell(file string, faults []fault) error {
	for i := range faults {
		if faults[i].line == 0 {
			faults[i].line = p[faults[i].at]
		}
	}
	slices.SortStableFunc(faults, func(a, b fault) int {
		return cmp.Or(-cmp.Compare(min(a.line, 1), min(b.line, 1)), cmp.Compare(a.line, b.line))
	})
	var all []error
	for _, f := range faults {
		text := fmt.Sprintf("%s: %s", file, f.text)
		if f.line > 0 {
			text = fmt.Sprintf("%s: line %d: %s", file, f.line, f.text)
		}
		all = append(all, errors.New(text))
	}
	return errors.Join(all...)
}
