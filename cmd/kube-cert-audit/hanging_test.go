package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"kube-cert-audit/internal/hangtest"
)

// canHang reports whether files can be made to hang here.
func canHang(t *testing.T) bool {
	unmount, err := hangtest.Mount(t.TempDir())
	if err != nil {
		t.Log(err)
		return false
	}
	if err := unmount(); err != nil {
		t.Error(err)
	}
	return true
}

// hang makes all paths below a folder hang: hang DIR.
func hang(ts *testscript.TestScript, _ bool, args []string) {
	unmount, err := hangtest.Mount(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Defer(func() { ts.Check(unmount()) })
}
