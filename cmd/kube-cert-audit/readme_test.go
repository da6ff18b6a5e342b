package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/report"
	"kube-cert-audit/rules"
)

const readme = "../../README.md"

// TestReadme holds the README to what the program prints: the table of checks,
// and the parts of the demonstration and of its calendar.
func TestReadme(t *testing.T) {
	old, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	text := section(t, string(old), "<!-- checks -->", "\n\nAn object", checksTable())
	text = section(t, text, "<!-- output: demo -->", "\n\n## Install", demoExcerpt(t))
	text = section(t, text, "<!-- output: forecast -->", "\n\nWhat kubelets", forecastExcerpt(t))
	if *update {
		if err := os.WriteFile(readme, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text != string(old) {
		t.Errorf("README.md is not what the program prints; make golden rewrites it")
	}
}

// TestReadmeExamples: the examples of files are read, and that of settings fits its schema.
func TestReadmeExamples(t *testing.T) {
	page, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	var examples []string
	for i, block := range strings.Split(string(page), "```yaml\n") {
		if i > 0 {
			example, _, _ := strings.Cut(block, "```")
			examples = append(examples, example)
		}
	}
	if len(examples) != 2 {
		t.Fatalf("%d examples", len(examples))
	}
	if _, err := rules.Builtin().With("README.md", examples[0]); err != nil {
		t.Error(err)
	}
	if _, faults := settingsProcess().parseConfig(examples[1]); len(faults) > 0 {
		t.Errorf("faults %q", faults)
	}
	if err := configSchema(t).Validate(asJSON(t, examples[1])); err != nil {
		t.Error(err)
	}
}

// section replaces what stands between a mark and the text that ends its section.
func section(t *testing.T, page, mark, end, content string) string {
	t.Helper()
	before, rest, found := strings.Cut(page, mark)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("README.md has no section %s", mark)
	}
	return before + mark + "\n" + content + end + after
}

func checksTable() string {
	var b strings.Builder
	b.WriteString("\n| check | judges | severity | what it finds |\n|---|---|---|---|")
	for _, c := range rules.Checks() {
		var severities []string
		for _, s := range c.Severities {
			severities = append(severities, s.String())
		}
		fmt.Fprintf(&b, "\n| `%s` | %s | %s | %s |", c.ID, c.Judges, strings.Join(severities, ", "), c.Title)
	}
	return b.String()
}

// demoReport returns the report of the demonstration, made at a fixed time.
func demoReport(t *testing.T) *audit.Report {
	t.Helper()
	r, err := demoFlagsOf(t).audit()
	if err != nil {
		t.Fatal(err)
	}
	r.Root = "/tmp/demo"
	return r
}

// demoExcerpt returns the first line, a finding and the summary of the demonstration,
// for a terminal of 100 columns.
func demoExcerpt(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	if err := report.Formats()[0].Write(&out, demoReport(t), report.Options{Width: 100}); err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(strings.TrimSpace(out.String()), "\n\n")
	var shown []string
	for i, part := range parts {
		switch {
		case strings.HasPrefix(part, "ERROR  untrusted"):
			shown = append(shown, "…", part, "…")
		case i == 0, i == len(parts)-1:
			shown = append(shown, part)
		}
	}
	return "```\n" + strings.Join(shown, "\n\n") + "\n```"
}

// demoFlagsOf returns flags for an audit of the demonstration.
func demoFlagsOf(t *testing.T) *auditFlags {
	t.Helper()
	node, _, err := pkitest.Demo(now())
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(t.TempDir(), "demo")
	if err := node.Write(root); err != nil {
		t.Fatal(err)
	}
	flags := (&process{now: now()}).newAuditFlags()
	flags.root = text(root)
	return flags
}

// forecastExcerpt returns the calendar of the demonstration up to the first date that
// is to come, and its end.
func forecastExcerpt(t *testing.T) string {
	t.Helper()
	f := &forecastFlags{auditFlags: demoFlagsOf(t), horizon: horizon{span: usualHorizon}}
	r, err := f.forecast()
	if err != nil {
		t.Fatal(err)
	}
	r.Root = "/tmp/demo"
	var out strings.Builder
	if err := report.ForecastFormats()[0].Write(&out, r, report.Options{Width: 100}); err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(strings.TrimSpace(out.String()), "\n\n")
	return "```\n" + strings.Join([]string{parts[0], parts[1], parts[3], "…", parts[len(parts)-1]}, "\n\n") + "\n```"
}
