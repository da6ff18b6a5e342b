package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"kube-cert-audit/report"
)

// The types of this file and of at.go are the values of flags: each is checked
// as it is set, so that nothing is begun with a flag that makes no sense. Their
// errors name the value, not the flag.

// option returns a flag. In its usage, the name of its value stands in
// backquotes.
func option(name, usage string, value cli.Generic) cli.Flag {
	return &cli.GenericFlag{Name: name, Usage: usage, Value: value}
}

// text is a text that is not empty: the value of an unset shell variable must
// not pass for a wish.
type text string

func (t *text) Set(s string) error {
	if s == "" {
		return errors.New("the value is empty")
	}
	*t = text(s)
	return nil
}

func (t *text) String() string { return string(*t) }

// toggle is a flag that may stand without a value.
type toggle bool

func (t *toggle) Set(s string) error {
	value, err := strconv.ParseBool(s)
	if err != nil {
		return fmt.Errorf("%q is neither true nor false", s)
	}
	*t = toggle(value)
	return nil
}

func (t *toggle) String() string { return strconv.FormatBool(bool(*t)) }

// IsBoolFlag tells the package flag that the flag needs no value.
func (t *toggle) IsBoolFlag() bool { return true }

// pathList are the values of a flag that may be given several times.
type pathList []string

func (p *pathList) Set(s string) error {
	if s == "" {
		return errors.New("the value is empty")
	}
	*p = append(*p, s)
	return nil
}

func (p *pathList) String() string { return strings.Join(*p, " ") }

// idList is a list of checks with commas, which may be given several times.
type idList []string

func (n *idList) Set(s string) error {
	var ids []string
	for id := range strings.SplitSeq(s, ",") {
		if id = strings.TrimSpace(id); id != "" {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return fmt.Errorf("%q names nothing", s)
	}
	for _, id := range ids {
		if fault := unknownCheck(id); fault != "" {
			return errors.New(fault)
		}
	}
	*n = append(*n, ids...)
	return nil
}

func (n *idList) String() string { return strings.Join(*n, ",") }

// choice is one of a few words.
type choice struct {
	value   string
	allowed []string
}

func (c *choice) Set(s string) error {
	if !slices.Contains(c.allowed, s) {
		return fmt.Errorf("%q is none of %s%s", s, strings.Join(c.allowed, ", "), didYouMean(s, c.allowed, ""))
	}
	c.value = s
	return nil
}

func (c *choice) String() string { return c.value }

// oneOf returns a choice of which the first word is the default.
func oneOf(allowed ...string) choice { return choice{allowed[0], allowed} }

// formatNames returns the names of formats, for a text that has a word before them: in
// lines that fit a screen.
func formatNames[T any](formats []report.FormatOf[T]) string {
	const width = 70
	text, used := "", 0
	for i, f := range formats {
		switch {
		case i == 0:
		case used+len(f.Name) > width:
			text, used = text+",\n  ", 0
		default:
			text += ", "
		}
		text += f.Name
		used += len(f.Name) + len(", ")
	}
	return text
}
