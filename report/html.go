package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

//go:embed html/page.html
var htmlTemplate string

// The style and the script stand in the page as they are.
//
//go:embed html/page.css
var htmlStyle string

//go:embed html/page.js
var htmlScript string

// maxTitle is what tabs and bookmarks have room for.
const maxTitle = 60

// htmlPage is what the template shows. Texts of the report are made visible by the
// template, where they are not cells already.
type htmlPage struct {
	*audit.Report
	Policy   string // of the contents of the page, for the browser
	Style    template.CSS
	Script   template.JS
	Title    string
	Verdict  verdict
	Facts    []fact
	Missed   []string
	Groups   []*impactGroup // errors and warnings
	Remarks  []*audit.Finding
	Timeline *timeline // nil without a certificate
	Map      *trustMap // nil without a connection
	Tables   []htmlTable
}

// fact is one line of what a report is about.
type fact struct{ Name, Value string }

// writeHTML writes one page that needs nothing else, opens anywhere, and runs nothing
// but its own script.
func writeHTML(w io.Writer, r *audit.Report, _ Options) error {
	page, err := template.New("page").Funcs(htmlFunctions()).Parse(htmlTemplate)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	if err := page.Execute(out, newHTMLPage(r)); err != nil {
		return err
	}
	return out.Flush()
}

func htmlFunctions() template.FuncMap {
	return template.FuncMap{
		"text":    display.Text,
		"lines":   func(s string) string { return strings.TrimRight(display.Lines(s), "\n") },
		"pieces":  path,
		"upper":   func(s any) string { return strings.ToUpper(fmt.Sprint(s)) },
		"count":   count,
		"at":      findingSource,
		"source":  source,
		"instant": instant,
	}
}

func newHTMLPage(r *audit.Report) *htmlPage {
	p := &htmlPage{
		Report: r, Policy: contentPolicy(htmlStyle, htmlScript), Style: template.CSS(htmlStyle), Script: template.JS(htmlScript),
		Title: head(display.Text(htmlTitle(r)), maxTitle), Verdict: verdictOf(r), Facts: facts(r), Missed: missed(r.Coverage),
		Timeline: newTimeline(r), Map: newTrustMap(r), Tables: htmlTables(r),
	}
	p.Groups, p.Remarks = byImpact(r.Findings)
	return p
}

// contentPolicy allows a browser to apply the style and to run the script, each by the
// hash of its text, and forbids all else: to load, to send, to run what a name smuggled in.
func contentPolicy(style, script string) string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'", hash(style), hash(script))
}

func htmlTitle(r *audit.Report) string {
	if r.Kind == audit.KindInspect {
		return "Certificates in " + inspected(r.Paths)
	}
	if r.Node.Name == "" {
		return "Certificates of a node"
	}
	return "Certificates of " + r.Node.Name
}

// facts returns what the verdict is about, and what it rests on.
func facts(r *audit.Report) []fact {
	var all []fact
	add := func(name, value string) {
		if value != "" {
			all = append(all, fact{name, value})
		}
	}
	if r.Kind == audit.KindInspect {
		add("Inspected", inspected(r.Paths))
	} else {
		add("Node", r.Node.Name)
		add("Layout", strings.TrimSuffix(r.Node.Layout+", by "+r.Node.Evidence, ", by "))
		add("Kubernetes", r.Node.Version)
		add("Root", r.Root)
	}
	add("Judged for", instant(r.At))
	if f := r.Summary.FirstExpiry; f != nil {
		add("First to expire", firstExpiry(f))
	}
	add("Found", found(r))
	add("Coverage", coverage(r))
	return all
}

// impactGroup is all that has one consequence.
type impactGroup struct {
	Impact   string
	Severity rules.Severity // of the worst
	Mends    []mend
}

// mend is what the same commands mend.
type mend struct {
	Fix      string
	Findings []*audit.Finding
}

// byImpact groups the findings that ask for something by what stops, and those by what
// mends it, in the order of the report, which has the worst first. The others are
// remarks.
func byImpact(findings []audit.Finding) (groups []*impactGroup, remarks []*audit.Finding) {
	known := map[string]*impactGroup{}
	for i := range findings {
		f := &findings[i]
		if f.Severity == rules.Info {
			remarks = append(remarks, f)
			continue
		}
		if known[f.Impact] == nil {
			known[f.Impact] = &impactGroup{Impact: f.Impact, Severity: f.Severity}
			groups = append(groups, known[f.Impact])
		}
		known[f.Impact].add(f)
	}
	return groups, remarks
}

func (g *impactGroup) add(f *audit.Finding) {
	at := slices.IndexFunc(g.Mends, func(m mend) bool { return m.Fix == f.Fix })
	if at < 0 {
		at = len(g.Mends)
		g.Mends = append(g.Mends, mend{Fix: f.Fix})
	}
	g.Mends[at].Findings = append(g.Mends[at].Findings, f)
}
