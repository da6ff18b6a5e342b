package report

import (
	"strings"
	"testing"

	"kube-cert-audit/audit"
)

// TestUnjudgedIsTold: a summary without errors must not look like health where
// there was no time to find any.
func TestUnjudgedIsTold(t *testing.T) {
	for unjudged, want := range map[int]string{0: "unverifiable", 1: "; 1 object not judged in time", 7: "; 7 objects not judged in time"} {
		r := fixture()
		r.Coverage = audit.Coverage{References: 9, Examined: 9, Unjudged: unjudged}
		if got := strings.Join(summaryClauses(r), "; "); !strings.HasSuffix(got, want) {
			t.Errorf("%d not judged: %q does not end with %q", unjudged, got, want)
		}
	}
}
