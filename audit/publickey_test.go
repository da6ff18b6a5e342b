package audit

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"testing"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/internal/pkitest"
)

// A key has the digest of its certificate, in an audit and in an inspection; an
// encrypted one has none.
func TestPublicKeyDigests(t *testing.T) {
	s := pkitest.Hardened(made())
	root := write(t, s)
	r := run(t, root, options(t))
	fsys, err := hostfs.New("/")
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	inspected := Inspect(fsys, []string{root}, InspectOptions{At: at(), Limits: options(t).Limits})
	for name, r := range map[string]*Report{"audit": r, "inspect": inspected} {
		of := map[string]string{} // by fingerprint
		known := map[string]bool{}
		for _, c := range r.Certificates {
			of[c.FingerprintSHA256], known[c.PublicKeySHA256] = c.PublicKeySHA256, true
		}
		for _, c := range s.Certificates {
			der, err := x509.MarshalPKIXPublicKey(c.Signed.PublicKey)
			if err != nil {
				t.Fatal(err)
			}
			if sum := sha256.Sum256(der); of[fingerprint(c.Signed.Raw)] != hex.EncodeToString(sum[:]) {
				t.Errorf("%s: the certificate %s has %q", name, c.Name, of[fingerprint(c.Signed.Raw)])
			}
		}
		for _, k := range r.Keys {
			if k.Certificate != "" && !known[k.PublicKeySHA256] {
				t.Errorf("%s: no certificate has the key %+v", name, k)
			}
		}
	}
	if got := publicKeyDigest(nil); got != "" {
		t.Errorf("no key has the digest %s", got)
	}
}
