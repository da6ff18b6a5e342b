package audit

import (
	"slices"
	"testing"
	"time"

	"kube-cert-audit/internal/pkitest"
)

// A kubelet's certificate that is in a file to serve with, and in its kubeconfig, is
// judged in both roles.
func TestKubeletCertificateOfTwoRoles(t *testing.T) {
	for kubeconfig, build := range map[string]func(time.Time) *pkitest.Spec{
		"/var/lib/kubelet/kubeconfig": pkitest.HardWayWorker,
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
