package rules

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"slices"
)

// maxRSABits is the largest RSA key that crypto/tls accepts. Verifying with a
// larger one takes long: 0.2 s with one of 65,536 bits.
const maxRSABits = 8192

// minRSABits is the smallest RSA key that Go uses.
const minRSABits = 1024

// maxChainChecks is how many signatures crypto/x509 verifies in search of a chain.
const maxChainChecks = 100

// spend takes work out of the budget of the node, and reports whether there was
// enough. Once there was not, nothing is left: what is judged must not depend on
// how cheap it is.
func (n *Node) spend(work int) bool {
	if n.Signatures < work {
		n.Signatures = 0
		return false
	}
	n.Signatures -= work
	return true
}

// work returns how much work it is to verify one signature of a key, as a
// multiple of that for the usual ones: RSA of 2048 bits, P-256 and Ed25519 take
// less than 0.1 ms, the largest ones more than 3 ms.
func work(key any) int {
	size := bits(key)
	switch key.(type) {
	case *rsa.PublicKey:
		switch {
		case size > 4096:
			return 40
		case size > 2048:
			return 8
		}
	case *ecdsa.PublicKey:
		switch {
		case size > 384:
			return 40
		case size > 256:
			return 8
		}
	}
	return 1
}

// issuers returns which of the links and roots are named as an issuer, by a leaf
// or by one of the links: those that crypto/x509 tries in search of a chain.
func issuers(leaf *x509.Certificate, links, roots []*x509.Certificate) []*x509.Certificate {
	named := map[string]bool{string(leaf.RawIssuer): true}
	for _, link := range links {
		named[string(link.RawIssuer)] = true
	}
	return slices.DeleteFunc(slices.Concat(links, roots), func(c *x509.Certificate) bool { return !named[string(c.RawSubject)] })
}

// chainWork returns how much work it can be to look for a chain.
func chainWork(leaf *x509.Certificate, links, roots []*x509.Certificate) int {
	sum, checks := 0, 0
	for _, c := range issuers(leaf, links, roots) {
		if !isTooLarge(c) && checks < maxChainChecks {
			sum += work(c.PublicKey)
			checks++
		}
	}
	return max(sum, 1)
}

// hasTooLargeIssuer reports whether a chain may fail only because signatures of
// large keys are not verified.
func hasTooLargeIssuer(leaf *x509.Certificate, links, roots []*x509.Certificate) bool {
	return slices.ContainsFunc(issuers(leaf, links, roots), isTooLarge)
}

// isTooSmall reports whether a key is one with which Go verifies nothing, whatever
// the signature.
func isTooSmall(key any) bool {
	_, isRSA := key.(*rsa.PublicKey)
	return isRSA && bits(key) < minRSABits
}

// isTooLarge reports whether the signatures of a key take too long to verify.
func isTooLarge(c *x509.Certificate) bool { return bits(c.PublicKey) > maxRSABits }

// signed reports whether the key of issuer signed c, whatever issuer may do.
func (n *Node) signed(issuer, c *x509.Certificate) bool {
	if isTooLarge(issuer) || !n.spend(work(issuer.PublicKey)) {
		return false
	}
	return issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

// hasSigned reports whether a key signed a certificate that is presented on this node.
func (n *Node) hasSigned(key crypto.PublicKey) bool {
	return slices.ContainsFunc(n.Connections, func(c *Connection) bool {
		return c.Leaf != nil && c.Leaf.Certificate != nil && n.signed(&x509.Certificate{PublicKey: key}, c.Leaf.Certificate)
	})
}

// Signed reports whether the key of ca signed c, and c names it as its issuer.
// It verifies no signature where the names and key identifiers tell already.
func (n *Node) Signed(ca, c *Certificate) bool {
	return isNamedIssuer(ca.Certificate, c.Certificate) && n.signed(ca.Certificate, c.Certificate)
}

// isSelfIssued reports whether a certificate states itself as its issuer.
func isSelfIssued(c *x509.Certificate) bool {
	if len(c.AuthorityKeyId) > 0 && len(c.SubjectKeyId) > 0 && !bytes.Equal(c.AuthorityKeyId, c.SubjectKeyId) {
		return false // cross-signed by a namesake
	}
	return bytes.Equal(c.RawSubject, c.RawIssuer)
}

// wasSelfIssued reports whether a certificate states itself as its issuer, or did
// so before one byte of it was damaged: then it looks like an intermediate whose
// issuer nobody knows.
func wasSelfIssued(c *x509.Certificate) bool {
	if len(c.AuthorityKeyId) > 0 && bytes.Equal(c.AuthorityKeyId, c.SubjectKeyId) {
		return true
	}
	// A wrong length cuts an identifier off. An absent one begins every other.
	sameKey := almostEqual(c.AuthorityKeyId, c.SubjectKeyId) ||
		bytes.HasPrefix(c.AuthorityKeyId, c.SubjectKeyId) || bytes.HasPrefix(c.SubjectKeyId, c.AuthorityKeyId)
	return sameKey && almostEqual(c.RawSubject, c.RawIssuer)
}

// almostEqual reports whether two texts differ in no more than one byte.
func almostEqual(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	different := 0
	for i := range a {
		if a[i] != b[i] {
			different++
		}
	}
	return different <= 1
}

// isDamaged reports whether a root's signature of itself does not hold. A chain
// verifies all the same, as nobody asks for it; but the file is not what its CA
// made. Signatures of algorithms that Go does not verify are taken to hold, and
// so is what another authority of this node signed.
func (n *Node) isDamaged(c *Certificate) bool {
	if !c.examined {
		c.examined, c.damaged = true, n.examine(c)
	}
	return c.damaged
}

func (n *Node) examine(c *Certificate) bool {
	isOwn := isSelfIssued(c.Certificate) || c.CA == nil && wasSelfIssued(c.Certificate)
	return isOwn && Forged(c.PublicKey, func() error {
		if !n.spend(work(c.PublicKey)) {
			return nil
		}
		return c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	})
}

// Forged reports whether a signature of a key does not hold, as verify tells. One
// that Go does not verify, for its algorithm or the size of the key, is taken to
// hold; verify is not called where the key tells that already.
func Forged(key any, verify func() error) bool {
	if key == nil || bits(key) > maxRSABits || isTooSmall(key) {
		return false
	}
	err := verify()
	_, isInsecure := errors.AsType[x509.InsecureAlgorithmError](err)
	return err != nil && !isInsecure && !errors.Is(err, x509.ErrUnsupportedAlgorithm)
}
