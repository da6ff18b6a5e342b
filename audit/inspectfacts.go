package audit

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"hash/maphash"
	"math/big"
	"slices"

	"kube-cert-audit/rules"
)

// digest stands for a text that is only compared: a name in DER, a key
// identifier. It is seeded anew in each run, so that nobody can prepare two texts
// with the same one. 0 stands for an absent text.
type digest uint64

// digester makes the digests of one inspection.
type digester struct{ seed maphash.Seed }

func (d digester) of(text []byte) digest {
	if len(text) == 0 {
		return 0
	}
	return max(1, digest(maphash.Bytes(d.seed, text)))
}

// ofKey returns the digest of a key, 0 for one of a kind that Go does not know.
func (d digester) ofKey(pub crypto.PublicKey) digest {
	if pub == nil {
		return 0
	}
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return 0
	}
	return d.of(der)
}

// ofItsKey returns the digest of the key of a certificate. crypto/x509 takes keys
// in no other encoding than the one that it makes.
func (d digester) ofItsKey(c *x509.Certificate) digest {
	if c.PublicKey == nil {
		return 0
	}
	return d.of(c.RawSubjectPublicKeyInfo)
}

// keyDigest is a digest in the place of a public key, for the checks that do no
// more than compare keys.
type keyDigest digest

// Equal implements the comparison that all public keys have.
func (k keyDigest) Equal(other crypto.PublicKey) bool {
	o, ok := other.(keyDigest)
	return ok && o == k && k != 0
}

// certificateFacts is what the checks need of a certificate beside its row.
type certificateFacts struct {
	subject, issuer     digest
	subjectID, issuerID digest // key identifiers
	key                 digest
	signature           x509.SignatureAlgorithm
	role                rules.Role
	ca                  int32           // the certificate that signed it, -1 where none is known
	pair                int32           // its key, -1 where none is known
	twin                int32           // an earlier one of the same issuer and serial number, -1 where there is none
	orphaned            []rules.Problem // those that it has unless there is an authority for it
}

const unknown = -1

func (d digester) facts(c *x509.Certificate) certificateFacts {
	f := certificateFacts{
		subject: d.of(c.RawSubject), issuer: d.of(c.RawIssuer),
		subjectID: d.of(c.SubjectKeyId), issuerID: d.of(c.AuthorityKeyId), key: d.ofItsKey(c),
		signature: c.SignatureAlgorithm, role: rules.Leaf, ca: unknown, pair: unknown, twin: unknown,
	}
	// Before version 3, nothing in a certificate says that it is a CA.
	if c.IsCA && c.BasicConstraintsValid || c.Version < 3 && f.isSelfIssued() {
		f.role = rules.Authority
	}
	return f
}

func (f *certificateFacts) isSelfIssued() bool {
	return f.subject == f.issuer && (f.issuerID == 0 || f.subjectID == 0 || f.issuerID == f.subjectID)
}

// keyFacts is what the checks need of a key beside its row.
type keyFacts struct {
	key       digest
	encrypted bool
	fault     string
	weak      []rules.Problem
	pair      int32 // the certificate that it goes with, -1 where none is known
}

// place returns where a certificate lies.
func (i *inspection) place(certificate int32) rules.Place {
	row := &i.certificates[certificate]
	return rules.Place{Path: row.Path, Source: rules.Source(row.Source)}
}

func (i *inspection) keyPlace(key int32) rules.Place {
	row := &i.keys[key]
	return rules.Place{Path: row.Path, Source: rules.Source(row.Source)}
}

// subject is what the checks judge, made of a row and its facts. Names and keys,
// which are only compared, are digests.
type subject struct {
	rules.Certificate
	decoded x509.Certificate
	ids     [4][8]byte          // of the names and the key identifiers
	usages  [2]x509.ExtKeyUsage // room for them
}

// fill makes a subject of a certificate. A subject may be filled over again.
func (i *inspection) fill(s *subject, n int32, g group) *rules.Certificate {
	row, f := &i.certificates[n], &i.facts[n]
	raw := func(n int, d digest) []byte {
		if d == 0 {
			return nil
		}
		binary.NativeEndian.PutUint64(s.ids[n][:], uint64(d))
		return s.ids[n][:]
	}
	s.decoded = x509.Certificate{
		Subject: row.Subject.forChecks(), Issuer: row.Issuer.forChecks(), NotBefore: row.NotBefore, NotAfter: row.NotAfter,
		RawSubject: raw(0, f.subject), RawIssuer: raw(1, f.issuer), SubjectKeyId: raw(2, f.subjectID), AuthorityKeyId: raw(3, f.issuerID),
		SignatureAlgorithm: f.signature, IsCA: row.IsCA, BasicConstraintsValid: row.IsCA,
		DNSNames: row.DNSNames,
	}
	if len(row.IPAddresses) > 0 { // they are told, not compared: as texts they serve as well
		s.decoded.DNSNames = slices.Concat(row.DNSNames, row.IPAddresses)
	}
	s.addUsages(row.ExtKeyUsages)
	if f.key != 0 {
		s.decoded.PublicKey = keyDigest(f.key)
	}
	s.Certificate = rules.Certificate{
		Certificate: &s.decoded, Place: i.place(n), Role: f.role, Position: row.Position, Of: g.certificates.len(), Embedded: row.Embedded,
	}
	if f.pair != unknown {
		s.KeyPath = i.keys[f.pair].Path
	}
	return &s.Certificate
}

// addUsages adds those usages that a new certificate should have as well.
func (s *subject) addUsages(names []string) {
	s.decoded.ExtKeyUsage = s.usages[:0]
	for _, name := range names {
		switch name {
		case "serverAuth":
			s.decoded.ExtKeyUsage = append(s.decoded.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
		case "clientAuth":
			s.decoded.ExtKeyUsage = append(s.decoded.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
		}
	}
}

// subject does the same for one that is to be kept.
func (i *inspection) subject(n int32, g group) *rules.Certificate {
	return i.fill(new(subject), n, g)
}

// forChecks returns a name as far as the report has it.
func (n Name) forChecks() pkix.Name {
	return pkix.Name{CommonName: n.CommonName, Organization: n.Organizations, OrganizationalUnit: n.OrganizationalUnits}
}

// linked returns a certificate with what else it depends on, until the next call.
func (j *judge) linked(n int32, g group) *rules.Certificate {
	i := j.inspection
	c, f := i.fill(&j.own, n, g), &i.facts[n]
	if f.ca != unknown {
		if j.caOf != f.ca { // neighbours often have the same
			i.fill(&j.ca, f.ca, group{})
		}
		c.CA, j.caOf = &j.ca.Certificate, f.ca
	}
	if f.twin != unknown {
		c.SameSerial = i.subject(f.twin, group{})
		c.SerialNumber, _ = new(big.Int).SetString(i.certificates[n].SerialNumber, 10)
	}
	dependents := i.dependents[n]
	if len(dependents) > 1 && !i.endsSoon(n) {
		dependents = dependents[:1] // they are named only beside an end
	}
	for _, d := range dependents {
		c.Dependents = append(c.Dependents, &rules.Certificate{Place: i.place(d)})
	}
	return c
}

// endsSoon reports whether the end of an authority may be worth a finding.
func (i *inspection) endsSoon(n int32) bool {
	return i.certificates[n].NotAfter.Sub(i.at) <= max(i.opts.Limits.CAWarn, i.opts.Limits.CAError)
}

// privateHalf makes of row and facts of a key what the checks judge.
func (i *inspection) privateHalf(n int32) *rules.Key {
	row, f := &i.keys[n], &i.keyFacts[n]
	k := &rules.Key{
		Place: i.keyPlace(n), Private: row.Private, Encrypted: f.encrypted, Algorithm: row.Algorithm, Bits: row.Bits,
		Fault: f.fault, Embedded: row.Embedded,
	}
	if f.key != 0 {
		k.Public = keyDigest(f.key)
	}
	if f.pair != unknown {
		k.Certificate = i.subject(f.pair, group{})
	}
	return k
}

// interner keeps one copy of what many certificates have in common.
type interner struct {
	names map[string]Name
	lists map[string][]string
	texts map[string]string
}

// maxInterned bounds what is kept to be compared with: where all differ, it is
// of no use.
const maxInterned = 4096

func newInterner() *interner {
	return &interner{names: map[string]Name{}, lists: map[string][]string{}, texts: map[string]string{}}
}

// row lets go of what a row has in common with others.
func (in *interner) row(row *Certificate, c *x509.Certificate) {
	if known, ok := in.names[string(c.RawIssuer)]; ok {
		row.Issuer = known
	} else if len(in.names) < maxInterned {
		in.names[string(c.RawIssuer)] = row.Issuer
	}
	for _, text := range []*string{&row.KeyAlgorithm, &row.Subject.Country, &row.Subject.Province, &row.Subject.Locality} {
		*text = in.text(*text)
	}
	for _, list := range []*[]string{
		&row.Subject.Organizations, &row.Subject.OrganizationalUnits, &row.KeyUsages, &row.ExtKeyUsages,
	} {
		*list = in.list(*list)
	}
}

func (in *interner) text(text string) string {
	if known, ok := in.texts[text]; ok {
		return known
	}
	if len(in.texts) < maxInterned {
		in.texts[text] = text
	}
	return text
}

func (in *interner) list(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	// The first item finds most lists, and is not copied to be looked up.
	if known, ok := in.lists[list[0]]; ok && slices.Equal(known, list) {
		return known
	}
	if len(in.lists) < maxInterned {
		in.lists[list[0]] = list
	}
	return list
}
