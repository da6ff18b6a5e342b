package main

import (
	"strings"
	"testing"

	"kube-cert-audit/internal/display"
)

// Spans that are accepted are printed in a form that means the same; instants lie
// where they say.
func FuzzSpan(f *testing.F) {
	for _, text := range []string{"30d", "1w", "12h", "1d12h", "0s", "1.5h", "292y", "-1h", "99999999999w", "+90d", "2027-06-01", "2027-06-01T00:00:00+14:00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var s, again span
		if s.Set(text) == nil {
			if s.duration() < 0 {
				t.Errorf("%q is negative", text)
			}
			if err := again.Set(s.String()); err != nil || again != s {
				t.Errorf("%q is printed as %q, which means %v (%v)", text, s.String(), again, err)
			}
		}
		at, err := parseAt(text, now())
		switch {
		case err != nil:
			if strings.Contains(display.Text(err.Error()), "\n") {
				t.Errorf("%q: %v", text, err)
			}
		case strings.HasPrefix(text, "+") && at.Before(now()):
			t.Errorf("%q is %v", text, at)
		}
	})
}

// Whatever the arguments, the program ends with one of its codes, shows nothing
// hidden, and says what is wrong where it does nothing.
func FuzzArguments(f *testing.F) {
	for _, text := range []string{
		"", "audit", "--help", "help\naudit", "audit\n--root\n/nonexistent", "rules\n--output\nyaml", "explain\nexpired", "version", "-v", "--",
		"audit\n--check=expired\n--at\n+1d\n--root=/nonexistent", "frobnicate", "\x1b", "explain\n\u202e",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		args := strings.Split(text, "\n")
		for _, arg := range args {
			if strings.ContainsAny(arg, "/=.") || arg == "demo" || arg == "inspect" {
				t.Skip("it may write, or read what is anywhere")
			}
		}
		var stdout, stderr strings.Builder
		root := getenv(map[string]string{"KUBE_CERT_AUDIT_ROOT": "/nonexistent"})
		p := process{name: programName, args: args, getenv: root, stdout: &stdout, stderr: &stderr, now: now()}
		code := p.run()
		if code < exitOK || code > exitNotAudited || code == exitNotAudited && stderr.Len() == 0 {
			t.Errorf("%q: exit code %d, %q", args, code, stderr.String())
		}
		if all := stdout.String() + stderr.String(); display.Lines(all) != all {
			t.Errorf("%q: hidden characters: %q", args, all)
		}
	})
}
