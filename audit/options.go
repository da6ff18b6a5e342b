package audit

import (
	"time"

	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// Options say what to audit a node against, and when.
type Options struct {
	Root    string // as the report shows it
	At      time.Time
	Limits  rules.Limits
	Tables  rules.Tables
	Checks  []rules.Check
	Orphans bool // tell of certificates and keys that nothing refers to
	// Discovery says where to look when the usual places are not the right ones.
	Discovery manifests.Options
}
