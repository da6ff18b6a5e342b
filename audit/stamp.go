package audit

import (
	"cmp"
	"slices"

	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// stamp makes a finding of a problem: one for each object and check, however
// many arguments name the object.
func (a *auditor) stamp(o *object, rank int, id string, p rules.Problem) {
	own := o.lower(p.Severity)
	p.Severity = o.lower(a.severity(id, p.Severity))
	switch {
	case o.idle != "":
		p.Message += " (not in use: " + o.idle + ")"
	case o.lowered != "":
		p.Message += " (judged one level lower: " + o.lowered + ")"
	}
	where := o.subject.Place
	if p.Blame != nil {
		where = *p.Blame
	}
	waiver := a.waiver(id, o, p)
	if waiver == nil {
		a.worsen(o, p)
	}
	f := found{
		Finding: Finding{
			Check: id, Severity: p.Severity, Component: where.Component, Path: where.Path,
			Source: manifests.Source(where.Source), Message: p.Message, Impact: p.Impact,
		},
		own: own, waiver: waiver, rank: rank, about: o.about, files: o.files,
	}
	f.mendedBy(p.Fix)
	if c := o.subject.Certificate; c != nil {
		f.raw = string(c.Raw)
	}
	same := func(g found) bool {
		return g.Check == f.Check && g.Path == f.Path && g.waiver == f.waiver && (g.about == f.about && f.about != "" || g.Message == f.Message)
	}
	if !slices.ContainsFunc(a.found, same) {
		a.found = append(a.found, f)
	}
}

// worsen shows a problem in the statuses of the rows that it is about.
func (a *auditor) worsen(o *object, p rules.Problem) {
	statuses := o.statuses
	if p.Blame != nil {
		statuses = append(a.statusesOfSource(manifests.Source(p.Blame.Source)), statuses[:1]...) // of the connection itself
	}
	for _, status := range statuses {
		*status = status.Worse(p.Severity)
	}
	if o.told != nil {
		o.told(p.Message)
	}
}

// lower returns the severity of what is found on the object, which may be in use by
// nobody, or verified by nobody.
func (o *object) lower(s rules.Severity) rules.Severity {
	switch {
	case o.idle != "":
		return rules.Info
	case o.lowered != "":
		return s.Lower()
	}
	return s
}

// severity returns the severity of what a check found, before it is lowered for the
// sake of its object: the user's, or else the check's own.
func (a *auditor) severity(check string, own rules.Severity) rules.Severity {
	return cmp.Or(a.tables.Severity(check), own)
}
