package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// variable returns the environment variable of a flag.
func variable(flag string) string {
	return "KUBE_CERT_AUDIT_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// environment gives the flags that are not on the command line the values of
// their environment variables. An empty variable counts as absent. The library
// could do it, but takes an empty variable for a value, and reads the
// environment past the one given to the process.
func (p *process) environment(c *cli.Context) error {
	given := c.LocalFlagNames()
	for _, f := range c.Command.Flags {
		name := f.Names()[0]
		value := p.getenv(variable(name))
		if value == "" || slices.Contains(given, name) || !isShared(c.Command.Name, name) {
			continue
		}
		for _, v := range split(f, value) {
			if err := c.Set(name, v); err != nil {
				return fmt.Errorf("environment variable %s: %w", variable(name), err)
			}
		}
	}
	return nil
}

// isShared reports whether a flag can be set by what all commands with the flag look
// at: its variable, or a file of settings. The output of some commands has formats of
// its own: one for reports is not for them.
func isShared(command, flag string) bool {
	hasOwnFormats := slices.Contains([]string{"diff", "forecast", "rules"}, command)
	return flag != "help" && (!hasOwnFormats || flag != "output")
}

// split returns the values that a variable has for a flag: paths are separated as
// in PATH, and outputs, whose paths may have any mark in them, by blanks.
func split(f cli.Flag, value string) []string {
	if g, ok := f.(*cli.GenericFlag); ok {
		switch g.Value.(type) {
		case *pathList:
			return filepath.SplitList(value)
		case *outputs:
			return strings.Fields(value)
		}
	}
	return []string{value}
}

// variables returns the assignments, NAME=VALUE, that are in force for flags.
func (p *process) variables(flags []cli.Flag) []string {
	var assignments []string
	for _, f := range flags {
		name := variable(f.Names()[0])
		if value := p.getenv(name); value != "" {
			assignments = append(assignments, name+"="+value)
		}
	}
	return assignments
}

// shellCommand returns the words as a command to type.
func shellCommand(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = word
		if word == "" || strings.ContainsFunc(word, isSpecial) {
			quoted[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

// isSpecial reports whether a shell may take the character for more than itself.
func isSpecial(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune("-_./:=,+@%", r)
}
