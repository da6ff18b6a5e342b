package audit

import (
	"slices"
	"testing"

	"kube-cert-audit/internal/pkitest"
)

const etcdConfig = "/etc/etcd/etcd.yaml"

// configFileFaults are faults of nodes whose components take settings from files
// beside their arguments.
func configFileFaults() []fault {
	return slices.Concat(etcdConfigFaults(), dropInFaults(), webhookFaults(), konnectivityFaults(), issuerFaults(), proxyFaults(), certDirFaults())
}

// edit changes a field of a configuration file; the path leads to it through the
// mappings of the file.
func edit(file string, value any, path ...string) func(*pkitest.Spec) {
	return func(s *pkitest.Spec) {
		s.EditYAML(file, func(fields map[string]any) {
			for _, name := range path[:len(path)-1] {
				fields = fields[name].(map[string]any)
			}
			fields[path[len(path)-1]] = value
		})
	}
}

// text replaces a file.
func text(file, content string) func(*pkitest.Tree) {
	return func(t *pkitest.Tree) { t.Files[file].Data = []byte(content) }
}

func etcdConfigFaults() []fault {
	const fixtures = "/var/lib/etcd/fixtures/client/"
	ofFile := func(f fault) fault { f.base = pkitest.EtcdConfigFile; return f }
	auto := func(f fault) fault { f.base = pkitest.EtcdAutoTLS; return f }
	return []fault{
		ofFile(fault{name: "etcd's file: healthy"}),
		ofFile(fault{
			name: "etcd's file beside flags", spec: func(s *pkitest.Spec) { s.Pod("etcd").SetFlag("cert-file", "/nowhere") },
			want: one("info duplicate-flag " + etc + "manifests/etcd.yaml"),
		}),
		ofFile(fault{name: "etcd's file: expired", spec: ends("etcd-server", -day), want: one("error expired " + pki + "etcd/server.crt")}),
		ofFile(fault{name: "etcd's file: peer of the cluster CA", spec: func(s *pkitest.Spec) { s.Cert("etcd-peer").Issuer = "ca" }, want: one("error untrusted " + pki + "etcd/peer.crt")}),
		ofFile(fault{name: "etcd's file: foreign key", spec: func(s *pkitest.Spec) { s.Cert("etcd-peer").WrongKey = pkitest.NewKey() }, want: one("error key-mismatch " + pki + "etcd/peer.crt")}),
		ofFile(fault{name: "etcd's file: loose key", spec: func(s *pkitest.Spec) { s.Cert("etcd-server").KeyMode = 0o644 }, want: one("error file-permissions " + pki + "etcd/server.key")}),
		ofFile(fault{
			name: "etcd's file names a missing one", spec: edit(etcdConfig, pki+"etcd/gone.crt", "peer-transport-security", "cert-file"),
			want: []string{"error unreadable " + pki + "etcd/gone.crt"},
		}),
		ofFile(fault{
			name: "etcd's file: plain listener", spec: edit(etcdConfig, "http://192.0.2.11:2379", "listen-client-urls"),
			want: one("error client-auth-disabled " + etcdConfig),
		}),
		ofFile(fault{
			name: "etcd's file: plain peers", spec: edit(etcdConfig, "http://[2001:db8::1]:2380", "listen-peer-urls"),
			want: one("error client-auth-disabled " + etcdConfig),
		}),
		ofFile(fault{name: "etcd's file: plain metrics for all", spec: edit(etcdConfig, "http://0.0.0.0:2381", "listen-metrics-urls")}),
		ofFile(fault{name: "etcd's file is writable", tree: func(t *pkitest.Tree) { t.Files[etcdConfig].Mode = 0o666 }, want: one("error file-permissions " + etcdConfig)}),
		ofFile(fault{name: "etcd's file is damaged", tree: text(etcdConfig, "name: ["), want: one("error unreadable " + etcdConfig)}),
		ofFile(fault{name: "etcd's file is missing", tree: remove(etcdConfig), want: one("error unreadable " + etcdConfig)}),
		ofFile(fault{
			name: "etcd's file in a Secret", spec: func(s *pkitest.Spec) { p := s.Pod("etcd"); p.Mounts[len(p.Mounts)-1].HostPath = "" },
			want: one("info unverifiable " + etcdConfig),
		}),
		auto(fault{name: "auto-TLS"}),
		auto(fault{name: "auto-TLS: expired", spec: ends("etcd-auto", -day), want: one("error expired " + fixtures + "cert.pem")}),
		auto(fault{name: "auto-TLS: foreign key", spec: func(s *pkitest.Spec) { s.Cert("etcd-auto").WrongKey = pkitest.NewKey() }, want: one("error key-mismatch " + fixtures + "cert.pem")}),
		auto(fault{
			name: "auto-TLS without a CA", spec: both(noFlag("etcd", "trusted-ca-file"), noFlag("etcd", "client-cert-auth")),
			want: one("error client-auth-disabled " + etc + "manifests/etcd.yaml"),
		}),
		{
			name: "certificates of an auto-TLS that is off", spec: func(s *pkitest.Spec) {
				s.Certificates = append(s.Certificates, &pkitest.Certificate{
					Name: "old", Template: template(pkitest.EtcdAutoTLS(made().Add(-800*day)), "etcd-auto"), CertPath: fixtures + "cert.pem", KeyPath: fixtures + "key.pem",
				})
			},
		},
	}
}

func dropInFaults() []fault {
	const folder = "/etc/kubernetes/kubelet.conf.d"
	const last = folder + "/30-rotation.conf"
	base := func(f fault) fault { f.base = pkitest.KubeletDropIns; return f }
	field := func(name string, value any) func(*pkitest.Spec) { return edit(last, value, name) }
	return []fault{
		base(fault{
			name: "drop-in with the wrong CA", spec: edit(last, map[string]any{"x509": map[string]any{"clientCAFile": pki + "etcd/ca.crt"}}, "authentication"),
			want: []string{"error untrusted " + pki + "apiserver-kubelet-client.crt", "info common-name " + pki + "etcd/ca.crt"},
		}),
		base(fault{
			name: "drop-in with a missing file", spec: edit(last, map[string]any{"x509": map[string]any{"clientCAFile": "/gone.crt"}}, "authentication"),
			want: one("error unreadable /gone.crt"),
		}),
		base(fault{
			name: "drop-in without a CA", spec: edit(last, map[string]any{"x509": map[string]any{"clientCAFile": ""}}, "authentication"),
			want: one("error argument-missing " + vlk + "config.yaml"),
		}),
		base(fault{
			name: "drop-in that stops rotation", spec: both(field("rotateCertificates", false), ends("kubelet-client", 20*day)),
			want: one("warning expires-soon " + vlk + "pki/kubelet-client-current.pem"),
		}),
		base(fault{name: "drop-in of another kind", spec: field("kind", "Config"), want: one("error unreadable " + last)}),
		base(fault{name: "damaged drop-in", tree: text(last, "kind: [\n"), want: one("error unreadable " + last)}),
		base(fault{name: "drop-in that everybody can write", tree: func(t *pkitest.Tree) { t.Files[last].Mode = 0o666 }, want: one("error file-permissions " + last)}),
		{
			name: "no folder of drop-ins", spec: func(s *pkitest.Spec) { s.Kubelet.Flags = append(s.Kubelet.Flags, "--config-dir=/gone.d") },
			want: one("error unreadable /gone.d"),
		},
	}
}

func certDirFaults() []fault {
	const (
		manager   = "/var/lib/kube-controller-manager/kube-controller-manager"
		scheduler = "/var/lib/kube-scheduler/kube-scheduler"
	)
	base := func(f fault) fault { f.base = pkitest.CertDir; return f }
	return []fault{
		base(fault{name: "cert-dir: healthy"}),
		base(fault{name: "cert-dir: expired", spec: ends("kube-scheduler-serving", -day), want: one("warning expired " + scheduler + ".crt")}),
		base(fault{name: "cert-dir: foreign key", spec: func(s *pkitest.Spec) { s.Cert("kube-controller-manager-serving").WrongKey = pkitest.NewKey() }, want: one("error key-mismatch " + manager + ".crt")}),
		base(fault{name: "cert-dir: loose key", spec: func(s *pkitest.Spec) { s.Cert("kube-scheduler-serving").KeyMode = 0o644 }, want: one("error file-permissions " + scheduler + ".key")}),
		base(fault{name: "cert-dir: left over beside a certificate of its own", spec: func(s *pkitest.Spec) {
			ends("kube-scheduler-serving", -day)(s)
			p := s.Pod("kube-scheduler")
			p.SetFlag("tls-cert-file", pki+"apiserver.crt")
			p.SetFlag("tls-private-key-file", pki+"apiserver.key")
			p.Mounts = append(p.Mounts, pkitest.Mount{Name: "pki", HostPath: "/etc/kubernetes/pki", MountPath: "/etc/kubernetes/pki"})
		}}),
		base(fault{name: "cert-dir: beside a certificate for some names", spec: func(s *pkitest.Spec) {
			ends("kube-controller-manager-serving", -day)(s)
			s.Pod("kube-controller-manager").SetFlag("tls-sni-cert-key", pki+"apiserver.crt,"+pki+"apiserver.key")
		}, want: one("warning expired " + manager + ".crt")}),
		base(fault{name: "cert-dir: nothing in it yet", tree: func(t *pkitest.Tree) { remove(scheduler + ".crt")(t); remove(scheduler + ".key")(t) }}),
		{name: "cert-dir: not given", spec: func(s *pkitest.Spec) {
			s.Certificates = append(s.Certificates, pkitest.CertDir(made().Add(-800*day)).Cert("kube-scheduler-serving-ca"), pkitest.CertDir(made().Add(-800*day)).Cert("kube-scheduler-serving"))
		}},
		// The same rows, by flags of the signers.
		{name: "a CA for each signer", spec: ownSigners},
		{name: "signers: foreign key", spec: both(ownSigners, setFlag("kube-controller-manager", "cluster-signing-kubelet-serving-key-file", pki+"etcd/ca.key")), want: one("error signer-mismatch " + etc + "manifests/kube-controller-manager.yaml")},
		{name: "signers: certificate without key", spec: both(ownSigners, noFlag("kube-controller-manager", "cluster-signing-legacy-unknown-key-file")), want: one("error argument-missing " + etc + "manifests/kube-controller-manager.yaml")},
		{name: "signers: a CA that nobody trusts", spec: both(ownSigners, both(
			setFlag("kube-controller-manager", "cluster-signing-kubelet-client-cert-file", pki+"front-proxy-ca.crt"),
			setFlag("kube-controller-manager", "cluster-signing-kubelet-client-key-file", pki+"front-proxy-ca.key"))),
			want: []string{"info common-name " + pki + "front-proxy-ca.crt", "error signer-mismatch " + etc + "manifests/kube-controller-manager.yaml"}},
	}
}

// ownSigners gives each signer of the controller-manager its flags.
func ownSigners(s *pkitest.Spec) {
	p := s.Pod("kube-controller-manager")
	p.RemoveFlag("cluster-signing-cert-file")
	p.RemoveFlag("cluster-signing-key-file")
	for _, signer := range []string{"kubelet-serving", "kubelet-client", "kube-apiserver-client", "legacy-unknown"} {
		p.SetFlag("cluster-signing-"+signer+"-cert-file", pki+"ca.crt")
		p.SetFlag("cluster-signing-"+signer+"-key-file", pki+"ca.key")
	}
}

// What is not in the file is judged as absent, though a flag gives it.
func TestEtcdIgnoresItsFlags(t *testing.T) {
	s := pkitest.EtcdConfigFile(made())
	s.EditYAML(etcdConfig, func(fields map[string]any) {
		client := fields["client-transport-security"].(map[string]any)
		delete(client, "trusted-ca-file")
		delete(client, "client-cert-auth")
	})
	s.Pod("etcd").SetFlag("trusted-ca-file", pki+"etcd/ca.crt")
	r := run(t, write(t, s), options(t))
	if got := brief(r.Findings); !slices.Contains(got, "error client-auth-disabled "+etcdConfig) {
		t.Errorf("findings %q", got)
	}
}
