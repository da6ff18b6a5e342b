package report

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
)

// component is a part of a calendar, as the tests read it: by the grammar of RFC 5545,
// and by nothing of what wrote it.
type component struct {
	name       string
	properties map[string][]string
	parts      []*component
}

// parseCalendar reads a calendar, and reports what RFC 5545 does not allow.
func parseCalendar(t *testing.T, text string) *component {
	t.Helper()
	if !utf8.ValidString(text) || strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") || !strings.HasSuffix(text, "\r\n") {
		t.Fatalf("lines that do not end with CR LF, or no UTF-8: %q", text)
	}
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) {
			t.Errorf("%d octets, or cut within a character: %q", len(line), line)
		}
	}
	content := strings.Split(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n ", ""), "\r\n"), "\r\n")
	line := regexp.MustCompile(`^([A-Z-]+):([^\x00-\x1f\x7f]*)$`)
	stack := []*component{{properties: map[string][]string{}}}
	for _, l := range content {
		top := stack[len(stack)-1]
		m := line.FindStringSubmatch(l)
		switch {
		case m == nil:
			t.Fatalf("no content line: %q", l)
		case m[1] == "BEGIN":
			part := &component{name: m[2], properties: map[string][]string{}}
			top.parts, stack = append(top.parts, part), append(stack, part)
		case m[1] == "END":
			if m[2] != top.name || len(stack) == 1 {
				t.Fatalf("%s ends in %s", m[2], top.name)
			}
			stack = stack[:len(stack)-1]
		default:
			top.properties[m[1]] = append(top.properties[m[1]], m[2])
		}
	}
	if len(stack) != 1 || len(stack[0].parts) != 1 || len(stack[0].properties) > 0 {
		t.Fatalf("not one calendar, or one that does not end: %q", text)
	}
	return stack[0].parts[0]
}

// one returns the only value of a property.
func (c *component) one(t *testing.T, name string) string {
	t.Helper()
	if len(c.properties[name]) != 1 {
		t.Fatalf("%s has %q as %s", c.name, c.properties[name], name)
	}
	return c.properties[name][0]
}

// text returns the value of a property that is a text.
func (c *component) text(t *testing.T, name string) string {
	t.Helper()
	value := c.one(t, name)
	if bare := regexp.MustCompile(`\\[\\;,n]`).ReplaceAllString(value, ""); strings.ContainsAny(bare, `\;,`) {
		t.Errorf("%s is not escaped: %q", name, value)
	}
	return strings.NewReplacer(`\\`, `\`, `\;`, ";", `\,`, ",", `\n`, "\n").Replace(value)
}

// checkCalendar reports a calendar that is none, and events that are not those of the
// certificates which somebody has to renew.
func checkCalendar(t *testing.T, f *audit.Forecast) {
	t.Helper()
	calendar := parseCalendar(t, renderForecast(t, "ics", f, 0))
	if calendar.name != "VCALENDAR" || calendar.one(t, "VERSION") != "2.0" || calendar.one(t, "PRODID") == "" {
		t.Errorf("calendar %+v", calendar)
	}
	calendar.text(t, "X-WR-CALNAME")
	calendar.text(t, "X-WR-CALDESC")
	var want, got []string
	for i := range f.Dates {
		for j := range f.Dates[i].Ends {
			if e := &f.Dates[i].Ends[j]; e.Renewal == "" {
				want = append(want, uid(f, e.FingerprintSHA256)+" "+description(&f.Dates[i], e))
			}
		}
	}
	instants := regexp.MustCompile(`^\d{8}T\d{6}Z$`)
	for _, event := range calendar.parts {
		if event.name != "VEVENT" || !instants.MatchString(event.one(t, "DTSTAMP")) || !instants.MatchString(event.one(t, "DTSTART")) {
			t.Errorf("event %+v", event)
		}
		if summary := event.text(t, "SUMMARY"); strings.Contains(summary, "\n") {
			t.Errorf("summary %q", summary)
		}
		got = append(got, event.one(t, "UID")+" "+event.text(t, "DESCRIPTION"))
		for _, alarm := range event.parts {
			if alarm.name != "VALARM" || alarm.one(t, "ACTION") != "DISPLAY" || !regexp.MustCompile(`^-P\d+D$`).MatchString(alarm.one(t, "TRIGGER")) {
				t.Errorf("alarm %+v", alarm)
			}
			alarm.text(t, "DESCRIPTION")
		}
	}
	if len(want) == 0 && len(got) == 1 && strings.HasPrefix(got[0], uid(f, "nothing")) {
		return
	}
	for i := range want {
		want[i] = display.Lines(strings.TrimRight(want[i], "\n"))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// Who imports a later calendar finds the same events, and reminders in time.
func TestCalendarEvents(t *testing.T) {
	f := forecastFixture()
	later := forecastFixture()
	later.At = later.At.AddDate(0, 0, 1)
	first, second := parseCalendar(t, renderForecast(t, "ics", f, 0)), parseCalendar(t, renderForecast(t, "ics", later, 0))
	alarms := map[string]string{}
	for i, event := range first.parts {
		uid := event.one(t, "UID")
		if uid != second.parts[i].one(t, "UID") || event.one(t, "DTSTAMP") == second.parts[i].one(t, "DTSTAMP") {
			t.Errorf("event %s, a day later %s", uid, second.parts[i].one(t, "UID"))
		}
		var triggers []string
		for _, alarm := range event.parts {
			triggers = append(triggers, alarm.one(t, "TRIGGER"))
		}
		alarms[event.text(t, "SUMMARY")] = strings.Join(triggers, " ")
	}
	want := map[string]string{
		"node cp-1: peer.crt of etcd ends":                                                "", // in the past
		"node cp-1: apiserver.crt of kube-apiserver ends":                                 "-P30D -P7D",
		"node cp-1: ca.crt of etcd ends":                                                  "-P180D -P30D",
		"node cp-1: server.crt of etcd ends":                                              "",
		"node cp-1: admin.conf of kubectl ends":                                           "",           // waived
		"node cp-1: scheduler.conf of kube-scheduler ends":                                "-P30D -P7D", // not judged
		display.Text("node cp-1: " + hostileName + ".crt of " + hostileFormula + " ends"): "-P30D -P7D",
	}
	if diff := cmp.Diff(want, alarms); diff != "" {
		t.Errorf("reminders (-want +got):\n%s", diff)
	}
}

// Calendars of several nodes, which share their authorities, go into one, and an empty
// one that is imported again takes the place of itself.
func TestCalendarNames(t *testing.T) {
	names := func(f *audit.Forecast) []string {
		var all []string
		for _, event := range parseCalendar(t, renderForecast(t, "ics", f, 0)).parts {
			all = append(all, event.one(t, "UID"))
		}
		return all
	}
	for _, build := range []func() *audit.Forecast{forecastFixture, emptyForecast} {
		f, later, other := build(), build(), build()
		later.At = later.At.AddDate(0, 0, 1)
		other.Node.Name = "cp-2"
		if diff := cmp.Diff(names(f), names(later)); diff != "" {
			t.Errorf("a day later (-before +after):\n%s", diff)
		}
		if all := slices.Sorted(slices.Values(append(names(f), names(other)...))); len(slices.Compact(all)) != 2*len(names(f)) {
			t.Errorf("events of two nodes have one name: %q", all)
		}
	}
}

func TestFolding(t *testing.T) {
	for _, text := range []string{"", strings.Repeat("a", 75), strings.Repeat("a", 76), strings.Repeat("é", 75), strings.Repeat("a", 74) + "🔑" + strings.Repeat("b", 200)} {
		got := folded(text)
		for line := range strings.SplitSeq(strings.TrimSuffix(got, "\r\n"), "\r\n") {
			if len(line) > 75 || !utf8.ValidString(line) {
				t.Errorf("%d octets: %q", len(line), line)
			}
		}
		if strings.ReplaceAll(got, "\r\n ", "") != text+"\r\n" {
			t.Errorf("%q is folded to %q", text, got)
		}
	}
}
