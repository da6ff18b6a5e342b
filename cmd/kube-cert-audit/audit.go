package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

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
  kube-cert-audit --output table --output json=/var/lib/audit/report.json
`

const auditNotes = `
Formats: FORMATS.
Without FILE to the standard output.
Flags have variables as well: --fail-on has KUBE_CERT_AUDIT_FAIL_ON.
Exit: 0 nothing from --fail-on up, 1 warnings, 2 errors, 3 not (wholly) audited.
`

// layoutAuto is the value of --layout that stands for the layout that is found.
const layoutAuto = "auto"

// auditFlags are the values of the flags of audit.
type auditFlags struct {
	root                        text
	at                          instant
	output                      outputs
	failOn                      choice
	warnWithin, errorWithin     span
	caWarnWithin, caErrorWithin span
	manifests, kubeconfigs      pathList
	nodeName                    text
	layout                      choice
	orphans                     toggle
	check, skip                 idList
	rules                       text
	timeout                     timeout
	color                       choice
	config                      text
}

func (p *process) newAuditFlags() *auditFlags {
	limits := rules.DefaultLimits()
	return &auditFlags{
		root:          "/",
		at:            instant{now: p.now},
		output:        outputsOf(report.Formats()),
		failOn:        oneOf(failOnWarning, failOnError, failOnNever),
		warnWithin:    span(limits.Warn),
		errorWithin:   span(limits.Error),
		caWarnWithin:  span(limits.CAWarn),
		caErrorWithin: span(limits.CAError),
		layout:        oneOf(append([]string{layoutAuto}, manifests.Layouts()...)...),
		timeout:       timeout(time.Minute),
		color:         oneOf(colorAuto, colorAlways, colorNever),
	}
}

// list returns the flags, in the order of the help text.
func (f *auditFlags) list() []cli.Flag {
	return []cli.Flag{
		option("root", "`DIR` that is / of the node", &f.root),
		option("at", "`TIME` to judge for, as 2027-06-01, +90d", &f.at),
		outputOption(&f.output),
		failOnOption(&f.failOn),
		option("warn-within", "warn `SPAN` before an end, as 12h, 1w", &f.warnWithin),
		option("error-within", "`SPAN` before it that is an error", &f.errorWithin),
		option("ca-warn-within", "the same for CAs: `SPAN` to warn", &f.caWarnWithin),
		option("ca-error-within", "the same for CAs: `SPAN` of an error", &f.caErrorWithin),
		option("manifests", "`DIR` on the node with static pods; repeatable", &f.manifests),
		option("kubeconfig", "`FILE` on the node to audit as well; repeatable", &f.kubeconfigs),
		option("node-name", "`NAME` of the node, instead of the one found", &f.nodeName),
		option("layout", "layout `NAME`, if not as found", &f.layout),
		option("orphans", "tell of files that nothing refers to", &f.orphans),
		option("check", "run only these checks: `ID,...`", &f.check),
		option("skip", "leave out these checks: `ID,...`", &f.skip),
		rulesOption(&f.rules),
		timeoutOption(&f.timeout),
		colorOption(&f.color),
		configOption(&f.config),
	}
}

func failOnOption(c *choice) cli.Flag {
	return option("fail-on", "fail at `LEVEL` warning, error, never", c)
}

func timeoutOption(t *timeout) cli.Flag {
	return option("timeout", "end after `SPAN` with what is known", t)
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
		notes: strings.Replace(auditNotes, "FORMATS", formatNames(report.Formats()), 1),
		flags: f.list(),
	}
	c.run = func(out io.Writer, _ []string) (int, error) {
		p.collect(200) // of a node, just not: the usual 100 costs a tenth of the time
		r, err := f.audit()
		if err != nil {
			return giveUp(out, f, err)
		}
		return p.conclude(out, f, r, c.flags)
	}
	return c
}

// giveUp returns the exit code and the error where there is no report. A monitoring
// system reads no other stream than the standard output.
func giveUp(out io.Writer, f *auditFlags, err error) (int, error) {
	if d := f.output.destinations()[0]; d.format == "nagios" && d.file == standardOutput {
		_, _ = io.WriteString(out, report.NagiosFault(err.Error())) // run tells where it cannot
	}
	return exitNotAudited, err
}

// conclude delivers a report, and returns the exit code that it comes to. The flags
// are those of the command.
func (p *process) conclude(out io.Writer, f *auditFlags, r *audit.Report, flags []cli.Flag) (int, error) {
	written := p.deliver(out, &f.output, f.color.value, formatWriter(report.Formats(), r, f.failOn.value))
	return p.wholly(exitCode(r.Summary, f.failOn.value), written, r.Coverage, flags)
}

// wholly returns the exit code of a command with the given flags, and the error that it
// ends with where not all was written, or not all was seen.
func (p *process) wholly(code int, written error, seen audit.Coverage, flags []cli.Flag) (int, error) {
	if err := errors.Join(written, p.denied(seen, flags), late(seen)); err != nil {
		return exitNotAudited, err
	}
	return code, nil
}

// formatWriter returns what writes a value in one of its formats, in which the same
// counts as a failure as for the exit code.
func formatWriter[T any](formats []report.FormatOf[T], value *T, failOn string) func(io.Writer, string, report.Options) error {
	return func(w io.Writer, format string, place report.Options) error {
		f, err := report.LookupIn(formats, format)
		if err != nil {
			return err
		}
		place.FailOn = mildest(failOn)
		return f.Write(w, value, place)
	}
}

// perFile is the time after which a file is given up: long for a disk that is
// busy, short where the server of a mount is gone.
const perFile = 5 * time.Second

// audit audits the node that the flags tell. That there is nothing to audit is an error.
func (f *auditFlags) audit() (r *audit.Report, err error) {
	err = f.onNode(func(ctx context.Context, fsys *hostfs.FS, o audit.Options) { r = audit.Run(ctx, fsys, o) })
	if err == nil && nothingFound(r) {
		err = notFound(r.Root)
	}
	return r, err
}

// onNode does something with the files of the node that the flags tell.
func (f *auditFlags) onNode(do func(context.Context, *hostfs.FS, audit.Options)) error {
	options, err := f.options()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), f.timeout.duration())
	defer cancel()
	// What was read is of use only if there is time left to judge it.
	reading, cancel := context.WithTimeout(ctx, f.timeout.duration()/10*9)
	defer cancel()
	fsys, err := hostfs.NewWithin(reading, options.Root, perFile)
	if err != nil {
		return &failure{fault: fmt.Sprintf("root %v", err),
			hints: []string{programName + " audit --root DIR, where DIR is / of the node"}}
	}
	defer fsys.Close()
	do(ctx, fsys, options)
	return nil
}

func (f *auditFlags) options() (audit.Options, error) {
	tables, err := loadTables(string(f.rules))
	if err != nil {
		return audit.Options{}, err
	}
	checks, err := selectChecks(f.check, f.skip, tables.Off())
	if err != nil {
		return audit.Options{}, err
	}
	return audit.Options{
		Root:   string(f.root),
		At:     f.at.time(),
		Limits: f.limits(),
		Tables: tables,
		Checks: checks, Orphans: bool(f.orphans),
		Discovery: manifests.Options{
			ManifestDirs: f.manifests,
			Kubeconfigs:  f.kubeconfigs,
			NodeName:     string(f.nodeName),
			Layout:       strings.TrimPrefix(f.layout.value, layoutAuto),
		},
	}, nil
}

func (f *auditFlags) limits() rules.Limits {
	return rules.Limits{
		Warn: f.warnWithin.duration(), Error: f.errorWithin.duration(),
		CAWarn: f.caWarnWithin.duration(), CAError: f.caErrorWithin.duration(),
	}
}

// selectChecks returns the checks to run: those asked for, less those to be skipped
// and those that the rules of the user turn off. An audit without any would find
// everything in order.
func selectChecks(only, skip, off []string) ([]rules.Check, error) {
	hint := programName + " explain lists the checks"
	checks, err := rules.Select(rules.Checks(), only, slices.Concat(skip, off))
	switch {
	case err != nil || len(checks) > 0:
	case len(off) > 0:
		err = errors.New("--check, --skip and the severities of --rules leave no check to run")
	default:
		err = errors.New("--check and --skip leave no check to run")
	}
	if err != nil {
		return nil, &failure{fault: err.Error(), hints: []string{hint}}
	}
	return checks, nil
}
