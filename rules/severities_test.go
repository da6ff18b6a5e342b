package rules

import (
	"slices"
	"strings"
	"testing"
)

func TestSeverities(t *testing.T) {
	tables, err := Builtin().With("mine.yaml", "severities: {expired: warning, rotation: off, organization: info, common-name: error, unverifiable: \"off\"}\n")
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]Severity{"expired": Warning, "organization": Info, "common-name": Error, "rotation": 0, "untrusted": 0} {
		if got := tables.Severity(id); got != want {
			t.Errorf("%s has the severity %d, want %d", id, got, want)
		}
	}
	if got := tables.Off(); !slices.Equal(got, []string{"rotation", "unverifiable"}) {
		t.Errorf("off are %q", got)
	}
	again, err := tables.With("more.yaml", "severities: {expired: info}")
	if err != nil || again.Severity("expired") != Info || again.Severity("common-name") != Error || tables.Severity("expired") != Warning {
		t.Errorf("a second file: %v, %v", again.Severities, err)
	}
}

func TestBadSeverities(t *testing.T) {
	_, err := Builtin().With("mine.yaml", `severities:
  untrusted: fatal
  key-missmatch: info
  expired:
`)
	want := []string{
		`mine.yaml: line 2: severities: "fatal" of untrusted is none of error, warning, info, off`,
		`mine.yaml: line 3: severities: unknown check "key-missmatch"; did you mean key-usage, ext-key-usage, key-mismatch, key-encrypted, weak-key, key-reuse, sa-key-mismatch?`,
		`mine.yaml: line 4: severities: "" of expired is none of error, warning, info, off`,
	}
	if err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("got\n%v\nwant\n%s", err, strings.Join(want, "\n"))
	}
}
