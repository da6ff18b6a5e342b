package manifests

import (
	"fmt"
	"strings"
	"testing"
)

// laughs is a YAML text that a naive reader expands to 10^9 items.
func laughs() string {
	var b strings.Builder
	b.WriteString("l0: &l0 [--a, --a, --a, --a, --a, --a, --a, --a, --a, --a]\n")
	for i := 1; i < 10; i++ {
		item := fmt.Sprintf("*l%d", i-1)
		fmt.Fprintf(&b, "l%d: &l%d [%s]\n", i, i, strings.Join([]string{item, item, item, item, item, item, item, item, item, item}, ", "))
	}
	return b.String()
}

// nestedItems is the type that expands such a text.
type nestedItems struct {
	Items [][][][][][][][][][]scalar `yaml:"l9"`
}

func TestAliasesThatMultiplyAreRefused(t *testing.T) {
	doc, err := parseYAML([]byte(laughs()))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.decode(new(nestedItems)); err == nil || !strings.Contains(err.Error(), "excessive aliasing") {
		t.Errorf("got %v", err)
	}
}

func TestParseYAMLRefuses(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"deep flow", strings.Repeat("[", 50_000), "max depth"},
		{"deep block", strings.Repeat("- ", 50_000), "max depth"},
		{"many lines", strings.Repeat("a\n", maxMarks+1), "more than 400000 lines"},
		{"many aliases", "a: &a x\nb: [" + strings.Repeat("*a,", maxAliases+1) + "]", "more than 1000 aliases"},
		{"many keys", manyKeys(maxKeys + 1), "more than 1000 keys"},
		{"not YAML", "a: [b", "line 1"},
		{"NUL", "a: \x00", "control characters"},
		{"not UTF-8", "a: \xff", "UTF-8"},
		{"tab", "a:\n\tb: c", "line 2"},
		{"unknown anchor", "a: *s3cret", "unknown anchor"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseYAML([]byte(tt.data))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%v quotes the file", err)
			}
		})
	}
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: x\n", i)
	}
	return b.String()
}

func TestDecodeErrorsQuoteNothing(t *testing.T) {
	var out struct {
		Plain scalar            `yaml:"plain"`
		List  []scalar          `yaml:"list"`
		Map   map[string]scalar `yaml:"map"`
		Deep  [][][][][]scalar  `yaml:"deep"`
	}
	tests := []struct{ data, want string }{
		{"plain: [s3cret]", "line 1: a plain value is expected"},
		{"list: s3cret", "line 1: unexpected !!str"},
		{"\nmap: s3cret", "line 2: unexpected !!str"},
		{"list: !!int s3cret", "cannot decode !!str"},
		{"deep: &s3cret [*s3cret]", "anchor"},
	}
	for _, tt := range tests {
		doc, err := parseYAML([]byte(tt.data))
		if err == nil {
			err = doc.decode(&out)
		}
		if err == nil || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "manifests") {
			t.Errorf("%q gives %v", tt.data, err)
		} else if !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%q gives %v, want %q", tt.data, err, tt.want)
		}
	}
}

func TestGuardRecovers(t *testing.T) {
	err := guard(func() error { panic("s3cret") })
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
}

func TestDocuments(t *testing.T) {
	tests := []struct {
		name, data string
		kind       string
		isObject   bool
		extra      int
		repeated   int
	}{
		{"nothing", "", "", false, 0, 0},
		{"a comment", "# nothing\n", "", false, 0, 0},
		{"one", "kind: A\n", "A", true, 0, 0},
		{"one with a marker", "# comment\n---\nkind: A\n", "A", true, 0, 0},
		{"a marker at the end", "kind: A\n---\n", "A", true, 0, 0},
		{"two", "kind: A\n---\nkind: B\n", "A", true, 1, 0},
		{"two and a damaged one", "kind: A\n---\nkind: B\n---\n[\n", "A", true, 2, 0},
		{"the first is empty", "---\n---\nkind: B\n", "", false, 1, 0},
		{"a list", "- kind: A\n", "", false, 0, 0},
		{"a kind that is none", "kind: [A]\n", "", true, 0, 0},
		{"CRLF and a byte order mark", "\ufeffkind: A\r\n", "A", true, 0, 0},
		{"JSON with tabs", "{\n\t\"kind\":\t\"A\"\n}\n", "A", true, 0, 0},
		{"JSON with escapes", `{"kind": "A\/\\/"}`, `A/\/`, true, 0, 0},
		{"a key given again", "kind: A\na: 1\nkind: B\n", "B", true, 0, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := parseYAML([]byte(tt.data))
			if err != nil {
				t.Fatal(err)
			}
			if doc.kind() != tt.kind || doc.isObject() != tt.isObject || doc.extra != tt.extra || len(doc.repeated) != tt.repeated {
				t.Errorf("got kind %q, object %v, %d more, repeated %v", doc.kind(), doc.isObject(), doc.extra, doc.repeated)
			}
		})
	}
}

// Whatever YAML would make of a value, an argument is the text that was written,
// and nothing is constructed from a tag.
func TestScalarsKeepTheirText(t *testing.T) {
	for written, want := range map[string]string{
		"no": "no", "0x10": "0x10", "1_000": "1_000", "1.0": "1.0", "2026-01-01": "2026-01-01", "~": "", "'007'": "007",
		"!!binary aGk=": "aGk=", "!!python/object/apply:os.system touch": "touch", "!x y": "y",
	} {
		m := parseManifest("/m/x", []byte(podYAML("a", "etcd", "--name", written)))
		if len(m.components) != 1 || len(m.components[0].Arguments) != 1 || m.components[0].Arguments[0].Value != want {
			t.Errorf("%s: %+v %+v", written, m.components, m.unreadable)
		}
	}
}
