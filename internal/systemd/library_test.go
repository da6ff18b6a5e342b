package systemd

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// question is a case for testdata/oracle.py.
type question struct {
	Kind        string   `json:"kind"`
	Text        string   `json:"text"`
	CEscapes    bool     `json:"cEscapes"`
	KeepUnknown bool     `json:"keepUnknown"`
	Relaxed     bool     `json:"relaxed"`
	Words       []string `json:"words"`
	Environment []string `json:"environment"`
}

func (q question) quoting() quoting {
	var flags quoting
	for flag, set := range map[quoting]bool{cEscapes: q.CEscapes, keepUnknown: q.KeepUnknown, relaxed: q.Relaxed} {
		if set {
			flags |= flag
		}
	}
	return flags
}

// answer is what this package makes of it; nil is an error.
func (q question) answer() []string {
	answer := []string{}
	switch q.Kind {
	case "split":
		for s := newSplitter(q.Text); !s.done(); {
			word, err := s.next(q.quoting())
			if err != nil {
				return nil
			}
			answer = append(answer, word)
		}
	case "environment":
		var e environment
		for v := range environmentFileVariables("", []byte(q.Text)) {
			e.set(v)
		}
		for _, v := range e.variables {
			answer = append(answer, v.Name+"="+v.Value)
		}
	case "expand":
		l := &loader{service: &Service{}, expansion: maxExpansion}
		for _, assignment := range q.Environment {
			name, value, _ := strings.Cut(assignment, "=")
			l.environment.set(Variable{Name: name, Value: value})
		}
		var words []Word
		for _, w := range q.Words {
			words = append(words, Word{Text: w})
		}
		for _, w := range l.expand(words) {
			answer = append(answer, w.Text)
		}
	}
	return answer
}

// questions are texts of pieces that mean something, put together at random.
func questions() []question {
	random := rand.New(rand.NewPCG(1, 2))
	text := func(pieces ...string) string {
		var b strings.Builder
		for range random.IntN(12) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		return b.String()
	}
	var all []question
	for i := range 1000 {
		all = append(all,
			question{
				Kind: "split", CEscapes: i&1 != 0, KeepUnknown: i&2 != 0, Relaxed: i&4 != 0,
				Text: text(" ", "\t", "a", "b", "'", `"`, `\`, `\\`, `\n`, `\x41`, `\x4`, `\u00e4`, `\u12`, `\101`, `\777`, `\000`, `\s`, `\U0001F600`, `\q`, "ä", ";"),
			},
			question{Kind: "environment", Text: "A=" + text(" ", "\t", "a", "'", `"`, `\`, "\n", "\n", "\nB=", "\nC =", "=", "$", "`", "\r", "ä") + "\n; x\nD='\\\n' \nE=\\"},
			question{
				Kind:        "expand",
				Words:       []string{text("$", "{", "}", "A", "B", ":", "-", "x"), "$B", "${A}" + text("$", "${A}", "${B", "x")},
				Environment: []string{"A=" + text(" ", "a", "'", `"`, `\`), "B=" + text(" ", "b", "'", `"`, `\`)},
			})
	}
	return all
}

// TestAgainstLibrary compares the parsers of words, environment files and variables
// with the functions of systemd 252, which its shared library lets one call; other
// versions give them other arguments.
func TestAgainstLibrary(t *testing.T) {
	libraries, err := filepath.Glob("/usr/lib/*/systemd/libsystemd-shared-252.so")
	if err != nil || len(libraries) == 0 {
		t.Skip("there is no library of systemd 252 to compare with")
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no Python to call systemd's functions with")
	}
	all := questions()
	var input bytes.Buffer
	for _, q := range all {
		if err := json.NewEncoder(&input).Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(python, "testdata/oracle.py", libraries[0])
	command.Stdin, command.Stderr = &input, os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := json.NewDecoder(bytes.NewReader(out))
	for _, q := range all {
		var want []string
		if err := answers.Decode(&want); errors.Is(err, io.EOF) {
			t.Fatal("answers are absent")
		} else if err != nil {
			t.Fatal(err)
		}
		got := q.answer()
		if q.Kind == "environment" {
			isVoid := func(s string) bool { name, _, _ := strings.Cut(s, "="); return !isVariableName(name) }
			want, got = slices.DeleteFunc(want, isVoid), slices.DeleteFunc(got, isVoid)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v (-systemd +got):\n%s", q, diff)
		}
	}
}
