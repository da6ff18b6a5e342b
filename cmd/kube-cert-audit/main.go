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
	// A reader that went away is then an error of the write like any other, and
	// the program ends with its own code.
	signal.Ignore(syscall.SIGPIPE)
	p := process{
		name:   os.Args[0],
		args:   os.Args[1:],
		getenv: os.Getenv,
		uid:    os.Geteuid(),
		stdout: os.Stdout,
		stderr: os.Stderr,
		now:    now,
	}
	return p.run()
}
