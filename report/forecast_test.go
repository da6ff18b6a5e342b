package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

// endingCertificate returns a certificate that ends so many days after the instant of
// the fixture, and stops something then.
func endingCertificate(component, kind, path, name string, days int) audit.End {
	end := at().Add(time.Duration(days) * 24 * time.Hour)
	return audit.End{
		Component: component, Type: kind, Path: path, OtherPaths: []string{}, CommonName: name,
		NotAfter: end, SecondsLeft: int64(days) * 24 * 3600, Status: "error",
		FingerprintSHA256: strings.Repeat(fmt.Sprintf("%08x", len(path)*1000+days+1000), 8),
		Findings: []audit.Finding{{
			Check: "expired", Severity: rules.Error, Component: component, Path: path, Source: manifest(component, 42, "--tls-cert-file"),
			Message: "the certificate expired on " + instant(end), Impact: "what " + name + " does stops", Fix: "kubeadm certs renew " + component,
		}},
		Waived: []audit.Waived{},
	}
}

// forecastFixture returns the forecast that all golden files show.
func forecastFixture() *audit.Forecast {
	r := fixture()
	never := endingCertificate("kube-apiserver", "CA", pki+"ca.crt", "kubernetes", 3558)
	never.IsCA, never.Status, never.Findings = true, rules.OK, []audit.Finding{}
	return &audit.Forecast{
		APIVersion: audit.APIVersion, Kind: audit.KindForecast, At: at(), Until: at().AddDate(1, 1, 5), Root: r.Root, Node: r.Node,
		Coverage: audit.Coverage{References: 41, Examined: 37, Unreadable: 3, Unverifiable: 1, Denied: 1, TimedOut: 1, Unjudged: 2},
		Errors:   2, Dates: forecastDates(), Next: &never,
	}
}

func forecastDates() []audit.Date {
	server := endingCertificate("kube-apiserver", "Server", pki+"apiserver.crt", "kube-apiserver", 343)
	server.OtherPaths = []string{"/srv/copy-of-apiserver.crt", hostilePath}
	ca := endingCertificate("etcd", "CA (Etcd)", pki+"etcd/ca.crt", "etcd-ca", 343)
	ca.IsCA = true
	kubelet := endingCertificate("kubelet", "Client (Kubelet)", "/var/lib/kubelet/pki/kubelet-client-current.pem", "system:node:cp-1", 343)
	kubelet.Renewal, kubelet.Status, kubelet.Findings = "the kubelet renews it by itself", rules.OK, []audit.Finding{}
	put := endingCertificate("kubectl", "Client (Admin)", "/etc/kubernetes/admin.conf", "kubernetes-admin", 343)
	put.Embedded, put.Status = "user kubernetes-admin", rules.OK
	put.Waived = []audit.Waived{{Finding: put.Findings[0], Waiver: fixtureWaived()[0].Waiver}}
	put.Findings = []audit.Finding{}
	hostile := endingCertificate(hostileFormula, hostileName, hostilePath, hostileBytes, 20)
	hostile.Findings[0].Fix = "true # " + hostileName
	nothing := endingCertificate("etcd", "Chain", pki+"etcd/server.crt", "x", 20)
	nothing.Findings, nothing.Status = []audit.Finding{}, rules.OK
	unjudged := endingCertificate("kube-scheduler", "Client", "/etc/kubernetes/scheduler.conf", "system:kube-scheduler", 380)
	unjudged.Findings, unjudged.Status = []audit.Finding{}, rules.OK
	ended := endingCertificate("etcd", "Peer", pki+"etcd/peer.crt", "cp-1", -3)
	return []audit.Date{
		forecastDate(func(d *audit.Date) { d.Ended, d.Status, d.Fix = true, "error", "kubeadm certs renew etcd-peer" }, ended),
		forecastDate(func(d *audit.Date) {
			d.Status, d.Fix, d.Findings = "error", "true # "+hostileName, fixtureFindings()[1:2]
		}, hostile, nothing),
		forecastDate(func(d *audit.Date) {
			d.Status, d.Fix, d.Waived = "error", "kubeadm certs renew apiserver\nkubeadm certs renew etcd-server", fixtureWaived()
		}, server, ca, kubelet, put),
		forecastDate(func(d *audit.Date) { d.Judged = false }, unjudged),
	}
}

func forecastDate(edit func(*audit.Date), ends ...audit.End) audit.Date {
	d := audit.Date{
		Day: ends[0].NotAfter.Format(time.DateOnly), Judged: true, Status: rules.OK, Ends: ends, Findings: []audit.Finding{}, Waived: []audit.Waived{},
	}
	edit(&d)
	return d
}

// emptyForecast returns that of a node of which nothing ends.
func emptyForecast() *audit.Forecast {
	return &audit.Forecast{APIVersion: audit.APIVersion, Kind: audit.KindForecast, At: at(), Until: at().AddDate(1, 0, 0), Dates: []audit.Date{}}
}

// renderIn returns a value in one of its formats.
func renderIn[T any](t testing.TB, formats []FormatOf[T], format string, value *T, o Options) string {
	t.Helper()
	f, err := LookupIn(formats, format)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out, value, o); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return out.String()
}

func renderForecast(t testing.TB, format string, f *audit.Forecast, width int) string {
	t.Helper()
	return renderIn(t, ForecastFormats(), format, f, Options{Width: width})
}

func TestForecastGolden(t *testing.T) {
	for _, f := range ForecastFormats() {
		golden(t, "forecast-"+f.Name, renderForecast(t, f.Name, forecastFixture(), 0))
	}
	for _, width := range []int{80, 200} {
		golden(t, fmt.Sprintf("forecast-table-%d", width), renderForecast(t, "table", forecastFixture(), width))
	}
	golden(t, "forecast-table-empty", renderForecast(t, "table", emptyForecast(), 80))
	golden(t, "forecast-ics-empty", renderForecast(t, "ics", emptyForecast(), 0))
}

// One file may be missed in many places: what is counted are those.
func TestForecastGaps(t *testing.T) {
	for _, tt := range []struct {
		coverage audit.Coverage
		want     string
	}{
		{audit.Coverage{References: 9, Examined: 9}, ""},
		{audit.Coverage{Unreadable: 5}, "5 references to damaged or missing files"},
		{audit.Coverage{Unreadable: 3, Denied: 1, TimedOut: 1, Unverifiable: 1},
			"1 file not read for lack of permission; 1 file not read in time; 1 reference to damaged or missing files; 1 reference to files that are not on this node"},
		{audit.Coverage{Unreadable: 1, Denied: 2}, "2 files not read for lack of permission"},
	} {
		if got := strings.Join(forecastGaps(&audit.Forecast{Coverage: tt.coverage}), "; "); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.coverage, got, tt.want)
		}
	}
}

func TestForecastWriteErrors(t *testing.T) {
	for _, f := range ForecastFormats() {
		if err := f.Write(brokenWriter{}, forecastFixture(), Options{}); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s returns %v for a writer that fails", f.Name, err)
		}
	}
}

// checkForecast reports what of a forecast is lost, forged or too wide in a format.
func checkForecast(t *testing.T, f *audit.Forecast, width int) {
	t.Helper()
	checkForecastTable(t, f, width)
	checkForecastJSON(t, f)
	rows, err := csv.NewReader(strings.NewReader(renderForecast(t, "csv", f, 0))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	ends := 0
	for i := range f.Dates {
		for j := range f.Dates[i].Ends {
			ends++
			if diff := cmp.Diff(csvEnd(&f.Dates[i], &f.Dates[i].Ends[j]), rows[ends]); diff != "" {
				t.Errorf("row %d (-want +got):\n%s", ends, diff)
			}
			for _, field := range rows[ends] {
				if strings.IndexAny(field, "=+-@\t\r") == 0 || strings.ContainsAny(field, "\r\n") {
					t.Errorf("row %d has the cell %q", ends, field)
				}
			}
		}
	}
	if len(rows) != ends+1 {
		t.Errorf("%d rows for %d ends", len(rows), ends)
	}
	checkCalendar(t, f)
}

func checkForecastTable(t *testing.T, f *audit.Forecast, width int) {
	t.Helper()
	out := renderForecast(t, "table", f, width)
	fixes := map[string]bool{}
	for i := range f.Dates {
		for line := range strings.Lines(display.Lines(f.Dates[i].Fix)) {
			fixes[strings.TrimRight("    "+line, " \n")] = true
		}
		for _, e := range f.Dates[i].Ends {
			if !strings.Contains(squeeze(out), squeeze(path(e.Path).String())) {
				t.Errorf("the path %q is lost", e.Path)
			}
		}
	}
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		if strings.ContainsFunc(line, unicode.IsControl) || !utf8.ValidString(line) || strings.HasSuffix(line, " ") {
			t.Errorf("the line %q", line)
		}
		if width > 0 && columns(line) > width && !fixes[line] {
			t.Errorf("%d columns, not %d: %q", columns(line), width, line)
		}
	}
}

// checkForecastJSON reports a document that does not keep its value, or that holds
// characters which are not to be seen.
func checkForecastJSON(t *testing.T, f *audit.Forecast) {
	t.Helper()
	document := renderForecast(t, "json", f, 0)
	if display.Lines(document) != document {
		t.Error("hidden characters")
	}
	got := decodeForecast(t, document)
	if diff := cmp.Diff(got, decodeForecast(t, renderForecast(t, "json", got, 0)), cmpopts.IgnoreUnexported(audit.End{})); diff != "" || len(got.Dates) != len(f.Dates) {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
}

// decodeForecast reads a document back, refusing fields that a forecast has not.
func decodeForecast(t *testing.T, document string) *audit.Forecast {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(document))
	d.DisallowUnknownFields()
	f := new(audit.Forecast)
	if err := d.Decode(f); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestForecastFormats(t *testing.T) {
	for _, width := range widths() {
		checkForecast(t, forecastFixture(), width)
	}
	checkForecast(t, emptyForecast(), 80)
}

func TestForecastLeavesTheValueAlone(t *testing.T) {
	f := forecastFixture()
	for _, format := range ForecastFormats() {
		renderForecast(t, format.Name, f, 80)
	}
	want, got := renderForecast(t, "json", forecastFixture(), 0), renderForecast(t, "json", f, 0)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changed (-want +got):\n%s", diff)
	}
}

// fuzzForecast puts two texts into every place that others may write.
func fuzzForecast(a, b string) *audit.Forecast {
	finding := audit.Finding{Check: a, Severity: rules.Error, Component: b, Path: a, Message: b, Impact: a, Fix: b}
	put := audit.Waived{Finding: finding, Waiver: audit.Waiver{Reason: b, Expires: a}}
	end := audit.End{
		Component: a, Type: b, Path: b, Embedded: a, OtherPaths: []string{a}, CommonName: b, NotAfter: at(), Status: "error",
		FingerprintSHA256: strings.Repeat("0", 64), Findings: []audit.Finding{finding}, Waived: []audit.Waived{put},
	}
	renewed := end
	renewed.Renewal, renewed.Findings = a, []audit.Finding{}
	return &audit.Forecast{
		At: at(), Until: at(), Root: a, Node: audit.Node{Name: b, Layout: a, Evidence: b, Version: a}, Next: &end,
		Dates: []audit.Date{{
			Day: "2026-12-15", Judged: true, Status: "error", Ends: []audit.End{end, renewed}, Findings: []audit.Finding{finding},
			Waived: []audit.Waived{put}, Fix: b,
		}},
	}
}

// FuzzForecast: whatever the texts, no format loses a certificate, and none has a
// line, a cell or a property that is not its own.
func FuzzForecast(f *testing.F) {
	addSeeds(f, func(a, b string) { f.Add(a, b, uint16(80)) })
	f.Add("x\r\nEND:VEVENT\r\nBEGIN:VEVENT", `a;b,c\nEND:VCALENDAR`, uint16(60))
	f.Fuzz(func(t *testing.T, a, b string, width uint16) {
		if width > 0 {
			width = max(width%400, minWidth)
		}
		checkForecast(t, fuzzForecast(a, b), int(width))
	})
}
