package audit

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"

	"kube-cert-audit/rules"
)

// linkAuthorities finds out which certificate depends on which authority, pairs
// certificates with keys, and marks what is used twice.
func (a *auditor) linkAuthorities() {
	a.makePairs()
	authorities, companions := indexOf(a.facts.Authorities), indexOf(a.facts.Companions)
	for _, e := range a.entries {
		for _, c := range e.certificates {
			if a.isLate() {
				return
			}
			if c.CA = a.authorityOf(c, authorities, companions); c.CA != nil {
				c.CA.Dependents = append(c.CA.Dependents, c)
			}
		}
	}
	a.markSerials()
	a.markReuse()
	a.markCopies()
}

// markCopies finds the companions that are authorities of this node: where every
// leaf brings its CA along, as with k3s, its end is told once.
func (a *auditor) markCopies() {
	authorities := map[string]bool{}
	for _, c := range a.facts.Authorities {
		authorities[string(c.Raw)] = true
	}
	for _, c := range a.facts.Companions {
		c.Copied = authorities[string(c.Raw)]
	}
}

// authorityOf returns the certificate that signed c: a namesake with the right
// key, one of a CA file before one that stands in the file of c, and of several
// the one that lasts longest.
func (a *auditor) authorityOf(c *rules.Certificate, authorities, companions index) *rules.Certificate {
	for _, candidates := range []index{authorities, companions} {
		var best *rules.Certificate
		for _, ca := range candidates.issuersOf(c) {
			if ca == c || ca.Equal(c.Certificate) && c.Role != rules.Leaf {
				continue
			}
			if (best == nil || ca.NotAfter.After(best.NotAfter)) && a.facts.Signed(ca, c) {
				best = ca
			}
		}
		if best != nil {
			return best
		}
	}
	return nil
}

// index finds certificates by their subject and by their key identifier.
type index map[string][]*rules.Certificate

func indexOf(certificates []*rules.Certificate) index {
	i := index{}
	for _, c := range certificates {
		i["name "+string(c.RawSubject)] = append(i["name "+string(c.RawSubject)], c)
		if len(c.SubjectKeyId) > 0 {
			i["key "+string(c.SubjectKeyId)] = append(i["key "+string(c.SubjectKeyId)], c)
		}
	}
	return i
}

// issuersOf returns the certificates that c names as its issuer.
func (i index) issuersOf(c *rules.Certificate) []*rules.Certificate {
	named := i["name "+string(c.RawIssuer)]
	if len(c.AuthorityKeyId) == 0 {
		return named
	}
	return slices.Concat(named, slices.DeleteFunc(slices.Clone(i["key "+string(c.AuthorityKeyId)]), func(o *rules.Certificate) bool {
		return bytes.Equal(o.RawSubject, c.RawIssuer)
	}))
}

// markSerials finds certificates of one issuer with the same serial number.
func (a *auditor) markSerials() {
	first := map[string]*rules.Certificate{}
	for _, e := range a.entries {
		for _, c := range e.certificates {
			issuer := c.AuthorityKeyId
			if bytes.Equal(c.RawSubject, c.RawIssuer) && len(issuer) == 0 {
				issuer = c.SubjectKeyId // two CAs of one name are two issuers
			}
			id := fmt.Sprintf("%x %x %s", c.RawIssuer, issuer, c.SerialNumber)
			if first[id] == nil {
				first[id] = c
			}
			isRenewal := bytes.Equal(first[id].RawSubject, c.RawSubject) && rules.EqualKeys(first[id].PublicKey, c.PublicKey)
			if !first[id].Equal(c.Certificate) && !isRenewal { // openssl keeps the number when it signs a CA again
				c.SameSerial = first[id]
			}
		}
	}
}

// use is one role that a key serves.
type use struct {
	public      any
	role        string
	fingerprint string
	place       rules.Place
	key         *rules.Key
	tokens      bool // it signs or verifies tokens of service accounts
}

// markReuse finds keys that serve several roles. One certificate in several
// places is one use; so are an authority and its renewal with the same key, and
// the keys of service-account tokens among themselves.
func (a *auditor) markReuse() {
	uses := a.keyUses()
	same := sameKey(uses)
	told := map[*rules.Key]bool{}
	for i, u := range uses {
		if a.isLate() {
			return
		}
		if u.key == nil || told[u.key] {
			continue
		}
		for _, j := range same[i] {
			other := uses[j]
			if u.role == other.role || u.fingerprint == other.fingerprint && u.fingerprint != "" {
				continue
			}
			u.key.Others = append(u.key.Others, other.place)
			u.key.Tokens = u.key.Tokens || other.tokens
			if other.key != nil {
				told[other.key] = true
			}
		}
	}
}

// sameKey returns for each use those with the same key. It compares no two keys:
// there may be thousands.
func sameKey(uses []use) map[int][]int {
	byKey := map[string][]int{}
	for i, u := range uses {
		if der, err := x509.MarshalPKIXPublicKey(u.public); err == nil {
			byKey[string(der)] = append(byKey[string(der)], i)
		}
	}
	same := map[int][]int{}
	for _, group := range byKey {
		for _, i := range group {
			same[i] = group
		}
	}
	return same
}

func (a *auditor) keyUses() []use {
	var uses []use
	for _, e := range a.entries {
		c := e.leaf()
		role := e.row.Name
		if c.Role == rules.Authority {
			role = "CA " + string(c.RawSubject)
		}
		u := use{public: c.PublicKey, role: role, fingerprint: string(c.Raw), place: c.Place}
		if i := slices.IndexFunc(a.pairs, func(p *rules.Pair) bool { return p.Certificate == c }); i >= 0 {
			u.key = a.pairs[i].Key
		}
		uses = append(uses, u)
	}
	for _, e := range a.keys {
		for _, k := range e.keys {
			if k.Certificate == nil && !e.row.Is(rules.KindCA) {
				uses = append(uses, use{
					public: k.Public, role: e.row.Name, place: k.Place, key: k, tokens: e.row.Path.VerificationKey != "",
				})
			}
		}
	}
	return uses
}
