package audit

import (
	"slices"
	"testing"

	"kube-cert-audit/internal/pkitest"
)

// What operators exchange is judged by its lifetime, and a former signer in a bundle
// is no alarm; a signer that is in use is one.
func TestOpenShiftRotation(t *testing.T) {
	const (
		own     = "/etc/kubernetes/static-pod-resources/kube-apiserver-certs/"
		proxyCA = own + "configmaps/aggregator-client-ca/ca-bundle.crt"
	)
	tests := []struct {
		name string
		spec func(*pkitest.Spec)
		want []string
	}{
		{"a twelfth of its life left", ends("internal-lb", 5*day/2), []string{"warning expires-soon " + own + "secrets/internal-loadbalancer-serving-certkey/tls.crt"}},
		{"a former signer that has ended", ends("aggregator-signer-before", -day), []string{"info expired " + proxyCA, "info expired " + managed("aggregator-client-ca")}},
		{"the present signer", ends("aggregator-signer", day), []string{
			"error expires-soon " + proxyCA, "error expires-soon " + managed("aggregator-client-ca"), "warning outlives-ca " + own + "secrets/aggregator-client/tls.crt",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := pkitest.OpenShift(made())
			tt.spec(s)
			checkFindings(t, run(t, write(t, s), options(t)), append(tt.want, "info unverifiable /etc/kubernetes/manifests/kube-apiserver-pod.yaml"))
		})
	}
}

// managed returns the path of a bundle of the controller-manager.
func managed(bundle string) string {
	return "/etc/kubernetes/static-pod-resources/kube-controller-manager-certs/configmaps/" + bundle + "/ca-bundle.crt"
}

// The keys of tokens lie in folders that the configuration names.
func TestOpenShiftTokenKeys(t *testing.T) {
	s := pkitest.OpenShift(made())
	s.ServiceAccount.VerificationKeys = append(s.ServiceAccount.VerificationKeys, pkitest.NewKey().Public())
	r := run(t, write(t, s), options(t))
	want := "error sa-key-mismatch /etc/kubernetes/static-pod-resources/kube-controller-manager-pod-5/secrets/service-account-private-key/service-account.key"
	if !slices.Contains(brief(r.Findings), want) {
		t.Errorf("%q", brief(r.Findings))
	}
}
