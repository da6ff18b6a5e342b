package report

import (
	"fmt"
	"time"
)

// The units of time, in seconds.
const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
	year   = 365 * day
)

// isNever reports whether t is the end that RFC 5280 gives to certificates
// without one, the last second of the year 9999.
func isNever(t time.Time) bool {
	t = t.UTC()
	return t.Year() == 9999 && t.YearDay() == 365
}

// expiration returns the day of an end and the time until then: 2027-11-23
// (343d), or the time since: 2026-12-12 (expired 3d ago).
func expiration(notAfter time.Time, secondsLeft int64) cell {
	if isNever(notAfter) {
		return cell{"never"}
	}
	date := notAfter.UTC().Format(time.DateOnly)
	if secondsLeft < 0 {
		return cell{date + " ", fmt.Sprintf("(expired %s ago)", residual(-secondsLeft))}
	}
	return cell{fmt.Sprintf("%s (%s)", date, residual(secondsLeft))}
}

// residual returns a time in the one unit that tells most, as kubectl does.
func residual(seconds int64) string {
	switch {
	case seconds < minute:
		return fmt.Sprintf("%ds", seconds)
	case seconds < hour:
		return fmt.Sprintf("%dm", seconds/minute)
	case seconds < 2*day:
		return fmt.Sprintf("%dh", seconds/hour)
	case seconds < 2*year:
		return fmt.Sprintf("%dd", seconds/day)
	}
	return fmt.Sprintf("%dy", seconds/year)
}
