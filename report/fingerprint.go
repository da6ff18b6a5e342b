package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"kube-cert-audit/audit"
)

// fingerprints tells findings from one another, and knows them again in the next
// run: services that keep findings open and close them by it.
type fingerprints map[string]int // how often there was what a fingerprint is made of

// of returns the fingerprint of the next finding. Those that agree in all else are
// told apart by their order, which is the same in every run.
func (p fingerprints) of(f *audit.Finding) string {
	key := f.Identity()
	p[key]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, p[key]))
	return hex.EncodeToString(sum[:16])
}
