package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/report"
)

const demoHelp = `
Examples:
  kube-cert-audit demo                 audits the node and removes it
  kube-cert-audit demo --keep /tmp/cp  leaves it there, for other flags
`

const demoNotes = `
Formats: FORMATS.
Without FILE to the standard output.
The exit code is 0: that of the audit is told, not passed on.
`

// demoFlags are the values of the flags of demo.
type demoFlags struct {
	keep   text
	output outputs
	color  choice
}

func (p *process) demoCommand() command {
	all := p.newAuditFlags()
	f := &demoFlags{output: all.output, color: all.color}
	return command{
		name:  "demo",
		title: "audit a sample node with faults, made on the spot",
		usage: "demo [flags]",
		help:  demoHelp,
		notes: strings.Replace(demoNotes, "FORMATS", formatNames(report.Formats()), 1),
		flags: []cli.Flag{
			option("keep", "`DIR`, new or empty, to leave the node in", &f.keep),
			outputOption(&f.output),
			colorOption(&f.color),
		},
		run: func(out io.Writer, _ []string) (int, error) { return exitOK, p.demo(out, f) },
	}
}

// demo makes the sample node, audits it and tells what was wrong with it.
func (p *process) demo(out io.Writer, f *demoFlags) (err error) {
	dir, remove, err := demoFolder(string(f.keep))
	if err != nil {
		return err
	}
	defer func() {
		if e := remove(); err == nil {
			err = e
		}
	}()
	node, faults, err := pkitest.Demo(p.now)
	if err != nil {
		return err
	}
	if err := node.Write(dir); err != nil {
		return err
	}
	flags := p.newAuditFlags()
	flags.root = text(dir)
	r, err := flags.audit()
	if err != nil {
		return err
	}
	if err := p.deliver(out, &f.output, f.color.value, formatWriter(report.Formats(), r, failOnWarning)); err != nil {
		return err
	}
	p.tellFaults(dir, faults, exitCode(r.Summary, failOnWarning), f.keep != "")
	return nil
}

// tellFaults says what was shown.
func (p *process) tellFaults(dir string, faults []string, code int, kept bool) {
	p.tell(fmt.Sprintf("this sample node was made with %d faults:", len(faults)))
	for i, fault := range faults {
		fmt.Fprintf(p.stderr, "  %d. %s\n", i+1, fault)
	}
	command := shellCommand(append(p.again(), "audit", "--root", dir, "--at", p.now.UTC().Format(time.RFC3339)))
	p.tell(fmt.Sprintf("\"%s\" would exit with %d", command, code))
	if !kept {
		p.hint(programName + " demo --keep DIR leaves the node in DIR, to try that")
	}
}

// demoFolder returns a folder for the sample node, and what removes it unless it
// is to be kept.
func demoFolder(keep string) (dir string, remove func() error, err error) {
	if keep == "" {
		dir, err = os.MkdirTemp("", programName+"-demo-")
		return dir, func() error { return os.RemoveAll(dir) }, err
	}
	entries, err := os.ReadDir(keep)
	switch {
	case err == nil && len(entries) > 0:
		err = &failure{fault: keep + " is not empty", hints: []string{programName + " demo --keep DIR, where DIR is new or empty"}}
	case os.IsNotExist(err):
		err = os.Mkdir(keep, 0o755)
	}
	return keep, func() error { return nil }, err
}
