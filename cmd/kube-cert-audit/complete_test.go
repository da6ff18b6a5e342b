package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/rules"
)

// completed returns what a shell is told for some words: those that may end the
// line, and the directive.
func completed(words ...string) (ends []string, directive string) {
	var out strings.Builder
	(&process{name: programName, now: now()}).complete(&out, words)
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	for _, line := range lines[:len(lines)-1] {
		word, _, _ := strings.Cut(line, "\t")
		ends = append(ends, word)
	}
	return ends, lines[len(lines)-1]
}

func TestComplete(t *testing.T) {
	const noFiles, files, folders = ":4", ":0", ":16"
	tests := []struct {
		line      string // parted by blanks
		want      string
		directive string
	}{
		{"a", "audit", noFiles},
		{"h", "help", noFiles},
		{"help a", "audit", noFiles},
		{"help audit a", "", noFiles},
		{"frobnicate ", "", noFiles},
		{"audit ", "", noFiles},
		{"--root", "--root", noFiles},
		{"--root=/x --orphans --node", "--node-name", noFiles},
		{"--root ", "", folders},
		{"--root=", "", folders},
		{"-root ", "", folders}, // as package flag takes it
		{"--rules ", "", files},
		{"--node-name ", "", noFiles},
		{"--node-name --at --ro", "--root", noFiles}, // a value that looks like a flag
		{"--orphans --root /x --fail-on n", "never", noFiles},
		{"--fail-on=n", "never", noFiles},
		{"--fail-on x --fail", "", noFiles}, // it is given
		{"--output x --out", "--output", noFiles},
		{"--output json=", "", files},
		{"--output=json=x", "", files},
		{"--output jso", "json", noFiles},
		{"--skip expired,expired", "", noFiles},
		{"--skip expired,expires", "expired,expires-soon", noFiles},
		{"--skip frobnicate,exp", "", noFiles},
		{"--skip \x1b[2J,exp", "", noFiles}, // what is not ours is not said again
		{"--frobnicate x", "", noFiles},
		{"rules --output ", "table yaml", noFiles},
		{"explain expires", "expires-soon", noFiles},
		{"explain expired ", "", noFiles},
		{"inspect ", "", files},
		{"inspect x y ", "", files},
		{"inspect x --at", "", files}, // flags go before
		{"completion ", "bash zsh fish", noFiles},
	}
	for _, tt := range tests {
		got, directive := completed(strings.Split(tt.line, " ")...)
		if strings.Join(got, " ") != tt.want || directive != tt.directive {
			t.Errorf("%q: %q %s, want %q %s", tt.line, got, directive, tt.want, tt.directive)
		}
	}
}

// Whatever has few values tells them.
func TestCompleteKnowsClosedSets(t *testing.T) {
	for _, c := range (&process{now: now()}).commands() {
		if c.maxArgs > 0 && len(c.args.words) == 0 && !c.args.files {
			t.Errorf("%s does not tell what its arguments may be", c.name)
		}
		for _, f := range c.flags {
			name := f.Names()[0]
			got, _ := completed(c.name, "--"+name, "")
			var want []string
			switch v := c.flag(name).Value.(type) {
			case *choice:
				want = v.allowed
			case *outputs:
				want = v.formats
			case *idList:
				for _, c := range rules.Checks() {
					want = append(want, c.ID)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s --%s (-want +got):\n%s", c.name, name, diff)
			}
			if v, isOutput := c.flag(name).Value.(*outputs); isOutput && len(v.formats) == 0 {
				t.Errorf("%s --%s has no formats", c.name, name)
			}
		}
	}
}

func TestCalled(t *testing.T) {
	for name, want := range map[string]string{
		"":                                  programName,
		"kube-cert-audit":                   programName,
		"./kube-cert-audit-v1":              programName,
		"kubectl":                           programName,
		"kubectl-cert_audit":                "kubectl cert-audit",
		"/usr/local/bin/kubectl-cert_audit": "kubectl cert-audit",
		"kubectl-cert-audit":                "kubectl cert audit", // so kubectl finds it
		"kubectl-x\x1b[2J":                  `kubectl x\x1b[2J`,
	} {
		p := &process{name: name}
		if got := p.called(); got != want {
			t.Errorf("%q is called as %q, want %q", name, got, want)
		}
		if words := p.again(); want != programName && !slices.Equal(words, strings.Fields(want)) {
			t.Errorf("%q is called again as %q", name, words)
		}
	}
}
