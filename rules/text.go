package rules

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"kube-cert-audit/internal/display"
)

// name returns how people call a certificate: its common name, else its whole subject.
func name(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return fmt.Sprintf("%q", c.Subject.CommonName)
	}
	return fmt.Sprintf("%q", c.Subject.String())
}

func issuerName(c *x509.Certificate) string {
	if c.Issuer.CommonName != "" {
		return fmt.Sprintf("%q", c.Issuer.CommonName)
	}
	return fmt.Sprintf("%q", c.Issuer.String())
}

// place returns where a certificate lies.
func place(c *Certificate) string {
	if c.Embedded != "" {
		return c.Path + " (" + c.Embedded + ")"
	}
	return c.Path
}

// day returns the day of an instant.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// span returns the time between two instants, in the unit that tells most.
func span(from, to time.Time) string {
	return display.Span(to.Unix() - from.Unix())
}

// validity says how an instant lies outside the validity of a certificate.
func validity(c *x509.Certificate, at time.Time) string {
	if at.Before(c.NotBefore) {
		return fmt.Sprintf("is not valid before %s (in %s)", c.NotBefore.UTC().Format(time.RFC3339), span(at, c.NotBefore))
	}
	return fmt.Sprintf("expired on %s (%s ago)", c.NotAfter.UTC().Format(time.RFC3339), span(c.NotAfter, at))
}

// list joins names for a sentence, and counts those beyond a dozen.
func list(names []string) string {
	const most = 12
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// altNames returns the names and addresses that a certificate is for.
func altNames(c *x509.Certificate) []string {
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}

// lines joins the parts of a text that are not empty.
func lines(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "\n")
}
