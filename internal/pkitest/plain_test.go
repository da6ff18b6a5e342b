package pkitest

import (
	"crypto/x509"
	"testing"
	"time"
)

// A plain certificate has no extensions and verifies, unless it is to be what only an
// extension could say.
func TestPlainCertificates(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 20, 30, 0, time.UTC)
	n := DefaultNode(at)
	s := native(n)
	s.Certificates = certificatesOf(n, "/pki", []row{{name: "ca", cn: "CA"}, {name: "user", issuer: "ca", cn: "user"}})
	ca, user := s.Cert("ca"), s.Cert("user")
	ca.Template.DNSNames = nil
	ca.Plain, user.Plain = true, true
	versions := func() (int, int) {
		t.Helper()
		if _, err := s.Build(); err != nil {
			t.Fatal(err)
		}
		return ca.Signed.Version, user.Signed.Version
	}
	if root, leaf := versions(); root != 1 || leaf != 1 {
		t.Errorf("versions %d and %d, want 1", root, leaf)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.Signed)
	_, err := user.Signed.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		t.Error(err)
	}
	ca.Template.IsCA, user.Template.IsCA = false, true
	if root, leaf := versions(); root != 3 || leaf != 3 {
		t.Errorf("versions %d and %d of what an extension must say, want 3", root, leaf)
	}
}
