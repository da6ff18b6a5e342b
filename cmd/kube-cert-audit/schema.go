package main

import (
	"fmt"
	"io"
	"strings"

	"kube-cert-audit/report"
	"kube-cert-audit/rules"
)

const schemaHelp = `
Examples:
  kube-cert-audit schema report    what --output json and yaml write
  kube-cert-audit schema forecast  what --output json of forecast writes
  kube-cert-audit schema diff      what --output json of diff writes
  kube-cert-audit schema rules     what --rules reads
  kube-cert-audit schema config    what --config reads
`

// schemaOf is the JSON Schema of a kind of file.
type schemaOf struct {
	kind string
	text []byte
}

func schemas() []schemaOf {
	return []schemaOf{{"report", report.Schema()}, {"forecast", report.ForecastSchema()}, {"diff", report.DiffSchema()},
		{"rules", rules.Schema()}, {"config", []byte(configSchemaText)}}
}

func (p *process) schemaCommand() command {
	return command{
		name:    "schema",
		title:   "print the JSON Schema of a kind of file",
		usage:   "schema KIND",
		help:    schemaHelp,
		maxArgs: 1,
		run: func(out io.Writer, args []string) (int, error) {
			var kinds []string
			for _, s := range schemas() {
				if len(args) > 0 && s.kind == args[0] {
					_, err := out.Write(s.text)
					return exitOK, err
				}
				kinds = append(kinds, s.kind)
			}
			f := &failure{fault: "schema needs one of " + strings.Join(kinds, ", ")}
			if len(args) > 0 {
				f.fault += fmt.Sprintf(", not %q", args[0])
			}
			f.hints = []string{programName + " schema --help"}
			return exitNotAudited, f
		},
	}
}
