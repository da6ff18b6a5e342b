package report

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
)

// decode reads a document back, refusing fields that a report has not.
func decode(t *testing.T, format, document string) *audit.Report {
	t.Helper()
	got := new(audit.Report)
	var err error
	if format == "json" {
		d := json.NewDecoder(strings.NewReader(document))
		d.DisallowUnknownFields()
		err = d.Decode(got)
	} else {
		err = yaml.UnmarshalStrict([]byte(document), got)
	}
	if err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return got
}

// checkDocument reports a document that is not the same value as the report, or
// that holds characters which are not to be seen.
func checkDocument(t *testing.T, format string, r *audit.Report) {
	t.Helper()
	document := render(t, format, r, Options{})
	if !utf8.ValidString(document) {
		t.Error("not valid UTF-8")
	}
	if display.Lines(document) != document {
		t.Errorf("hidden characters:\n%s", display.Lines(document))
	}
	want := filled(r)
	validText(reflect.ValueOf(want).Elem())
	if diff := cmp.Diff(want, decode(t, format, document)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", format, diff)
	}
}

// filled returns a copy of the report that has empty lists instead of absent ones:
// the document as a whole, which the formats write in pieces.
func filled(r *audit.Report) *audit.Report {
	c := *r
	c.Certificates = make([]audit.Certificate, len(r.Certificates))
	for i, certificate := range r.Certificates {
		c.Certificates[i] = *filledCertificate(certificate)
	}
	if r.Requests != nil {
		c.Requests = make([]audit.Request, len(r.Requests))
	}
	for i, request := range r.Requests {
		c.Requests[i] = *filledRequest(request)
	}
	c.Keys = notNull(r.Keys)
	c.Connections = notNull(r.Connections)
	c.Findings = notNull(r.Findings)
	c.Waived = notNull(r.Waived)
	return &c
}

// validText replaces the invalid bytes in all strings of v, in place.
func validText(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(string([]rune(v.String())))
	case reflect.Slice:
		for i := range v.Len() {
			validText(v.Index(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			validText(v.Elem())
		}
	case reflect.Struct:
		if v.Type().PkgPath() == "time" {
			return
		}
		for i := range v.NumField() {
			validText(v.Field(i))
		}
	}
}

func TestDocuments(t *testing.T) {
	for _, format := range []string{"json", "yaml"} {
		t.Run(format, func(t *testing.T) { checkDocument(t, format, fixture()) })
	}
}

func TestJSONHasNoNull(t *testing.T) {
	r := &audit.Report{Certificates: []audit.Certificate{{}}, Keys: []audit.Key{{}}, Connections: []audit.Connection{{}}}
	for _, r := range []*audit.Report{new(audit.Report), r} {
		document := render(t, "json", r, Options{})
		if n := strings.Count(document, "null"); n != 1 || !strings.Contains(document, `"firstExpiry": null`) {
			t.Errorf("%d nulls, want only that of firstExpiry:\n%s", n, document)
		}
	}
}

func TestJSONEscapes(t *testing.T) {
	tests := []struct{ text, want string }{
		{"a <b> & c", `"a <b> & c"`},
		{"Söhne 证书", `"Söhne 证书"`},
		{"\x1b\x00", `"\u001b\u0000"`},
		{"\x7f\u0085", `"\u007f\u0085"`},
		{"\u202e\u200b\ufeff\u2028", `"\u202e\u200b\ufeff\u2028"`},
		{"\U000e0041", `"\udb40\udc41"`},
		{"cut\xff", `"cut\ufffd"`},
		{`C:\new "x"`, `"C:\\new \"x\""`},
	}
	for _, tt := range tests {
		r := &audit.Report{Root: tt.text}
		if document := render(t, "json", r, Options{}); !strings.Contains(document, `"root": `+tt.want+",\n") {
			t.Errorf("%q is not written as %s:\n%s", tt.text, tt.want, document)
		}
	}
}

func TestYAMLTokensAreNotForgeable(t *testing.T) {
	r := &audit.Report{Root: "texttext-0-\u202e", Node: audit.Node{Name: "text-0-", Layout: "textt-0-", Version: "text-2-\u200b"}}
	checkDocument(t, "yaml", r)
}
