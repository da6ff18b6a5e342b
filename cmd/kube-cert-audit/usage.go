package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"
	"github.com/xrash/smetrics"
)

// appHelp is the template of the help text of the program.
const appHelp = `{{.Name}}: {{.Usage}}

Usage: {{.Name}} [COMMAND] [flags]

Commands:{{range .VisibleCommands}}
  {{.Name}}	{{.Usage}}{{end}}

Without a command it is audit. {{.Name}} help COMMAND shows its flags.
`

// commandHelp is the template of the help text of a command.
const commandHelp = `{{.HelpName}}: {{.Usage}}

Usage: kube-cert-audit {{.UsageText}}
{{if .Description}}
{{.Description}}
{{end}}
Flags:{{range .VisibleFlags}}
  {{.}}{{end}}
{{if .ArgsUsage}}
{{.ArgsUsage}}
{{end}}`

// usageError says in the manner of this program what the library found wrong
// with the flags.
func usageError(c *cli.Context, err error, _ bool) error {
	command, hint := "", programName+" --help"
	if name := c.Command.Name; name != programName {
		command, hint = name+": ", fmt.Sprintf("%s %s --help", programName, name)
	}
	fault, flag := flagFault(err)
	f := &failure{fault: command + fault}
	if flag != "" {
		if name := nearest(flag, flagNames(c.Command.Flags)); name != "" {
			f.fault += "; did you mean --" + name + "?"
		}
	}
	f.hints = append(f.hints, hint)
	return f
}

// flagFault rewords an error of package flag, which has no types for them. It
// returns the name of the flag as well where that is what is wrong.
func flagFault(err error) (fault, unknown string) {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		return fmt.Sprintf("unknown flag --%s", name), name
	}
	if name, ok := strings.CutPrefix(text, "flag needs an argument: -"); ok {
		return fmt.Sprintf("flag --%s needs a value", name), ""
	}
	invalid := regexp.MustCompile(`(?s)^invalid value "(?:[^"\\]|\\.)*" for flag -([a-z-]+): (.*)$`)
	if m := invalid.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("--%s: %s", m[1], m[2]), "" // values name themselves in their errors
	}
	return text, ""
}

// unknownCommand is the error for a first argument that is no command.
func unknownCommand(name string, commands []command) error {
	f := &failure{fault: fmt.Sprintf("unknown command %q", name), hints: []string{programName + " --help"}}
	var names []string
	for _, c := range commands {
		names = append(names, c.name)
	}
	if name := nearest(name, names); name != "" {
		f.fault += "; did you mean " + name + "?"
	}
	return f
}

func flagNames(flags []cli.Flag) []string {
	var names []string
	for _, f := range flags {
		names = append(names, f.Names()...)
	}
	return names
}

// nearest returns the candidate that a word may be a misspelling of, or "".
func nearest(word string, candidates []string) string {
	best, nearest := 0.85, ""
	for _, candidate := range candidates {
		// The last arguments are the usual ones of the method.
		if likeness := smetrics.JaroWinkler(strings.ToLower(word), candidate, 0.7, 4); likeness > best {
			best, nearest = likeness, candidate
		}
	}
	return nearest
}
