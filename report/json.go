package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
)

func writeJSON(w io.Writer, r *audit.Report, _ Options) error {
	document, err := encode(r)
	if err != nil {
		return fmt.Errorf("json: %w", err)
	}
	_, err = w.Write(document)
	return err
}

// encode returns the JSON document that the schema describes.
func encode(r *audit.Report) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(filled(r)); err != nil {
		return nil, err
	}
	return escapeHidden(out.Bytes()), nil
}

// escapeHidden returns the document with the runes that encoding/json leaves
// raw although they steer a terminal or cannot be seen (DEL, C1, bidi,
// zero-width) as \uXXXX. They can only stand inside strings, so it stays the
// same value.
func escapeHidden(document []byte) []byte {
	var out bytes.Buffer
	for _, r := range string(document) {
		switch {
		case r < 0x7f || display.Text(string(r)) == string(r):
			out.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000 // in JSON, two surrogates
			fmt.Fprintf(&out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.Bytes()
}

// filled returns a copy of the report that has empty lists instead of absent
// ones: readers get [], never null.
func filled(r *audit.Report) *audit.Report {
	c := *r
	c.Certificates = make([]audit.Certificate, len(r.Certificates))
	for i, certificate := range r.Certificates {
		c.Certificates[i] = filledCertificate(certificate)
	}
	c.Keys = notNull(r.Keys)
	c.Connections = notNull(r.Connections)
	c.Findings = notNull(r.Findings)
	return &c
}

func filledCertificate(c audit.Certificate) audit.Certificate {
	c.References = notNull(c.References)
	c.Subject = filledName(c.Subject)
	c.Issuer = filledName(c.Issuer)
	c.DNSNames = notNull(c.DNSNames)
	c.IPAddresses = notNull(c.IPAddresses)
	c.KeyUsages = notNull(c.KeyUsages)
	c.ExtKeyUsages = notNull(c.ExtKeyUsages)
	return c
}

func filledName(n audit.Name) audit.Name {
	n.Organizations = notNull(n.Organizations)
	n.OrganizationalUnits = notNull(n.OrganizationalUnits)
	return n
}

func notNull[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
