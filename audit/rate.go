package audit

import (
	"slices"

	"kube-cert-audit/rules"
)

// FailureChecks are the checks that find why a connection fails: on its leaf, on an
// authority above that, on the CA file of its verifier, or among the names that it allows.
func FailureChecks() []string {
	return []string{
		"untrusted", "san-missing", "ext-key-usage", "chain-order", "expired", "not-yet-valid", "not-a-ca",
		"weak-signature", "self-signature", "requestheader-names",
	}
}

// rate gives the connections that fail, and their certificates, the status of that:
// an error, unless the user thinks less of what was found to be the cause. One of
// which all causes are waived is worth knowing, as the connection fails for all
// that, and says nothing against the certificate. A
// certificate whose authority has ended fails with it, though the finding is the
// authority's.
func (a *auditor) rate() {
	causes := map[string][]*found{} // by path
	for i := range a.found {
		if f := &a.found[i]; slices.Contains(FailureChecks(), f.Check) {
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
		severity, isWaived := rated(severity, causes[causePath(c)])
		if isWaived {
			c.status, c.reason = c.status.Worse(rules.Info), c.reason+" (waived)"
			continue
		}
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
// possible causes, if it is milder than its own. It reports whether all are waived.
func rated(own rules.Severity, causes []*found) (severity rules.Severity, isWaived bool) {
	for _, f := range causes {
		switch {
		case f.own < own: // which would not fail it
		case f.waiver != nil:
			isWaived = true
		default:
			severity = max(severity, f.Severity)
		}
	}
	switch {
	case severity > 0:
		return min(severity, own), false
	case isWaived:
		return 0, true
	}
	return own, false // nothing was found that would fail it, perhaps as it was not looked for
}
