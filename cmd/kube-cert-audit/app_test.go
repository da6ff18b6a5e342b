package main

import (
	_ "embed"
	"errors"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

//go:embed doc.go
var manual string

// TestManual holds the manual page to the flags and codes that there are.
func TestManual(t *testing.T) {
	p := &process{now: now()}
	for _, c := range p.commands() {
		if call := programName + " " + strings.Fields(c.usage)[0]; !strings.Contains(manual, "\t"+call+" ") && !strings.Contains(manual, "\t"+call+"\n") {
			t.Errorf("doc.go does not show how to call %s", call)
		}
		for _, name := range flagNames(c.flags) {
			if !strings.Contains(manual, "--"+name+" ") && !strings.Contains(manual, "\t--"+name+"\n") {
				t.Errorf("doc.go does not describe %s --%s", c.name, name)
			}
		}
	}
}

// TestHelpFitsAScreen: each help text has examples and no line of more than 80 columns.
// It has no more than 24 lines, or 40 where there are many flags.
func TestHelpFitsAScreen(t *testing.T) {
	const columns, lines, linesOfMany, many = 80, 24, 40, 10
	for _, name := range []string{programName, "kubectl-cert_audit"} {
		p := &process{name: name, now: now()}
		check := func(args []string, most int) string {
			var out strings.Builder
			p := process{name: name, args: args, getenv: getenv(nil), stdout: &out, stderr: io.Discard, now: now()}
			if code := p.run(); code != exitOK {
				t.Errorf("%s %q: exit code %d", name, args, code)
			}
			text := out.String()
			if n := strings.Count(text, "\n"); n > most {
				t.Errorf("%s %q: %d lines, %d at most", name, args, n, most)
			}
			for line := range strings.Lines(text) {
				if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > columns {
					t.Errorf("%s %q: %d columns: %s", name, args, n, line)
				}
			}
			return text
		}
		check([]string{"--help"}, lines)
		for _, c := range p.commands() {
			most := lines
			if len(c.flags) > many {
				most = linesOfMany
			}
			if text := check([]string{c.name, "--help"}, most); !strings.Contains(text, "\nExamples:\n  ") {
				t.Errorf("%s has no examples", c.name)
			}
		}
	}
}

func TestNormalize(t *testing.T) {
	tests := []struct{ args, want string }{
		{"", "audit"},
		{"--root X", "audit --root X"},
		{"-root=X", "audit -root=X"},
		{"--", "audit --"},
		{"audit --root X", "audit --root X"},
		{"rules", "rules"},
		{"unknown", "unknown"},
		{"--help", "--help"},
		{"--root X --help", "audit --root X --help"},
		{"help", "--help"},
		{"help rules", "rules --help"},
		{"--version", "version"},
		{"-v", "version"},
	}
	for _, tt := range tests {
		if got := strings.Join(normalize(strings.Fields(tt.args)), " "); got != tt.want {
			t.Errorf("normalize(%s) = %s, want %s", tt.args, got, tt.want)
		}
	}
}

func TestVersionText(t *testing.T) {
	info := &debug.BuildInfo{
		Main: debug.Module{Version: "v1.2.3"},
		Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "abc"},
			{Key: "vcs.modified", Value: "true"},
		},
	}
	tests := []struct {
		version, commit string
		info            *debug.BuildInfo
		want            []string // parts
	}{
		{"v2", "def", new(debug.BuildInfo), []string{"kube-cert-audit v2\n", "\ncommit def\n"}},
		{"", "", info, []string{"kube-cert-audit v1.2.3\n", "\ncommit abc, with changes\n"}},
		{"", "", new(debug.BuildInfo), []string{"kube-cert-audit (devel)\n"}},
	}
	for _, tt := range tests {
		got := versionText(tt.version, tt.commit, tt.info)
		for _, part := range tt.want {
			if !strings.Contains(got, part) {
				t.Errorf("version %q, commit %q: %q lacks %q", tt.version, tt.commit, got, part)
			}
		}
	}
}

// failingWriter fails after some bytes.
type failingWriter struct{ room int }

func (w *failingWriter) Write(b []byte) (int, error) {
	if len(b) > w.room {
		return 0, errors.New("no room")
	}
	w.room -= len(b)
	return len(b), nil
}

func TestLostOutputIsAFailure(t *testing.T) {
	for _, args := range []string{"rules", "explain", "explain expired", "version", "audit --help", "--help"} {
		var stderr strings.Builder
		p := process{args: strings.Fields(args), getenv: getenv(nil), stdout: &failingWriter{room: 10}, stderr: &stderr, now: now()}
		if code := p.run(); code != exitNotAudited || stderr.String() != "kube-cert-audit: the output is incomplete: no room\n" {
			t.Errorf("%s: exit code %d, %q", args, code, stderr.String())
		}
	}
}

// faultyWriter stands for a fault of this program.
type faultyWriter struct{}

func (faultyWriter) Write([]byte) (int, error) { panic("a fault\x1b") }

// Go would end the program with the code that stands for findings of errors.
func TestPanicIsNoFinding(t *testing.T) {
	var stderr strings.Builder
	p := process{args: []string{"demo"}, getenv: getenv(nil), stdout: faultyWriter{}, stderr: &stderr, now: now()}
	code := p.run()
	text := stderr.String()
	for _, want := range []string{"kube-cert-audit: a fault of this program ended it: a fault\\x1b\n", "app_test.go", "hint: report these lines"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in %s", want, text)
		}
	}
	if code != exitNotAudited {
		t.Errorf("exit code %d", code)
	}
}

func TestRunsDoNotShareState(t *testing.T) {
	for range 2 {
		p := process{args: []string{"audit", "--check", "expired"}, getenv: getenv(map[string]string{"KUBE_CERT_AUDIT_ROOT": t.TempDir()}),
			stdout: io.Discard, stderr: io.Discard, now: now()}
		f := p.newAuditFlags()
		if code := p.run(); code != exitNotAudited || len(f.check) != 0 {
			t.Errorf("exit code %d, checks %q", code, f.check)
		}
	}
}

func TestNearest(t *testing.T) {
	candidates := []string{"audit", "rules", "explain", "demo", "version"}
	for word, want := range map[string]string{
		"aduit": "audit", "rule": "rules", "EXPLAIN": "explain", "vresion": "version",
		"": "", "x": "", "certificates": "", "node": "",
	} {
		if got := nearest(word, candidates); got != want {
			t.Errorf("nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestListing(t *testing.T) {
	l := &listing{titles: []string{"NAME", "ITEMS", "PROSE"}}
	l.add([]string{"one"}, []string{"a", "b"}, []string{"some words that take their room"})
	l.add([]string{"two\x1b"}, nil, nil)
	tests := []struct {
		width int
		want  []string
	}{
		{0, []string{
			"NAME     ITEMS  PROSE",
			"one      a, b   some words that take their room",
			`two\x1b  -      -`,
		}},
		{80, []string{
			"NAME     ITEMS  PROSE",
			"one      a      some words that take their room",
			"         b",
			`two\x1b  -      -`,
		}},
		{40, []string{
			"NAME     ITEMS  PROSE",
			"one      a      some words that take",
			"         b      their room",
			`two\x1b  -      -`,
		}},
		{30, []string{
			"one",
			"  ITEMS  a, b",
			"  PROSE  some words that take",
			"         their room",
			"",
			`two\x1b`,
		}},
	}
	for _, tt := range tests {
		got := strings.Split(strings.TrimSuffix(l.text(tt.width), "\n"), "\n")
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("width %d (-want +got):\n%s", tt.width, diff)
		}
	}
}

func TestShellCommand(t *testing.T) {
	got := shellCommand([]string{"a", "", "b c", "d'e", "--x=+90d", "$HOME", "é"})
	if want := `a '' 'b c' 'd'\''e' --x=+90d '$HOME' 'é'`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if words := []string{"x"}; shellCommand(words) != "x" || !slices.Equal(words, []string{"x"}) {
		t.Error("the words were changed")
	}
}
