package pkitest

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
)

// isPlain reports whether a certificate can be one of X.509 version 1: whatever it is meant to be is what that version means
// to those who verify it. A root is an authority there, and everything else is none.
func (c *Certificate) isPlain() bool {
	t := c.Template
	return c.Plain && t.IsCA == (c.Issuer == "") && len(t.ExtKeyUsage)+len(t.DNSNames)+len(t.IPAddresses) == 0
}

// certificate is a certificate as it is encoded (RFC 5280, section 4.1).
type certificate struct {
	Body               asn1.RawValue
	SignatureAlgorithm pkix.AlgorithmIdentifier
	Signature          asn1.BitString
}

type certificateBody struct {
	Version            int `asn1:"optional,explicit,default:0,tag:0"`
	SerialNumber       *big.Int
	SignatureAlgorithm pkix.AlgorithmIdentifier
	Issuer             asn1.RawValue
	Validity           asn1.RawValue
	Subject            asn1.RawValue
	PublicKey          asn1.RawValue
	Extensions         []pkix.Extension `asn1:"omitempty,optional,explicit,tag:3"`
}

// withoutExtensions signs a certificate again as one of version 1, which crypto/x509 reads and does not write.
func withoutExtensions(c *x509.Certificate, signer crypto.Signer) (*x509.Certificate, error) {
	var body certificateBody
	if _, err := asn1.Unmarshal(c.RawTBSCertificate, &body); err != nil {
		return nil, err
	}
	body.Version, body.Extensions = 0, nil // version 1 is counted as 0
	signed, err := asn1.Marshal(body)
	if err != nil {
		return nil, err
	}
	hash := crypto.SHA256
	if c.SignatureAlgorithm == x509.ECDSAWithSHA1 {
		hash = crypto.SHA1
	}
	h := hash.New()
	h.Write(signed)
	signature, err := signer.Sign(rand.Reader, h.Sum(nil), hash)
	if err != nil {
		return nil, err
	}
	der, err := asn1.Marshal(certificate{
		asn1.RawValue{FullBytes: signed}, body.SignatureAlgorithm, asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)},
	})
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}
