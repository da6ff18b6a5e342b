package audit

import (
	"cmp"
	"slices"

	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// egressName returns the host of the proxy that an egress selection dials by TLS,
// and the name that it expects of it. The selection is that of which an argument
// with the given source is a field.
func egressName(c *manifests.Component, argument string, source manifests.Source) (host, name string) {
	i := slices.IndexFunc(c.All(argument), func(a manifests.Argument) bool { return a.Source == source })
	urls, names := c.All("egress-selector.url"), c.All("egress-selector.tls-server-name")
	if i < 0 || i >= len(urls) || i >= len(names) {
		return "", ""
	}
	for _, host = range hostsOf([]string{urls[i].Value}) {
		name = cmp.Or(names[i].Value, host)
	}
	return host, name
}

// hereOrElsewhere returns the name that is dialled, as one of a server of this
// node or of another.
func (a *auditor) hereOrElsewhere(host, name string) (here, elsewhere []string) {
	switch {
	case name == "":
		return nil, nil
	case a.isOwnHost(host):
		return []string{name}, nil
	}
	return nil, []string{name}
}

// dialsElsewhere says why a client certificate is not presented to the server of
// this node; empty where it may be.
func (a *auditor) dialsElsewhere(row *rules.ConnectionRow, e *entry) string {
	if row.Names == "" {
		return ""
	}
	var far []string
	for _, r := range e.refs {
		for _, c := range a.node.Find(r.component) {
			host := a.first(c.Name, "proxy-server-host")
			if row.Names == rules.NamesEgress {
				host, _ = egressName(c, r.argument, r.source)
			}
			if host == "" || a.isOwnHost(host) {
				return ""
			}
			far = append(far, host)
		}
	}
	return "its client dials another host: " + shortened(far)
}
