package report

import (
	"testing"
	"time"
)

// The units of time, in seconds.
const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
	year   = 365 * day
)

func TestExpiration(t *testing.T) {
	const s = time.Second
	end := time.Date(2027, 11, 23, 23, 59, 59, 0, time.UTC)
	tests := []struct {
		name string
		end  time.Time
		left time.Duration
		want string
	}{
		{"years", end, 10 * year * s, "2027-11-23 (10y)"},
		{"two years", end, 2 * year * s, "2027-11-23 (2y)"},
		{"under two years", end, (2*year - 1) * s, "2027-11-23 (729d)"},
		{"days", end, (343*day + 5*hour) * s, "2027-11-23 (343d)"},
		{"two days", end, 2 * day * s, "2027-11-23 (2d)"},
		{"hours", end, (2*day - 1) * s, "2027-11-23 (47h)"},
		{"minutes", end, (hour - 1) * s, "2027-11-23 (59m)"},
		{"seconds", end, (minute - 1) * s, "2027-11-23 (59s)"},
		{"last second", end, 0, "2027-11-23 (0s)"},
		{"passed", end, -s, "2027-11-23 (expired 1s ago)"},
		{"long passed", end, -3 * day * s, "2027-11-23 (expired 3d ago)"},
		{"UTC", end.In(time.FixedZone("", 3600)), day * s, "2027-11-23 (24h)"},
		{"never", time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), day * s, "never"},
		{"the day before never", time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC), 100 * day * s, "9999-12-30 (100d)"},
	}
	for _, tt := range tests {
		if got := expiration(tt.end, int64(tt.left/s)).String(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
