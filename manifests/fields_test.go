package manifests

import (
	"testing"
	"time"

	"kube-cert-audit/internal/pkitest"
)

// Every field for which there is no flag is given by one of the sample nodes.
func TestEveryFieldIsGiven(t *testing.T) {
	at := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	given := map[string]bool{"admission.image-policy-config": true} // by TestFilesOfTheAPIServer
	for _, spec := range []*pkitest.Spec{pkitest.Webhooks(at), pkitest.Konnectivity(at), pkitest.TokenIssuers(at), pkitest.K3s(at), pkitest.Kops(at), pkitest.Kubespray(at)} {
		built, err := spec.Build()
		if err != nil {
			t.Fatal(err)
		}
		root := t.TempDir()
		if err := built.Write(root); err != nil {
			t.Fatal(err)
		}
		node := discover(t, root, Options{})
		if len(node.Unreadable) > 0 {
			t.Errorf("unreadable: %q", details(node.Unreadable))
		}
		for _, c := range node.Components {
			for _, a := range c.Arguments {
				given[a.Name] = true
			}
		}
	}
	for _, row := range knownArguments() {
		if isFieldName(row.name) && !given[row.name] {
			t.Errorf("no sample node gives %s", row.name)
		}
	}
}
