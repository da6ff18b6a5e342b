package manifests

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The limits of one configuration file. They are far above what any real one
// needs, and bound the time and the memory that a hostile one can take: the YAML
// package spends some 200 bytes per item, and compares the keys of a mapping
// pairwise.
const (
	maxFile    = 10 << 20
	maxMarks   = 400_000
	maxAliases = 1_000
	maxKeys    = 1_000
)

// scalar is a plain value with the line it stands on. Numbers and booleans keep
// the text that was written.
type scalar struct {
	Text string
	Line int
	File string // where it is not the file in hand
	Open bool   // of a command line: what it comes to is not known here
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (s *scalar) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return fmt.Errorf("line %d: a plain value is expected", n.Line)
	}
	*s = scalar{Text: n.Value, Line: n.Line}
	return nil
}

// isTrue reports whether the value is a true boolean to the components, whose
// parser follows YAML 1.1.
func (s scalar) isTrue() bool {
	switch strings.ToLower(s.Text) {
	case "true", "yes", "on", "y":
		return true
	}
	return false
}

// items are the plain values of a list, or a single one. What is neither is left
// out.
type items []scalar

// UnmarshalYAML implements yaml.Unmarshaler.
func (i *items) UnmarshalYAML(n *yaml.Node) error {
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		nodes = n.Content
	}
	for _, each := range nodes {
		if each.Kind == yaml.ScalarNode {
			*i = append(*i, scalar{Text: each.Value, Line: each.Line})
		}
	}
	return nil
}

// ignored is a value of which only the presence matters. It keeps nothing, so
// that a secret in its place cannot get out.
type ignored struct{ Present bool }

// UnmarshalYAML implements yaml.Unmarshaler.
func (i *ignored) UnmarshalYAML(n *yaml.Node) error {
	i.Present = n.Kind != yaml.ScalarNode || n.Value != ""
	return nil
}

// document is the first YAML document of a file: the only one that the
// components read.
type document struct {
	root     *yaml.Node // nil where the first document is empty
	extra    int        // further documents that hold something
	repeated []int      // lines of keys that a later line of the same mapping overrides
	aliases  int
}

// parseYAML parses YAML, or JSON, within the limits.
func parseYAML(data []byte) (document, error) {
	var doc document
	err := guard(func() error { return doc.parse(data) })
	return doc, err
}

// otherContentError says that a file which parses is not what it was taken for.
type otherContentError string

// Error implements error.
func (e otherContentError) Error() string { return string(e) }

// objectKind is a kind of object, and the group of its apiVersion.
type objectKind struct{ kind, group string }

// decodeObject fills in out from a file that must hold an object of one of the
// given kinds. Its group counts if it tells that.
func decodeObject(data []byte, out any, kinds ...objectKind) (document, error) {
	doc, err := parseYAML(data)
	group, _, _ := strings.Cut(doc.text("apiVersion"), "/")
	isKind := func(k objectKind) bool { return k.kind == doc.kind() }
	isIt := func(k objectKind) bool { return isKind(k) && (group == k.group || group == "") }
	switch {
	case err != nil:
		return doc, err
	case !doc.isObject():
		return doc, otherContentError("holds no object")
	case !slices.ContainsFunc(kinds, isKind):
		return doc, otherContentError(fmt.Sprintf("is of kind %.40q, not %s", doc.kind(), kinds[0].kind))
	case !slices.ContainsFunc(kinds, isIt):
		return doc, otherContentError(fmt.Sprintf("is of the group %.60q, not of %s", group, kinds[0].group))
	}
	return doc, doc.decode(out)
}

// decodeMapping fills in out from a file that has neither apiVersion nor kind.
func decodeMapping(data []byte, out any) (document, error) {
	doc, err := parseYAML(data)
	switch {
	case err != nil:
		return doc, err
	case !doc.isObject():
		return doc, otherContentError("holds no object")
	}
	return doc, doc.decode(out)
}

// decode fills in out. The YAML package refuses aliases that multiply.
func (d *document) decode(out any) error {
	return guard(func() error { return d.root.Decode(out) })
}

// isObject reports whether the document is a mapping.
func (d *document) isObject() bool {
	return d.root != nil && len(d.root.Content) == 1 && d.root.Content[0].Kind == yaml.MappingNode
}

// kind returns the kind that an object gives itself, empty where it gives none.
func (d *document) kind() string { return d.text("kind") }

// text returns the plain value of a field of an object, empty where it has none.
func (d *document) text(field string) string {
	if !d.isObject() {
		return ""
	}
	content := d.root.Content[0].Content
	for i := 0; i+1 < len(content); i += 2 {
		if content[i].Value == field && content[i+1].Kind == yaml.ScalarNode {
			return content[i+1].Value
		}
	}
	return ""
}

// notes tells what of the file is not in force.
func (d *document) notes() []string {
	var notes []string
	if d.root != nil && d.extra > 0 {
		notes = append(notes, fmt.Sprintf("holds %d YAML documents; only the first one is read", d.extra+1))
	}
	if len(d.repeated) > 0 {
		notes = append(notes, fmt.Sprintf("line %d: a later line of the same mapping gives this key again; only the last one counts", d.repeated[0]))
	}
	return notes
}

func (d *document) parse(data []byte) error {
	if countMarks(data) > maxMarks {
		return fmt.Errorf("more than %d lines and items", maxMarks)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(fromJSON(data)))
	root := new(yaml.Node)
	if err := decoder.Decode(root); err != nil {
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
	d.extra = countDocuments(decoder)
	if isEmpty(root) {
		return nil
	}
	d.root = root
	return d.inspect(root)
}

// countMarks counts the bytes that can begin another item: there are no more items than those.
func countMarks(data []byte) int {
	marks := 0
	for _, b := range data {
		switch b {
		case '\n', ',', ':', '-', '?', '[', '{':
			marks++
		}
	}
	return marks
}

// fromJSON rewrites what is fine in JSON and unknown to the YAML package: tabs,
// and the escape \/. The lines stay the same.
func fromJSON(data []byte) []byte {
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) || !json.Valid(data) {
		return data
	}
	rewritten := make([]byte, 0, len(data))
	for i := 0; i < len(data); i++ {
		switch {
		case data[i] == '\t': // stands between tokens: strings have none
			rewritten = append(rewritten, ' ')
		case data[i] == '\\' && data[i+1] == '/':
		case data[i] == '\\':
			rewritten = append(rewritten, data[i], data[i+1])
			i++
		default:
			rewritten = append(rewritten, data[i])
		}
	}
	return rewritten
}

// countDocuments counts what is left in the decoder; what does not parse counts as one.
func countDocuments(decoder *yaml.Decoder) int {
	count := 0
	for {
		var node yaml.Node
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			return count
		}
		if err != nil {
			return count + 1
		}
		if !isEmpty(&node) {
			count++
		}
	}
}

func isEmpty(n *yaml.Node) bool {
	return len(n.Content) == 0 || len(n.Content) == 1 && n.Content[0].ShortTag() == "!!null"
}

// inspect enforces the limits below n and drops overridden keys, which the
// components accept and the YAML package does not. It does not follow aliases.
func (d *document) inspect(n *yaml.Node) error {
	switch n.Kind {
	case yaml.AliasNode:
		if d.aliases++; d.aliases > maxAliases {
			return fmt.Errorf("line %d: more than %d aliases", n.Line, maxAliases)
		}
	case yaml.MappingNode:
		if len(n.Content)/2 > maxKeys {
			return fmt.Errorf("line %d: more than %d keys in one mapping", n.Line, maxKeys)
		}
		d.dropRepeated(n)
	}
	for _, child := range n.Content {
		if err := d.inspect(child); err != nil {
			return err
		}
	}
	return nil
}

func (d *document) dropRepeated(n *yaml.Node) {
	last := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		last[n.Content[i].Value] = i
	}
	var kept []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind == yaml.ScalarNode && last[key.Value] != i {
			d.repeated = append(d.repeated, key.Line)
			continue
		}
		kept = append(kept, key, n.Content[i+1])
	}
	n.Content = kept
}

// guard turns a panic of the YAML package into an error, and its errors into
// texts that quote nothing of the file, which may hold secrets.
func guard(f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the YAML parser failed on this file")
		}
	}()
	if err := f(); err != nil {
		return errors.New(withoutQuotes(err))
	}
	return nil
}

func withoutQuotes(err error) string {
	text := err.Error()
	if typeError := (*yaml.TypeError)(nil); errors.As(err, &typeError) && len(typeError.Errors) > 0 {
		text = typeError.Errors[0]
	}
	text = strings.TrimPrefix(text, "yaml: ")
	for _, quote := range []string{" `", " into ", " \""} {
		text, _, _ = strings.Cut(text, quote)
	}
	if before, _, found := strings.Cut(text, "anchor '"); found {
		text = before + "anchor"
	}
	return strings.Replace(text, "cannot unmarshal", "unexpected", 1)
}
