package audit

import (
	"context"
	"net"
	"slices"
	"strings"
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
	ctx      context.Context // done when its time is up
	opts     Options
	tables   rules.Tables // of the node's layout
	node     manifests.Node
	files    *store
	facts    *rules.Node
	settings map[*manifests.Component]*rules.Component // of every instance

	entries     []*entry      // certificates, in the order of the requirement table
	keys        []*keyEntry   // keys, in the order of the requirement table
	pairs       []*rules.Pair // certificates with their keys
	refs        []*reference  // all that the configuration refers to
	connections []*connection
	waivers     []*rules.WaiverUse
	foreign     map[string]bool // kubeconfigs for other clusters
	found       []found
	passed      int                  // objects that there was no time to judge
	stamps      map[string]stamp     // of the files that doubtful findings rest on
	renewed     map[string]time.Time // the end, by its DER form, of a certificate that is taken for renewed
}

// once audits the node as it is at this moment.
func once(ctx context.Context, fsys *hostfs.FS, o Options) *auditor {
	a := &auditor{ctx: ctx, opts: o, files: newStore(fsys), node: manifests.Discover(fsys, o.Discovery)}
	a.audit()
	a.stampDoubtful()
	return a
}

// audit judges what the configuration of the node refers to.
func (a *auditor) audit() {
	a.settings, a.foreign = map[*manifests.Component]*rules.Component{}, map[string]bool{}
	a.tables = a.opts.Tables.For(a.node.Layout)
	a.waivers = waiverUses(a.tables.Waivers)
	a.facts = a.nodeFacts()
	a.inventory()
	a.linkAuthorities()
	a.connect()
	a.lower()
	for _, c := range a.connections {
		a.settle(c)
	}
	a.judge()
	a.rate()
}

// nodeFacts gathers what the checks know of the node as a whole.
func (a *auditor) nodeFacts() *rules.Node {
	n := &rules.Node{
		At: a.opts.At.UTC(), Limits: a.opts.Limits, Layout: a.tables.Layout, Version: a.version(),
		Name: a.node.Name.Value, NameCertain: a.node.Name.Certain,
		Components: map[string]*rules.Component{}, Signatures: maxSignatures,
		Endpoint: a.endpoint(),
	}
	for i := range a.node.Components {
		c := &a.node.Components[i]
		settings := &rules.Component{
			Name:         c.Name,
			Manifest:     manifestOf(c),
			ConfigFile:   configFileOf(c),
			Certificates: map[string][]*rules.Certificate{},
			Partial:      a.isPartial(c),
			Values: func(argument string) ([]string, bool) {
				_, given := c.Last(argument)
				return c.Values(argument), given
			},
		}
		a.settings[c] = settings
		if n.Components[c.Name] == nil { // what concerns several components goes by the first of each
			n.Components[c.Name] = settings
		}
	}
	isControlPlane := func(name string) bool { return n.Components[name] != nil }
	if !slices.ContainsFunc([]string{"kube-apiserver", "etcd", "kube-controller-manager"}, isControlPlane) {
		n.Layout = n.Layout.OnAgent()
	}
	n.PKI = a.pki()
	if ip := net.ParseIP(a.first("kube-apiserver", "advertise-address")); ip != nil && !ip.IsUnspecified() {
		n.AdvertiseAddress = ip.String()
	}
	n.Port = a.first("kube-apiserver", "secure-port")
	n.ServiceRange = a.first("kube-apiserver", "service-cluster-ip-range")
	n.DNSDomain = a.first("kubelet", "cluster-domain")
	return n
}

// isPartial reports whether a file that may give a component arguments was not, or
// not wholly, taken into account.
func (a *auditor) isPartial(c *manifests.Component) bool {
	isField := func(argument manifests.Argument) bool { return !strings.HasPrefix(argument.Source.Argument, "--") }
	if c.Name == "kubelet" && !slices.ContainsFunc(c.Arguments, isField) {
		return true // its configuration is somewhere else
	}
	return slices.ContainsFunc(a.node.Unreadable, func(u manifests.Unreadable) bool {
		isFurther := u.Source.Argument != "" && c.Name == "kube-apiserver" // such files give nothing that a flag could
		return u.Component == c.Name && (u.Extent == manifests.Whole || u.Extent == manifests.Unread) && !isFurther && !strings.HasSuffix(u.Source.Argument, "kubeconfig")
	})
}

// manifestOf returns the static-pod manifest of a component, or its unit; one that
// another program runs has neither.
func manifestOf(c *manifests.Component) string {
	if c.Image == "" && rules.UnitOf(c.Source.File) == "" {
		return ""
	}
	return c.Source.File
}

// configFileOf returns the file that takes the place of a component's arguments.
func configFileOf(c *manifests.Component) string {
	if named, ok := c.Last("config-file"); ok {
		return c.HostPath(named.Value).Path
	}
	return ""
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

// Run audits the node below fsys. It never fails: what could not be read or
// judged is part of the report. Findings that a renewal in progress may cause
// stand only if further looks see them on the same bytes. Once ctx is done, what
// remains is not judged; the deadlines for reading are those of fsys.
func Run(ctx context.Context, fsys *hostfs.FS, o Options) *Report {
	return confirmed(ctx, fsys, o).report()
}

// confirmed audits the node until its doubtful findings are certain.
func confirmed(ctx context.Context, fsys *hostfs.FS, o Options) *auditor {
	return settled(func() *auditor {
		return hostfs.Try(fsys, func(view *hostfs.FS) *auditor { return once(ctx, view, o) })
	})
}
