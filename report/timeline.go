package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

const (
	// maxEnds bounds the lines of the timeline.
	maxEnds = 24
	// maxRoles bounds what is named of those that end together.
	maxRoles = 12
	// fewEnds is up to how many of them are named with their paths.
	fewEnds = 3
	// What the scale of the timeline measures, in units of the picture.
	scaleWidth, scaleMargin = 440, 20
)

// timeline is what expires when, a line for each day, or for each month or year where
// days are too many.
type timeline struct {
	Unit  string // day, month or year
	Ticks []tick
	Ends  []end
	Later int // how many certificates have no line
	Width int // of the picture
	Zero  int // where in it the instant of the report is
}

// tick is a mark of the scale.
type tick struct {
	X     int
	Label string
}

// end is what expires on one day.
type end struct {
	When   string
	Left   string // the time until the first of it
	Mark   string // what its status is called
	Status rules.Status
	From   int // in the picture: the first of it
	To     int // and the last
	Count  int
	What   []string
}

// newTimeline returns nil for a report without certificates.
func newTimeline(r *audit.Report) *timeline {
	if len(r.Certificates) == 0 {
		return nil
	}
	certificates := make([]*audit.Certificate, len(r.Certificates))
	for i := range r.Certificates {
		certificates[i] = &r.Certificates[i]
	}
	slices.SortStableFunc(certificates, func(a, b *audit.Certificate) int { return a.NotAfter.Compare(b.NotAfter) })
	unit, groups := groupEnds(certificates)
	t := &timeline{Unit: unit, Width: scaleWidth + 2*scaleMargin}
	for len(groups) > maxEnds {
		t.Later += len(groups[len(groups)-1])
		groups = groups[:len(groups)-1]
	}
	last := groups[len(groups)-1]
	scale := newScale(groups[0][0].SecondsLeft, last[len(last)-1].SecondsLeft)
	for i, second := range scale {
		t.Ticks = append(t.Ticks, tick{scale.x(second), tickLabel(second)})
		if second == 0 {
			t.Zero = t.Ticks[i].X
		}
	}
	soon := endingSoon(r.Findings)
	for _, group := range groups {
		t.Ends = append(t.Ends, newEnd(group, endLayout(unit), scale, soon))
	}
	return t
}

// groupEnds joins what ends on the same day, or in the same month or year if there are
// too many days. What has expired is never joined with what has not.
func groupEnds(certificates []*audit.Certificate) (unit string, groups [][]*audit.Certificate) {
	for _, unit = range []string{"day", "month", "year"} {
		groups = nil
		layout, last := endLayout(unit), ""
		for i, c := range certificates {
			when := endName(c.NotAfter, layout)
			if when != last || isExpired(c) != isExpired(certificates[i-1]) {
				groups, last = append(groups, nil), when
			}
			groups[len(groups)-1] = append(groups[len(groups)-1], c)
		}
		if len(groups) <= maxEnds {
			break
		}
	}
	return unit, groups
}

func isExpired(c *audit.Certificate) bool { return c.SecondsLeft < 0 }

func endLayout(unit string) string {
	return map[string]string{"day": time.DateOnly, "month": "2006-01", "year": "2006"}[unit]
}

func endName(t time.Time, layout string) string {
	if isNever(t) {
		return "never"
	}
	return t.UTC().Format(layout)
}

func newEnd(group []*audit.Certificate, layout string, s scale, soon map[string]rules.Severity) end {
	first, last := group[0], group[len(group)-1]
	e := end{
		When: endName(first.NotAfter, layout), Status: rules.OK, Count: len(group),
		From: s.x(first.SecondsLeft), To: s.x(last.SecondsLeft), What: roles(group),
	}
	switch {
	case isNever(first.NotAfter):
	case isExpired(first):
		e.Left, e.Mark, e.Status = display.Span(-first.SecondsLeft)+" ago", "EXPIRED", "error"
	default:
		e.Left = "in " + display.Span(first.SecondsLeft)
		for _, c := range group {
			// A file may hold further certificates: those that end later have no such status.
			if severity := soon[c.Path]; severity > 0 && c.Status.Worse(severity) == c.Status {
				e.Mark, e.Status = "SOON", e.Status.Worse(severity)
			}
		}
	}
	return e
}

// endingSoon returns, by path, how bad it is that little time is left.
func endingSoon(findings []audit.Finding) map[string]rules.Severity {
	soon := map[string]rules.Severity{}
	for i := range findings {
		if f := &findings[i]; f.Check == "expires-soon" {
			soon[f.Path] = max(soon[f.Path], f.Severity)
		}
	}
	return soon
}

// roles tells what certificates are, in lines: with their paths where they are few,
// else how many of each type a component has.
func roles(group []*audit.Certificate) []string {
	var lines []string
	if len(group) <= fewEnds {
		for _, c := range group {
			lines = append(lines, strings.TrimSpace(c.Component+" "+c.Type)+" "+c.Path)
		}
		return lines
	}
	var components []string
	types, counts := map[string][]string{}, map[[2]string]int{}
	for _, c := range group {
		if types[c.Component] == nil {
			components = append(components, c.Component)
		}
		one := [2]string{c.Component, c.Type}
		if counts[one]++; counts[one] == 1 {
			types[c.Component] = append(types[c.Component], c.Type)
		}
	}
	slices.Sort(components)
	for i, component := range components {
		if i == maxRoles {
			return append(lines, count(len(components)-i, "further component"))
		}
		slices.Sort(types[component])
		var parts []string
		for _, kind := range types[component] {
			if n := counts[[2]string{component, kind}]; n > 1 {
				kind = fmt.Sprintf("%d × %s", n, kind)
			}
			parts = append(parts, kind)
		}
		lines = append(lines, strings.TrimPrefix(component+": ", ": ")+strings.Join(parts, ", "))
	}
	return lines
}

// scale is the seconds that stand at equal distances in the picture. So ten years take
// little more room than the weeks that matter.
type scale []int64

const secondsPerDay = 24 * 60 * 60

// newScale returns a scale that begins at the instant of the report or, if something
// has expired, before it, and ends behind the last certificate, or a century later.
func newScale(first, last int64) scale {
	steps := []int64{1, 7, 30, 90, 365, 3 * 365, 10 * 365, 30 * 365, 100 * 365} // days
	s := scale{0}
	for _, days := range steps {
		if first >= s[0] {
			break
		}
		s = slices.Insert(s, 0, -days*secondsPerDay)
	}
	for _, days := range steps {
		s = append(s, days*secondsPerDay)
		if last <= days*secondsPerDay {
			break
		}
	}
	return s
}

// x returns where in the picture a second is.
func (s scale) x(second int64) int {
	step := int64(scaleWidth / (len(s) - 1))
	for i := 1; i < len(s); i++ {
		if from, to := s[i-1], s[i]; second <= to {
			return scaleMargin + int(int64(i-1)*step+step*(max(second, from)-from)/(to-from))
		}
	}
	return scaleMargin + int(step)*(len(s)-1)
}

func tickLabel(second int64) string {
	days := second / secondsPerDay
	switch {
	case days == 0:
		return "0"
	case days%365 == 0:
		return fmt.Sprintf("%+dy", days/365)
	}
	return fmt.Sprintf("%+dd", days)
}
