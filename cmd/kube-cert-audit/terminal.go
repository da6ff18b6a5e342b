package main

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"

	"kube-cert-audit/report"
)

// The values of --color.
const (
	colorAuto   = "auto"
	colorAlways = "always"
	colorNever  = "never"
)

// place says what the place is like that standard output goes to.
func (p *process) place(color string) report.Options { return p.placeOf(p.stdout, color) }

// placeOf says what the place is like that w writes to.
func (p *process) placeOf(w io.Writer, color string) report.Options {
	columns, isTerminal := size(w)
	return report.Options{
		Width: width(columns, isTerminal, p.getenv),
		Color: colored(color, isTerminal, p.getenv),
	}
}

// size returns the columns of the terminal that w is, and whether it is one.
// They are 0 where a terminal does not tell.
func size(w io.Writer) (columns int, isTerminal bool) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, true
	}
	return columns, true
}

// width returns the columns to fit lines into, 0 for lines of any length.
// COLUMNS is for terminals alone: some shells export it to everything they run.
func width(columns int, isTerminal bool, getenv func(string) string) int {
	if !isTerminal {
		return 0
	}
	if n, err := strconv.Atoi(getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	return columns
}

// colored decides on colours; see https://no-color.org.
func colored(when string, isTerminal bool, getenv func(string) string) bool {
	switch when {
	case colorAlways:
		return true
	case colorNever:
		return false
	}
	return isTerminal && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}
