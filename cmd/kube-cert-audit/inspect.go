package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/report"
	"kube-cert-audit/rules"
)

const inspectHelp = `
Examples:
  kube-cert-audit inspect server.crt server.key   do they belong together?
  kube-cert-audit inspect --at +90d /etc/ssl      what will have expired?
  kube-cert-audit inspect --output wide node.csr  what does it ask for?
  kubectl get csr -o yaml | kube-cert-audit inspect -
`

const inspectNotes = `
PATH is a file, or a folder of which all files are looked at: certificates,
keys, requests and kubeconfigs, in PEM and DER. What in a folder holds nothing
of the kind is passed over. - stands for the standard input.
Formats: FORMATS.
Without FILE to the standard output.
Exit: 0 nothing from --fail-on up, 1 warnings, 2 errors, 3 not (wholly) read.
`

func (p *process) inspectCommand() command {
	f := p.newAuditFlags()
	c := command{
		name:    "inspect",
		title:   "decode and judge any certificates, keys, requests",
		usage:   "inspect [flags] PATH...",
		help:    inspectHelp,
		notes:   strings.Replace(inspectNotes, "FORMATS", formatNames(report.Formats()), 1),
		flags:   inspectFlags(f.list()),
		maxArgs: math.MaxInt,
		args:    values{files: true},
	}
	c.run = func(out io.Writer, args []string) (int, error) {
		r, err := p.inspect(f, args)
		if err == nil && r.Coverage.References == 0 {
			err = &failure{fault: "nothing to inspect: no certificate, key, request or kubeconfig below " + strings.Join(args, ", ")}
		}
		if err != nil {
			return giveUp(out, f, err)
		}
		return p.conclude(out, f, r, c.flags)
	}
	return c
}

// inspectFlags returns those of the flags of audit that concern files alone.
func inspectFlags(all []cli.Flag) []cli.Flag {
	nodes := []string{"root", "manifests", "kubeconfig", "node-name", "layout", "orphans", "rules"}
	return slices.DeleteFunc(all, func(f cli.Flag) bool { return slices.Contains(nodes, f.Names()[0]) })
}

// inspect inspects the files and folders that the arguments name.
func (p *process) inspect(f *auditFlags, args []string) (*audit.Report, error) {
	checks, err := inspectChecks(f.check, f.skip)
	if err != nil {
		return nil, err
	}
	paths, err := absolute(args)
	if err != nil {
		return nil, err
	}
	o := audit.InspectOptions{At: f.at.time(), Limits: f.limits(), Checks: checks}
	if slices.Contains(paths, audit.StandardInput) {
		o.Input = audit.ReadInput(p.stdin) // however long what writes it takes
	}
	ctx, cancel := context.WithTimeout(context.Background(), f.timeout.duration())
	defer cancel()
	fsys, err := hostfs.NewWithin(ctx, "/", perFile)
	if err != nil {
		return nil, err
	}
	defer fsys.Close()
	shown := p.newProgress()
	defer shown.end()
	o.Progress = func(read, files int) {
		if files > manyFiles {
			p.collect(50)
		}
		shown.set(read, files)
	}
	return audit.Inspect(fsys, paths, o), nil
}

// manyFiles is from how many files on memory is worth more than time. For 100,000
// certificates that all have expired, half the garbage takes 220 instead of 280 MB
// and 5 % more time; for 10,000 it would take 15 % more time, to save 8 MB of 36.
const manyFiles = 20_000

// inspectChecks returns the checks to run. One that needs a node finds nothing in
// files: who asks for it must not take that for health.
func inspectChecks(only, skip []string) ([]rules.Check, error) {
	checks, err := selectChecks(only, skip, nil)
	if err != nil {
		return nil, err
	}
	able := audit.Inspectable(checks)
	for _, id := range only {
		if !slices.ContainsFunc(able, func(c rules.Check) bool { return c.ID == id }) && !slices.Contains(skip, id) {
			return nil, &failure{
				fault: fmt.Sprintf("the check %s judges a node: inspect does not run it", id),
				hints: []string{programName + " audit --check " + id},
			}
		}
	}
	if len(able) == 0 {
		return nil, &failure{fault: "--check and --skip leave no check to run", hints: []string{programName + " explain lists the checks"}}
	}
	return able, nil
}

// absolute returns the arguments as absolute paths, but for the standard input.
func absolute(args []string) ([]string, error) {
	if len(args) == 0 {
		return nil, &failure{fault: "inspect needs a file or a folder", hints: []string{programName + " inspect PATH..."}}
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, arg := range args {
		switch {
		case arg == "": // as by an unset variable of a shell
			return nil, &failure{fault: "inspect: a path is empty", hints: []string{programName + " inspect PATH..."}}
		case arg == audit.StandardInput:
			paths = append(paths, arg)
			continue
		case !filepath.IsAbs(arg):
			arg = dir + "/" + arg
		}
		// What ".." means depends on the links before it.
		if !slices.Contains(strings.Split(arg, "/"), "..") {
			arg = filepath.Clean(arg)
		}
		paths = append(paths, arg)
	}
	return paths, nil
}
