package manifests

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitWords(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"", nil},
		{"  ", nil},
		{"--a --b=c", []string{"--a", "--b=c"}},
		{`--a="b c" '--d=e f'`, []string{"--a=b c", "--d=e f"}},
		{`a\ b \"c\"`, []string{"a b", `"c"`}},
		{`'a\b'`, []string{`a\b`}},
		{`"" x`, []string{"", "x"}},
		{`"unclosed x`, []string{"unclosed x"}},
		{"a\tb", []string{"a", "b"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, splitWords(tt.text, " \t")); diff != "" {
			t.Errorf("splitWords(%q) (-want +got):\n%s", tt.text, diff)
		}
	}
}

func TestParseKubeletFlags(t *testing.T) {
	tests := []struct {
		name, data string
		want       []brief
	}{
		{"quoted", `A="--node-ip=10.0.0.1 --v=2"`, []brief{{"node-ip", "10.0.0.1", 1}}},
		{"unquoted", "A=--node-ip=10.0.0.1 --cert-dir=/x", []brief{{"node-ip", "10.0.0.1", 1}, {"cert-dir", "/x", 1}}},
		{"single quotes", "A='--cert-dir=/x'", []brief{{"cert-dir", "/x", 1}}},
		{"quotes within quotes", `A="--cert-dir=\"/x y\""`, []brief{{"cert-dir", "/x y", 1}}},
		{"comments and others", "# A=--cert-dir=/no\n; x\n\nB=--cert-dir=/no\nA=--cert-dir=/x\r\n", []brief{{"cert-dir", "/x", 5}}},
		{"continued", "\nA=\"--cert-dir=/x \\\n --node-ip=1.1.1.1\"", []brief{{"cert-dir", "/x", 2}, {"node-ip", "1.1.1.1", 2}}},
		{"continued to the end", `A=--cert-dir=/x\`, []brief{{"cert-dir", "/x", 1}}},
		{"the last one wins", "A=--cert-dir=/x\nA=--node-ip=1.1.1.1", []brief{{"node-ip", "1.1.1.1", 2}}},
		{"no assignment", "nothing", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, briefly(parseKubeletFlags("/f", "A", []byte(tt.data)))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
