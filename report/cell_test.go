package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

func TestWrap(t *testing.T) {
	tests := []struct {
		name  string
		cell  cell
		width int
		want  []string
	}{
		{"unlimited", words("a b c"), 0, []string{"a b c"}},
		{"fits", words("a b c"), 5, []string{"a b c"}},
		{"blanks", words("ab cd ef"), 5, []string{"ab cd", "ef"}},
		{"two blanks", cell{"ab ", " ", "cdefg ", " "}, 3, []string{"ab", "cde", "fg"}},
		{"blank at the end", cell{"ab ", "cd ", ""}, 2, []string{"ab", "cd"}},
		{"nothing", cell{""}, 3, []string{""}},
		{"path", path("/etc/kubernetes/pki/ca.crt"), 16, []string{"/etc/kubernetes/", "pki/ca.crt"}},
		{"items", list([]string{"cp-1", "my org", "::1"}), 12, []string{"cp-1,", "my org, ::1"}},
		{"item that is too wide", list([]string{"a", "bcdefghi", "j"}), 4, []string{"a,", "bcde", "fghi", ", j"}},
		{"after punctuation", words("kube-apiserver-kubelet-client"), 16, []string{"kube-apiserver-", "kubelet-client"}},
		{"before a dot", words("client.crt"), 9, []string{"client", ".crt"}},
		{"wide runes", words("证书颁发"), 5, []string{"证书", "颁发"}},
		{"no room for a rune", words("证书"), 1, []string{"证", "书"}},
		{"combining runes stay with theirs", words("e\u0301e\u0301"), 1, []string{"e\u0301", "e\u0301"}},
		{"empty", words(""), 5, []string{"-"}},
		{"no items", list(nil), 5, []string{"-"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.cell.wrap(tt.width)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestVisible(t *testing.T) {
	tests := []struct{ text, want string }{
		{"plain text", "plain text"},
		{"two  blanks", `two \x20blanks`},
		{"three   blanks", `three \x20 blanks`},
		{" around ", `\x20around\x20`},
		{" ", `\x20`},
		{"no\u00a0break", `no\u00a0break`},
		{"wide\u3000blank", `wide\u3000blank`},
		{"line\nend", `line\nend`},
		{"\x1b[0m", `\x1b[0m`},
	}
	for _, tt := range tests {
		if got := visible(tt.text); got != tt.want {
			t.Errorf("visible(%q) = %s, want %s", tt.text, got, tt.want)
		}
	}
}

// TestColumns holds that lines are as wide as tablewriter thinks they are.
func TestColumns(t *testing.T) {
	tests := []struct {
		text string
		want int
	}{
		{"ascii", 5},
		{"证书", 4},
		{"Söhne", 5},
		{"e\u0301", 1},
		{"─│§", 3}, // ambiguous, wide in some locales
		{"👩", 2},
		{"ｗｉｄｅ", 8},
	}
	for _, tt := range tests {
		if got := columns(tt.text); got != tt.want {
			t.Errorf("columns(%q) = %d, want %d", tt.text, got, tt.want)
		}
		if got := twwidth.WidthWithOptions(tt.text, twwidth.Options{}); got != tt.want {
			t.Errorf("tablewriter takes %q for %d columns, want %d", tt.text, got, tt.want)
		}
	}
}

// TestLayoutIgnoresLocale guards against tablewriter's habit of asking the environment.
func TestLayoutIgnoresLocale(t *testing.T) {
	want := render(t, "table", fixture(), Options{Width: 200})
	twwidth.SetEastAsian(true)
	defer twwidth.SetEastAsian(false)
	if diff := cmp.Diff(want, render(t, "table", fixture(), Options{Width: 200})); diff != "" {
		t.Errorf("East Asian locale (-usual +got):\n%s", diff)
	}
}

func TestNoFieldCanForgeAnother(t *testing.T) {
	r := fixture()
	r.Certificates = fixtureCertificates()
	r.Certificates[0].Subject.CommonName = "x  -  -  kubernetes  never  ok"
	for i, line := range strings.Split(render(t, "table", r, Options{}), "\n")[2:] {
		if line == "" {
			break
		}
		fields := strings.FieldsFunc(strings.ReplaceAll(line, "  ", "\x00"), func(r rune) bool { return r == 0 })
		if len(fields) != len(sheetColumns()) {
			t.Errorf("line %d has %d fields, want %d: %q", i, len(fields), len(sheetColumns()), fields)
		}
	}
}
