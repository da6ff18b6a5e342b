package manifests

import (
	"testing"
	"time"

	"kube-cert-audit/internal/pkitest"
)

// sampleNodes build the nodes that between them give every argument.
func sampleNodes() []func(time.Time) *pkitest.Spec {
	return []func(time.Time) *pkitest.Spec{
		pkitest.Hardened, pkitest.EtcdConfigFile, pkitest.EtcdAutoTLS, pkitest.KubeletDropIns, pkitest.Webhooks, pkitest.Konnectivity,
		pkitest.TokenIssuers, pkitest.StaticProxy, pkitest.CertDir, pkitest.RareFlags, pkitest.EKSAnywhere, pkitest.K0s, pkitest.K0sWorker,
		pkitest.K3s, pkitest.Kops, pkitest.Kubeasz, pkitest.Kubespray, pkitest.MicroK8s, pkitest.HardWay, pkitest.HardWayWorker,
		pkitest.HardWayHA, pkitest.OpenShift, pkitest.RKE2,
	}
}

// withoutNode are the arguments that no sample node gives, each with the test that does, or the reason.
func withoutNode() map[string]string {
	return map[string]string{
		"kube-apiserver service-account-signing-endpoint":  "it takes the place of the key that the sample nodes sign tokens with",
		"kube-apiserver authorization-webhook-config-file": "it cannot stand beside the file that the node of webhooks has",
		"kube-apiserver admission.image-policy-config":     "TestFilesOfTheAPIServer",
		"konnectivity-agent kubeconfig":                    "agents authenticate with their certificate, or with a token",
		"etcd client-crl-file":                             "lists of revocations are not read",
		"etcd peer-crl-file":                               "lists of revocations are not read",
		"etcd ca-file":                                     "of etcd 2, which nothing starts any more",
		"etcd peer-ca-file":                                "of etcd 2, which nothing starts any more",
	}
}

// Every argument of the table is given to each of its components by one of the sample
// nodes, of which the tests of audit find no more than is there.
func TestEveryArgumentIsGiven(t *testing.T) {
	at := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	given := map[string]bool{}
	for _, build := range sampleNodes() {
		root := t.TempDir() + "/node"
		if err := build(at).Write(root); err != nil {
			t.Fatal(err)
		}
		node := discover(t, root, Options{})
		for _, c := range node.Components {
			for _, a := range c.Arguments {
				given[c.Name+" "+a.Name] = true
			}
		}
	}
	reasons := withoutNode()
	for _, row := range knownArguments() {
		for _, component := range append(podComponents(), kubelet) {
			name := component + " " + row.name
			if isRow := row.components.has(component); isRow && given[name] == (reasons[name] != "") {
				t.Errorf("%s: given is %t, and the reason why not is %q", name, given[name], reasons[name])
			}
		}
	}
}
