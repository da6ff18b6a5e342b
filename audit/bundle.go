package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kube-cert-audit/rules"
)

// isRefused reports whether a reader that is strict in one of the ways of
// rules.ConnectionRow refuses all of a CA file.
func (c content) isRefused(strict string) bool {
	switch strict {
	case rules.StrictCertificates:
		return slices.ContainsFunc(c.faults, func(f blockFault) bool { return f.label == "CERTIFICATE" })
	case rules.StrictBlocks:
		return c.stray != nil
	}
	return false
}

// trusted returns the certificates of a CA file that its reader takes.
func (e *entry) trusted(row *rules.ConnectionRow) []*rules.Certificate {
	if e.file.content.isRefused(row.Strict) {
		return nil
	}
	var roots []*rules.Certificate
	for i, c := range e.certificates {
		if !e.file.content.certificates[i].headers || takesHeaders(row.Verifier.Component, row.Verifier.CA) {
			roots = append(roots, c)
		}
	}
	return roots
}

// partial says which certificates and keys of a file cannot be used, and whether
// its reader refuses the rest of it as well. Blocks of other kinds are harmless
// where the reader passes over them.
func (a *auditor) partial(r *reference) (text string, refused bool) {
	c := r.file.content
	refused = slices.ContainsFunc(a.tables.Connections, func(row rules.ConnectionRow) bool {
		isReader := row.Verifier.Component == r.component && bare(row.Verifier.CA) == r.argument && r.argument != ""
		return isReader && c.isRefused(row.Strict)
	})
	if r.part != keyPart {
		text = brokenBlocks(c.faults, isMeant)
	}
	if text == "" {
		text, _ = passedOver(r)
	}
	if text == "" && refused {
		text = c.stray.block() + " " + c.stray.reason
	}
	return text, refused
}

// brokenBlocks says which of the blocks that were meant to be of use cannot be used.
func brokenBlocks(faults []blockFault, meant func(label string) bool) string {
	broken := slices.DeleteFunc(slices.Clone(faults), func(f blockFault) bool { return !meant(f.label) })
	if len(broken) == 0 {
		return ""
	}
	f := broken[0]
	text := fmt.Sprintf("line %d: %s", f.line, f.reason)
	if f.label != "" {
		text = f.block() + " cannot be used: " + f.reason
	}
	if more := len(broken) - 1; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}

// block tells which block it is.
func (f blockFault) block() string {
	return fmt.Sprintf("the %s block at line %d", cmp.Or(f.label, "unnamed"), f.line)
}

// isMeant reports whether a block was meant to be a certificate or a key, as far
// as its label tells.
func isMeant(label string) bool {
	return label == "" || strings.HasSuffix(label, "CERTIFICATE") || strings.HasSuffix(label, "KEY")
}
