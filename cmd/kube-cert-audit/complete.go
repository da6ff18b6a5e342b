package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"kube-cert-audit/rules"
)

// completeCommand is the command by which shells ask for what may stand in a place of
// the command line. Its name and what it prints are those of kubectl and of all that
// is built as kubectl is, so that kubectl can ask too.
const completeCommand = "__complete"

// completePrefix begins the name of the file that kubectl asks about a plugin.
const completePrefix = "kubectl_complete-"

// values are what may stand in a place of the command line.
type values struct {
	words   []string // the whole choice; what one is may follow it behind a tab
	files   bool     // or the path of any file
	folders bool     // or that of a folder
}

// directive is what the last line tells the shell, behind a colon.
func (v values) directive() int {
	switch {
	case v.files:
		return 0
	case v.folders:
		return 16
	}
	return 4 // no files
}

// completing returns the words to complete the last of, and whether a shell asks
// for that.
func (p *process) completing() (words []string, ok bool) {
	switch {
	case strings.HasPrefix(filepath.Base(p.name), completePrefix):
		words = p.args
	case len(p.args) > 0 && p.args[0] == completeCommand:
		words = p.args[1:]
	default:
		return nil, false
	}
	if len(words) == 0 {
		words = []string{""}
	}
	return words, true
}

// complete answers a shell.
func (p *process) complete(out io.Writer, words []string) {
	before, begun := words[:len(words)-1], words[len(words)-1]
	v := completions(p.commands(), before, begun)
	// Of a flag with its value in one word, shells complete the value.
	if _, value, ok := strings.Cut(begun, "="); ok && strings.HasPrefix(begun, "-") {
		begun = value
	}
	for _, word := range v.words {
		if strings.HasPrefix(word, begun) {
			fmt.Fprintln(out, word)
		}
	}
	fmt.Fprintf(out, ":%d\n", v.directive())
}

// completions returns what may stand behind the words before, where there is a
// beginning of it.
func completions(commands []command, before []string, begun string) values {
	if len(before) == 0 && !strings.HasPrefix(begun, "-") {
		return values{words: append(titles(commands), "help\tshow the flags of a command")}
	}
	if len(before) == 1 && before[0] == "help" {
		return values{words: titles(commands)}
	}
	name, rest := "audit", before
	if len(before) > 0 && !strings.HasPrefix(before[0], "-") {
		name, rest = before[0], before[1:]
	}
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == name })
	if i < 0 {
		return values{}
	}
	return commands[i].completions(rest, begun)
}

// titles returns the names of the commands, each with what it does.
func titles(commands []command) []string {
	var all []string
	for _, c := range commands {
		all = append(all, c.name+"\t"+c.title)
	}
	return all
}

// completions returns what may stand behind the words that follow the name of the
// command.
func (c command) completions(before []string, begun string) values {
	given := map[string]bool{}
	for len(before) > 0 && strings.HasPrefix(before[0], "-") {
		name, _, hasValue := strings.Cut(strings.TrimLeft(before[0], "-"), "=")
		f := c.flag(name)
		given[name] = true
		before = before[1:]
		switch {
		case f == nil || hasValue || !takesValue(f):
		case len(before) == 0:
			return valuesOf(f, begun)
		default:
			before = before[1:]
		}
	}
	switch {
	case len(before) == 0 && strings.HasPrefix(begun, "-"):
		name, value, hasValue := strings.Cut(strings.TrimLeft(begun, "-"), "=")
		if f := c.flag(name); f != nil && hasValue {
			return valuesOf(f, value)
		}
		return values{words: c.flagWords(given)}
	case len(before) < c.maxArgs:
		return c.args
	}
	return values{}
}

// flag returns the flag of a name, nil where the command has none.
func (c command) flag(name string) *cli.GenericFlag {
	for _, f := range c.flags {
		if g, ok := f.(*cli.GenericFlag); ok && g.Name == name {
			return g
		}
	}
	return nil
}

// flagWords returns the flags that may still be given, each with what it is for.
func (c command) flagWords(given map[string]bool) []string {
	words := []string{"--help\tshow help"}
	for _, f := range c.flags {
		g, ok := f.(*cli.GenericFlag)
		if ok && (!given[g.Name] || isRepeatable(g.Value)) {
			words = append(words, "--"+g.Name+"\t"+strings.ReplaceAll(g.Usage, "`", ""))
		}
	}
	return words
}

// takesValue reports whether the word behind a flag is its value.
func takesValue(f *cli.GenericFlag) bool {
	_, isToggle := f.Value.(*toggle)
	return !isToggle
}

// valuesOf returns the values of a flag that begin in a way: its type tells them, or
// else what its usage calls the value.
func valuesOf(f *cli.GenericFlag, begun string) values {
	switch v := f.Value.(type) {
	case *choice:
		return values{words: v.allowed}
	case *outputs:
		if strings.Contains(begun, "=") {
			return values{files: true}
		}
		return values{words: v.formats}
	case *idList:
		return values{words: furtherChecks(begun)}
	}
	return values{files: strings.Contains(f.Usage, "`FILE`"), folders: strings.Contains(f.Usage, "`DIR`")}
}

// furtherChecks returns the lists of checks that begin with those which stand before
// the last comma, with one more; none where there are no such checks.
func furtherChecks(begun string) []string {
	at := strings.LastIndex(begun, ",") + 1
	listed := strings.FieldsFunc(begun[:at], func(r rune) bool { return r == ',' })
	if _, err := rules.Select(rules.Checks(), listed, nil); err != nil {
		return nil
	}
	var all []string
	for _, c := range rules.Checks() {
		if !slices.Contains(listed, c.ID) {
			all = append(all, begun[:at]+c.ID+"\t"+c.Title)
		}
	}
	return all
}
