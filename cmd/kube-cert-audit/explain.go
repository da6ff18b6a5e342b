package main

import (
	"fmt"
	"io"
	"strings"

	"kube-cert-audit/rules"
)

const explainHelp = `
Examples:
  kube-cert-audit explain              all checks
  kube-cert-audit explain san-missing  one of them, with its background
`

func (p *process) explainCommand() command {
	return command{
		name:    "explain",
		title:   "tell what a check finds, why, and what mends it",
		usage:   "explain [CHECK]",
		help:    explainHelp,
		maxArgs: 1,
		run: func(out io.Writer, args []string) (int, error) {
			text := checkList(rules.Checks(), p.place(colorNever).Width)
			if len(args) > 0 {
				var err error
				if text, err = explanation(args[0]); err != nil {
					return exitNotAudited, err
				}
			}
			_, err := io.WriteString(out, text)
			return exitOK, err
		},
	}
}

// explanation returns the explanation of a check, in Markdown.
func explanation(id string) (string, error) {
	e, ok := rules.Explain(id)
	if !ok {
		return "", unknownCheck(id)
	}
	return fmt.Sprintf("# %s: %s\n\n%s\n", e.ID, e.Title, strings.TrimSpace(e.Text)), nil
}

func unknownCheck(id string) error {
	_, err := rules.Select(rules.Checks(), []string{id}, nil) // it knows ids of which a word is right
	if err == nil {
		err = fmt.Errorf("the check %q has no explanation", id)
	}
	f := &failure{fault: err.Error(), hints: []string{programName + " explain lists the checks"}}
	var ids []string
	for _, c := range rules.Checks() {
		ids = append(ids, c.ID)
	}
	if near := nearest(id, ids); near != "" {
		f.hints = append([]string{programName + " explain " + near}, f.hints...)
	}
	return f
}

// checkList returns all checks as a table.
func checkList(checks []rules.Check, width int) string {
	l := listing{titles: []string{"CHECK", "JUDGES", "SEVERITY", "FINDS"}}
	for _, c := range checks {
		var severities []string
		for _, s := range c.Severities {
			severities = append(severities, s.String())
		}
		l.add([]string{c.ID}, strings.Split(c.Judges, ", "), severities, []string{c.Title})
	}
	return l.text(width)
}
