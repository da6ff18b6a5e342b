package main

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"kube-cert-audit/internal/display"
)

// programName is what the texts of the program call it, whatever the name of its file;
// asCalled has them say how a plugin of kubectl is called.
const programName = "kube-cert-audit"

// process is one run of the program, with all that it gets from its surroundings.
type process struct {
	name   string   // of the program, as it was called
	args   []string // without the name
	getenv func(string) string
	uid    int // that permissions are checked for
	stdin  io.Reader
	stdout io.Writer // for what was asked for alone
	stderr io.Writer // for everything else
	now    time.Time
}

// run does what the arguments say and returns the exit code. A panic means that
// nothing is known of the node: the code with which Go ends a program for it would
// mean that errors were found.
func (p *process) run() (code int) {
	defer func() {
		if fault := recover(); fault != nil {
			p.complain(crash(fault, debug.Stack()))
			code = exitNotAudited
		}
	}()
	return p.dispatch()
}

// collect makes the garbage collector begin when the heap has grown by so many
// percent, unless the user decided on that.
func (p *process) collect(percent int) {
	if p.getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

// crash is the error for a panic.
func crash(fault any, stack []byte) error {
	return &failure{
		fault: strings.ReplaceAll(fmt.Sprintf("a fault of this program ended it: %v\n%s", fault, stack), "\t", "    "),
		hints: []string{"report these lines to the developers of " + programName},
	}
}

func (p *process) dispatch() int {
	out := &output{w: p.stdout}
	if words, ok := p.completing(); ok {
		p.complete(out, words)
		return exitOK
	}
	code := exitOK
	err := p.app(out, &code).Run(append([]string{p.called()}, normalize(p.args)...))
	if out.err != nil {
		err = lost(out.err, err)
		code = exitNotAudited
	}
	if err != nil {
		p.complain(err)
		return exitNotAudited
	}
	return code
}

// lost returns what there is to say where standard output could not be written,
// and err was the error of the command. Whoever closed it has seen enough.
func lost(cause, err error) error {
	if errors.Is(err, cause) {
		err = nil // the command passed the cause on
	}
	if errors.Is(cause, syscall.EPIPE) {
		return err
	}
	return errors.Join(fmt.Errorf("the output is incomplete: %w", cause), err)
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
		p.tell(fault)
	}
	for _, hint := range hints(err) {
		p.hint(hint)
	}
}

// tell writes a message to stderr.
func (p *process) tell(message string) {
	fmt.Fprintf(p.stderr, "%s: %s\n", p.called(), display.Text(message))
}

// hint writes what the user may type to stderr.
func (p *process) hint(text string) {
	if rest, ok := strings.CutPrefix(text, programName+" "); ok {
		text = p.called() + " " + rest
	}
	fmt.Fprintf(p.stderr, "hint: %s\n", display.Text(text))
}

// hints returns the hints of an error, or of all that were joined to it.
func hints(err error) []string {
	var all []string
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			all = append(all, hints(e)...)
		}
	} else if f, ok := errors.AsType[*failure](err); ok {
		all = f.hints
	}
	return all
}
