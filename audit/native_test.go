package audit

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kube-cert-audit/internal/pkitest"
)

// A kubelet's certificate that is in a file to serve with, and in its kubeconfig, is
// judged in both roles.
func TestKubeletCertificateOfTwoRoles(t *testing.T) {
	for kubeconfig, build := range map[string]func(time.Time) *pkitest.Spec{
		"/var/lib/kubelet/kubeconfig": pkitest.HardWayWorker, "/etc/kubernetes/kubelet.kubeconfig": pkitest.Kubeasz,
	} {
		s := build(made())
		subject := &template(s, "kubelet").Subject
		subject.CommonName, subject.Organization = "nobody", nil
		found := brief(run(t, write(t, s), options(t)).Findings)
		for _, want := range []string{"error organization " + kubeconfig, "error common-name " + kubeconfig} {
			if !slices.Contains(found, want) {
				t.Errorf("no %s, but %q", want, found)
			}
		}
	}
}

// What nobody's tool made is signed by hand, and what playbooks made is made by them.
func TestFixesWithoutKubeadm(t *testing.T) {
	for want, node := range map[string]struct {
		build func(time.Time) *pkitest.Spec
		cert  string
	}{
		"kube-api-server.crt\nsystemctl restart kube-apiserver": {pkitest.HardWay, "kube-api-server"},
		"ezctl setup CLUSTER 04 -t change_cert,restart_master":  {pkitest.Kubeasz, "kubernetes"},
		"playbooks/96.update-certs.yml -t force_change_certs":   {pkitest.Kubeasz, "etcd"},
		"etcd-server.crt\nsystemctl restart etcd":               {pkitest.HardWayHA, "etcd-server"},
	} {
		s := node.build(made())
		ends(node.cert, -day)(s)
		isIt := func(f Finding) bool { return f.Check == "expired" && strings.Contains(f.Fix, want) }
		if r := run(t, write(t, s), options(t)); !slices.ContainsFunc(r.Findings, isIt) {
			t.Errorf("%s is not mended with %q: %+v", node.cert, want, r.Findings)
		}
	}
}
