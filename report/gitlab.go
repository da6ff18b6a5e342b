package report

import (
	"cmp"
	"fmt"
	"io"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

// gitlabIssue is one finding of a Code Quality report.
type gitlabIssue struct {
	Description string         `json:"description"`
	Check       string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
}

// writeGitLab writes a Code Quality report. GitLab knows nothing that is put aside:
// what is waived is an issue of the least severity, which says so.
func writeGitLab(w io.Writer, r *audit.Report, _ Options) error {
	issues, known := []gitlabIssue{}, fingerprints{}
	for i := range r.Findings {
		f := &r.Findings[i]
		issues = append(issues, newGitLabIssue(f, f.Severity, f.Message, known))
	}
	for i := range r.Waived {
		f := &r.Waived[i].Finding
		issues = append(issues, newGitLabIssue(f, rules.Info, waivedUntil(&r.Waived[i].Waiver)+": "+f.Message, known))
	}
	text, err := newEncoder().append(nil, 0, issues)
	if err != nil {
		return fmt.Errorf("gitlab: %w", err)
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

func newGitLabIssue(f *audit.Finding, severity rules.Severity, message string, known fingerprints) gitlabIssue {
	relative, line := findingPlace(cmp.Or(f.Path, f.Source.File), f)
	return gitlabIssue{
		Description: display.Text(message), Check: display.Text(f.Check), Fingerprint: known.of(f),
		Severity: gitlabSeverity(severity),
		Location: gitlabLocation{cmp.Or(display.Text(relative), "."), gitlabLines{line}},
	}
}

func gitlabSeverity(s rules.Severity) string {
	switch s {
	case rules.Error:
		return "critical"
	case rules.Warning:
		return "minor"
	}
	return "info"
}
