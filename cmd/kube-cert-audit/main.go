package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() { os.Exit(start(time.Now())) }

// start runs the program on the streams of this process, and returns its exit code.
func start(now time.Time) int {
	// It changes what crypto/x509 accepts, and sudo -E hands on that of the user. The
	// components are not started with it.
	_ = os.Unsetenv("GODEBUG")
	// A core file would hold the private keys that were read.
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	// A reader that went away is then an error of the write like any other, and
	// the program ends with its own code.
	signal.Ignore(syscall.SIGPIPE)
	p := process{
		name:   os.Args[0],
		args:   os.Args[1:],
		getenv: os.Getenv,
		uid:    os.Geteuid(),
		stdin:  os.Stdin,
		stdout: os.Stdout,
		stderr: os.Stderr,
		now:    now,
	}
	return p.run()
}
