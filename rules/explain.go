package rules

import (
	_ "embed"
	"slices"
	"strings"
)

//go:embed explain.md
var explanationsText string

// Explanation is what `explain` prints about a check.
type Explanation struct {
	ID    string
	Title string
	Text  string   // the Markdown below the heading
	Ways  []string // of mending, for which layouts have commands in the place of kubeadm's
}

// otherLayouts begins the line with the ways of mending.
const otherLayouts = "\nOther layouts: "

// Explanations returns all explanations, in the order of the checks. The file
// is part of the program: a test holds it to its form.
func Explanations() []Explanation {
	var all []Explanation
	sections := strings.Split(explanationsText, "\n## ")
	for _, section := range sections[1:] { // what comes first is the preface
		heading, text, _ := strings.Cut(section, "\n")
		id, title, _ := strings.Cut(heading, ": ")
		e := Explanation{ID: id, Title: title, Text: strings.TrimSpace(text) + "\n"}
		if before, rest, ok := strings.Cut(e.Text, otherLayouts); ok {
			line, after, _ := strings.Cut(rest, "\n")
			e.Text, e.Ways = before+after, strings.Split(line, ", ")
		}
		all = append(all, e)
	}
	return all
}

// Explain returns the explanation of one check, and whether there is one.
func Explain(id string) (Explanation, bool) {
	all := Explanations()
	i := slices.IndexFunc(all, func(e Explanation) bool { return e.ID == id })
	if i < 0 {
		return Explanation{}, false
	}
	return all[i], true
}
