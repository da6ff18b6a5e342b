package report

import (
	"fmt"
	"time"

	"kube-cert-audit/internal/display"
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
		return cell{date + " ", fmt.Sprintf("(expired %s ago)", display.Span(-secondsLeft))}
	}
	return cell{fmt.Sprintf("%s (%s)", date, display.Span(secondsLeft))}
}
