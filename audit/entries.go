package audit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"kube-cert-audit/rules"
)

// entry is a file, or a field of a kubeconfig, that holds certificates in the
// role of one row.
type entry struct {
	row          *rules.Requirement
	file         *loaded
	refs         []*reference
	certificates []*rules.Certificate
	statuses     []rules.Status // of the certificates
	at           int            // which of them the file is about: the first, or the one that its key is for
}

// leaf returns the certificate that the file is about.
func (e *entry) leaf() *rules.Certificate { return e.certificates[e.at] }

// keyEntry is a file, or a field of a kubeconfig, that holds keys in the role of one row.
type keyEntry struct {
	row    *rules.Requirement
	file   *loaded
	refs   []*reference
	keys   []*rules.Key
	status rules.Status
}

// add notes a reference, and wants what it names to be loaded.
func (a *auditor) add(r *reference) {
	if r == nil {
		return
	}
	a.refs = append(a.refs, r)
	switch {
	case r.location.Elsewhere != "" || r.unusable != "":
	case r.field != "":
		r.file = a.files.wantField(r.location.Path, r.field+fmt.Sprint(r.part), r.data)
	default:
		r.file = a.files.want(r.location.Path)
	}
}

// file puts what was loaded under the rows of its references: keys first, as
// they tell which certificate of a file is the one in use.
func (a *auditor) file() {
	for _, r := range a.refs {
		if r.file != nil && r.part != certificatePart {
			a.addKeys(r)
		}
	}
	for _, r := range a.refs {
		if r.file != nil && r.part == certificatePart {
			a.addCertificates(r)
		}
	}
}

func (a *auditor) addCertificates(r *reference) {
	if len(r.file.content.certificates) == 0 {
		return
	}
	e := a.entryFor(r)
	if e == nil {
		e = &entry{row: r.row, file: r.file, at: a.leafOf(r)}
		for i := range r.file.content.certificates {
			e.certificates = append(e.certificates, a.certificate(r, i, e.at))
			e.statuses = append(e.statuses, rules.OK)
		}
		a.entries = append(a.entries, e)
	}
	e.refs = append(e.refs, r)
	if c := a.settingsOf(r); c != nil && r.argument != "" {
		c.Certificates[r.argument] = append(c.Certificates[r.argument], e.certificates...)
	}
}

// entryFor returns the entry that a reference belongs to: that of its row and
// file, or, for the authority in a kubeconfig, any of its row with the same
// certificates.
func (a *auditor) entryFor(r *reference) *entry {
	for _, e := range a.entries {
		if e.row != r.row {
			continue
		}
		if e.file == r.file || r.row.Is(rules.KindCA) && r.field != "" && sameCertificates(e.file, r.file) {
			return e
		}
	}
	return nil
}

func sameCertificates(a, b *loaded) bool {
	return slices.EqualFunc(a.content.certificates, b.content.certificates, func(x, y certificateBlock) bool {
		return bytes.Equal(x.Raw, y.Raw)
	})
}

// certificate makes the subject of one certificate of a file.
func (a *auditor) certificate(r *reference, i, leaf int) *rules.Certificate {
	blocks := r.file.content.certificates
	c := &rules.Certificate{
		Certificate: a.asRenewed(blocks[i].Certificate),
		Place:       rules.Place{Component: r.component, Path: r.location.Path, Source: rules.Source(r.source)},
		Row:         r.row, Position: i, Of: len(blocks), Embedded: r.field,
	}
	switch {
	case r.row.Is(rules.KindCA):
		c.Role = rules.Authority
		a.facts.Authorities = append(a.facts.Authorities, c)
	case i != leaf:
		c.Role = rules.Companion
		a.facts.Companions = append(a.facts.Companions, c)
	default:
		c.Role = rules.Leaf
		c.Hosts = a.fill(r.row.Hosts)
		c.Rotates = a.rotates(r)
	}
	c.KeyKind, _ = certificateKey(c.Certificate)
	c.CommonNames = a.fill(r.row.CommonNames)
	return c
}

// leafOf returns which certificate of a file its key is for; the first one where
// the key is not known. Where that is another one, chain-order tells it, and
// everything else is judged as if they stood in order.
func (a *auditor) leafOf(r *reference) int {
	if k := a.firstKey(r.partner); k != nil {
		for i, block := range r.file.content.certificates {
			if rules.EqualKeys(k.Public, block.PublicKey) {
				return i
			}
		}
	}
	return 0
}

// rotates reports whether the kubelet exchanges a certificate by itself: it is
// told to, and the file is the link that it exchanges.
func (a *auditor) rotates(r *reference) bool {
	return r.row.Rotated != "" && r.field == "" && r.file.info.Link != "" &&
		a.first(r.row.Component, bare(r.row.Rotated)) == "true"
}

// fill puts the values of the node into names; those with an unknown value are left out.
func (a *auditor) fill(names []string) []string {
	values := map[string]string{"<nodename>": a.facts.Name, "<advertise-ip>": a.facts.AdvertiseAddress, "<service-ip>": a.serviceIP()}
	var filled []string
	for _, n := range names {
		before, rest, _ := strings.Cut(n, "<")
		placeholder, after, found := strings.Cut(rest, ">")
		switch value := values["<"+placeholder+">"]; {
		case !found:
			filled = append(filled, n)
		case value != "":
			filled = append(filled, before+value+after)
		}
	}
	return filled
}

func (a *auditor) addKeys(r *reference) {
	keys := usableKeys(r)
	if len(keys) == 0 {
		return
	}
	for _, e := range a.keys {
		if e.row == r.row && e.file == r.file && (r.part == verificationPart) == (e.refs[0].part == verificationPart) {
			e.refs = append(e.refs, r)
			return
		}
	}
	a.keys = append(a.keys, &keyEntry{row: r.row, file: r.file, refs: []*reference{r}, keys: keys, status: rules.OK})
}

// usableKeys returns the keys of a file that count for a reference: of a private
// key the first one, of verification keys all, and those of certificates.
func usableKeys(r *reference) []*rules.Key {
	var keys []*rules.Key
	for _, k := range r.file.content.keys {
		if r.part == keyPart && (!k.private || len(keys) > 0) {
			continue
		}
		if k.fault == "" && k.algorithm == "Ed25519" && r.row.Path.VerificationKey != "" {
			k.fault = "service-account tokens are signed with RSA and ECDSA keys, not with Ed25519"
		}
		keys = append(keys, &rules.Key{
			Place: rules.Place{Component: r.component, Path: r.location.Path, Source: rules.Source(r.source)},
			Row:   r.row, Public: k.public, Private: k.private, Encrypted: k.encrypted,
			Algorithm: k.algorithm, Bits: k.bits, Fault: k.fault, Embedded: r.field,
		})
	}
	if r.part == verificationPart {
		for _, c := range r.file.content.certificates {
			algorithm, bits := keyAlgorithm(c.PublicKey)
			keys = append(keys, &rules.Key{
				Place: rules.Place{Component: r.component, Path: r.location.Path, Source: rules.Source(r.source)},
				Row:   r.row, Public: c.PublicKey, Algorithm: algorithm, Bits: bits,
			})
		}
	}
	return keys
}

// firstKey returns the private key that a reference leads to, nil where there is none.
func (a *auditor) firstKey(r *reference) *rules.Key {
	if r == nil || r.file == nil {
		return nil
	}
	for _, e := range a.keys {
		if e.row == r.row && e.file == r.file && e.refs[0].part == keyPart {
			return e.keys[0]
		}
	}
	return nil
}

// entryOf returns the entry that a reference was filed under, nil where its file
// holds no certificate.
func (a *auditor) entryOf(r *reference) *entry {
	for _, e := range a.entries {
		if slices.Contains(e.refs, r) {
			return e
		}
	}
	return nil
}

// makePairs joins each certificate to the key that was named with it.
func (a *auditor) makePairs() {
	for _, r := range a.refs {
		if r.part != certificatePart || r.partner == nil {
			continue
		}
		e, key := a.entryOf(r), a.firstKey(r.partner)
		if e == nil || key == nil {
			continue
		}
		leaf := e.leaf()
		if leaf.KeyPath == "" {
			leaf.KeyPath = key.Path
		}
		if a.isPaired(leaf, key) {
			continue
		}
		key.Certificate = leaf
		p := &rules.Pair{Certificate: leaf, File: e.certificates, Key: key}
		p.Signing = strings.HasPrefix(r.argument, "cluster-signing-")
		p.ClientSigner = p.Signing && r.argument != "cluster-signing-kubelet-serving-cert-file"
		if c := a.settingsOf(r); p.Signing && c != nil {
			c.Signers = append(c.Signers, p)
		}
		a.pairs = append(a.pairs, p)
	}
}

// settingsOf returns the settings of the instance of a component whose argument a
// reference is; nil where no component runs here.
func (a *auditor) settingsOf(r *reference) *rules.Component {
	if r.instance != nil {
		return a.settings[r.instance]
	}
	return a.facts.Components[r.component]
}

func (a *auditor) isPaired(c *rules.Certificate, k *rules.Key) bool {
	return slices.ContainsFunc(a.pairs, func(p *rules.Pair) bool { return p.Certificate == c && p.Key == k })
}

// endpoint returns host and port of the control plane, as the administrators'
// kubeconfig has it.
func (a *auditor) endpoint() string {
	row := a.tables.Requirement("kubernetes-admin")
	for _, k := range a.node.Kubeconfigs {
		if row != nil && slices.Contains(row.Kubeconfig.Paths, k.Path) && len(k.Clusters) > 0 {
			return hostPort(k.Clusters[0].Server)
		}
	}
	return ""
}
