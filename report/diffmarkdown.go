package report

import (
	"fmt"
	"io"
	"strings"

	"kube-cert-audit/internal/diff"
	"kube-cert-audit/rules"
)

// writeDiffMarkdown writes what changed for pull requests and tickets.
func writeDiffMarkdown(w io.Writer, d *diff.Diff, _ Options) error {
	m, groups := new(markdown), changeGroups(d)
	m.add("## Certificates: " + diffVerdict(d, groups) + "\n")
	m.add("\nOf " + inline(diffTitle(d)) + "\n")
	for _, note := range d.Notes {
		m.add("\n**Note:** " + inline(note) + "\n")
	}
	for _, g := range groups {
		m.add("\n### " + strings.ToUpper(g.title[:1]) + g.title[1:] + "\n\n")
		for i := range g.changes {
			m.add(markdownChange(&g.changes[i]))
		}
	}
	if m.left > 0 {
		m.text.WriteString(fmt.Sprintf("\nLeft out for lack of room: %d more changes.\n", m.left))
	}
	_, err := io.WriteString(w, m.text.String())
	return err
}

// markdownChange returns the item of a change. No line of it begins with a text that
// others wrote.
func markdownChange(c *changeText) string {
	mark := ""
	if c.status != "" && c.status != rules.OK {
		mark = "**" + strings.ToUpper(string(c.status)) + "** "
	}
	text := strings.Join(append([]string{strings.TrimSpace(c.head + " " + c.where)}, c.rest...), "; ")
	return "- " + mark + inline(text) + "\n"
}
