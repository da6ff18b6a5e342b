package audit

import (
	"net"
	"slices"

	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// dropForeign finds kubeconfigs that nobody on this node reads and that lead to
// another cluster, or to another API server of this one: an administrator may keep
// such a one.
func (a *auditor) dropForeign() {
	elsewhere := map[string]string{}
	for _, c := range a.connections {
		if !c.Row.Verifier.Kubeconfig || !c.Verdict.NameMissing || !a.isUnread(c.Verifier.Path) {
			continue
		}
		switch {
		case c.Verdict.Cause == rules.CauseUnknown:
			elsewhere[c.Verifier.Path] = "the kubeconfig seems to be for another cluster: neither its CA nor its server is this node's"
			a.setForeign(c.Verifier.Path)
		case !a.isOwnHost(c.ServerName):
			elsewhere[c.Verifier.Path] = "its server " + c.ServerName + " seems to be another API server of this cluster"
		}
	}
	for _, c := range a.connections {
		isServer, isUser := elsewhere[c.Verifier.Path], elsewhere[c.Presenter.Path]
		if isServer != "" || isUser != "" && a.foreign[c.Presenter.Path] {
			c.Verdict, c.Unjudged = rules.Verdict{}, isServer+isUser
		}
	}
}

// setForeign notes that a kubeconfig is for another cluster: what is in it is not
// this node's.
func (a *auditor) setForeign(path string) {
	a.foreign[path] = true
	for _, r := range a.refs {
		if r.location.Path == path && r.field != "" {
			r.idle = "the kubeconfig seems to be for another cluster"
		}
	}
}

// isOwnHost reports whether a host is one by which this node is dialled.
func (a *auditor) isOwnHost(host string) bool {
	endpoint, _, _ := net.SplitHostPort(a.facts.Endpoint)
	return slices.Contains([]string{endpoint, a.facts.AdvertiseAddress, a.facts.Name, "localhost", "127.0.0.1", "::1"}, host)
}

// isUnread reports whether a kubeconfig is one that no component was told to use.
func (a *auditor) isUnread(path string) bool {
	return slices.ContainsFunc(a.node.Kubeconfigs, func(k manifests.Kubeconfig) bool {
		return k.Path == path && len(k.Readers) == 0 && a.currentRow(&k) == otherUser
	})
}

// isKept reports whether a file has a certificate of the role of an entry beside it.
func (a *auditor) isKept(e *entry) bool {
	return slices.ContainsFunc(a.entries, func(o *entry) bool { return o.row == e.row && o.leaf().Embedded == "" })
}

// lower marks the serving certificates, of no CA of the cluster, that nobody
// verifies: they are judged one level lower.
func (a *auditor) lower() {
	for _, e := range a.entries {
		c := e.leaf()
		if e.row.Rotated != "" && c.Embedded != "" && a.isKept(e) {
			c.Lowered = "the kubelet goes on with the one that it keeps itself, until it starts again"
		}
		isOwnSigning := e.row.Parent == "" && e.row.Is(rules.KindServer) && c.Component != "kube-apiserver"
		if c.Role != rules.Leaf || !isOwnSigning {
			continue
		}
		if !slices.ContainsFunc(c.Uses, func(u *rules.Connection) bool {
			return len(a.node.Find(u.Verifier.Component)) > 0 || u.Row.Verifier.Kubeconfig
		}) {
			for _, each := range e.certificates {
				each.Lowered = "nobody on this node verifies this certificate"
			}
		}
	}
}
