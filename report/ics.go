package report

import (
	"crypto/sha256"
	"fmt"
	"io"
	stdpath "path"
	"strings"
	"time"
	"unicode/utf8"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
)

// writeICS writes the calendar in the form of RFC 5545: an event for each certificate
// that somebody has to renew, at the instant at which it ends, so that a calendar shows
// it in the time of its reader. What is imported again takes the place of what was
// there. It is written by hand: the library for it (arran4/golang-ical) leaves control
// characters in texts, a carriage return among them, and has a hundred times as many
// lines.
func writeICS(w io.Writer, f *audit.Forecast, _ Options) error {
	c := new(ics)
	c.add("BEGIN", "VCALENDAR")
	c.add("VERSION", "2.0")
	c.add("PRODID", "-//kube-cert-audit//forecast//EN")
	c.add("CALSCALE", "GREGORIAN")
	c.text("X-WR-CALNAME", "Certificates of "+nodeText(&audit.Node{Name: f.Node.Name}))
	c.text("X-WR-CALDESC", strings.Join(append(outlook(f), "What renews itself is left out."), "\n"))
	events := 0
	for i := range f.Dates {
		for j := range f.Dates[i].Ends {
			if e := &f.Dates[i].Ends[j]; e.Renewal == "" {
				c.event(f, &f.Dates[i], e)
				events++
			}
		}
	}
	if events == 0 { // a calendar without any is none
		c.nothing(f)
	}
	c.add("END", "VCALENDAR")
	_, err := io.WriteString(w, c.out.String())
	return err
}

// ics collects the lines of a calendar.
type ics struct{ out strings.Builder }

// add writes a property of which the value has nothing to be escaped.
func (c *ics) add(name, value string) { c.out.WriteString(folded(name + ":" + value)) }

// text writes a property that is a text, of which no line can be one of the calendar.
func (c *ics) text(name, value string) {
	escape := strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`)
	c.add(name, escape.Replace(display.Lines(strings.TrimRight(value, "\n"))))
}

// stamp is the form of an instant.
const stamp = "20060102T150405Z"

func (c *ics) event(f *audit.Forecast, d *audit.Date, e *audit.End) {
	c.add("BEGIN", "VEVENT")
	c.add("UID", uid(f, e.FingerprintSHA256))
	c.add("DTSTAMP", f.At.UTC().Format(stamp))
	c.add("DTSTART", e.NotAfter.UTC().Format(stamp))
	summary := display.Text(fmt.Sprintf("%s: %s of %s ends", nodeText(&audit.Node{Name: f.Node.Name}), stdpath.Base(e.Path), e.Component))
	c.text("SUMMARY", summary)
	c.text("DESCRIPTION", description(d, e))
	c.add("CATEGORIES", "kube-cert-audit,"+strings.ToUpper(string(e.Status)))
	c.add("TRANSP", "TRANSPARENT")
	if isWorthReminding(d, e) {
		for _, trigger := range reminders(e) {
			c.add("BEGIN", "VALARM")
			c.add("ACTION", "DISPLAY")
			c.add("TRIGGER", trigger)
			c.text("DESCRIPTION", summary)
			c.add("END", "VALARM")
		}
	}
	c.add("END", "VEVENT")
}

// uid returns the name of an event, which is that of its certificate on this node: the
// nodes of a cluster share their authorities, and each has to exchange them.
func uid(f *audit.Forecast, of string) string {
	return fmt.Sprintf("%x@kube-cert-audit", sha256.Sum256([]byte(f.Node.Name+"\x00"+of)))
}

// isWorthReminding reports whether something stops with an end to come, or may: what was
// not judged is not harmless.
func isWorthReminding(d *audit.Date, e *audit.End) bool {
	return !d.Ended && (!d.Judged || !inOrder(e.Status))
}

// reminders returns how long before an end there is a reminder: when the audit begins
// to warn, and when it begins to fail.
func reminders(e *audit.End) []string {
	if e.IsCA {
		return []string{"-P180D", "-P30D"}
	}
	return []string{"-P30D", "-P7D"}
}

// description says what stops with an end, and what to do before.
func description(d *audit.Date, e *audit.End) string {
	text := []string{display.Text(fmt.Sprintf("%s ends at %s.", strings.Join(append([]string{e.Path}, e.OtherPaths...), ", "), instant(e.NotAfter)))}
	for _, c := range ending(d, e) {
		text = append(text, "Impact: "+display.Text(c))
	}
	for i := range d.Findings {
		f := &d.Findings[i]
		text = append(text, display.Text(fmt.Sprintf("On that day as well: %s; impact: %s", sentence(f), f.Impact)))
	}
	if fix := fixOf(e); fix != "" {
		text = append(text, strings.ToUpper(fixTitle(d)[:1])+fixTitle(d)[1:], fix)
	}
	return strings.Join(text, "\n")
}

// nothing writes the event that stands for an empty calendar.
func (c *ics) nothing(f *audit.Forecast) {
	c.add("BEGIN", "VEVENT")
	c.add("UID", uid(f, "nothing"))
	c.add("DTSTAMP", f.At.UTC().Format(stamp))
	c.add("DTSTART", f.At.UTC().Format(stamp))
	c.text("SUMMARY", "No certificate to renew until "+f.Until.UTC().Format(time.DateOnly)+": "+nodeText(&audit.Node{Name: f.Node.Name}))
	c.text("DESCRIPTION", strings.Join(outlook(f), "\n"))
	c.add("TRANSP", "TRANSPARENT")
	c.add("END", "VEVENT")
}

// maxContent is the length of a line of a calendar, in octets.
const maxContent = 75

// folded returns a content line in as many lines as it takes, none of which ends
// within a character.
func folded(content string) string {
	var b strings.Builder
	room := maxContent
	for len(content) > room {
		n := room
		for !utf8.RuneStart(content[n]) {
			n--
		}
		b.WriteString(content[:n] + "\r\n ")
		content, room = content[n:], maxContent-1
	}
	return b.String() + content + "\r\n"
}
