package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
)

// writeYAML writes the document of the JSON format as YAML, where the fields are
// in the order of their names.
func writeYAML(w io.Writer, r *audit.Report, _ Options) error {
	frame, err := newEncoder().yaml(frame(r))
	if err != nil {
		return fmt.Errorf("yaml: %w", err)
	}
	all := lists(r)
	slices.SortFunc(all, func(a, b items) int { return strings.Compare(a.field, b.field) })
	out := bufio.NewWriter(w)
	for _, l := range all {
		start := func() func([]byte, int, int) ([]byte, error) {
			e := newEncoder()
			return func(text []byte, from, to int) ([]byte, error) { return e.yamlItems(text, l, from, to) }
		}
		// The further lines of a text are indented: this stands nowhere else.
		before, after, found := bytes.Cut(frame, fmt.Appendf(nil, "\n%s: []", l.field))
		if !found || l.count == 0 {
			continue
		}
		fmt.Fprintf(out, "%s\n%s:", before, l.field)
		if err := writeItems(out, l.count, start); err != nil {
			return fmt.Errorf("yaml: %w", err)
		}
		frame = after
	}
	out.Write(frame)
	return out.Flush()
}

// yaml returns the YAML of a value.
func (e *encoder) yaml(value any) ([]byte, error) {
	document, err := e.append(nil, 0, value)
	if err != nil {
		return nil, err
	}
	return toYAML(document)
}

// yamlItems appends some items of a list, each line behind a line end.
func (e *encoder) yamlItems(out []byte, l items, from, to int) ([]byte, error) {
	some := make([]any, 0, to-from)
	for i := from; i < to; i++ {
		some = append(some, l.item(i))
	}
	text, err := e.yaml(some)
	return append(append(out, '\n'), bytes.TrimSuffix(text, []byte("\n"))...), err
}

// toYAML converts a JSON document. The YAML library leaves bidi and zero-width
// characters raw and has no option for quoting, so texts with such characters
// go through it as plain tokens, and come out double-quoted.
func toYAML(document []byte) ([]byte, error) {
	var tree any
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	token := "text"
	for bytes.Contains(document, []byte(token)) {
		token += "t"
	}
	h := &hider{token: token}
	out, err := yaml.Marshal(h.hide(tree))
	if err != nil {
		return nil, err
	}
	return []byte(strings.NewReplacer(h.pairs...).Replace(string(out))), nil
}

// hider replaces texts by tokens that do not occur in the document.
type hider struct {
	token string
	pairs []string // token, text, token, text …
}

// hide returns the tree with its texts replaced where they need quotes.
func (h *hider) hide(tree any) any {
	switch v := tree.(type) {
	case map[string]any:
		for key, value := range v {
			v[key] = h.hide(value)
		}
	case []any:
		for i, value := range v {
			v[i] = h.hide(value)
		}
	case string:
		if display.Lines(v) != v {
			token := fmt.Sprintf("%s-%d-", h.token, len(h.pairs))
			// Go's escapes for ASCII are all escapes of YAML as well.
			h.pairs = append(h.pairs, token, strconv.QuoteToASCII(v))
			return token
		}
	}
	return tree
}
