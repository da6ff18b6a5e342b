package report

import (
	"fmt"
	"io"
	"strings"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

// writeGitHub writes commands that make annotations of a job in GitHub Actions, which
// shows the first ten of each kind: a summary, then the worst first. They name no
// file: those of a node are none of the repository that GitHub would look in.
func writeGitHub(w io.Writer, r *audit.Report, _ Options) error {
	var b strings.Builder
	annotate := func(kind, title, message string) {
		fmt.Fprintf(&b, "::%s title=%s::%s\n", kind, commandProperty(title), commandData(message))
	}
	annotate("notice", "kube-cert-audit", display.Text(strings.Join(summaryClauses(r), "; ")))
	if all := missed(r.Coverage); len(all) > 0 {
		annotate("error", "kube-cert-audit: incomplete", strings.Join(all, "; "))
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		annotate(annotationKind(f.Severity), findingName(f), annotationText(f))
	}
	for i := range r.Waived {
		f := &r.Waived[i].Finding
		annotate("notice", "waived: "+findingName(f), display.Text(waivedUntil(&r.Waived[i].Waiver))+"\n"+display.Text(f.Message))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func annotationKind(s rules.Severity) string {
	if s == rules.Info {
		return "notice"
	}
	return s.String()
}

// annotationText returns lines, each of which is the program's own.
func annotationText(f *audit.Finding) string {
	text := display.Text(f.Message)
	if at := findingSource(f); at != "" {
		text += "\nat " + display.Text(at)
	}
	if f.Impact != "" {
		text += "\nimpact: " + display.Text(f.Impact)
	}
	if f.Fix != "" {
		text += "\nfix:\n" + strings.TrimRight(f.Fix, "\n")
	}
	return text
}

// commandData returns the message of a command, in one line.
func commandData(s string) string {
	return strings.NewReplacer("%", "%25", "\n", "%0A").Replace(display.Lines(s))
}

// commandProperty returns the value of a property of a command.
func commandProperty(s string) string {
	return strings.NewReplacer("%", "%25", ":", "%3A", ",", "%2C").Replace(display.Text(s))
}
