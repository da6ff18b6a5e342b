//go:build linux

package hostfs

import (
	"fmt"
	"testing"
	"time"

	"kube-cert-audit/internal/hangtest"
)

// TestHangingMount has the kernel itself hang: below a FUSE mount whose server
// never answers.
func TestHangingMount(t *testing.T) {
	root := sample(t)
	plant(t, root, "etc/hung/")
	hangtest.Hang(t, root+"/etc/hung")
	f, err := NewWithin(t.Context(), root, 100*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	start := time.Now()
	for i := range 5 {
		for name, operate := range operations(f, fmt.Sprintf("/etc/hung/%d", i)) {
			if got := outcome(operate()); got[:len(TimedOut)] != string(TimedOut) {
				t.Errorf("%s of %d: %s", name, i, got)
			}
		}
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("five files that hang took %v", took)
	}
	if _, err := f.ReadFile("/etc/kubernetes/pki/ca.crt", limit); err != nil {
		t.Error(err)
	}
	if _, err := NewWithin(t.Context(), root+"/etc/hung/below", 100*time.Millisecond); !isOutcome(err, TimedOut) {
		t.Errorf("a root that hangs: %s", outcome(err))
	}
}
