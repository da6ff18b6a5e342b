package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/report"
)

// A report that does not arrive is no success, in any format.
func TestFullDevice(t *testing.T) {
	root := writeNode(t, pkitest.Hardened(made()))
	for _, format := range report.Formats() {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip(err)
		}
		defer full.Close()
		var stderr strings.Builder
		command := program(t, "audit", "--root", root, "--output", format.Name)
		command.Stdout, command.Stderr = full, &stderr
		_ = command.Run()
		want := "kube-cert-audit: the output is incomplete: write /dev/stdout: no space left on device\n"
		if code := command.ProcessState.ExitCode(); code != exitNotAudited || stderr.String() != want {
			t.Errorf("%s: exit code %d, %q", format.Name, code, stderr.String())
		}
	}
}

// Who closes the pipe needs no message, but the report has not arrived.
func TestClosedPipe(t *testing.T) {
	root := writeNode(t, pkitest.Hardened(made()))
	for _, format := range report.Formats() {
		reader, writer, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		reader.Close()
		var stderr strings.Builder
		command := program(t, "audit", "--root", root, "--output", format.Name)
		command.Stdout, command.Stderr = writer, &stderr
		_ = command.Run()
		writer.Close()
		if code := command.ProcessState.ExitCode(); code != exitNotAudited || stderr.Len() > 0 {
			t.Errorf("%s: exit code %d, %q", format.Name, code, stderr.String())
		}
	}
}

// blocked starts an audit whose report nobody reads, and returns once it waits
// in the midst of writing it.
func blocked(t *testing.T) *exec.Cmd {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reader.Close() })
	if _, err := unix.FcntlInt(writer.Fd(), unix.F_SETPIPE_SZ, 4096); err != nil {
		t.Skip(err)
	}
	command := program(t, "audit", "--root", writeNode(t, pkitest.Hardened(made())), "--output", "json")
	command.Stdout = writer
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	writer.Close()
	if _, err := reader.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return command
}

// A signal ends the program at once: it has nothing to put in order. What is in
// its memory gets into no core file, whatever the signal.
func TestSignals(t *testing.T) {
	for _, number := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		t.Run(number.String(), func(t *testing.T) {
			t.Parallel()
			if signal.Ignored(number) {
				t.Skip("the surroundings of this test ignore the signal, as nohup and background jobs do")
			}
			command := blocked(t)
			limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", command.Process.Pid))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(strings.Join(strings.Fields(string(limits)), " "), "Max core file size 0 0 bytes") {
				t.Errorf("core files are possible:\n%s", limits)
			}
			if err := command.Process.Signal(number); err != nil {
				t.Fatal(err)
			}
			_ = command.Wait()
			status := command.ProcessState.Sys().(syscall.WaitStatus)
			if !status.Signaled() || status.Signal() != number {
				t.Errorf("%v", command.ProcessState)
			}
		})
	}
}
