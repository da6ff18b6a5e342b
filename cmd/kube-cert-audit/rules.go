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
  kube-cert-audit rules                          as tables
  kube-cert-audit rules --output yaml >my.yaml   to take rows from, for --rules
  kube-cert-audit rules --rules my.yaml          with the rows of that file
`

const rulesNotes = `
A row of --rules replaces the row of the same name as a whole.
`

// maxRules is the size in bytes that a file of rules may have.
const maxRules = 1 << 20

// The values of --output of the command rules.
const (
	rulesTable = "table"
	rulesYAML  = "yaml"
)

func (p *process) rulesCommand() command {
	var file text
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
	return option("rules", "`FILE` with rows to add to the tables, or to replace", file)
}

// loadTables returns the tables of this release with the rows of the file, if
// one is named.
func loadTables(file string) (rules.Tables, error) {
	tables, err := rules.Builtin()
	if err != nil || file == "" {
		return tables, err
	}
	text, err := readRules(file)
	if err != nil {
		return rules.Tables{}, err
	}
	if tables, err = tables.With(file, text); err != nil {
		return rules.Tables{}, &failure{fault: err.Error(), hints: []string{programName + " rules --output yaml shows rows in the form expected"}}
	}
	return tables, nil
}

// readRules reads a file of rules. It is no file of the node, but one of the
// user: it may well be a pipe.
func readRules(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxRules+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxRules {
		return "", fmt.Errorf("%s: larger than 1 MiB", file)
	}
	return string(text), nil
}
