package audit

import (
	"bytes"

	"kube-cert-audit/internal/pkitest"
)

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
