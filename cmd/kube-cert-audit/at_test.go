package main

import (
	"strings"
	"testing"
	"time"
)

func TestParseSpan(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		text string
		want time.Duration
		err  string
	}{
		{"30d", 30 * day, ""},
		{"1w", 7 * day, ""},
		{"12h", 12 * time.Hour, ""},
		{"1w2d3h4m5s", 9*day + 3*time.Hour + 4*time.Minute + 5*time.Second, ""},
		{"1.5d", 36 * time.Hour, ""},
		{"500ms", 500 * time.Millisecond, ""},
		{"0d", 0, ""},
		{"106751d", 106751 * day, ""},
		{"106752d", 0, "longer than 292 years"},
		{"106751d1d", 0, "longer than 292 years"},
		{"99999999999999999999d", 0, "no length of time"},
		{"", 0, "no length of time: write 30d, 12h or 1w"},
		{"30", 0, "no length of time"},
		{"-30d", 0, "no length of time"},
		{"+30d", 0, "no length of time"},
		{"30 d", 0, "no length of time"},
		{"30D", 0, "no length of time"},
		{"30mo", 0, "no length of time"},
		{"d", 0, "no length of time"},
		{"1y", 0, "no length of time"},
		{"30d ", 0, "no length of time"},
	}
	for _, tt := range tests {
		got, err := parseSpan(tt.text)
		if got != tt.want || !fails(err, tt.err) {
			t.Errorf("parseSpan(%q) = %v, %v, want %v, %q", tt.text, got, err, tt.want, tt.err)
		}
	}
}

func TestSpanReadsWhatItPrints(t *testing.T) {
	for _, d := range []time.Duration{0, time.Hour, 36 * time.Hour, 720 * time.Hour, 90 * time.Second} {
		printed := span(d)
		var read span
		if err := read.Set(printed.String()); err != nil || read != printed {
			t.Errorf("%v is printed as %s and read as %v, %v", d, printed.String(), read.duration(), err)
		}
	}
}

func TestParseAt(t *testing.T) {
	now := time.Date(2026, 12, 15, 10, 30, 0, 0, time.UTC)
	tests := []struct{ text, want, err string }{
		{"2027-06-01", "2027-06-01T00:00:00Z", ""},
		{"2027-06-01T12:00:00Z", "2027-06-01T12:00:00Z", ""},
		{"2027-06-01T12:00:00+02:00", "2027-06-01T10:00:00Z", ""},
		{"1999-12-31", "1999-12-31T00:00:00Z", ""},
		{"+90d", "2027-03-15T10:30:00Z", ""},
		{"+12h", "2026-12-15T22:30:00Z", ""},
		{"+8w", "2027-02-09T10:30:00Z", ""},
		{"+0d", "2026-12-15T10:30:00Z", ""},
		{"+90", "", "no length of time"},
		{"+-90d", "", "no length of time"},
		{"+", "", "no length of time"},
		{"-90d", "", "+90d for 90 days from now"},
		{"90d", "", "is no time"},
		{"", "", "is no time"},
		{"now", "", "is no time"},
		{"2027-06-31", "", "is no time"},
		{"2027-06-01 12:00", "", "is no time"},
		{"01.06.2027", "", "is no time"},
		{"0001-01-01", "", "is no time"}, // would stand for now
		{"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", ""},
		{"9999-12-31T23:59:59-01:00", "", "is no time"},
	}
	for _, tt := range tests {
		got, err := parseAt(tt.text, now)
		if tt.err == "" && got.UTC().Format(time.RFC3339) != tt.want || !fails(err, tt.err) {
			t.Errorf("parseAt(%q) = %v, %v, want %s, %q", tt.text, got, err, tt.want, tt.err)
		}
	}
}

// fails reports whether the error has the text, or is none where that is empty.
func fails(err error, text string) bool {
	if text == "" {
		return err == nil
	}
	return err != nil && strings.Contains(err.Error(), text)
}
