package audit

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"net"
	"path"
	"strings"
	"time"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// report fills in the report from what was found.
func (a *auditor) report() *Report {
	r := &Report{
		APIVersion: APIVersion, Kind: Kind, At: a.facts.At, Root: a.opts.Root,
		Node: a.nodeRow(), Coverage: a.coverage(),
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
		if f.waiver != nil {
			r.Waived = append(r.Waived, waived(f.Finding, f.waiver))
			continue
		}
		r.Findings = append(r.Findings, f.Finding)
	}
	r.Summary = summarize(r)
	r.Summary.FirstExpiry = a.firstExpiry()
	return r
}

func (a *auditor) nodeRow() Node {
	return Node{Name: a.facts.Name, Layout: a.node.Layout, Evidence: a.node.Evidence, Version: a.facts.Version}
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
	c := Coverage{Unjudged: a.passed + a.files.unseenElsewhere()}
	for _, r := range a.refs {
		c.References++
		switch {
		case r.location.Elsewhere != "":
			c.Unverifiable++
		case a.isUnreadable(r):
			c.Unreadable++
		default:
			c.Examined++
		}
		if r.file != nil && r.file.failure != nil {
			c.count(r.file.failure.Reason)
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
		c.count(u.Reason)
	}
	return c
}

// count counts the reasons that make an audit incomplete.
func (c *Coverage) count(reason hostfs.Reason) {
	switch reason {
	case hostfs.PermissionDenied:
		c.Denied++
	case hostfs.TimedOut:
		c.TimedOut++
	}
}

// isUnreadable reports whether a reference gave nothing that could be examined.
func (a *auditor) isUnreadable(r *reference) bool {
	if r.file == nil || r.file.failure != nil {
		return true
	}
	reason, _ := a.failure(r)
	return reason != ""
}

func (a *auditor) certificateRow(e *entry, c *rules.Certificate, status rules.Status) Certificate {
	row := decodedRow(c.Certificate, a.facts.At)
	row.Component, row.Type, row.Requirement, row.Path, row.Embedded = c.Component, typeOf(c), e.row.Name, c.Path, c.Embedded
	row.Position, row.Source, row.Status = c.Position, manifests.Source(c.Source), status
	for _, r := range e.refs {
		row.References = append(row.References, Reference{Component: r.component, Source: r.source})
	}
	return row
}

func distinguished(n *pkix.Name) Name {
	return Name{
		CommonName: n.CommonName, Organizations: n.Organization, OrganizationalUnits: n.OrganizationalUnit,
		Country: first(n.Country), Province: first(n.Province), Locality: first(n.Locality),
	}
}

// first returns the first of some values, empty where there is none.
func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// decodedRow returns what a certificate itself says.
func decodedRow(c *x509.Certificate, at time.Time) Certificate {
	return Certificate{
		Subject: distinguished(&c.Subject), Issuer: distinguished(&c.Issuer),
		DNSNames: c.DNSNames, IPAddresses: addresses(c.IPAddresses), SerialNumber: c.SerialNumber.String(),
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), SecondsLeft: c.NotAfter.Unix() - at.Unix(),
		KeyAlgorithm: keyName(c), SignatureAlgorithm: c.SignatureAlgorithm.String(),
		KeyUsages: rules.KeyUsageNames(c), ExtKeyUsages: rules.ExtKeyUsageNames(c),
		IsCA: c.IsCA && c.BasicConstraintsValid, FingerprintSHA256: fingerprint(c.Raw), PublicKeySHA256: fingerprint(c.RawSubjectPublicKeyInfo),
	}
}

func addresses(ips []net.IP) []string {
	var all []string
	for _, ip := range ips {
		all = append(all, ip.String())
	}
	return all
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
func keyName(c *x509.Certificate) string {
	algorithm, bits := certificateKey(c)
	switch {
	case algorithm == "":
		return "unsupported"
	case bits == 0, algorithm == "Ed25519":
		return algorithm
	case algorithm == "ECDSA":
		return fmt.Sprintf("ECDSA-P%d", bits)
	}
	return fmt.Sprintf("%s-%d", algorithm, bits)
}

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// publicKeyDigest returns the fingerprint of a public key in the form in which a
// certificate holds it; empty where there is none.
func publicKeyDigest(public any) string {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return ""
	}
	return fingerprint(der)
}

func keyRow(e *keyEntry, k *rules.Key) Key {
	row := Key{
		Component: k.Component, Type: "Public Key", Path: k.Path, Embedded: k.Embedded, Source: manifests.Source(k.Source),
		Algorithm: k.Algorithm, Bits: k.Bits, Private: k.Private,
		PublicKeySHA256: publicKeyDigest(k.Public), Status: e.status,
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
		Usage:     c.Row.Usage, ServerName: c.ServerName, Outcome: c.outcome(), Status: c.status, Reason: c.reason,
	}
}

func summarize(r *Report) Summary {
	s := Summary{Certificates: len(r.Certificates), Requests: len(r.Requests), Keys: len(r.Keys), Connections: len(r.Connections), Waived: len(r.Waived)}
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
	return s
}

// firstExpiry returns the certificate in use that ends first, those that nobody
// verifies aside; nil where there is none.
func (a *auditor) firstExpiry() *FirstExpiry {
	var first *rules.Certificate
	for _, e := range a.entries {
		for _, c := range e.certificates {
			if a.idle(c) == "" && c.Lowered == "" && (first == nil || c.NotAfter.Before(first.NotAfter)) {
				first = c
			}
		}
	}
	if first == nil {
		return nil
	}
	return &FirstExpiry{
		Component: first.Component, Path: first.Path, NotAfter: first.NotAfter.UTC(), SecondsLeft: first.NotAfter.Unix() - a.facts.At.Unix(),
	}
}
