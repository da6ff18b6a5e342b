package diff

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/audit"
	"kube-cert-audit/rules"
)

func at() time.Time { return time.Date(2026, 12, 15, 0, 0, 0, 0, time.UTC) }

// digest returns what stands for the digest of a name.
func digest(name string) string { return strings.Repeat(name, 64)[:64] }

func certificate(component, kind, path, name, serial, key string) audit.Certificate {
	return audit.Certificate{
		Component: component, Type: kind, Path: path, Subject: audit.Name{CommonName: name}, Issuer: audit.Name{CommonName: "kubernetes"},
		SerialNumber: serial, NotBefore: at().AddDate(-1, 0, 0), NotAfter: at().AddDate(1, 0, 0), KeyAlgorithm: "RSA-2048",
		FingerprintSHA256: digest(name + serial + key), PublicKeySHA256: digest(key), Status: rules.OK,
	}
}

func serviceAccountKey(component, path, argument, name string) audit.Key {
	return audit.Key{
		Component: component, Type: "Private Key", Path: path, Source: audit.Source{File: "m", Argument: argument}, Algorithm: "RSA", Bits: 2048,
		Private: true, Mode: "0600", PublicKeySHA256: digest(name),
	}
}

func finding(check string, severity rules.Severity, path string) audit.Finding {
	return audit.Finding{Check: check, Severity: severity, Component: "etcd", Path: path, Message: check + " of " + path}
}

const (
	caPath  = "/pki/ca.crt"
	apiPath = "/pki/apiserver.crt"
)

// healthy returns the report that the tests change.
func healthy() *audit.Report {
	end := audit.Endpoint{Component: "kube-apiserver", Path: apiPath}
	return &audit.Report{
		APIVersion: audit.APIVersion, Kind: audit.Kind, At: at(), Root: "/", Node: audit.Node{Name: "cp-1", Layout: "kubeadm", Version: "v1.37.2"},
		Certificates: []audit.Certificate{
			certificate("kube-apiserver", "CA", caPath, "kubernetes", "1", "ca"),
			certificate("kubelet", "CA", caPath, "kubernetes", "1", "ca"),
			certificate("kube-apiserver", "Server", apiPath, "kube-apiserver", "2", "api"),
		},
		Keys: []audit.Key{
			serviceAccountKey("kube-apiserver", "/pki/sa.pub", "--service-account-key-file", "sa"),
			serviceAccountKey("kube-apiserver", "/pki/sa.key", "--service-account-signing-key-file", "sa"),
			serviceAccountKey("kube-apiserver", "/pki/apiserver.key", "--tls-private-key-file", "api"),
		},
		Connections: []audit.Connection{{Name: "kubelet-to-apiserver", Presenter: end, Verifier: end, Usage: "server", Status: rules.OK}},
		Findings:    []audit.Finding{finding("key-reuse", rules.Warning, "/a"), finding("common-name", rules.Info, "/b")},
		Waived:      []audit.Waived{{Finding: finding("weak-key", rules.Error, "/c")}},
	}
}

// told returns a comparison in short, a line for each change.
func told(d *Diff) []string {
	var all []string
	for _, t := range d.Trust {
		all = append(all, strings.Join([]string{"trust", t.Kind, string(t.Change), t.Severity.String(), string(t.Key), strings.Join(t.Paths, ",")}, " "))
	}
	for _, f := range d.Findings {
		all = append(all, strings.Join([]string{"finding", string(f.Change), f.Before, f.After, f.Finding.Check, f.Finding.Path}, " "))
	}
	for _, c := range d.Connections {
		all = append(all, strings.Join([]string{"connection", string(c.Change), string(c.Before), string(c.After), c.Connection.Name}, " "))
	}
	for _, c := range d.Certificates {
		all = append(all, strings.Join([]string{"certificate", string(c.Change), c.Type, c.Path, string(c.Key), fieldNames(c.Fields)}, " "))
	}
	for _, k := range d.Keys {
		all = append(all, strings.Join([]string{"key", string(k.Change), k.Path, string(k.Key), fieldNames(k.Fields)}, " "))
	}
	return all
}

func fieldNames(fields []Field) string {
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	return strings.Join(names, ",")
}

func compare(t *testing.T, older, newer *audit.Report) *Diff {
	t.Helper()
	d, err := Compare(older, newer)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCompare(t *testing.T) {
	renewed := func(r *audit.Report, i int, serial, key string) {
		c := &r.Certificates[i]
		*c = certificate(c.Component, c.Type, c.Path, c.Subject.CommonName, serial, key)
		c.NotAfter = c.NotAfter.AddDate(1, 0, 0)
	}
	tests := []struct {
		name  string
		edit  func(older, newer *audit.Report)
		worse rules.Status
		want  []string
	}{
		{"nothing", func(_, _ *audit.Report) {}, "ok", nil},
		{"another day, other texts", func(_, n *audit.Report) {
			n.At, n.Findings[0].Message, n.Findings[0].Source.Line = at().AddDate(0, 0, 1), "in 1d", 17
		}, "ok", nil},
		{"new error", func(_, n *audit.Report) { n.Findings = append(n.Findings, finding("expired", rules.Error, "/x")) }, "error", []string{"finding new  error expired /x"}},
		{"new warning", func(_, n *audit.Report) { n.Findings = append(n.Findings, finding("rotation", rules.Warning, "/x")) }, "warning", []string{"finding new  warning rotation /x"}},
		{"new remark", func(_, n *audit.Report) { n.Findings = append(n.Findings, finding("unverifiable", rules.Info, "/x")) }, "ok", []string{"finding new  info unverifiable /x"}},
		{"mended", func(_, n *audit.Report) { n.Findings = n.Findings[1:] }, "ok", []string{"finding gone warning  key-reuse /a"}},
		{"graver", func(_, n *audit.Report) { n.Findings[0].Severity = rules.Error }, "error", []string{"finding changed warning error key-reuse /a"}},
		{"milder", func(_, n *audit.Report) { n.Findings[0].Severity = rules.Info }, "ok", []string{"finding changed warning info key-reuse /a"}},
		{"waived", func(_, n *audit.Report) {
			n.Waived, n.Findings = append(n.Waived, audit.Waived{Finding: n.Findings[0]}), n.Findings[1:]
		}, "ok", []string{"finding changed warning waived key-reuse /a"}},
		{"not waived any more", func(_, n *audit.Report) {
			n.Findings, n.Waived = append(n.Findings, n.Waived[0].Finding), nil
		}, "error", []string{"finding changed waived error weak-key /c"}},
		{"one of two alike is mended", func(o, n *audit.Report) {
			first, second := finding("san-missing", rules.Error, "/x"), finding("san-missing", rules.Error, "/x")
			first.Message = "one name"
			o.Findings, n.Findings = append(o.Findings, first, second), append(n.Findings, second)
		}, "ok", []string{"finding gone error  san-missing /x"}},
		{"connection fails", func(_, n *audit.Report) { n.Connections[0].Status = "error" }, "error", []string{"connection changed ok error kubelet-to-apiserver"}},
		{"connection mended", func(o, _ *audit.Report) { o.Connections[0].Status = "error" }, "ok", []string{"connection changed error ok kubelet-to-apiserver"}},
		{"new connection that fails", func(o, n *audit.Report) { o.Connections, n.Connections[0].Status = nil, "warning" }, "warning", []string{"connection new  warning kubelet-to-apiserver"}},
		{"connection not judged", func(_, n *audit.Report) { n.Connections[0].Status = "info" }, "ok", []string{"connection changed ok info kubelet-to-apiserver"}},
		{"renewed with the key", func(_, n *audit.Report) { renewed(n, 2, "3", "api") }, "ok", []string{
			"certificate changed Server /pki/apiserver.crt same notAfter,serialNumber,fingerprintSHA256",
		}},
		{"renewed with another key", func(_, n *audit.Report) { renewed(n, 2, "3", "new"); n.Keys[2].PublicKeySHA256 = digest("new") }, "ok", []string{
			"certificate changed Server /pki/apiserver.crt changed notAfter,serialNumber,fingerprintSHA256",
			"key changed /pki/apiserver.key changed publicKeySHA256",
		}},
		{"another CA", func(_, n *audit.Report) { renewed(n, 0, "9", "other"); renewed(n, 1, "9", "other") }, "warning", []string{
			"trust CA changed warning changed /pki/ca.crt",
			"certificate changed CA /pki/ca.crt changed notAfter,serialNumber,fingerprintSHA256",
			"certificate changed CA /pki/ca.crt changed notAfter,serialNumber,fingerprintSHA256",
		}},
		{"CA signed again", func(_, n *audit.Report) { renewed(n, 0, "9", "ca"); renewed(n, 1, "9", "ca") }, "ok", []string{
			"trust CA changed info same /pki/ca.crt",
			"certificate changed CA /pki/ca.crt same notAfter,serialNumber,fingerprintSHA256",
			"certificate changed CA /pki/ca.crt same notAfter,serialNumber,fingerprintSHA256",
		}},
		{"CA before there were digests", func(o, n *audit.Report) {
			renewed(n, 0, "9", "ca")
			o.Certificates[0].PublicKeySHA256 = ""
		}, "warning", []string{
			"trust CA changed warning unknown /pki/ca.crt",
			"certificate changed CA /pki/ca.crt unknown notAfter,serialNumber,fingerprintSHA256",
		}},
		{"CA of another kind before there were digests", func(o, n *audit.Report) {
			renewed(n, 0, "9", "other")
			o.Certificates[0].PublicKeySHA256, o.Certificates[0].KeyAlgorithm = "", "ECDSA-P256"
		}, "warning", []string{
			"trust CA changed warning changed /pki/ca.crt",
			"certificate changed CA /pki/ca.crt changed notAfter,keyAlgorithm,serialNumber,fingerprintSHA256",
		}},
		{"CA beside the former one", func(_, n *audit.Report) {
			n.Certificates = append([]audit.Certificate{certificate("kubelet", "CA", caPath, "next", "5", "next")}, n.Certificates...)
		}, "warning", []string{"trust CA new warning  /pki/ca.crt", "certificate new CA /pki/ca.crt  "}},
		{"further CA among inspected files", func(o, n *audit.Report) {
			o.Kind, n.Kind = audit.KindInspect, audit.KindInspect
			n.Certificates = append(n.Certificates, certificate("", "CA", "/srv/ca.crt", "next", "5", "next"))
		}, "ok", []string{"certificate new CA /srv/ca.crt  "}},
		{"another CA among inspected files", func(o, n *audit.Report) {
			o.Kind, n.Kind = audit.KindInspect, audit.KindInspect
			renewed(n, 0, "9", "other")
			renewed(n, 1, "9", "other")
		}, "warning", []string{
			"trust CA changed warning changed /pki/ca.crt",
			"certificate changed CA /pki/ca.crt changed notAfter,serialNumber,fingerprintSHA256",
			"certificate changed CA /pki/ca.crt changed notAfter,serialNumber,fingerprintSHA256",
		}},
		{"former CA taken out", func(o, n *audit.Report) {
			o.Certificates = append([]audit.Certificate{certificate("kubelet", "CA", caPath, "former", "5", "former")}, o.Certificates...)
		}, "warning", []string{"trust CA gone warning  /pki/ca.crt", "certificate gone CA /pki/ca.crt  "}},
		{"CA in another file", func(_, n *audit.Report) { n.Certificates[1].Path = "/srv/ca.crt" }, "ok", []string{
			"certificate new CA /srv/ca.crt  ", "certificate gone CA /pki/ca.crt  ",
		}},
		{"another service-account key", func(_, n *audit.Report) {
			n.Keys[0].PublicKeySHA256, n.Keys[1].PublicKeySHA256 = digest("new"), digest("new")
		}, "warning", []string{
			"trust ServiceAccountKey changed warning  /pki/sa.pub,/pki/sa.key",
			"key changed /pki/sa.pub changed publicKeySHA256", "key changed /pki/sa.key changed publicKeySHA256",
		}},
		{"another one beside the former", func(_, n *audit.Report) {
			n.Keys[1].PublicKeySHA256 = digest("new")
		}, "ok", []string{"trust ServiceAccountKey new info  /pki/sa.key", "key changed /pki/sa.key changed publicKeySHA256"}},
		{"the former one taken out", func(o, _ *audit.Report) {
			o.Keys = append(o.Keys, serviceAccountKey("kube-apiserver", "/pki/old.pub", "serviceAccountPublicKeyFiles", "old"))
		}, "warning", []string{"trust ServiceAccountKey gone warning  /pki/old.pub", "key gone /pki/old.pub  "}},
		{"before keys had digests", func(o, n *audit.Report) {
			for i := range o.Keys {
				o.Keys[i].PublicKeySHA256 = ""
			}
			n.Keys[2].Mode = "0644"
		}, "ok", []string{"key changed /pki/apiserver.key unknown mode"}},
		{"file in another folder, with its faults", func(o, n *audit.Report) {
			o.Findings = append(o.Findings, finding("expires-soon", rules.Warning, apiPath))
			n.Findings = append(n.Findings, finding("expires-soon", rules.Warning, "/srv/tls.crt"))
			n.Certificates[2].Path, n.Keys[2].Path = "/srv/tls.crt", "/srv/tls.key"
			n.Connections[0].Presenter.Path, n.Connections[0].Verifier.Path = "/srv/tls.crt", "/srv/tls.crt"
			o.Keys[2].Certificate, n.Keys[2].Certificate = apiPath, "/srv/tls.crt"
		}, "ok", []string{"certificate changed Server /srv/tls.crt same path", "key changed /srv/tls.key same path"}},
		{"file in another folder, with a new fault", func(o, n *audit.Report) {
			n.Certificates[2].Path, o.Connections, n.Connections = "/srv/tls.crt", nil, nil
			n.Findings = append(n.Findings, finding("expired", rules.Error, "/srv/tls.crt"))
		}, "error", []string{"finding new  error expired /srv/tls.crt", "certificate changed Server /srv/tls.crt same path"}},
		{"file in another folder, where it is missed", func(o, n *audit.Report) {
			o.Connections, n.Connections = nil, nil
			n.Certificates[2].Path = "/srv/tls.crt"
			o.Findings = append(o.Findings, finding("unreadable", rules.Error, apiPath))
			n.Findings = append(n.Findings, finding("unreadable", rules.Error, apiPath))
		}, "ok", []string{"certificate new Server /srv/tls.crt  ", "certificate gone Server /pki/apiserver.crt  "}},
		{"file in two folders", func(_, n *audit.Report) {
			n.Certificates = append(n.Certificates, n.Certificates[2])
			n.Certificates[3].Path = "/srv/tls.crt"
		}, "ok", []string{"certificate new Server /srv/tls.crt  "}},
		{"another certificate in another folder", func(_, n *audit.Report) {
			renewed(n, 2, "3", "new")
			n.Certificates[2].Path = "/srv/tls.crt"
		}, "ok", []string{"certificate new Server /srv/tls.crt  ", "certificate gone Server /pki/apiserver.crt  "}},
		{"key without a digest in another folder", func(o, n *audit.Report) {
			o.Keys[2].PublicKeySHA256, n.Keys[2].PublicKeySHA256, n.Keys[2].Path = "", "", "/srv/tls.key"
		}, "ok", []string{"key new /srv/tls.key  ", "key gone /pki/apiserver.key  "}},
		{"next revision of a static pod", func(o, n *audit.Report) {
			for r, revision := range map[*audit.Report]string{o: "9", n: "10"} {
				path := "/etc/kubernetes/static-pod-resources/kube-apiserver-pod-" + revision + "/secrets/tls.crt"
				r.Certificates[2].Path, r.Connections[0].Presenter.Path, r.Keys[0].Certificate = path, path, path
				r.Findings = append(r.Findings, finding("rotation", rules.Error, path))
				r.Findings[2].Source.File = path
			}
			renewed(n, 2, "3", "new")
		}, "ok", []string{
			"certificate changed Server /etc/kubernetes/static-pod-resources/kube-apiserver-pod-10/secrets/tls.crt changed notAfter,serialNumber,fingerprintSHA256",
		}},
		{"request", func(_, n *audit.Report) { n.Requests = []audit.Request{{Type: audit.TypeRequest, Path: "/r.csr"}} }, "ok", []string{"certificate new Request /r.csr  "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			older, newer := healthy(), healthy()
			tt.edit(older, newer)
			d := compare(t, older, newer)
			if diff := cmp.Diff(tt.want, told(d)); diff != "" || d.Worse != tt.worse || d.IsEmpty() != (len(tt.want) == 0) {
				t.Errorf("worse %s, want %s; changes (-want +got):\n%s", d.Worse, tt.worse, diff)
			}
			checkMirror(t, older, newer)
		})
	}
}

// checkMirror compares two reports both ways, and each with itself.
func checkMirror(t *testing.T, a, b *audit.Report) {
	t.Helper()
	for _, r := range []*audit.Report{a, b} {
		if d := compare(t, r, r); !d.IsEmpty() || d.Worse != rules.OK {
			t.Errorf("a report is not like itself: %q", told(d))
		}
	}
	forth, back := compare(t, a, b), compare(t, b, a)
	if len(forth.Trust) != len(back.Trust) {
		t.Errorf("%d changes of trust, and %d the other way", len(forth.Trust), len(back.Trust))
	}
	forth.Trust, back.Trust = nil, nil // their texts and paths are those of one side
	withoutPaths(forth)
	withoutPaths(back)
	mirrored := told(mirror(back))
	got := told(forth)
	slices.Sort(mirrored)
	slices.Sort(got)
	if diff := cmp.Diff(mirrored, got); diff != "" {
		t.Errorf("the other way (-want +got):\n%s", diff)
	}
}

// withoutPaths takes the paths out of what changed: they are those of the newer report.
func withoutPaths(d *Diff) {
	for i := range d.Findings {
		if f := &d.Findings[i]; f.Change == Changed {
			f.Finding.Path = ""
		}
	}
	for i := range d.Certificates {
		if c := &d.Certificates[i]; c.Change == Changed {
			c.Path = ""
		}
	}
	for i := range d.Keys {
		if k := &d.Keys[i]; k.Change == Changed {
			k.Path = ""
		}
	}
}

// mirror turns a comparison round.
func mirror(d *Diff) *Diff {
	turned := map[Change]Change{New: Gone, Gone: New, Changed: Changed}
	for i := range d.Findings {
		f := &d.Findings[i]
		f.Change, f.Before, f.After = turned[f.Change], f.After, f.Before
	}
	for i := range d.Connections {
		c := &d.Connections[i]
		c.Change, c.Before, c.After = turned[c.Change], c.After, c.Before
	}
	for i := range d.Certificates {
		d.Certificates[i].Change = turned[d.Certificates[i].Change]
	}
	for i := range d.Keys {
		d.Keys[i].Change = turned[d.Keys[i].Change]
	}
	return d
}

func TestNotes(t *testing.T) {
	tests := []struct {
		name  string
		edit  func(older, newer *audit.Report)
		whole bool
		want  string // a part of the only note
	}{
		{"none", func(_, _ *audit.Report) {}, true, ""},
		{"node", func(_, n *audit.Report) { n.Node.Name = "cp-2" }, true, `of two nodes, or of one that was renamed: "cp-1" and "cp-2"`},
		{"layout", func(_, n *audit.Report) { n.Node.Layout = "kind" }, true, `the layout was "kubeadm", and is "kind"`},
		{"version", func(_, n *audit.Report) { n.Node.Version = "v1.38.0" }, true, `the version of Kubernetes was "v1.37.2", and is "v1.38.0"`},
		{"order", func(_, n *audit.Report) { n.At = at().AddDate(0, 0, -1) }, true, "the wrong way round?"},
		{"older one not whole", func(o, _ *audit.Report) { o.Coverage.TimedOut = 1 }, true, "the older report did not see everything"},
		{"newer one not whole", func(_, n *audit.Report) { n.Coverage.Denied = 1 }, false, "the newer report did not see everything"},
		{"no time to judge", func(_, n *audit.Report) { n.Coverage.Unjudged = 1 }, false, "the newer report did not see everything"},
		{"no digests", func(o, _ *audit.Report) { o.Keys[0].PublicKeySHA256 = "" }, true, "whether service-account keys changed could not be told"},
	}
	for _, tt := range tests {
		older, newer := healthy(), healthy()
		tt.edit(older, newer)
		d := compare(t, older, newer)
		if d.Whole != tt.whole || len(d.Notes) > 1 || !strings.Contains(strings.Join(d.Notes, ""), tt.want) || (len(d.Notes) == 0) != (tt.want == "") {
			t.Errorf("%s: whole %v, notes %q", tt.name, d.Whole, d.Notes)
		}
	}
}

func TestPlace(t *testing.T) {
	const folder = "/host/etc/kubernetes/static-pod-resources/"
	for path, want := range map[string]string{
		"/pki/ca.crt":                      "/pki/ca.crt",
		folder + "etcd-pod-12/a/b.crt":     folder + "etcd-pod-N/a/b.crt",
		folder + "etcd-pod-12":             folder + "etcd-pod-N/",
		folder + "etcd-certs/a":            folder + "etcd-certs/a",
		folder + "etcd-pod-1x/a":           folder + "etcd-pod-1x/a",
		"/pods/kube-apiserver-pod-7/a.crt": "/pods/kube-apiserver-pod-7/a.crt",
	} {
		if got := place(path); got != want {
			t.Errorf("place(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestCompareKinds(t *testing.T) {
	inspection := healthy()
	inspection.Kind = audit.KindInspect
	if _, err := Compare(healthy(), inspection); err == nil || !strings.Contains(err.Error(), "only two of a kind") {
		t.Errorf("error %v", err)
	}
	if d := compare(t, inspection, inspection); !d.IsEmpty() {
		t.Errorf("changes %q", told(d))
	}
}
