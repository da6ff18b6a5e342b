package audit

import (
	"kube-cert-audit/internal/parallel"
	"kube-cert-audit/rules"
)

// verdict is a finding with the rows that it is about.
type verdict struct {
	ranked
	certificates span
	keys         span
}

// judge runs the checks that look at more than one file, and those that depend on
// the time, on all groups.
func (i *inspection) judge() {
	pieces := (len(i.groups) + batchSize - 1) / batchSize
	start := func() parallel.Work[[]verdict] {
		return func(piece int) []verdict {
			j := judge{bench: i.newBench(), caOf: unknown}
			for _, g := range i.groups[piece*batchSize : min((piece+1)*batchSize, len(i.groups))] {
				j.group(g)
			}
			return j.verdicts
		}
	}
	_ = parallel.InOrder(pieces, start, func(verdicts []verdict) error {
		for _, v := range verdicts {
			i.keep(v.ranked)
			worsen(i.certificates[v.certificates.from:v.certificates.to], v.Severity, func(c *Certificate) *rules.Status { return &c.Status })
			worsen(i.keys[v.keys.from:v.keys.to], v.Severity, func(k *Key) *rules.Status { return &k.Status })
		}
		return nil // nothing can fail
	})
}

// judge judges some groups. It changes nothing that other judges may read.
type judge struct {
	bench
	verdicts []verdict

	// Memory for one certificate and its authority, used again for each.
	own, ca subject
	caOf    int32
}

// run runs a check and keeps what it finds, about some rows, and for the sake of
// another file.
func (j *judge) run(check string, s *rules.Subject, other string, certificates, keys span) {
	j.apply(check, s, func(rank int, p rules.Problem) {
		f := j.finding(rank, p, s.Place)
		f.other = other
		j.verdicts = append(j.verdicts, verdict{f, certificates, keys})
	})
}

// rowAt returns the range of one row.
func rowAt(n int32) span { return span{n, n + 1} }

func (j *judge) group(g group) {
	j.chain(g)
	for n := g.certificates.from; n < g.certificates.to; n++ {
		j.certificate(n, g)
	}
	for n := g.certificates.from; n < g.certificates.to; n++ {
		if j.facts[n].pair != unknown {
			j.pair(n, g)
		}
	}
	for n := g.keys.from; n < g.keys.to; n++ {
		j.key(n)
	}
}

// chain judges the order of the certificates of a file, if it is for one of them:
// the one that its key is for, or else the only one that is no CA. In a collection
// they may stand in any order.
func (j *judge) chain(g group) {
	if g.certificates.len() < 2 {
		return
	}
	pair, leaves := int32(unknown), 0
	for n := g.certificates.from; n < g.certificates.to; n++ {
		if j.facts[n].pair != unknown {
			pair = j.facts[n].pair
		}
		if j.facts[n].role == rules.Leaf {
			leaves++
		}
	}
	if pair == unknown && leaves != 1 || leaves == 0 {
		return
	}
	f, key := &rules.File{Role: rules.Leaf, Certificates: j.all(g)}, ""
	if pair != unknown {
		f.Paired, key = keyDigest(j.keyFacts[pair].key), j.keys[pair].Path
	}
	place := rules.Place{Path: f.Certificates[0].Path, Source: f.Certificates[0].Source}
	j.run("chain-order", &rules.Subject{Place: place, File: f}, key, g.certificates, span{})
}

// all returns all certificates of a group.
func (j *judge) all(g group) []*rules.Certificate {
	var all []*rules.Certificate
	for n := g.certificates.from; n < g.certificates.to; n++ {
		all = append(all, j.subject(n, g))
	}
	return all
}

func (j *judge) certificate(n int32, g group) {
	c := j.linked(n, g)
	if j.facts[n].ca == unknown {
		for _, p := range j.facts[n].orphaned {
			j.verdicts = append(j.verdicts, verdict{j.finding(j.rank("self-signature"), p, c.Place), rowAt(n), span{}})
		}
	}
	for _, check := range []string{"expired", "expires-soon", "not-yet-valid", "outlives-ca", "weak-signature", "duplicate-serial"} {
		j.run(check, &rules.Subject{Place: c.Place, Certificate: c}, "", rowAt(n), span{})
	}
}

func (j *judge) pair(n int32, g group) {
	key := j.facts[n].pair
	p := &rules.Pair{Certificate: j.subject(n, g), File: j.all(g), Key: j.privateHalf(key)}
	j.run("key-mismatch", &rules.Subject{Place: p.Certificate.Place, Pair: p}, p.Key.Path, rowAt(n), rowAt(key))
}

func (j *judge) key(n int32) {
	k := j.privateHalf(n)
	j.run("key-encrypted", &rules.Subject{Place: k.Place, Key: k}, "", span{}, rowAt(n))
	if j.keyFacts[n].pair != unknown {
		return
	}
	for _, p := range j.keyFacts[n].weak {
		rank := j.rank("weak-key")
		j.verdicts = append(j.verdicts, verdict{j.finding(rank, p, k.Place), span{}, rowAt(n)})
	}
}
