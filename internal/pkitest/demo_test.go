package pkitest

import (
	"crypto/tls"
	"crypto/x509"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDemoHasExactlyItsFaults(t *testing.T) {
	tree, told, err := Demo(made())
	if err != nil {
		t.Fatal(err)
	}
	if len(told) != 6 {
		t.Errorf("got %d sentences, want 6", len(told))
	}
	for _, sentence := range told {
		if !strings.HasSuffix(sentence, ".") || strings.Count(sentence, ".") > 1 && !strings.Contains(sentence, ".conf") {
			t.Errorf("not one plain sentence: %q", sentence)
		}
	}
	healthy := build(t, Kubeadm(made().Add(-100*day)))
	if diff := cmp.Diff(slices.Sorted(maps.Keys(healthy.Files)), slices.Sorted(maps.Keys(tree.Files))); diff != "" {
		t.Errorf("other files than the healthy node:\n%s", diff)
	}
	want := []string{
		"/etc/kubernetes/admin.conf pair", "/etc/kubernetes/pki/apiserver.crt", "/etc/kubernetes/pki/etcd/peer.crt",
		"/etc/kubernetes/scheduler.conf pair", "/var/lib/kubelet/pki/kubelet-client-2026-08-16-10-20-30.pem",
	}
	before, after := profiles(t, healthy, made()), profiles(t, tree, made())
	var got []string
	for name := range after {
		if !cmp.Equal(before[name], after[name]) {
			got = append(got, name)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("certificates that differ from the healthy node's:\n%s", diff)
	}
}

func TestDemoFaults(t *testing.T) {
	at := made()
	tree, _, err := Demo(at)
	if err != nil {
		t.Fatal(err)
	}
	cert := func(name string) *x509.Certificate { return parseCerts(t, certTexts(t, tree)[name])[0] }

	if cert(pkiDir+"/apiserver.crt").VerifyHostname("api.example.internal") == nil {
		t.Error("the API server's certificate has the name of the endpoint")
	}
	if err := cert(pkiDir + "/etcd/peer.crt").CheckSignatureFrom(cert(pkiDir + "/ca.crt")); err != nil {
		t.Errorf("the etcd peer certificate is not signed by the cluster CA: %v", err)
	}
	admin := cert("/etc/kubernetes/admin.conf pair").Subject
	if admin.Organization != nil || !slices.Equal(admin.OrganizationalUnit, []string{"kubeadm:cluster-admins"}) {
		t.Errorf("the administrator is %v", admin)
	}
	frontProxy := pkiDir + "/front-proxy-client"
	if _, err := tls.X509KeyPair(tree.Files[frontProxy+".crt"].Data, tree.Files[frontProxy+".key"].Data); err == nil {
		t.Error("the key of the front-proxy client matches")
	}
	if got := cert("/etc/kubernetes/scheduler.conf pair").NotAfter.Sub(at); got != 5*day {
		t.Errorf("the scheduler's certificate ends after %v", got)
	}
	kubelet := cert(tree.Files[kubeletClientLink].Link)
	if !kubelet.NotAfter.Before(at) || !kubelet.NotBefore.Before(kubelet.NotAfter) {
		t.Errorf("the kubelet's certificate is valid from %v to %v", kubelet.NotBefore, kubelet.NotAfter)
	}
}

func TestDemoTakesAnyInstant(t *testing.T) {
	at := time.Date(2026, 3, 29, 2, 30, 0, 123456789, time.FixedZone("", 3600))
	tree, _, err := Demo(at)
	if err != nil {
		t.Fatal(err)
	}
	if err := tree.Write(t.TempDir()); err != nil {
		t.Fatal(err)
	}
}
