package audit

import (
	"crypto/sha256"
	"slices"
	"time"

	"kube-cert-audit/rules"
)

// pauses returns the times between the looks that confirm a finding. One renewal
// by kubeadm leaves a pair apart, or a file empty, for less than a millisecond;
// what makes the window longer is waiting for a busy disk.
func pauses() []time.Duration {
	return []time.Duration{30 * time.Millisecond, 100 * time.Millisecond}
}

// maxLooks bounds how often a node that keeps changing is audited.
const maxLooks = 12

// settled looks at a node until what a renewal in progress could have caused is
// confirmed: seen again after each of the pauses, on the same bytes. What is not
// confirmed in the end is withdrawn.
func settled(look func() *auditor) *auditor {
	a := look()
	var unsure []found
	confirmed := 0
	for range maxLooks {
		if confirmed == len(pauses()) || !a.isDoubtful() || a.isLate() {
			return a
		}
		time.Sleep(pauses()[confirmed])
		again := look()
		if again.missed() > a.missed() {
			return a // the time is up: what is known is not given away for less
		}
		unsure = again.unconfirmed(a)
		confirmed++
		if len(unsure) > 0 {
			confirmed = 0
		}
		a = again
	}
	a.withdraw(unsure)
	return a
}

// doubtful are the checks whose findings a renewal in progress can cause.
func doubtful() []string {
	return []string{
		"key-mismatch", "sa-key-mismatch", "signer-mismatch", "chain-order", "unreadable", "untrusted", "rotation",
		"self-signature", "argument-missing",
	}
}

// isDoubtful reports whether a second look is needed.
func (a *auditor) isDoubtful() bool {
	return slices.ContainsFunc(a.found, func(f found) bool { return slices.Contains(doubtful(), f.Check) })
}

// unconfirmed returns the doubtful findings that an earlier audit did not have,
// or had on other bytes.
func (a *auditor) unconfirmed(before *auditor) []found {
	var all []found
	for _, f := range a.found {
		if !slices.Contains(doubtful(), f.Check) {
			continue
		}
		had := slices.ContainsFunc(before.found, func(g found) bool { return g.Check == f.Check && g.Path == f.Path && g.Message == f.Message })
		if !had || slices.ContainsFunc(f.files, func(file string) bool { return a.stamps[file] != before.stamps[file] }) {
			all = append(all, f)
		}
	}
	return all
}

// withdraw turns findings that rest on files in motion into what they are: not judged.
func (a *auditor) withdraw(unsure []found) {
	for i, f := range a.found {
		if !slices.ContainsFunc(unsure, func(u found) bool { return u.Check == f.Check && u.Path == f.Path && u.Message == f.Message }) {
			continue
		}
		a.found[i].waiver = nil // it is for what the check finds
		a.found[i].Check, a.found[i].Severity = "unverifiable", a.severity("unverifiable", rules.Info)
		a.found[i].Message = keepsChanging(f.Check)
		a.found[i].Impact = "unknown: a renewal may be in progress"
		a.found[i].mendedBy(rules.ByHand("# run the audit again in a minute"))
	}
}

// keepsChanging says that a check could not come to a result.
func keepsChanging(check string) string {
	return "the file keeps changing while it is read, and was not judged by the check " + check
}

// stampDoubtful notes the state of the files that doubtful findings rest on: what
// was read of them, and, since configuration files are read elsewhere, their size
// and time as well.
func (a *auditor) stampDoubtful() {
	a.stamps = map[string]stamp{}
	for _, f := range a.found {
		if !slices.Contains(doubtful(), f.Check) {
			continue
		}
		for _, file := range f.files {
			s := stamp{}
			if l := a.files.byPath[file]; l != nil {
				s.digest = l.digest
			}
			if info, err := a.files.fsys.Stat(file); err == nil {
				s.size, s.changed = info.Size, info.ModTime.UnixNano()
			}
			a.stamps[file] = s
		}
	}
}

// stamp is the state of a file.
type stamp struct {
	digest  [sha256.Size]byte // of what was read of it; zero where nothing was
	size    int64
	changed int64 // the time of its last change, in nanoseconds since 1970
}
