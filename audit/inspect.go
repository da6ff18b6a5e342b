package audit

import (
	"hash/maphash"
	"slices"
	"time"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/internal/parallel"
	"kube-cert-audit/rules"
)

// InspectOptions say how to judge what is inspected, and for when.
type InspectOptions struct {
	At     time.Time
	Limits rules.Limits
	Checks []rules.Check // of those that Inspectable returns
	Input  Input         // what StandardInput among the paths stands for
	// Progress, unless nil, is told from time to time how many of the files were read.
	Progress func(read, files int)
}

// Inspectable returns those checks that can judge files of which nobody says
// what they are for: neither who uses a certificate, nor which CA decides.
func Inspectable(checks []rules.Check) []rules.Check {
	ids := []string{
		"expired", "expires-soon", "not-yet-valid", "outlives-ca", "self-signature", "chain-order", "key-mismatch",
		"key-encrypted", "weak-key", "weak-signature", "file-permissions", "unreadable", "duplicate-serial",
	}
	return slices.DeleteFunc(slices.Clone(checks), func(c rules.Check) bool { return !slices.Contains(ids, c.ID) })
}

// Inspect decodes the files at paths, and all below those that are folders, and
// judges what can be judged of them alone. Like an audit it never fails: what
// could not be read is part of the report. Findings that a renewal in progress
// may cause stand only if the files stay as they are for a moment.
//
// Memory is for what the report says, not for what was read: certificates are
// reduced to their row and to a few numbers, by which they are compared.
func Inspect(fsys *hostfs.FS, paths []string, o InspectOptions) *Report {
	i := inspect(fsys, paths, o)
	for n := 1; ; n++ {
		moved := i.moving()
		if len(moved) == 0 {
			break
		}
		if n == maxInspections {
			i.withdraw(moved)
			break
		}
		i = inspect(fsys, paths, o)
	}
	return i.report(paths)
}

// inspect inspects the files as they are at this moment.
func inspect(fsys *hostfs.FS, paths []string, o InspectOptions) *inspection {
	i := &inspection{
		fsys: fsys, opts: o,
		at:         o.At.UTC(),
		digests:    digester{maphash.MakeSeed()},
		dependents: map[int32][]int32{},
		kept:       make([][]Finding, int(rules.Error)*len(o.Checks)),
		impacts:    newInterner(),
	}
	i.targets = findTargets(fsys, paths, o.Input)
	i.read()
	i.link()
	i.judge()
	return i
}

// inspection is one inspection on its way.
type inspection struct {
	fsys *hostfs.FS
	opts InspectOptions
	at   time.Time

	digests    digester
	targets    []target
	batch                  // all that was read
	kept       [][]Finding // by severity and check
	impacts    *interner
	doubted    []doubt
	unsure     []Finding         // withdrawn, with what there is to say instead
	dependents map[int32][]int32 // of each authority
}

// batch is what was read of some files.
type batch struct {
	coverage     Coverage
	states       []digest // of what each target came to
	certificates []Certificate
	facts        []certificateFacts // one for each certificate
	requests     []Request
	keys         []Key
	keyFacts     []keyFacts // one for each key
	groups       []group
	found        []ranked
}

// newBatch returns a batch with room for what most files hold.
func newBatch() *batch {
	return &batch{
		certificates: make([]Certificate, 0, batchSize), facts: make([]certificateFacts, 0, batchSize),
		groups: make([]group, 0, batchSize), states: make([]digest, 0, batchSize),
	}
}

// group is what stands together in one file, or in one entry of a kubeconfig:
// ranges of the certificates and the keys of its batch.
type group struct{ certificates, keys span }

type span struct{ from, to int32 }

func (s span) len() int { return int(s.to - s.from) }

// ranked is a finding with the place of its check among all.
type ranked struct {
	Finding
	rank  int
	other string // another file that it rests on; empty where there is none
}

// batchSize is how many files are read at a time: enough to make little of
// passing the result on, and few enough for all processors to have some.
const batchSize = 32

// read reads and decodes all files.
func (i *inspection) read() {
	batches := (len(i.targets) + batchSize - 1) / batchSize
	start := func() parallel.Work[*batch] {
		intern := newInterner()
		return func(piece int) *batch {
			r := hostfs.Try(i.fsys, func(view *hostfs.FS) *reader {
				r := newReader(i, view, intern)
				intern = newInterner() // an attempt that is left behind goes on with its own
				for _, t := range i.targets[piece*batchSize : min((piece+1)*batchSize, len(i.targets))] {
					r.read(t)
				}
				return r
			})
			intern = r.intern
			return r.batch
		}
	}
	read := 0
	_ = parallel.InOrder(batches, start, func(b *batch) error {
		read = min(read+batchSize, len(i.targets))
		i.certificates = withRoom(i.certificates, len(b.certificates), read, len(i.targets))
		i.facts = withRoom(i.facts, len(b.facts), read, len(i.targets))
		i.take(b)
		if i.opts.Progress != nil {
			i.opts.Progress(read, len(i.targets))
		}
		return nil // nothing can fail
	})
}

// withRoom makes room for more items: where there is none left, for as many in
// each of the files to come as in those read so far. Growing step by step would
// leave behind several times what is needed.
func withRoom[T any](items []T, more, read, files int) []T {
	need := len(items) + more
	if need <= cap(items) {
		return items
	}
	return append(make([]T, 0, max(need+need/4, need*files/read)), items...)
}

// take adds a batch to all that was read.
func (i *inspection) take(b *batch) {
	certificates, keys := int32(len(i.certificates)), int32(len(i.keys))
	for _, g := range b.groups {
		i.groups = append(i.groups, group{
			certificates: span{g.certificates.from + certificates, g.certificates.to + certificates},
			keys:         span{g.keys.from + keys, g.keys.to + keys},
		})
	}
	i.states = append(i.states, b.states...)
	i.certificates = append(i.certificates, b.certificates...)
	i.facts = append(i.facts, b.facts...)
	i.requests = append(i.requests, b.requests...)
	i.keys = append(i.keys, b.keys...)
	i.keyFacts = append(i.keyFacts, b.keyFacts...)
	for _, f := range b.found {
		i.keep(f)
	}
	i.coverage.add(b.coverage)
}

func (c *Coverage) add(more Coverage) {
	c.References += more.References
	c.Examined += more.Examined
	c.Unreadable += more.Unreadable
	c.Denied += more.Denied
	c.TimedOut += more.TimedOut
}

// report puts the report together.
func (i *inspection) report(paths []string) *Report {
	r := &Report{
		APIVersion: APIVersion, Kind: KindInspect, At: i.at, Root: "/", Paths: append([]string{}, paths...),
		Coverage: i.coverage, Certificates: i.certificates, Requests: append([]Request{}, i.requests...), Keys: i.keys,
		Findings: slices.Concat(append(i.kept, i.unsure)...),
	}
	r.Summary = summarize(r)
	for n := range r.Certificates {
		c := &r.Certificates[n]
		if first := r.Summary.FirstExpiry; first == nil || c.NotAfter.Before(first.NotAfter) {
			r.Summary.FirstExpiry = &FirstExpiry{Path: c.Path, NotAfter: c.NotAfter, SecondsLeft: c.SecondsLeft}
		}
	}
	return r
}

// maxFixes is how many findings of one check tell the commands that mend them:
// nobody reads so many, and they are most of the text of a report.
const maxFixes = 1000

// keep puts a finding in its place: the worst come first, those of one severity
// in the order of the checks, and those of one check in that of the files.
func (i *inspection) keep(f ranked) {
	f.Impact = i.impacts.text(f.Impact)
	at := int(rules.Error-f.Severity)*len(i.opts.Checks) + f.rank
	if len(i.kept[at]) >= maxFixes {
		f.mendedBy(rules.ByHand("# as for the findings of this check before"))
	}
	i.doubts(&f, at)
	i.kept[at] = append(i.kept[at], f.Finding)
}

// rank returns the place of a check among those to be run, -1 where it is none.
func (i *inspection) rank(check string) int {
	return slices.IndexFunc(i.opts.Checks, func(c rules.Check) bool { return c.ID == check })
}

// bench is where checks are run, one at a time: each goroutine has its own.
type bench struct {
	*inspection
	node *rules.Node
}

// newBench returns a bench with what the checks know beside their subject: no
// more than the instant and the limits.
func (i *inspection) newBench() bench {
	return bench{i, &rules.Node{At: i.at, Limits: i.opts.Limits}}
}

// apply runs a check on a subject, and has tell each problem that it finds.
func (i bench) apply(check string, s *rules.Subject, tell func(rank int, p rules.Problem)) {
	rank := i.rank(check)
	if rank < 0 {
		return
	}
	s.Node, i.node.Signatures = i.node, ownSignature // of each subject, there is none but its own to be verified
	for _, p := range i.opts.Checks[rank].Apply(s) {
		tell(rank, p)
	}
}

// finding makes a finding of a problem with an object.
func (i *inspection) finding(rank int, p rules.Problem, at rules.Place) ranked {
	f := ranked{rank: rank, Finding: Finding{
		Check: i.opts.Checks[rank].ID, Severity: p.Severity, Path: at.Path, Source: Source(at.Source),
		Message: p.Message, Impact: p.Impact,
	}}
	f.mendedBy(p.Fix)
	return f
}
