package report

import (
	"encoding/xml"
	"errors"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

// junitElements are the elements that all readers know, each with its attributes
// and with the elements that it stands in.
func junitElements() map[string]struct{ attributes, in []string } {
	result := []string{"message", "type"}
	return map[string]struct{ attributes, in []string }{
		"testsuites": {[]string{"name", "tests", "failures", "errors"}, []string{""}},
		"testsuite":  {[]string{"name", "tests", "failures", "errors", "skipped", "id", "time"}, []string{"testsuites"}},
		"testcase":   {[]string{"name", "classname"}, []string{"testsuite"}},
		"failure":    {result, []string{"testcase"}},
		"error":      {result, []string{"testcase"}},
		"skipped":    {result, []string{"testcase"}},
		"system-out": {nil, []string{"testcase"}},
	}
}

// checkJUnit reads the document and reports what readers do not know, tests that are
// lost or counted wrong, and what of the report has become a failure or has not.
func checkJUnit(t *testing.T, r *audit.Report, o Options) {
	t.Helper()
	document := render(t, "junit", r, o)
	if display.Lines(document) != document {
		t.Errorf("hidden characters:\n%s", document)
	}
	found := readJUnit(t, document)
	failures, errs, mild := 0, 0, 0
	for _, f := range r.Findings {
		switch {
		case !o.fails(f.Severity):
			mild++
		case f.Check == "unreadable":
			errs++
		default:
			failures++
		}
	}
	if !complete(r.Coverage) {
		errs++
	}
	skipped := len(r.Waived)
	for _, c := range r.Connections {
		if c.Status == "info" { // not judged, or waived
			skipped++
		}
	}
	for name, want := range map[string]int{"failure": failures, "error": errs, "system-out": mild, "skipped": skipped + len(unexplained(r))} {
		if found[name] != want {
			t.Errorf("%d elements %s, want %d", found[name], name, want)
		}
	}
}

// unexplained returns the objects that are not in order, though no finding as severe
// names one of their files.
func unexplained(r *audit.Report) []string {
	ranks := map[string]int{"warning": 1, "error": 2}
	var all []string
	add := func(status rules.Status, paths ...string) {
		rank := ranks[string(status)]
		for _, f := range r.Findings {
			if slices.Contains(paths, f.Path) && ranks[f.Severity.String()] >= rank {
				return
			}
		}
		if rank > 0 {
			all = append(all, paths[0])
		}
	}
	for _, c := range r.Certificates {
		add(c.Status, c.Path)
	}
	for _, q := range r.Requests {
		add(q.Status, q.Path)
	}
	for _, k := range r.Keys {
		add(k.Status, k.Path, k.Certificate)
	}
	for _, c := range r.Connections {
		add(c.Status, c.Presenter.Path, c.Verifier.Path)
	}
	return all
}

// readJUnit returns how often there is each element.
func readJUnit(t *testing.T, document string) map[string]int {
	t.Helper()
	found, seen := map[string]int{}, map[string]bool{}
	counted := map[string]int{} // what the suites say
	path := []string{""}
	known := junitElements()
	for d := xml.NewDecoder(strings.NewReader(document)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			name := e.Name.Local
			k, ok := known[name]
			if !ok || !slices.Contains(k.in, path[len(path)-1]) {
				t.Errorf("an element %s in %q", name, path)
			}
			attributes := map[string]string{}
			for _, a := range e.Attr {
				if !slices.Contains(k.attributes, a.Name.Local) {
					t.Errorf("an attribute %s of %s", a.Name.Local, name)
				}
				attributes[a.Name.Local] = a.Value
			}
			if id := attributes["classname"] + "\n" + attributes["name"]; name == "testcase" && seen[id] {
				t.Errorf("a second test %q", id)
			} else {
				seen[id] = true
			}
			for _, kind := range []string{"tests", "failures", "errors", "skipped"} {
				if n, err := strconv.Atoi(attributes[kind]); name == "testsuite" && err == nil {
					counted[kind] += n
				}
			}
			found[name]++
			path = append(path, name)
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.Comment, xml.Directive:
			t.Errorf("%T in the document", token)
		}
	}
	for kind, name := range map[string]string{"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"} {
		if counted[kind] != found[name] {
			t.Errorf("the suites tell of %d %s, there are %d", counted[kind], kind, found[name])
		}
	}
	return found
}

// TestJUnitNames: tests of one name are told apart, whatever somebody calls a file.
func TestJUnitNames(t *testing.T) {
	r := new(audit.Report)
	for _, path := range []string{"/a", "/a", "/a (2)", "/a", "/a (2) (2)", "/a (2)", "/a.\nb"} {
		r.Findings = append(r.Findings, audit.Finding{Check: "expired", Severity: rules.Error, Path: path, Component: "x.y"})
	}
	checkJUnit(t, r, Options{})
}

func TestJUnit(t *testing.T) {
	incomplete := fixture()
	incomplete.Coverage.Denied = 1
	incomplete.Findings = append(incomplete.Findings, audit.Finding{Check: "unreadable", Severity: rules.Error, Path: "/a.crt", Message: "]]>"})
	incomplete.Findings = append(incomplete.Findings, incomplete.Findings...)
	for _, r := range []*audit.Report{fixture(), inspectFixture(), incomplete, new(audit.Report)} {
		for _, failOn := range []rules.Severity{0, rules.Warning, rules.Error, rules.Error + 1} {
			checkJUnit(t, r, Options{FailOn: failOn})
		}
	}
}

// TestJUnitSchema: the schema of Jenkins holds for every document. It is of a time before
// a skipped test could say why, as all readers take it by now; that is left out for it.
func TestJUnitSchema(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("there is no xmllint in PATH (Debian: libxml2-utils) to judge by the schema")
	}
	reason := regexp.MustCompile(`<skipped message="[^"]*"`)
	for _, r := range []*audit.Report{fixture(), inspectFixture(), new(audit.Report)} {
		for _, failOn := range []rules.Severity{0, rules.Warning, rules.Error, rules.Error + 1} {
			document := render(t, "junit", r, Options{FailOn: failOn})
			lint := exec.Command(xmllint, "--noout", "--nonet", "--schema", "testdata/schemas/junit-4.xsd", "-")
			lint.Stdin = strings.NewReader(reason.ReplaceAllString(document, "<skipped"))
			if out, err := lint.CombinedOutput(); err != nil {
				t.Errorf("%v: %s\n%s", err, out, document)
			}
		}
	}
}

// TestJUnitWithoutFinding: what is not in order is not lost where the check that would
// say why was not run.
func TestJUnitWithoutFinding(t *testing.T) {
	r := &audit.Report{
		Certificates: []audit.Certificate{{Component: "etcd", Path: "/a.crt", Status: "error"}, {Component: "etcd", Path: "/b.crt", Status: "error"}},
		Keys:         []audit.Key{{Component: "etcd", Path: "/b.key", Certificate: "/b.crt", Status: "error"}},
		Connections:  []audit.Connection{{Name: "c", Presenter: audit.Endpoint{Path: "/a.crt"}, Status: "error", Reason: "it has expired"}},
		Findings: []audit.Finding{
			{Check: "outlives-ca", Severity: rules.Warning, Path: "/a.crt"},
			{Check: "key-mismatch", Severity: rules.Error, Path: "/b.crt"},
		},
	}
	checkJUnit(t, r, Options{})
	document := render(t, "junit", r, Options{})
	if n := strings.Count(document, "<skipped "); n != 2 || !strings.Contains(document, `<skipped message="it has expired">`) {
		t.Errorf("%d tests skipped:\n%s", n, document)
	}
}
