package diff

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kube-cert-audit/audit"
)

// CertificateChange is a certificate, or a request, that is not the same any more.
type CertificateChange struct {
	Change            Change    `json:"change"`
	Component         string    `json:"component"`
	Type              string    `json:"type"`
	Path              string    `json:"path"`
	Embedded          string    `json:"embedded"`
	CommonName        string    `json:"commonName"` // of the newer one, and so on
	NotAfter          time.Time `json:"notAfter"`   // zero of a request
	FingerprintSHA256 string    `json:"fingerprintSHA256"`
	// Key says whether the key changed: same, changed, or unknown; empty unless the
	// certificate changed.
	Key    KeyIdentity `json:"key"`
	Fields []Field     `json:"fields"` // what changed
}

// KeyChange is a key file that is not the same any more.
type KeyChange struct {
	Change    Change      `json:"change"`
	Component string      `json:"component"`
	Type      string      `json:"type"`
	Path      string      `json:"path"`
	Embedded  string      `json:"embedded"`
	Key       KeyIdentity `json:"key"` // as above
	Fields    []Field     `json:"fields"`
}

// Field is a field of the report that changed, by its name in JSON.
type Field struct {
	Name string `json:"name"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// KeyIdentity says whether two keys are one.
type KeyIdentity string

// The identities.
const (
	SameKey    KeyIdentity = "same"
	OtherKey   KeyIdentity = "changed"
	UnknownKey KeyIdentity = "unknown" // one of the reports has no digest of it
)

// identityOf compares two keys by the digests of their public halves, and where one has
// none by what kind of key they are.
func identityOf(older, newer, olderKind, newerKind string) KeyIdentity {
	switch {
	case older == newer && older != "":
		return SameKey
	case older != "" && newer != "", olderKind != newerKind:
		return OtherKey
	}
	return UnknownKey
}

// certificateKey compares the keys of two certificates.
func certificateKey(older, newer *audit.Certificate) KeyIdentity {
	return identityOf(older.PublicKeySHA256, newer.PublicKeySHA256, older.KeyAlgorithm, newer.KeyAlgorithm)
}

// rows returns the certificates of a report, and its requests as such.
func rows(r *audit.Report) []audit.Certificate {
	all := slices.Clip(r.Certificates) // which stay as they are
	for i := range r.Requests {
		q := &r.Requests[i]
		all = append(all, audit.Certificate{
			Type: q.Type, Path: q.Path, Embedded: q.Embedded, Position: q.Position, Subject: q.Subject,
			DNSNames: q.DNSNames, IPAddresses: q.IPAddresses, KeyAlgorithm: q.KeyAlgorithm, SignatureAlgorithm: q.SignatureAlgorithm,
			KeyUsages: q.KeyUsages, ExtKeyUsages: q.ExtKeyUsages, IsCA: q.IsCA,
		})
	}
	return all
}

// certificatePairs returns what each certificate is in the two reports. A certificate is
// known by its place: its row in the table may have been renamed between two releases.
func certificatePairs(older, newer []audit.Certificate, moved places) []pair[audit.Certificate] {
	identity := func(c *audit.Certificate, place func(string) string) string {
		return key(c.Component, c.Type, place(c.Path), c.Embedded)
	}
	fingerprint := func(c *audit.Certificate) string { return c.FingerprintSHA256 }
	return match(older, newer, moved, identity, fingerprint)
}

func certificateChanges(older, newer *audit.Report, moved places) []CertificateChange {
	all := []CertificateChange{}
	for _, p := range certificatePairs(rows(older), rows(newer), moved) {
		c := CertificateChange{Change: p.change(), Fields: []Field{}}
		shown := p.newer
		if c.Change == Gone {
			shown = p.older
		}
		c.Component, c.Type, c.Path, c.Embedded = shown.Component, shown.Type, shown.Path, shown.Embedded
		c.CommonName, c.NotAfter, c.FingerprintSHA256 = shown.Subject.CommonName, shown.NotAfter, shown.FingerprintSHA256
		if c.Change == Changed {
			c.Fields, c.Key = changedFields(certificateFields(p.older), certificateFields(p.newer)), certificateKey(p.older, p.newer)
			if len(c.Fields) == 0 {
				continue
			}
		}
		all = append(all, c)
	}
	return all
}

// certificateFields returns where a certificate lies, and what it says.
func certificateFields(c *audit.Certificate) []Field {
	return []Field{
		{Name: "path", New: place(c.Path)},
		{Name: "subject", New: distinguished(&c.Subject)},
		{Name: "issuer", New: distinguished(&c.Issuer)},
		{Name: "dnsNames", New: list(c.DNSNames)},
		{Name: "ipAddresses", New: list(c.IPAddresses)},
		{Name: "notBefore", New: instant(c.NotBefore)},
		{Name: "notAfter", New: instant(c.NotAfter)},
		{Name: "keyAlgorithm", New: c.KeyAlgorithm},
		{Name: "signatureAlgorithm", New: c.SignatureAlgorithm},
		{Name: "keyUsages", New: list(c.KeyUsages)},
		{Name: "extKeyUsages", New: list(c.ExtKeyUsages)},
		{Name: "isCA", New: fmt.Sprint(c.IsCA)},
		{Name: "serialNumber", New: c.SerialNumber},
		{Name: "fingerprintSHA256", New: c.FingerprintSHA256},
	}
}

// changedFields returns the fields that differ, with both values.
func changedFields(older, newer []Field) []Field {
	changed := []Field{}
	for i, f := range newer {
		if f.Old = older[i].New; f.Old != f.New {
			changed = append(changed, f)
		}
	}
	return changed
}

func list(items []string) string { return strings.Join(items, ", ") }

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// distinguished returns a name in one line, as openssl shows it.
func distinguished(n *audit.Name) string {
	var all []string
	for _, part := range []struct {
		attribute string
		values    []string
	}{
		{"C", []string{n.Country}}, {"ST", []string{n.Province}}, {"L", []string{n.Locality}},
		{"O", n.Organizations}, {"OU", n.OrganizationalUnits}, {"CN", []string{n.CommonName}},
	} {
		for _, value := range part.values {
			if value != "" {
				all = append(all, part.attribute+" = "+value)
			}
		}
	}
	return list(all)
}

func keyChanges(older, newer *audit.Report, moved places) []KeyChange {
	all := []KeyChange{}
	identity := func(k *audit.Key, place func(string) string) string {
		return key(k.Component, k.Type, place(k.Path), k.Embedded)
	}
	digest := func(k *audit.Key) string { return k.PublicKeySHA256 }
	for _, p := range match(older.Keys, newer.Keys, moved, identity, digest) {
		c := KeyChange{Change: p.change(), Fields: []Field{}}
		shown := p.newer
		if c.Change == Gone {
			shown = p.older
		}
		c.Component, c.Type, c.Path, c.Embedded = shown.Component, shown.Type, shown.Path, shown.Embedded
		if c.Change == Changed {
			c.Fields, c.Key = changedFields(keyFields(p.older, moved.of), keyFields(p.newer, place)), identityOf(p.older.PublicKeySHA256, p.newer.PublicKeySHA256, keyKind(p.older), keyKind(p.newer))
			if p.older.PublicKeySHA256 == "" || p.newer.PublicKeySHA256 == "" { // that a report has no digest is no change
				c.Fields = slices.DeleteFunc(c.Fields, func(f Field) bool { return f.Name == "publicKeySHA256" })
			}
			if len(c.Fields) == 0 {
				continue
			}
		}
		all = append(all, c)
	}
	return all
}

func keyKind(k *audit.Key) string { return fmt.Sprint(k.Algorithm, k.Bits) }

func keyFields(k *audit.Key, placed func(string) string) []Field {
	return []Field{
		{Name: "path", New: place(k.Path)},
		{Name: "algorithm", New: k.Algorithm},
		{Name: "bits", New: fmt.Sprint(k.Bits)},
		{Name: "mode", New: k.Mode},
		{Name: "certificate", New: placed(k.Certificate)},
		{Name: "publicKeySHA256", New: k.PublicKeySHA256},
	}
}
