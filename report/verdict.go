package report

import (
	"fmt"
	"strings"

	"kube-cert-audit/audit"
	"kube-cert-audit/rules"
)

// verdict is the answer of a report in one sentence.
type verdict struct {
	Status   rules.Status // how good the answer is
	Sentence string
}

// verdictOf tells whether every connection would succeed, and if not, what stops first.
// What was not wholly audited is never told to be sound.
func verdictOf(r *audit.Report) verdict {
	v := verdictOfConnections(r)
	if r.Kind == audit.KindInspect {
		v = verdictOfFiles(r)
	}
	if !complete(r.Coverage) && v.Status == rules.OK {
		v.Status = v.Status.Worse(rules.Warning)
	}
	return v
}

func verdictOfConnections(r *audit.Report) verdict {
	failed, unjudged := failures(r.Connections), 0
	for i := range r.Connections {
		if r.Connections[i].Status == "info" {
			unjudged++
		}
	}
	of := func(n int) string {
		return fmt.Sprintf("%d of %s of this control plane", n, count(len(r.Connections), "TLS connection"))
	}
	status, sound := findingStatus(r), len(r.Connections)-unjudged
	switch {
	case len(failed) > 0:
		return verdict{"error", fmt.Sprintf("No: %s would fail at this time; first of all, %s.", of(len(failed)), firstStop(r, failed))}
	case len(r.Connections) == 0:
		return verdict{status.Worse(rules.Warning), "Unknown: no TLS connection was found that could be judged."}
	case !complete(r.Coverage):
		return verdict{status, fmt.Sprintf("Unknown: as far as was read, %s would succeed at this time%s.", of(sound), but(r))}
	case unjudged > 0:
		return verdict{status, fmt.Sprintf("As far as can be told from here: %s would succeed at this time, and %d could not be judged in full%s.", of(sound), unjudged, but(r))}
	}
	return verdict{status, fmt.Sprintf("Yes: %s would succeed at this time%s.", of(sound), but(r))}
}

func verdictOfFiles(r *audit.Report) verdict {
	what := "what was inspected"
	if !complete(r.Coverage) {
		what = "what could be read"
	}
	status := findingStatus(r)
	if status == rules.OK {
		return verdict{status, "Nothing is wrong with " + what + ", as far as files alone tell."}
	}
	return verdict{status, "Something is wrong with " + what + ": " + worst(r) + "."}
}

// failures returns the connections that would fail.
func failures(connections []audit.Connection) []*audit.Connection {
	var failed []*audit.Connection
	for i := range connections {
		if connections[i].Status == "error" {
			failed = append(failed, &connections[i])
		}
	}
	return failed
}

// firstStop returns the gravest of what the connections that fail bring to a halt.
func firstStop(r *audit.Report, failed []*audit.Connection) string {
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Severity != rules.Error || f.Impact == "" {
			continue
		}
		for _, c := range failed {
			if f.Path == c.Presenter.Path || f.Path == c.Verifier.Path {
				return f.Impact
			}
		}
	}
	return fmt.Sprintf("%s is refused by %s", failed[0].Presenter.Component, failed[0].Verifier.Component)
}

// findingStatus returns the worst that was found, remarks aside.
func findingStatus(r *audit.Report) rules.Status {
	status := rules.OK
	for i := range r.Findings {
		if s := r.Findings[i].Severity; s > rules.Info {
			status = status.Worse(s)
		}
	}
	return status
}

// but returns a clause with what was found all the same, empty where that is nothing.
func but(r *audit.Report) string {
	if findingStatus(r) == rules.OK {
		return ""
	}
	return ", but with " + worst(r)
}

// worst counts what was found, and tells what stops by the first of it.
func worst(r *audit.Report) string {
	f := &r.Findings[0]
	text := f.Impact
	if text == "" {
		text = f.Message
	}
	var counts []string
	if n := r.Summary.Error; n > 0 {
		counts = append(counts, count(n, "error"))
	}
	if n := r.Summary.Warning; n > 0 {
		counts = append(counts, count(n, "warning"))
	}
	return strings.Join(counts, " and ") + "; first of all, " + text
}
