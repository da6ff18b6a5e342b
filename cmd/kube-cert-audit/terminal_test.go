package main

import (
	"bytes"
	"os"
	"testing"
)

func getenv(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func TestColored(t *testing.T) {
	tests := []struct {
		when       string
		isTerminal bool
		variables  map[string]string
		want       bool
	}{
		{colorAuto, true, nil, true},
		{colorAuto, false, nil, false},
		{colorAuto, true, map[string]string{"TERM": "xterm"}, true},
		{colorAuto, true, map[string]string{"TERM": "dumb"}, false},
		{colorAuto, true, map[string]string{"NO_COLOR": "1"}, false},
		{colorAuto, true, map[string]string{"NO_COLOR": "0"}, false}, // any value counts
		{colorAlways, false, map[string]string{"NO_COLOR": "1", "TERM": "dumb"}, true},
		{colorNever, true, nil, false},
	}
	for _, tt := range tests {
		if got := colored(tt.when, tt.isTerminal, getenv(tt.variables)); got != tt.want {
			t.Errorf("colored(%s, %v, %v) = %v", tt.when, tt.isTerminal, tt.variables, got)
		}
	}
}

func TestWidth(t *testing.T) {
	tests := []struct {
		columns    int
		isTerminal bool
		variable   string
		want       int
	}{
		{80, true, "", 80},
		{80, true, "132", 132},
		{80, true, "0", 80},
		{80, true, "-5", 80},
		{80, true, "wide", 80},
		{0, true, "", 0}, // a terminal that does not tell, such as a serial line
		{0, true, "100", 100},
		{0, false, "100", 0},
	}
	for _, tt := range tests {
		got := width(tt.columns, tt.isTerminal, getenv(map[string]string{"COLUMNS": tt.variable}))
		if got != tt.want {
			t.Errorf("width(%d, %v, COLUMNS=%s) = %d, want %d", tt.columns, tt.isTerminal, tt.variable, got, tt.want)
		}
	}
}

func TestSizeOfWhatIsNoTerminal(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if columns, isTerminal := size(file); columns != 0 || isTerminal {
		t.Errorf("a file has %d columns, terminal %v", columns, isTerminal)
	}
	if columns, isTerminal := size(new(bytes.Buffer)); columns != 0 || isTerminal {
		t.Errorf("a buffer has %d columns, terminal %v", columns, isTerminal)
	}
}
