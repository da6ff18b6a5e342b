package display

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want string
	}{
		{"empty", "", ""},
		{"printable ASCII", ` system:node:cp-1 "O=x"/CN=<y>&'z'~`, ` system:node:cp-1 "O=x"/CN=<y>&'z'~`},
		{"backslash", `C:\new \x1b \\`, `C:\new \x1b \\`},
		{"letters of the world", "Ünï 証明書 удостоверение شهادة é🔑", "Ünï 証明書 удостоверение شهادة é🔑"},
		{"replacement character itself", "a\ufffdb", "a\ufffdb"},
		{"line breaks and tab", "a\nb\r\nc\td", `a\nb\r\nc\td`},
		{"other C0", "\x00\x07\x08\x0b\x1b[2J\x1f", `\x00\x07\x08\x0b\x1b[2J\x1f`},
		{"DEL", "a\x7fb", `a\x7fb`},
		{"C1", "a\u0080\u0085\u009bb", `a\u0080\u0085\u009bb`},
		{"bidi marks", "\u061c\u200e\u200f", `\u061c\u200e\u200f`},
		{"bidi embeddings", "\u202a\u202b\u202c\u202d\u202e", `\u202a\u202b\u202c\u202d\u202e`},
		{"bidi isolates", "\u2066\u2067\u2068\u2069", `\u2066\u2067\u2068\u2069`},
		{"zero width", "a\u200b\u200c\u200db", `a\u200b\u200c\u200db`},
		{"invisible operators", "\u2060\u2061\u2062\u2063\u2064\u2065", `\u2060\u2061\u2062\u2063\u2064\u2065`},
		{"byte order mark", "\ufeffca.crt", `\ufeffca.crt`},
		{"soft hyphen", "kube\u00adapi", `kube\u00adapi`},
		{"other format characters", "\u0600\u180e\ufff9\U000110bd", `\u0600\u180e\ufff9\U000110bd`},
		{"separators", "a\u2028b\u2029c", `a\u2028b\u2029c`},
		{"spaces other than U+0020", "a b\u00a0c\u2003d\u3000e", `a b\u00a0c\u2003d\u3000e`},
		{"tags", "a\U000e0041\U000e007fb", `a\U000e0041\U000e007fb`},
		{"variation selectors", "a\ufe0f\U000e0100", `a\ufe0f\U000e0100`},
		{"fillers and joiners without a look", "\u034f\u115f\u1160\u3164\uffa0\u17b4", `\u034f\u115f\u1160\u3164\uffa0\u17b4`},
		{"braille blank", "a\u2800b", `a\u2800b`},
		{"noncharacters", "\ufdd0\ufffe\uffff\U0001ffff\U0010ffff", `\ufdd0\ufffe\uffff\U0001ffff\U0010ffff`},
		{"private use", "\ue000\U000f0000", `\ue000\U000f0000`},
		{"invalid bytes", "a\xff\xfeb\xc3", `a\xff\xfeb\xc3`},
		{"surrogate written as UTF-8", "\xed\xa0\x80", `\xed\xa0\x80`},
		{"overlong", "\xc0\xaf", `\xc0\xaf`},
		{"lone C1 byte", "\x9b31m", `\x9b31m`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Text(tt.in); got != tt.want {
				t.Errorf("Text(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestLines(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"one\ntwo\n", "one\ntwo\n"},
		{"one\r\ntwo\t\x1b[0m\n", `one\r` + "\n" + `two\t\x1b[0m` + "\n"},
		{"one\u2028two\u0085three\vfour", `one\u2028two\u0085three\x0bfour`},
		{"\xff\n", `\xff` + "\n"},
	}
	for _, tt := range tests {
		if got := Lines(tt.in); got != tt.want {
			t.Errorf("Lines(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestTextKeepsHarmlessTextWithoutAllocation(t *testing.T) {
	for _, s := range []string{"/etc/kubernetes/pki/apiserver.crt", "証明書 Ünï"} {
		if got := testing.AllocsPerRun(100, func() { _ = Text(s) }); got != 0 {
			t.Errorf("Text(%q) allocates %v times, want 0", s, got)
		}
	}
}

// TestTextEveryRune states the rule over all of Unicode, in terms of the
// dangerous classes rather than of the code.
func TestTextEveryRune(t *testing.T) {
	for r := range unicode.MaxRune + 1 {
		if utf8.ValidRune(r) && isShown(r, false) && mustEscape(r) {
			t.Errorf("Text(%q) = %q, want an escape", string(r), Text(string(r)))
		}
	}
}

// mustEscape reports whether r is of a class that must never be shown raw.
func mustEscape(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Cs,
		unicode.Bidi_Control, unicode.Noncharacter_Code_Point, unicode.Variation_Selector,
		unicode.Other_Default_Ignorable_Code_Point)
}

// FuzzText: whatever comes in, one line of valid UTF-8 without any rune of the
// dangerous classes comes out; doing it twice changes nothing; printable ASCII
// is left alone; and Lines is Text applied line by line.
func FuzzText(f *testing.F) {
	for _, s := range []string{
		"", "plain", "a\nb", "\x1b]52;c;Zm9v\a", "\xff\xfe", "\u202egpj.exe", `\x1b`, "a\u200b\U000e0041", "\xed\xa0\x80",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, mustEscape) {
			t.Errorf("Text(%q) = %q has something to hide", s, got)
		}
		if again := Text(got); again != got {
			t.Errorf("Text(Text(%q)) = %q, want %q", s, again, got)
		}
		if !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) && got != s {
			t.Errorf("Text(%q) = %q, want it unchanged", s, got)
		}
		lines := strings.Split(s, "\n")
		for i := range lines {
			lines[i] = Text(lines[i])
		}
		if got, want := Lines(s), strings.Join(lines, "\n"); got != want {
			t.Errorf("Lines(%q) = %q, want %q", s, got, want)
		}
	})
}
