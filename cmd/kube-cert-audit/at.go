package main

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
)

// span is a length of time. Beside the units of Go, it has days and weeks.
type span time.Duration

func (s *span) Set(text string) error {
	d, err := parseSpan(text)
	*s = span(d)
	return err
}

func (s *span) String() string {
	const day = 24 * time.Hour
	d := time.Duration(*s)
	if d > 0 && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	return d.String()
}

func (s span) duration() time.Duration { return time.Duration(s) }

// timeout is a length of time after which something ends.
type timeout time.Duration

func (t *timeout) Set(text string) error {
	d, err := parseSpan(text)
	if err == nil && d == 0 {
		err = fmt.Errorf("%q leaves no time", text)
	}
	*t = timeout(d)
	return err
}

func (t *timeout) String() string {
	text := t.duration().String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	return text
}

func (t timeout) duration() time.Duration { return time.Duration(t) }

// parseSpan reads a length of time such as 30d, 12h, 1w or 1d12h.
func parseSpan(text string) (time.Duration, error) {
	fault := fmt.Errorf("%q is no length of time: write 30d, 12h or 1w", text)
	parts := regexp.MustCompile(`[0-9]+(\.[0-9]+)?[a-z]+`).FindAllString(text, -1)
	if text == "" || strings.Join(parts, "") != text {
		return 0, fault
	}
	var sum time.Duration
	for _, part := range parts {
		hours := 1
		switch {
		case strings.HasSuffix(part, "d"):
			hours = 24
		case strings.HasSuffix(part, "w"):
			hours = 7 * 24
		}
		if hours > 1 {
			part = part[:len(part)-1] + "h"
		}
		d, err := time.ParseDuration(part)
		if err != nil {
			return 0, fault
		}
		if d > (math.MaxInt64-sum)/time.Duration(hours) {
			return 0, fmt.Errorf("%q is longer than 292 years", text)
		}
		sum += d * time.Duration(hours)
	}
	return sum, nil
}

// instant is the time to audit for.
type instant struct {
	now time.Time
	at  time.Time // zero for now
}

func (i *instant) Set(text string) (err error) {
	i.at, err = parseAt(text, i.now)
	return err
}

func (i *instant) String() string {
	if i.at.IsZero() {
		return "now"
	}
	return i.at.Format(time.RFC3339)
}

// time returns the instant.
func (i *instant) time() time.Time {
	if i.at.IsZero() {
		return i.now
	}
	return i.at
}

// endOfTime is the last second that the forms of an instant can tell.
func endOfTime() time.Time { return time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC) }

// parseAt reads an instant: in the form of RFC 3339, as a day, or as a distance
// from now. The first of all stands for now, and reports have no room for a fifth digit
// of the year.
func parseAt(text string, now time.Time) (time.Time, error) {
	if distance, ok := strings.CutPrefix(text, "+"); ok {
		d, err := parseSpan(distance)
		if err != nil {
			return time.Time{}, err
		}
		return now.Add(d), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil && !t.IsZero() && !t.After(endOfTime()) {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time: write 2027-06-01, 2027-06-01T12:00:00Z, or +90d for 90 days from now", text)
}
