package audit

import (
	"crypto/x509"
	"fmt"

	"kube-cert-audit/rules"
)

// places are where in an object the certificates, or requests, and the keys of one
// entry stand; all is empty for a file of its own.
type places struct {
	entry              string
	certificates, keys Source
}

// add adds to the batch what stands together in a file, or in an entry of an
// object, and judges what only the decoded form tells: how strong its keys are,
// and whether a signature of itself holds.
func (r *reader) add(o *opened, c content, requests []requestBlock, at places) {
	b := r.batch
	from := group{span{from: int32(len(b.certificates))}, span{from: int32(len(b.keys))}}
	source := func(field Source, line int) Source {
		switch {
		case at.entry != "":
			return field
		case o.several:
			return Source{File: o.path, Line: line}
		}
		return Source{File: o.path}
	}
	for n, block := range c.certificates {
		if r.each != nil {
			r.each(block)
		}
		r.addCertificate(o, block, rules.Certificate{
			Certificate: block.Certificate, Place: rules.Place{Path: o.path, Source: rules.Source(source(at.certificates, block.line))},
			Position: n, Of: len(c.certificates), Embedded: at.entry,
		})
	}
	for _, block := range c.keys {
		r.addKey(o, block, at.entry, source(at.keys, block.line))
	}
	for n, block := range requests {
		r.addRequest(o, block, at.entry, n, source(at.certificates, block.line))
	}
	from.certificates.to, from.keys.to = int32(len(b.certificates)), int32(len(b.keys))
	if from.certificates.len()+from.keys.len() > 0 {
		b.groups = append(b.groups, from)
	}
}

func (r *reader) addCertificate(o *opened, block certificateBlock, c rules.Certificate) {
	facts := r.digests.facts(block.Certificate)
	c.Role = facts.role
	row := decodedRow(block.Certificate, r.at)
	r.intern.row(&row, block.Certificate)
	row.Type, row.Path, row.Embedded = inspectedType(block.Certificate, c.Role), o.path, c.Embedded
	row.Position, row.Source, row.Status = c.Position, Source(c.Source), rules.OK
	tell := func(rank int, p rules.Problem) {
		r.batch.found = append(r.batch.found, r.finding(rank, p, c.Place))
		row.Status = row.Status.Worse(p.Severity)
	}
	r.apply("weak-key", &rules.Subject{Place: c.Place, Certificate: &c}, tell)
	if !facts.isSelfIssued() {
		// Where its authority turns up, it is no root, and not a damaged one either.
		tell = func(_ int, p rules.Problem) { facts.orphaned = append(facts.orphaned, p) }
	}
	if isRoot(block.Certificate, &facts) {
		c.Role = rules.Authority
	}
	r.apply("self-signature", &rules.Subject{Place: c.Place, Certificate: &c}, func(rank int, p rules.Problem) {
		if facts.role != rules.Authority {
			p.Message = "the certificate does not match its own signature: the file is damaged or was altered"
		}
		tell(rank, p)
	})
	r.batch.certificates, r.batch.facts = append(r.batch.certificates, row), append(r.batch.facts, facts)
}

// isRoot reports whether a certificate that does not say that it is a CA should be
// signed by itself all the same: what says so may be what is damaged. A name alone
// is not enough, which a leaf and its CA may share.
func isRoot(c *x509.Certificate, f *certificateFacts) bool {
	hasIDs := f.subjectID != 0 && f.issuerID != 0
	lostAll := c.Version == 3 && len(c.Extensions) == 0
	return c.KeyUsage&x509.KeyUsageCertSign != 0 || f.isSelfIssued() && (hasIDs || lostAll)
}

func (r *reader) addKey(o *opened, k keyBlock, embedded string, source Source) {
	row := Key{
		Type: "Public Key", Path: o.path, Embedded: embedded, Source: source, Algorithm: k.algorithm, Bits: k.bits,
		Private: k.private, Mode: r.intern.text(o.mode()),
		PublicKeySHA256: publicKeyDigest(k.public), Status: rules.OK,
	}
	if k.private {
		row.Type = "Private Key"
	}
	facts := keyFacts{key: r.digests.ofKey(k.public), encrypted: k.encrypted, fault: k.fault, pair: unknown}
	// Where a certificate turns up for the key, that is judged instead.
	r.apply("weak-key", &rules.Subject{Key: &rules.Key{Public: k.public}}, func(_ int, p rules.Problem) {
		p.Impact = "whoever relies on the key is not safe with it, or refuses it"
		p.Fix = rules.ByHand("# make a new key, and have what depends on this one issued again")
		facts.weak = append(facts.weak, p)
	})
	r.batch.keys, r.batch.keyFacts = append(r.batch.keys, row), append(r.batch.keyFacts, facts)
}

// mode returns the permission bits of a file; none of what is no file.
func (o *opened) mode() string {
	if o.input != nil {
		return ""
	}
	return fmt.Sprintf("%04o", o.info.Mode.Perm())
}

func (r *reader) addRequest(o *opened, q requestBlock, embedded string, position int, source Source) {
	asked := askedFor(q.CertificateRequest)
	row := Request{
		Type: TypeRequest, Path: o.path, Embedded: embedded, Position: position, Source: source,
		Subject: distinguished(&q.Subject), DNSNames: q.DNSNames, IPAddresses: addresses(q.IPAddresses),
		KeyAlgorithm: keyName(asked), SignatureAlgorithm: q.SignatureAlgorithm.String(),
		KeyUsages: rules.KeyUsageNames(asked), ExtKeyUsages: rules.ExtKeyUsageNames(asked), IsCA: asked.IsCA, Status: rules.OK,
	}
	at := rules.Place{Path: o.path, Source: rules.Source(source)}
	tell := func(rank int, p rules.Problem) {
		p.Impact, p.Fix = "whoever is asked to sign it should refuse", rules.ByHand("# make a new request")
		r.batch.found = append(r.batch.found, r.finding(rank, p, at))
		row.Status = row.Status.Worse(p.Severity)
	}
	r.apply("weak-key", &rules.Subject{Place: at, Key: &rules.Key{Public: q.PublicKey}}, tell)
	if rank := r.rank("self-signature"); rank >= 0 && rules.Forged(q.PublicKey, q.CheckSignature) {
		tell(rank, rules.Problem{
			Severity: rules.Error, Message: "the request does not match its own signature: the file is damaged or was altered",
		})
	}
	r.batch.requests = append(r.batch.requests, row)
}

// ownSignature is the budget for the signature of one certificate by itself.
const ownSignature = 100
