package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"kube-cert-audit/audit"
	"kube-cert-audit/rules"
)

// ForecastFormats returns all formats of forecasts, the default one first.
func ForecastFormats() []FormatOf[audit.Forecast] {
	return []FormatOf[audit.Forecast]{
		{"table", "the calendar for people, fitted to the terminal", writeForecastTable},
		{"json", "the whole forecast as JSON, described by a JSON Schema", writeForecastJSON},
		{"csv", "a row for each certificate that ends, for spreadsheets", writeForecastCSV},
		{"ics", "events with reminders, for calendars", writeICS},
	}
}

// writeForecastJSON writes the document that the schema describes.
func writeForecastJSON(w io.Writer, f *audit.Forecast, _ Options) error {
	return writeDocument(w, f)
}

// ending returns what is expected to happen when a certificate ends.
func ending(d *audit.Date, e *audit.End) []string {
	var all []string
	for _, f := range e.Findings {
		if !slices.Contains(all, f.Impact) {
			all = append(all, f.Impact)
		}
	}
	for _, w := range e.Waived {
		all = append(all, fmt.Sprintf("%s (%s)", w.Impact, waivedUntil(&w.Waiver)))
	}
	switch {
	case len(all) > 0:
		return all
	case !d.Judged:
		return []string{"unknown: there was no time to judge it"}
	case e.Renewal != "":
		return []string{"none expected: " + e.Renewal}
	}
	return []string{"none was found"}
}

// fixOf returns the commands that mend what is found when a certificate ends.
func fixOf(e *audit.End) string {
	var all []string
	for _, f := range e.Findings {
		if f.Fix != "" && f.Severity > rules.Info {
			all = append(all, strings.TrimRight(f.Fix, "\n"))
		}
	}
	return strings.Join(all, "\n")
}

// forecastGaps tells what the calendar does not show, empty where there is nothing.
func forecastGaps(f *audit.Forecast) []string {
	all := missed(f.Coverage)
	if n := f.Coverage.Unreadable - f.Coverage.Denied - f.Coverage.TimedOut; n > 0 {
		all = append(all, count(n, "reference")+" to damaged or missing files")
	}
	if n := f.Coverage.Unverifiable; n > 0 {
		all = append(all, count(n, "reference")+" to files that are not on this node")
	}
	return all
}
