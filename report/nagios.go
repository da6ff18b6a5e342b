package report

import (
	"fmt"
	"io"
	"strings"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

// writeNagios writes the output of a monitoring plugin: one line that says how it
// is, with the numbers to draw, then the findings. Agents cut it off after some
// kilobytes, so that the worst comes first.
func writeNagios(w io.Writer, r *audit.Report, o Options) error {
	var b strings.Builder
	fmt.Fprintf(&b, "CERTS %s - %s | %s\n", nagiosState(r, o), plain(nagiosSummary(r)), nagiosNumbers(r))
	for i := range r.Findings {
		f := &r.Findings[i]
		fmt.Fprintf(&b, "%s\n", plain(strings.ToUpper(f.Severity.String())+" "+sentence(f)))
	}
	for i := range r.Waived {
		fmt.Fprintf(&b, "%s\n", plain(waivedUntil(&r.Waived[i].Waiver)+": "+sentence(&r.Waived[i].Finding)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// NagiosFault returns what a monitoring plugin says where there is no report: without
// a text, its state has no reason.
func NagiosFault(fault string) string {
	return "CERTS UNKNOWN - " + plain(strings.ReplaceAll(fault, "\n", "; ")) + "\n"
}

// nagiosState returns the word for the exit code.
func nagiosState(r *audit.Report, o Options) string {
	switch {
	case !complete(r.Coverage):
		return "UNKNOWN"
	case r.Summary.Error > 0 && o.fails(rules.Error):
		return "CRITICAL"
	case r.Summary.Warning > 0 && o.fails(rules.Warning):
		return "WARNING"
	}
	return "OK"
}

func nagiosSummary(r *audit.Report) string {
	s := r.Summary
	clauses := []string{fmt.Sprintf("%s, %s, %d info", count(s.Error, "error"), count(s.Warning, "warning"), s.Info)}
	if s.Waived > 0 {
		clauses[0] += fmt.Sprintf(", %d waived", s.Waived)
	}
	clauses = append(clauses, missed(r.Coverage)...)
	if s.FirstExpiry != nil {
		clauses = append(clauses, "first to expire: "+firstExpiry(s.FirstExpiry))
	}
	return strings.Join(clauses, "; ")
}

// nagiosNumbers returns the performance data: label=value[unit];warn;crit;min. The
// checks have limits for each kind of certificate, and not one for all of them.
func nagiosNumbers(r *audit.Report) string {
	s := r.Summary
	text := fmt.Sprintf("errors=%d;;;0 warnings=%d;;;0 certificates=%d;;;0 connections=%d;;;0 unreadable=%d;;;0",
		s.Error, s.Warning, s.Certificates, s.Connections, r.Coverage.Unreadable)
	if s.FirstExpiry != nil {
		text += fmt.Sprintf(" first_expiry=%ds;;;", s.FirstExpiry.SecondsLeft)
	}
	return text
}

// plain returns a text that ends neither its line nor the part of it before the
// performance data, and in which a web page finds no tag.
func plain(s string) string {
	return strings.NewReplacer("|", `\x7c`, "<", `\x3c`).Replace(display.Text(s))
}
