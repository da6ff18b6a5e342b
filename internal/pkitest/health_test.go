package pkitest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"strings"
	"testing"
	"time"
)

// healthySpecs are all the nodes that should have nothing wrong.
func healthySpecs() map[string]func(time.Time) *Spec {
	return map[string]func(time.Time) *Spec{
		"kubeadm": Kubeadm, "hardened": Hardened, "worker": Worker, "external etcd": ExternalEtcd, "external CA": ExternalCA,
		"k0s": K0s, "k0s worker": K0sWorker, "microk8s": MicroK8s, "canonical": Canonical, "talos": Talos,
	}
}

// made is when the sample nodes of the tests were made.
func made() time.Time {
	return time.Date(2026, 11, 24, 10, 20, 30, 0, time.UTC)
}

func TestEveryCertificateVerifies(t *testing.T) {
	for name, newSpec := range healthySpecs() {
		t.Run(name, func(t *testing.T) {
			s := newSpec(made())
			build(t, s)
			for _, c := range s.Certificates {
				issuer := c
				if c.Issuer != "" {
					issuer = s.Cert(c.Issuer)
				}
				roots := x509.NewCertPool()
				roots.AddCert(issuer.Signed)
				for _, at := range []time.Time{made(), made().Add(300 * day)} {
					opts := x509.VerifyOptions{Roots: roots, CurrentTime: at, KeyUsages: c.Template.ExtKeyUsage}
					if _, err := c.Signed.Verify(opts); err != nil {
						t.Errorf("%s at %v: %v", c.Name, at, err)
					}
				}
			}
		})
	}
}

func TestEveryKeyMatches(t *testing.T) {
	for name, newSpec := range healthySpecs() {
		t.Run(name, func(t *testing.T) {
			tree := build(t, newSpec(made()))
			for name, text := range certTexts(t, tree) {
				key := text // of combined files and kubeconfigs
				if base, ok := strings.CutSuffix(name, ".crt"); ok {
					f := tree.Files[base+".key"]
					if f == nil {
						continue // a CA whose key is elsewhere
					}
					key = f.Data
				} else if strings.HasSuffix(name, " ca") {
					continue
				}
				if _, err := tls.X509KeyPair(text, key); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

func TestServiceAccountKeysMatch(t *testing.T) {
	tree := build(t, Kubeadm(made()))
	private, _ := pem.Decode(tree.Files[pkiDir+"/sa.key"].Data)
	public, _ := pem.Decode(tree.Files[pkiDir+"/sa.pub"].Data)
	signing, err := x509.ParseECPrivateKey(private.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	verification, err := x509.ParsePKIXPublicKey(public.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if !signing.PublicKey.Equal(verification) {
		t.Error("sa.pub is not the public half of sa.key")
	}
}

func TestKeysAndSerialsAreUnique(t *testing.T) {
	s := Kubeadm(made())
	build(t, s)
	keys := map[string]bool{}
	serials := map[string]bool{}
	for _, c := range s.Certificates {
		keys[string(c.Signed.RawSubjectPublicKeyInfo)] = true
		serials[c.Signed.SerialNumber.String()] = true
		if c.Signed.SerialNumber.Sign() <= 0 || c.Signed.SerialNumber.BitLen() > 63 {
			t.Errorf("%s: serial number %v", c.Name, c.Signed.SerialNumber)
		}
	}
	if want := len(s.Certificates); len(keys) != want || len(serials) != want {
		t.Errorf("%d certificates have %d keys and %d serial numbers", want, len(keys), len(serials))
	}
}

func TestServersAnswerToTheirNames(t *testing.T) {
	tests := []struct {
		name  string
		spec  *Spec
		cert  string
		hosts []string
	}{
		{"apiserver", Kubeadm(made()), "apiserver", []string{
			"api.example.internal", "192.0.2.11", "10.96.0.1", "cp-1", "kubernetes.default.svc.cluster.local",
		}},
		{"etcd", Kubeadm(made()), "etcd-server", []string{"127.0.0.1", "::1", "localhost", "192.0.2.11", "cp-1"}},
		{"kubelet of its own", Kubeadm(made()), "kubelet-serving", []string{"cp-1"}},
		{"kubelet with bootstrap", Hardened(made()), "kubelet-serving", []string{"cp-1", "192.0.2.11"}},
		{"endpoint by address", addressed(), "apiserver", []string{"192.0.2.100"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			build(t, tt.spec)
			for _, host := range tt.hosts {
				if err := tt.spec.Cert(tt.cert).Signed.VerifyHostname(host); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// addressed is a node whose control-plane endpoint is an address.
func addressed() *Spec {
	n := DefaultNode(made())
	n.Endpoint = net.JoinHostPort("192.0.2.100", "6443")
	return New(n)
}
