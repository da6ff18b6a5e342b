package audit

import (
	"slices"

	"kube-cert-audit/rules"
)

// failureChecks are the checks that find why a connection fails: on its leaf, on an
// authority above that, or on the CA file of its verifier.
func failureChecks() []string {
	return []string{
		"untrusted", "san-missing", "ext-key-usage", "chain-order", "expired", "not-yet-valid", "not-a-ca",
		"weak-signature", "self-signature",
	}
}

// rate gives the connections that fail, and their certificates, the status of that:
// an error, unless the user thinks less of what was found to be the cause. A
// certificate whose authority has ended fails with it, though the finding is the
// authority's.
func (a *auditor) rate() {
	causes := map[string][]*found{} // by path
	for i := range a.found {
		if f := &a.found[i]; slices.Contains(failureChecks(), f.Check) {
			causes[f.Path] = append(causes[f.Path], f)
		}
	}
	for _, c := range a.connections {
		if !c.Verdict.Failed {
			continue
		}
		severity := rules.Error
		if c.Leaf.Lowered != "" {
			severity = severity.Lower()
		}
		severity = rated(severity, causes[causePath(c)])
		c.status = c.status.Worse(severity)
		if status := a.statusOf(c.Leaf); !c.WrongCA {
			*status = status.Worse(severity)
		}
	}
}

// causePath returns where it is found why a connection fails.
func causePath(c *connection) string {
	switch {
	case c.WrongCA:
		return c.Verifier.Path
	case c.Verdict.Blame != nil:
		return c.Verdict.Blame.Path
	}
	return c.Leaf.Path
}

// rated returns the severity of a failure: that which the user gave to all of its
// possible causes, if it is milder than its own.
func rated(own rules.Severity, causes []*found) rules.Severity {
	var severity rules.Severity
	for _, f := range causes {
		if f.own >= own {
			severity = max(severity, f.Severity)
		}
	}
	if severity == 0 {
		return own // nothing was found that would fail it, perhaps as it was not looked for
	}
	return min(severity, own)
}
