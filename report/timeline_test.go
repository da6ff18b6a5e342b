package report

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/audit"
	"kube-cert-audit/rules"
)

const oneDay = 24 * time.Hour

func endsIn(left time.Duration) audit.Certificate {
	return certificate("etcd", "Server", fmt.Sprintf("/%d.crt", left/time.Second), "a", left)
}

func TestTimeline(t *testing.T) {
	r := &audit.Report{At: at(), Certificates: []audit.Certificate{
		endsIn(3650 * oneDay), endsIn(5*oneDay + time.Hour), endsIn(-3 * oneDay), endsIn(5 * oneDay), endsIn(200 * oneDay),
	}}
	r.Certificates[3].Status = "warning"
	r.Findings = []audit.Finding{
		{Check: "expires-soon", Severity: rules.Warning, Path: r.Certificates[3].Path},
		{Check: "expires-soon", Severity: rules.Warning, Path: r.Certificates[4].Path}, // about another one in the same file
		{Check: "untrusted", Severity: rules.Error, Path: r.Certificates[0].Path},
	}
	never := endsIn(0)
	never.NotAfter = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	never.SecondsLeft = never.NotAfter.Unix() - at().Unix()
	r.Certificates = append(r.Certificates, never)

	l := newTimeline(r)
	var got []string
	for _, e := range l.Ends {
		got = append(got, strings.Join(strings.Fields(fmt.Sprint(e.When, " ", e.Left, " ", e.Mark, " ", e.Status, " ", e.Count)), " "))
	}
	if diff := cmp.Diff([]string{
		"2026-12-12 3d ago EXPIRED error 1", "2026-12-20 in 5d SOON warning 2", "2027-07-03 in 200d ok 1", "2036-12-12 in 10y ok 1", "never ok 1",
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// What has expired stands at the left, the rest at the right, in order, and within the picture.
	for i, e := range l.Ends {
		if (e.From < l.Zero) != (i == 0) || e.From > e.To || e.To > l.Width || i > 0 && e.From <= l.Ends[i-1].From {
			t.Errorf("%s stands at %d to %d, of %d, with 0 at %d", e.When, e.From, e.To, l.Width, l.Zero)
		}
	}
	if newTimeline(new(audit.Report)) != nil {
		t.Error("a timeline of nothing")
	}
}

// TestTimelineKeepsExpiredApart: what ends later on a day, or in a month, on which
// something has expired is not told to have expired.
func TestTimelineKeepsExpiredApart(t *testing.T) {
	day := &audit.Report{At: at(), Certificates: []audit.Certificate{endsIn(-time.Minute), endsIn(0), endsIn(time.Minute)}}
	days := &audit.Report{At: at()}
	for i := range 28 {
		days.Certificates = append(days.Certificates, endsIn(time.Duration(i-9)*oneDay))
	}
	for unit, r := range map[string]*audit.Report{"day": day, "month": days} {
		l := newTimeline(r)
		past := l.Ends[0]
		if l.Unit != unit || past.Mark != "EXPIRED" || past.To >= l.Zero {
			t.Errorf("by %s: %+v", l.Unit, l.Ends)
		}
		for _, e := range l.Ends[1:] {
			if e.Mark != "" || e.Status != rules.OK || e.From < l.Zero {
				t.Errorf("by %s: %+v", unit, e)
			}
		}
	}
}

// TestTimelineHasRoom: many ends are joined, first by month, then by year.
func TestTimelineHasRoom(t *testing.T) {
	for _, tt := range []struct {
		every       time.Duration
		unit, first string
		later       int
	}{
		{time.Minute, "day", "2026-12-15", 0}, {15 * oneDay, "month", "2026-12", 0}, {200 * oneDay, "year", "2026", 0}, {700 * oneDay, "year", "2026", 27},
	} {
		r := &audit.Report{At: at()}
		for i := range 40 {
			r.Certificates = append(r.Certificates, endsIn(time.Duration(i)*tt.every))
		}
		l := newTimeline(r)
		shown := 0
		for _, e := range l.Ends {
			shown += e.Count
		}
		if l.Unit != tt.unit || l.Ends[0].When != tt.first || len(l.Ends) > maxEnds || shown+l.Later != 40 || (l.Later > 0) != (tt.later > 0) {
			t.Errorf("every %s: by %s, from %s, %d lines, %d and %d certificates", tt.every, l.Unit, l.Ends[0].When, len(l.Ends), shown, l.Later)
		}
	}
}

func TestScale(t *testing.T) {
	const day = secondsPerDay
	for _, tt := range []struct {
		first, last int64
		want        string
	}{
		{0, 0, "0 +1d"}, {day, 365 * day, "0 +1d +7d +30d +90d +1y"}, {-1, 2 * day, "-1d 0 +1d +7d"},
		{-9000 * day, -8000 * day, "-30y -10y -3y -1y -90d -30d -7d -1d 0 +1d"}, {-1 << 40, 1 << 40, "-100y -30y -10y -3y -1y -90d -30d -7d -1d 0 +1d +7d +30d +90d +1y +3y +10y +30y +100y"},
	} {
		s := newScale(tt.first, tt.last)
		var labels []string
		for i, second := range s {
			labels = append(labels, tickLabel(second))
			if i > 0 && s.x(second) <= s.x(s[i-1]) {
				t.Errorf("%s stands left of %s", labels[i], labels[i-1])
			}
		}
		if got := strings.Join(labels, " "); got != tt.want {
			t.Errorf("from %d to %d: %s, want %s", tt.first, tt.last, got, tt.want)
		}
		if s.x(tt.first) < scaleMargin || s.x(tt.last) > scaleMargin+scaleWidth {
			t.Errorf("%d to %d stand at %d and %d", tt.first, tt.last, s.x(tt.first), s.x(tt.last))
		}
	}
}

func TestRoles(t *testing.T) {
	c := func(component, kind string) *audit.Certificate {
		return &audit.Certificate{Component: component, Type: kind, Path: "/" + kind}
	}
	few := []*audit.Certificate{c("etcd", "Server"), c("", "CA")}
	if diff := cmp.Diff([]string{"etcd Server /Server", "CA /CA"}, roles(few)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	many := []*audit.Certificate{c("kubelet", "Server"), c("etcd", "Server"), c("etcd", "Peer"), c("", "CA"), c("etcd", "Server")}
	if diff := cmp.Diff([]string{"CA", "etcd: Peer, 2 × Server", "kubelet: Server"}, roles(many)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var all []*audit.Certificate
	for i := range maxRoles + 2 {
		all = append(all, c(fmt.Sprintf("c%02d", i), "Server"))
	}
	if got := roles(all); len(got) != maxRoles+1 || got[maxRoles] != "2 further components" {
		t.Errorf("%q", got)
	}
}
