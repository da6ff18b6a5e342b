package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"

	"kube-cert-audit/audit"
	"kube-cert-audit/rules"
)

// inspectFixture returns the report of an inspection that the golden files show.
func inspectFixture() *audit.Report {
	server := certificate("", "Server", "/srv/a.crt", "a", 300*24*time.Hour)
	server.Requirement, server.Source, server.References = "", audit.Source{File: "/srv/a.crt", Line: 21}, nil
	server.Status = "info"
	return &audit.Report{
		APIVersion: audit.APIVersion, Kind: audit.KindInspect, At: at(), Root: "/",
		Paths:    []string{"/srv", hostilePath, "/home/jane/.kube/config", "/x", "/y"},
		Coverage: audit.Coverage{References: 4, Examined: 3, Unreadable: 1},
		Summary: audit.Summary{
			Certificates: 1, Requests: 2, Keys: 1, Error: 1, Info: 1,
			FirstExpiry: &audit.FirstExpiry{Path: "/srv/a.crt", NotAfter: server.NotAfter, SecondsLeft: server.SecondsLeft},
		},
		Certificates: []audit.Certificate{server},
		Requests: []audit.Request{
			{
				Type: audit.TypeRequest, Path: "/srv/csr.yaml", Embedded: "request node-csr-x", Source: audit.Source{File: "/srv/csr.yaml", Line: 8, Argument: "spec.request"},
				Subject:  audit.Name{CommonName: "system:node:cp-1", Organizations: []string{"system:nodes"}},
				DNSNames: []string{"cp-1"}, IPAddresses: []string{"192.168.1.10"}, KeyAlgorithm: "ECDSA-P256", SignatureAlgorithm: "ECDSA-SHA256",
				KeyUsages: []string{"digitalSignature"}, ExtKeyUsages: []string{"serverAuth"},
				SignerName: "kubernetes.io/kubelet-serving", Usages: []string{"digital signature", "server auth"}, Status: rules.OK,
			},
			{Type: audit.TypeRequest, Path: hostilePath, Subject: audit.Name{CommonName: hostileName}, KeyAlgorithm: "unsupported", IsCA: true, Status: "error"},
		},
		Keys: []audit.Key{{
			Type: "Private Key", Path: "/srv/a.crt", Source: audit.Source{File: "/srv/a.crt", Line: 1}, Algorithm: "RSA", Bits: 2048, Private: true,
			Mode: "0600", Certificate: "/srv/a.crt", Status: rules.OK,
		}},
		Findings: []audit.Finding{{
			Check: "self-signature", Severity: rules.Error, Path: hostilePath, Source: audit.Source{File: hostilePath},
			Message: "the request does not match its own signature", Impact: "whoever is asked to sign it should refuse", Fix: "# make a new request",
		}},
	}
}

func TestInspectGolden(t *testing.T) {
	for _, tt := range []struct {
		format string
		width  int
	}{{"table", 0}, {"table", 80}, {"wide", 0}, {"json", 0}, {"yaml", 0}, {"csv", 0}, {"prometheus", 0}, {"nagios", 0}, {"junit", 0}, {"sarif", 0}, {"html", 0}, {"markdown", 0}, {"github", 0}, {"gitlab", 0}, {"csv-findings", 0}} {
		name := "inspect-" + tt.format
		if tt.width > 0 {
			name = fmt.Sprintf("%s-%d", name, tt.width)
		}
		golden(t, name, render(t, tt.format, inspectFixture(), Options{Width: tt.width}))
	}
}

func TestInspectDocuments(t *testing.T) {
	nothing := &audit.Report{Kind: audit.KindInspect, Paths: []string{}, Requests: []audit.Request{}}
	for _, format := range []string{"json", "yaml"} {
		for _, r := range []*audit.Report{inspectFixture(), nothing} {
			checkDocument(t, format, r)
			if document := render(t, format, r, Options{}); !strings.Contains(document, "requests") || !strings.Contains(document, "paths") {
				t.Errorf("no requests or paths:\n%s", document)
			}
		}
		if document := render(t, format, fixture(), Options{}); strings.Contains(document, "requests") || strings.Contains(document, "paths") {
			t.Errorf("an audit has requests or paths")
		}
	}
}

func TestInspectCSV(t *testing.T) {
	checkCSV(t, sheetRows(inspectFixture()))
	if got := render(t, "csv", inspectFixture(), Options{}); !strings.Contains(got, ",Request,/srv/csr.yaml,system:node:cp-1,\"cp-1, 192.168.1.10\",system:nodes,,,ok\n") {
		t.Errorf("no row of the request, or one that is not empty where it should be:\n%s", got)
	}
}

func TestSchemaTellsKindsApart(t *testing.T) {
	schema := compiled(t)
	tests := []struct {
		name   string
		change func(map[string]any)
		ok     bool
	}{
		{"as it is", func(map[string]any) {}, true},
		{"no request", func(r map[string]any) { r["requests"] = []any{} }, true},
		{"no list of requests", func(r map[string]any) { delete(r, "requests") }, false},
		{"no paths", func(r map[string]any) { delete(r, "paths") }, false},
		{"an audit with requests", func(r map[string]any) { r["kind"] = audit.Kind }, false},
		{"another kind", func(r map[string]any) { r["kind"] = "Report" }, false},
		{"a request that ends", func(r map[string]any) { first(r)["notAfter"] = "0001-01-01T00:00:00Z" }, false},
		{"a request of another type", func(r map[string]any) { first(r)["type"] = "Server" }, false},
		{"no count of requests", func(r map[string]any) { delete(r["summary"].(map[string]any), "requests") }, true},
	}
	for _, tt := range tests {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(render(t, "json", inspectFixture(), Options{})))
		if err != nil {
			t.Fatal(err)
		}
		tt.change(value.(map[string]any))
		if err := schema.Validate(value); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func first(report map[string]any) map[string]any {
	return report["requests"].([]any)[0].(map[string]any)
}

// TestManyItems: what is written in pieces is what would be written at once.
func TestManyItems(t *testing.T) {
	r := inspectFixture()
	for n := range 2*batchSize + 1 {
		c := certificate("kubelet", "Server", fmt.Sprintf("/srv/%d.crt", n), "a <b> & ü", time.Duration(n)*time.Hour)
		r.Certificates = append(r.Certificates, c)
		if n < batchSize {
			r.Keys = append(r.Keys, audit.Key{Path: c.Path})
		}
		if n <= batchSize {
			r.Findings = append(r.Findings, audit.Finding{Path: c.Path, Severity: rules.Warning, Message: "[{\"a\\\": [] {}\n"})
		}
	}
	r.Paths, r.Requests[1].Path, r.Requests[1].Subject.CommonName = []string{"/srv"}, "/srv/b.csr", "b"
	r.Findings[0].Path, r.Findings[0].Source.File = "/srv/b.csr", "/srv/b.csr"
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(filled(r)); err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.JSONToYAML(want.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for _, processors := range []int{1, 3} {
		before := runtime.GOMAXPROCS(processors)
		gotJSON, gotYAML := render(t, "json", r, Options{}), render(t, "yaml", r, Options{})
		runtime.GOMAXPROCS(before)
		if gotJSON != want.String() {
			t.Errorf("JSON on %d processors (-want +got):\n%s", processors, cmp.Diff(want.String(), gotJSON))
		}
		if gotYAML != string(asYAML) {
			t.Errorf("YAML on %d processors (-want +got):\n%s", processors, cmp.Diff(string(asYAML), gotYAML))
		}
	}
}

// failsAfter fails once it has no more room.
type failsAfter struct{ room int }

func (w *failsAfter) Write(b []byte) (int, error) {
	if w.room -= len(b); w.room < 0 {
		return 0, os.ErrClosed
	}
	return len(b), nil
}

// TestManyItemsLost: a reader that goes away ends the work.
func TestManyItemsLost(t *testing.T) {
	r := inspectFixture()
	for range 4 * batchSize {
		r.Certificates = append(r.Certificates, r.Certificates[0])
	}
	for _, format := range []string{"json", "yaml"} {
		for _, room := range []int{0, 10_000, 100_000} {
			f, err := Lookup(format)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Write(&failsAfter{room}, r, Options{}); err == nil {
				t.Errorf("%s: no error for a writer with room for %d bytes", format, room)
			}
		}
	}
}
