package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/diff"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// olderFixture returns the report that the fixture is compared with in the golden files.
func olderFixture() *audit.Report {
	r := fixture()
	r.At = at().AddDate(0, -1, 0)
	r.Node.Version = "v1.36.9"
	ca, server, admin := &r.Certificates[0], &r.Certificates[1], &r.Certificates[3]
	ca.FingerprintSHA256, ca.PublicKeySHA256 = strings.Repeat("a1", 32), strings.Repeat("a2", 32)
	server.FingerprintSHA256, server.SerialNumber, server.NotAfter = strings.Repeat("b1", 32), "17", server.NotAfter.AddDate(-1, 0, 0)
	server.DNSNames = server.DNSNames[:2]
	admin.FingerprintSHA256, admin.PublicKeySHA256, admin.KeyAlgorithm = strings.Repeat("c1", 32), "", "ECDSA-P256"
	r.Certificates = append(r.Certificates[:5:5], certificate("etcd", "Peer", pki+"etcd/peer.crt", hostileName, 0))
	r.Keys[0].Mode, r.Keys[1].PublicKeySHA256 = "0640", strings.Repeat("d1", 32)
	r.Connections[1].Status, r.Connections[2].Status, r.Connections[2].Reason = rules.OK, "error", hostileName
	r.Findings[2].Severity = rules.Info
	r.Findings = append(r.Findings[1:], audit.Finding{
		Check: "key-reuse", Severity: rules.Warning, Component: "etcd", Path: hostilePath, Message: "one key, two roles: " + hostileName,
	})
	r.Waived = r.Waived[:1]
	return r
}

func newerFixture() *audit.Report {
	r := fixture()
	r.Keys[1].PublicKeySHA256 = strings.Repeat("d2", 32)
	return r
}

func compared(t testing.TB, older, newer *audit.Report) *diff.Diff {
	t.Helper()
	d, err := diff.Compare(older, newer)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDiffGolden(t *testing.T) {
	d := compared(t, olderFixture(), newerFixture())
	for _, f := range DiffFormats() {
		golden(t, "diff-"+f.Name, renderIn(t, DiffFormats(), f.Name, d, Options{}))
	}
	golden(t, "diff-table-80", renderIn(t, DiffFormats(), "table", d, Options{Width: 80}))
	same := compared(t, newerFixture(), newerFixture())
	if got := renderIn(t, DiffFormats(), "table", same, Options{Width: 80}); got != "no differences\n" {
		t.Errorf("the same reports give %q", got)
	}
	if got := renderIn(t, DiffFormats(), "markdown", same, Options{}); !strings.HasPrefix(got, "## Certificates: no differences\n") {
		t.Errorf("the same reports give %q", got)
	}
	mended := compared(t, newerFixture(), newerFixture())
	mended.Keys = []diff.KeyChange{{Change: diff.Gone, Path: "/x"}}
	if got := renderIn(t, DiffFormats(), "table", mended, Options{}); !strings.HasSuffix(got, "\nnothing got worse\n") {
		t.Errorf("a key that is gone gives %q", got)
	}
}

// TestDiffObjects: what was only moved was not issued again, nor is that known of a
// request; what was inspected has no component.
func TestDiffObjects(t *testing.T) {
	path := diff.Field{Name: "path", Old: "/a.crt", New: "/b.crt"}
	tests := []struct {
		change diff.CertificateChange
		want   string
	}{
		{diff.CertificateChange{Change: diff.Changed, Component: "etcd", Type: "Server", Key: diff.SameKey, Fields: []diff.Field{path}},
			"changed: etcd  Server; path: /b.crt instead of /a.crt"},
		{diff.CertificateChange{Change: diff.Changed, Type: "Request", Key: diff.UnknownKey, Fields: []diff.Field{{Name: "isCA", Old: "false", New: "true"}}},
			"changed: Request; isCA: true instead of false"},
		{diff.CertificateChange{Change: diff.Changed, Type: "CA", Key: diff.UnknownKey, Fields: []diff.Field{{Name: "fingerprintSHA256", Old: "a", New: "b"}}},
			"changed: CA; issued again; with which key could not be told"},
		{diff.CertificateChange{Change: diff.New, Type: "Server", CommonName: "a"}, "new: Server; CN a"},
	}
	for _, tt := range tests {
		text := certificateChangeText(&tt.change)
		if got := strings.Join(append([]string{text.head}, text.rest...), "; "); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	if got := keyChangeText(&diff.KeyChange{Change: diff.Gone, Type: "Private Key"}).head; got != "gone: Private Key" {
		t.Errorf("got %q", got)
	}
}

func TestDiffWriteErrors(t *testing.T) {
	for _, f := range DiffFormats() {
		if err := f.Write(brokenWriter{}, compared(t, olderFixture(), newerFixture()), Options{}); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s returns %v for a writer that fails", f.Name, err)
		}
	}
}

func TestSchemaAcceptsDiffs(t *testing.T) {
	schema := compile(t, DiffSchema())
	inspection := inspectFixture()
	inspection.Certificates, inspection.Requests = []audit.Certificate{}, []audit.Request{}
	for _, d := range []*diff.Diff{
		compared(t, olderFixture(), newerFixture()), compared(t, newerFixture(), olderFixture()), compared(t, fixture(), fixture()),
		compared(t, inspectFixture(), inspection), compared(t, inspection, inspectFixture()),
	} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(renderIn(t, DiffFormats(), "json", d, Options{})))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Error(err)
		}
	}
}

// checkDiff reports what of a comparison is lost, forged or too wide in a format.
func checkDiff(t *testing.T, d *diff.Diff, width int) {
	t.Helper()
	checkDiffTable(t, d, width)
	checkDiffMarkdown(t, d)
	document := renderIn(t, DiffFormats(), "json", d, Options{})
	if display.Lines(document) != document {
		t.Error("hidden characters")
	}
	got := new(diff.Diff)
	if err := json.Unmarshal([]byte(document), got); err != nil {
		t.Fatal(err)
	}
	again := new(diff.Diff)
	if err := json.Unmarshal([]byte(renderIn(t, DiffFormats(), "json", got, Options{})), again); err != nil {
		t.Fatal(err)
	}
	if change := cmp.Diff(got, again); change != "" || len(got.Certificates) != len(d.Certificates) {
		t.Errorf("read back (-written +read):\n%s", change)
	}
}

func checkDiffTable(t *testing.T, d *diff.Diff, width int) {
	t.Helper()
	out := renderIn(t, DiffFormats(), "table", d, Options{Width: width})
	for _, g := range changeGroups(d) {
		for _, c := range g.changes {
			for _, text := range append([]string{display.Text(c.head), path(c.where).String()}, c.rest...) {
				if c.where == "" && text == none {
					continue
				}
				if !strings.Contains(squeeze(out), squeeze(display.Text(text))) {
					t.Errorf("%q is lost", text)
				}
			}
		}
	}
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		if strings.ContainsFunc(line, unicode.IsControl) || !utf8.ValidString(line) || strings.HasSuffix(line, " ") {
			t.Errorf("the line %q", line)
		}
		if width > 0 && columns(line) > width {
			t.Errorf("%d columns, not %d: %q", columns(line), width, line)
		}
	}
}

// checkDiffMarkdown reports lines that begin with what others wrote, and syntax in texts.
func checkDiffMarkdown(t *testing.T, d *diff.Diff) {
	t.Helper()
	page := renderIn(t, DiffFormats(), "markdown", d, Options{})
	if display.Lines(page) != page {
		t.Errorf("hidden characters:\n%s", page)
	}
	prefix := regexp.MustCompile(`^(## Certificates: |Of |\*\*Note:\*\* |### |- (\*\*(ERROR|WARNING|INFO)\*\* )?)`)
	syntax := regexp.MustCompile("&#[0-9]+;|`[@#!~$%&:/]+`")
	items := 0
	for _, line := range withoutFences(t, page) {
		if !prefix.MatchString(line) {
			t.Errorf("a line %q", line)
		}
		if strings.HasPrefix(line, "- ") {
			items++
		}
		if rest := syntax.ReplaceAllString(prefix.ReplaceAllString(line, ""), ""); strings.ContainsAny(rest, "\\`*_[]<>|@#!~$%&") {
			t.Errorf("syntax in %q", html.UnescapeString(line))
		}
	}
	want := len(d.Trust) + len(d.Findings) + len(d.Connections) + len(d.Certificates) + len(d.Keys)
	if items != want {
		t.Errorf("%d items of %d changes", items, want)
	}
}

func TestDiffFormats(t *testing.T) {
	for _, width := range widths() {
		checkDiff(t, compared(t, olderFixture(), newerFixture()), width)
		checkDiff(t, compared(t, newerFixture(), olderFixture()), width)
	}
}

// fuzzDiffs puts two texts into every place of comparisons that others may write.
func fuzzDiffs(t *testing.T, a, b string) []*diff.Diff {
	t.Helper()
	older, newer := fuzzReport(a, b), fuzzReport(b, a)
	newer.Certificates = append(newer.Certificates, certificate(a, "CA"+b, a, b, 0))
	same := fuzzReport(a, b)
	same.Certificates[1].FingerprintSHA256, same.Certificates[1].Subject.CommonName = b, b
	same.Keys[0].Mode, same.Keys[0].Source.Argument, same.Keys[0].PublicKeySHA256 = a, "service-account"+a, b
	same.Findings[1].Severity = rules.Error
	same.Connections[0].Status = rules.Status(a)
	return []*diff.Diff{compared(t, older, newer), compared(t, older, same)}
}

// FuzzDiff: whatever the texts of two reports, no format loses a change, and none has a
// line that is not its own.
func FuzzDiff(f *testing.F) {
	addSeeds(f, func(a, b string) { f.Add(a, b, uint16(80)) })
	f.Fuzz(func(t *testing.T, a, b string, width uint16) {
		if width > 0 {
			width = max(width%400, minWidth)
		}
		for _, d := range fuzzDiffs(t, a, b) {
			checkDiff(t, d, int(width))
		}
	})
}

// The place of a finding that changed is told, and none of its commands.
func TestChangesTellThePlace(t *testing.T) {
	older, newer := fixture(), fixture()
	newer.Findings = append(slices.Clone(newer.Findings), audit.Finding{
		Check: "expired", Severity: rules.Error, Component: "etcd", Path: "/x", Message: "m", Impact: "i", Fix: "f",
		Source: manifests.Source{File: "/etc/kubernetes/manifests/etcd.yaml", Line: 7, Argument: "--cert-file"},
	})
	out := renderIn(t, DiffFormats(), "table", compared(t, older, newer), Options{})
	want := fmt.Sprintf("%-9snew: expired  etcd  /x\n%9sm (at /etc/kubernetes/manifests/etcd.yaml:7 --cert-file)\n%9simpact: i\n\n", "ERROR", "", "")
	if !strings.Contains(out, want) {
		t.Errorf("there is no %q in\n%s", want, out)
	}
}
