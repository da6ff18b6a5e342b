package rules

import (
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"slices"
)

// keyUsage fires when a certificate states uses of its key, and not those that
// TLS makes of it: signatures by every kind of key, and by RSA keys of servers
// also the transport of keys (RFC 5280, section 4.2.1.3). crypto/x509 does not
// look at the key usage of a leaf; other clients do.
func keyUsage(s *Subject, c *Certificate) []Problem {
	if c.Role != Leaf || c.KeyUsage == 0 {
		return nil
	}
	lacks := ""
	_, isRSA := c.PublicKey.(*rsa.PublicKey)
	switch {
	case c.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		lacks = "digitalSignature"
	case isRSA && c.Row != nil && c.Row.Is(KindServer) && c.KeyUsage&x509.KeyUsageKeyEncipherment == 0:
		lacks = "keyEncipherment"
	default:
		return nil
	}
	return []Problem{{
		Message: "the key usage lacks " + lacks,
		Impact:  "none between components written in Go, which do not look; other TLS clients refuse the certificate",
		Fix:     s.reissue(c),
	}}
}

// extKeyUsageAbsent fires when a certificate does not say what it is for.
func extKeyUsageAbsent(s *Subject, c *Certificate) []Problem {
	if c.Role != Leaf || len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) > 0 {
		return nil
	}
	if c.Row != nil && slices.Contains(s.Layout.AnyUsage, c.Row.Name) {
		return nil // its installer makes no other
	}
	return []Problem{{
		Severity: Warning,
		Message:  "the certificate has no extended key usage: it may be used as server and as client alike",
		Impact:   "none now: Go takes it for any usage; whoever has its key can pose as both",
		Fix:      s.reissue(c),
	}}
}

// extKeyUsageDenied fires when a certificate is refused for the usage in which
// it is presented.
func extKeyUsageDenied(s *Subject, c *Connection) []Problem {
	if !c.Verdict.UsageDenied {
		return nil
	}
	failing, isFirst := alike(c, func(o *Connection) bool { return o.Verdict.UsageDenied && o.Row.Usage == c.Row.Usage })
	if !isFirst {
		return nil
	}
	lacks := "serverAuth"
	if c.Row.Usage == KindClient {
		lacks = "clientAuth"
	}
	message := fmt.Sprintf("the certificate is presented as a %s certificate, and its extended key usage (%s) lacks %s",
		c.Row.Usage, list(ExtKeyUsageNames(c.Leaf.Certificate)), lacks)
	if hasUsage(c.Leaf.Certificate, c.usage()) {
		message = fmt.Sprintf("the certificate is presented as a %s certificate, which the extended key usage of its CA does not allow", c.Row.Usage)
	}
	return []Problem{{Message: message, Impact: allStops(failing), Fix: s.reissue(c.Leaf)}}
}

func hasUsage(c *x509.Certificate, want x509.ExtKeyUsage) bool {
	if len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 0 {
		return true
	}
	for _, u := range c.ExtKeyUsage {
		if u == want || u == x509.ExtKeyUsageAny {
			return true
		}
	}
	return false
}

// notCA fires when an authority may not sign: crypto/x509 refuses what it signed.
func notCA(s *Subject, c *Certificate) []Problem {
	reason := notCAReason(c.Certificate)
	if c.Role != Authority || reason == "" || isPinned(c) || mayBePinned(c) {
		return nil
	}
	return []Problem{{
		Message: "the certificate " + name(c.Certificate) + " is used as a CA, but " + reason,
		Impact:  s.impact(c),
		Fix:     s.restoreCA(c),
	}}
}

// notCAReason says why crypto/x509 does not let a certificate vouch for others
// (RFC 5280, sections 4.2.1.3 and 4.2.1.9); empty where it does.
func notCAReason(c *x509.Certificate) string {
	switch {
	case c.Version == 3 && !c.BasicConstraintsValid, c.BasicConstraintsValid && !c.IsCA:
		return "its basic constraints do not say CA:TRUE"
	case c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0:
		return "its key usage lacks keyCertSign"
	}
	return ""
}

// isPinned reports whether a certificate in a CA file is a leaf that vouches for
// itself alone: Go trusts a certificate that is in the pool as it is. As the leaf it
// is judged all the same.
func isPinned(c *Certificate) bool {
	if c.Role != Authority {
		return false
	}
	for _, d := range c.Dependents {
		if d.Equal(c.Certificate) {
			return true
		}
	}
	return false
}

// mayBePinned reports whether a certificate in a CA file may be that of a server
// which this node does not have, and which verifies against it.
func mayBePinned(c *Certificate) bool {
	return c.Row != nil && c.Row.Pinnable && isSelfIssued(c.Certificate) && notCAReason(c.Certificate) != ""
}

// leafIsCA fires when a certificate that a component presents may itself sign.
func leafIsCA(s *Subject, c *Certificate) []Problem {
	if c.Role != Leaf || !c.IsCA || !c.BasicConstraintsValid || isSelfMade(c) {
		return nil
	}
	return []Problem{{
		Message: "the certificate of a component says CA:TRUE",
		Impact:  "whoever has its key can issue certificates that those who trust its CA accept",
		Fix:     s.reissue(c),
	}}
}

// KeyUsageNames returns the key usages of a certificate by their names in RFC 5280.
func KeyUsageNames(c *x509.Certificate) []string {
	var names []string
	for i, n := range []string{
		"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
		"keyCertSign", "cRLSign", "encipherOnly", "decipherOnly",
	} {
		if c.KeyUsage&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	return names
}

// ExtKeyUsageNames returns the extended key usages of a certificate by their
// names in RFC 5280, those without one by their object identifier.
func ExtKeyUsageNames(c *x509.Certificate) []string {
	var names []string
	for _, u := range c.ExtKeyUsage {
		switch u {
		case x509.ExtKeyUsageAny:
			names = append(names, "anyExtendedKeyUsage")
		case x509.ExtKeyUsageServerAuth:
			names = append(names, "serverAuth")
		case x509.ExtKeyUsageClientAuth:
			names = append(names, "clientAuth")
		case x509.ExtKeyUsageCodeSigning:
			names = append(names, "codeSigning")
		case x509.ExtKeyUsageEmailProtection:
			names = append(names, "emailProtection")
		case x509.ExtKeyUsageTimeStamping:
			names = append(names, "timeStamping")
		case x509.ExtKeyUsageOCSPSigning:
			names = append(names, "OCSPSigning")
		default:
			names = append(names, fmt.Sprintf("other (%d)", u))
		}
	}
	for _, oid := range c.UnknownExtKeyUsage {
		names = append(names, oid.String())
	}
	return names
}
