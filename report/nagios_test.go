package report

import (
	"regexp"
	"strings"
	"testing"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

// checkPlugin reads the lines as Nagios does: what stands behind the first | of the
// output is performance data, and so is all behind a second one.
func checkPlugin(t *testing.T, r *audit.Report) {
	t.Helper()
	text := render(t, "nagios", r, Options{})
	if display.Lines(text) != text || strings.Contains(text, "<") {
		t.Errorf("hidden characters or tags:\n%s", text)
	}
	first, rest, _ := strings.Cut(text, "\n")
	words, numbers, _ := strings.Cut(first, " | ")
	if !regexp.MustCompile(`^CERTS (OK|WARNING|CRITICAL|UNKNOWN) - [0-9]+ errors?, `).MatchString(words) {
		t.Errorf("state: %q", words)
	}
	if !regexp.MustCompile(`^([a-z_]+=-?[0-9]+s?(;[0-9]*){3} ?)+$`).MatchString(numbers) {
		t.Errorf("performance data: %q", numbers)
	}
	if strings.Contains(rest, "|") {
		t.Errorf("a second | in %q", rest)
	}
	if lines := strings.Count(rest, "\n"); lines != len(r.Findings)+len(r.Waived) {
		t.Errorf("%d lines for %d findings and %d waived ones", lines, len(r.Findings), len(r.Waived))
	}
}

func TestNagios(t *testing.T) {
	checkPlugin(t, fixture())
	checkPlugin(t, inspectFixture())
}

func TestNagiosState(t *testing.T) {
	never := rules.Error + 1
	tests := []struct {
		errors, warnings, denied int
		failOn                   rules.Severity
		want                     string
	}{
		{0, 0, 0, 0, "OK"},
		{0, 1, 0, 0, "WARNING"},
		{1, 1, 0, 0, "CRITICAL"},
		{0, 1, 0, rules.Error, "OK"},
		{1, 1, 0, rules.Error, "CRITICAL"},
		{1, 1, 0, never, "OK"},
		{1, 1, 1, never, "UNKNOWN"},
	}
	for _, tt := range tests {
		r := &audit.Report{
			Summary:  audit.Summary{Error: tt.errors, Warning: tt.warnings, Info: 7, Waived: 3},
			Coverage: audit.Coverage{Denied: tt.denied},
		}
		if got := nagiosState(r, Options{FailOn: tt.failOn}); got != tt.want {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}

// A fault has one line, whatever it quotes, and no performance data.
func TestNagiosFault(t *testing.T) {
	got := NagiosFault("root /a|b<c>\x1b: missing\nanother one")
	if want := `CERTS UNKNOWN - root /a\x7cb\x3cc>\x1b: missing; another one` + "\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
