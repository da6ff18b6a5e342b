package report

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

// writeJUnit writes the report as the results of tests, a suite for each component:
// what is in order is a test that passed, what was found one that failed.
func writeJUnit(w io.Writer, r *audit.Report, o Options) error {
	t := &junitReport{rest: "node", known: map[string]int{}}
	if r.Kind == audit.KindInspect {
		t.rest = "files"
	}
	t.coverage(r)
	t.objects(r)
	for i := range r.Findings {
		t.finding(&r.Findings[i], o)
	}
	for i := range r.Waived {
		f := &r.Waived[i].Finding
		t.add(f.Component, junit.Testcase{Name: findingName(f), Skipped: &junit.Result{
			Message: display.Text(waivedUntil(&r.Waived[i].Waiver)), Data: findingText(f),
		}})
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ") // the writer of the library indents with tabs
	if err := e.Encode(t.whole()); err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// junitReport collects tests in the suites of their components.
type junitReport struct {
	suites []junit.Testsuite
	rest   string         // the suite of what is of no component
	known  map[string]int // how many tests were to have a name, by suite and name
}

// add adds a test to the suite of a component. Readers take tests of one name for
// one, so that further ones have a number.
func (t *junitReport) add(component string, c junit.Testcase) {
	// Jenkins takes what stands before a dot for a package.
	name := strings.ReplaceAll(display.Text(cmp.Or(component, t.rest)), ".", "_")
	i := slices.IndexFunc(t.suites, func(s junit.Testsuite) bool { return s.Name == name })
	if i < 0 {
		i = len(t.suites)
		t.suites = append(t.suites, junit.Testsuite{ID: i, Name: name, Time: "0"})
	}
	c.Name, c.Classname = display.Text(c.Name), name
	c.Name = t.unused(name+"\n", c.Name)
	t.suites[i].AddTestcase(c)
}

// unused returns the name of a test or, where there is one of it, that with a number.
func (t *junitReport) unused(suite, name string) string {
	numbered := name
	for t.known[suite+numbered] > 0 {
		t.known[suite+name]++
		numbered = fmt.Sprintf("%s (%d)", name, t.known[suite+name])
	}
	t.known[suite+numbered]++
	return numbered
}

func (t *junitReport) whole() *junit.Testsuites {
	all := &junit.Testsuites{Name: "kube-cert-audit"}
	for _, s := range t.suites {
		all.AddSuite(s)
	}
	all.Skipped = 0 // which no schema knows there
	return all
}

// coverage adds the test that all was seen that this process may see.
func (t *junitReport) coverage(r *audit.Report) {
	c := junit.Testcase{Name: "nothing was left out for lack of permission or of time"}
	if all := missed(r.Coverage); len(all) > 0 {
		c.Error = &junit.Result{Type: "incomplete", Message: strings.Join(all, "; ")}
	}
	t.add("", c)
}

// objects adds a test for each object that is in order, and a skipped one for each
// that is not, though no finding says why. Of the others, the findings tell.
// A connection that is no more than worth knowing of was not judged, or fails for what
// is waived: it has not passed.
func (t *junitReport) objects(r *audit.Report) {
	told := map[string]rules.Severity{} // the worst finding on each path
	for i := range r.Findings {
		f := &r.Findings[i]
		told[f.Path] = max(told[f.Path], f.Severity)
	}
	add := func(component, name string, status rules.Status, reason string, paths ...string) {
		c := junit.Testcase{Name: name}
		if !inOrder(status) {
			if slices.ContainsFunc(paths, func(path string) bool { return isSevere(told[path], status) }) {
				return
			}
			c.Skipped = &junit.Result{Message: display.Text(cmp.Or(reason, "not in order; the check that would say why was not run, or found it on another file"))}
		}
		t.add(component, c)
	}
	for i := range r.Certificates {
		c := &r.Certificates[i]
		add(c.Component, objectName("certificate", c.Type, c.Path, c.Embedded), c.Status, "", c.Path)
	}
	for i := range r.Requests {
		q := &r.Requests[i]
		add("", objectName("request", "", q.Path, q.Embedded), q.Status, "", q.Path)
	}
	for i := range r.Keys {
		k := &r.Keys[i]
		add(k.Component, objectName("key", k.Type, k.Path, k.Embedded), k.Status, "", k.Path, k.Certificate)
	}
	for i := range r.Connections {
		c := &r.Connections[i]
		name := objectName("connection", c.Name, c.Presenter.Path, c.ServerName)
		if c.Status == rules.Status(rules.Info.String()) {
			t.add(c.Verifier.Component, junit.Testcase{Name: name, Skipped: &junit.Result{Message: display.Text(cmp.Or(c.Reason, "not judged"))}})
			continue
		}
		add(c.Verifier.Component, name, c.Status, c.Reason, c.Presenter.Path, c.Verifier.Path)
	}
}

// isSevere reports whether a finding of the severity may be the reason of a status.
func isSevere(severity rules.Severity, s rules.Status) bool {
	return severity > 0 && s.Worse(severity) == rules.Status(severity.String())
}

func inOrder(s rules.Status) bool { return s == rules.OK || s == rules.Status(rules.Info.String()) }

func objectName(kind, which, path, part string) string {
	given := slices.DeleteFunc([]string{kind, which, path, part}, func(s string) bool { return s == "" })
	return strings.Join(given, " ")
}

// finding adds a finding: a failure or, where the file gave nothing to judge, an
// error; what is too mild for either passes with a remark.
func (t *junitReport) finding(f *audit.Finding, o Options) {
	c := junit.Testcase{Name: findingName(f)}
	result := &junit.Result{
		Type: display.Text(f.Severity.String() + " " + f.Check), Message: display.Text(f.Message), Data: findingText(f),
	}
	switch {
	case !o.fails(f.Severity):
		c.SystemOut = &junit.Output{Data: result.Type + ": " + result.Message + "\n" + result.Data}
	case f.Check == "unreadable":
		c.Error = result
	default:
		c.Failure = result
	}
	t.add(f.Component, c)
}

// findingText returns the finding as people read it, without colours and unwrapped.
func findingText(f *audit.Finding) string {
	p := newPage(Options{})
	p.finding(f)
	return p.text.String()
}
