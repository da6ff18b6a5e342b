package report

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
)

// annotation is what the runner of GitHub makes of a command.
type annotation struct{ kind, title, message string }

// parseCommands reads the output as the runner does.
func parseCommands(t *testing.T, text string) []annotation {
	t.Helper()
	if display.Lines(text) != text {
		t.Errorf("hidden characters:\n%s", text)
	}
	command := regexp.MustCompile(`^::(error|warning|notice) title=([^:,]*)::(.*)\n$`)
	var all []annotation
	for line := range strings.Lines(text) {
		m := command.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("no command: %q", line)
		}
		decode := strings.NewReplacer("%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")
		all = append(all, annotation{m[1], decode.Replace(m[2]), decode.Replace(m[3])})
	}
	return all
}

// checkCommands reports findings without a command, and commands without a finding.
func checkCommands(t *testing.T, r *audit.Report) {
	t.Helper()
	all := parseCommands(t, render(t, "github", r, Options{}))
	if want := 1 + len(missed(r.Coverage)) + len(r.Findings) + len(r.Waived); len(all) != want {
		t.Fatalf("%d commands, want %d", len(all), want)
	}
	all = all[1+len(missed(r.Coverage)):]
	for i := range r.Findings {
		f := &r.Findings[i]
		want := annotation{annotationKind(f.Severity), display.Text(findingName(f)), display.Lines(annotationText(f))}
		if diff := cmp.Diff(want, all[i], cmp.AllowUnexported(annotation{})); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	for i, a := range all[len(r.Findings):] {
		if a.kind != "notice" || !strings.HasPrefix(a.message, "waived until ") || !strings.HasSuffix(a.message, display.Text(r.Waived[i].Message)) {
			t.Errorf("what is waived is told as %+v", a)
		}
	}
}

func TestGitHub(t *testing.T) {
	incomplete := fixture()
	incomplete.Coverage.Denied = 1
	for _, r := range []*audit.Report{fixture(), inspectFixture(), incomplete, new(audit.Report)} {
		checkCommands(t, r)
	}
}

func TestCommandEscapes(t *testing.T) {
	for text, want := range map[string][2]string{
		"a:b, 5%":     {"a:b, 5%25", "a%3Ab%2C 5%25"},
		"%0A::error":  {"%250A::error", "%250A%3A%3Aerror"},
		"a\r\nb":      {`a\r%0Ab`, `a\r\nb`},
		"\x1b[2J\x7f": {`\x1b[2J\x7f`, `\x1b[2J\x7f`},
	} {
		if data, property := commandData(text), commandProperty(text); data != want[0] || property != want[1] {
			t.Errorf("%q is %q and %q, want %q", text, data, property, want)
		}
	}
}
