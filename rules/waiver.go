package rules

import (
	"crypto/sha256"
	"fmt"
	"path"
	"strings"
	"time"
)

// Waiver puts aside what one check finds at one place, or on one certificate, for a
// reason and for a time.
type Waiver struct {
	Check       string `yaml:"check"`
	Path        string `yaml:"path,omitempty"`        // of the finding, on the host
	Fingerprint string `yaml:"fingerprint,omitempty"` // of the certificate: SHA-256 of its DER form, lower-case hex
	Reason      string `yaml:"reason"`
	Expires     string `yaml:"expires"` // its last day, UTC, as 2027-01-31

	Source Source `yaml:"-"` // where it stands
}

// WaiverUse is a waiver with what an audit made of it.
type WaiverUse struct {
	*Waiver
	Found  bool // there was something that it is for
	Unsure bool // not all that it may be for was judged
}

// IsOver reports whether the waiver has come to its end.
func (w *Waiver) IsOver(at time.Time) bool {
	day, err := time.Parse(time.DateOnly, w.Expires)
	return err != nil || !at.Before(day.AddDate(0, 0, 1))
}

// String returns what the waiver is for.
func (w *Waiver) String() string {
	if w.Path != "" {
		return fmt.Sprintf("the waiver of %s for %s", w.Check, w.Path)
	}
	return fmt.Sprintf("the waiver of %s for the certificate %s", w.Check, w.Fingerprint)
}

// The checks that judge waivers.
const (
	waiverExpiredID = "waiver-expired"
	waiverUnusedID  = "waiver-unused"
)

// waiverExpired fires when a waiver has come to its end: somebody wanted to be
// reminded by then.
func waiverExpired(s *Subject, w *WaiverUse) []Problem {
	if !w.IsOver(s.At) {
		return nil
	}
	impact := "none but that nobody has taken it out: nothing is found that it is for"
	if w.Found {
		impact = "what it waived counts again"
	}
	return []Problem{{
		Message: fmt.Sprintf("%s ended with %s; its reason was: %s", w, w.Expires, w.Reason),
		Impact:  impact,
		Fix:     ByHand(fmt.Sprintf("# mend what was waived, and take the waiver out of %s; or give it a later day there", remark(w.Source.File))),
	}}
}

// waiverUnused fires when there is nothing that a waiver is for.
func waiverUnused(s *Subject, w *WaiverUse) []Problem {
	if w.Found || w.Unsure || w.IsOver(s.At) {
		return nil
	}
	return []Problem{{
		Message: w.String() + " waives nothing: the check does not find anything there",
		Impact:  "none now; what goes wrong there until " + w.Expires + " is put aside before anybody has seen it",
		Fix:     ByHand(fmt.Sprintf("# take the waiver out of %s", remark(w.Source.File))),
	}}
}

// waiverFaults returns what is wrong with the waivers of a file.
func waiverFaults(waivers []Waiver) []fault {
	var all []fault
	for i := range waivers {
		for _, text := range waivers[i].faults() {
			all = append(all, fault{at: fmt.Sprintf("waivers/%d", i), text: fmt.Sprintf("waiver %d: %s", i+1, text)})
		}
	}
	return all
}

func (w *Waiver) faults() []string {
	var faults []string
	switch err := knownCheck(w.Check); {
	case w.Check == "":
		faults = append(faults, "names no check")
	case err != nil:
		faults = append(faults, err.Error())
	case w.Check == waiverExpiredID || w.Check == waiverUnusedID:
		faults = append(faults, w.Check+" judges waivers, and cannot be waived")
	}
	switch {
	case (w.Path == "") == (w.Fingerprint == ""):
		faults = append(faults, "needs either a path or a fingerprint")
	case w.Path != "" && (!path.IsAbs(w.Path) || path.Clean(w.Path) != w.Path):
		faults = append(faults, fmt.Sprintf("the path %q is not one that a report shows: it begins with / and has neither . nor .. in it", w.Path))
	case w.Fingerprint != "" && !isFingerprint(w.Fingerprint):
		faults = append(faults, fmt.Sprintf("the fingerprint %q is not one that a report shows: 64 hexadecimal digits in lower case", w.Fingerprint))
	}
	if strings.TrimSpace(w.Reason) == "" {
		faults = append(faults, "gives no reason")
	}
	if _, err := time.Parse(time.DateOnly, w.Expires); err != nil {
		faults = append(faults, fmt.Sprintf("expires %q is no day: write 2027-01-31", w.Expires))
	}
	return faults
}

func isFingerprint(text string) bool {
	return len(text) == 2*sha256.Size && strings.Trim(text, "0123456789abcdef") == ""
}
