package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"kube-cert-audit/rules"
)

const explainHelp = `
Examples:
  kube-cert-audit explain                            all checks
  kube-cert-audit explain san-missing                one of them
  kube-cert-audit explain --layout k3s san-missing   as it is mended on k3s
`

const explainNotes = `
Without --layout, what mends it is what kubeadm does.
`

func (p *process) explainCommand() command {
	layout := p.newAuditFlags().layout
	return command{
		name:    "explain",
		title:   "tell what a check finds, why, and what mends it",
		usage:   "explain [--layout NAME] [CHECK]",
		help:    explainHelp,
		notes:   explainNotes,
		flags:   []cli.Flag{option("layout", "show the commands of layout `NAME`", &layout)},
		maxArgs: 1,
		args:    values{words: furtherChecks("")},
		run: func(out io.Writer, args []string) (int, error) {
			text := checkList(rules.Checks(), p.place(colorNever).Width)
			if len(args) > 0 {
				var err error
				if text, err = explanation(args[0], layout.value); err != nil {
					return exitNotAudited, err
				}
			}
			_, err := io.WriteString(out, p.asCalled(text))
			return exitOK, err
		},
	}
}

// explanation returns the explanation of a check, in Markdown, with what mends it on a
// layout.
func explanation(id, layout string) (string, error) {
	if fault := unknownCheck(id); fault != "" {
		f := &failure{fault: fault, hints: []string{programName + " explain lists the checks"}}
		if near := nearest(id, checkIDs()); near != "" {
			f.hints = append([]string{programName + " explain " + near}, f.hints...)
		}
		return "", f
	}
	e, _ := rules.Explain(id)
	text := e.On(layout)
	if layout == layoutAuto && len(e.Ways) > 0 {
		others := fmt.Sprintf("Other layouts: %s explain --layout NAME %s, where NAME is\n%s.\n\n",
			programName, id, strings.Join(rules.Layouts(), ", "))
		text = strings.Replace(text, "**Sources**", others+"**Sources**", 1)
	}
	return fmt.Sprintf("# %s: %s\n\n%s\n", e.ID, e.Title, strings.TrimSpace(text)), nil
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
