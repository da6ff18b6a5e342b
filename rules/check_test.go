package rules

import (
	"slices"
	"strings"
	"testing"
)

func TestChecksAreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Checks() {
		if seen[c.ID] {
			t.Errorf("%s stands twice", c.ID)
		}
		seen[c.ID] = true
		if c.Title == "" || len(c.Title) > 70 || strings.HasSuffix(c.Title, ".") || c.Judges == "" || len(c.Severities) == 0 {
			t.Errorf("incomplete: %+v", c)
		}
		if c.certificate == nil && c.connection == nil && c.file == nil && c.pair == nil && c.signer == nil && c.key == nil &&
			c.argument == nil && c.manifest == nil && c.settings == nil && c.kubeconfig == nil && c.rotation == nil && c.waiver == nil {
			t.Errorf("%s judges nothing", c.ID)
		}
	}
}

func TestEveryCheckIsExplained(t *testing.T) {
	var explained, checks []string
	for _, e := range Explanations() {
		explained = append(explained, e.ID)
	}
	for _, c := range Checks() {
		checks = append(checks, c.ID)
	}
	if !slices.Equal(explained, checks) {
		t.Errorf("explained are %q,\nchecks are %q", explained, checks)
	}
}

// A check that panics is a finding about the object, and costs nothing else.
func TestPanicIsAProblem(t *testing.T) {
	c := Check{ID: "x", Severities: []Severity{Error}, key: func(*Subject, *Key) []Problem { panic("boom") }}
	problems := c.Apply(&Subject{Key: &Key{}})
	if len(problems) != 1 || problems[0].Severity != Error || !strings.Contains(problems[0].Message, "boom") {
		t.Errorf("got %+v", problems)
	}
}

func TestUsualSeverityIsFilledIn(t *testing.T) {
	c := Check{ID: "x", Severities: []Severity{Warning, Error}, key: func(*Subject, *Key) []Problem { return []Problem{{}, {Severity: Error}} }}
	problems := c.Apply(&Subject{Key: &Key{}})
	if problems[0].Severity != Warning || problems[1].Severity != Error {
		t.Errorf("got %+v", problems)
	}
	if problems := c.Apply(&Subject{File: &File{}}); len(problems) > 0 {
		t.Errorf("it judges what it is not for: %+v", problems)
	}
}

func TestSelect(t *testing.T) {
	tests := []struct {
		name       string
		only, skip []string
		want       int
		wantErr    string
	}{
		{"all", nil, nil, len(Checks()), ""},
		{"one", []string{"expired"}, nil, 1, ""},
		{"all but one", nil, []string{"expired"}, len(Checks()) - 1, ""},
		{"both", []string{"expired", "untrusted"}, []string{"expired"}, 1, ""},
		{"mistyped", []string{"expired", "key-missmatch"}, nil, 0, `unknown check "key-missmatch"; did you mean`},
		{"unknown", nil, []string{"zzz"}, 0, `unknown check "zzz"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Select(Checks(), tt.only, tt.skip)
			if tt.wantErr != "" {
				if err == nil || !strings.HasPrefix(err.Error(), tt.wantErr) {
					t.Errorf("error %v, want %q", err, tt.wantErr)
				}
				return
			}
			if err != nil || len(got) != tt.want {
				t.Errorf("got %d checks, error %v", len(got), err)
			}
		})
	}
}

func TestShellQuoting(t *testing.T) {
	tests := []struct{ in, want string }{
		{"/etc/kubernetes/pki/ca.crt", "/etc/kubernetes/pki/ca.crt"},
		{"system:node:cp-1", "system:node:cp-1"},
		{"", "''"},
		{"a b", "'a b'"},
		{"it's", `'it'\''s'`},
		{"$(reboot)", "'$(reboot)'"},
		{"/pki/*.crt; rm -rf /", "'/pki/*.crt; rm -rf /'"},
		{"-rf", "-rf"},
	}
	for _, tt := range tests {
		if got := sh(tt.in); got != tt.want {
			t.Errorf("sh(%q) = %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestSeverityText(t *testing.T) {
	for _, v := range []Severity{Info, Warning, Error} {
		text, err := v.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var again Severity
		if err := again.UnmarshalText(text); err != nil || again != v {
			t.Errorf("%s becomes %v, error %v", text, again, err)
		}
	}
	var v Severity
	if err := v.UnmarshalText([]byte("fatal")); err == nil {
		t.Error("fatal is taken for a severity")
	}
	if Info.Lower() != Info || Error.Lower() != Warning {
		t.Error("one level lower is wrong")
	}
	if Severity(9).String() != "Severity(9)" {
		t.Error("an unknown severity has the text", Severity(9))
	}
}

func TestWorse(t *testing.T) {
	tests := []struct {
		status Status
		v      Severity
		want   Status
	}{
		{OK, Info, "info"}, {OK, Error, "error"}, {"error", Warning, "error"}, {"info", Info, "info"}, {"warning", Error, "error"},
	}
	for _, tt := range tests {
		if got := tt.status.Worse(tt.v); got != tt.want {
			t.Errorf("%s and %s give %s, want %s", tt.status, tt.v, got, tt.want)
		}
	}
}

func TestList(t *testing.T) {
	many := strings.Split(strings.Repeat("x ", 14), " ")[:14]
	tests := []struct {
		in   []string
		want string
	}{
		{nil, "none"},
		{[]string{"a", "b"}, "a, b"},
		{many, strings.Repeat("x, ", 11) + "x and 2 more"},
	}
	for _, tt := range tests {
		if got := list(tt.in); got != tt.want {
			t.Errorf("list(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}
