package report

import (
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

// sample is one line of metrics.
type sample struct {
	name   string
	labels map[string]string
	value  string
}

// parseMetrics reads metrics more strictly than Prometheus does: any line that
// this program does not mean to write is a fault.
func parseMetrics(t *testing.T, text string) []sample {
	t.Helper()
	if !utf8.ValidString(text) || !strings.HasSuffix(text, "\n") {
		t.Error("not valid UTF-8, or no end of the last line")
	}
	const name = `([a-z_][a-z0-9_]*)`
	help := regexp.MustCompile(`^# HELP ` + name + ` [A-Za-z, ]+$`)
	kind := regexp.MustCompile(`^# TYPE ` + name + ` gauge$`)
	value := regexp.MustCompile(`^` + name + `(?:\{(.*)\})? (-?[0-9]+)$`)
	var all []sample
	family, seen := "", map[string]bool{}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		if m := help.FindStringSubmatch(lines[i]); m != nil {
			i++
			next := kind.FindStringSubmatch(lines[i])
			if next == nil || next[1] != m[1] || seen[m[1]] {
				t.Fatalf("no type, or a second one, of %s: %q", m[1], lines[i])
			}
			family, seen[m[1]] = m[1], true
			continue
		}
		m := value.FindStringSubmatch(lines[i])
		if m == nil || m[1] != family {
			t.Fatalf("line %d is no sample of %s: %q", i, family, lines[i])
		}
		if seen[m[1]+m[2]+"{"] {
			t.Fatalf("line %d stands there twice: %q", i, lines[i])
		}
		seen[m[1]+m[2]+"{"] = true
		all = append(all, sample{m[1], parseLabels(t, m[2]), m[3]})
	}
	return all
}

// parseLabels reads what stands between the braces.
func parseLabels(t *testing.T, text string) map[string]string {
	t.Helper()
	pair := regexp.MustCompile(`^([a-zA-Z_]+)="((?:[^"\\]|\\\\|\\"|\\n)*)"(,|$)`)
	all := map[string]string{}
	for text != "" {
		m := pair.FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("no label: %q", text)
		}
		if _, twice := all[m[1]]; twice || m[2] == "" {
			t.Errorf("the label %s is empty, or stands there twice", m[1])
		}
		all[m[1]] = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace(m[2])
		if shown := display.Text(all[m[1]]); shown != all[m[1]] || len(shown) > maxLabelValue {
			t.Errorf("the label %s has hidden characters, or is too long: %s", m[1], shown)
		}
		text = strings.TrimPrefix(text, m[0])
	}
	return all
}

// checkMetrics reads metrics back and reports certificates that are lost.
func checkMetrics(t *testing.T, r *audit.Report) {
	t.Helper()
	ends := map[string]bool{}
	for _, s := range parseMetrics(t, render(t, "prometheus", r, Options{})) {
		if s.name == "x509_cert_not_after" {
			ends[s.labels["filepath"]+" "+s.labels["subject_CN"]+" "+s.value] = true
		}
	}
	for _, c := range r.Certificates {
		want := fmt.Sprintf("%s %s %d", shorten(display.Text(c.Path), maxLabelValue),
			shorten(display.Text(c.Subject.CommonName), maxLabelValue), c.NotAfter.Unix())
		if !ends[want] {
			t.Errorf("no metric of %s", want)
		}
	}
}

func TestPrometheus(t *testing.T) {
	checkMetrics(t, fixture())
	checkMetrics(t, inspectFixture())
}

// TestPrometheusNames holds the metrics to those of x509-certificate-exporter, of
// which the dashboard (Grafana 13922) and the alerts are to work unchanged, and all
// others to the prefix of the program.
func TestPrometheusNames(t *testing.T) {
	known := []string{"x509_cert_not_after", "x509_cert_not_before", "x509_cert_expired"}
	labels := []string{
		"filename", "filepath", "serial_number", "embedded_kind", "embedded_key", "discriminator",
		"subject_C", "subject_ST", "subject_L", "subject_O", "subject_OU", "subject_CN",
		"issuer_C", "issuer_ST", "issuer_L", "issuer_O", "issuer_OU", "issuer_CN",
	}
	r := fixture()
	c := fixtureCertificates()[0] // another one of the same names
	c.FingerprintSHA256 = "0123456789abcdef"
	c.Subject.Country, c.Subject.Province, c.Subject.Locality = "DE", "Bavaria", "Munich"
	c.Subject.Organizations, c.Subject.OrganizationalUnits = []string{"first", "second"}, []string{"unit"}
	r.Certificates = append(r.Certificates, c, c)
	c.FingerprintSHA256 = "fedcba9876543210"
	r.Certificates = append(r.Certificates, c)
	used := map[string]bool{}
	for _, s := range parseMetrics(t, render(t, "prometheus", r, Options{})) {
		if strings.HasPrefix(s.name, "kube_cert_audit_") {
			continue
		}
		if !slices.Contains(known, s.name) {
			t.Errorf("there is a metric %s", s.name)
		}
		used[s.name] = true
		for name := range s.labels {
			used[name] = true
			if !slices.Contains(labels, name) {
				t.Errorf("%s has a label %s", s.name, name)
			}
		}
	}
	for _, name := range slices.Concat(known, labels) {
		if !used[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

func TestCertificateLabels(t *testing.T) {
	admin := fixtureCertificates()[3]
	admin.Subject.Organizations = admin.Subject.Organizations[:1]
	tests := []struct {
		certificate audit.Certificate
		want        string
	}{
		{
			fixtureCertificates()[0],
			`{filename="ca.crt",filepath="/etc/kubernetes/pki/ca.crt",issuer_CN="kubernetes",` +
				`serial_number="6723849571203948571",subject_CN="kubernetes"}`,
		},
		{
			admin,
			`{embedded_key="kubernetes-admin",embedded_kind="user",filename="admin.conf",filepath="/etc/kubernetes/admin.conf",` +
				`issuer_CN="kubernetes",serial_number="6723849571203948571",subject_CN="kubernetes-admin",` +
				`subject_O="kubeadm:cluster-admins",subject_OU="system:masters"}`,
		},
		{audit.Certificate{Path: `a"b\c`, SerialNumber: "1"}, `{filename="a\"b\\c",filepath="a\"b\\c",serial_number="1"}`},
		{audit.Certificate{}, ""},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, certificateLabels(&tt.certificate, "")); diff != "" {
			t.Errorf("labels (-want +got):\n%s", diff)
		}
	}
}

// TestManyMetrics: of too many certificates, those that end first have metrics.
func TestManyMetrics(t *testing.T) {
	r := fixture()
	r.Certificates = nil
	for n := range maxMetrics + 7 {
		c := fixtureCertificates()[0]
		c.Path, c.NotAfter = fmt.Sprintf("/%d", n), at().AddDate(0, 0, -n)
		r.Certificates = append(r.Certificates, c)
	}
	counts, left := map[string]int{}, ""
	for _, s := range parseMetrics(t, render(t, "prometheus", r, Options{})) {
		counts[s.name]++
		if s.labels["filepath"] == "/6" {
			t.Errorf("%s has a series of what ends last", s.name)
		}
		if s.name == "kube_cert_audit_truncated" {
			left = s.value
		}
	}
	if counts["x509_cert_not_after"] != maxMetrics || left != "7" {
		t.Errorf("%d certificates, and %s left out", counts["x509_cert_not_after"], left)
	}
}

// TestFindingsEnd: each check has a series of each severity, which the user may give
// it, so that none ends with its findings.
func TestFindingsEnd(t *testing.T) {
	values := map[string]string{}
	for _, s := range parseMetrics(t, render(t, "prometheus", new(audit.Report), Options{})) {
		if s.name == "kube_cert_audit_findings" {
			values[s.labels["rule"]+" "+s.labels["severity"]] = s.value
		}
	}
	for _, c := range rules.Checks() {
		for _, severity := range []string{"info", "warning", "error"} {
			if got := values[c.ID+" "+severity]; got != "0" {
				t.Errorf("%s of %s: %q findings", c.ID, severity, got)
			}
		}
	}
}

func TestIncompleteRunIsTold(t *testing.T) {
	for _, c := range []audit.Coverage{{Denied: 1}, {TimedOut: 1}, {Unjudged: 1}, {}} {
		r := fixture()
		r.Coverage = c
		want := strconv.FormatInt(number(c == audit.Coverage{}), 10)
		if text := render(t, "prometheus", r, Options{}); !strings.Contains(text, "\nkube_cert_audit_last_run_success "+want+"\n") {
			t.Errorf("%+v: no success of %s", c, want)
		}
	}
}

// TestPromtool: the tool of Prometheus has nothing to say against the metrics.
func TestPromtool(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("there is no promtool in PATH (Debian: prometheus) to check the metrics with")
	}
	for _, r := range []*audit.Report{fixture(), inspectFixture(), new(audit.Report)} {
		command := exec.Command(promtool, "check", "metrics")
		command.Stdin = strings.NewReader(render(t, "prometheus", r, Options{}))
		if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%v: %s", err, out)
		}
	}
}
