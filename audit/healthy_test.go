package audit

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/rules"
)

// A healthy node gives no finding that asks for anything; the hardened one gives
// none at all.
func TestHealthyNodes(t *testing.T) {
	const (
		server   = "/etc/kubernetes/manifests/kube-apiserver.yaml"
		client   = "/etc/kubernetes/pki/apiserver-kubelet-client.crt"
		etcdCA   = "/etc/kubernetes/pki/etcd/ca.crt"
		toEtcd   = "/etc/kubernetes/pki/apiserver-etcd-client.crt"
		kubelet  = "/etc/kubernetes/kubelet.conf"
		current  = "/var/lib/kubelet/pki/kubelet-client-current.pem"
		defaults = "info tls-verify-disabled " + server
		noGroup  = "info unverifiable " + client
	)
	tests := []struct {
		name string
		spec func(time.Time) *pkitest.Spec
		want []string
	}{
		{"hardened", pkitest.Hardened, nil},
		{"rare flags", pkitest.RareFlags, nil},
		{"kubeadm", pkitest.Kubeadm, []string{defaults, noGroup}},
		{"worker", pkitest.Worker, []string{"info unverifiable " + kubelet, "info unverifiable " + current, "info unverifiable /var/lib/kubelet/pki/kubelet.crt"}},
		{"external etcd", pkitest.ExternalEtcd, []string{defaults, "info unverifiable " + etcdCA, "info unverifiable " + toEtcd, noGroup}},
		{"external CA", pkitest.ExternalCA, []string{defaults, noGroup}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := options(t)
			o.Orphans = true // there are none
			r := run(t, write(t, tt.spec(made())), o)
			checkFindings(t, r, tt.want)
			if r.Coverage.Unreadable > 0 || r.Coverage.References == 0 {
				t.Errorf("coverage %+v", r.Coverage)
			}
		})
	}
}

// Every certificate and key that a node was built of is in its report.
func TestHealthyNodeIsReportedWhole(t *testing.T) {
	s := pkitest.Hardened(made())
	r := run(t, write(t, s), options(t))
	for _, c := range s.Certificates {
		serial := c.Signed.SerialNumber.String()
		if !slices.ContainsFunc(r.Certificates, func(x Certificate) bool { return x.SerialNumber == serial && x.Status == rules.OK }) {
			t.Errorf("the certificate %s is not in the report as ok", c.Name)
		}
		if c.KeyPath != "" && !slices.ContainsFunc(r.Keys, func(k Key) bool {
			return k.Private && (k.Path == c.KeyPath || strings.HasSuffix(k.Path, "-current.pem")) && k.Status == rules.OK
		}) {
			t.Errorf("the key of %s is not in the report", c.Name)
		}
	}
	for _, c := range r.Connections {
		if c.Status != rules.OK {
			t.Errorf("connection %s: %s %s", c.Name, c.Status, c.Reason)
		}
	}
	want := map[string]int{
		"apiserver-from-front-proxy": 1, "apiserver-from-kubeconfig": 6, "apiserver-to-etcd": 1, "apiserver-to-kubelet": 1,
		"etcd-from-apiserver": 1, "etcd-from-healthcheck": 1, "etcd-from-peer": 1, "etcd-gateway": 1, "etcd-to-peer": 1,
		"kubeconfig-to-apiserver": 6, "kubelet-from-apiserver": 1, "pods-to-apiserver": 2,
	}
	got := map[string]int{}
	for _, c := range r.Connections {
		got[c.Name]++
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("connections (-want +got):\n%s", diff)
	}
}

func TestRealNodesAreHealthy(t *testing.T) {
	for _, archive := range []string{"kubeadm-1.37-rsa.tar.gz", "kubeadm-1.37-ecdsa.tar.gz"} {
		t.Run(archive, func(t *testing.T) {
			r := run(t, unpack(t, archive), options(t))
			for _, f := range r.Findings {
				if f.Severity > rules.Info {
					t.Errorf("%+v", f)
				}
			}
			rows := map[string]int{}
			for _, c := range r.Certificates {
				rows[c.Requirement]++
			}
			want := map[string]int{
				"kubernetes-ca": 1, "etcd-ca": 1, "kubernetes-front-proxy-ca": 1, "kube-etcd": 1, "kube-etcd-peer": 1,
				"kube-etcd-healthcheck-client": 1, "kube-apiserver-etcd-client": 1, "kube-apiserver": 1,
				"kube-apiserver-kubelet-client": 1, "front-proxy-client": 1, "kubernetes-admin": 1, "kubernetes-super-admin": 1,
				"kubelet": 1, "kube-controller-manager": 1, "kube-scheduler": 1, "kubelet-server": 2,
			}
			if diff := cmp.Diff(want, rows); diff != "" {
				t.Errorf("certificates by row (-want +got):\n%s", diff)
			}
			if len(r.Keys) != 18 || r.Node.Version != "v1.37.2" || r.Node.Layout != "kubeadm" {
				t.Errorf("%d keys, node %+v", len(r.Keys), r.Node)
			}
		})
	}
}
