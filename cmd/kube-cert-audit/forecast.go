package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/report"
)

const forecastHelp = `
Examples:
  sudo kube-cert-audit forecast                  what ends in 400 days?
  kube-cert-audit forecast --horizon 2037-01-01  all that ends until then
  kube-cert-audit forecast --root /mnt/node --output ics=cp-1.ics
  kube-cert-audit audit --warn-within 60d        fail if one ends by then
`

const forecastNotes = `
Formats: FORMATS.
Without FILE to the standard output.
Exit: 0, or 3 if there was no permission or no time for all of the node. Neither
certificates that end nor damaged files are faults here.
`

// usualHorizon is how far a forecast looks: what was renewed yesterday, for a year,
// is in sight, and so is what is issued for 398 days.
const usualHorizon = 400 * 24 * time.Hour

// forecastFlags are the values of the flags of forecast.
type forecastFlags struct {
	*auditFlags
	horizon horizon
}

func (p *process) forecastCommand() command {
	f := &forecastFlags{auditFlags: p.newAuditFlags(), horizon: horizon{span: usualHorizon}}
	f.output = outputsOf(report.ForecastFormats())
	c := command{
		name:  "forecast",
		title: "what ends when, and what stops then, for whom?",
		usage: "forecast [flags]",
		help:  forecastHelp,
		notes: strings.Replace(forecastNotes, "FORMATS", formatNames(report.ForecastFormats()), 1),
		flags: f.list(),
	}
	c.run = func(out io.Writer, _ []string) (int, error) {
		r, err := f.forecast()
		if err != nil {
			return exitNotAudited, err
		}
		written := p.deliver(out, &f.output, f.color.value, formatWriter(report.ForecastFormats(), r, failOnWarning))
		return p.wholly(exitOK, written, r.Coverage, c.flags)
	}
	return c
}

// list returns the flags, in the order of the help text: those of audit that say which
// node it is, and by which rules.
func (f *forecastFlags) list() []cli.Flag {
	judging := []string{
		"fail-on", "warn-within", "error-within", "ca-warn-within", "ca-error-within", "orphans", "check", "skip",
	}
	flags := slices.DeleteFunc(f.auditFlags.list(), func(f cli.Flag) bool { return slices.Contains(judging, f.Names()[0]) })
	return slices.Insert(flags, 2, option("horizon", "look ahead until `TIME`, as 2037-01-01", &f.horizon))
}

// forecast looks ahead on the node that the flags tell.
func (f *forecastFlags) forecast() (*audit.Forecast, error) {
	until := f.horizon.after(f.at.time())
	if !until.After(f.at.time()) {
		return nil, &failure{
			fault: fmt.Sprintf("forecast: the horizon %s does not lie after %s", until.Format(time.RFC3339), f.at.time().Format(time.RFC3339)),
			hints: []string{programName + " forecast --horizon 400d"},
		}
	}
	var r *audit.Forecast
	err := f.onNode(func(ctx context.Context, fsys *hostfs.FS, o audit.Options) { r = audit.LookAhead(ctx, fsys, o, until) })
	if err == nil && r.Coverage.References == 0 && r.Errors == 0 {
		err = notFound(r.Root)
	}
	return r, err
}

// horizon is how far a forecast looks: for a time, or until a day.
type horizon struct {
	span time.Duration
	day  time.Time // zero where it is the time
}

func (h *horizon) Set(text string) error {
	if span, err := parseSpan(strings.TrimPrefix(text, "+")); err == nil && span > 0 {
		*h = horizon{span: span}
		return nil
	}
	day, err := parseAt(strings.TrimPrefix(text, "+"), time.Time{})
	if err != nil {
		return fmt.Errorf("%q is no horizon: write 400d, or 2037-01-01", text)
	}
	*h = horizon{day: day}
	return nil
}

func (h *horizon) String() string {
	if h.day.IsZero() {
		return (*span)(&h.span).String()
	}
	return h.day.Format(time.RFC3339)
}

// after returns the instant that the horizon is, from another one on.
func (h *horizon) after(at time.Time) time.Time {
	if !h.day.IsZero() {
		return h.day
	}
	if until := at.Add(h.span); until.Before(endOfTime()) {
		return until
	}
	return endOfTime()
}
