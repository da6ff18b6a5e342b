package audit

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// connection is a connection with what the report says about it.
type connection struct {
	*rules.Connection
	status rules.Status
	reason string
}

// outcome tells what would come of the connection. A front proxy whose name is not
// allowed is refused behind a verification that succeeds.
func (c *connection) outcome() Outcome {
	switch {
	case c.Unjudged != "":
		return Unknown
	case c.Verdict.Failed, len(c.Allowed) > 0 && !slices.Contains(c.Allowed, c.Leaf.Subject.CommonName):
		return Fails
	}
	return Succeeds
}

// verifier is the side of a connection that decides.
type verifier struct {
	place      rules.Place
	roots      *entry // nil where the CA file gives no certificate
	unusable   string // why not
	told       bool   // there is a finding about it
	component  *manifests.Component
	kubeconfig *manifests.Kubeconfig
}

// connect builds the connections of the node from the connection table, and
// verifies each.
func (a *auditor) connect() {
	for i := range a.tables.Connections {
		row := &a.tables.Connections[i]
		presenters := a.presenters(row)
		if row.Verifier.Kubeconfig {
			for _, v := range a.kubeconfigVerifiers() {
				if a.isPort(row, v.kubeconfig) {
					a.connectRow(row, presenters, v)
				}
			}
			continue
		}
		if a.isPutOut(row) {
			continue
		}
		a.connectComponent(row, presenters)
	}
	a.dropForeign()
	for _, c := range a.connections {
		a.facts.Connections = append(a.facts.Connections, c.Connection)
		if c.Leaf != nil {
			c.Leaf.Uses = append(c.Leaf.Uses, c.Connection)
		}
	}
}

// isPort reports whether a row holds for the port that a kubeconfig dials. Where no
// API server runs, nothing tells one port from another.
func (a *auditor) isPort(row *rules.ConnectionRow, k *manifests.Kubeconfig) bool {
	port := a.first("kube-apiserver", "secure-port")
	if row.Port == "" || port == "" {
		return row.Port != rules.PortOther
	}
	isOwn := slices.ContainsFunc(k.Clusters, func(c manifests.Cluster) bool { return c.Current && portOf(c.Server) == port })
	return isOwn == (row.Port == rules.PortOwn)
}

// settle notes what the verification of a connection came to.
func (a *auditor) settle(c *connection) {
	switch {
	case c.Unjudged != "":
		c.status, c.reason = c.status.Worse(rules.Info), c.Unjudged
	case c.Verdict.Failed:
		c.WrongCA = a.facts.BlamesCA(c.Connection)
		c.reason = c.Verdict.Detail
	}
}

// isPutOut reports whether the argument that puts a row out of force is given.
func (a *auditor) isPutOut(row *rules.ConnectionRow) bool {
	return row.Unless != "" && a.first(row.Verifier.Component, bare(row.Unless)) != ""
}

// presenters returns the entries that are presented in connections of a row.
func (a *auditor) presenters(row *rules.ConnectionRow) []*entry {
	var all []*entry
	for _, name := range row.Presenters {
		for _, e := range a.entries {
			if e.row.Name == name && e.leaf().Role == rules.Leaf && e.refs[0].idle == "" {
				all = append(all, e)
			}
		}
	}
	return all
}

// connectComponent builds the connections of a row whose verifier is a component.
func (a *auditor) connectComponent(row *rules.ConnectionRow, presenters []*entry) {
	components := a.node.Find(row.Verifier.Component)
	if len(components) == 0 {
		for _, e := range presenters {
			a.unjudged(row, e, rules.Place{Component: row.Verifier.Component}, row.Verifier.Component+" does not run on this node", false)
		}
		return
	}
	for _, c := range components {
		for _, argument := range a.inForce(c, row.Verifier.CA) {
			location := c.HostPath(argument.Value)
			v := verifier{
				place:     rules.Place{Component: c.Name, Path: location.Path, Source: rules.Source(argument.Source)},
				component: c,
			}
			a.findRoots(&v, func(r *reference) bool { return r.component == c.Name && r.source == argument.Source })
			a.connectRow(row, ofItself(presenters, c), v)
		}
	}
}

// ofItself leaves out, of what a component presents to its own kind, what another
// instance of it does: the etcd clusters of one node are strangers to one another.
func ofItself(presenters []*entry, verifier *manifests.Component) []*entry {
	isOther := func(r *reference) bool {
		return r.instance != nil && r.instance != verifier && r.component == verifier.Name
	}
	return slices.DeleteFunc(slices.Clone(presenters), func(e *entry) bool {
		return !slices.ContainsFunc(e.refs, func(r *reference) bool { return !isOther(r) })
	})
}

// kubeconfigVerifiers returns the current clusters of all kubeconfigs that
// verify their server.
func (a *auditor) kubeconfigVerifiers() []verifier {
	var all []verifier
	for i := range a.node.Kubeconfigs {
		k := &a.node.Kubeconfigs[i]
		for j := range k.Clusters {
			c := &k.Clusters[j]
			if k.For != manifests.APIServer || !c.Current || c.Insecure || !strings.HasPrefix(c.Server, "https:") {
				continue
			}
			v := verifier{
				place: rules.Place{
					Component: a.kubeconfigUser(k), Path: k.Path, Source: rules.Source(c.Source),
				},
				kubeconfig: k,
			}
			if isSet(c.CA) {
				v.place.Source = rules.Source(c.CA.Source)
				if c.CA.Location.Path != "" {
					v.place.Path = c.CA.Location.Path
				}
				a.findRoots(&v, func(r *reference) bool { return r.source == c.CA.Source })
			} else {
				v.unusable = "the kubeconfig gives no CA, so that its user takes the roots of its system"
			}
			all = append(all, v)
		}
	}
	return all
}

// findRoots finds the certificates of the CA file that a reference names, or why
// there are none.
func (a *auditor) findRoots(v *verifier, isIt func(*reference) bool) {
	for _, r := range a.refs {
		if r.part != certificatePart || !isIt(r) {
			continue
		}
		v.roots = a.entryOf(r)
		switch {
		case v.roots != nil:
		case r.location.Elsewhere != "":
			v.unusable, v.told = "its CA file is "+r.location.Elsewhere, true
		default:
			v.unusable, v.told = "its CA file cannot be read", true
		}
		return
	}
	v.unusable = "its CA file is not known"
}

// connectRow builds the connections between the presenters and one verifier.
func (a *auditor) connectRow(row *rules.ConnectionRow, presenters []*entry, v verifier) {
	if row.Usage == rules.KindClient {
		for _, e := range presenters {
			if why := a.dialsElsewhere(row, e); why != "" {
				a.unjudged(row, e, v.place, why, false)
				continue
			}
			a.judged(row, e, v, "")
		}
		return
	}
	names, elsewhere := a.dialledNames(row, v)
	if row.Names != "" && len(names)+len(elsewhere) == 0 && row.Names != rules.NamesKubelet {
		return // not by TLS
	}
	if len(elsewhere) > 0 {
		a.unjudged(row, nil, v.place, fmt.Sprintf("%s runs on another host: %s", a.presenterName(row), shortened(elsewhere)), false)
	}
	if len(presenters) == 0 {
		a.presenterMissing(row, v, names)
		return
	}
	if len(names) == 0 && len(elsewhere) == 0 {
		names = []string{""}
	}
	names, left := capped(names)
	if left != "" {
		a.unjudged(row, nil, v.place, left, false)
	}
	for _, n := range names {
		for _, e := range a.answering(row, presenters, n) {
			a.judged(row, e, v, n)
		}
	}
}

// answering returns the certificates that are presented to who dials a name: one,
// or, of the etcd clusters of a node, which differ by their ports, one of each.
func (a *auditor) answering(row *rules.ConnectionRow, presenters []*entry, name string) []*entry {
	if row.Names == rules.NamesEtcdServers {
		return presenters
	}
	return []*entry{a.serving(presenters, name)}
}

// presenterName returns the component that presents certificates in a row.
func (a *auditor) presenterName(row *rules.ConnectionRow) string {
	if r := a.tables.Requirement(row.Presenters[0]); r != nil {
		return a.owner(r)
	}
	return "the server"
}

// presenterMissing tells of connections to a server whose certificate is not to
// be had: it runs elsewhere, or its certificate cannot be read.
func (a *auditor) presenterMissing(row *rules.ConnectionRow, v verifier, names []string) {
	component := a.presenterName(row)
	if len(a.node.Find(component)) > 0 {
		a.unjudged(row, nil, v.place, "the certificate of "+component+" cannot be read or is not given", true)
		return
	}
	if len(names) > 0 {
		a.unjudged(row, nil, v.place, fmt.Sprintf("%s does not run on this node: %s", component, shortened(names)), false)
	}
}

// serving returns the certificate that a server presents to who dials a name:
// the first of those for several names that claims it, else its ordinary one.
func (a *auditor) serving(presenters []*entry, name string) *entry {
	for _, e := range presenters {
		if !e.row.IsPair(e.refs[0].argument) || name == "" || net.ParseIP(name) != nil { // a client sends no address as the name of the server
			continue
		}
		_, patterns, hasPatterns := strings.Cut(sniValue(a, e), ":")
		if hasPatterns && matchesPattern(strings.Split(patterns, ","), name) || !hasPatterns && e.leaf().VerifyHostname(name) == nil {
			return e
		}
	}
	return presenters[0]
}

// sniValue returns the argument that named an SNI certificate.
func sniValue(a *auditor, e *entry) string {
	for _, c := range a.node.Find(e.refs[0].component) {
		for _, argument := range c.All(e.refs[0].argument) {
			if argument.Source == e.refs[0].source {
				return argument.Value
			}
		}
	}
	return ""
}

// matchesPattern reports whether a name matches one of the patterns of
// --tls-sni-cert-key: a whole name, or *. and a domain.
func matchesPattern(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		p = strings.TrimSpace(p)
		if domain, isWildcard := strings.CutPrefix(p, "*."); isWildcard {
			_, rest, found := strings.Cut(name, ".")
			return found && strings.EqualFold(rest, domain)
		}
		return strings.EqualFold(p, name)
	})
}

// judged adds a connection and verifies it.
func (a *auditor) judged(row *rules.ConnectionRow, e *entry, v verifier, name string) {
	if v.unusable != "" {
		a.unjudged(row, e, v.place, v.unusable, v.told)
		return
	}
	c := a.newConnection(row, e, v.place)
	c.Roots, c.ServerName = v.roots.trusted(row), name
	for _, companion := range e.certificates {
		if companion != c.Leaf {
			c.Chain = append(c.Chain, companion.Certificate)
		}
	}
	if row.Allowed != "" && v.component != nil {
		c.Allowed = v.component.Values(bare(row.Allowed))
	}
	a.verify(c)
}

// verify fills in the verdict. A parser or verifier that panics over a hostile
// certificate must not end the audit.
func (a *auditor) verify(c *connection) {
	defer func() {
		if r := recover(); r != nil {
			c.Unjudged = fmt.Sprintf("the verification failed on these certificates: %v", r)
		}
	}()
	if a.isLate() {
		c.Unjudged, c.Told = timeIsUp, true
		return
	}
	if len(c.Roots) == 0 {
		c.Unjudged, c.Told = "its CA file holds nothing that its reader takes", true
		return
	}
	c.Verdict = a.facts.Verify(c.Connection)
	if c.Unjudged = c.Verdict.Unjudged; c.Unjudged != "" {
		c.Verdict = rules.Verdict{}
	}
}

func (a *auditor) unjudged(row *rules.ConnectionRow, e *entry, verifier rules.Place, why string, told bool) {
	c := a.newConnection(row, e, verifier)
	c.Unjudged, c.Told = why, told
}

func (a *auditor) newConnection(row *rules.ConnectionRow, e *entry, verifier rules.Place) *connection {
	c := &connection{Connection: &rules.Connection{Row: row, Verifier: verifier}, status: rules.OK}
	c.Presenter = rules.Place{Component: a.presenterName(row)}
	if e != nil {
		c.Leaf = e.leaf()
		c.Presenter = c.Leaf.Place
	}
	a.connections = append(a.connections, c)
	return c
}
