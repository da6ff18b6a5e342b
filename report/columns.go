package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kube-cert-audit/audit"
	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

const (
	statusTitle     = "STATUS" // heads the one column that is coloured
	expirationTitle = "EXPIRATION"
)

// column is one column of the sheet.
type column struct {
	title       string
	certificate func(*audit.Certificate) cell
	key         func(*audit.Key) cell // nil where a key has nothing to say
}

// sheetColumns returns the columns of the health-check sheet.
func sheetColumns() []column {
	return []column{
		{"COMPONENT", func(c *audit.Certificate) cell { return words(c.Component) },
			func(k *audit.Key) cell { return words(k.Component) }},
		{"TYPE", func(c *audit.Certificate) cell { return words(c.Type) },
			func(k *audit.Key) cell { return words(k.Type) }},
		{"CERTIFICATE PATH", func(c *audit.Certificate) cell { return path(c.Path) },
			func(k *audit.Key) cell { return path(k.Path) }},
		{"CN", func(c *audit.Certificate) cell { return words(c.Subject.CommonName) }, nil},
		{"ALT NAMES", func(c *audit.Certificate) cell { return list(altNames(c)) }, nil},
		{"ORGANIZATION", func(c *audit.Certificate) cell { return list(c.Subject.Organizations) }, nil},
		{"ISSUER", func(c *audit.Certificate) cell { return list(issuer(c)) }, nil},
		{expirationTitle, func(c *audit.Certificate) cell { return ends(c) }, nil},
		{statusTitle, func(c *audit.Certificate) cell { return status(c.Status) },
			func(k *audit.Key) cell { return status(k.Status) }},
	}
}

// wideColumns returns the columns of the wide sheet: those of the sheet in
// their places, then the rest.
func wideColumns() []column {
	return append(sheetColumns(), []column{
		{"EMBEDDED", func(c *audit.Certificate) cell { return words(c.Embedded) },
			func(k *audit.Key) cell { return words(k.Embedded) }},
		{"SERIAL", func(c *audit.Certificate) cell { return words(c.SerialNumber) }, nil},
		{"KEY", func(c *audit.Certificate) cell { return words(c.KeyAlgorithm) },
			func(k *audit.Key) cell { return words(keyKind(k)) }},
		{"SIGNATURE", func(c *audit.Certificate) cell { return words(c.SignatureAlgorithm) }, nil},
		{"CA", func(c *audit.Certificate) cell { return words(fmt.Sprint(c.IsCA)) }, nil},
		{"USAGES", func(c *audit.Certificate) cell { return list(slices.Concat(c.KeyUsages, c.ExtKeyUsages)) }, nil},
		{"NOT BEFORE", func(c *audit.Certificate) cell { return words(validFrom(c)) }, nil},
		{"NOT AFTER", func(c *audit.Certificate) cell { return words(validUntil(c)) }, nil},
		{"FINGERPRINT", func(c *audit.Certificate) cell { return words(c.FingerprintSHA256) }, nil},
		{"MODE", func(*audit.Certificate) cell { return words("") },
			func(k *audit.Key) cell { return words(k.Mode) }},
		{"KEY OF", func(*audit.Certificate) cell { return words("") },
			func(k *audit.Key) cell { return path(k.Certificate) }},
		{"SOURCES", func(c *audit.Certificate) cell { return list(sources(c)) },
			func(k *audit.Key) cell { return words(source(k.Source)) }},
	}...)
}

func altNames(c *audit.Certificate) []string { return slices.Concat(c.DNSNames, c.IPAddresses) }

// issuer returns the name that people know an issuer by: the common name, or
// the organizations of the public authorities that have none.
func issuer(c *audit.Certificate) []string {
	if c.Issuer.CommonName == "" {
		return c.Issuer.Organizations
	}
	return []string{c.Issuer.CommonName}
}

// status returns a status in capitals if it asks for attention, so that it
// stands out without colours as well.
func status(s rules.Status) cell {
	if s == rules.OK {
		return cell{string(s)}
	}
	return words(strings.ToUpper(string(s)))
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func keyKind(k *audit.Key) string {
	if k.Bits == 0 {
		return k.Algorithm
	}
	return fmt.Sprintf("%s-%d", k.Algorithm, k.Bits)
}

// sources returns all places that name the certificate's file.
func sources(c *audit.Certificate) []string {
	if len(c.References) == 0 {
		return []string{source(c.Source)}
	}
	var all []string
	for _, r := range c.References {
		all = append(all, strings.TrimSpace(r.Component+" "+source(r.Source)))
	}
	return all
}

// source returns a place as FILE:LINE ARGUMENT, without what is unknown.
func source(s manifests.Source) string {
	text := s.File
	if s.Line > 0 {
		text += fmt.Sprintf(":%d", s.Line)
	}
	return strings.TrimSpace(text + " " + s.Argument)
}
