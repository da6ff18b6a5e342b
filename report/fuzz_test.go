package report

import (
	"testing"

	"kube-cert-audit/audit"
	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// fuzzReport puts two texts into every place that others may write.
func fuzzReport(a, b string) *audit.Report {
	from := manifests.Source{File: b, Line: 3, Argument: a}
	c := certificate(a, b, b, a, 0)
	c.Embedded, c.Source, c.References = a, from, []audit.Reference{{Component: b, Source: from}}
	c.Subject.Organizations, c.Issuer.CommonName = []string{b, a}, b
	c.DNSNames = []string{a, b, a + b}
	healthy := certificate("etcd", "Server", pki+"etcd/server.crt", "cp-1", 0)
	side := audit.Endpoint{Component: a, Path: b, Source: from}
	return &audit.Report{
		APIVersion: audit.APIVersion, Kind: audit.Kind, At: at(), Root: b, Node: audit.Node{Name: a, Layout: b, Version: a},
		Summary:      audit.Summary{Certificates: 2, FirstExpiry: &audit.FirstExpiry{Component: a, Path: b, NotAfter: at()}},
		Certificates: []audit.Certificate{healthy, c, healthy},
		Keys:         []audit.Key{{Component: a, Type: b, Path: a, Embedded: b, Source: from, Algorithm: a, Mode: b, Certificate: a}},
		Connections:  []audit.Connection{{Name: a, Presenter: side, Verifier: side, Usage: a, ServerName: b, Reason: a}},
		Findings: []audit.Finding{
			{
				Check: a, Severity: rules.Error, Component: b, Path: a, Source: from, Message: b, Impact: a, Fix: b,
				Steps: []rules.Step{
					{Phase: rules.PhaseIssue, Files: []string{a}, Commands: b}, {Phase: rules.PhaseRenew, Files: []string{a}, Commands: a},
					{Phase: rules.PhaseEdit, Commands: a}, {Phase: rules.PhaseRestart, Component: b, Commands: a},
				},
			},
			{Check: b, Severity: rules.Info, Component: a, Path: b, Message: a},
		},
		Waived: []audit.Waived{{
			Finding: audit.Finding{Check: b, Severity: rules.Error, Component: a, Path: b, Source: from, Message: a, Impact: b, Fix: a},
			Waiver:  audit.Waiver{Reason: a, Expires: b, Source: from},
		}},
	}
}

func addSeeds(f *testing.F, add func(a, b string)) {
	f.Helper()
	add("kube-apiserver", "/etc/kubernetes/pki/apiserver.crt")
	add(hostileName, hostilePath)
	add(hostileFormula, hostileBytes)
	add("", " ")
	add("证书颁发机构有限公司", "e\u0301\U0001f469\u200d\U0001f680")
	add("-", "\n\n  \n: # |\n")
}

// FuzzTable: whatever the texts, no line of the table is wider than the
// terminal but commands to paste, none holds a control character, and no
// character is lost.
func FuzzTable(f *testing.F) {
	addSeeds(f, func(a, b string) {
		f.Add(a, b, uint16(0))
		f.Add(a, b, uint16(80))
		f.Add(a, b, uint16(200))
	})
	f.Fuzz(func(t *testing.T, a, b string, width uint16) {
		r := fuzzReport(a, b)
		if width > 0 {
			width = max(width%400, minWidth)
		}
		checkLayout(t, r, int(width))
		checkLines(t, r, render(t, "wide", r, Options{}), 0)
	})
}

// FuzzJSON: whatever the texts, the document is valid UTF-8 without hidden
// characters and reads back as the same report.
func FuzzJSON(f *testing.F) {
	addSeeds(f, func(a, b string) { f.Add(a, b) })
	f.Fuzz(func(t *testing.T, a, b string) { checkDocument(t, "json", fuzzReport(a, b)) })
}

// FuzzYAML has the contract of FuzzJSON.
func FuzzYAML(f *testing.F) {
	addSeeds(f, func(a, b string) { f.Add(a, b) })
	f.Fuzz(func(t *testing.T, a, b string) { checkDocument(t, "yaml", fuzzReport(a, b)) })
}

// FuzzCSV: whatever the texts, a reader gets the cells that were written, one
// row per certificate, and none is a formula.
func FuzzCSV(f *testing.F) {
	addSeeds(f, func(a, b string) { f.Add(a, b) })
	f.Fuzz(func(t *testing.T, a, b string) { checkCSV(t, fuzzReport(a, b).Certificates) })
}

// FuzzPrometheus: whatever the texts, the metrics are read back, none stands there
// twice, and no certificate is lost.
func FuzzPrometheus(f *testing.F) {
	addSeeds(f, func(a, b string) { f.Add(a, b) })
	f.Fuzz(func(t *testing.T, a, b string) { checkMetrics(t, fuzzReport(a, b)) })
}

// FuzzNagios: whatever the texts, each finding has one line, and only the first one
// has performance data.
func FuzzNagios(f *testing.F) {
	addSeeds(f, func(a, b string) { f.Add(a, b) })
	f.Fuzz(func(t *testing.T, a, b string) { checkPlugin(t, fuzzReport(a, b)) })
}

// FuzzJUnit: whatever the texts, the document has the elements of JUnit alone, and
// a failure for each finding that is one.
func FuzzJUnit(f *testing.F) {
	addSeeds(f, func(a, b string) { f.Add(a, b) })
	f.Add("unreadable", "]]><failure/>")
	f.Fuzz(func(t *testing.T, a, b string) { checkJUnit(t, fuzzReport(a, b), Options{}) })
}

// FuzzSARIF: whatever the texts, the log fits the schema, no name is a link, and
// each place is a relative one.
func FuzzSARIF(f *testing.F) {
	addSeeds(f, func(a, b string) { f.Add(a, b) })
	f.Add("[x](https://example.com) {0}", "javascript:alert(1)")
	f.Add("../..", "//host/../x")
	schema := schemaFile(f, "sarif-schema-2.1.0.json")
	f.Fuzz(func(t *testing.T, a, b string) { checkSARIF(t, schema, fuzzReport(a, b)) })
}

// FuzzHTML: whatever the texts, the page has the elements of ours alone, in the
// numbers that the report calls for, and none is lost.
func FuzzHTML(f *testing.F) {
	addSeeds(f, func(a, b string) { f.Add(a, b) })
	f.Add("</title></style></script><script>alert(1)</script>", `"' onmouseover=alert(1) style=x <!-- ]]> {{.}} &lt; javascript:x`)
	f.Fuzz(func(t *testing.T, a, b string) { checkHTML(t, fuzzReport(a, b)) })
}

// FuzzMarkdown: whatever the texts, each stays a text in its line, its cell or its
// block, and none is lost.
func FuzzMarkdown(f *testing.F) {
	addSeeds(f, func(a, b string) { f.Add(a, b) })
	f.Add("a|b\\|c `d` @x #1 ![i](//y) <b> &lt; https://www.example.com", "```\n# x\n````")
	f.Fuzz(func(t *testing.T, a, b string) { checkMarkdown(t, fuzzReport(a, b)) })
}

// FuzzGitHub: whatever the texts, the runner reads one command for each finding, and
// in it what was found.
func FuzzGitHub(f *testing.F) {
	addSeeds(f, func(a, b string) { f.Add(a, b) })
	f.Add("::stop-commands::x", "x%0A::error file=a,line=1::y\r\n")
	f.Fuzz(func(t *testing.T, a, b string) { checkCommands(t, fuzzReport(a, b)) })
}

// FuzzGitLab: whatever the texts, the document fits what GitLab documents, and no
// finding is taken for another.
func FuzzGitLab(f *testing.F) {
	addSeeds(f, func(a, b string) { f.Add(a, b) })
	f.Add("../x", "./")
	schema := schemaFile(f, "gitlab-code-quality.json")
	f.Fuzz(func(t *testing.T, a, b string) { checkGitLab(t, schema, fuzzReport(a, b)) })
}

// FuzzPlan: whatever the texts, the script holds no command but those of the steps,
// in lines of their own, and a name adds none.
func FuzzPlan(f *testing.F) {
	addSeeds(f, func(a, b string) { f.Add(a, b) })
	f.Add("x\nreboot", "'; reboot #")
	f.Fuzz(func(t *testing.T, a, b string) { checkPlan(t, fuzzReport(a, b)) })
}

// FuzzCSVFindings has the contract of FuzzCSV, for findings.
func FuzzCSVFindings(f *testing.F) {
	addSeeds(f, func(a, b string) { f.Add(a, b) })
	f.Fuzz(func(t *testing.T, a, b string) { checkCSVFindings(t, fuzzReport(a, b)) })
}
