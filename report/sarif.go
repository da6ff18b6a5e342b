package report

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

// maxResults is how many results GitHub's code scanning takes of a run; it refuses
// files with more.
const maxResults = 25000

// sarifRoot stands for the root of the node. It is the name by which consumers know
// the folder that paths are relative to, so that nothing says where that was.
const sarifRoot = "%SRCROOT%"

// writeSARIF writes a log of SARIF 2.1.0, as code scanning reads it. The document is
// made by hand: the library writes places that are none, such as line -1.
func writeSARIF(w io.Writer, r *audit.Report, _ Options) error {
	text, err := newEncoder().append(nil, 0, newSARIF(r))
	if err != nil {
		return fmt.Errorf("sarif: %w", err)
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

func newSARIF(r *audit.Report) *sarifLog {
	b := &sarifBuilder{rules: []sarifRule{}, results: []sarifResult{}, fingerprints: fingerprints{}}
	for i := range r.Findings {
		b.add(&r.Findings[i], nil)
	}
	for i := range r.Waived {
		b.add(&r.Waived[i].Finding, &r.Waived[i].Waiver)
	}
	run := sarifRun{
		Tool:              sarifTool{sarifDriver{Name: "kube-cert-audit", Rules: b.rules}},
		AutomationDetails: sarifAutomation{sarifCategory(r)},
		Bases:             map[string]sarifBase{sarifRoot: {sarifText("the root of what was audited")}},
		Invocations:       []sarifInvocation{{Successful: complete(r.Coverage)}},
		Results:           b.results,
	}
	all := missed(r.Coverage)
	if left := len(b.results) - maxResults; left > 0 {
		run.Results = b.results[:maxResults]
		all = append(all, fmt.Sprintf("%d more findings are left out: no more fit", left))
	}
	for _, m := range all {
		n := &run.Invocations[0].Notifications
		*n = append(*n, sarifNotification{"warning", sarifText(m)})
	}
	return &sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
}

// sarifCategory tells the runs for several nodes apart: a later one of the same name
// takes the place of an earlier one.
func sarifCategory(r *audit.Report) string {
	if r.Kind == audit.KindInspect {
		return "kube-cert-audit/inspect/"
	}
	return "kube-cert-audit/" + display.Text(cmp.Or(r.Node.Name, "node")) + "/"
}

// sarifBuilder collects results, and the rules that they refer to.
type sarifBuilder struct {
	rules        []sarifRule
	results      []sarifResult
	fingerprints fingerprints
}

func (b *sarifBuilder) add(f *audit.Finding, waiver *audit.Waiver) {
	result := sarifResult{
		RuleID: display.Text(f.Check), RuleIndex: b.rule(f, waiver != nil), Level: sarifLevel(f.Severity),
		Message: sarifMessage(f), Locations: []sarifLocation{sarifPlace(cmp.Or(f.Path, f.Source.File), f)},
		Fingerprints: map[string]string{"kubeCertAudit/v1": b.fingerprints.of(f)},
		Properties:   sarifProperties{Severity: f.Severity.String(), Component: display.Text(f.Component)},
	}
	if f.Source.File != "" && findingSource(f) != "" {
		related := sarifPlace(f.Source.File, f)
		at := sarifText(source(f.Source))
		related.Message = &at
		result.Related = []sarifLocation{related}
	}
	if waiver != nil {
		result.Level = sarifLevel(rules.Info) // not every service knows suppressions
		result.Suppressions = []sarifSuppression{{"external", "accepted", display.Text(waivedUntil(waiver))}}
	}
	b.results = append(b.results, result)
}

// rule returns the place of the rule of a finding, which it adds if it is new.
//
// For code scanning, the number of a rule counts for more than the levels of its
// results, and high ones fail a check: it is there only where it says the same as
// all of them.
func (b *sarifBuilder) rule(f *audit.Finding, waived bool) int {
	severity := map[rules.Severity]string{rules.Error: "8.0", rules.Warning: "5.0"}[f.Severity]
	if waived {
		severity = ""
	}
	id := display.Text(f.Check)
	i := slices.IndexFunc(b.rules, func(r sarifRule) bool { return r.ID == id })
	if i < 0 {
		i = len(b.rules)
		b.rules = append(b.rules, newSARIFRule(f, id, severity))
	}
	if p := &b.rules[i].Properties; p.SecuritySeverity != severity {
		p.SecuritySeverity = ""
	}
	return i
}

func newSARIFRule(f *audit.Finding, id, securitySeverity string) sarifRule {
	title, help, usual := id, id, f.Severity
	if e, ok := rules.Explain(f.Check); ok {
		title, help = e.Title, e.Text
	}
	for _, c := range rules.Checks() {
		if c.ID == f.Check {
			usual = c.Severities[0]
		}
	}
	return sarifRule{
		ID: id, Short: sarifText(title), Full: sarifText(title), Help: sarifHelp{help, help},
		Configuration: sarifConfiguration{sarifLevel(usual)},
		Properties:    sarifRuleProperties{Tags: []string{"certificates", "kubernetes", "security"}, SecuritySeverity: securitySeverity},
	}
}

// sarifLevel returns the level for a severity.
func sarifLevel(s rules.Severity) string {
	if s == rules.Info {
		return "note"
	}
	return s.String()
}

// sarifMessage returns what is wrong, what stops because of it, and what mends it.
func sarifMessage(f *audit.Finding) sarifString {
	text := display.Text(f.Message)
	if f.Impact != "" {
		text += "\n\nImpact: " + display.Text(f.Impact)
	}
	if f.Fix != "" {
		text += "\n\nFix:\n" + strings.TrimRight(display.Lines(f.Fix), "\n")
	}
	return sarifString{escapeSARIF(text)}
}

// sarifPlace returns a file of the node, with the line that the finding is about if
// it is in that file.
func sarifPlace(file string, f *audit.Finding) sarifLocation {
	relative, line := findingPlace(file, f)
	uri := (&url.URL{Path: relative}).String() // a scheme is none: it writes ./a:b for what begins with a:b
	return sarifLocation{Physical: sarifPhysical{
		Artifact: sarifArtifact{cmp.Or(uri, "."), sarifRoot}, Region: sarifRegion{line},
	}}
}

func sarifText(s string) sarifString { return sarifString{escapeSARIF(display.Text(s))} }

// escapeSARIF returns a text in which nothing is a link or a placeholder, such as
// {0}, for a blank is in it. Braces of commands are not doubled, as the standard has
// it: services show them as they are, and they would be pasted so.
func escapeSARIF(s string) string {
	pairs := []string{"](", "] ("}
	for _, digit := range "0123456789" {
		pairs = append(pairs, "{"+string(digit), "{ "+string(digit))
	}
	return strings.NewReplacer(pairs...).Replace(s)
}
