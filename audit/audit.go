package audit

import (
	"time"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// maxSignatures bounds the signatures that one audit verifies to explain faults
// and to find out who signed what: far above what a node takes.
const maxSignatures = 10_000

// auditor is one audit on its way through a node.
type auditor struct {
	opts  Options
	node  manifests.Node
	files *store
	facts *rules.Node

	entries     []*entry      // certificates, in the order of the requirement table
	keys        []*keyEntry   // keys, in the order of the requirement table
	pairs       []*rules.Pair // certificates with their keys
	refs        []*reference  // all that the configuration refers to
	connections []*connection
	found       []found
}

// once audits the node as it is at this moment.
func once(fsys *hostfs.FS, o Options) *auditor {
	a := &auditor{opts: o, files: newStore(fsys), node: manifests.Discover(fsys, o.Discovery)}
	a.facts = a.nodeFacts()
	a.inventory()
	a.linkAuthorities()
	a.connect()
	a.lower()
	a.judge()
	return a
}

// nodeFacts gathers what the checks know of the node as a whole.
func (a *auditor) nodeFacts() *rules.Node {
	n := &rules.Node{
		At: a.opts.At.UTC(), Limits: a.opts.Limits, Layout: a.node.Layout, Version: a.version(),
		Name: a.node.Name.Value, NameCertain: a.node.Name.Certain,
		Components: map[string]*rules.Component{}, Signatures: maxSignatures,
		Endpoint: a.endpoint(),
	}
	for i := range a.node.Components {
		c := &a.node.Components[i]
		if n.Components[c.Name] != nil {
			continue // a duplicate manifest, which is a finding of its own
		}
		n.Components[c.Name] = &rules.Component{
			Name:         c.Name,
			Manifest:     manifestOf(c),
			Certificates: map[string][]*rules.Certificate{},
			Values: func(argument string) ([]string, bool) {
				_, given := c.Last(argument)
				return c.Values(argument), given
			},
		}
	}
	n.AdvertiseAddress = a.first("kube-apiserver", "advertise-address")
	n.ServiceRange = a.first("kube-apiserver", "service-cluster-ip-range")
	n.DNSDomain = a.first("kubelet", "cluster-domain")
	return n
}

// manifestOf returns the static-pod manifest of a component; a native service has none.
func manifestOf(c *manifests.Component) string {
	if c.Image == "" {
		return ""
	}
	return c.Source.File
}

// first returns the first value of an argument that is in force; empty where there is none.
func (a *auditor) first(component, argument string) string {
	for _, c := range a.node.Find(component) {
		if values := c.Values(argument); len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// settle is the time after which a file that was being written is whole. One
// renewal by kubeadm leaves a pair apart for less than a millisecond; what makes
// the window longer is waiting for the disk.
const settle = 30 * time.Millisecond

// maxTries bounds how often a node that keeps changing is audited.
const maxTries = 10

// Run audits the node below fsys. It never fails: what could not be read or
// judged is part of the report. Findings that a renewal in progress may cause
// stand only if a second audit sees them on the same bytes.
func Run(fsys *hostfs.FS, o Options) *Report {
	a := once(fsys, o)
	if !a.isDoubtful() {
		return a.report()
	}
	for range maxTries {
		time.Sleep(settle)
		again := once(fsys, o)
		changed := again.unconfirmed(a)
		a = again
		if len(changed) == 0 {
			return a.report()
		}
	}
	time.Sleep(settle)
	last := once(fsys, o)
	last.withdraw(last.unconfirmed(a))
	return last.report()
}
