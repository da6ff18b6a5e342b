package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// off is the severity of a check that is not to be run.
const off = "off"

// Severity returns the severity that the user gave to all that a check finds; 0
// where that is left to the check.
func (t *Tables) Severity(check string) Severity {
	for _, s := range []Severity{Info, Warning, Error} {
		if t.Severities[check] == s.String() {
			return s
		}
	}
	return 0
}

// Off returns the checks that the user does not want to be run.
func (t *Tables) Off() []string {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(t.Severities)) {
		if t.Severities[id] == off {
			ids = append(ids, id)
		}
	}
	return ids
}

// severityFaults returns what is wrong with the severities of a file.
func severityFaults(severities map[string]string) []fault {
	known := []string{Error.String(), Warning.String(), Info.String(), off}
	var all []fault
	for _, id := range slices.Sorted(maps.Keys(severities)) {
		add := func(text string) {
			all = append(all, fault{at: "severities/" + id, text: "severities: " + text})
		}
		if err := knownCheck(id); err != nil {
			add(err.Error())
		}
		if s := severities[id]; !slices.Contains(known, s) {
			add(fmt.Sprintf("%q of %s is none of %s", s, id, strings.Join(known, ", ")))
		}
	}
	return all
}

// knownCheck returns an error for what is the id of no check.
func knownCheck(id string) error {
	_, err := Select(Checks(), []string{id}, nil)
	return err
}
