package diff

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"kube-cert-audit/audit"
)

// The limits of a report: twice what an inspection of 100,000 certificates writes.
const (
	maxSize  = 512 << 20 // bytes
	maxItems = 500_000   // certificates, keys, findings …
)

// Read reads a report as --output json of any release of this form writes it; fields
// that this release does not know are passed over. Its errors say what is wrong with
// the document, and not which one it is.
func Read(r io.Reader) (*audit.Report, error) { return readWithin(r, maxSize, maxItems) }

func readWithin(r io.Reader, size int64, items int) (*audit.Report, error) {
	limited := &io.LimitedReader{R: r, N: size + 1}
	d := &document{json: json.NewDecoder(limited), report: new(audit.Report), given: map[string]bool{}, room: items}
	err := d.read()
	var syntax *json.SyntaxError
	switch {
	case limited.N == 0:
		return nil, fmt.Errorf("larger than %d MiB: no report of this program", size>>20)
	case errors.Is(err, io.EOF) && d.json.InputOffset() == 0:
		return nil, errors.New("empty")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errors.New("cut off: it ends in the middle of the document")
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("not JSON: at byte %d: %w", syntax.Offset, err)
	case err != nil:
		return nil, err
	}
	return d.report, d.refuse()
}

// document is a report on its way through the decoder. The lists are read item by item,
// so that not all of a large document is in memory twice.
type document struct {
	json   *json.Decoder
	report *audit.Report
	given  map[string]bool // the fields that it has
	room   int             // for further items
}

func (d *document) read() error {
	first, err := d.json.Token()
	if err != nil {
		return err
	}
	if first != json.Delim('{') {
		return errors.New("no report of kube-cert-audit: not a JSON object")
	}
	for d.json.More() {
		name, err := d.json.Token()
		if err != nil {
			return err
		}
		d.given[fmt.Sprint(name)] = true
		if err := d.field(fmt.Sprint(name)); err != nil {
			return err
		}
	}
	if _, err := d.json.Token(); err != nil { // the closing brace
		return err
	}
	if _, err := d.json.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON document, or text behind it")
	}
	return nil
}

// field reads the value of a field.
func (d *document) field(name string) error {
	r := d.report
	switch name {
	case "certificates":
		return items(d, name, &r.Certificates)
	case "requests":
		return items(d, name, &r.Requests)
	case "keys":
		return items(d, name, &r.Keys)
	case "connections":
		return items(d, name, &r.Connections)
	case "findings":
		return items(d, name, &r.Findings)
	case "waived":
		return items(d, name, &r.Waived)
	}
	values := map[string]any{
		"apiVersion": &r.APIVersion, "kind": &r.Kind, "at": &r.At, "root": &r.Root, "paths": &r.Paths,
		"node": &r.Node, "coverage": &r.Coverage, "summary": &r.Summary,
	}
	into, ok := values[name]
	if !ok {
		into = new(json.RawMessage)
	}
	return wrong(name, d.json.Decode(into))
}

// wrong says which field an error is about, unless the document itself is none.
func wrong(name string, err error) error {
	var syntax *json.SyntaxError
	if err == nil || errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "json: "))
}

// items reads a list.
func items[T any](d *document, name string, into *[]T) error {
	switch first, err := d.json.Token(); {
	case err != nil:
		return err
	case first == nil:
		return nil
	case first != json.Delim('['):
		return fmt.Errorf("%s: a list should stand here", name)
	}
	for d.json.More() {
		if d.room--; d.room < 0 {
			return fmt.Errorf("%s: more certificates, keys, findings and so on than any report has", name)
		}
		n := len(*into)
		*into = append(grown(*into), *new(T))
		if err := d.json.Decode(&(*into)[n]); err != nil {
			return wrong(fmt.Sprintf("%s[%d]", name, n), err)
		}
	}
	_, err := d.json.Token()
	return err
}

// grown returns a list with room for one more, or for as many again: the steps in which
// a long list grows otherwise leave several times its size behind.
func grown[T any](list []T) []T {
	if len(list) < cap(list) {
		return list
	}
	return slices.Grow(list, max(len(list), 16))
}

// refuse returns what is wrong with a document that could be read.
func (d *document) refuse() error {
	r := d.report
	switch {
	case r.APIVersion == "" && r.Kind == "":
		return errors.New("no report of kube-cert-audit: it has neither an apiVersion nor a kind")
	case r.APIVersion != audit.APIVersion:
		return fmt.Errorf("its apiVersion is %q; this release reads %s", r.APIVersion, audit.APIVersion)
	case r.Kind != audit.Kind && r.Kind != audit.KindInspect:
		return fmt.Errorf("its kind is %q; %s and %s can be compared", r.Kind, audit.Kind, audit.KindInspect)
	}
	for _, name := range []string{"at", "coverage", "certificates", "keys", "connections", "findings"} {
		if !d.given[name] { // what was taken out would pass for mended
			return fmt.Errorf("not a whole report: it has no %s", name)
		}
	}
	for i := range r.Findings {
		if r.Findings[i].Severity == 0 {
			return fmt.Errorf("findings[%d]: it has no severity", i)
		}
	}
	for i := range r.Waived {
		if r.Waived[i].Severity == 0 {
			return fmt.Errorf("waived[%d]: it has no severity", i)
		}
	}
	return nil
}
