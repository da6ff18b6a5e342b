package audit

import (
	"errors"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/rules"
)

// timeIsUp says why something was not judged.
const timeIsUp = "the time of the audit is up"

// isLate reports whether the time of the audit is up. What was not judged by then
// is not, and the report says so of each object.
func (a *auditor) isLate() bool { return a.ctx.Err() != nil }

// passOver notes an object that there was no time to judge.
func (a *auditor) passOver(o *object) {
	a.passed++
	o.lowered = "" // neither lower nor at all
	a.stamp(o, len(a.opts.Checks), "unverifiable", rules.Problem{
		Severity: rules.Info, Message: "not judged: " + timeIsUp,
		Impact: "unknown: whether it is sound was not found out",
	})
}

// missed returns how much of the node an audit did not get to.
func (a *auditor) missed() int {
	c := a.coverage()
	return c.TimedOut + c.Unjudged
}

// isTimedOut reports whether an outcome is that of a file system that did not
// answer in time.
func isTimedOut(err error) bool {
	e, failed := errors.AsType[*hostfs.Error](err)
	return failed && e.Reason == hostfs.TimedOut
}

// described is what a path was found to be.
type described struct {
	info hostfs.Info
	err  error
}

// stat describes a path of the host, once. It remembers those that it could not in
// time: nothing else may tell of them.
func (s *store) stat(file string) (hostfs.Info, error) {
	if known, ok := s.infos[file]; ok {
		return known.info, known.err
	}
	info, err := s.fsys.Stat(file)
	s.infos[file] = described{info, err}
	if isTimedOut(err) {
		s.unseen[file] = true
	}
	return info, err
}

// unseenElsewhere returns how many paths were not described in time, those aside
// that are known to be unreadable.
func (s *store) unseenElsewhere() int {
	n := 0
	for file := range s.unseen {
		if l := s.byPath[file]; l == nil || l.failure == nil {
			n++
		}
	}
	return n
}
