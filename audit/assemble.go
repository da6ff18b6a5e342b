package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// report fills in the report from what was found.
func (a *auditor) report() *Report {
	r := &Report{
		APIVersion: APIVersion, Kind: Kind, At: a.facts.At, Root: a.opts.Root,
		Node:     Node{Name: a.facts.Name, Layout: a.node.Layout, Version: a.facts.Version},
		Coverage: a.coverage(),
	}
	for _, e := range a.entries {
		for i, c := range e.certificates {
			r.Certificates = append(r.Certificates, a.certificateRow(e, c, e.statuses[i]))
		}
	}
	for _, e := range a.keys {
		for _, k := range e.keys {
			r.Keys = append(r.Keys, keyRow(e, k))
		}
	}
	for _, c := range a.connections {
		r.Connections = append(r.Connections, connectionRow(c))
	}
	for _, f := range a.found {
		r.Findings = append(r.Findings, f.Finding)
	}
	r.Summary = summarize(r)
	return r
}

// version returns the version of Kubernetes, from the image of a component.
func (a *auditor) version() string {
	for _, name := range []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler"} {
		for _, c := range a.node.Find(name) {
			image, _, _ := strings.Cut(path.Base(c.Image), "@")
			if _, tag, found := strings.Cut(image, ":"); found {
				return tag
			}
		}
	}
	return ""
}

// coverage counts the references, and the configuration files that could not be
// read, as what was examined and what was not.
func (a *auditor) coverage() Coverage {
	var c Coverage
	for _, r := range a.refs {
		c.References++
		switch reason := a.whyUnread(r); {
		case r.location.Elsewhere != "":
			c.Unverifiable++
		case reason:
			c.Unreadable++
		default:
			c.Examined++
		}
		if r.file != nil && r.file.failure != nil && r.file.failure.Reason == hostfs.PermissionDenied {
			c.Denied++
		}
	}
	for _, u := range a.node.Unreadable {
		switch u.Extent {
		case manifests.Whole:
			c.References++
			c.Unreadable++
		case manifests.Unread:
			c.References++
			c.Unverifiable++
		}
		if u.Reason == hostfs.PermissionDenied {
			c.Denied++
		}
	}
	return c
}

// whyUnread reports whether a reference gave nothing that could be examined.
func (a *auditor) whyUnread(r *reference) bool {
	if r.file == nil {
		return true
	}
	if r.file.failure != nil {
		return true
	}
	reason, _ := a.failure(r)
	return reason != ""
}

func (a *auditor) certificateRow(e *entry, c *rules.Certificate, status rules.Status) Certificate {
	row := Certificate{
		Component: c.Component, Type: typeOf(c), Requirement: e.row.Name, Path: c.Path, Embedded: c.Embedded,
		Position: c.Position, Source: manifests.Source(c.Source),
		Subject:  Name{c.Subject.CommonName, c.Subject.Organization, c.Subject.OrganizationalUnit},
		Issuer:   Name{c.Issuer.CommonName, c.Issuer.Organization, c.Issuer.OrganizationalUnit},
		DNSNames: c.DNSNames, SerialNumber: c.SerialNumber.String(),
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), SecondsLeft: c.NotAfter.Unix() - a.facts.At.Unix(),
		KeyAlgorithm: keyName(c), SignatureAlgorithm: c.SignatureAlgorithm.String(),
		KeyUsages: rules.KeyUsageNames(c.Certificate), ExtKeyUsages: rules.ExtKeyUsageNames(c.Certificate),
		IsCA: c.IsCA && c.BasicConstraintsValid, FingerprintSHA256: fingerprint(c.Raw), Status: status,
	}
	for _, ip := range c.IPAddresses {
		row.IPAddresses = append(row.IPAddresses, ip.String())
	}
	for _, r := range e.refs {
		row.References = append(row.References, Reference{Component: r.component, Source: r.source})
	}
	return row
}

// typeOf returns the type of a certificate in the words of the sheet.
func typeOf(c *rules.Certificate) string {
	if c.Role != rules.Companion {
		return c.Row.Type
	}
	if c.IsCA {
		return "CA (Chain)"
	}
	return "Chain"
}

// keyName returns algorithm and size of a certificate's key: RSA-2048, ECDSA-P256.
func keyName(c *rules.Certificate) string {
	algorithm, bits := keyAlgorithm(c.PublicKey)
	switch algorithm {
	case "":
		return "unsupported"
	case "Ed25519":
		return algorithm
	case "ECDSA":
		return fmt.Sprintf("ECDSA-P%d", bits)
	}
	return fmt.Sprintf("%s-%d", algorithm, bits)
}

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

func keyRow(e *keyEntry, k *rules.Key) Key {
	row := Key{
		Component: k.Component, Type: "Public Key", Path: k.Path, Embedded: k.Embedded, Source: manifests.Source(k.Source),
		Algorithm: k.Algorithm, Bits: k.Bits, Private: k.Private, Status: e.status,
	}
	if k.Private {
		row.Type = "Private Key"
	}
	if e.file.known {
		row.Mode = fmt.Sprintf("%04o", e.file.info.Mode.Perm())
	}
	if k.Certificate != nil {
		row.Certificate = k.Certificate.Path
	}
	return row
}

func connectionRow(c *connection) Connection {
	return Connection{
		Name:      c.Row.Name,
		Presenter: Endpoint{c.Presenter.Component, c.Presenter.Path, manifests.Source(c.Presenter.Source)},
		Verifier:  Endpoint{c.Verifier.Component, c.Verifier.Path, manifests.Source(c.Verifier.Source)},
		Usage:     c.Row.Usage, ServerName: c.ServerName, Status: c.status, Reason: c.reason,
	}
}

func summarize(r *Report) Summary {
	s := Summary{Certificates: len(r.Certificates), Keys: len(r.Keys), Connections: len(r.Connections)}
	for _, f := range r.Findings {
		switch f.Severity {
		case rules.Error:
			s.Error++
		case rules.Warning:
			s.Warning++
		case rules.Info:
			s.Info++
		}
	}
	for i := range r.Certificates {
		c := &r.Certificates[i]
		if s.FirstExpiry == nil || c.NotAfter.Before(s.FirstExpiry.NotAfter) {
			s.FirstExpiry = &FirstExpiry{Component: c.Component, Path: c.Path, NotAfter: c.NotAfter, SecondsLeft: c.SecondsLeft}
		}
	}
	return s
}

// doubtful are the checks whose findings a renewal in progress can cause.
func doubtful() []string {
	return []string{
		"key-mismatch", "sa-key-mismatch", "signer-mismatch", "chain-order", "unreadable", "untrusted", "rotation",
		"self-signature", "argument-missing",
	}
}

// isDoubtful reports whether a second look is needed.
func (a *auditor) isDoubtful() bool {
	return slices.ContainsFunc(a.found, func(f found) bool { return slices.Contains(doubtful(), f.Check) })
}

// unconfirmed returns the doubtful findings that an earlier audit did not have,
// or had on other bytes.
func (a *auditor) unconfirmed(before *auditor) []found {
	var all []found
	for _, f := range a.found {
		if !slices.Contains(doubtful(), f.Check) {
			continue
		}
		had := slices.ContainsFunc(before.found, func(g found) bool { return g.Check == f.Check && g.Path == f.Path && g.Message == f.Message })
		if !had || slices.ContainsFunc(f.files, func(file string) bool { return a.files.digest(file) != before.files.digest(file) }) {
			all = append(all, f)
		}
	}
	return all
}

// withdraw turns findings that rest on files in motion into what they are: not judged.
func (a *auditor) withdraw(unsure []found) {
	for i, f := range a.found {
		if !slices.ContainsFunc(unsure, func(u found) bool { return u.Check == f.Check && u.Path == f.Path && u.Message == f.Message }) {
			continue
		}
		a.found[i].Check, a.found[i].Severity = "unverifiable", rules.Info
		a.found[i].Message = "the file keeps changing while it is read, and was not judged by the check " + f.Check
		a.found[i].Impact = "unknown: a renewal may be in progress"
		a.found[i].Fix = "# run the audit again in a minute"
	}
}

// digest returns the digest of what was read of a path; that of nothing where
// nothing was.
func (s *store) digest(file string) string {
	if l := s.byPath[file]; l != nil {
		return string(l.digest[:])
	}
	return ""
}
