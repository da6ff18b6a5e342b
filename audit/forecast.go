package audit

import (
	"context"
	"slices"
	"time"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/rules"
)

// KindForecast identifies the JSON form of a Forecast.
const KindForecast = "Forecast"

// Forecast is the calendar of one node: what ends when, and what stops then, if
// nobody does anything until then.
type Forecast struct {
	APIVersion string    `json:"apiVersion"`
	Kind       string    `json:"kind"`
	At         time.Time `json:"at"`    // the instant from which on it looks ahead, UTC
	Until      time.Time `json:"until"` // the horizon, UTC
	Root       string    `json:"root"`
	Node       Node      `json:"node"`
	Coverage   Coverage  `json:"coverage"` // what was not read is not in the calendar
	// Errors are those that are found at At and have nothing to do with the end of a
	// certificate. An audit tells them.
	Errors int    `json:"errors"`
	Dates  []Date `json:"dates"` // in the order of time
	Next   *End   `json:"next"`  // the first end beyond the horizon; null where there is none
}

// Date is a day on which certificates end. Ends that lie less than an hour apart are
// of one date, on both sides of midnight as well.
type Date struct {
	Day    string       `json:"day"`    // that of the first end, UTC, as 2027-11-23
	Ended  bool         `json:"ended"`  // all ends lie before the instant of the forecast
	Judged bool         `json:"judged"` // false where there was no time to find out what stops
	Status rules.Status `json:"status"` // by the worst finding
	Ends   []End        `json:"ends"`   // in the order of time
	// Findings and Waived are what else an audit finds after the last of the ends, and
	// would not have found before the first.
	Findings []Finding `json:"findings"`
	Waived   []Waived  `json:"waived"`
	Fix      string    `json:"fix"` // the commands that mend all of it, each once
}

// End is a certificate that ends. It may lie in several places.
type End struct {
	Component         string    `json:"component"`
	Type              string    `json:"type"`
	Path              string    `json:"path"`
	Embedded          string    `json:"embedded"`
	OtherPaths        []string  `json:"otherPaths"` // of the same certificate
	CommonName        string    `json:"commonName"`
	NotAfter          time.Time `json:"notAfter"`
	SecondsLeft       int64     `json:"secondsLeft"` // from the instant of the forecast on
	IsCA              bool      `json:"isCA"`
	FingerprintSHA256 string    `json:"fingerprintSHA256"`
	// Renewal says who renews it by himself, so that nothing is expected to stop;
	// empty where nobody does.
	Renewal  string       `json:"renewal"`
	Status   rules.Status `json:"status"`   // by the worst finding
	Findings []Finding    `json:"findings"` // what an audit then finds about it
	Waived   []Waived     `json:"waived"`   // those of them that the user put aside for longer than that

	raw string
}

// LookAhead forecasts what ends on the node below fsys until a horizon. It reads the
// node once, and judges it at every date: what is found is what an audit of that day
// would find, if the node stayed as it is. The rest is as with Run.
func LookAhead(ctx context.Context, fsys *hostfs.FS, o Options, until time.Time) *Forecast {
	now := confirmed(ctx, fsys, o)
	now.renewed = now.renewals()
	f := &Forecast{
		APIVersion: APIVersion, Kind: KindForecast, At: now.facts.At, Until: until.UTC(), Root: o.Root,
		Node: now.nodeRow(), Coverage: now.coverage(), Dates: []Date{},
	}
	var past, coming []End
	for _, e := range now.ends() {
		switch {
		case e.NotAfter.Before(f.At):
			past = append(past, e)
		case !e.NotAfter.After(until):
			coming = append(coming, e)
		case f.Next == nil && e.Renewal == "" && !isEndless(e.NotAfter):
			f.Next = &e
		}
	}
	if len(past) > 0 {
		f.Dates = append(f.Dates, now.ended(past))
	}
	f.Errors = now.otherErrors()
	before := now.again(f.At) // not confirmed, just as the later ones
	for _, ends := range dates(coming) {
		after := now.again(ends[len(ends)-1].NotAfter.Add(time.Second))
		f.Coverage.Unjudged += after.passed
		f.Dates = append(f.Dates, after.date(ends, before))
		before = after
	}
	return f
}

// dates puts together the ends of one date; they come in the order of time.
func dates(ends []End) [][]End {
	var all [][]End
	for _, e := range ends {
		if last := len(all) - 1; last >= 0 && isSameDate(all[last][0].NotAfter, e.NotAfter) {
			all[last] = append(all[last], e)
			continue
		}
		all = append(all, []End{e})
	}
	return all
}

// isSameDate reports whether an end belongs to the date of an earlier one.
func isSameDate(first, end time.Time) bool {
	return first.Format(time.DateOnly) == end.Format(time.DateOnly) || end.Sub(first) < time.Hour
}

// isEndless reports whether an end is that which RFC 5280 gives to certificates
// without one.
func isEndless(end time.Time) bool { return end.Year() >= 9999 }

// ends returns the ends of all certificates, in the order of time. A certificate ends
// once, in however many files it lies.
func (a *auditor) ends() []End {
	var all []End
	known := map[string]int{} // by DER form
	for _, e := range a.entries {
		for _, c := range e.certificates {
			if i, ok := known[string(c.Raw)]; ok {
				if end := &all[i]; c.Path != end.Path && !slices.Contains(end.OtherPaths, c.Path) {
					end.OtherPaths = append(end.OtherPaths, c.Path)
				}
				continue
			}
			known[string(c.Raw)] = len(all)
			all = append(all, a.end(c))
		}
	}
	slices.SortStableFunc(all, func(x, y End) int { return x.NotAfter.Compare(y.NotAfter) })
	return all
}

func (a *auditor) end(c *rules.Certificate) End {
	e := End{
		Component: c.Component, Type: typeOf(c), Path: c.Path, Embedded: c.Embedded, OtherPaths: []string{},
		CommonName: c.Subject.CommonName, NotAfter: c.NotAfter.UTC(), SecondsLeft: c.NotAfter.Unix() - a.facts.At.Unix(),
		IsCA: c.IsCA && c.BasicConstraintsValid, FingerprintSHA256: fingerprint(c.Raw),
		Status: rules.OK, Findings: []Finding{}, Waived: []Waived{}, raw: string(c.Raw),
	}
	if _, ok := a.renewed[string(c.Raw)]; ok {
		e.Renewal = a.renewal(c)
	}
	return e
}

// again judges the node as of another instant. It asks nothing of the node that it was
// not asked before.
func (a *auditor) again(at time.Time) *auditor {
	o := a.opts
	o.At = at
	later := &auditor{ctx: a.ctx, opts: o, files: a.files, node: a.node, renewed: a.renewed}
	later.audit()
	return later
}

// date returns what is to be said about ends, after which the auditor judged the
// node, and before which another one did.
func (a *auditor) date(ends []End, before *auditor) Date {
	var news []found
	for _, f := range a.found {
		if a.passed == 0 && !isAhead(f.Check) && !before.has(f) {
			news = append(news, f)
		}
	}
	d := dateOf(ends, news)
	d.Judged = a.passed == 0
	return d
}

// ended returns what is to be said about ends that lie in the past.
func (a *auditor) ended(ends []End) Date {
	d := dateOf(ends, slices.DeleteFunc(slices.Clone(a.found), func(f found) bool { return f.Check != "expired" }))
	d.Ended, d.Judged = true, a.passed == 0
	return d
}

// dateOf returns a date with what is found then, each finding with the end that it is
// about.
func dateOf(ends []End, news []found) Date {
	d := Date{
		Day: ends[0].NotAfter.Format(time.DateOnly), Status: rules.OK, Ends: ends, Findings: []Finding{}, Waived: []Waived{},
	}
	var toMend []Finding
	for _, f := range news {
		i := slices.IndexFunc(ends, func(e End) bool { return e.raw == f.raw })
		switch {
		case f.waiver != nil && i >= 0:
			ends[i].Waived = append(ends[i].Waived, waived(f.Finding, f.waiver))
			continue
		case f.waiver != nil:
			d.Waived = append(d.Waived, waived(f.Finding, f.waiver))
			continue
		case i >= 0:
			ends[i].Findings, ends[i].Status = append(ends[i].Findings, f.Finding), ends[i].Status.Worse(f.Severity)
		default:
			d.Findings = append(d.Findings, f.Finding)
		}
		d.Status = d.Status.Worse(f.Severity)
		if f.Severity > rules.Info {
			toMend = append(toMend, f.Finding)
		}
	}
	d.Fix = commands(toMend)
	return d
}

// isAhead reports whether a check tells of what is to come, as the calendar itself
// does, or of waivers.
func isAhead(check string) bool {
	return slices.Contains([]string{"expires-soon", "rotation", "waiver-expired", "waiver-unused"}, check)
}

// has reports whether an auditor found the same before, and no less grave.
func (a *auditor) has(f found) bool {
	return slices.ContainsFunc(a.found, func(g found) bool {
		return g.Check == f.Check && g.Component == f.Component && g.Path == f.Path && g.Source == f.Source && g.about == f.about &&
			g.Severity >= f.Severity
	})
}

// otherErrors counts the errors that are in no calendar.
func (a *auditor) otherErrors() int {
	n := 0
	for _, f := range a.found {
		if f.Severity == rules.Error && f.waiver == nil && f.Check != "expired" && f.Check != "expires-soon" {
			n++
		}
	}
	return n
}
