package audit

import (
	"bytes"
	"slices"
	"testing"

	"kube-cert-audit/internal/pkitest"
)

const etcdConfig = "/etc/etcd/etcd.yaml"

// configFileFaults are faults of nodes whose components take settings from files
// beside their arguments.
func configFileFaults() []fault {
	return slices.Concat(etcdConfigFaults(), dropInFaults(), webhookFaults(), konnectivityFaults(), issuerFaults(), proxyFaults())
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
			want: one("error client-auth-disabled " + etc + "manifests/etcd.yaml"),
		}),
		ofFile(fault{
			name: "etcd's file: plain peers", spec: edit(etcdConfig, "http://[2001:db8::1]:2380", "listen-peer-urls"),
			want: one("error client-auth-disabled " + etc + "manifests/etcd.yaml"),
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

func webhookFaults() []fault {
	const (
		folder    = "/etc/kubernetes/webhooks/"
		admission = folder + "admission.yaml"
		plugin    = folder + "plugins/webhooks.yaml"
		authorize = folder + "authorization.yaml"
	)
	base := func(f fault) fault { f.base = pkitest.Webhooks; return f }
	set := func(name string, change func(*pkitest.Kubeconfig)) func(*pkitest.Spec) {
		return func(s *pkitest.Spec) { change(s.Kubeconfig(name)) }
	}
	expired := func(conf string) string { return "error expired " + folder + conf }
	return []fault{
		base(fault{name: "webhooks: healthy"}),
		base(fault{
			name: "webhooks: expired client", spec: ends("webhook-client", -day),
			want: []string{expired("authn.conf"), expired("authz.conf"), expired("admission.conf"), "error expired " + pki + "webhook.crt"},
		}),
		base(fault{
			name: "webhooks: CA of 179 days", spec: func(s *pkitest.Spec) { ends("webhook-ca", 179*day)(s); ends("webhook-client", 100*day)(s) },
			want: one("warning expires-soon " + folder + "authn.conf"),
		}),
		base(fault{
			name: "webhooks: foreign key", spec: func(s *pkitest.Spec) { s.Cert("webhook-client").WrongKey = pkitest.NewKey() },
			want: []string{
				"error key-mismatch " + folder + "authn.conf", "error key-mismatch " + folder + "authz.conf",
				"error key-mismatch " + folder + "admission.conf", "error key-mismatch " + pki + "webhook.crt",
			},
		}),
		base(fault{name: "webhooks: loose key", spec: func(s *pkitest.Spec) {
			s.Cert("webhook-client").KeyMode = 0o640
			s.Cert("webhook-client").KeyMode = 0o644
		}, want: one("error file-permissions " + pki + "webhook.key")}),
		base(fault{name: "webhooks: loose kubeconfig", spec: set("authz", func(k *pkitest.Kubeconfig) { k.Mode = 0o644 }), want: one("error file-permissions " + folder + "authz.conf")}),
		base(fault{
			name: "webhooks: unverified", spec: set("authz", func(k *pkitest.Kubeconfig) { k.CA, k.Insecure = "", true }),
			want: one("warning tls-verify-disabled " + folder + "authz.conf"),
		}),
		base(fault{
			name: "webhooks: without TLS", spec: set("authz", func(k *pkitest.Kubeconfig) { k.Server = "http://authz.example.com" }),
			want: one("warning tls-verify-disabled " + folder + "authz.conf"),
		}),
		base(fault{name: "webhooks: without TLS on this node", spec: set("authz", func(k *pkitest.Kubeconfig) { k.Server = "http://127.0.0.1:8080" })}),
		base(fault{name: "webhooks: without credentials", spec: set("authz", func(k *pkitest.Kubeconfig) { k.Cert = "" })}),
		base(fault{name: "webhooks: without a server", spec: set("authz", func(k *pkitest.Kubeconfig) { k.Server = "" }), want: one("error argument-missing " + folder + "authz.conf")}),
		base(fault{name: "webhooks: missing kubeconfig", tree: remove(folder + "admission.conf"), want: one("error unreadable " + folder + "admission.conf")}),
		base(fault{name: "webhooks: damaged kubeconfig", tree: text(folder+"audit.conf", "users: ["), want: one("error unreadable " + folder + "audit.conf")}),
		base(fault{name: "webhooks: missing authorization", tree: remove(authorize), want: one("error unreadable " + authorize)}),
		base(fault{name: "webhooks: authorization of another kind", spec: edit(authorize, "Pod", "kind"), want: one("error unreadable " + authorize)}),
		base(fault{name: "webhooks: damaged admission", tree: text(admission, "a: ["), want: one("error unreadable " + admission)}),
		base(fault{name: "webhooks: missing plugin", tree: remove(plugin), want: one("error unreadable " + plugin)}),
		base(fault{name: "webhooks: plugin of another kind", spec: edit(plugin, "AdmissionConfiguration", "kind"), want: one("error unreadable " + plugin)}),
		base(fault{
			name: "webhooks: one that vouches for itself", spec: func(s *pkitest.Spec) {
				t := *template(s, "webhook-client")
				t.DNSNames = []string{"authz.example.com"}
				s.Certificates = append(s.Certificates, &pkitest.Certificate{Name: "own", Template: &t})
				s.Kubeconfig("authz").CA = "own"
			},
		}),
	}
}

func konnectivityFaults() []fault {
	const (
		folder = pki + "konnectivity/"
		egress = "/etc/kubernetes/konnectivity/egress.yaml"
	)
	base := func(f fault) fault { f.base = pkitest.Konnectivity; return f }
	selection := func(value any, path ...string) func(*pkitest.Spec) {
		return func(s *pkitest.Spec) {
			s.EditYAML(egress, func(fields map[string]any) {
				fields = fields["egressSelections"].([]any)[1].(map[string]any)["connection"].(map[string]any)["transport"].(map[string]any)["tcp"].(map[string]any)
				for _, name := range path[:len(path)-1] {
					fields = fields[name].(map[string]any)
				}
				fields[path[len(path)-1]] = value
			})
		}
	}
	return []fault{
		base(fault{name: "konnectivity: healthy"}),
		base(fault{name: "konnectivity: expired server", spec: ends("konnectivity-server", -day), want: one("error expired " + folder + "server.crt")}),
		base(fault{name: "konnectivity: expired server of the agents", spec: ends("konnectivity-agents", -day), want: one("error expired " + folder + "agents.crt")}),
		base(fault{name: "konnectivity: agent of another CA", spec: func(s *pkitest.Spec) { s.Cert("konnectivity-agent").Issuer = "ca" }, want: one("error untrusted " + folder + "agent.crt")}),
		base(fault{name: "konnectivity: client of another CA", spec: func(s *pkitest.Spec) { s.Cert("egress-client").Issuer = "ca" }, want: one("error untrusted " + folder + "client.crt")}),
		base(fault{name: "konnectivity: server of another CA", spec: func(s *pkitest.Spec) { s.Cert("konnectivity-server").Issuer = "ca" }, want: one("error untrusted " + folder + "server.crt")}),
		base(fault{name: "konnectivity: server of another name", spec: func(s *pkitest.Spec) { template(s, "konnectivity-server").IPAddresses = nil }, want: one("error san-missing " + folder + "server.crt")}),
		base(fault{
			name: "konnectivity: server by another name, as it is told", spec: both(
				func(s *pkitest.Spec) {
					template(s, "konnectivity-server").IPAddresses, template(s, "konnectivity-server").DNSNames = nil, []string{"konnectivity"}
				},
				selection("konnectivity", "tlsConfig", "tlsServerName")),
		}),
		base(fault{name: "konnectivity: agents dial another name", spec: func(s *pkitest.Spec) { template(s, "konnectivity-agents").IPAddresses = nil }, want: one("error san-missing " + folder + "agents.crt")}),
		base(fault{name: "konnectivity: foreign key", spec: func(s *pkitest.Spec) { s.Cert("egress-client").WrongKey = pkitest.NewKey() }, want: one("error key-mismatch " + folder + "client.crt")}),
		base(fault{name: "konnectivity: loose key", spec: func(s *pkitest.Spec) { s.Cert("konnectivity-agent").KeyMode = 0o644 }, want: one("error file-permissions " + folder + "agent.key")}),
		base(fault{name: "konnectivity: missing client", tree: remove(folder + "client.crt"), want: one("error unreadable " + folder + "client.crt")}),
		base(fault{name: "konnectivity: expired user", spec: ends("konnectivity-user", -day), want: one("error expired " + etc + "konnectivity-server.conf")}),
		base(fault{name: "konnectivity: key without certificate", spec: noFlag("konnectivity-server", "cluster-cert"), want: one("error argument-missing " + etc + "manifests/konnectivity-server.yaml")}),
		base(fault{
			name: "konnectivity: server elsewhere", spec: func(s *pkitest.Spec) { s.RemovePod("konnectivity-server") },
			want: []string{
				"info unverifiable " + folder + "client.crt", "info unverifiable " + folder + "agent.crt",
				"info unverifiable " + folder + "ca.crt", "info unverifiable " + folder + "ca.crt",
			},
		}),
		base(fault{
			name: "konnectivity: proxy on another host", spec: selection("https://198.51.100.9:8131", "url"),
			want: []string{"info unverifiable " + folder + "client.crt", "info unverifiable " + folder + "ca.crt"},
		}),
		base(fault{name: "konnectivity: proxy without TLS", spec: selection("http://127.0.0.1:8131", "url")}),
		base(fault{name: "konnectivity: missing selection", tree: remove(egress), want: one("error unreadable " + egress)}),
		base(fault{name: "konnectivity: selection of another kind", spec: edit(egress, "Config", "kind"), want: one("error unreadable " + egress)}),
		base(fault{
			name: "konnectivity: certificate of the API server", spec: func(s *pkitest.Spec) {
				s.Pod("konnectivity-server").SetFlag("cluster-cert", pki+"apiserver.crt")
				s.Pod("konnectivity-server").SetFlag("cluster-key", pki+"apiserver.key")
				s.Pod("konnectivity-agent").SetFlag("ca-cert", pki+"ca.crt")
			},
		}),
	}
}

func issuerFaults() []fault {
	const file = "/etc/kubernetes/authentication/authentication.yaml"
	base := func(f fault) fault { f.base = pkitest.TokenIssuers; return f }
	return []fault{
		base(fault{name: "issuer: healthy"}),
		base(fault{name: "issuer: expired CA", spec: ends("issuer-ca", -day), want: one("error expired " + file)}),
		base(fault{name: "issuer: damaged CA", tree: replace(file, "-----END", "-----NED"), want: one("error unreadable " + file)}),
		base(fault{name: "issuer: writable file", tree: func(t *pkitest.Tree) { t.Files[file].Mode = 0o666 }, want: one("error file-permissions " + file)}),
		base(fault{name: "issuer: missing file", tree: remove(file), want: one("error unreadable " + file)}),
		base(fault{name: "issuer: damaged file", tree: text(file, "jwt: ["), want: one("error unreadable " + file)}),
		base(fault{name: "issuer: another kind", tree: text(file, "kind: Pod"), want: one("error unreadable " + file)}),
	}
}

// replace replaces a text in a file.
func replace(file, old, by string) func(*pkitest.Tree) {
	return func(t *pkitest.Tree) {
		t.Files[file].Data = bytes.ReplaceAll(t.Files[file].Data, []byte(old), []byte(by))
	}
}

func proxyFaults() []fault {
	const (
		conf   = etc + "kube-proxy.conf"
		config = "/etc/kubernetes/proxy/config.yaml"
	)
	base := func(f fault) fault { f.base = pkitest.StaticProxy; return f }
	return []fault{
		base(fault{name: "kube-proxy: healthy"}),
		base(fault{name: "kube-proxy: expired", spec: ends("kube-proxy", -day), want: one("error expired " + conf)}),
		base(fault{name: "kube-proxy: another CA", spec: func(s *pkitest.Spec) { s.Cert("kube-proxy").Issuer = "etcd-ca" }, want: one("error untrusted " + conf)}),
		base(fault{name: "kube-proxy: another name", spec: func(s *pkitest.Spec) { template(s, "kube-proxy").Subject.CommonName = "kube-proxy" }, want: one("error common-name " + conf)}),
		base(fault{name: "kube-proxy: foreign key", spec: func(s *pkitest.Spec) { s.Cert("kube-proxy").WrongKey = pkitest.NewKey() }, want: one("error key-mismatch " + conf)}),
		base(fault{name: "kube-proxy: loose kubeconfig", spec: func(s *pkitest.Spec) { s.Kubeconfig("kube-proxy").Mode = 0o644 }, want: one("error file-permissions " + conf)}),
		base(fault{name: "kube-proxy: missing kubeconfig", tree: remove(conf), want: one("error unreadable " + conf)}),
		base(fault{name: "kube-proxy: missing file", tree: remove(config), want: one("error unreadable " + config)}),
		base(fault{name: "kube-proxy: file of another kind", spec: edit(config, "KubeletConfiguration", "kind"), want: one("error unreadable " + config)}),
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
	if got := brief(r.Findings); !slices.Contains(got, "error client-auth-disabled "+etc+"manifests/etcd.yaml") {
		t.Errorf("findings %q", got)
	}
}
