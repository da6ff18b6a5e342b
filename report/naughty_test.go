package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"kube-cert-audit/audit"
)

// TestNaughtyStrings puts the texts of the Big List of Naughty Strings into every
// place of a report that others may write, and holds each format to what its fuzz
// target holds it to. The list is not part of the repository: make corpus names it.
func TestNaughtyStrings(t *testing.T) {
	corpora := os.Getenv("KUBE_CERT_AUDIT_CORPORA")
	if corpora == "" {
		t.Skip("KUBE_CERT_AUDIT_CORPORA does not name the folder with the list")
	}
	texts := naughtyStrings(t, filepath.Join(corpora, "naughty-strings", "blns.json"))
	sarif, gitlab := schemaFile(t, "sarif-schema-2.1.0.json"), schemaFile(t, "gitlab-code-quality.json")
	checks := map[string]func(*testing.T, *audit.Report){
		"table":        func(t *testing.T, r *audit.Report) { checkLayout(t, r, 80) },
		"wide":         func(t *testing.T, r *audit.Report) { checkLines(t, r, render(t, "wide", r, Options{}), 0) },
		"json":         func(t *testing.T, r *audit.Report) { checkDocument(t, "json", r) },
		"yaml":         func(t *testing.T, r *audit.Report) { checkDocument(t, "yaml", r) },
		"csv":          func(t *testing.T, r *audit.Report) { checkCSV(t, r.Certificates) },
		"prometheus":   func(t *testing.T, r *audit.Report) { checkMetrics(t, r) },
		"nagios":       func(t *testing.T, r *audit.Report) { checkPlugin(t, r) },
		"junit":        func(t *testing.T, r *audit.Report) { checkJUnit(t, r, Options{}) },
		"sarif":        func(t *testing.T, r *audit.Report) { checkSARIF(t, sarif, r) },
		"html":         func(t *testing.T, r *audit.Report) { checkHTML(t, r) },
		"markdown":     func(t *testing.T, r *audit.Report) { checkMarkdown(t, r) },
		"github":       func(t *testing.T, r *audit.Report) { checkCommands(t, r) },
		"gitlab":       func(t *testing.T, r *audit.Report) { checkGitLab(t, gitlab, r) },
		"csv-findings": func(t *testing.T, r *audit.Report) { checkCSVFindings(t, r) },
	}
	each := func(name string, check func(t *testing.T, a, b string)) {
		t.Run(name, func(t *testing.T) {
			for i, text := range texts {
				check(t, text, texts[(i+1)%len(texts)])
			}
		})
	}
	for _, format := range Formats() {
		each(format.Name, func(t *testing.T, a, b string) { checks[format.Name](t, fuzzReport(a, b)) })
	}
	each("plan", func(t *testing.T, a, b string) { checkPlan(t, fuzzReport(a, b)) })
	each("forecast", func(t *testing.T, a, b string) { checkForecast(t, fuzzForecast(a, b), 80) })
	each("diff", func(t *testing.T, a, b string) {
		for _, d := range fuzzDiffs(t, a, b) {
			checkDiff(t, d, 80)
		}
	})
}

func naughtyStrings(t *testing.T, file string) (texts []string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatal(err)
	}
	if len(texts) < 400 {
		t.Fatalf("%d texts", len(texts))
	}
	return texts
}
