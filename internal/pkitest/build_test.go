package pkitest

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"slices"
	"strings"
	"testing"
)

func TestEditsBeforeSigning(t *testing.T) {
	s := Kubeadm(made())
	s.Cert("scheduler").Key = rsaKey(t)
	s.Cert("admin").Key = ed25519Key(t)
	s.Cert("super-admin").Key = s.Cert("admin").Key
	s.Cert("etcd-peer").Issuer = "ca"
	s.Cert("ca").Key = rsaKey(t)
	s.Cert("apiserver").Template.SignatureAlgorithm = x509.SHA512WithRSA
	s.Cert("front-proxy-client").WrongKey = NewKey()
	tree := build(t, s)

	for _, name := range []string{"scheduler.conf", "admin.conf"} {
		pair := embedded(t, tree.Files["/etc/kubernetes/"+name].Data)["pair"]
		if _, err := tls.X509KeyPair(pair, pair); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Cert("etcd-peer").Signed.CheckSignatureFrom(s.Cert("ca").Signed); err != nil {
		t.Errorf("etcd-peer: %v", err)
	}
	if !bytes.Equal(s.Cert("admin").Signed.RawSubjectPublicKeyInfo, s.Cert("super-admin").Signed.RawSubjectPublicKeyInfo) {
		t.Error("admin and super-admin do not share their key")
	}
	if got, want := s.Cert("apiserver").Signed.SignatureAlgorithm, x509.SHA512WithRSA; got != want {
		t.Errorf("apiserver is signed with %v, want %v", got, want)
	}
	crt, key := tree.Files[pkiDir+"/front-proxy-client.crt"], tree.Files[pkiDir+"/front-proxy-client.key"]
	if _, err := tls.X509KeyPair(crt.Data, key.Data); err == nil {
		t.Error("front-proxy-client: the wrong key matches")
	}
}

func TestServiceAccountKeysMayDiffer(t *testing.T) {
	s := Kubeadm(made())
	s.ServiceAccount.SigningKey = rsaKey(t)
	s.ServiceAccount.VerificationKeys = []crypto.PublicKey{NewKey().Public(), NewKey().Public()}
	tree := build(t, s)
	if got := tree.Files[pkiDir+"/sa.key"].Data; !bytes.HasPrefix(got, []byte("-----BEGIN RSA PRIVATE KEY")) {
		t.Error("sa.key is not the key that was given")
	}
	if got := bytes.Count(tree.Files[pkiDir+"/sa.pub"].Data, []byte("BEGIN PUBLIC KEY")); got != 2 {
		t.Errorf("sa.pub holds %d keys, want 2", got)
	}
}

func TestIntermediateCA(t *testing.T) {
	s := Kubeadm(made())
	middle := &Certificate{Name: "middle", Template: caTemplate(s.Node, "middle"), Issuer: "ca"}
	s.Certificates = append(s.Certificates, middle) // behind what it signs: order does not matter
	s.Cert("apiserver").Issuer = "middle"
	s.Cert("apiserver").Chain = []string{"middle"}
	tree := build(t, s)
	certs := parseCerts(t, tree.Files[pkiDir+"/apiserver.crt"].Data)
	if len(certs) != 2 || certs[0].Subject.CommonName != "kube-apiserver" || certs[1].Subject.CommonName != "middle" {
		t.Errorf("apiserver.crt holds %d certificates, not leaf and intermediate", len(certs))
	}
	if err := certs[0].CheckSignatureFrom(certs[1]); err != nil {
		t.Error(err)
	}
}

func TestBuildErrorsNameTheObject(t *testing.T) {
	tests := []struct {
		name string
		edit func(*Spec)
		want string
	}{
		{"unknown issuer", func(s *Spec) { s.Cert("scheduler").Issuer = "nobody" }, `certificate scheduler: no certificate named "nobody"`},
		{"unknown link", func(s *Spec) { s.Cert("scheduler").Chain = []string{"nobody"} }, `certificate scheduler: chain: no certificate named "nobody"`},
		{"circle", func(s *Spec) { s.Cert("ca").Issuer = "scheduler" }, "certificate ca: ca issues itself by way of others"},
		{"unknown CA", func(s *Spec) { s.Kubeconfig("admin.conf").CA = "nobody" }, `kubeconfig admin.conf: no certificate named "nobody"`},
		{"unknown client", func(s *Spec) { s.RemoveCert("admin") }, `kubeconfig admin.conf: no certificate named "admin"`},
		{"unsignable", func(s *Spec) { s.Cert("scheduler").Template.SignatureAlgorithm = x509.SHA256WithRSA }, "certificate scheduler: x509: "},
		{"odd key", func(s *Spec) { s.ServiceAccount.VerificationKeys = []crypto.PublicKey{1} }, "service-account key: encoding public key: x509: "},
		{"odd configuration", func(s *Spec) { s.Kubelet.Config["x"] = func() {} }, "kubelet configuration: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := Kubeadm(made())
			tt.edit(s)
			_, err := s.Build()
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestBuildAgainKeepsKeys(t *testing.T) {
	s := Kubeadm(made())
	first := build(t, s)
	second := build(t, s)
	for name, same := range map[string]bool{"ca.key": true, "sa.pub": true, "ca.crt": false} {
		if got := bytes.Equal(first.Files[pkiDir+"/"+name].Data, second.Files[pkiDir+"/"+name].Data); got != same {
			t.Errorf("%s is equal after building again: %v, want %v", name, got, same)
		}
	}
}

func TestTreeAndTemplatesShareNothing(t *testing.T) {
	s := Kubeadm(made())
	tree := build(t, s)
	tree.Files["/etc/hostname"].Data[0] = 'X'
	if got := string(s.Files["/etc/hostname"].Data); got != "cp-1\n" {
		t.Errorf("a change to the tree made the Spec's host name %q", got)
	}
	s.Cert("scheduler").Template.ExtKeyUsage[0] = x509.ExtKeyUsageAny
	if !slices.Equal(s.Cert("admin").Template.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}) {
		t.Error("a change to one template changed another")
	}
}

func rsaKey(t *testing.T) crypto.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func ed25519Key(t *testing.T) crypto.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func BenchmarkBuild(b *testing.B) {
	for b.Loop() {
		if _, err := Kubeadm(made()).Build(); err != nil {
			b.Fatal(err)
		}
	}
}
