// Package diff compares two reports: what is new, gone and changed between them, and
// whether anything got worse. It knows reports as they are written; it reads no node,
// judges no certificate and renders nothing.
package diff

import (
	"fmt"
	"time"

	"kube-cert-audit/audit"
	"kube-cert-audit/rules"
)

// Kind identifies the JSON form of a Diff.
const Kind = "DiffReport"

// Diff is what lies between two reports.
type Diff struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Old        Side   `json:"old"`
	New        Side   `json:"new"`
	// Worse is ok where nothing got worse, else warning or error: by the gravest
	// finding that is new or graver than before, connection that fails and did not, or
	// change of what trust rests on.
	Worse rules.Status `json:"worse"`
	// Whole is false where the newer report did not see everything, so that what is
	// gone may only not have been seen.
	Whole        bool                `json:"whole"`
	Notes        []string            `json:"notes"` // what else is to be known about the comparison
	Trust        []TrustChange       `json:"trust"` // changed authorities and service-account keys
	Findings     []FindingChange     `json:"findings"`
	Connections  []ConnectionChange  `json:"connections"`
	Certificates []CertificateChange `json:"certificates"` // requests as well
	Keys         []KeyChange         `json:"keys"`
}

// Side is one of the two reports.
type Side struct {
	Kind    string        `json:"kind"`
	At      time.Time     `json:"at"`
	Root    string        `json:"root"`
	Paths   []string      `json:"paths,omitzero"` // of an inspection
	Node    audit.Node    `json:"node"`
	Summary audit.Summary `json:"summary"`
}

// Change says in which of the reports something is.
type Change string

// The changes.
const (
	New     Change = "new"     // only in the newer one
	Gone    Change = "gone"    // only in the older one
	Changed Change = "changed" // in both, in different ways
)

// FindingChange is a finding that is not as it was.
type FindingChange struct {
	Change Change `json:"change"`
	// Before and After are its severity, or waived; empty where it is not there.
	Before  string        `json:"before"`
	After   string        `json:"after"`
	Finding audit.Finding `json:"finding"` // as it is, or as it was where it is gone
}

// ConnectionChange is a connection that does not fare as it did.
type ConnectionChange struct {
	Change     Change           `json:"change"`
	Before     rules.Status     `json:"before"` // empty where it is not there
	After      rules.Status     `json:"after"`  // empty where it is not there
	Connection audit.Connection `json:"connection"`
}

// Compare returns what lies between two reports of one kind.
func Compare(older, newer *audit.Report) (*Diff, error) {
	if older.Kind != newer.Kind {
		return nil, fmt.Errorf("the older report is an %s, and the newer one an %s: only two of a kind can be compared", older.Kind, newer.Kind)
	}
	moved := findPlaces(older, newer)
	d := &Diff{
		APIVersion: audit.APIVersion, Kind: Kind, Old: side(older), New: side(newer), Worse: rules.OK, Whole: isWhole(newer),
		Notes: notes(older, newer), Trust: trustChanges(older, newer, moved),
		Findings: findingChanges(older, newer, moved), Connections: connectionChanges(older, newer, moved),
		Certificates: certificateChanges(older, newer, moved), Keys: keyChanges(older, newer, moved),
	}
	for i := range d.Trust {
		d.worsen(d.Trust[i].Severity)
	}
	for i := range d.Findings {
		if f := &d.Findings[i]; f.IsWorse() {
			d.worsen(f.Finding.Severity)
		}
	}
	for i := range d.Connections {
		if c := &d.Connections[i]; c.IsWorse() {
			d.worsen(severityOf(c.After))
		}
	}
	return d, nil
}

// worsen notes that something became as bad as that. What is merely worth knowing
// makes nothing worse.
func (d *Diff) worsen(s rules.Severity) {
	if s > rules.Info {
		d.Worse = d.Worse.Worse(s)
	}
}

// IsEmpty reports whether the reports tell the same.
func (d *Diff) IsEmpty() bool {
	return len(d.Trust)+len(d.Findings)+len(d.Connections)+len(d.Certificates)+len(d.Keys) == 0
}

func side(r *audit.Report) Side {
	return Side{Kind: r.Kind, At: r.At, Root: r.Root, Paths: r.Paths, Node: r.Node, Summary: r.Summary}
}

// isWhole reports whether an audit got to see everything.
func isWhole(r *audit.Report) bool {
	return r.Coverage.Denied+r.Coverage.TimedOut+r.Coverage.Unjudged == 0
}

// notes tells what makes a comparison another one than that of a node before and after.
func notes(older, newer *audit.Report) []string {
	all := []string{}
	if a, b := older.Node, newer.Node; a.Name != b.Name {
		all = append(all, fmt.Sprintf("the reports are of two nodes, or of one that was renamed: %q and %q", a.Name, b.Name))
	}
	if a, b := older.Node.Layout, newer.Node.Layout; a != b {
		all = append(all, fmt.Sprintf("the layout was %q, and is %q", a, b))
	}
	if a, b := older.Node.Version, newer.Node.Version; a != b {
		all = append(all, fmt.Sprintf("the version of Kubernetes was %q, and is %q", a, b))
	}
	if newer.At.Before(older.At) {
		all = append(all, "the newer report is of an earlier instant than the older one: are they the wrong way round?")
	}
	if !isWhole(older) {
		all = append(all, "the older report did not see everything: what is new may only not have been seen then")
	}
	if !isWhole(newer) {
		all = append(all, "the newer report did not see everything: what is gone may only not have been seen")
	}
	if hasServiceAccountKeys(older) && hasServiceAccountKeys(newer) && !(digestsServiceAccountKeys(older) && digestsServiceAccountKeys(newer)) {
		all = append(all, "whether service-account keys changed could not be told: one of the reports has no digest of each")
	}
	return all
}

// waivedState is the state of a finding that the user put aside.
const waivedState = "waived"

// stated is a finding with its state.
type stated struct {
	finding *audit.Finding
	state   string
}

// statedFindings returns the findings of a report, those put aside as well.
func statedFindings(r *audit.Report) []stated {
	var all []stated
	for i := range r.Findings {
		all = append(all, stated{&r.Findings[i], r.Findings[i].Severity.String()})
	}
	for i := range r.Waived {
		all = append(all, stated{&r.Waived[i].Finding, waivedState})
	}
	return all
}

func findingChanges(older, newer *audit.Report, moved places) []FindingChange {
	all := []FindingChange{}
	identity := func(s *stated, place func(string) string) string {
		f := audit.Finding{Check: s.finding.Check, Component: s.finding.Component, Path: place(s.finding.Path)}
		f.Source.File, f.Source.Argument = place(s.finding.Source.File), s.finding.Source.Argument
		return f.Identity()
	}
	message := func(s *stated) string { return s.finding.Message }
	for _, p := range match(statedFindings(older), statedFindings(newer), moved, identity, message) {
		c := FindingChange{Change: p.change()}
		if p.older != nil {
			c.Before, c.Finding = p.older.state, *p.older.finding
		}
		if p.newer != nil {
			c.After, c.Finding = p.newer.state, *p.newer.finding
		}
		if c.Before != c.After {
			all = append(all, c)
		}
	}
	return all
}

// IsWorse reports whether a finding is new or graver than before.
func (c *FindingChange) IsWorse() bool {
	return c.After != "" && c.After != waivedState && (c.Before == waivedState || severityOf(rules.Status(c.After)) > severityOf(rules.Status(c.Before)))
}

func connectionChanges(older, newer *audit.Report, moved places) []ConnectionChange {
	all := []ConnectionChange{}
	identity := func(c *audit.Connection, place func(string) string) string {
		return key(c.Name, c.Presenter.Component, place(c.Presenter.Path), c.Verifier.Component, place(c.Verifier.Path), c.Usage, c.ServerName)
	}
	status := func(c *audit.Connection) string { return string(c.Status) }
	for _, p := range match(older.Connections, newer.Connections, moved, identity, status) {
		c := ConnectionChange{Change: p.change()}
		if p.older != nil {
			c.Before, c.Connection = p.older.Status, *p.older
		}
		if p.newer != nil {
			c.After, c.Connection = p.newer.Status, *p.newer
		}
		if c.Before != c.After {
			all = append(all, c)
		}
	}
	return all
}

// IsWorse reports whether a connection fails, and did not, or not as badly.
func (c *ConnectionChange) IsWorse() bool { return severityOf(c.After) > severityOf(c.Before) }

// severityOf returns the severity that a status stands for; 0 for none.
func severityOf(s rules.Status) (severity rules.Severity) {
	if severity.UnmarshalText([]byte(s)) != nil {
		return 0
	}
	return severity
}
