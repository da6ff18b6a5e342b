package audit

import (
	"crypto/x509"
	"slices"
	"strings"
	"time"

	"kube-cert-audit/rules"
)

// renewals returns the certificates that somebody renews by himself, by their DER
// form, each with the end that its successors are judged to have: that of their CA,
// which signs nothing beyond. What has ended, or is overdue, was not renewed, and is
// not expected to be.
func (a *auditor) renewals() map[string]time.Time {
	all := map[string]time.Time{}
	for _, e := range a.entries {
		for _, c := range e.certificates {
			if a.renewal(c) == "" || c.NotAfter.Before(a.facts.At) || a.isOverdue(c) {
				continue
			}
			all[string(c.Raw)] = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
			if ca := c.CA; ca != nil && a.renewal(ca) == "" {
				all[string(c.Raw)] = ca.NotAfter
			}
		}
	}
	return all
}

// renewal says who renews a certificate by himself; empty where nobody does.
func (a *auditor) renewal(c *rules.Certificate) string {
	switch {
	case a.tables.Layout.Rotates:
		return "the operators renew it by themselves"
	case c.Rotates && slices.Contains(c.Row.Kinds, rules.KindServer):
		return "the kubelet renews it by itself, where its requests are approved"
	case c.Rotates:
		return "the kubelet renews it by itself"
	}
	return ""
}

// isOverdue reports whether a certificate should have been renewed by now.
func (a *auditor) isOverdue(c *rules.Certificate) bool {
	if c.Rotates && c.IsOverdue(a.facts.At) {
		return true
	}
	return slices.ContainsFunc(a.found, func(f found) bool { return f.Check == "expires-soon" && f.raw == string(c.Raw) })
}

// asRenewed returns a certificate as its successor will be, where it is taken for
// renewed: the same with a later end.
func (a *auditor) asRenewed(c *x509.Certificate) *x509.Certificate {
	end, ok := a.renewed[string(c.Raw)]
	if !ok {
		return c
	}
	renewed := *c
	renewed.NotAfter = end
	return &renewed
}

// commands returns the fixes of findings, one below the other. What several end with,
// the restart of a component, is done once, after the last of them.
func commands(findings []Finding) string {
	var fixes [][]string
	for _, f := range findings {
		if f.Fix != "" {
			fixes = append(fixes, strings.Split(strings.TrimRight(f.Fix, "\n"), "\n"))
		}
	}
	var all []string
	for i, fix := range fixes {
		shared := 0
		for _, later := range fixes[i+1:] {
			shared = max(shared, commonEnd(fix, later))
		}
		all = append(all, fix[:len(fix)-shared]...)
	}
	return strings.Join(all, "\n")
}

// commonEnd returns how many of their last lines two texts have in common.
func commonEnd(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}
