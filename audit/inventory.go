package audit

import (
	"path"
	"slices"
	"strings"

	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// reference is one place of the configuration that names a certificate or a key.
type reference struct {
	row       *rules.Requirement
	part      part
	component string
	instance  *manifests.Component // whose argument names it; nil where none does
	source    manifests.Source
	argument  string // without dashes; empty where none names it
	location  manifests.Location
	data      []byte // of a field of a configuration file, instead of a location
	field     string // that field: of a kubeconfig, its entry
	unusable  string // why the kubeconfig's field cannot be decoded
	idle      string // why it is not in use at present; empty where it is

	partner *reference // of a certificate, the key that goes with it
	file    *loaded    // nil where there is nothing to load
}

// part is what a reference is expected to hold.
type part int

const (
	certificatePart part = iota
	keyPart
	verificationPart // keys that service-account tokens are verified with
)

// inventory finds all that the configuration refers to, in the order of the
// requirement table, and loads it.
func (a *auditor) inventory() {
	for i := range a.tables.Requirements {
		row := &a.tables.Requirements[i]
		if !a.isInForce(row) {
			continue
		}
		for _, named := range row.Named {
			for _, c := range a.node.Find(named.Component) {
				a.named(row, named, c)
			}
		}
		a.inKubeconfigs(row)
		a.atPaths(row)
	}
	a.kubeconfigCAs()
	a.files.load()
	a.file()
}

// isInForce reports whether the conditions of a row hold on this node.
func (a *auditor) isInForce(row *rules.Requirement) bool {
	if row.Unless != "" && a.first(row.Component, bare(row.Unless)) != "" {
		return false
	}
	if row.When == (rules.Condition{}) {
		return true
	}
	value := "false"
	for _, c := range a.node.Find(row.Component) {
		if argument, ok := c.Last(bare(row.When.Argument)); ok {
			value = argument.Value
		}
	}
	return value == row.When.Value
}

// bare returns an argument without its dashes.
func bare(argument string) string { return strings.TrimPrefix(argument, "--") }

// named adds the files that a component's arguments name.
func (a *auditor) named(row *rules.Requirement, named rules.Named, c *manifests.Component) {
	refer := func(p part, argument manifests.Argument, value string) *reference {
		r := &reference{row: row, part: p, component: c.Name, instance: c, source: argument.Source, argument: argument.Name}
		if manifests.IsContent(c.Name, argument.Name) {
			r.location.Path, r.field, r.data = argument.Source.File, argument.Source.Argument, []byte(value)
			return r
		}
		r.location = c.HostPath(value)
		return r
	}
	for _, argument := range c.All(bare(named.Pair)) {
		files, _, _ := strings.Cut(argument.Value, ":")
		certificate, key, _ := strings.Cut(files, ",")
		a.addPair(refer(certificatePart, argument, certificate), refer(keyPart, argument, key))
	}
	for _, argument := range a.inForce(c, named.VerificationKey) {
		a.add(refer(verificationPart, argument, argument.Value))
	}
	// Of several, the i-th certificate goes with the i-th key; either may be empty.
	nth := func(p part, arguments []manifests.Argument, i int) *reference {
		if i >= len(arguments) || arguments[i].Value == "" {
			return nil
		}
		return refer(p, arguments[i], arguments[i].Value)
	}
	certificates, keys := c.InForce(bare(named.Certificate)), c.InForce(bare(named.Key))
	for i := range max(len(certificates), len(keys)) {
		a.addPair(nth(certificatePart, certificates, i), nth(keyPart, keys, i))
	}
}

// inForce returns the occurrences of an argument that count, less empty ones.
func (a *auditor) inForce(c *manifests.Component, argument string) []manifests.Argument {
	return slices.DeleteFunc(c.InForce(bare(argument)), func(x manifests.Argument) bool { return x.Value == "" })
}

// addPair adds a certificate and the key that was named with it; either may be nil.
func (a *auditor) addPair(certificate, key *reference) {
	if certificate != nil {
		certificate.partner = key
	}
	if key != nil && key.partner == nil {
		key.partner = certificate
	}
	a.add(key)
	a.add(certificate)
}

// inKubeconfigs adds the credentials of the users of the kubeconfigs that a row is about.
func (a *auditor) inKubeconfigs(row *rules.Requirement) {
	for i := range a.node.Kubeconfigs {
		k := &a.node.Kubeconfigs[i]
		for j := range k.Users {
			if a.rowOf(k, &k.Users[j]) == row.Name {
				a.user(row, k, &k.Users[j])
			}
		}
	}
}

// otherUser is the row of users that no other row is about.
const otherUser = "kubeconfig-user"

// rowOf returns the name of the row that a user of a kubeconfig belongs to: by
// the component that reads the file, else by its path.
func (a *auditor) rowOf(k *manifests.Kubeconfig, u *manifests.User) string {
	if k.For != manifests.APIServer {
		return nameOf(a.webhookRow(rules.KindClient))
	}
	if !u.Current || len(k.Readers) > 0 && k.Readers[0].Source.Argument == "--bootstrap-kubeconfig" {
		return otherUser
	}
	for _, row := range a.tables.Requirements {
		for _, r := range k.Readers {
			if slices.Contains(row.Kubeconfig.Readers, r.Component) {
				return row.Name
			}
		}
	}
	for _, row := range a.tables.Requirements {
		isIt := func(file string) bool { return a.place(a.owner(&row), file) == k.Path }
		if slices.ContainsFunc(row.Kubeconfig.Paths, isIt) {
			return row.Name
		}
	}
	return otherUser
}

// webhookRow returns the row of the CAs of webhooks, or of their clients; nil where
// the table has none.
func (a *auditor) webhookRow(kind string) *rules.Requirement {
	for i := range a.tables.Requirements {
		if row := &a.tables.Requirements[i]; row.Kubeconfig.Webhooks && row.Is(kind) {
			return row
		}
	}
	return nil
}

func nameOf(row *rules.Requirement) string {
	if row == nil {
		return ""
	}
	return row.Name
}

// kubeconfigUser returns the component that a kubeconfig is for, going by its
// current user.
func (a *auditor) kubeconfigUser(k *manifests.Kubeconfig) string {
	return userOf(k, a.tables.Requirement(a.currentRow(k)))
}

// userOf returns the component that a kubeconfig is for.
func userOf(k *manifests.Kubeconfig, row *rules.Requirement) string {
	if len(k.Readers) > 0 {
		return k.Readers[0].Component
	}
	if row != nil {
		return row.Component
	}
	return "kubectl"
}

func (a *auditor) user(row *rules.Requirement, k *manifests.Kubeconfig, u *manifests.User) {
	refer := func(p part, m manifests.Material) *reference {
		r := &reference{
			row: row, part: p, component: userOf(k, row), source: m.Source, location: m.Location,
			data: m.Data, unusable: m.Unusable,
		}
		if m.Location.Path == "" {
			r.location.Path, r.field = k.Path, "user "+u.Name
		}
		r.idle = a.whyIdle(k, u.Current)
		return r
	}
	var certificate, key *reference
	if isSet(u.Certificate) {
		certificate = refer(certificatePart, u.Certificate)
	}
	if isSet(u.Key) {
		key = refer(keyPart, u.Key)
	}
	a.addPair(certificate, key)
}

// whyIdle says why an entry of a kubeconfig is not in use at present; empty where
// it may be. What people keep beside is no fault of the node.
func (a *auditor) whyIdle(k *manifests.Kubeconfig, isCurrent bool) string {
	isLeftOver := len(k.Readers) == 0 && strings.HasPrefix(k.Path, "/etc/kubernetes/") && !slices.Contains([]string{".conf", ".kubeconfig"}, path.Ext(k.Path))
	switch {
	case a.foreign[k.Path]:
		return "the kubeconfig seems to be for another cluster"
	case !isCurrent:
		return "the current context of " + k.Path + " does not use it"
	case isLeftOver:
		return "it seems to be left over: no component was told to use it"
	}
	return ""
}

func isSet(m manifests.Material) bool {
	return len(m.Data) > 0 || m.Unusable != "" || m.Location.Path != ""
}

// kubeconfigCAs adds the authorities that kubeconfigs verify their server with.
// One that a file of this node holds as well is another reference to that.
func (a *auditor) kubeconfigCAs() {
	for i := range a.node.Kubeconfigs {
		k := &a.node.Kubeconfigs[i]
		row := a.tables.Requirement("kubernetes-ca")
		if k.For != manifests.APIServer {
			row = a.webhookRow(rules.KindCA)
		}
		for j := range k.Clusters {
			c := &k.Clusters[j]
			if row == nil || !isSet(c.CA) {
				continue
			}
			r := &reference{
				row: row, part: certificatePart, component: a.kubeconfigUser(k),
				source: c.CA.Source, location: c.CA.Location, data: c.CA.Data, unusable: c.CA.Unusable,
			}
			if r.location.Path == "" {
				r.location.Path, r.field = k.Path, "cluster "+c.Name
			}
			r.idle = a.whyIdle(k, c.Current)
			a.add(r)
		}
	}
}

// currentRow returns the row of the current user of a kubeconfig.
func (a *auditor) currentRow(k *manifests.Kubeconfig) string {
	for i := range k.Users {
		if k.Users[i].Current {
			return a.rowOf(k, &k.Users[i])
		}
	}
	return otherUser
}

// atPaths adds the files of a row that no argument names: those at the places
// where its component keeps them by default, those of rows without arguments,
// and the keys of authorities. What nothing refers to is in nobody's use.
func (a *auditor) atPaths(row *rules.Requirement) {
	if len(a.node.Find(a.owner(row))) == 0 && !row.Is(rules.KindCA) {
		return
	}
	// What a component renews itself it keeps there, whatever is named.
	isNamed := row.Rotated == "" && slices.ContainsFunc(a.refs, func(r *reference) bool { return r.row == row && !row.IsPair(r.argument) })
	switch {
	case !isNamed && row.Default != (rules.Paths{}):
		a.addPair(a.at(row, certificatePart, row.Default.Certificate), a.at(row, keyPart, row.Default.Key))
	case len(row.Named) == 0:
		a.addPair(a.at(row, certificatePart, row.Path.Certificate), a.at(row, keyPart, row.Path.Key))
	case row.Is(rules.KindCA) && a.isReferred(row, a.place(a.owner(row), row.Path.Certificate)):
		a.addPair(a.at(row, certificatePart, row.Path.Certificate), a.at(row, keyPart, row.Path.Key))
	}
}

// at returns a reference to a file at a recommended place, nil where there is none.
func (a *auditor) at(row *rules.Requirement, p part, file string) *reference {
	file = a.place(a.owner(row), file)
	if file == "" || !a.files.exists(file) {
		return nil
	}
	return &reference{
		row: row, part: p, component: a.owner(row), source: manifests.Source{File: file},
		location: manifests.Location{Path: file},
	}
}

// isReferred reports whether a row has a reference to a file.
func (a *auditor) isReferred(row *rules.Requirement, file string) bool {
	return slices.ContainsFunc(a.refs, func(r *reference) bool {
		return r.row == row && r.location.Path == file && r.location.Elsewhere == ""
	})
}

// owner returns the component that a row is about.
func (a *auditor) owner(row *rules.Requirement) string {
	switch {
	case row.Component != "":
		return row.Component
	case len(row.Named) > 0:
		return row.Named[0].Component
	}
	return ""
}

// place fills the values of the node into a recommended path: the folder of the
// cluster's certificates, or one that an argument gives to the component that owns
// the file. It is empty where that folder is not known, or not one of the host.
func (a *auditor) place(owner, file string) string {
	placeholder, isRelative := strings.CutPrefix(file, "<")
	folder, below, _ := strings.Cut(placeholder, ">/")
	switch {
	case !isRelative:
		return file
	case folder == "pki":
		return path.Join(a.pki(), below)
	}
	for _, c := range a.node.Find(owner) {
		if argument, ok := c.Last(folder); ok && argument.Value != "" {
			if location := c.HostPath(argument.Value); location.Elsewhere == "" {
				return path.Join(location.Path, below)
			}
		}
	}
	return ""
}

// pki returns the folder of the cluster's certificates: that of the API server's
// own, or else of the CA of its clients.
func (a *auditor) pki() string {
	for _, argument := range []string{"tls-cert-file", "client-ca-file"} {
		for _, c := range a.node.Find("kube-apiserver") {
			if given, ok := c.Last(argument); ok && given.Value != "" {
				if location := c.HostPath(given.Value); location.Elsewhere == "" {
					return path.Dir(location.Path)
				}
			}
		}
	}
	return "/etc/kubernetes/pki"
}
