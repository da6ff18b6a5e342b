package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/diff"
	"kube-cert-audit/rules"
)

// DiffFormats returns all formats of comparisons, the default one first.
func DiffFormats() []FormatOf[diff.Diff] {
	return []FormatOf[diff.Diff]{
		{"table", "what changed, for people, fitted to the terminal", writeDiffTable},
		{"json", "the whole comparison as JSON, described by a JSON Schema", writeDiffJSON},
		{"markdown", "the same for pull requests and summaries of CI jobs", writeDiffMarkdown},
	}
}

// writeDiffJSON writes the document that the schema describes.
func writeDiffJSON(w io.Writer, d *diff.Diff, _ Options) error { return writeDocument(w, d) }

// changeGroup is what changed of one kind.
type changeGroup struct {
	title   string
	changes []changeText
}

// changeText is one change as it is told: without the commands that mend it, since a
// file may have been written by others, and people paste commands as root. An audit
// tells them.
type changeText struct {
	status rules.Status // of what it makes worse; ok for all else
	head   string
	where  string   // a path; empty where the head has all
	rest   []string // a paragraph each
}

// changeGroups returns what changed, the gravest kinds first; none is empty.
func changeGroups(d *diff.Diff) []changeGroup {
	var all []changeGroup
	add := func(title string, count int, text func(int) changeText) {
		g := changeGroup{title: title, changes: make([]changeText, 0, count)}
		for i := range count {
			g.changes = append(g.changes, text(i))
		}
		if count > 0 {
			all = append(all, g)
		}
	}
	add("what trust rests on", len(d.Trust), func(i int) changeText { return trustChangeText(&d.Trust[i]) })
	add("findings", len(d.Findings), func(i int) changeText { return findingChangeText(&d.Findings[i]) })
	add("connections", len(d.Connections), func(i int) changeText { return connectionChangeText(&d.Connections[i]) })
	add("certificates", len(d.Certificates), func(i int) changeText { return certificateChangeText(&d.Certificates[i]) })
	add("keys", len(d.Keys), func(i int) changeText { return keyChangeText(&d.Keys[i]) })
	return all
}

func trustChangeText(t *diff.TrustChange) changeText {
	return changeText{status: rules.Status(t.Severity.String()), head: t.Message, rest: []string{"impact: " + t.Impact}}
}

// became says what something is that was something else.
func became(change diff.Change, before, after string) string {
	switch change {
	case diff.New:
		if after == "waived" {
			return "new, and waived"
		}
		return "new"
	case diff.Gone:
		return "gone, was " + before
	}
	return "is " + after + ", was " + before
}

func findingChangeText(c *diff.FindingChange) changeText {
	f := &c.Finding
	text := changeText{
		status: rules.OK, where: f.Path, rest: []string{f.Message},
		head: became(c.Change, c.Before, c.After) + ": " + strings.TrimSpace(f.Check+"  "+f.Component),
	}
	if at := findingSource(f); at != "" {
		text.rest[0] += " (at " + at + ")"
	}
	if c.IsWorse() {
		text.status = rules.Status(c.After)
		if f.Impact != "" {
			text.rest = append(text.rest, "impact: "+f.Impact)
		}
	}
	return text
}

func connectionChangeText(c *diff.ConnectionChange) changeText {
	o := &c.Connection
	text := changeText{
		status: rules.OK, where: o.Presenter.Path,
		head: fmt.Sprintf("%s: %s  %s as %s, verified by %s", became(c.Change, string(c.Before), string(c.After)),
			o.Name, o.Presenter.Component, o.Usage, o.Verifier.Component),
	}
	if o.ServerName != "" {
		text.head += ", dialled as " + o.ServerName
	}
	if c.IsWorse() {
		text.status = c.After
	}
	if o.Reason != "" {
		text.rest = []string{o.Reason}
	}
	return text
}

// objectHead begins what is said of a certificate or a key. What was inspected has no
// component.
func objectHead(change diff.Change, component, kind string) string {
	return fmt.Sprintf("%s: %s", change, strings.TrimSpace(component+"  "+kind))
}

func certificateChangeText(c *diff.CertificateChange) changeText {
	text := changeText{head: objectHead(c.Change, c.Component, c.Type), where: c.Path}
	if c.Change == diff.Changed {
		text.rest = []string{strings.Join(certificateClauses(c), "; ")}
		return text
	}
	var facts []string
	if c.CommonName != "" {
		facts = append(facts, "CN "+c.CommonName)
	}
	if !c.NotAfter.IsZero() && !isNever(c.NotAfter) {
		facts = append(facts, "until "+c.NotAfter.UTC().Format(time.DateOnly))
	}
	if len(facts) > 0 {
		text.rest = []string{strings.Join(facts, ", ")}
	}
	return text
}

// certificateClauses says what changed of a certificate. What is another one with every
// certificate goes without saying.
func certificateClauses(c *diff.CertificateChange) []string {
	var clauses []string
	isOther := slices.ContainsFunc(c.Fields, func(f diff.Field) bool { return f.Name == "fingerprintSHA256" })
	if isOther {
		clauses = append(clauses, "issued again")
	}
	for _, f := range c.Fields {
		switch f.Name {
		case "notBefore", "serialNumber", "fingerprintSHA256":
		case "notAfter":
			clauses = append(clauses, fmt.Sprintf("ends %s instead of %s", f.New, f.Old))
		default:
			clauses = append(clauses, fieldClause(f))
		}
	}
	switch {
	case !isOther: // a file that was moved, or a request
	case c.Key == diff.SameKey:
		clauses = append(clauses, "with the same key")
	case c.Key == diff.OtherKey:
		clauses = append(clauses, "with another key")
	default:
		clauses = append(clauses, "with which key could not be told")
	}
	return clauses
}

func fieldClause(f diff.Field) string {
	older, newer := f.Old, f.New
	if older == "" {
		older = none
	}
	if newer == "" {
		newer = none
	}
	return fmt.Sprintf("%s: %s instead of %s", f.Name, newer, older)
}

func keyChangeText(c *diff.KeyChange) changeText {
	text := changeText{head: objectHead(c.Change, c.Component, c.Type), where: c.Path}
	var clauses []string
	for _, f := range c.Fields {
		if f.Name == "publicKeySHA256" {
			clauses = append(clauses, "another key")
			continue
		}
		clauses = append(clauses, fieldClause(f))
	}
	if len(clauses) > 0 {
		text.rest = []string{strings.Join(clauses, "; ")}
	}
	return text
}

// diffTitle says which reports were compared.
func diffTitle(d *diff.Diff) string {
	what := nodeText(&d.New.Node)
	if d.New.Kind == audit.KindInspect {
		what = inspected(d.New.Paths)
	}
	return fmt.Sprintf("%s at %s, compared with %s", what, instant(d.New.At), instant(d.Old.At))
}

// diffVerdict says whether anything got worse, and how much, of what changed.
func diffVerdict(d *diff.Diff, groups []changeGroup) string {
	if d.IsEmpty() {
		return "no differences"
	}
	if d.Worse == rules.OK {
		return "nothing got worse"
	}
	counts := map[rules.Status]int{}
	for _, g := range groups {
		for _, c := range g.changes {
			counts[c.status]++
		}
	}
	return fmt.Sprintf("got worse: %s, %s", count(counts["error"], "error"), count(counts["warning"], "warning"))
}
