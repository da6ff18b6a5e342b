package audit

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"

	"kube-cert-audit/internal/pkitest"
)

// must returns a value whose making does not fail: what changes nodes has no test
// at hand that it could end.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func ecKey() *ecdsa.PrivateKey { return pkitest.NewKey().(*ecdsa.PrivateKey) }

func rsaKey(bits int) *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, bits)) }

func edKey() ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return must(key, err)
}

// The forms of keys in DER.

func sec1(key *ecdsa.PrivateKey) []byte  { return must(x509.MarshalECPrivateKey(key)) }
func pkcs8(key crypto.PrivateKey) []byte { return must(x509.MarshalPKCS8PrivateKey(key)) }
func spki(key crypto.PublicKey) []byte   { return must(x509.MarshalPKIXPublicKey(key)) }
