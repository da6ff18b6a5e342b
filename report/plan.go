package report

import (
	"slices"

	"kube-cert-audit/audit"
	"kube-cert-audit/rules"
)

// task is a step of a plan, with the findings that it is for.
type task struct {
	rules.Step
	findings []*audit.Finding
}

// planned are the findings that a plan is for: what is worth knowing alone asks for
// nothing.
func planned(findings []audit.Finding) []*audit.Finding {
	var all []*audit.Finding
	for i := range findings {
		if findings[i].Severity > rules.Info {
			all = append(all, &findings[i])
		}
	}
	return all
}

// tasks returns the steps that mend findings, each once, in the order of the findings,
// without those that others make needless. One that others make impossible is left to
// a person.
func tasks(findings []*audit.Finding) []*task {
	all := merged(findings)
	before := slices.Clone(all)
	all = slices.DeleteFunc(all, func(t *task) bool { return isSuperseded(t, before) })
	for i, t := range all {
		if slices.ContainsFunc(all[:i], t.isSpoiltBy) || slices.ContainsFunc(all, t.isRemovedBy) {
			t.Phase = rules.PhaseAfter
			t.Commands = "# by hand, since another step takes away a file of this one:\n" + t.Commands
		}
	}
	return all
}

// merged returns the steps of all findings, each once. A component is restarted once,
// however many files it has to read again.
func merged(findings []*audit.Finding) []*task {
	var all []*task
	known := map[[3]string]*task{}
	for _, f := range findings {
		steps := f.Steps
		if len(steps) == 0 {
			steps = []rules.Step{{Phase: rules.PhaseByHand, Commands: "# there is no command for it"}}
		}
		for _, step := range steps {
			t := &task{step, []*audit.Finding{f}}
			key := [3]string{string(step.Phase), step.Component, step.Commands}
			if step.Phase == rules.PhaseRestart {
				key[2] = ""
			}
			if same := known[key]; same != nil {
				same.adopt(t)
				same.Files = union(same.Files, t.Files)
				continue
			}
			known[key] = t
			all = append(all, t)
		}
	}
	return all
}

// adopt makes a task one for the findings of another, too.
func (t *task) adopt(other *task) {
	t.findings = union(t.findings, other.findings)
}

func union[T comparable](a, b []T) []T {
	all := slices.Clone(a)
	for _, item := range b {
		if !slices.Contains(all, item) {
			all = append(all, item)
		}
	}
	return all
}

// isSuperseded reports whether another task does what this one is for, which then
// is for its findings as well.
func isSuperseded(t *task, all []*task) bool {
	for _, other := range all {
		if other != t && other.supersedes(t) {
			other.adopt(t)
			return true
		}
	}
	return false
}

// supersedes: what makes a file anew makes it right, whatever else would have been
// done to it; what starts or restarts everything restarts each component.
func (t *task) supersedes(other *task) bool {
	switch other.Phase {
	case rules.PhaseRepair, rules.PhaseRenew, rules.PhaseConfigure, rules.PhaseEdit, rules.PhasePermit:
		return t.Phase == rules.PhaseIssue && t.sharesFile(other)
	case rules.PhaseRestart:
		isWhole := t.Phase == rules.PhaseRestart && t.Component == rules.Everything
		return t.Phase == rules.PhaseStart || isWhole && other.Component != rules.Everything
	}
	return false
}

// isSpoiltBy reports whether an earlier task takes away what this one would take away
// or write, in another way.
func (t *task) isSpoiltBy(earlier *task) bool {
	takes := []rules.Phase{rules.PhaseCA, rules.PhaseIssue}
	return slices.Contains(takes, t.Phase) && slices.Contains(takes, earlier.Phase) && t.sharesFile(earlier)
}

// isRemovedBy reports whether another task takes a file of this one away for good.
func (t *task) isRemovedBy(other *task) bool {
	return other != t && other.Phase == rules.PhaseRemove && t.sharesFile(other)
}

func (t *task) sharesFile(other *task) bool {
	return slices.ContainsFunc(t.Files, func(file string) bool { return slices.Contains(other.Files, file) })
}

// restartOrder is in which order components are restarted: the kubelet first, since
// it is what restarts static pods; then each before those that depend on it.
func restartOrder() []string {
	return []string{"kubelet", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"}
}

// byComponent orders restarts, with what follows that of a component behind it. What
// is about all of them comes first, and what is not known last.
func byComponent(all []*task) {
	rank := func(t *task) int {
		i := slices.Index(restartOrder(), t.Component)
		switch {
		case t.Phase == rules.PhaseStart || t.Component == rules.Everything:
			return -1
		case i < 0:
			return len(restartOrder())
		}
		return i
	}
	slices.SortStableFunc(all, func(a, b *task) int {
		if d := rank(a) - rank(b); d != 0 || a.Component != b.Component {
			return d
		}
		return slices.Index(restartPhases(), a.Phase) - slices.Index(restartPhases(), b.Phase)
	})
}

func restartPhases() []rules.Phase {
	return []rules.Phase{rules.PhaseStart, rules.PhaseRestart, rules.PhaseFinish}
}
