package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"kube-cert-audit/audit"
)

// command is one command of the program. Its flags fill in values that its run
// function then uses.
type command struct {
	name    string
	title   string // one line
	usage   string // what follows the name of the program
	help    string // examples; before the list of flags
	notes   string // what else there is to say; after it
	flags   []cli.Flag
	maxArgs int    // number of arguments, beside flags, that it takes at most
	args    values // what they may be, for shells that complete them
	run     func(out io.Writer, args []string) (code int, err error)
}

// commands returns all commands, in the order of the help text.
func (p *process) commands() []command {
	return []command{
		p.auditCommand(),
		p.inspectCommand(),
		p.planCommand(),
		p.forecastCommand(),
		p.diffCommand(),
		p.rulesCommand(),
		p.explainCommand(),
		p.schemaCommand(),
		p.completionCommand(),
		p.demoCommand(),
		p.versionCommand(),
	}
}

// app returns the command line in the terms of the library. An App keeps the
// state of its run, so that each run needs its own.
func (p *process) app(out io.Writer, code *int) *cli.App {
	app := &cli.App{
		Name:                      p.called(),
		Usage:                     "audit the certificates of a Kubernetes control-plane node",
		CustomAppHelpTemplate:     appHelp,
		Compiled:                  p.now,
		Writer:                    out,
		ErrWriter:                 p.stderr,
		HideHelpCommand:           true, // normalize knows it
		HideVersion:               true, // the same
		DisableSliceFlagSeparator: true,
		OnUsageError:              usageError,
		// The library's own would end the process.
		ExitErrHandler: func(*cli.Context, error) {},
	}
	commands := p.commands()
	for _, c := range commands {
		app.Commands = append(app.Commands, c.forLibrary(p, out, code))
	}
	app.Action = func(c *cli.Context) error { return unknownCommand(c.Args().First(), commands) }
	return app
}

func (c command) forLibrary(p *process, out io.Writer, code *int) *cli.Command {
	return &cli.Command{
		Name:               c.name,
		Usage:              c.title,
		UsageText:          p.asCalled(programName + " " + c.usage),
		Description:        p.asCalled(c.helpText()),
		CustomHelpTemplate: commandHelp,
		Flags:              c.flags,
		HideHelpCommand:    true,
		OnUsageError:       usageError,
		Before:             p.defaults,
		Action: func(ctx *cli.Context) (err error) {
			args := ctx.Args().Slice()
			if err := c.refuse(args, p.commands); err != nil {
				return err
			}
			*code, err = c.run(out, args)
			return err
		},
	}
}

// normalize puts the default command first where flags are, and turns the
// customary ways to ask for help and version into one.
func normalize(args []string) []string {
	switch {
	case len(args) == 0:
		return []string{"audit"}
	case slices.Contains([]string{"-h", "-help", "--help"}, args[0]):
		return args
	case slices.Contains([]string{"-v", "-version", "--version"}, args[0]):
		return append([]string{"version"}, args[1:]...)
	case args[0] == "help":
		return append(slices.Clone(args[1:]), "--help")
	case strings.HasPrefix(args[0], "-"):
		return append([]string{"audit"}, args...)
	}
	return args
}

// refuse returns an error where there are arguments that the command does not
// take. The library ends its search for flags at the first argument; it would
// pass over those behind.
func (c command) refuse(args []string, all func() []command) error {
	for i, arg := range args {
		isFlag := strings.HasPrefix(arg, "-") && arg != audit.StandardInput
		if i < c.maxArgs && !isFlag {
			continue
		}
		f := &failure{hints: []string{fmt.Sprintf("%s %s --help", programName, c.name)}}
		switch {
		case isFlag && i > 0:
			f.fault = fmt.Sprintf("%s: flags go before arguments: %s stands behind %q", c.name, arg, args[i-1])
		case c.maxArgs > 0:
			f.fault = fmt.Sprintf("%s: one argument too many: %q", c.name, arg)
		case slices.ContainsFunc(all(), func(other command) bool { return other.name == arg }):
			f.fault = fmt.Sprintf("%s takes no arguments; %s is a command of its own, and goes first", c.name, arg)
			f.hints = []string{programName + " " + arg}
		default:
			f.fault = fmt.Sprintf("%s takes no arguments, only flags: %q", c.name, arg)
		}
		return f
	}
	return nil
}
