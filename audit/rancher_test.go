package audit

import (
	"path"
	"strings"
	"testing"

	"kube-cert-audit/internal/pkitest"
)

// What k3s and RKE2 have otherwise than all others, one fault at a time.
func TestRancherNodes(t *testing.T) {
	const k3s, rke2 = "/data/k3s/server/", "/data/rke2/server/"
	tests := []struct {
		name string
		node *pkitest.Spec
		spec func(*pkitest.Spec)
		tree func(*pkitest.Tree)
		want []string
	}{
		{name: "k3s of 2022", node: pkitest.K3sSQLite(made()), tree: withoutLaterFiles},
		{name: "RKE2 without later files", node: pkitest.RKE2(made()), tree: remove("/data/rke2/agent/etc/kubelet.conf.d/00-rke2-defaults.conf")},
		{
			name: "tokens of another key", node: pkitest.K3s(made()),
			spec: func(s *pkitest.Spec) { s.ServiceAccount.SigningKey = pkitest.NewKey() },
			tree: func(tree *pkitest.Tree) {
				lines := strings.SplitAfter(string(tree.Files[k3s+"tls/service.key"].Data), "-----END EC PRIVATE KEY-----\n")
				tree.Files[k3s+"tls/service.key"].Data = []byte(lines[1]) // only the former key is left
			},
			want: one("error sa-key-mismatch " + k3s + "tls/service.current.key"),
		},
		{
			name: "server of the clients' CA", node: pkitest.K3s(made()),
			spec: func(s *pkitest.Spec) {
				s.Cert("apiserver").Issuer, s.Cert("apiserver").Chain = "client-ca", []string{"client-ca"}
			},
			want: one("error untrusted " + k3s + "tls/serving-kube-apiserver.crt"),
		},
		{
			name: "client of the servers' CA", node: pkitest.RKE2(made()),
			spec: func(s *pkitest.Spec) {
				s.Cert("scheduler").Issuer, s.Cert("scheduler").Chain = "server-ca", []string{"server-ca"}
			},
			want: one("error untrusted " + rke2 + "tls/client-scheduler.crt"),
		},
		{
			name: "peer of the CA of etcd's clients", node: pkitest.RKE2(made()),
			spec: func(s *pkitest.Spec) {
				s.Cert("etcd-peer").Issuer, s.Cert("etcd-peer").Chain = "etcd-server-ca", []string{"etcd-server-ca"}
			},
			want: one("error untrusted " + rke2 + "tls/etcd/peer-server-client.crt"),
		},
		{
			name: "expired in a Secret", node: pkitest.K3s(made()), spec: ends("listener", -day),
			want: one("error expired " + k3s + "tls/dynamic-cert.json"),
		},
		{
			name: "damaged Secret", node: pkitest.K3s(made()), tree: holds(k3s+"tls/dynamic-cert.json", `{"data": {"tls.crt": "?"}}`),
			want: one("error unreadable " + k3s + "tls/dynamic-cert.json"),
		},
		{
			name: "name that only k3s itself has", node: pkitest.K3s(made()),
			spec: func(s *pkitest.Spec) {
				s.Kubeconfig("people").Server = "https://k3s.example.com:6443"
				s.Cert("listener").Template.DNSNames = []string{"k3s.example.com"}
			},
		},
		{
			name: "settings that do not parse", node: pkitest.K3s(made()), tree: holds("/etc/rancher/k3s/config.yaml.d/x.yaml", "["),
			spec: func(s *pkitest.Spec) { s.Files["/etc/rancher/k3s/config.yaml.d/x.yaml"] = &pkitest.File{Mode: 0o600} },
			want: one("error unreadable /etc/rancher/k3s/config.yaml.d/x.yaml"),
		},
		{
			name: "no manifest of the API server", node: pkitest.RKE2(made()), tree: remove("/data/rke2/agent/pod-manifests/kube-apiserver.yaml"),
			want: one("error unreadable /data/rke2/agent/pod-manifests/kube-apiserver.yaml"),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.spec != nil {
				tt.spec(tt.node)
			}
			r := run(t, write(t, tt.node, tt.tree), options(t))
			var got []string
			for _, f := range brief(r.Findings) {
				if !strings.HasPrefix(f, "info ") {
					got = append(got, f)
				}
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
		})
	}
}

// withoutLaterFiles takes away what k3s did not have before 2023.
func withoutLaterFiles(t *pkitest.Tree) {
	for name := range t.Files {
		dir, base := path.Split(name)
		isLater := strings.Contains(base, ".nochain.") || strings.Contains(base, "dynamic-cert") || strings.Contains(base, "supervisor") ||
			strings.Contains(base, "egress") || strings.Contains(base, ".current.") || strings.HasSuffix(dir, "kubelet.conf.d/") ||
			strings.HasSuffix(dir, "/kube-scheduler/") || strings.HasSuffix(dir, "/kube-controller-manager/")
		if isLater {
			delete(t.Files, name)
		}
	}
}
