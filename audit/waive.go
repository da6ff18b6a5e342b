package audit

import (
	"slices"

	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// waiverUses returns the waivers of the user, of which nothing is known yet.
func waiverUses(waivers []rules.Waiver) []*rules.WaiverUse {
	var all []*rules.WaiverUse
	for i := range waivers {
		all = append(all, &rules.WaiverUse{Waiver: &waivers[i]})
	}
	return all
}

// waiver returns the waiver that puts aside what a check found on an object, nil
// where there is none. It notes all that are for it, those that have ended too.
func (a *auditor) waiver(check string, o *object, p rules.Problem) *rules.Waiver {
	var holds *rules.Waiver
	for _, use := range a.waivers {
		if use.Check != check || !isFor(use.Waiver, o, p) {
			continue
		}
		use.Found = true
		if holds == nil && !use.IsOver(a.facts.At) {
			holds = use.Waiver
		}
	}
	return holds
}

// isFor reports whether a waiver is for a problem with an object. A problem that is
// blamed on another place has nothing to do with the certificate.
func isFor(w *rules.Waiver, o *object, p rules.Problem) bool {
	switch {
	case w.Path != "" && p.Blame != nil:
		return w.Path == p.Blame.Path
	case w.Path != "":
		return w.Path == o.subject.Path
	}
	return p.Blame == nil && slices.ContainsFunc(certificatesOf(&o.subject), func(c *rules.Certificate) bool {
		return c != nil && fingerprint(c.Raw) == w.Fingerprint
	})
}

// certificatesOf returns the certificates that a subject is about; some may be nil.
func certificatesOf(s *rules.Subject) []*rules.Certificate {
	switch {
	case s.Certificate != nil:
		return []*rules.Certificate{s.Certificate}
	case s.Connection != nil:
		return []*rules.Certificate{s.Connection.Leaf}
	case s.File != nil:
		return s.File.Certificates
	case s.Pair != nil:
		return []*rules.Certificate{s.Pair.Certificate}
	case s.Key != nil:
		return []*rules.Certificate{s.Key.Certificate}
	case s.Rotation != nil:
		return []*rules.Certificate{s.Rotation.Current}
	}
	return nil
}

// waiverObjects returns the waivers, to be judged by what was found on all other
// objects. Where nothing was, there is nothing that they could be for.
func (a *auditor) waiverObjects() []*object {
	c := a.coverage()
	if a.isLate() || c.References == 0 && len(a.found) == 0 {
		return nil
	}
	isPartial := c.Denied+c.TimedOut+c.Unjudged > 0
	var all []*object
	for _, use := range a.waivers {
		use.Unsure = isPartial || !a.wasJudged(use.Waiver)
		all = append(all, &object{
			subject: rules.Subject{
				Place:  rules.Place{Component: programName, Path: use.Source.File, Source: use.Source},
				Waiver: use,
			},
			about: "waiver " + use.String(),
		})
	}
	return all
}

// programName stands for this program as the component that was told of a file.
const programName = "kube-cert-audit"

// wasJudged reports whether what a waiver is for would have been found.
func (a *auditor) wasJudged(w *rules.Waiver) bool {
	isRun := slices.ContainsFunc(a.opts.Checks, func(c rules.Check) bool { return c.ID == w.Check })
	if w.Check == "orphan" {
		isRun = isRun && a.opts.Orphans
	}
	return isRun && !slices.ContainsFunc(a.found, func(f found) bool {
		return f.Check == "unreadable" && (f.Path == w.Path || w.Path == "")
	})
}

// waived returns a finding with what puts it aside.
func waived(f Finding, w *rules.Waiver) Waived {
	return Waived{Finding: f, Waiver: Waiver{Reason: w.Reason, Expires: w.Expires, Source: manifests.Source(w.Source)}}
}
