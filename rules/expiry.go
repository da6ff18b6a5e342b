package rules

import (
	"fmt"
	"slices"
	"time"
)

// expired fires when the end of a certificate has passed: crypto/x509 then
// refuses it, and all that it signed. The end of an authority is told once, of
// the authority; that of a certificate which vouches for itself, of the latter.
func expired(s *Subject, c *Certificate) []Problem {
	if !s.At.After(c.NotAfter) || isPinned(c) || c.Copied {
		return nil
	}
	failing := s.failingFor(c)
	p := Problem{Message: "the certificate " + validity(c.Certificate, s.At), Impact: s.impact(c), Fix: s.renew(c)}
	switch {
	case c.Role == Leaf:
	case s.isSpare(c):
		p.Severity = Warning
		if s.Layout.Rotates {
			p.Severity = Info
		}
		p.Message = fmt.Sprintf("certificate %d of the file %s; nothing on this node depends on it", c.Position+1, validity(c.Certificate, s.At))
		p.Impact = "none now: the other certificates of the file are in force, and this one only confuses"
	case len(failing) > 0:
		p.Message = fmt.Sprintf("the CA %s %s, and with it all that verifies against it: %s", name(c.Certificate), validity(c.Certificate, s.At), list(presented(failing)))
		p.Impact = allStops(failing)
	default:
		p.Message = "the CA " + name(c.Certificate) + " " + validity(c.Certificate, s.At) + dependents(c)
	}
	return []Problem{p}
}

// isSpare reports whether nothing on this node depends on a certificate that stands in
// a file with others.
func (s *Subject) isSpare(c *Certificate) bool {
	isUsed := func(a *Certificate) bool { return len(a.Dependents) > 0 && a.Equal(c.Certificate) }
	inCompany := c.Role == Companion || c.Role == Authority && c.Of > 1 && !slices.ContainsFunc(s.Authorities, isUsed)
	return inCompany && len(s.failingFor(c)) == 0
}

// failingFor returns the connections that fail since a certificate is not valid.
func (s *Subject) failingFor(c *Certificate) []*Connection {
	return slices.DeleteFunc(slices.Clone(s.Connections), func(o *Connection) bool {
		return o.Verdict.Blame == nil || o.Verdict.Cause != CauseTime || !o.Verdict.Blame.Equal(c.Certificate)
	})
}

// presented returns the files of the certificates that are presented in connections.
func presented(connections []*Connection) []string {
	var all []*Certificate
	for _, c := range connections {
		all = append(all, c.Leaf)
	}
	return paths(all)
}

func dependents(c *Certificate) string {
	if len(c.Dependents) == 0 {
		return ""
	}
	return ", and with it all that it signed: " + list(paths(c.Dependents))
}

func paths(certificates []*Certificate) []string {
	var all []string
	seen := map[string]bool{}
	for _, c := range certificates {
		if !seen[c.Path] {
			all = append(all, c.Path)
		}
		seen[c.Path] = true
	}
	return all
}

// expiresSoon fires when little time is left, measured by the limits and, for
// certificates that are made to be short-lived, by their lifetime. What the
// kubelet renews by itself is judged by rotation; where operators renew all, it is
// late when a tenth of its life is left.
func expiresSoon(s *Subject, c *Certificate) []Problem {
	left := c.NotAfter.Sub(s.At)
	if c.Rotates || left < 0 || s.At.Before(c.NotBefore) || isPinned(c) || c.Copied {
		return nil
	}
	warn, fail := s.Limits.Warn, s.Limits.Error
	if c.Role == Authority && !mayBePinned(c) {
		warn, fail = s.Limits.CAWarn, s.Limits.CAError
	}
	lifetime := c.NotAfter.Sub(c.NotBefore)
	shortWarn, shortFail := lifetime/3, lifetime/10
	if s.Layout.Rotates {
		shortWarn, shortFail = lifetime/10, lifetime/20
	}
	warn, fail = min(warn, shortWarn), min(fail, shortFail)
	if left >= max(warn, fail) || s.Layout.Rotates && s.isSpare(c) {
		return nil
	}
	p := Problem{
		Message: fmt.Sprintf("the certificate expires on %s, in %s", c.NotAfter.UTC().Format(time.RFC3339), span(s.At, c.NotAfter)),
		Impact:  "from then on " + s.impact(c),
		Fix:     s.renew(c),
	}
	if c.Role == Authority {
		p.Message = fmt.Sprintf("the CA %s expires on %s, in %s%s", name(c.Certificate),
			c.NotAfter.UTC().Format(time.RFC3339), span(s.At, c.NotAfter), dependents(c))
	}
	if left < fail {
		p.Severity = Error
	}
	return []Problem{p}
}

// notYetValid fires before the start of a certificate, which is mostly the
// fault of a clock: kubeadm and the signers backdate by five minutes only.
func notYetValid(s *Subject, c *Certificate) []Problem {
	if !s.At.Before(c.NotBefore) || isPinned(c) || c.Copied {
		return nil
	}
	return []Problem{{
		Message: "the certificate " + validity(c.Certificate, s.At),
		Impact:  "until then " + s.impact(c),
		Fix: steps(
			first("date -u    # is the clock of this node right?",
				"# if it is, the clock of the machine that signed the certificate was not: issue it again"),
			s.renew(c)),
	}}
}

// outliving is by how much a certificate may outlive its authority: made
// together, they differ by the time that lies between.
const outliving = 24 * time.Hour

// outlivesCA fires when a certificate promises to be valid for longer than its
// authority: crypto/x509 refuses it from the end of the authority on. kubeadm
// does not clamp the end of what it signs.
func outlivesCA(s *Subject, c *Certificate) []Problem {
	if c.Role == Authority || c.CA == nil || c.CA.Certificate == c.Certificate || s.At.After(c.CA.NotAfter) {
		return nil
	}
	if !c.NotAfter.After(c.CA.NotAfter.Add(outliving)) {
		return nil
	}
	return []Problem{{
		Message: fmt.Sprintf("the certificate says that it is valid until %s, but its CA %s in %s ends on %s",
			day(c.NotAfter), name(c.CA.Certificate), place(c.CA), day(c.CA.NotAfter)),
		Impact: fmt.Sprintf("in %s, with the end of the CA, %s", span(s.At, c.CA.NotAfter), s.impact(c)),
		Fix:    s.renew(c.CA),
	}}
}
