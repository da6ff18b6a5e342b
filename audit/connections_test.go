package audit

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/rules"
)

// authority adds a CA of its own to a node, or one below another.
func authority(s *pkitest.Spec, name, issuer string) {
	t := *template(s, "ca")
	t.Subject, t.DNSNames = pkix.Name{CommonName: name}, nil
	s.Certificates = append(s.Certificates, &pkitest.Certificate{Name: name, Template: &t, Issuer: issuer})
}

// publicName gives the API server a certificate of another CA for a public name,
// by which administrators dial it.
func publicName(patterns string) func(*pkitest.Spec) {
	return func(s *pkitest.Spec) {
		authority(s, "public-ca", "")
		t := *template(s, "apiserver")
		t.Subject.CommonName, t.DNSNames, t.IPAddresses = "k8s.example.com", []string{"k8s.example.com"}, nil
		s.Certificates = append(s.Certificates, &pkitest.Certificate{
			Name: "public", Template: &t, Issuer: "public-ca", CertPath: pki + "public.crt", KeyPath: pki + "public.key",
		})
		s.Pod("kube-apiserver").SetFlag("tls-sni-cert-key", pki+"public.crt,"+pki+"public.key"+patterns)
		s.Kubeconfig("admin.conf").Server, s.Kubeconfig("admin.conf").CA = "https://k8s.example.com", "public-ca"
	}
}

func both(first, second func(*pkitest.Spec)) func(*pkitest.Spec) {
	return func(s *pkitest.Spec) { first(s); second(s) }
}

// otherCluster makes of root's kubeconfig one for another cluster.
func otherCluster(s *pkitest.Spec) {
	authority(s, "other-ca", "")
	t := *template(s, "admin")
	s.Certificates = append(s.Certificates, &pkitest.Certificate{Name: "other-admin", Template: &t, Issuer: "other-ca"})
	k := s.Kubeconfig("root")
	k.Server, k.CA, k.Cert = "https://other.example.net:6443", "other-ca", "other-admin"
}

// TestServerChoice covers what depends on which certificate is presented to whom.
func TestServerChoice(t *testing.T) {
	const root = "/root/.kube/config"
	tests := []fault{
		{name: "certificate for a public name", spec: publicName("")},
		{name: "with patterns", spec: publicName(":k8s.example.com,*.k8s.example.net")},
		{
			name: "patterns that do not match", spec: publicName(":other.example.com"),
			want: []string{"error san-missing " + pki + "apiserver.crt", "error untrusted " + etc + "admin.conf"},
		},
		{
			name: "a wildcard pattern", spec: both(publicName(":*.example.com"), func(s *pkitest.Spec) {
				s.Kubeconfig("admin.conf").Server = "https://k8s.example.com:443"
			}),
		},
		{
			name: "expired for the public name alone", spec: both(publicName(""), ends("public", -day)),
			want: one("error expired " + pki + "public.crt"),
		},
		{name: "root's kubeconfig for another cluster", spec: otherCluster, want: []string{"info unverifiable " + root, "info unverifiable " + root}},
		{
			name: "root's kubeconfig of before the cluster was made anew", spec: both(otherCluster, func(s *pkitest.Spec) {
				s.Kubeconfig("root").Server = s.Kubeconfig("admin.conf").Server
			}),
			want: []string{"error untrusted " + root, "error untrusted " + root},
		},
		{
			name: "kubeconfig for another API server of the cluster", spec: func(s *pkitest.Spec) { s.Kubeconfig("root").Server = "https://192.0.2.12:6443" },
			want: one("info unverifiable " + root),
		},
		{
			name: "an old copy of a kubeconfig", spec: func(s *pkitest.Spec) {
				old := *s.Kubeconfig("admin.conf")
				t := *template(s, "admin")
				t.NotBefore, t.NotAfter = at().Add(-400*day), at().Add(-35*day)
				s.Certificates = append(s.Certificates, &pkitest.Certificate{Name: "old-admin", Template: &t, Issuer: "ca"})
				old.Name, old.Path, old.Cert = "old", etc+"admin.conf.old", "old-admin"
				s.Kubeconfigs = append(s.Kubeconfigs, &old)
			},
			want: one("info expired " + etc + "admin.conf.old"),
		},
		{
			name: "kubeconfig of a webhook", spec: func(s *pkitest.Spec) {
				hook := *s.Kubeconfig("admin.conf")
				hook.Name, hook.Path, hook.Server = "hook", etc+"webhook.conf", "https://authn.example.com"
				s.Kubeconfigs = append(s.Kubeconfigs, &hook)
				p := s.Pod("kube-apiserver")
				p.Mounts = append(p.Mounts, pkitest.Mount{Name: "hook", HostPath: hook.Path, MountPath: hook.Path})
				p.SetFlag("authentication-token-webhook-config-file", hook.Path)
			},
		},
		{
			name: "CA renewed with its key, the old one left in use", spec: func(s *pkitest.Spec) {
				old := *template(s, "ca")
				old.NotBefore, old.NotAfter = at().Add(-3650*day), at().Add(-day)
				s.Cert("ca").Key = pkitest.NewKey()
				s.Certificates = append(s.Certificates, &pkitest.Certificate{Name: "old-ca", Template: &old, Key: s.Cert("ca").Key, CertPath: pki + "old-ca.crt"})
				s.Pod("kube-apiserver").SetFlag("client-ca-file", pki+"old-ca.crt")
			},
			want: one("error expired " + pki + "old-ca.crt"),
		},
		{
			name: "CA that allows nothing", spec: func(s *pkitest.Spec) {
				template(s, "front-proxy-ca").PermittedDNSDomains = []string{"allowed.example"}
				template(s, "front-proxy-ca").PermittedDNSDomainsCritical = true
				template(s, "front-proxy-client").DNSNames = []string{"forbidden.example"}
			},
			want: one("error untrusted " + pki + "front-proxy-client.crt"),
		},
		{
			name: "an API server that listens everywhere", spec: setFlag("kube-apiserver", "advertise-address", "0.0.0.0"),
		},
		{
			name: "one file in two roles", spec: func(s *pkitest.Spec) {
				template(s, "apiserver-kubelet-client").Subject.CommonName = "client"
				k := s.Kubeconfig("controller-manager.conf")
				k.Cert, k.CertPath, k.KeyPath = "", pki+"apiserver-kubelet-client.crt", pki+"apiserver-kubelet-client.key"
			},
			want: []string{
				"info common-name " + pki + "apiserver-kubelet-client.crt", "error common-name " + pki + "apiserver-kubelet-client.crt",
			},
		},
		{
			name: "embedded kubelet certificate has ended, the current one has not", spec: func(s *pkitest.Spec) {
				t := *template(s, "kubelet-client")
				t.NotBefore, t.NotAfter = at().Add(-400*day), at().Add(-35*day)
				s.Certificates = append(s.Certificates, &pkitest.Certificate{Name: "first", Template: &t, Issuer: "ca"})
				k := s.Kubeconfig("kubelet.conf")
				k.CertPath, k.KeyPath, k.Cert = "", "", "first"
			},
			want: []string{"warning expired " + etc + "kubelet.conf", "warning rotation " + etc + "kubelet.conf"},
		},
		{
			name: "intermediate in the file", spec: func(s *pkitest.Spec) {
				authority(s, "sub-ca", "ca")
				s.Cert("apiserver").Issuer, s.Cert("apiserver").Chain = "sub-ca", []string{"sub-ca"}
			},
		},
		{
			name: "intermediate in another file only", spec: func(s *pkitest.Spec) {
				authority(s, "sub-ca", "ca")
				s.Cert("apiserver").Issuer, s.Cert("apiserver").Chain = "sub-ca", []string{"sub-ca"}
				s.Cert("kubelet-serving").Issuer = "sub-ca"
			},
			want: one("error chain-order " + vlk + "pki/kubelet-server-current.pem"),
		},
		{
			name: "intermediate nowhere", spec: func(s *pkitest.Spec) {
				authority(s, "sub-ca", "ca")
				s.Cert("apiserver").Issuer = "sub-ca"
			},
			want: one("error untrusted " + pki + "apiserver.crt"),
		},
		{
			name: "intermediate alone as the CA", spec: func(s *pkitest.Spec) {
				s.Cert("front-proxy-ca").Issuer = "etcd-ca"
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, tt.write(t), options(t))
			checkFindings(t, r, tt.want)
			requireToldFailures(t, r)
		})
	}
}

// requireToldFailures fails for a connection that fails without a reason, or in a
// report without an error.
func requireToldFailures(t *testing.T, r *Report) {
	t.Helper()
	for _, c := range r.Connections {
		if c.Status == "error" && (c.Reason == "" || r.Summary.Error == 0) {
			t.Errorf("connection %s fails, reason %q, %d errors", c.Name, c.Reason, r.Summary.Error)
		}
	}
}

// What stands in a place where it does not count is named as such.
func TestMisspelledNames(t *testing.T) {
	const endpoint = "api.example.internal"
	without := func(s *pkitest.Spec) *x509.Certificate {
		c := template(s, "apiserver")
		c.DNSNames = slices.DeleteFunc(c.DNSNames, func(n string) bool { return n == endpoint })
		return c
	}
	tests := []struct {
		name string
		spec func(s *pkitest.Spec)
		want string
	}{
		{"address as a DNS name", func(s *pkitest.Spec) {
			c := template(s, "apiserver")
			c.IPAddresses = slices.DeleteFunc(c.IPAddresses, func(ip net.IP) bool { return ip.String() == "192.0.2.11" })
			c.DNSNames = append(c.DNSNames, "192.0.2.11")
		}, "192.0.2.11 stands there as a DNS name"},
		{"common name", func(s *pkitest.Spec) { without(s).Subject.CommonName = endpoint }, "is its common name, which does not count"},
		{"wildcard of two labels", func(s *pkitest.Spec) {
			c := without(s)
			c.DNSNames = append(c.DNSNames, "*.internal")
		}, "a wildcard stands for one label only"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, fault{spec: tt.spec}.write(t), options(t))
			if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Check == "san-missing" && strings.Contains(f.Message, tt.want) }) {
				t.Errorf("no finding says %q: %+v", tt.want, r.Findings)
			}
		})
	}
}

// handMade makes of a node one that kubeadm has nothing to do with.
func handMade(s *pkitest.Spec) {
	for _, p := range s.Pods {
		p.Annotations = nil
	}
}

// The commands for a PKI that is kept by hand lead to a clean audit.
func TestFixesByHand(t *testing.T) {
	if out, err := exec.Command("openssl", "version").Output(); err != nil || !strings.HasPrefix(string(out), "OpenSSL 3") {
		t.Skip("no openssl of version 3, whose commands are to be tried")
	}
	tests := []struct {
		name string
		spec func(s *pkitest.Spec)
	}{
		{"expired", ends("apiserver-kubelet-client", -day)},
		{"privileged group", func(s *pkitest.Spec) {
			template(s, "front-proxy-client").Subject.Organization = []string{"system:masters"}
		}},
		{"wrong usage", func(s *pkitest.Spec) {
			template(s, "apiserver-kubelet-client").ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		}},
		{"foreign key", func(s *pkitest.Spec) { s.Cert("front-proxy-client").WrongKey = pkitest.NewKey() }},
		{"wrong issuer", func(s *pkitest.Spec) { s.Cert("etcd-peer").Issuer = "front-proxy-ca" }},
		{"missing name", func(s *pkitest.Spec) {
			c := template(s, "apiserver")
			c.DNSNames = slices.DeleteFunc(c.DNSNames, func(n string) bool { return n == "api.example.internal" })
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := write(t, byHand(tt.spec), func(t *pkitest.Tree) { delete(t.Files, vlk+"kubeadm-flags.env") })
			o := options(t)
			r := run(t, root, o)
			if r.Node.Layout != "static-pods" || len(r.Findings) != 1 {
				t.Fatalf("layout %s, findings %+v", r.Node.Layout, r.Findings)
			}
			fix := r.Findings[0].Fix
			for _, folder := range []string{"/etc/", "/root/"} {
				fix = strings.ReplaceAll(fix, folder, root+folder)
			}
			fix = strings.ReplaceAll(fix, "sleep 20", "true")
			if out, err := exec.Command("sh", "-ec", "mkdir -p "+root+"/root\n"+fix).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s\n%s", err, fix, out)
			}
			if again := run(t, root, o); len(again.Findings) > 0 {
				t.Errorf("after\n%s\n%+v", fix, again.Findings)
			}
		})
	}
}

// byHand makes a hand-made node with one fault.
func byHand(spec func(*pkitest.Spec)) *pkitest.Spec {
	s := pkitest.Hardened(made())
	handMade(s)
	spec(s)
	return s
}

// What comes of a connection is told as it is, whatever the user thinks of it.
func TestOutcome(t *testing.T) {
	const waived = "waivers: [{check: %s, path: %s, reason: a reason, expires: 2027-01-31}]\n"
	foreign := func(s *pkitest.Spec) { s.Cert("etcd-peer").Issuer = "ca" }
	proxy := setFlag("kube-apiserver", "requestheader-allowed-names", "aggregator")
	peerFile, proxyFile := pki+"etcd/peer.crt", pki+"front-proxy-client.crt"
	tests := []struct {
		name, rules, path string
		spec              func(*pkitest.Spec)
		want              Outcome
		status            rules.Status
	}{
		{"sound", "", peerFile, nil, Succeeds, rules.OK},
		{"fails", "", peerFile, foreign, Fails, "error"},
		{"rated milder", "severities: {untrusted: warning}", peerFile, foreign, Fails, "warning"},
		{"not looked for", "severities: {untrusted: off}", peerFile, foreign, Fails, "error"},
		{"waived", fmt.Sprintf(waived, "untrusted", peerFile), peerFile, foreign, Fails, "info"},
		{"name refused", "", proxyFile, proxy, Fails, "error"},
		{"name refused, waived", fmt.Sprintf(waived, "requestheader-names", proxyFile), proxyFile, proxy, Fails, rules.OK},
		{"no CA file", "", peerFile, setFlag("etcd", "peer-trusted-ca-file", pki+"none.crt"), Unknown, "info"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, fault{spec: tt.spec}.write(t), withRules(t, tt.rules))
			n := 0
			for _, c := range r.Connections {
				if c.Presenter.Path == tt.path {
					n++
					if c.Outcome != tt.want || c.Status != tt.status {
						t.Errorf("%s: %s, %s", c.Name, c.Outcome, c.Status)
					}
				}
			}
			if n == 0 {
				t.Error("no connection presents the certificate")
			}
		})
	}
}
