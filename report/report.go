// Package report turns an audit.Report into bytes: one format per file, each
// showing the same value. It judges nothing and opens nothing. It does not know
// files, flags, terminals, encoded certificates or the time of day.
package report

import (
	"cmp"
	"io"

	"kube-cert-audit/audit"
	"kube-cert-audit/rules"
)

// minWidth is the least number of columns that the layouts are made for. A
// narrower terminal gets the layout of this width, and folds its lines itself.
const minWidth = 60

// Options says what the place is like that a report is shown at, and what counts
// there.
type Options struct {
	// Width is the number of columns of the terminal. 0 means that lines may
	// have any length, as is right for pipes and files.
	Width int
	// Color allows ANSI colours in the formats made for people.
	Color bool
	// FailOn is the mildest severity that counts as a failure, beyond Error where
	// none does. 0 is Warning.
	FailOn rules.Severity
}

// fails reports whether findings of a severity count as failures.
func (o Options) fails(s rules.Severity) bool { return s >= cmp.Or(o.FailOn, rules.Warning) }

// Format is one way to write a report.
type Format = FormatOf[audit.Report]

// FormatOf is one way to write a value.
type FormatOf[T any] struct {
	Name  string
	Title string // what it is good for, in one line
	Write func(io.Writer, *T, Options) error
}

// Formats returns all formats, the default one first.
func Formats() []Format {
	return []Format{
		{"table", "health-check sheet, findings and summary, fitted to the terminal", writeTable},
		{"wide", "table with all columns, keys and connections, never wrapped", writeWide},
		{"json", "the whole report as JSON, described by a JSON Schema", writeJSON},
		{"yaml", "the same document as YAML", writeYAML},
		{"csv", "the health-check sheet for spreadsheets", writeCSV},
		{"prometheus", "metrics for the textfile collector of Prometheus' node_exporter", writePrometheus},
		{"nagios", "the lines of a Nagios or Icinga plugin, with performance data", writeNagios},
		{"junit", "test results for CI systems, as JUnit XML", writeJUnit},
		{"sarif", "findings for GitHub's code scanning and others that read SARIF 2.1.0", writeSARIF},
		{"html", "one page for the browser: verdict, fixes, timeline, map of trust, sheet", writeHTML},
		{"markdown", "what to do and the sheet, for job summaries and tickets", writeMarkdown},
		{"github", "annotations of a job in GitHub Actions", writeGitHub},
		{"gitlab", "a Code Quality report of GitLab", writeGitLab},
		{"csv-findings", "the findings for spreadsheets", writeCSVFindings},
	}
}
