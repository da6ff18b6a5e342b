package audit

import (
	"errors"
	"slices"
	"time"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/internal/parallel"
	"kube-cert-audit/rules"
)

// maxInspections bounds how often files are inspected that keep changing.
const maxInspections = 3

// doubt is a finding that a renewal in progress can cause, by its place among the
// findings kept, with the files that it rests on.
type doubt struct {
	at, n int
	files []string
}

// doubts notes a finding that is to be confirmed.
func (i *inspection) doubts(f *ranked, at int) {
	if !slices.Contains(doubtful(), f.Check) {
		return
	}
	d := doubt{at: at, n: len(i.kept[at]), files: []string{f.Path}}
	if f.other != "" {
		d.files = append(d.files, f.other)
	}
	i.doubted = append(i.doubted, d)
}

// moving reads again, after each of the pauses, the files that doubtful findings
// rest on, and returns those that changed.
func (i *inspection) moving() map[string]bool {
	wanted, moved := map[string]bool{}, map[string]bool{}
	for _, d := range i.doubted {
		for _, file := range d.files {
			wanted[file] = true
		}
	}
	var again []int // targets
	for n := range i.targets {
		if wanted[i.targets[n].path] {
			again = append(again, n)
		}
	}
	for _, pause := range pauses() {
		if len(again) == 0 || len(moved) > 0 {
			break
		}
		time.Sleep(pause)
		look := func(piece int) string {
			t := i.targets[again[piece]]
			if now, late := i.state(t); !late && now != i.states[again[piece]] {
				return t.path
			}
			return ""
		}
		_ = parallel.InOrder(len(again), func() parallel.Work[string] { return look }, func(file string) error {
			if file != "" {
				moved[file] = true
			}
			return nil // nothing can fail
		})
	}
	return moved
}

// state reads a file and returns what it comes to, and whether there was no time
// for it.
func (i *inspection) state(t target) (d digest, late bool) {
	if t.failure != nil {
		return i.digests.ofOutcome(nil, t.failure), false
	}
	file, err := t.open(i.fsys)
	e, _ := errors.AsType[*hostfs.Error](err)
	return i.digests.ofOutcome(file, e), isTimedOut(err)
}

// ofOutcome returns the digest of what a file holds, or of why it cannot be read.
func (d digester) ofOutcome(file *hostfs.File, e *hostfs.Error) digest {
	if e != nil {
		return d.of([]byte(e.Error()))
	}
	return d.of(file.Data)
}

// withdraw turns the findings that rest on files in motion into what they are:
// not judged.
func (i *inspection) withdraw(moved map[string]bool) {
	gone := map[int]map[int]bool{}
	for _, d := range i.doubted {
		if !slices.ContainsFunc(d.files, func(file string) bool { return moved[file] }) {
			continue
		}
		f := i.kept[d.at][d.n]
		unsure := Finding{
			Check: "unverifiable", Severity: rules.Info, Path: f.Path, Source: f.Source,
			Message: keepsChanging(f.Check),
			Impact:  "unknown: a renewal may be in progress",
		}
		unsure.mendedBy(rules.ByHand("# inspect it again in a minute"))
		i.unsure = append(i.unsure, unsure)
		if gone[d.at] == nil {
			gone[d.at] = map[int]bool{}
		}
		gone[d.at][d.n] = true
	}
	for at, indices := range gone {
		var rest []Finding
		for n, f := range i.kept[at] {
			if !indices[n] {
				rest = append(rest, f)
			}
		}
		i.kept[at] = rest
	}
}
