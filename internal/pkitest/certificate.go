package pkitest

import (
	"crypto"
	"crypto/x509"
	"io/fs"
)

// Certificate is a certificate to be signed, its key, and where both are written.
type Certificate struct {
	Name     string
	Template *x509.Certificate // without a serial number: a random one is drawn
	Issuer   string            // name of the certificate that signs; empty: self-signed
	Key      crypto.Signer     // nil: Build makes an ECDSA P-256 key and keeps it here
	WrongKey crypto.Signer     // where set, written wherever Key would be

	Plain bool // of X.509 version 1, without extensions, unless the Template asks for some

	// An empty path means that no file is written, as with what kubeconfigs embed. Where both paths are equal, certificate
	// and key share one file, which gets the mode of a key.
	CertPath string
	KeyPath  string
	KeyMode  fs.FileMode // zero: 0600
	Chain    []string    // names of the certificates that follow this one in its file
	Copies   []string    // further files, which hold the certificate alone
	Secret   string      // file that holds certificates and key as a Secret does, in JSON

	// Signed is the finished certificate; Build sets it.
	Signed *x509.Certificate
}

const (
	certMode fs.FileMode = 0o644
	keyMode  fs.FileMode = 0o600
)
