package rules

import (
	"bytes"
	"crypto/x509"
	"errors"
	"slices"
	"time"
)

// Verdict is what the verification of a connection came to. The zero value is a
// success.
type Verdict struct {
	Failed      bool
	Cause       Cause // of a failure of trust; empty where the chain is trusted
	Detail      string
	UsageDenied bool         // the certificate is not for this usage
	NameMissing bool         // the dialled name is not among the certificate's names
	Blame       *Certificate // the certificate that the cause is found on, where it is another one than the leaf
}

// Cause is why a chain is not trusted.
type Cause string

// The causes. All but CauseUnknown are found on a certificate, by a check of
// their own; a connection that fails for them needs no finding beside that.
const (
	CauseUnknown      Cause = "unknown authority"
	CauseTime         Cause = "outside its validity"
	CauseNotCA        Cause = "not a CA"
	CauseSignature    Cause = "weak signature"
	CauseDamaged      Cause = "damaged authority"
	CauseIntermediate Cause = "missing intermediate"
)

// Verify judges the connection with crypto/x509, the code that the components
// themselves run. Where it fails, Verify finds out which of trust, validity,
// usage and name are to blame.
func (n *Node) Verify(c *Connection) Verdict {
	opts := x509.VerifyOptions{
		Roots:         pool(c.Roots),
		Intermediates: x509.NewCertPool(),
		CurrentTime:   n.At,
		KeyUsages:     []x509.ExtKeyUsage{c.usage()},
	}
	for _, link := range c.Chain {
		opts.Intermediates.AddCert(link)
	}
	v := Verdict{NameMissing: c.ServerName != "" && c.Leaf.VerifyHostname(c.ServerName) != nil}
	if _, err := c.Leaf.Verify(opts); err != nil {
		n.diagnose(c, opts, &v)
	}
	v.Failed = v.NameMissing || v.UsageDenied || v.Cause != ""
	return v
}

func (c *Connection) usage() x509.ExtKeyUsage {
	if c.Row.Usage == KindServer {
		return x509.ExtKeyUsageServerAuth
	}
	return x509.ExtKeyUsageClientAuth
}

func pool(certificates []*Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	for _, c := range certificates {
		p.AddCert(c.Certificate)
	}
	return p
}

// diagnose finds out why a verification fails, leaving out one demand after the other.
func (n *Node) diagnose(c *Connection, opts x509.VerifyOptions, v *Verdict) {
	usage := opts.KeyUsages
	opts.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
	var trusted bool
	for _, at := range instants(c, n.At) {
		opts.CurrentTime = at
		if _, err := c.Leaf.Verify(opts); err == nil {
			trusted = true
			break
		}
	}
	if !trusted {
		n.explainDistrust(c, opts, v)
		return
	}
	if !opts.CurrentTime.Equal(n.At) {
		v.Cause = CauseTime
		v.Blame, v.Detail = outdated(c, n.At)
	}
	opts.KeyUsages = usage
	if _, err := c.Leaf.Verify(opts); err != nil {
		v.UsageDenied = true
	}
}

// maxInstants bounds the instants at which one chain is tried.
const maxInstants = 16

// instants returns the instant of the audit, and others at which the leaf and
// one of the roots are valid, to tell a chain that has ended from a wrong one.
func instants(c *Connection, at time.Time) []time.Time {
	times := []time.Time{at}
	for _, root := range c.Roots {
		from, to := later(root.NotBefore, c.Leaf.NotBefore), earlier(root.NotAfter, c.Leaf.NotAfter)
		if from.After(to) || len(times) >= maxInstants {
			continue
		}
		times = append(times, from.Add(to.Sub(from)/2))
	}
	return append(times, c.Leaf.NotBefore)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// outdated returns which certificate of a trusted chain is not valid at an
// instant: nil for the leaf itself.
func outdated(c *Connection, at time.Time) (*Certificate, string) {
	if !isValidAt(c.Leaf.Certificate, at) {
		return nil, "the certificate " + validity(c.Leaf.Certificate, at)
	}
	if ca := c.Leaf.CA; ca != nil && !isValidAt(ca.Certificate, at) {
		return ca, "its CA in " + ca.Path + " " + validity(ca.Certificate, at)
	}
	for _, root := range c.Roots {
		if !isValidAt(root.Certificate, at) {
			return root, "the CA " + name(root.Certificate) + " in " + root.Path + " " + validity(root.Certificate, at)
		}
	}
	return nil, "a certificate of its chain is not valid at this time"
}

func isValidAt(c *x509.Certificate, at time.Time) bool {
	return !at.Before(c.NotBefore) && !at.After(c.NotAfter)
}

// explainDistrust finds the reason why no root of the verifier vouches for the leaf.
func (n *Node) explainDistrust(c *Connection, opts x509.VerifyOptions, v *Verdict) {
	v.Cause = CauseUnknown
	if isWeak(c.Leaf.SignatureAlgorithm) {
		v.Cause, v.Detail = CauseSignature, "it is signed with "+c.Leaf.SignatureAlgorithm.String()+", which is refused"
		return
	}
	for _, root := range c.Roots {
		if !isNamedIssuer(root.Certificate, c.Leaf.Certificate) {
			continue
		}
		switch {
		case isDamaged(root):
			v.Cause, v.Blame, v.Detail = CauseDamaged, root, "the CA in "+root.Path+" is damaged"
			return
		case !mayIssue(root.Certificate) && n.signed(root.Certificate, c.Leaf.Certificate):
			v.Cause, v.Blame, v.Detail = CauseNotCA, root, "the certificate in "+root.Path+" is no CA"
			return
		}
	}
	if link := n.missingLink(c, opts); link != nil {
		v.Cause, v.Blame = CauseIntermediate, link
		v.Detail = "the intermediate CA " + name(link.Certificate) + " is not in its file"
		return
	}
	v.Detail = n.whoseCertificate(c)
}

// missingLink returns the intermediate authority that would join the leaf to
// the verifier's roots, if this node has it.
func (n *Node) missingLink(c *Connection, opts x509.VerifyOptions) *Certificate {
	for _, link := range slices.Concat(n.Authorities, n.Companions) {
		if !isNamedIssuer(link.Certificate, c.Leaf.Certificate) || !n.signed(link.Certificate, c.Leaf.Certificate) {
			continue
		}
		opts.CurrentTime = link.NotBefore.Add(link.NotAfter.Sub(link.NotBefore) / 2)
		if _, err := link.Verify(opts); err == nil {
			return link
		}
	}
	return nil
}

// whoseCertificate tells which authority of this node signed the leaf, if any,
// and what it has to do with those that the verifier knows.
func (n *Node) whoseCertificate(c *Connection) string {
	for _, other := range n.Authorities {
		if isNamedIssuer(other.Certificate, c.Leaf.Certificate) && n.signed(other.Certificate, c.Leaf.Certificate) {
			detail := "it is signed by the CA " + name(other.Certificate) + " in " + place(other)
			if sameName(other, c.Roots) {
				detail += ", which has the same name as the CA in " + c.Verifier.Path + " but another key"
			}
			return detail
		}
	}
	for _, root := range c.Roots {
		if bytes.Equal(root.RawSubject, c.Leaf.RawIssuer) {
			return "its issuer has the name of the CA in " + c.Verifier.Path + ", " + name(root.Certificate) +
				", but another key: it was signed by an earlier or another cluster's CA"
		}
		if root.Subject.String() == c.Leaf.Issuer.String() {
			return "its issuer is spelled like the CA in " + c.Verifier.Path +
				" but encoded differently (another ASN.1 string type), which Go's verification refuses"
		}
	}
	return "its issuer " + issuerName(c.Leaf.Certificate) + " is not among the CAs of this node"
}

// sameName reports whether one of others has the name of c and is not c.
func sameName(c *Certificate, others []*Certificate) bool {
	return slices.ContainsFunc(others, func(o *Certificate) bool {
		return bytes.Equal(o.RawSubject, c.RawSubject) && !bytes.Equal(o.Raw, c.Raw)
	})
}

// isNamedIssuer reports whether a certificate names another one as its issuer:
// by name, and by key identifier where both have one.
func isNamedIssuer(issuer, c *x509.Certificate) bool {
	if len(c.AuthorityKeyId) > 0 && len(issuer.SubjectKeyId) > 0 && bytes.Equal(c.AuthorityKeyId, issuer.SubjectKeyId) {
		return true
	}
	return bytes.Equal(issuer.RawSubject, c.RawIssuer)
}

// maxRSABits is the largest RSA key that crypto/tls accepts. Verifying with a
// larger one takes long.
const maxRSABits = 8192

// signed reports whether the key of issuer signed c, whatever issuer may do.
func (n *Node) signed(issuer, c *x509.Certificate) bool {
	if n.Signatures <= 0 || bits(issuer.PublicKey) > maxRSABits {
		return false
	}
	n.Signatures--
	err := issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	return err == nil
}

// Signed reports whether the key of ca signed c, and c names it as its issuer.
// It verifies no signature where the names and key identifiers tell already.
func (n *Node) Signed(ca, c *Certificate) bool {
	return isNamedIssuer(ca.Certificate, c.Certificate) && n.signed(ca.Certificate, c.Certificate)
}

// isWeak reports whether a signature is refused for its algorithm alone: SHA-1
// since Go 1.18, MD5 and MD2 for longer.
func isWeak(a x509.SignatureAlgorithm) bool {
	return slices.Contains([]x509.SignatureAlgorithm{
		x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1,
	}, a)
}

// isSelfIssued reports whether a certificate states itself as its issuer.
func isSelfIssued(c *x509.Certificate) bool {
	if len(c.AuthorityKeyId) > 0 && len(c.SubjectKeyId) > 0 && !bytes.Equal(c.AuthorityKeyId, c.SubjectKeyId) {
		return false // cross-signed by a namesake
	}
	return bytes.Equal(c.RawSubject, c.RawIssuer)
}

// isDamaged reports whether a root's signature of itself does not hold. A chain
// verifies all the same, as nobody asks for it; but the file is not what its CA
// made. Signatures of algorithms that Go does not verify are taken to hold.
func isDamaged(c *Certificate) bool {
	if !isSelfIssued(c.Certificate) || bits(c.PublicKey) > maxRSABits || c.PublicKey == nil {
		return false
	}
	err := c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	_, isInsecure := errors.AsType[x509.InsecureAlgorithmError](err)
	return err != nil && !isInsecure && !errors.Is(err, x509.ErrUnsupportedAlgorithm)
}

// mayIssue reports whether Go lets a certificate vouch for another one.
func mayIssue(c *x509.Certificate) bool {
	return notCAReason(c) == ""
}
