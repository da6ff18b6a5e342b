package main

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"kube-cert-audit/internal/display"
	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/report"
)

// hostileText steers a terminal, hides and turns around what follows, forges
// lines, commands of a CI system and formulas.
const hostileText = "=1+1\x1b]52;c;Zm9v\a\x1b[2J\r\n::error::x\u202e\u200b\u0085\u2028\x7f\ufeff\U000e0041</script>|`x`"

// hostileASCII is as much of it as stands in names of hosts.
const hostileASCII = "=1+1\x1b[2J\r\n::error::x\x7f"

// hostileYAML is as much of it as the library writes that makes manifests.
const hostileYAML = "=1+1\x1b]52;c;Zm9v\a\x1b[2J\r\n::error::x\u202e\u200b\u2028\U000e0041</script>|`x`"

// hostilePath is the path of a file that exists.
const hostilePath = "/etc/kubernetes/pki/=x\x1b[2J\n\u202e\u200b.crt"

// hostileNode has such texts in all that others may write.
func hostileNode(t *testing.T) string {
	t.Helper()
	s := pkitest.Hardened(made())
	for _, c := range s.Certificates {
		c.Template.Subject.CommonName += hostileText
		c.Template.Subject.Organization = append(c.Template.Subject.Organization, hostileText, "@x")
		c.Template.Subject.OrganizationalUnit = []string{hostileText}
		c.Template.DNSNames = append(c.Template.DNSNames, hostileASCII)
		c.Template.EmailAddresses = []string{hostileASCII}
	}
	s.Cert("apiserver").CertPath = hostilePath
	api := s.Pod("kube-apiserver")
	api.SetFlag("tls-cert-file", hostilePath)
	api.AddFlag("service-account-key-file", "/etc/kubernetes/pki/missing"+hostileYAML)
	api.AddFlag("oidc-ca-file", "/image"+hostileYAML)
	api.SetFlag("requestheader-allowed-names", "a"+hostileYAML)
	api.AddFlag("advertise-address", hostileYAML)
	api.Image = "x/kube-apiserver:v1" + hostileYAML
	api.Mounts = append(api.Mounts, pkitest.Mount{Name: "v" + hostileYAML, MountPath: "/volume" + hostileYAML})
	api.SetFlag("etcd-certfile", "/volume"+hostileYAML+"/x")
	s.Pod("kube-scheduler").SetFlag("tls-cert-file", "/etc/kubernetes/pki/scheduler"+hostileYAML)
	s.Kubelet.Config["clusterDomain"] = hostileYAML
	for _, k := range s.Kubeconfigs {
		k.UserName, k.ClusterName = hostileYAML, hostileYAML
		k.Server += "/" + hostileYAML
	}
	s.Kubeconfig("scheduler.conf").TLSServerName = hostileYAML
	return writeNode(t, s, func(tree *pkitest.Tree) {
		for path, text := range map[string]string{
			"/etc/hostname": hostileText,
			"/etc/kubernetes/manifests/x" + hostileASCII:   "kind: Pod\n[",
			"/etc/kubernetes/x" + hostileASCII + ".conf":   "kind: Config\n[",
			"/etc/kubernetes/manifests/dup":                string(tree.Files["/etc/kubernetes/manifests/etcd.yaml"].Data),
			"/etc/kubernetes/pki/front-proxy-client.crt":   "-----BEGIN " + hostileText + "-----\n",
			"/etc/default/kubelet":                         "KUBELET_EXTRA_ARGS='--hostname-override=" + hostileText + "'\n",
			"/etc/kubernetes/manifests/kind":               "kind: \"\\e[2J\\u202e\"\netcd: x\n",
			"/etc/kubernetes/kind.conf":                    "kind: \"\\e[2J\\u202e\"\n",
			"/var/lib/kubelet/kubeadm-flags.env":           "KUBELET_KUBEADM_ARGS=\"--config-dir=" + hostileASCII + "\"\n",
			"/etc/kubernetes/manifests/\xffkube-apiserver": "\xff",
		} {
			tree.Files[path] = &pkitest.File{Data: []byte(text), Mode: 0o600}
		}
	})
}

// checkShown fails where a text has anything but visible characters, plain
// spaces and ends of lines.
func checkShown(t *testing.T, what, text string) {
	t.Helper()
	if shown := display.Lines(text); shown != text {
		at := 0
		for at < len(text) && at < len(shown) && text[at] == shown[at] {
			at++
		}
		t.Errorf("%s: hidden characters behind %q", what, text[max(0, at-60):at+1])
	}
}

// No name of a certificate, file, argument or entry gets out as it is, in any
// format.
func TestHostileNames(t *testing.T) {
	root := hostileNode(t)
	moved := filepath.Join(t.TempDir(), "root\x1b[2J\u202e\n")
	if err := os.Rename(root, moved); err != nil {
		t.Fatal(err)
	}
	for _, format := range report.Formats() {
		r := finish(t, program(t, "audit", "--root", moved, "--output", format.Name, "--node-name", hostileText))
		if r.code != exitError || strings.Count(r.stdout, "error::x") < 20 {
			t.Errorf("%s: exit code %d, %d names: %s", format.Name, r.code, strings.Count(r.stdout, "error::x"), r.stderr)
		}
		checkShown(t, format.Name, r.stdout)
		checkShown(t, format.Name+", errors", r.stderr)
		checkForgery(t, format.Name, r.stdout)
	}
	r := finish(t, program(t, "plan", "--root", moved, "--node-name", hostileText))
	if r.code != exitError || strings.Count(r.stdout, "error::x") < 20 {
		t.Errorf("plan: exit code %d, %d names: %s", r.code, strings.Count(r.stdout, "error::x"), r.stderr)
	}
	checkShown(t, "plan", r.stdout)
	requireReadable(t, r.stdout)
	for _, args := range [][]string{{"audit", "--root", moved, "--color", "always"}, {"inspect", "--color", "always", moved}} {
		r := finish(t, program(t, args...))
		checkShown(t, "in colours", regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(r.stdout, ""))
		checkShown(t, "errors", r.stderr)
	}
}

// The same holds for the calendar.
func TestHostileNamesForecast(t *testing.T) {
	root := hostileNode(t)
	for _, format := range report.ForecastFormats() {
		r := finish(t, program(t, "forecast", "--root", root, "--horizon", "2060-01-01", "--output", format.Name, "--node-name", hostileText))
		if r.code != exitOK || strings.Count(r.stdout, "error::x") < 5 {
			t.Errorf("%s: exit code %d, %d names: %s", format.Name, r.code, strings.Count(r.stdout, "error::x"), r.stderr)
		}
		checkShown(t, format.Name, strings.ReplaceAll(r.stdout, "\r\n", "\n"))
		checkShown(t, format.Name+", errors", r.stderr)
		checkForgery(t, format.Name, r.stdout)
	}
}

// emptyReport is a report of nothing.
const emptyReport = `{"apiVersion":"kube-cert-audit/v1","kind":"AuditReport","at":"2026-12-15T00:00:00Z","coverage":{},
	"certificates":[],"keys":[],"connections":[],"findings":[]}`

// The same holds for comparisons, also of reports that this program did not write.
func TestHostileNamesCompared(t *testing.T) {
	text, err := json.Marshal(hostileText)
	if err != nil {
		t.Fatal(err)
	}
	const place = `"component":T,"path":T,"source":{"file":T,"argument":T}`
	forged := strings.ReplaceAll(`{"apiVersion":"kube-cert-audit/v1","kind":"AuditReport","at":null,"coverage":{},"node":{"name":T,"layout":T,"version":T},
		"certificates":[{"type":"CA",`+place+`,"subject":{"commonName":T},"dnsNames":[T],"fingerprintSHA256":T}],
		"keys":[{"type":T,"algorithm":T,"mode":T,`+place+`}],"connections":[{"name":T,"status":T,"reason":T,"presenter":{`+place+`}}],
		"findings":[{"check":T,"severity":"error","message":T,"impact":T,"fix":T,`+place+`}]}`, "T", string(text))
	whole := writeFile(t, "whole.json", finish(t, program(t, "audit", "--root", hostileNode(t), "--output", "json")).stdout)
	nothing := writeFile(t, "nothing.json", emptyReport)
	for _, file := range []string{whole, writeFile(t, "forged\x1b[2J.json", forged)} {
		for _, format := range report.DiffFormats() {
			for _, args := range [][]string{{nothing, file}, {file, nothing}} {
				r := finish(t, program(t, append([]string{"diff", "--output", format.Name}, args...)...))
				if r.code == exitNotAudited || strings.Count(r.stdout, "error::x") < 8 {
					t.Errorf("%s: exit code %d, %d names: %s", format.Name, r.code, strings.Count(r.stdout, "error::x"), r.stderr)
				}
				checkShown(t, format.Name, r.stdout)
				checkShown(t, format.Name+", errors", r.stderr)
				checkForgery(t, format.Name, r.stdout)
			}
		}
	}
	wrong := writeFile(t, "wrong\x1b[2J.json", strings.ReplaceAll(`{"apiVersion":T,"kind":T}`, "T", string(text)))
	r := finish(t, program(t, "diff", wrong, whole))
	if r.code != exitNotAudited || !strings.Contains(r.stderr, "its apiVersion is") {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	checkShown(t, "errors", r.stdout+r.stderr)
}

// ofFindings returns the formats that name no certificate of which there is nothing
// to say.
func ofFindings() []string { return []string{"nagios", "sarif", "github", "gitlab", "csv-findings"} }

// The same holds for what inspect finds.
func TestHostileNamesInspected(t *testing.T) {
	root := hostileNode(t)
	for _, format := range report.Formats() {
		r := finish(t, program(t, "inspect", "--output", format.Name, root+"/etc", root+"/missing"+hostileText))
		least := 10
		if slices.Contains(ofFindings(), format.Name) {
			least = 2
		}
		if strings.Count(r.stdout, "error::x") < least {
			t.Errorf("%s: exit code %d, %d names: %s", format.Name, r.code, strings.Count(r.stdout, "error::x"), r.stderr)
		}
		checkShown(t, format.Name, r.stdout)
		checkShown(t, format.Name+", errors", r.stderr)
		checkForgery(t, format.Name, r.stdout)
	}
}

// checkForgery reads an output back.
func checkForgery(t *testing.T, format, text string) {
	t.Helper()
	var into any
	switch format {
	case "json", "sarif", "gitlab":
		if err := json.Unmarshal([]byte(text), &into); err != nil {
			t.Error(err)
		}
	case "yaml":
		if err := yaml.UnmarshalStrict([]byte(text), &into); err != nil {
			t.Error(err)
		}
	case "csv", "csv-findings":
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Error(err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if strings.IndexAny(cell, "=+-@\t\r") == 0 {
					t.Errorf("a formula: %q", cell)
				}
			}
		}
	case "prometheus":
		line := regexp.MustCompile(`^(# (HELP|TYPE) [a-z0-9_]+ [A-Za-z, ]+|[a-z0-9_]+(\{([a-zA-Z_]+="([^"\\]|\\\\|\\")+",?)+\})? -?[0-9]+)\n$`)
		for l := range strings.Lines(text) {
			if !line.MatchString(l) {
				t.Errorf("no metric: %q", l)
			}
		}
	case "junit":
		known := []string{"testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out"}
		for d := xml.NewDecoder(strings.NewReader(text)); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := token.(xml.StartElement); ok && !slices.Contains(known, e.Name.Local) {
				t.Errorf("an element %s", e.Name.Local)
			}
		}
	case "html":
		// All that is not ours is text: neither a tag nor the end of a quoted attribute.
		element := regexp.MustCompile(`^/?[a-zA-Z0-9]+( [a-zA-Z-]+(="[^"<>]*")?)*/?>|^!DOCTYPE html>`)
		_, body, _ := strings.Cut(text, "</style>")
		body, _, _ = strings.Cut(body, "<script>")
		for i, part := range strings.Split(body, "<") {
			if i > 0 && !element.MatchString(part) {
				t.Errorf("no element of ours: %q", part)
			}
		}
		if strings.Contains(strings.ToLower(body), "<script") || strings.Contains(body, "<style") {
			t.Error("a script or a style")
		}
	case "github":
		command := regexp.MustCompile(`^::(error|warning|notice) title=[^:,]*::.*\n$`)
		for line := range strings.Lines(text) {
			if !command.MatchString(line) {
				t.Errorf("no command of ours: %q", line)
			}
		}
	case "ics":
		property := regexp.MustCompile(`^(BEGIN:V[A-Z]+|END:V[A-Z]+|[A-Z-]+:.*| .*)\r\n$`)
		for line := range strings.Lines(text) {
			if len(line) > 77 || !property.MatchString(line) || strings.HasPrefix(line, "BEGIN:") && !strings.Contains("VCALENDAR VEVENT VALARM", strings.TrimSpace(line[6:])) {
				t.Errorf("no line of a calendar: %q", line)
			}
		}
	case "nagios":
		if strings.Count(text, "|") != 1 || strings.Contains(text, "<") {
			t.Errorf("no performance data, or more than once, or a tag:\n%s", text)
		}
	default:
		for line := range strings.Lines(text) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") {
				t.Errorf("a command of a CI system: %q", line)
			}
		}
	}
}

// Nor does what stands on the command line, or in a variable, in an error.
func TestHostileArguments(t *testing.T) {
	for _, args := range [][]string{
		{hostileText}, {"--" + hostileText}, {"audit", hostileText}, {"audit", "--" + hostileText}, {"help", hostileText},
		{"audit", "--root", hostileText}, {"audit", "--root", t.TempDir(), "--at", hostileText}, {"audit", "--output", hostileText},
		{"audit", "--output", "json=" + hostileText + "/x"}, {"audit", "--check", hostileText}, {"audit", "--skip", hostileText},
		{"audit", "--warn-within", hostileText}, {"audit", "--fail-on", hostileText}, {"audit", "--color", hostileText},
		{"audit", "--timeout", hostileText}, {"audit", "--rules", hostileText}, {"rules", "--output", hostileText},
		{"explain", hostileText}, {"explain", "--layout", hostileText}, {"completion", hostileText}, {"schema", hostileText}, {"demo", "--keep", hostileText + "/x/y"}, {"version", hostileText},
		{"diff", hostileText, hostileText}, {"diff", "--output", hostileText, "a", "b"},
		{"forecast", "--horizon", hostileText}, {"forecast", "--output", hostileText}, {"forecast", "--root", hostileText},
	} {
		r := finish(t, program(t, args...))
		if r.code != exitNotAudited || r.stderr == "" {
			t.Errorf("%q: exit code %d, %q", args, r.code, r.stderr)
		}
		checkShown(t, strings.Join(args, " "), r.stdout+r.stderr)
	}
	command := program(t, "audit")
	command.Env = append(os.Environ(), "KUBE_CERT_AUDIT_AT="+hostileText)
	checkShown(t, "variable", finish(t, command).stderr)
}
