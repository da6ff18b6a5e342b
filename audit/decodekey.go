package audit

import (
	"crypto"
	"crypto/dsa" //lint:ignore SA1019 such keys are named, not used
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
)

// maxKey bounds the DER form of a private key that is parsed. An RSA key of 8192
// bits, the most that TLS accepts, has fewer bytes; the time that checking a key
// takes grows with the cube of its size.
const maxKey = 5 << 10

// keyAlgorithm names the algorithm of a public key, and says how many bits it has.
func keyAlgorithm(pub crypto.PublicKey) (algorithm string, bits int) {
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return "RSA", pub.N.BitLen()
	case *ecdsa.PublicKey:
		return "ECDSA", pub.Curve.Params().BitSize
	case ed25519.PublicKey:
		return "Ed25519", 256
	case *dsa.PublicKey:
		return "DSA", pub.P.BitLen()
	case *ecdh.PublicKey:
		return "X25519", 256 // the only one that crypto/x509 returns
	}
	return "", 0
}

// certificateKey is keyAlgorithm for a certificate, whose key may be of a kind
// that Go has no type for.
func certificateKey(c *x509.Certificate) (algorithm string, bits int) {
	if algorithm, bits = keyAlgorithm(c.PublicKey); algorithm == "" {
		return unsupportedAlgorithm(c.RawSubjectPublicKeyInfo)
	}
	return algorithm, bits
}

// privateKey describes a block that is labelled as a private key.
func privateKey(block *pem.Block, line int) keyBlock {
	pub, err := publicHalf(block.Bytes)
	key := describe(pub, err, block.Bytes)
	key.private, key.line = true, line
	if key.fault == "" {
		return key // whatever the label and the headers say: tls.X509KeyPair does not look at them
	}
	types, _ := fieldsOf(block.Bytes)
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY", types == encryptedFields,
		strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"), block.Headers["DEK-Info"] != "":
		key = keyBlock{private: true, encrypted: true, line: line, fault: "encrypted: no component can ask for the passphrase"}
	case block.Type == "OPENSSH PRIVATE KEY":
		key.fault = "in the form of OpenSSH, which no component reads"
	case block.Type == "DSA PRIVATE KEY" && key.algorithm == "RSA": // both are lists of integers
		key.algorithm, key.fault = "DSA", "a DSA key, which no component can use"
	}
	return key
}

// publicKey describes a block that is labelled as a public key.
func publicKey(block *pem.Block, line int) keyBlock {
	pub, err := x509.ParsePKIXPublicKey(block.Bytes)
	if rsaKey, rsaErr := x509.ParsePKCS1PublicKey(block.Bytes); rsaErr == nil {
		pub, err = rsaKey, nil
	}
	key := describe(pub, err, block.Bytes)
	key.line = line
	return key
}

// describe describes a key of which the public half, or an error, is known.
func describe(pub crypto.PublicKey, err error, der []byte) keyBlock {
	if err != nil {
		algorithm, bits := unsupportedAlgorithm(der)
		return keyBlock{algorithm: algorithm, bits: bits, fault: strings.ReplaceAll(err.Error(), "x509: ", "")}
	}
	algorithm, bits := keyAlgorithm(pub)
	switch pub.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
		return keyBlock{public: pub, algorithm: algorithm, bits: bits}
	}
	return keyBlock{algorithm: algorithm, bits: bits, fault: "a key for " + algorithm + ", which no component can use"}
}

// publicHalf parses a private key as tls.X509KeyPair does, by its form and not by
// its label, and returns a public key that does not keep the private one in memory.
func publicHalf(der []byte) (crypto.PublicKey, error) {
	if len(der) > maxKey {
		return nil, errors.New("larger than any key that TLS accepts")
	}
	var key any
	var err error
	switch types, _ := fieldsOf(der); {
	case types == pkcs1Fields:
		if sound := soundRSA(der); sound != nil {
			return sound, nil
		}
		key, err = x509.ParsePKCS1PrivateKey(der)
	case types == pkcs8Fields:
		key, err = x509.ParsePKCS8PrivateKey(der)
	case strings.HasPrefix(types, sec1Fields):
		key, err = x509.ParseECPrivateKey(der)
	default: // no parser's error: it could speak of any bytes
		err = errors.New("not in the form of PKCS#1, PKCS#8 or SEC 1")
	}
	if err != nil {
		return nil, err
	}
	switch pub := key.(interface{ Public() crypto.PublicKey }).Public().(type) {
	case *rsa.PublicKey:
		detached := *pub
		return &detached, nil
	case *ecdsa.PublicKey:
		detached := *pub
		return &detached, nil
	default: // a copy already
		return pub, nil
	}
}

// unsupportedAlgorithm says what can be said of a key that does not parse.
func unsupportedAlgorithm(der []byte) (algorithm string, bits int) {
	types, fields := fieldsOf(der)
	switch {
	case types == pkcs1Fields:
		return "RSA", bitLen(fields[1])
	case types == pkcs8Fields:
		if innerTypes, inner := fieldsOf(fields[2].Bytes); innerTypes == pkcs1Fields {
			bits = bitLen(inner[1])
		}
		return algorithmName(fields[1]), bits
	case types == pkixFields:
		return algorithmName(fields[0]), 0
	case strings.HasPrefix(types, sec1Fields):
		return "ECDSA", 0
	}
	return "", 0
}

func bitLen(integer asn1.RawValue) int { return new(big.Int).SetBytes(integer.Bytes).BitLen() }

// algorithmName names an AlgorithmIdentifier.
func algorithmName(identifier asn1.RawValue) string {
	var oid asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(identifier.Bytes, &oid); err != nil {
		return ""
	}
	names := map[string]string{
		"1.2.840.113549.1.1.1": "RSA", "1.2.840.113549.1.1.10": "RSA-PSS", "1.2.840.113549.1.3.1": "DH",
		"1.2.840.10040.4.1": "DSA", "1.2.840.10045.2.1": "ECDSA", "1.3.101.110": "X25519",
		"1.3.101.111": "X448", "1.3.101.112": "Ed25519", "1.3.101.113": "Ed448",
		"2.16.840.1.101.3.4.3.17": "ML-DSA-44", "2.16.840.1.101.3.4.3.18": "ML-DSA-65", "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
	}
	if name, ok := names[oid.String()]; ok {
		return name
	}
	return oid.String()
}
