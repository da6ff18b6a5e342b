package audit

import (
	"crypto/x509"
	"path"
	"strings"

	"kube-cert-audit/rules"
)

// link finds the authority and the key of each certificate, and those that share
// a serial number, by looking up digests: it never compares each certificate with
// each other one.
func (i *inspection) link() {
	i.linkAuthorities()
	i.linkKeys()
	i.linkSerials()
}

// identity is what a certificate calls its authority.
type identity struct{ name, id digest }

// authorities are the authorities among all certificates: of those with the same
// name and key, the one that lasts longest.
type authorities struct {
	byIdentity map[identity]int32
	byName     map[digest]int32 // unknown where several keys have one name
}

func (i *inspection) authorities() authorities {
	a := authorities{map[identity]int32{}, map[digest]int32{}}
	for n := range i.facts {
		f := &i.facts[n]
		if f.role != rules.Authority {
			continue
		}
		who := identity{f.subject, f.subjectID}
		best, known := a.byIdentity[who]
		if !known || i.certificates[n].NotAfter.After(i.certificates[best].NotAfter) {
			a.byIdentity[who] = int32(n)
		}
	}
	for who, n := range a.byIdentity {
		if _, several := a.byName[who.name]; several {
			n = unknown
		}
		a.byName[who.name] = n
	}
	return a
}

// linkAuthorities finds who signed each certificate: the authority of which it
// states name and key identifier, or, where one of the two lacks the identifier,
// the only one of that name.
func (i *inspection) linkAuthorities() {
	all := i.authorities()
	v := confirmer{bench: i.newBench(), loaded: map[int32]*x509.Certificate{}}
	v.node.Signatures = maxSignatures
	for n := range i.facts {
		f := &i.facts[n]
		if f.isSelfIssued() && f.role == rules.Authority {
			continue
		}
		ca, certain := all.byIdentity[identity{f.issuer, f.issuerID}]
		certain = certain && f.issuerID != 0
		if !certain {
			var known bool
			if ca, known = all.byName[f.issuer]; known && !i.isCopy(f, ca) {
				f.orphaned = nil // though it may not be told which of several it is
			}
			if !known || ca == unknown || f.issuerID != 0 && i.facts[ca].subjectID != 0 {
				continue
			}
		}
		if ca == int32(n) || !certain && i.matters(int32(n), ca) && !v.signed(ca, int32(n)) {
			continue
		}
		f.ca = ca
		i.dependents[ca] = append(i.dependents[ca], int32(n))
	}
}

// isCopy reports whether an authority is the certificate itself, or a copy of it.
func (i *inspection) isCopy(f *certificateFacts, ca int32) bool {
	return ca != unknown && f.subject == i.facts[ca].subject && f.subjectID == i.facts[ca].subjectID
}

// matters reports whether anything may be found on account of an authority: only
// then is it worth while to verify a signature.
func (i *inspection) matters(n, ca int32) bool {
	return i.certificates[n].NotAfter.After(i.certificates[ca].NotAfter) || i.endsSoon(ca)
}

// confirmer verifies signatures of certificates, which have to be read again for it.
type confirmer struct {
	bench
	loaded map[int32]*x509.Certificate // authorities
}

// signed reports whether the key of an authority signed a certificate. Where that
// cannot be found out, or where too many were verified already, it did not.
func (v *confirmer) signed(ca, n int32) bool {
	if v.node.Signatures <= 0 {
		return false
	}
	if _, known := v.loaded[ca]; !known {
		v.loaded[ca] = v.load(ca)
	}
	issuer, issued := v.loaded[ca], v.load(n)
	return issuer != nil && issued != nil &&
		v.node.Signed(&rules.Certificate{Certificate: issuer}, &rules.Certificate{Certificate: issued})
}

// load reads a certificate again, nil where its file does not hold it any more.
func (v *confirmer) load(n int32) *x509.Certificate {
	var found *x509.Certificate
	r := newReader(v.inspection, v.fsys, newInterner())
	r.each = func(c certificateBlock) {
		if found == nil && fingerprint(c.Raw) == v.certificates[n].FingerprintSHA256 {
			found = c.Certificate
		}
	}
	r.read(target{path: v.certificates[n].Path})
	return found
}

// linkKeys finds the private key of each certificate: that in the same file or
// entry of a kubeconfig, or that in the file of the corresponding name.
func (i *inspection) linkKeys() {
	byPath := map[string]int32{}
	for _, g := range i.groups {
		if n := i.privateKey(g); n != unknown && i.keys[n].Embedded == "" {
			byPath[i.keys[n].Path] = n
		}
	}
	for _, g := range i.groups {
		if g.certificates.len() == 0 {
			continue
		}
		key := i.privateKey(g)
		if first := &i.certificates[g.certificates.from]; key == unknown && first.Embedded == "" && len(byPath) > 0 {
			key = keyFor(first.Path, byPath)
		}
		if key != unknown {
			i.pair(g, key)
		}
	}
}

// privateKey returns the first private key of a group, which is the one that
// components read; unknown where there is none.
func (i *inspection) privateKey(g group) int32 {
	for n := g.keys.from; n < g.keys.to; n++ {
		if i.keys[n].Private {
			return n
		}
	}
	return unknown
}

// keyFor returns the key in the file that goes by its name with that of a
// certificate: x.key with x.crt, x-key.pem with x.pem.
func keyFor(certificate string, keys map[string]int32) int32 {
	extension := path.Ext(certificate)
	names := []string{".key", "-key.pem"}
	switch extension {
	case ".pem":
		names = []string{"-key.pem", ".key"}
	case ".crt", ".cert", ".cer":
	default:
		return unknown
	}
	for _, name := range names {
		if n, ok := keys[strings.TrimSuffix(certificate, extension)+name]; ok {
			return n
		}
	}
	return unknown
}

// pair joins a key to the certificate of a group that it is for; to the first one
// where it is for none.
func (i *inspection) pair(g group, key int32) {
	leaf := g.certificates.from
	for n := g.certificates.from; n < g.certificates.to; n++ {
		if i.facts[n].key == i.keyFacts[key].key && i.facts[n].key != 0 {
			leaf = n
			break
		}
	}
	i.facts[leaf].pair = key
	if i.keyFacts[key].pair == unknown {
		i.keyFacts[key].pair = leaf
		i.keys[key].Certificate = i.certificates[leaf].Path
	}
}

// serial is what no two certificates should have in common.
type serial struct{ issuer, key, number digest }

// linkSerials finds certificates of one issuer with the same serial number.
func (i *inspection) linkSerials() {
	first := make(map[serial]int32, len(i.facts))
	for n := range i.facts {
		f := &i.facts[n]
		s := serial{f.issuer, f.issuerID, i.digests.of([]byte(i.certificates[n].SerialNumber))}
		if f.subject == f.issuer && f.issuerID == 0 {
			s.key = f.subjectID // two CAs of one name are two issuers
		}
		earlier, known := first[s]
		switch {
		case !known:
			first[s] = int32(n)
		case i.certificates[earlier].FingerprintSHA256 != i.certificates[n].FingerprintSHA256:
			f.twin = earlier
		}
	}
}
