package main

import (
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"kube-cert-audit/report"
)

const planHelp = `
Examples:
  sudo kube-cert-audit plan > plan.sh       read it, then run it
  kube-cert-audit plan --root /mnt/node     for the node mounted there
  sudo kube-cert-audit plan --at +90d       what has to be done by then?
`

const planNotes = `
Nothing is executed. The script backs up, issues, and restarts in an order that
keeps the control plane up; it ends at the first command that fails. Findings at
info are left out. The exit code is that of audit.
`

func (p *process) planCommand() command {
	f := p.newAuditFlags()
	c := command{
		name:  "plan",
		title: "print a script of all that mends this node",
		usage: "plan [flags]",
		help:  planHelp,
		notes: planNotes,
		flags: planFlags(f.list()),
	}
	c.run = func(out io.Writer, _ []string) (int, error) {
		r, err := f.audit()
		if err != nil {
			return exitNotAudited, err
		}
		return p.wholly(exitCode(r.Summary, f.failOn.value), report.WritePlan(out, r), r.Coverage, c.flags)
	}
	return c
}

// planFlags returns those of the flags of audit that are not about its output.
func planFlags(all []cli.Flag) []cli.Flag {
	return slices.DeleteFunc(all, func(f cli.Flag) bool { return slices.Contains([]string{"output", "color"}, f.Names()[0]) })
}
