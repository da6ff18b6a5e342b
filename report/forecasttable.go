package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
)

// writeForecastTable writes the calendar for people: for each date, what ends, what
// stops for whom, and what to do before.
func writeForecastTable(w io.Writer, f *audit.Forecast, o Options) error {
	p := newPage(o)
	p.paragraph(0, bodyIndent, fmt.Sprintf("forecast of %s from %s until %s, root %s, if nothing is renewed",
		nodeText(&f.Node), instant(f.At), instant(f.Until), f.Root))
	p.gap()
	heads := [][]string{{statusTitle, "ENDS", "COMPONENT", "TYPE"}}
	for i := range f.Dates {
		for j := range f.Dates[i].Ends {
			heads = append(heads, endHead(&f.Dates[i], &f.Dates[i].Ends[j]))
		}
	}
	if widths := blockWidths(heads); len(heads) > 1 {
		p.blockTitles(heads[0], widths)
		p.gap()
		for i := range f.Dates {
			p.date(f, &f.Dates[i], widths)
		}
	}
	p.outlook(f)
	return p.writeTo(w)
}

// endHead returns what stands in the first line of an end.
func endHead(d *audit.Date, e *audit.End) []string {
	shown := status(e.Status)
	if !d.Judged {
		shown = cell{none}
	}
	return []string{
		shown.String(), instant(e.NotAfter), words(e.Component).String(), words(e.Type).String(),
	}
}

// date writes what ends on a day, what stops then, and the commands that mend it.
func (p *page) date(f *audit.Forecast, d *audit.Date, widths []int) {
	p.line(display.Text(dateTitle(f, d)))
	indent := widths[0] + gapWidth
	for i := range d.Ends {
		e := &d.Ends[i]
		rest := p.blockLine(endHead(d, e), widths, path(e.Path))
		if rest != nil {
			p.field(indent, indent+gapWidth, "", rest)
		}
		if len(e.OtherPaths) > 0 {
			p.field(indent, indent+gapWidth, "also in ", list(e.OtherPaths))
		}
		for _, text := range ending(d, e) {
			p.paragraph(indent, indent+gapWidth, "impact: "+text)
		}
	}
	for i := range d.Findings {
		f := &d.Findings[i]
		p.findingHead(f)
		p.paragraph(indent, indent, f.Message)
		p.paragraph(indent, indent+gapWidth, "impact: "+f.Impact)
	}
	if d.Fix != "" {
		p.line(strings.Repeat(" ", bodyIndent) + fixTitle(d))
		p.fix(d.Fix)
	}
	p.gap()
	p.waived(d.Waived, true)
}

func fixTitle(d *audit.Date) string {
	if d.Ended {
		return "what mends it:"
	}
	return "what to do before:"
}

// dateTitle names a date, and says how much ends on it.
func dateTitle(f *audit.Forecast, d *audit.Date) string {
	number := count(len(d.Ends), "certificate")
	if d.Ended {
		return "already ended: " + number
	}
	verb := "ends"
	if len(d.Ends) > 1 {
		verb = "end"
	}
	return fmt.Sprintf("%s, in %s: %s %s", d.Day, left(f.At, d.Ends[0].NotAfter), number, verb)
}

// left returns the time until an end.
func left(at, end time.Time) string { return display.Span(end.Unix() - at.Unix()) }

// outlook writes what is not among the dates.
func (p *page) outlook(f *audit.Forecast) {
	for _, clause := range outlook(f) {
		p.paragraph(0, bodyIndent, clause)
	}
}

// outlook tells what is not among the dates: what comes after them, what is broken
// already, and what is not known.
func outlook(f *audit.Forecast) []string {
	var all []string
	if n := len(f.Dates); n == 0 || f.Dates[n-1].Ended {
		all = append(all, fmt.Sprintf("no certificate ends until %s", f.Until.Format(time.DateOnly)))
	}
	if e := f.Next; e != nil {
		all = append(all, fmt.Sprintf("next after that: %s, in %s: %s %s %s",
			e.NotAfter.Format(time.DateOnly), left(f.At, e.NotAfter), e.Component, e.Type, e.Path))
	}
	if f.Errors > 0 {
		all = append(all, count(f.Errors, "error")+" at the start of this calendar that no end of a certificate is the cause of: see kube-cert-audit audit")
	}
	if gaps := forecastGaps(f); len(gaps) > 0 {
		all = append(all, "not in this calendar: "+strings.Join(gaps, ", "))
	}
	return all
}
