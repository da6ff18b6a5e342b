package audit

import (
	"flag"
	"testing"
)

// TestMain lets more tests run beside each other than there are processors: an audit
// that finds a fault waits most of its time for a second look.
func TestMain(m *testing.M) {
	flag.Parse()
	isGiven := false
	flag.Visit(func(f *flag.Flag) { isGiven = isGiven || f.Name == "test.parallel" })
	if !isGiven {
		_ = flag.Set("test.parallel", "8") // the flag is there
	}
	m.Run()
}
