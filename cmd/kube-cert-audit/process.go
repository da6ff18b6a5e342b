package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"time"

	"kube-cert-audit/internal/display"
)

// programName is what messages call the program, whatever the name of its file.
const programName = "kube-cert-audit"

// process is one run of the program, with all that it gets from its surroundings.
type process struct {
	name   string   // of the program, as it was called
	args   []string // without the name
	getenv func(string) string
	uid    int       // that permissions are checked for
	stdout io.Writer // for what was asked for alone
	stderr io.Writer // for everything else
	now    time.Time
}

// run does what the arguments say and returns the exit code.
func (p *process) run() int {
	out := &output{w: p.stdout}
	code := exitOK
	err := p.app(out, &code).Run(append([]string{programName}, normalize(p.args)...))
	switch {
	case errors.Is(out.err, syscall.EPIPE):
		return exitNotAudited // whoever read it has seen enough
	case out.err != nil:
		err = fmt.Errorf("the output is incomplete: %w", out.err)
	}
	if err != nil {
		p.complain(err)
		return exitNotAudited
	}
	return code
}

// output passes on what is written and remembers the first error, so that no
// writer on the way, such as that of the help texts, can lose it.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(b []byte) (int, error) {
	n, err := o.w.Write(b)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// failure is an error with what the user may do about it.
type failure struct {
	fault string   // lower case, no final period; one line, or one for each fault
	hints []string // each has a command to type
}

func (f *failure) Error() string { return f.fault }

// complain writes an error and its hints to stderr. If that fails, there is
// nobody left to tell.
func (p *process) complain(err error) {
	for fault := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintf(p.stderr, "%s: %s\n", programName, display.Text(fault))
	}
	if f, ok := errors.AsType[*failure](err); ok {
		for _, hint := range f.hints {
			fmt.Fprintf(p.stderr, "hint: %s\n", display.Text(hint))
		}
	}
}
