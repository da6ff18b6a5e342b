package rules

import (
	"fmt"
	"slices"
)

// untrusted fires when a certificate does not lead to any CA of its verifier.
// What is found on a certificate or its CA (an end that has passed, a damaged
// CA …) is told there. One wrong file gives one finding, however many
// connections fail for it.
func untrusted(s *Subject, c *Connection) []Problem {
	if c.Verdict.Cause == CauseRefused {
		return refused(s, c)
	}
	if c.Verdict.Cause != CauseUnknown {
		return nil
	}
	if c.WrongCA {
		return wrongCA(s, c)
	}
	failing, isFirst := alike(c, func(o *Connection) bool { return o.Verdict.Cause == CauseUnknown && !o.WrongCA })
	if !isFirst {
		return nil
	}
	return []Problem{{
		Message: fmt.Sprintf("the certificate does not verify against %s: %s", list(verifiers(failing)), c.Verdict.Detail),
		Impact:  allStops(failing),
		Fix:     s.resign(c),
	}}
}

// refused tells of a certificate that its CA signed, and that crypto/x509 refuses
// for another reason.
func refused(s *Subject, c *Connection) []Problem {
	failing, isFirst := alike(c, func(o *Connection) bool { return o.Verdict.Cause == CauseRefused })
	if !isFirst {
		return nil
	}
	return []Problem{{
		Message: fmt.Sprintf("the certificate is refused, though its CA is known to %s: %s", list(verifiers(failing)), c.Verdict.Detail),
		Impact:  allStops(failing),
		Fix:     steps(first("# issue it again without what is refused; where the CA forbids it, have the CA changed:"), s.reissue(c.Leaf)),
	}}
}

// alike returns the connections of a leaf for which something holds, and whether
// c is the first of them: the one that tells it.
func alike(c *Connection, holds func(*Connection) bool) (all []*Connection, isFirst bool) {
	for _, o := range c.Leaf.Uses {
		if holds(o) {
			all = append(all, o)
		}
	}
	return all, len(all) > 0 && all[0] == c
}

// verifiers returns who refuses a certificate, each with its CA file.
func verifiers(connections []*Connection) []string {
	var all []string
	for _, c := range connections {
		text := fmt.Sprintf("%s of %s (%s)", c.Verifier.Path, shownComponent(c.Verifier.Component), list(caNames(c.Roots)))
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

// BlamesCA reports whether a connection fails for a wrong CA file, and not for its
// certificate: others trust the certificate, or the file vouches for none of
// several.
func (n *Node) BlamesCA(c *Connection) bool {
	if c.Unjudged != "" || c.Verdict.Cause != CauseUnknown {
		return false
	}
	for _, o := range c.Leaf.Uses {
		if o.Unjudged == "" && o.Verdict.Cause != CauseUnknown {
			return true
		}
	}
	refused := 0
	for _, o := range n.Connections {
		if o.Verifier != c.Verifier || o.Unjudged != "" {
			continue
		}
		if o.Verdict.Cause != CauseUnknown {
			return false
		}
		if o.Leaf.CA != c.Leaf.CA || o.Leaf.CA == nil {
			return false
		}
		if !o.Leaf.Equal(c.Leaf.Certificate) {
			refused++
		}
	}
	return refused > 0
}

// wrongCA tells of a CA file that does not vouch for what its reader verifies.
func wrongCA(s *Subject, c *Connection) []Problem {
	var refused []string
	var connections []*Connection
	for _, o := range s.Connections {
		if o.Verifier == c.Verifier && o.Verdict.Cause == CauseUnknown {
			connections = append(connections, o)
			if !slices.Contains(refused, o.Presenter.Path) {
				refused = append(refused, o.Presenter.Path)
			}
		}
	}
	if connections[0] != c {
		return nil
	}
	return []Problem{{
		Message: fmt.Sprintf("%s verifies %s with this CA (%s), and it did not sign: %s",
			shownComponent(c.Verifier.Component), list(refused), list(caNames(c.Roots)), c.Verdict.Detail),
		Impact: allStops(connections),
		Fix:    s.rightCA(c),
		Blame:  &c.Verifier,
	}}
}

func caNames(certificates []*Certificate) []string {
	var names []string
	for _, c := range certificates {
		if n := name(c.Certificate); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// selfSignature fires when the signature of a root of itself does not hold: the
// file is damaged, though what the root signed may verify all the same.
func selfSignature(s *Subject, c *Certificate) []Problem {
	if c.Role != Authority || !s.isDamaged(c) {
		return nil
	}
	return []Problem{{
		Message: fmt.Sprintf("the CA %s does not match its own signature: the file is damaged or was altered", name(c.Certificate)),
		Impact:  "unknown: any of its fields may be wrong; verifiers that check it refuse all that it signed",
		Fix:     s.restoreCA(c),
	}}
}

// weakSignature fires for signatures that crypto/x509 refuses. Nobody verifies
// that of a root, nor of an intermediate that stands in a CA file itself.
func weakSignature(s *Subject, c *Certificate) []Problem {
	if c.Role == Authority || !isWeak(c.SignatureAlgorithm) || isSelfIssued(c.Certificate) {
		return nil
	}
	return []Problem{{
		Message: "the certificate is signed with " + c.SignatureAlgorithm.String() + ", which Go refuses since 1.18 (Kubernetes 1.24)",
		Impact:  s.impact(c),
		Fix:     s.reissue(c),
	}}
}

// intermediateMissing fires when the file of a certificate lacks an intermediate
// CA that its verifier does not have.
func intermediateMissing(s *Subject, c *Connection) []Problem {
	if c.Verdict.Cause != CauseIntermediate {
		return nil
	}
	link := c.Verdict.Blame
	const how = "# append the intermediate CA to the certificate, or issue it with its chain:"
	fix := steps(first(how), s.renew(c.Leaf))
	if c.Leaf.Embedded == "" && c.Leaf.KeyPath != c.Leaf.Path && link.Embedded == "" && link.Position == 0 {
		fix = steps(
			step(PhaseConfigure, []string{c.Leaf.Path}, how, fmt.Sprintf("openssl x509 -in %s >> %s", sh(link.Path), sh(c.Leaf.Path))),
			s.restart(c.Presenter.Component))
	}
	return []Problem{{
		Message: fmt.Sprintf("the file lacks the intermediate CA %s, which %s does not have in %s either; it is in %s",
			name(link.Certificate), c.Verifier.Component, c.Verifier.Path, place(link)),
		Impact: stops(c),
		Fix:    fix,
	}}
}

// chainOrder fires when a file does not begin with the certificate that its key
// is for: servers and clients present the first one. It warns of companions that
// do not belong to the chain, or stand in the wrong order.
func chainOrder(s *Subject, f *File) []Problem {
	if f.Role != Leaf || len(f.Certificates) < 2 {
		return nil
	}
	shown := f.Certificates[0]
	if i := pairedWith(f); i > 0 {
		return []Problem{{
			Message: fmt.Sprintf("the private key belongs to certificate %d of the file, %s, but the first one is presented: %s",
				i+1, name(f.Certificates[i].Certificate), name(shown.Certificate)),
			Impact: s.impact(shown),
			Fix:    steps(first("# put the certificate of the component first, then the one that signed it, and so on"), s.renew(shown)),
		}}
	}
	for i := 1; i < len(f.Certificates); i++ {
		previous, next := f.Certificates[i-1], f.Certificates[i]
		if !isNamedIssuer(next.Certificate, previous.Certificate) {
			return []Problem{{
				Severity: Warning,
				Message: fmt.Sprintf("certificate %d of the file, %s, did not sign the one before it, %s",
					i+1, name(next.Certificate), name(previous.Certificate)),
				Impact: "none between components written in Go, which sort a chain; other TLS clients refuse it",
				Fix:    edit("put the certificate of the component first, then the one that signed it, and so on; leave out the others"),
			}}
		}
	}
	return nil
}

// pairedWith returns the place in its file of the certificate that the key of
// the file is for, or -1.
func pairedWith(f *File) int {
	return slices.IndexFunc(f.Certificates, func(c *Certificate) bool {
		return f.Paired != nil && EqualKeys(c.PublicKey, f.Paired)
	})
}
