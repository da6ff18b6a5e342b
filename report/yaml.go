package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
)

// writeYAML writes the document of the JSON format as YAML.
func writeYAML(w io.Writer, r *audit.Report, _ Options) error {
	document, err := encode(r)
	if err != nil {
		return fmt.Errorf("yaml: %w", err)
	}
	out, err := toYAML(document)
	if err != nil {
		return fmt.Errorf("yaml: %w", err)
	}
	_, err = w.Write(out)
	return err
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
