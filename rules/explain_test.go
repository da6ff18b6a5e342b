package rules

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestExplanationsAreInTheOrderOfTheChecks(t *testing.T) {
	// Written out, not taken from Checks: scripts and waivers depend on the ids.
	want := []string{
		"expired", "expires-soon", "not-yet-valid", "outlives-ca",
		"common-name", "organization", "privileged-group", "san-missing",
		"key-usage", "ext-key-usage", "not-a-ca", "leaf-is-ca",
		"untrusted", "self-signature", "chain-order",
		"key-mismatch", "key-encrypted", "weak-key", "weak-signature", "key-reuse", "sa-key-mismatch",
		"file-permissions", "unreadable",
		"duplicate-serial", "duplicate-manifest", "duplicate-flag",
		"argument-missing", "client-auth-disabled", "tls-verify-disabled", "requestheader-names",
		"shared-ca", "signer-mismatch", "rotation", "orphan", "unverifiable",
		"waiver-expired", "waiver-unused",
	}
	var got []string
	for _, e := range Explanations() {
		got = append(got, e.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("explanations of\n%q\nwant\n%q", got, want)
	}
}

func TestExplain(t *testing.T) {
	e, ok := Explain("untrusted")
	if !ok || e.ID != "untrusted" || !strings.HasPrefix(e.Text, "**Means** ") {
		t.Errorf("Explain(untrusted) = %+v, %v", e, ok)
	}
	for _, id := range []string{"", "Untrusted", "untrusted ", "The checks, explained"} {
		if e, ok := Explain(id); ok {
			t.Errorf("Explain(%q) = %q", id, e.ID)
		}
	}
}

func TestExplanationTitles(t *testing.T) {
	word := regexp.MustCompile(`^[(]?([a-z0-9][a-z0-9:'-]*|[A-Z0-9]{2,}(-[0-9]+)?)[),]*$`) // CA, SHA-1
	for _, e := range Explanations() {
		if n := utf8.RuneCountInString(e.Title); n == 0 || n > 70 {
			t.Errorf("%s: the title has %d characters: %q", e.ID, n, e.Title)
		}
		for w := range strings.FieldsSeq(e.Title) {
			if !word.MatchString(w) {
				t.Errorf("%s: the title is not in lower case without a period: %q", e.ID, w)
			}
		}
	}
}

func TestExplanationsHaveTheirParts(t *testing.T) {
	for _, e := range Explanations() {
		t.Run(e.ID, func(t *testing.T) {
			part := splitExplanation(t, e.Text)
			for _, name := range []string{"Means", "Breaks"} {
				if text := part[name]; text == "" || strings.Contains(text, "\n\n") || strings.Contains(text, codeFence) {
					t.Errorf("%s is not one paragraph of prose: %q", name, text)
				}
			}
			if severity := regexp.MustCompile(`(?i)\b(errors?|warnings?|info)\b`); !severity.MatchString(part["Means"]) {
				t.Error("Means names no severity")
			}
			if rest := outsideFences(t, part["See it by hand"]); rest != "" {
				t.Errorf("See it by hand holds more than commands: %q", rest)
			}
			const byHand = "Hand-made PKI: "
			rest := outsideFences(t, part["Mend"])
			if text, ok := strings.CutPrefix(rest, byHand); !ok || text == "" || strings.Contains(rest, "\n") {
				t.Errorf("Mend does not end with one line %q…: %q", byHand, rest)
			}
			testExplanationSources(t, part["Sources"])
		})
	}
}

// codeFence begins and ends a block of commands.
const codeFence = "```"

// splitExplanation returns the parts of an explanation by name, and fails unless it
// has each of them once, in order.
func splitExplanation(t *testing.T, text string) map[string]string {
	t.Helper()
	want := []string{"Means", "Breaks", "See it by hand", "Mend", "Sources"}
	heading := regexp.MustCompile(`(?m)^\*\*([^*]+)\*\*`)
	var names []string
	found := map[string]string{}
	at := heading.FindAllStringSubmatchIndex(text, -1)
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		name := text[m[2]:m[3]]
		names = append(names, name)
		found[name] = strings.TrimSpace(text[m[1]:end])
	}
	if !slices.Equal(names, want) || at[0][0] != 0 {
		t.Fatalf("parts %q, want %q and nothing before them", names, want)
	}
	return found
}

// outsideFences returns what of a part is not in its one fenced block, and
// fails unless that block is closed and holds commands.
func outsideFences(t *testing.T, part string) string {
	t.Helper()
	pieces := strings.Split("\n"+part+"\n", "\n"+codeFence+"\n")
	if len(pieces) != 3 {
		t.Errorf("want one fenced block that is closed: %q", part)
		return ""
	}
	if strings.Trim(pieces[1], "\n ") == "" {
		t.Error("the fenced block is empty")
	}
	return strings.TrimSpace(pieces[0] + pieces[2])
}

func testExplanationSources(t *testing.T, part string) {
	t.Helper()
	source := regexp.MustCompile(`^- (https://[a-z0-9.-]+/\S+|[\w.-]+/[\w.-]+:[\w./-]+)$`)
	seen := map[string]bool{}
	for line := range strings.SplitSeq(part, "\n") {
		if !source.MatchString(line) || seen[line] {
			t.Errorf("neither an address nor repository:path, or given twice: %q", line)
		}
		seen[line] = true
	}
}

// The text is read on terminals, and copied from them.
func TestExplanationsFitATerminal(t *testing.T) {
	for _, e := range Explanations() {
		if strings.Count("\n"+e.Text, "\n"+codeFence)%2 != 0 {
			t.Errorf("%s: a fenced block is not closed", e.ID)
		}
		for line := range strings.SplitSeq(e.Text, "\n") {
			if utf8.RuneCountInString(line) > 100 && !strings.Contains(line, "https://") {
				t.Errorf("%s: longer than 100 columns: %q", e.ID, line)
			}
			if strings.TrimRight(line, " \t") != line || strings.Contains(line, "\t") {
				t.Errorf("%s: blank at the end, or a tab: %q", e.ID, line)
			}
			if strings.IndexFunc(line, func(r rune) bool { return r > '~' }) >= 0 {
				t.Errorf("%s: a character that not every terminal has: %q", e.ID, line)
			}
		}
	}
}
