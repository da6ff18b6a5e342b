package audit

import (
	"path/filepath"
	"strings"
	"testing"
)

// The name of a file cannot add a line of its own to the commands of a fix.
func TestFixNamesHostileFile(t *testing.T) {
	root := plantFiles(t, map[string]string{"x\nreboot'": string(issue(t, "leaf", nil).Raw)})
	r := inspected(t, inspectOptions(), filepath.Join(root, "x\nreboot'"))
	if len(r.Findings) != 1 {
		t.Fatalf("findings %+v", r.Findings)
	}
	fix := r.Findings[0].Fix
	if want := `/x\x0areboot\x27'`; strings.Count(fix, want) != 2 || strings.Contains(fix, "\n") {
		t.Errorf("the fix is %q", fix)
	}
}
