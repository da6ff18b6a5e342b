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
		args:    values{words: furtherChecks("")},
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
	if fault := unknownCheck(id); fault != "" {
		f := &failure{fault: fault, hints: []string{programName + " explain lists the checks"}}
		if near := nearest(id, checkIDs()); near != "" {
			f.hints = append([]string{programName + " explain " + near}, f.hints...)
		}
		return "", f
	}
	e, _ := rules.Explain(id)
	return fmt.Sprintf("# %s: %s\n\n%s\n", e.ID, e.Title, strings.TrimSpace(e.Text)), nil
}

// unknownCheck returns what is wrong with the id of a check: nothing, or that there
// is none.
func unknownCheck(id string) string {
	_, err := rules.Select(rules.Checks(), []string{id}, nil)
	if err == nil {
		return ""
	}
	if fault := err.Error(); strings.Contains(fault, "; did you mean ") {
		return fault // it knows ids of which a word is right
	}
	return err.Error() + didYouMean(id, checkIDs(), "")
}

func checkIDs() []string {
	var ids []string
	for _, c := range rules.Checks() {
		ids = append(ids, c.ID)
	}
	return ids
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
