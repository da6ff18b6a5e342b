package rules

import (
	"fmt"
	"slices"
	"strings"
)

// Check is one property that objects of one kind must have.
type Check struct {
	ID     string
	Title  string // what it finds, in one line
	Judges string // the kind of its objects
	// Severities are those that the check may give, the usual one first.
	Severities []Severity

	// What it has to say about each kind of object that it judges.
	certificate func(*Subject, *Certificate) []Problem
	connection  func(*Subject, *Connection) []Problem
	file        func(*Subject, *File) []Problem
	pair        func(*Subject, *Pair) []Problem
	signer      func(*Subject, *TokenSigner) []Problem
	key         func(*Subject, *Key) []Problem
	argument    func(*Subject, *Repeated) []Problem
	ignored     func(*Subject, *Ignored) []Problem
	manifest    func(*Subject, *DuplicateManifest) []Problem
	settings    func(*Subject, *Component) []Problem
	kubeconfig  func(*Subject, *Kubeconfig) []Problem
	rotation    func(*Subject, *Rotation) []Problem
	waiver      func(*Subject, *WaiverUse) []Problem
}

// Problem is what a check has to say against a subject. Who says it is stamped
// by the driver.
type Problem struct {
	Severity Severity // 0 means the usual one of the check
	Message  string   // what is wrong
	Impact   string   // what stops, for whom
	Fix      Fix      // the commands, or the exact change
	Blame    *Place   // the place that the problem is about, where it is not the subject's own
}

// Apply runs the check on a subject of its kind. A panic, which a hostile
// certificate may cause, becomes a problem of its own: it must not cost the rest
// of the report, nor pass for health.
func (c Check) Apply(s *Subject) (problems []Problem) {
	defer func() {
		if r := recover(); r != nil {
			problems = []Problem{{
				Message: fmt.Sprintf("the check failed on this object, which is therefore not judged by it: %v", r),
				Impact:  "unknown: whether the object is sound in this respect was not found out",
				Fix:     ByHand("# please report this with the certificate or file (never with a private key)"),
			}}
			problems[0].Severity = c.Severities[0]
		}
	}()
	problems = c.judge(s)
	for i := range problems {
		if problems[i].Severity == 0 {
			problems[i].Severity = c.Severities[0]
		}
		if s.Node != nil && s.Layout.NoShell {
			problems[i].Fix = problems[i].Fix.elsewhere()
		}
	}
	return problems
}

// judge applies the check to the part of a subject that is set.
func (c Check) judge(s *Subject) []Problem {
	switch {
	case s.Certificate != nil:
		return judge(s, s.Certificate, c.certificate)
	case s.Connection != nil:
		return judge(s, s.Connection, c.connection)
	case s.File != nil:
		return judge(s, s.File, c.file)
	case s.Pair != nil:
		return judge(s, s.Pair, c.pair)
	case s.TokenSigner != nil:
		return judge(s, s.TokenSigner, c.signer)
	case s.Key != nil:
		return judge(s, s.Key, c.key)
	case s.Argument != nil:
		return judge(s, s.Argument, c.argument)
	case s.Ignored != nil:
		return judge(s, s.Ignored, c.ignored)
	case s.Manifest != nil:
		return judge(s, s.Manifest, c.manifest)
	case s.Settings != nil:
		return judge(s, s.Settings, c.settings)
	case s.Kubeconfig != nil:
		return judge(s, s.Kubeconfig, c.kubeconfig)
	case s.Rotation != nil:
		return judge(s, s.Rotation, c.rotation)
	case s.Waiver != nil:
		return judge(s, s.Waiver, c.waiver)
	}
	return nil
}

// judge applies a check to a part of a subject that it may be for.
func judge[T any](s *Subject, part *T, f func(*Subject, *T) []Problem) []Problem {
	if f == nil {
		return nil
	}
	return f(s, part)
}

// Select returns the checks with the given ids, or all where there are none,
// less those to be skipped. An unknown id is an error.
func Select(checks []Check, only, skip []string) ([]Check, error) {
	known := func(id string) bool {
		return slices.ContainsFunc(checks, func(c Check) bool { return c.ID == id })
	}
	for _, id := range slices.Concat(only, skip) {
		if !known(id) {
			return nil, fmt.Errorf("unknown check %q%s", id, suggestion(id, checks))
		}
	}
	var selected []Check
	for _, c := range checks {
		wanted := len(only) == 0 || slices.Contains(only, c.ID)
		if wanted && !slices.Contains(skip, c.ID) {
			selected = append(selected, c)
		}
	}
	return selected, nil
}

// suggestion proposes the checks of which the id shares a word with a mistyped one.
func suggestion(id string, checks []Check) string {
	var near []string
	for _, c := range checks {
		for word := range strings.SplitSeq(c.ID, "-") {
			if len(word) > 2 && strings.Contains(strings.ToLower(id), word) {
				near = append(near, c.ID)
				break
			}
		}
	}
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(near, ", ") + "?"
}
