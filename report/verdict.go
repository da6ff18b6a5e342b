package report

import (
	"fmt"
	"slices"
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
	if !complete(r.Coverage) {
		v.Status = v.Status.Worse(rules.Warning)
	}
	return v
}

func verdictOfConnections(r *audit.Report) verdict {
	failed, unjudged := withOutcome(r, audit.Fails), len(withOutcome(r, audit.Unknown))
	of := func(n int) string {
		return fmt.Sprintf("%d of %s of this control plane", n, count(len(r.Connections), "TLS connection"))
	}
	if len(failed) > 0 {
		return verdict{failureStatus(r, failed), fmt.Sprintf("No: %s would fail at this time%s; first of all, %s.", of(len(failed)), putAside(failed), firstStop(r, failed))}
	}
	if len(r.Connections) == 0 {
		return verdict{findingStatus(r).Worse(rules.Warning), "Unknown: no TLS connection was found that could be judged."}
	}
	answer := "Yes:"
	switch c := r.Coverage; {
	case !complete(c) || c.Unreadable > 0:
		answer = "Unknown: as far as was read,"
	case unjudged > 0 || c.Unverifiable > 0:
		answer = "As far as can be told from here:"
	}
	answer += fmt.Sprintf(" %s would succeed at this time", of(len(r.Connections)-unjudged))
	if unjudged > 0 {
		answer += fmt.Sprintf(", and %d could not be judged in full", unjudged)
	}
	if found := worst(r); found != "" {
		answer += ", but with " + found
	}
	return verdict{findingStatus(r), answer + "."}
}

func verdictOfFiles(r *audit.Report) verdict {
	what := "what was inspected"
	if !complete(r.Coverage) {
		what = "what could be read"
	}
	status, found := findingStatus(r), worst(r)
	switch {
	case status != rules.OK:
		return verdict{status, "Something is wrong with " + what + ": " + found + "."}
	case found != "":
		what += ", but for " + found
	}
	return verdict{status, "Nothing is wrong with " + what + ", as far as files alone tell."}
}

// withOutcome returns the connections of that outcome.
func withOutcome(r *audit.Report, o audit.Outcome) []*audit.Connection {
	var all []*audit.Connection
	for i := range r.Connections {
		if r.Connections[i].Outcome == o {
			all = append(all, &r.Connections[i])
		}
	}
	return all
}

// failureStatus returns how bad it is that connections fail: at least a warning, even if
// the user put it aside.
func failureStatus(r *audit.Report, failed []*audit.Connection) rules.Status {
	status := findingStatus(r).Worse(rules.Warning)
	if slices.ContainsFunc(failed, func(c *audit.Connection) bool { return c.Status == "error" }) {
		return status.Worse(rules.Error)
	}
	return status
}

// putAside returns a clause with how many of the connections that fail are no error to
// the user, empty where all are.
func putAside(failed []*audit.Connection) string {
	n := 0
	for _, c := range failed {
		if c.Status != "error" {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d of them waived or rated milder", n)
}

// firstStop returns the gravest of what the connections that fail bring to a halt.
func firstStop(r *audit.Report, failed []*audit.Connection) string {
	isCause := func(f *audit.Finding) bool {
		return f.Severity > rules.Info && slices.Contains(audit.FailureChecks(), f.Check) && slices.ContainsFunc(failed, func(c *audit.Connection) bool {
			return f.Path == c.Presenter.Path || f.Path == c.Verifier.Path
		})
	}
	for i := range r.Findings {
		if f := &r.Findings[i]; isCause(f) {
			return stop(f)
		}
	}
	for i := range r.Waived {
		if f := &r.Waived[i].Finding; isCause(f) {
			return stop(f)
		}
	}
	return fmt.Sprintf("%s is refused by %s", failed[0].Presenter.Component, failed[0].Verifier.Component)
}

// stop tells what stops by a finding and, as impacts speak of "it" and of "then", what
// was found where.
func stop(f *audit.Finding) string {
	cause := strings.TrimPrefix(f.Path+": "+f.Message, ": ")
	if f.Impact == "" {
		return cause
	}
	return f.Impact + "; the cause is " + cause
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

// worst counts what was found, and what was put aside, and tells what stops by the first
// of it; empty where there is nothing.
func worst(r *audit.Report) string {
	var counts []string
	add := func(n int, noun string) {
		if n > 0 {
			counts = append(counts, count(n, noun))
		}
	}
	add(r.Summary.Error, "error")
	add(r.Summary.Warning, "warning")
	add(r.Summary.Waived, "waived finding")
	text := strings.Join(counts, " and ")
	if findingStatus(r) != rules.OK {
		text += "; first of all, " + stop(&r.Findings[0])
	}
	return text
}
