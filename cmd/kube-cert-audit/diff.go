package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/diff"
	"kube-cert-audit/report"
	"kube-cert-audit/rules"
)

const diffHelp = `
Examples:
  kube-cert-audit diff before.json after.json
  kube-cert-audit --output json | kube-cert-audit diff before.json -
  kube-cert-audit diff --output markdown old.json new.json > comment.md
`

const diffNotes = `
OLD and NEW are reports of audit, or both of inspect, as --output json writes
them; - stands for the standard input.
Formats: FORMATS.
Without FILE to the standard output.
Exit: 0 nothing got worse, 1 by warnings, 2 by errors, 3 not (wholly) compared.
`

// diffFlags are the values of the flags of diff.
type diffFlags struct {
	output outputs
	failOn choice
	color  choice
	config text
}

func (p *process) diffCommand() command {
	all := p.newAuditFlags()
	f := &diffFlags{output: outputsOf(report.DiffFormats()), failOn: all.failOn, color: all.color}
	return command{
		name:  "diff",
		title: "what changed between two reports? did anything get worse?",
		usage: "diff [flags] OLD NEW",
		help:  diffHelp,
		notes: strings.Replace(diffNotes, "FORMATS", formatNames(report.DiffFormats()), 1),
		flags: []cli.Flag{
			outputOption(&f.output),
			failOnOption(&f.failOn),
			colorOption(&f.color),
			configOption(&f.config),
		},
		maxArgs: 2,
		args:    values{files: true},
		run:     func(out io.Writer, args []string) (int, error) { return p.diff(out, f, args) },
	}
}

// diff compares two reports, and returns the exit code that it comes to.
func (p *process) diff(out io.Writer, f *diffFlags, args []string) (int, error) {
	p.collect(50) // of 100,000 certificates each, that is a quarter of the memory
	d, err := p.compare(args)
	if err != nil {
		return exitNotAudited, err
	}
	err = p.deliver(out, &f.output, f.color.value, formatWriter(report.DiffFormats(), d, f.failOn.value))
	if !d.Whole {
		err = errors.Join(err, &failure{
			fault: fmt.Sprintf("%s is of an audit that did not see everything: what is gone may only not have been seen", args[1]),
			hints: []string{programName + " audit --output json tells what it could not see, and why"},
		})
	}
	if err != nil {
		return exitNotAudited, err
	}
	return exitCode(worseThings(d.Worse), f.failOn.value), nil
}

// worseThings returns what a comparison comes to as a summary of findings.
func worseThings(worse rules.Status) (s audit.Summary) {
	switch worse {
	case rules.Status(rules.Error.String()):
		s.Error = 1
	case rules.Status(rules.Warning.String()):
		s.Warning = 1
	}
	return s
}

// compare reads the two reports that the arguments name, and compares them.
func (p *process) compare(args []string) (*diff.Diff, error) {
	hint := programName + " diff OLD.json NEW.json"
	switch {
	case len(args) < 2:
		return nil, &failure{fault: "diff needs two reports, an older and a newer one", hints: []string{hint}}
	case args[0] == audit.StandardInput && args[1] == audit.StandardInput:
		return nil, &failure{fault: "diff: only one of the reports can come from the standard input", hints: []string{hint}}
	}
	reports, faults := make([]*audit.Report, 2), []string{}
	for i, file := range args {
		var err error
		if reports[i], err = p.readReport(file); err != nil {
			faults = append(faults, err.Error())
		}
	}
	if len(faults) > 0 {
		return nil, &failure{fault: strings.Join(faults, "\n"), hints: []string{programName + " audit --output json=FILE writes what can be compared, and so does inspect"}}
	}
	d, err := diff.Compare(reports[0], reports[1])
	if err != nil {
		return nil, &failure{fault: "diff: " + err.Error(), hints: []string{hint}}
	}
	return d, nil
}

// readReport reads a report from a file, or from the standard input.
func (p *process) readReport(file string) (*audit.Report, error) {
	name, in := "standard input", p.stdin
	if file != audit.StandardInput {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		name, in = file, f
	}
	r, err := diff.Read(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}
