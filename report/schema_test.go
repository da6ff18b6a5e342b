package report

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/diff"
	"kube-cert-audit/rules"
)

// compiled returns the schema of reports, ready to validate with, formats included.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	return compile(t, Schema())
}

func compile(t *testing.T, text []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchemaAcceptsReports(t *testing.T) {
	schema := compiled(t)
	empty := &audit.Report{APIVersion: audit.APIVersion, Kind: audit.Kind}
	for _, r := range []*audit.Report{fixture(), empty} {
		for _, format := range []string{"json", "yaml"} {
			document := []byte(render(t, format, r, Options{}))
			if format == "yaml" {
				var err error
				if document, err = yaml.YAMLToJSON(document); err != nil {
					t.Fatal(err)
				}
			}
			value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); err != nil {
				t.Errorf("%s: %v", format, err)
			}
		}
	}
}

func TestSchemaAcceptsForecasts(t *testing.T) {
	schema := compile(t, ForecastSchema())
	for _, f := range []*audit.Forecast{forecastFixture(), emptyForecast()} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(renderForecast(t, "json", f, 0)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Error(err)
		}
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(render(t, "json", fixture(), Options{})))
	if err != nil || schema.Validate(value) == nil {
		t.Errorf("a report is accepted, or %v", err)
	}
}

func TestSchemaRefuses(t *testing.T) {
	schema := compiled(t)
	tests := []struct{ name, old, new string }{
		{"unknown field", `"root": "/"`, `"root": "/", "extra": 1`},
		{"missing field", `"root": "/",`, ``},
		{"null list", `"dnsNames": []`, `"dnsNames": null`},
		{"unknown status", `"status": "ok"`, `"status": "fine"`},
		{"unknown severity", `"severity": "error"`, `"severity": "fatal"`},
		{"no time", `"at": "2026-12-15T00:00:00Z"`, `"at": "today"`},
		{"no address", `"10.96.0.1"`, `"10.96.0.1/12"`},
		{"other version", `"kube-cert-audit/v1"`, `"kube-cert-audit/v2"`},
		{"unknown phase", `"phase": "issue"`, `"phase": "reboot"`},
		{"mode", `"mode": "0600"`, `"mode": "-rw-------"`},
		{"colons in the fingerprint", `"fingerprintSHA256": "9f86`, `"fingerprintSHA256": "9f:86`},
	}
	document := render(t, "json", fixture(), Options{})
	for _, tt := range tests {
		if !strings.Contains(document, tt.old) {
			t.Fatalf("%s: the document has no %s", tt.name, tt.old)
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(document, tt.old, tt.new, 1)))
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if schema.Validate(value) == nil {
			t.Errorf("%s is accepted", tt.name)
		}
	}
}

// object is what the tests read of an object schema.
type object struct {
	Description          string                     `json:"description"`
	AdditionalProperties *bool                      `json:"additionalProperties"`
	Required             []string                   `json:"required"`
	Properties           map[string]json.RawMessage `json:"properties"`
}

// TestSchemaMatchesTypes holds that the schemas have the fields of the types, and no others.
func TestSchemaMatchesTypes(t *testing.T) {
	matchTypes(t, Schema(), audit.Report{}, map[string]any{
		"node": audit.Node{}, "coverage": audit.Coverage{}, "summary": audit.Summary{}, "firstExpiry": audit.FirstExpiry{},
		"name": audit.Name{}, "certificate": audit.Certificate{}, "reference": audit.Reference{}, "key": audit.Key{},
		"request": audit.Request{}, "connection": audit.Connection{}, "endpoint": audit.Endpoint{}, "finding": audit.Finding{}, "step": rules.Step{}, "waived": audit.Waived{}, "waiver": audit.Waiver{}, "source": audit.Source{},
	}, "status")
	matchTypes(t, ForecastSchema(), audit.Forecast{}, map[string]any{
		"node": audit.Node{}, "coverage": audit.Coverage{}, "date": audit.Date{}, "end": audit.End{}, "finding": audit.Finding{}, "step": rules.Step{},
		"waived": audit.Waived{}, "waiver": audit.Waiver{}, "source": audit.Source{},
	}, "status")
	matchTypes(t, DiffSchema(), diff.Diff{}, map[string]any{
		"node": audit.Node{}, "summary": audit.Summary{}, "firstExpiry": audit.FirstExpiry{}, "finding": audit.Finding{}, "step": rules.Step{},
		"connection": audit.Connection{}, "endpoint": audit.Endpoint{}, "source": audit.Source{}, "side": diff.Side{},
		"trustChange": diff.TrustChange{}, "findingChange": diff.FindingChange{}, "connectionChange": diff.ConnectionChange{},
		"certificateChange": diff.CertificateChange{}, "keyChange": diff.KeyChange{}, "field": diff.Field{},
	}, "status", "change", "key")
}

// matchTypes compares a schema with the type of its document, and its definitions with
// further ones; words are the definitions of what is no object.
func matchTypes(t *testing.T, text []byte, document any, types map[string]any, words ...string) {
	t.Helper()
	var schema struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	matchType(t, "the document", schema.object, reflect.TypeOf(document))
	for name, value := range types {
		matchType(t, name, schema.Defs[name], reflect.TypeOf(value))
	}
	want := append(slices.Collect(maps.Keys(types)), words...)
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(schema.Defs))); diff != "" {
		t.Errorf("definitions (-want +got):\n%s", diff)
	}
}

func matchType(t *testing.T, name string, o object, typ reflect.Type) {
	t.Helper()
	var all, required []string
	for _, field := range reflect.VisibleFields(typ) {
		if field.Anonymous || !field.IsExported() {
			continue // the fields of the former follow
		}
		key, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		all = append(all, key)
		if options != "omitempty" && options != "omitzero" {
			required = append(required, key)
		}
	}
	slices.Sort(all)
	if diff := cmp.Diff(all, slices.Sorted(maps.Keys(o.Properties))); diff != "" {
		t.Errorf("fields of %s (-type +schema):\n%s", name, diff)
	}
	if diff := cmp.Diff(required, o.Required); diff != "" {
		t.Errorf("required fields of %s (-type +schema):\n%s", name, diff)
	}
	if o.AdditionalProperties == nil || *o.AdditionalProperties {
		t.Errorf("%s accepts additional properties", name)
	}
	for key, raw := range o.Properties {
		var property struct{ Description string }
		if err := json.Unmarshal(raw, &property); err != nil || !strings.HasSuffix(property.Description, ".") {
			t.Errorf("%s.%s has no sentence of description", name, key)
		}
	}
}
