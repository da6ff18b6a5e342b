package audit

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// dialledNames returns the names and addresses by which the verifier dials the
// server of a connection, and those of servers on other hosts.
func (a *auditor) dialledNames(row *rules.ConnectionRow, v verifier) (here, elsewhere []string) {
	switch row.Names {
	case rules.NamesEtcdServers:
		return a.etcdServers(append(v.component.Values("etcd-servers"), overrides(v.component.Values("etcd-servers-overrides"))...))
	case rules.NamesEtcdPeerURLs:
		return hostsOf(v.component.Values("initial-advertise-peer-urls")), nil
	case rules.NamesKubeconfigServer:
		return a.kubeconfigServer(v), nil
	case rules.NamesServiceIP:
		return a.serviceNames(), nil
	case rules.NamesKubelet:
		return a.kubeletNames(), nil
	case rules.NamesEgress:
		return a.hereOrElsewhere(egressName(v.component, bare(row.Verifier.CA), manifests.Source(v.place.Source)))
	case rules.NamesProxyServer:
		host := a.first(v.component.Name, "proxy-server-host")
		return a.hereOrElsewhere(host, host)
	}
	return nil, nil
}

// hostsOf returns the hosts of the URLs that are dialled by TLS, each once.
func hostsOf(urls []string) []string {
	var hosts []string
	for _, text := range urls {
		u, err := url.Parse(strings.TrimSpace(text))
		if err == nil && u.Scheme == "https" && u.Hostname() != "" && !slices.Contains(hosts, u.Hostname()) {
			hosts = append(hosts, u.Hostname())
		}
	}
	return hosts
}

// overrides returns the URLs in values of --etcd-servers-overrides, which have the
// form GROUP/RESOURCE#URL;URL….
func overrides(values []string) []string {
	var urls []string
	for _, value := range values {
		if _, servers, found := strings.Cut(value, "#"); found {
			urls = append(urls, strings.Split(servers, ";")...)
		}
	}
	return urls
}

// etcdServers tells the servers that are the etcd of this node from others.
func (a *auditor) etcdServers(urls []string) (here, elsewhere []string) {
	own := []string{"localhost", "127.0.0.1", "::1", a.facts.Name}
	for _, c := range a.node.Find("etcd") {
		for _, argument := range []string{"listen-client-urls", "advertise-client-urls"} {
			own = append(own, hostsOf(c.Values(argument))...)
		}
	}
	runsHere := len(a.node.Find("etcd")) > 0
	for _, host := range hostsOf(urls) {
		if runsHere && slices.ContainsFunc(own, func(o string) bool { return o != "" && strings.EqualFold(o, host) }) {
			here = append(here, host)
		} else {
			elsewhere = append(elsewhere, host)
		}
	}
	return here, elsewhere
}

// kubeconfigServer returns the name by which the user of a kubeconfig knows the
// API server.
func (a *auditor) kubeconfigServer(v verifier) []string {
	for _, c := range v.kubeconfig.Clusters {
		switch {
		case !c.Current:
		case c.TLSServerName != "":
			return []string{c.TLSServerName}
		default:
			return hostsOf([]string{c.Server})
		}
	}
	return nil
}

// serviceNames returns the names by which pods dial the API server: the address
// of the service "kubernetes", and the name that clients in the cluster use.
func (a *auditor) serviceNames() []string {
	if len(a.node.Find("kube-apiserver")) == 0 {
		return nil
	}
	names := []string{"kubernetes.default.svc"}
	if ip := a.serviceIP(); ip != "" {
		names = append(names, ip)
	}
	return names
}

// defaultServiceRange is that of the API server.
const defaultServiceRange = "10.0.0.0/24"

// serviceIP returns the first address of the first service range, empty where it
// is not known: one that is given without a value was decided elsewhere.
func (a *auditor) serviceIP() string {
	api := a.facts.Components["kube-apiserver"]
	if api == nil {
		return ""
	}
	text := a.facts.ServiceRange
	if _, isGiven := api.Values("service-cluster-ip-range"); text == "" && !isGiven {
		text = defaultServiceRange
	}
	prefix, err := netip.ParsePrefix(strings.TrimSpace(text))
	if err != nil || !prefix.Masked().Addr().Next().IsValid() {
		return ""
	}
	return prefix.Masked().Addr().Next().String()
}

// kubeletNames returns the address by which the API server dials the kubelet of
// this node, where the configuration tells it. The likely address of a node is
// no ground for an alarm.
func (a *auditor) kubeletNames() []string {
	kind := a.first("kube-apiserver", "kubelet-preferred-address-types")
	ip := a.first("kubelet", "node-ip")
	switch {
	case (kind == "Hostname" || kind == "") && a.facts.NameCertain:
		return []string{a.facts.Name}
	case kind == "InternalIP" && net.ParseIP(ip) != nil && !net.ParseIP(ip).IsUnspecified():
		return []string{ip}
	}
	return nil
}

// hostPort returns host and port of a server URL.
func hostPort(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return ""
	}
	return u.Host
}

// portOf returns the port of a server URL.
func portOf(server string) string {
	u, err := url.Parse(server)
	switch {
	case err != nil:
		return ""
	case u.Port() == "" && u.Scheme == "https":
		return "443"
	}
	return u.Port()
}
