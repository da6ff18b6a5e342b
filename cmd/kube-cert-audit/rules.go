package main

import (
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"kube-cert-audit/rules"
)

const rulesHelp = `
Examples:
  kube-cert-audit rules                         as tables
  kube-cert-audit rules --output yaml >my.yaml  to take rows from for --rules
  kube-cert-audit rules --rules my.yaml         with the rows of that file
`

const rulesNotes = `
A row of --rules replaces the row of the same name as a whole.
`

// maxOwnFile is the size in bytes that a file of the user may have, of rules or of
// settings.
const maxOwnFile = 1 << 20

// The values of --output of the command rules.
const (
	rulesTable = "table"
	rulesYAML  = "yaml"
)

func (p *process) rulesCommand() command {
	var file, config text
	output := oneOf(rulesTable, rulesYAML)
	return command{
		name:  "rules",
		title: "print what certificates and connections must be like",
		usage: "rules [flags]",
		help:  rulesHelp,
		notes: rulesNotes,
		flags: []cli.Flag{
			option("output", "`FORMAT`: table, yaml", &output),
			rulesOption(&file),
			configOption(&config),
		},
		run: func(out io.Writer, _ []string) (int, error) {
			tables, err := loadTables(string(file))
			if err != nil {
				return exitNotAudited, err
			}
			text, err := rulesText(tables, output.value, p.place(colorNever).Width)
			if err == nil {
				_, err = io.WriteString(out, text)
			}
			return exitOK, err
		},
	}
}

func rulesText(t rules.Tables, output string, width int) (string, error) {
	if output == rulesYAML {
		return t.YAML()
	}
	return tablesText(t, width), nil
}

func rulesOption(file *text) cli.Flag {
	return option("rules", "`FILE` with rows, severities, waivers of your own", file)
}

// loadTables returns the tables of this release with the rows of the file, if
// one is named.
func loadTables(file string) (rules.Tables, error) {
	tables := rules.Builtin()
	if file == "" {
		return tables, nil
	}
	text, err := readOwn(file)
	if err != nil {
		return rules.Tables{}, err
	}
	if tables, err = tables.With(file, text); err != nil {
		return rules.Tables{}, &failure{fault: err.Error(), hints: []string{programName + " rules --output yaml shows rows in the form expected"}}
	}
	return tables, nil
}

// readOwn reads a file of the user. It is none of the node: it may well be a pipe.
func readOwn(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxOwnFile+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxOwnFile {
		return "", fmt.Errorf("%s: larger than 1 MiB", file)
	}
	return string(text), nil
}
