package rules

import (
	"strings"
	"testing"
	"time"
)

func TestWaiverEndsWithItsDay(t *testing.T) {
	w := Waiver{Expires: "2027-01-31"}
	tests := []struct {
		at   string
		want bool
	}{
		{"2027-01-30T00:00:00Z", false},
		{"2027-01-31T23:59:59Z", false},
		{"2027-02-01T00:00:00Z", true},
		{"2027-01-31T23:30:00-01:00", true},
		{"2027-02-01T00:30:00+01:00", false},
	}
	for _, tt := range tests {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.IsOver(at); got != tt.want {
			t.Errorf("at %s: over is %v", tt.at, got)
		}
	}
	if undated := new(Waiver); !undated.IsOver(time.Time{}) {
		t.Error("a waiver without a day never ends")
	}
}

func TestWaiversOfAFile(t *testing.T) {
	tables, err := Builtin().With("mine.yaml", `
waivers:
- check: expired
  path: /srv/x.crt
  reason: a reason
  expires: 2027-01-31
- {check: weak-key, fingerprint: "`+strings.Repeat("01", 32)+`", reason: another, expires: "2027-02-28"}
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []Waiver{
		{Check: "expired", Path: "/srv/x.crt", Reason: "a reason", Expires: "2027-01-31", Source: Source{File: "mine.yaml", Line: 3}},
		{Check: "weak-key", Fingerprint: strings.Repeat("01", 32), Reason: "another", Expires: "2027-02-28", Source: Source{File: "mine.yaml", Line: 7}},
	}
	if len(tables.Waivers) != 2 || tables.Waivers[0] != want[0] || tables.Waivers[1] != want[1] {
		t.Errorf("got %+v", tables.Waivers)
	}
}

// What the checks say of a waiver quotes its file where it cannot be a command.
func TestWaiverFixIsAComment(t *testing.T) {
	w := &WaiverUse{Waiver: &Waiver{Check: "expired", Path: "/x", Expires: "2026-01-01", Source: Source{File: "a\nrm -rf /", Line: 1}}}
	s := &Subject{Node: &Node{At: time.Date(2026, 12, 15, 0, 0, 0, 0, time.UTC)}, Waiver: w}
	later := *w.Waiver
	later.Expires = "2027-01-01"
	for _, problems := range [][]Problem{waiverExpired(s, w), waiverUnused(s, &WaiverUse{Waiver: &later})} {
		if len(problems) != 1 || !strings.HasPrefix(problems[0].Fix.String(), "# ") || strings.Contains(problems[0].Fix.String(), "\n") {
			t.Errorf("got %+v", problems)
		}
	}
}
