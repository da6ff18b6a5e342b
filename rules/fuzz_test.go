package rules

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kube-cert-audit/internal/display"
)

// unquoted takes one word of a shell apart, as POSIX and, for $'...', bash have it.
func unquoted(word string) string {
	var b strings.Builder
	if body, ok := strings.CutPrefix(word, "$'"); ok {
		body = strings.TrimSuffix(body, "'")
		for i := 0; i < len(body); i++ {
			switch {
			case body[i] == '\\' && body[i+1] == 'x':
				b.WriteByte(hex(body[i+2])<<4 | hex(body[i+3]))
				i += 3
			case body[i] == '\\':
				i++
				b.WriteByte(body[i])
			default:
				b.WriteByte(body[i])
			}
		}
		return b.String()
	}
	for len(word) > 0 {
		switch {
		case word[0] == '\'':
			text, rest, _ := strings.Cut(word[1:], "'")
			b.WriteString(text)
			word = rest
		case word[0] == '\\':
			b.WriteByte(word[1])
			word = word[2:]
		default:
			b.WriteByte(word[0])
			word = word[1:]
		}
	}
	return b.String()
}

func hex(digit byte) byte { return byte(strings.IndexByte("0123456789abcdef", digit)) }

// Whatever a name holds, it is one word of a shell, in one line of visible
// characters, and means that name.
func FuzzShellWord(f *testing.F) {
	for _, text := range []string{"", "/etc/kubernetes/pki/ca.crt", "a b", "it's", "$(reboot)", "x\nrm -rf /", "\x1b[2J", "\xff", `\x41'`, "é\u202e`", "-rf", "~"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		word := sh(text)
		if display.Text(word) != word {
			t.Errorf("%q has hidden characters", word)
		}
		if got := unquoted(word); got != text {
			t.Errorf("%q means %q, want %q", word, got, text)
		}
		if comment := remark(text); strings.ContainsAny(comment, "\n\r") {
			t.Errorf("a comment of several lines: %q", comment)
		}
	})
}

// A shell reads the words as the fuzz target does.
func TestShellReadsWords(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	for _, text := range []string{"/etc/x", "", "a b", "it's", "$(echo x)`echo y`", "x\ny", "\x1b[2J\a", "\xff\xfe", `\x41\n'"`, "é\u202e'", "-rf *", "~", "!!"} {
		out, err := exec.Command(bash, "-c", "printf %s "+sh(text)).Output()
		if err != nil || string(out) != text {
			t.Errorf("bash reads %s as %q, want %q (%v)", sh(text), out, text, err)
		}
	}
}

// Tables that are accepted are written as they are read.
func FuzzTables(f *testing.F) {
	f.Add(readFile(f, "requirements.yaml"))
	f.Add(readFile(f, "connections.yaml"))
	f.Add("requirements:\n- {name: x, type: Server, kinds: [server], parent: kubernetes-ca, path: {certificate: /x}}\n")
	f.Add("severities: {expired: warning, rotation: off}\n")
	f.Add("waivers: [{check: expired, path: /x, reason: y, expires: 2027-01-31}]\n")
	f.Add("waivers:\n- {check: weak-key, fingerprint: \"" + strings.Repeat("0a", 32) + "\", reason: \"off\", expires: \"2027-01-31\"}\n")
	f.Add("allow: {groups: [system:masters], commonNames: {etcd-ca: [x, \"<nodename>\"]}}\n")
	f.Add("requirements: [{name: a, name: b}]\n---\n")
	f.Add("a: &a [*a]\nrequirements: *a\n")
	f.Fuzz(func(t *testing.T, text string) {
		tables, err := Builtin().With("file", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "file: ") {
				t.Errorf("%v names no file", err)
			}
			return
		}
		written, err := tables.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Builtin().With("again", written)
		if err != nil {
			t.Fatalf("%v:\n%s", err, written)
		}
		if diff := cmp.Diff(tables, again, cmpopts.IgnoreUnexported(Tables{}), cmpopts.IgnoreFields(Waiver{}, "Source")); diff != "" {
			t.Errorf("(-read +read again):\n%s", diff)
		}
	})
}
