package audit

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"reflect"
	"testing"
)

type pkcs8Structure struct {
	Version   int
	Algorithm pkix.AlgorithmIdentifier
	Key       []byte
}

// pkcs8Key wraps an RSA key.
func pkcs8Key(der []byte) pkcs8Structure {
	return pkcs8Structure{0, pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, Parameters: asn1.NullRawValue}, der}
}

// largeKey returns an RSA key that is none, with numbers of so many bytes.
func largeKey(t testing.TB, size int) []byte {
	t.Helper()
	n := new(big.Int).Lsh(big.NewInt(1), uint(8*size))
	n.Add(n, big.NewInt(1))
	return marshalled(t, struct {
		Version    int
		N          *big.Int
		E          int
		D, P, Q    *big.Int
		DP, DQ, QI *big.Int
	}{0, n, 65537, n, n, n, n, n, n})
}

// encryptedKey returns a key in PKCS#8 that is encrypted, or might be.
func encryptedKey(t testing.TB) []byte {
	t.Helper()
	return marshalled(t, struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}{pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}}, make([]byte, 64)})
}

func TestDecodeKeys(t *testing.T) {
	ec := ecKey()
	p521 := must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader))
	rsa, ed := rsaKey(2048), edKey()
	pkcs1 := x509.MarshalPKCS1PrivateKey(rsa)
	tests := []struct {
		name, text, want string
		public           crypto.PublicKey
	}{
		{"SEC 1", pemOf("EC PRIVATE KEY", sec1(ec)), "1: private ECDSA 256", &ec.PublicKey},
		{"SEC 1 after its parameters", pemOf("EC PARAMETERS", []byte{6, 0}) + pemOf("EC PRIVATE KEY", sec1(ec)), "4: private ECDSA 256", &ec.PublicKey},
		{"PKCS#1", pemOf("RSA PRIVATE KEY", pkcs1), "1: private RSA 2048", &rsa.PublicKey},
		{"PKCS#8 of ECDSA", pemOf("PRIVATE KEY", pkcs8(p521)), "1: private ECDSA 521", &p521.PublicKey},
		{"PKCS#8 of RSA", pemOf("PRIVATE KEY", pkcs8(rsa)), "1: private RSA 2048", &rsa.PublicKey},
		{"PKCS#8 of Ed25519", pemOf("PRIVATE KEY", pkcs8(ed)), "1: private Ed25519 256", ed.Public()},
		{"SEC 1 labelled RSA", pemOf("RSA PRIVATE KEY", sec1(ec)), "1: private ECDSA 256", &ec.PublicKey},
		{"PKCS#8 labelled EC", pemOf("EC PRIVATE KEY", pkcs8(rsa)), "1: private RSA 2048", &rsa.PublicKey},
		{"PKCS#1 without RSA", pemOf("PRIVATE KEY", pkcs1), "1: private RSA 2048", &rsa.PublicKey},
		{"labelled encrypted", pemOf("ENCRYPTED PRIVATE KEY", pkcs8(ec)), "1: private ECDSA 256", &ec.PublicKey},
		{"headers", pemWithHeaders("EC PRIVATE KEY", sec1(ec), map[string]string{"a": "b"}), "1: private ECDSA 256", &ec.PublicKey},
		{"public", pemOf("PUBLIC KEY", spki(&ec.PublicKey)), "1: public ECDSA 256", &ec.PublicKey},
		{"public, Ed25519", pemOf("PUBLIC KEY", spki(ed.Public())), "1: public Ed25519 256", ed.Public()},
		{"public, PKCS#1", pemOf("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsa.PublicKey)), "1: public RSA 2048", &rsa.PublicKey},
		{"public, labelled RSA", pemOf("RSA PUBLIC KEY", spki(&rsa.PublicKey)), "1: public RSA 2048", &rsa.PublicKey},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			compare(t, tt.text, tt.want)
			keys := decode([]byte(tt.text)).keys
			if len(keys) != 1 || !reflect.DeepEqual(keys[0].public, tt.public) {
				t.Errorf("public key %v", keys)
			}
		})
	}
}

func TestDecodeUnusableKeys(t *testing.T) {
	ec := ecKey()
	x25519 := must(ecdh.X25519().GenerateKey(rand.Reader))
	named := func(last int) []byte {
		key := pkcs8Key([]byte{4, 0})
		key.Algorithm.Algorithm = asn1.ObjectIdentifier{1, 3, 101, last}
		return marshalled(t, key)
	}
	const encrypted = "1: encrypted private: encrypted: no component can ask for the passphrase"
	const nameless = "not in the form of PKCS#1, PKCS#8 or SEC 1"
	legacy := map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00"}
	tests := []struct {
		name, text, want string
	}{
		{"encrypted", pemOf("ENCRYPTED PRIVATE KEY", encryptedKey(t)), encrypted},
		{"encrypted, by its form", pemOf("PRIVATE KEY", encryptedKey(t)), encrypted},
		{"encrypted, by its headers", pemWithHeaders("RSA PRIVATE KEY", make([]byte, 32), legacy), encrypted},
		{"OpenSSH", pemOf("OPENSSH PRIVATE KEY", []byte("openssh-key-v1\x00")), "1: private: in the form of OpenSSH, which no component reads"},
		{"garbage", pemOf("EC PRIVATE KEY", []byte("hello")), "1: private: " + nameless},
		{"empty", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", "1: private: " + nameless},
		{"certificate", pemOf("PRIVATE KEY", newCertificate(t, "a")), "1: private: " + nameless},
		{"X25519", pemOf("PRIVATE KEY", pkcs8(x25519)), "1: private X25519 256: a key for X25519, which no component can use"},
		{"X25519, public", pemOf("PUBLIC KEY", spki(x25519.PublicKey())), "1: public X25519 256: a key for X25519, which no component can use"},
		{"Ed448", pemOf("PRIVATE KEY", named(113)), "1: private Ed448: PKCS#8 wrapping contained private key with unknown algorithm: 1.3.101.113"},
		{"nameless algorithm", pemOf("PRIVATE KEY", named(99)), "1: private 1.3.101.99: PKCS#8 wrapping contained private key with unknown algorithm: 1.3.101.99"},
		{"unknown public key", pemOf("PUBLIC KEY", patched(t, spki(&ec.PublicKey), "\xCE\x3D\x02\x01", "\xCE\x3D\x02\x7F")), "1: public 1.2.840.10045.2.127: unknown public key algorithm"},
		{"unknown curve", pemOf("EC PRIVATE KEY", patched(t, sec1(ec), "\xCE\x3D\x03\x01\x07", "\xCE\x3D\x03\x01\x7F")), "1: private ECDSA: unknown elliptic curve"},
		{"public half wrong in form", pemOf("PUBLIC KEY", []byte{0x30, 0}), "1: public: asn1: syntax error: sequence truncated"},
		{"not an RSA key", pemOf("RSA PRIVATE KEY", largeKey(t, 256)), "1: private RSA 2049: input overflows the modulus"},
		{"DSA", pemOf("DSA PRIVATE KEY", marshalled(t, []int{0, 7, 5, 3, 2, 1})), "1: private DSA 3: a DSA key, which no component can use"},
		{"too large", pemOf("RSA PRIVATE KEY", largeKey(t, 2000)), "1: private RSA 16001: larger than any key that TLS accepts"},
		{"too large, PKCS#8", pemOf("PRIVATE KEY", marshalled(t, pkcs8Key(largeKey(t, 2000)))), "1: private RSA 16001: larger than any key that TLS accepts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			compare(t, tt.text, tt.want)
			if keys := decode([]byte(tt.text)).keys; len(keys) != 1 || keys[0].public != nil {
				t.Errorf("keys %v", keys)
			}
		})
	}
}

func TestKeyAlgorithmOfNone(t *testing.T) {
	if algorithm, bits := keyAlgorithm(nil); algorithm != "" || bits != 0 {
		t.Errorf("%q, %d", algorithm, bits)
	}
}
