package rules

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	Unjudged    string       // why the verification was not made; empty where it was
}

// Cause is why a chain is not trusted.
type Cause string

// The causes. All but CauseUnknown and CauseRefused are found on a certificate, by
// a check of their own; a connection that fails for them needs no finding beside that.
const (
	CauseUnknown      Cause = "unknown authority"
	CauseTime         Cause = "outside its validity"
	CauseNotCA        Cause = "not a CA"
	CauseSignature    Cause = "weak signature"
	CauseDamaged      Cause = "damaged authority"
	CauseIntermediate Cause = "missing intermediate"
	CauseRefused      Cause = "refused" // by another rule of crypto/x509, such as a name constraint
)

// Verify judges the connection with crypto/x509, the code that the components
// themselves run. Where it fails, Verify finds out which of trust, validity,
// usage and name are to blame.
func (n *Node) Verify(c *Connection) Verdict {
	roots, links := plain(c.Roots), c.Chain
	t := trial{
		node: n,
		work: chainWork(c.Leaf.Certificate, links, roots),
		opts: x509.VerifyOptions{
			Roots: pool(roots), Intermediates: pool(links),
			CurrentTime: n.At, KeyUsages: []x509.ExtKeyUsage{c.usage()},
		},
	}
	v := Verdict{NameMissing: c.ServerName != "" && c.Leaf.VerifyHostname(c.ServerName) != nil}
	switch verified, tried := t.verify(c.Leaf.Certificate); {
	case !tried:
		return Verdict{Unjudged: "too many signatures would have to be verified for it"}
	case !verified:
		n.diagnose(c, t, &v)
		if n.Signatures == 0 {
			v = Verdict{NameMissing: v.NameMissing, Cause: CauseUnknown, Detail: "why was not found out, as too many signatures would have to be verified for that"}
		}
	}
	if v.Cause == CauseUnknown && hasTooLargeIssuer(c.Leaf.Certificate, links, roots) {
		return Verdict{Unjudged: fmt.Sprintf("the signatures of a CA with a key of more than %d bits are not verified", maxRSABits)}
	}
	v.Failed = v.NameMissing || v.UsageDenied || v.Cause != ""
	switch {
	case v.Detail != "":
	case v.NameMissing:
		v.Detail = "the certificate is not for " + c.ServerName
	case v.UsageDenied:
		v.Detail = "the certificate is not for use as a " + c.Row.Usage + " certificate"
	}
	return v
}

// trial is a verification, repeated under changed conditions to find out why it fails.
type trial struct {
	node *Node
	work int // of each try
	opts x509.VerifyOptions
	err  error // of the last try
}

// verify reports whether a chain leads from a certificate to one of the roots,
// and whether the budget of the node was enough to find out.
func (t *trial) verify(c *x509.Certificate) (verified, tried bool) {
	if !t.node.spend(t.work) {
		return false, false
	}
	_, t.err = c.Verify(t.opts)
	return t.err == nil, true
}

// succeeds is verify where it is all the same why not.
func (t *trial) succeeds(c *x509.Certificate) bool {
	verified, _ := t.verify(c)
	return verified
}

func (c *Connection) usage() x509.ExtKeyUsage {
	if c.Row.Usage == KindServer {
		return x509.ExtKeyUsageServerAuth
	}
	return x509.ExtKeyUsageClientAuth
}

func plain(certificates []*Certificate) []*x509.Certificate {
	all := make([]*x509.Certificate, len(certificates))
	for i, c := range certificates {
		all[i] = c.Certificate
	}
	return all
}

// pool returns the certificates whose signatures can be verified in bounded time.
func pool(certificates []*x509.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	for _, c := range certificates {
		if !isTooLarge(c) {
			p.AddCert(c)
		}
	}
	return p
}

// diagnose finds out why a verification fails, leaving out one demand after the other.
func (n *Node) diagnose(c *Connection, t trial, v *Verdict) {
	usage := t.opts.KeyUsages
	t.opts.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
	var trusted bool
	for _, at := range instants(c, n.At) {
		t.opts.CurrentTime = at
		if trusted = t.succeeds(c.Leaf.Certificate); trusted {
			break
		}
	}
	if !trusted {
		n.explainDistrust(c, t, v)
		return
	}
	if !t.opts.CurrentTime.Equal(n.At) {
		v.Cause = CauseTime
		v.Blame, v.Detail = outdated(c, n.At)
	}
	t.opts.KeyUsages = usage
	v.UsageDenied = !t.succeeds(c.Leaf.Certificate)
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
func (n *Node) explainDistrust(c *Connection, t trial, v *Verdict) {
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
		case n.isDamaged(root):
			v.Cause, v.Blame, v.Detail = CauseDamaged, root, "the CA in "+root.Path+" is damaged"
			return
		case !mayIssue(root.Certificate) && n.signed(root.Certificate, c.Leaf.Certificate):
			v.Cause, v.Blame, v.Detail = CauseNotCA, root, "the certificate in "+root.Path+" is no CA"
			return
		}
	}
	if issuer := n.signerAmong(c); issuer != nil {
		n.explainRefusal(c, issuer, t, v)
		return
	}
	if link := n.missingLink(c, t); link != nil {
		v.Cause, v.Blame = CauseIntermediate, link
		v.Detail = "the intermediate CA " + name(link.Certificate) + " is not in its file"
		return
	}
	v.Detail = n.whoseCertificate(c)
}

// signerAmong returns the certificate that signed the leaf, if the verifier has
// it or the leaf's file does.
func (n *Node) signerAmong(c *Connection) *x509.Certificate {
	for _, issuer := range slices.Concat(plain(c.Roots), c.Chain) {
		if isNamedIssuer(issuer, c.Leaf.Certificate) && bytes.Equal(issuer.RawSubject, c.Leaf.RawIssuer) && n.signed(issuer, c.Leaf.Certificate) {
			return issuer
		}
	}
	return nil
}

// explainRefusal tells why a leaf is refused though its issuer is known: they are
// never valid at one time, the issuer is nobody whom the verifier knows, or
// crypto/x509 has another objection.
func (n *Node) explainRefusal(c *Connection, issuer *x509.Certificate, t trial, v *Verdict) {
	from, to := later(issuer.NotBefore, c.Leaf.NotBefore), earlier(issuer.NotAfter, c.Leaf.NotAfter)
	if from.After(to) {
		v.Cause, v.Detail = CauseTime, "its validity and that of its CA "+name(issuer)+" have no day in common"
		if isValidAt(c.Leaf.Certificate, n.At) {
			v.Blame = among(c.Roots, issuer)
		}
		return
	}
	t.opts.CurrentTime = from.Add(to.Sub(from) / 2)
	if t.succeeds(c.Leaf.Certificate) {
		return
	}
	v.Cause, v.Detail = CauseRefused, fmt.Sprintf("%.300s", strings.TrimPrefix(t.err.Error(), "x509: "))
	if t.succeeds(issuer); among(c.Roots, issuer) == nil && isUnknown(t.err) {
		v.Cause, v.Detail = CauseUnknown, "the CA "+name(issuer)+" in its own file signed it, which leads to none of these"
	}
}

// isUnknown reports whether a chain failed for want of an authority.
func isUnknown(err error) bool {
	_, is := errors.AsType[x509.UnknownAuthorityError](err)
	return is
}

// among returns the one of some certificates that is equal to another.
func among(certificates []*Certificate, c *x509.Certificate) *Certificate {
	for _, each := range certificates {
		if each.Equal(c) {
			return each
		}
	}
	return nil
}

// missingLink returns the intermediate authority that would join the leaf to
// the verifier's roots, if this node has it.
func (n *Node) missingLink(c *Connection, t trial) *Certificate {
	for _, link := range slices.Concat(n.Authorities, n.Companions) {
		isNamed := bytes.Equal(link.RawSubject, c.Leaf.RawIssuer) // no chain is built by key identifiers alone
		if !isNamed || !n.signed(link.Certificate, c.Leaf.Certificate) {
			continue
		}
		t.opts.CurrentTime = link.NotBefore.Add(link.NotAfter.Sub(link.NotBefore) / 2)
		if t.succeeds(link.Certificate) {
			return link
		}
	}
	return nil
}

// whoseCertificate tells which authority of this node signed the leaf, if any,
// and what it has to do with those that the verifier knows.
func (n *Node) whoseCertificate(c *Connection) string {
	isNamesake := func(root *Certificate) bool { return root.Subject.String() == c.Leaf.Issuer.String() }
	for _, root := range c.Roots {
		if isNamesake(root) && !bytes.Equal(root.RawSubject, c.Leaf.RawIssuer) && n.signed(root.Certificate, c.Leaf.Certificate) {
			return "its issuer is spelled like the CA in " + c.Verifier.Path +
				" but encoded differently (another ASN.1 string type), which Go's verification refuses"
		}
	}
	for _, other := range n.Authorities {
		if isNamedIssuer(other.Certificate, c.Leaf.Certificate) && n.signed(other.Certificate, c.Leaf.Certificate) {
			detail := "it is signed by the CA " + name(other.Certificate) + " in " + place(other)
			if sameName(other, c.Roots) {
				detail += ", which has the same name as the CA in " + c.Verifier.Path + " but another key"
			}
			return detail
		}
	}
	if i := slices.IndexFunc(c.Roots, isNamesake); i >= 0 {
		return "its issuer has the name of the CA in " + c.Verifier.Path + ", " + name(c.Roots[i].Certificate) +
			", but another key: it was signed by an earlier or another cluster's CA"
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

// isWeak reports whether a signature is refused for its algorithm alone: SHA-1
// since Go 1.18, MD5 and MD2 for longer.
func isWeak(a x509.SignatureAlgorithm) bool {
	return slices.Contains([]x509.SignatureAlgorithm{
		x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1,
	}, a)
}

// mayIssue reports whether Go lets a certificate vouch for another one.
func mayIssue(c *x509.Certificate) bool {
	return notCAReason(c) == ""
}
