package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"kube-cert-audit/internal/pkitest"
)

// program returns a process of the program to be run: this test by the name of
// the program is it, at the time of the tests.
func program(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(self)
	command.Args = append([]string{programName}, args...)
	command.WaitDelay = 30 * time.Second
	return command
}

// result is all that a run of the program leaves.
type result struct {
	code           int // -1 where a signal ended it
	stdout, stderr string
}

// finish runs a process to its end.
func finish(t testing.TB, command *exec.Cmd) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	}
	return result{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// writeNode writes a sample node and returns its root.
func writeNode(t testing.TB, s *pkitest.Spec, edits ...func(*pkitest.Tree)) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "node")
	if err := s.Write(root, edits...); err != nil {
		t.Fatal(err)
	}
	return root
}
