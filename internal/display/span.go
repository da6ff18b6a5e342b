package display

import "fmt"

// The units of time, in seconds.
const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
	year   = 365 * day
)

// Span returns a number of seconds in the one unit that tells most, as kubectl
// does: 59s, 59m, 47h, 729d, 10y.
func Span(seconds int64) string {
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
