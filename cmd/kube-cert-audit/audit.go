package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/manifests"
	"kube-cert-audit/report"
	"kube-cert-audit/rules"
)

const auditHelp = `
Examples:
  sudo kube-cert-audit                 this node, as it is now
  kube-cert-audit --root /mnt/node     the node of which / is mounted there
  kube-cert-audit --at +90d            what will have expired in 90 days?
  kube-cert-audit --output json --fail-on error | jq .findings
`

const auditNotes = `
Flags have variables as well: --fail-on has KUBE_CERT_AUDIT_FAIL_ON.
Exit: 0 nothing from --fail-on up, 1 warnings, 2 errors, 3 not (wholly) audited.
`

// auditFlags are the values of the flags of audit.
type auditFlags struct {
	root                        text
	at                          instant
	output                      format
	failOn                      choice
	warnWithin, errorWithin     span
	caWarnWithin, caErrorWithin span
	manifests, kubeconfigs      pathList
	nodeName                    text
	check, skip                 idList
	rules                       text
	color                       choice
}

func (p *process) newAuditFlags() *auditFlags {
	limits := rules.DefaultLimits()
	return &auditFlags{
		root:          "/",
		at:            instant{now: p.now},
		output:        format{report.Formats()[0]},
		failOn:        oneOf(failOnWarning, failOnError, failOnNever),
		warnWithin:    span(limits.Warn),
		errorWithin:   span(limits.Error),
		caWarnWithin:  span(limits.CAWarn),
		caErrorWithin: span(limits.CAError),
		color:         oneOf(colorAuto, colorAlways, colorNever),
	}
}

// list returns the flags, in the order of the help text.
func (f *auditFlags) list() []cli.Flag {
	return []cli.Flag{
		option("root", "`DIR` that is / of the node", &f.root),
		option("at", "`TIME` to judge for, as 2027-06-01, +90d", &f.at),
		outputOption(&f.output),
		option("fail-on", "fail at `LEVEL` warning, error, never", &f.failOn),
		option("warn-within", "warn `SPAN` before an end, as 12h, 1w", &f.warnWithin),
		option("error-within", "`SPAN` before it that is an error", &f.errorWithin),
		option("ca-warn-within", "the same for CAs: `SPAN` to warn", &f.caWarnWithin),
		option("ca-error-within", "the same for CAs: `SPAN` of an error", &f.caErrorWithin),
		option("manifests", "`DIR` on the node with static pods; repeatable", &f.manifests),
		option("kubeconfig", "`FILE` on the node to audit as well; repeatable", &f.kubeconfigs),
		option("node-name", "`NAME` of the node, instead of the one found", &f.nodeName),
		option("check", "run only these checks: `ID,...`", &f.check),
		option("skip", "leave out these checks: `ID,...`", &f.skip),
		rulesOption(&f.rules),
		colorOption(&f.color),
	}
}

func outputOption(f *format) cli.Flag {
	return option("output", "`FORMAT`: "+formatNames(), f)
}

func colorOption(c *choice) cli.Flag {
	return option("color", "`WHEN`: auto, always, never", c)
}

func (p *process) auditCommand() command {
	f := p.newAuditFlags()
	c := command{
		name:  "audit",
		title: "would every TLS connection of this control plane succeed?",
		usage: "[audit] [flags]",
		help:  auditHelp,
		notes: auditNotes,
		flags: f.list(),
	}
	c.run = func(out io.Writer, _ []string) (int, error) {
		r, err := f.audit()
		if err != nil {
			return exitNotAudited, err
		}
		if nothingFound(r) {
			return exitNotAudited, notFound(r.Root)
		}
		if err := f.output.Write(out, r, p.place(f.color.value)); err != nil {
			return exitNotAudited, err
		}
		if r.Coverage.Denied > 0 {
			return exitNotAudited, p.denied(r.Coverage, c.flags)
		}
		return exitCode(r.Summary, f.failOn.value), nil
	}
	return c
}

// audit audits the node that the flags tell.
func (f *auditFlags) audit() (*audit.Report, error) {
	options, err := f.options()
	if err != nil {
		return nil, err
	}
	fsys, err := hostfs.New(options.Root)
	if err != nil {
		return nil, &failure{fault: fmt.Sprintf("root %v", err),
			hints: []string{programName + " audit --root DIR, where DIR is / of the node"}}
	}
	defer fsys.Close()
	return audit.Run(fsys, options), nil
}

func (f *auditFlags) options() (audit.Options, error) {
	tables, err := loadTables(string(f.rules))
	if err != nil {
		return audit.Options{}, err
	}
	checks, err := selectChecks(f.check, f.skip)
	if err != nil {
		return audit.Options{}, err
	}
	return audit.Options{
		Root: string(f.root),
		At:   f.at.time(),
		Limits: rules.Limits{
			Warn: f.warnWithin.duration(), Error: f.errorWithin.duration(),
			CAWarn: f.caWarnWithin.duration(), CAError: f.caErrorWithin.duration(),
		},
		Tables: tables,
		Checks: checks,
		Discovery: manifests.Options{
			ManifestDirs: f.manifests,
			Kubeconfigs:  f.kubeconfigs,
			NodeName:     string(f.nodeName),
		},
	}, nil
}

// selectChecks returns the checks to run. An audit without any would find
// everything in order.
func selectChecks(only, skip []string) ([]rules.Check, error) {
	hint := programName + " explain lists the checks"
	checks, err := rules.Select(rules.Checks(), only, skip)
	if err == nil && len(checks) == 0 {
		err = errors.New("--check and --skip leave no check to run")
	}
	if err != nil {
		return nil, &failure{fault: err.Error(), hints: []string{hint}}
	}
	return checks, nil
}
