package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"github.com/xrash/smetrics"
)

// appHelp is the template of the help text of the program.
const appHelp = `{{.Name}}: {{.Usage}}

Usage: {{.Name}} [COMMAND] [flags]

Examples:
  sudo {{.Name}}             what is wrong here, and what mends it?
  sudo {{.Name}} --at +90d   what will be wrong in 90 days?
  {{.Name}} demo             what does that look like?

Commands:{{range .VisibleCommands}}
  {{.Name}}	{{.Usage}}{{end}}

Without a command it is audit. {{.Name}} help COMMAND shows its flags.
`

// commandHelp is the template of the help text of a command, of which the library
// sets the columns.
const commandHelp = `{{.Name}}: {{.Usage}}

Usage: {{.UsageText}}

{{.Description}}
`

// helpText returns what a command has to say behind how it is called: examples, flags
// and notes.
func (c command) helpText() string {
	parts := []string{strings.TrimSpace(c.help), c.flagLines(), strings.TrimSpace(c.notes)}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "\n\n")
}

// flagLines returns the flags of a command with what they are for.
func (c command) flagLines() string {
	var b strings.Builder
	b.WriteString("Flags:\n")
	for _, f := range c.flags {
		g := f.(*cli.GenericFlag)
		parts := strings.SplitN(g.Usage, "`", 3) // the name of the value stands in backquotes
		name, usage := g.Name, strings.Join(parts, "")
		if len(parts) == 3 {
			name += " " + parts[1]
		}
		if usual := g.Value.String(); usual != "" && takesValue(g) {
			usage += fmt.Sprintf(" (default: %s)", usual)
		}
		fmt.Fprintf(&b, "  --%s\t%s\n", name, usage)
	}
	b.WriteString("  --help, -h\tshow help")
	return b.String()
}

// usageError says in the manner of this program what the library found wrong
// with the flags.
func usageError(c *cli.Context, err error, _ bool) error {
	command, hint := "", programName+" --help"
	if name := c.Command.Name; name != c.App.Name {
		command, hint = name+": ", fmt.Sprintf("%s %s --help", programName, name)
	}
	fault, flag := flagFault(err)
	f := &failure{fault: command + fault}
	if flag != "" {
		f.fault += didYouMean(flag, flagNames(c.Command.Flags), "--")
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
	var names []string
	for _, c := range commands {
		names = append(names, c.name)
	}
	return &failure{
		fault: fmt.Sprintf("unknown command %q%s", name, didYouMean(name, names, "")),
		hints: []string{programName + " --help"},
	}
}

func flagNames(flags []cli.Flag) []string {
	var names []string
	for _, f := range flags {
		names = append(names, f.Names()...)
	}
	return names
}

// didYouMean returns what ends an error about a word that is none of the candidates, with
// what stands before the one that it may be a misspelling of; nothing where there is none.
func didYouMean(word string, candidates []string, before string) string {
	near := nearest(word, candidates)
	if near == "" {
		return ""
	}
	return "; did you mean " + before + near + "?"
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
