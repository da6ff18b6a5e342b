package audit

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/rules"
)

// The limits of all certificate and key files of a node together. The limits of
// one file bound nothing where thousands of arguments may name as many.
const (
	maxBytes  = 64 << 20
	maxAll    = 5_000 // PEM blocks
	maxSecret = 500   // private keys

	// maxBatch is how many files are read before it is asked whether there is
	// room for more: in the order of the references, whatever is done first.
	maxBatch = 16

	// maxNames is by how many names one verifier dials one kind of server.
	maxNames = 50
)

// usage is what was read of the files of a node.
type usage struct{ bytes, blocks, private int }

func (u *usage) add(l *loaded) {
	u.bytes += l.size
	u.blocks += len(l.content.certificates) + len(l.content.keys) + len(l.content.faults)
	for _, k := range l.content.keys {
		if k.private {
			u.private++
		}
	}
}

func (u *usage) isFull() bool {
	return u.bytes > maxBytes || u.blocks > maxAll || u.private > maxSecret
}

// refuse leaves files unread.
func refuse(files []*loaded) {
	for _, l := range files {
		l.failure = &hostfs.Error{Path: l.path, Reason: hostfs.TooLarge, Detail: fmt.Sprintf(
			"the files before it are, together: more than %d bytes, %d PEM blocks or %d private keys", maxBytes, maxAll, maxSecret)}
		l.digest = sha256.Sum256([]byte(l.failure.Detail))
	}
}

// capped returns as many names as are judged, and in words how many that leaves out.
func capped(names []string) (some []string, rest string) {
	if len(names) <= maxNames {
		return names, ""
	}
	return names[:maxNames], fmt.Sprintf("of the %d names dialled, %d are judged", len(names), maxNames)
}

// tellExhaustion tells that the budget of signatures was used up, as no node but
// a hostile one does: what was not verified must not pass for healthy. The file
// with the most certificates is the likeliest cause.
func (a *auditor) tellExhaustion() {
	if a.facts.Signatures > 0 {
		return
	}
	finding := Finding{
		Check: "unverifiable", Severity: a.severity("unverifiable", rules.Warning),
		Message: fmt.Sprintf("more than %d signatures would have to be verified: which CA signed what, and which CA is damaged, was not found out for all certificates", maxSignatures),
		Impact:  "unknown: what was not verified was not judged",
	}
	finding.mendedBy(rules.ByHand("# take the certificates that are of no use out of the CA files with many"))
	most := 0
	for _, e := range a.entries {
		if len(e.certificates) > most {
			most = len(e.certificates)
			finding.Component, finding.Path, finding.Source = e.leaf().Component, e.file.path, e.refs[0].source
		}
	}
	a.found = append(a.found, found{Finding: finding})
}

// shortened joins names for a sentence, and counts those that would make it long.
func shortened(names []string) string {
	if more := len(names) - maxNames; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNames], ", "), more)
	}
	return strings.Join(names, ", ")
}
