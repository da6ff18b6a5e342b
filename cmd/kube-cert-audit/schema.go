package main

import (
	"io"

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
	text func() []byte
}

func schemas() []schemaOf {
	config := func() []byte { return []byte(configSchemaText) }
	return []schemaOf{{"report", report.Schema}, {"forecast", report.ForecastSchema}, {"diff", report.DiffSchema},
		{"rules", rules.Schema}, {"config", config}}
}

func (p *process) schemaCommand() command {
	var kinds []string
	for _, s := range schemas() {
		kinds = append(kinds, s.kind)
	}
	return command{
		name:    "schema",
		title:   "print the JSON Schema of a kind of file",
		usage:   "schema KIND",
		help:    schemaHelp,
		maxArgs: 1,
		args:    values{words: kinds},
		run: func(out io.Writer, args []string) (int, error) {
			kind, err := oneArgument("schema", args, kinds)
			if err != nil {
				return exitNotAudited, err
			}
			for _, s := range schemas() {
				if s.kind == kind {
					_, err = out.Write(s.text())
				}
			}
			return exitOK, err
		},
	}
}
