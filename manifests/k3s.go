package manifests

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// k3s returns the layout of k3s: one process is all components, and passes on to
// each what the tables below say.
func k3s() layout {
	return layout{
		name: "k3s",
		marks: []string{
			"/etc/systemd/system/k3s.service", "/etc/systemd/system/k3s-agent.service", "/etc/rancher/k3s/config.yaml",
			"/var/lib/rancher/k3s/server", "/var/lib/rancher/k3s/agent",
		},
		find: func(d *discovery) {
			r := newRancher(d, "k3s")
			if r.exists(path.Join(r.dataDir, "server")) {
				r.servers()
				r.supervisor()
			}
			r.agents()
			r.staticPods()
			r.clients()
		},
	}
}

// What k3s passes to the components of a server: pkg/daemons/control/server.go and
// pkg/daemons/control/deps/deps.go of k3s. In these tables, a value that begins with
// ./ is a path below the data folder. Of several values, which | keeps apart, the
// first that exists is the one: later versions have a file of their own for it. One
// that ends in ? is passed only where the file exists.
func k3sAPIServer() []passed {
	return []passed{
		{"authorization-mode", "Node,RBAC"},
		{"anonymous-auth", "false"},
		{"bind-address", "127.0.0.1"},
		{"cert-dir", "./server/tls/temporary-certs"},
		{"client-ca-file", "./server/tls/client-ca.crt"},
		{"tls-cert-file", "./server/tls/serving-kube-apiserver.crt"},
		{"tls-private-key-file", "./server/tls/serving-kube-apiserver.key"},
		{"kubelet-certificate-authority", "./server/tls/server-ca.crt"},
		{"kubelet-client-certificate", "./server/tls/client-kube-apiserver.crt"},
		{"kubelet-client-key", "./server/tls/client-kube-apiserver.key"},
		{"kubelet-preferred-address-types", "InternalIP,ExternalIP,Hostname"},
		{"requestheader-client-ca-file", "./server/tls/request-header-ca.crt"},
		{"requestheader-allowed-names", "system:auth-proxy"},
		{"proxy-client-cert-file", "./server/tls/client-auth-proxy.crt"},
		{"proxy-client-key-file", "./server/tls/client-auth-proxy.key"},
		{"service-account-key-file", "./server/tls/service.key"},
		{"service-account-signing-key-file", "./server/tls/service.current.key|./server/tls/service.key"}, // since February 2023
		{"egress-selector-config-file", "./server/etc/egress-selector-config.yaml?"},
		{"encryption-provider-config", "./server/cred/encryption-config.json?"},
	}
}

func k3sManager() []passed {
	const (
		client = "./server/tls/client-ca.nochain.crt|./server/tls/client-ca.crt" // since February 2023
		server = "./server/tls/server-ca.nochain.crt|./server/tls/server-ca.crt"
	)
	return []passed{
		{"kubeconfig", "./server/cred/controller.kubeconfig"},
		{"authentication-kubeconfig", "./server/cred/controller.kubeconfig"},
		{"authorization-kubeconfig", "./server/cred/controller.kubeconfig"},
		{"bind-address", "127.0.0.1"},
		{"secure-port", "10257"},
		{"root-ca-file", "./server/tls/server-ca.crt"},
		{"service-account-private-key-file", "./server/tls/service.current.key|./server/tls/service.key"},
		{"tls-cert-file", "./server/tls/kube-controller-manager/kube-controller-manager.crt?"}, // since May 2025; before, it makes its own in memory
		{"tls-private-key-file", "./server/tls/kube-controller-manager/kube-controller-manager.key?"},
		{"cluster-signing-kube-apiserver-client-cert-file", client},
		{"cluster-signing-kube-apiserver-client-key-file", "./server/tls/client-ca.key"},
		{"cluster-signing-kubelet-client-cert-file", client},
		{"cluster-signing-kubelet-client-key-file", "./server/tls/client-ca.key"},
		{"cluster-signing-kubelet-serving-cert-file", server},
		{"cluster-signing-kubelet-serving-key-file", "./server/tls/server-ca.key"},
		{"cluster-signing-legacy-unknown-cert-file", server},
		{"cluster-signing-legacy-unknown-key-file", "./server/tls/server-ca.key"},
	}
}

func k3sScheduler() []passed {
	return []passed{
		{"kubeconfig", "./server/cred/scheduler.kubeconfig"},
		{"authentication-kubeconfig", "./server/cred/scheduler.kubeconfig"},
		{"authorization-kubeconfig", "./server/cred/scheduler.kubeconfig"},
		{"bind-address", "127.0.0.1"},
		{"secure-port", "10259"},
		{"tls-cert-file", "./server/tls/kube-scheduler/kube-scheduler.crt?"},
		{"tls-private-key-file", "./server/tls/kube-scheduler/kube-scheduler.key?"},
	}
}

// What the API server is told of the etcd that k3s runs: pkg/etcd/etcd.go of k3s.
func k3sEtcdClient() []passed {
	return []passed{
		{"etcd-servers", "https://127.0.0.1:2379"},
		{"etcd-cafile", "./server/tls/etcd/server-ca.crt"},
		{"etcd-certfile", "./server/tls/etcd/client.crt"},
		{"etcd-keyfile", "./server/tls/etcd/client.key"},
	}
}

// What k3s, and RKE2, pass to the components of every node: pkg/daemons/agent and
// pkg/agent/config of k3s. Later versions (1.32, as far as could be learnt) say most of
// it in the drop-ins.
func rancherKubelet() []passed {
	return []passed{
		{"kubeconfig", "./agent/kubelet.kubeconfig"},
		{"anonymous-auth", "false"},
		{"client-ca-file", "./agent/client-ca.crt"},
		{"tls-cert-file", "./agent/serving-kubelet.crt"},
		{"tls-private-key-file", "./agent/serving-kubelet.key"},
		{"pod-manifest-path", "./agent/pod-manifests"},
		{"config-dir", "./agent/etc/kubelet.conf.d?"},
	}
}

// servers adds the components of a server.
func (r *rancher) servers() {
	etcdDir := path.Join(r.dataDir, "server/db/etcd")
	if r.exists(etcdDir) && !r.isOff("disable-etcd") {
		r.add(etcd, []passed{{"config-file", etcdDir + "/config"}}, "") // with what etcd-arg says
	}
	if !r.isOff("disable-apiserver") {
		r.add(apiserver, slices.Concat(k3sAPIServer(), r.datastore(etcdDir), r.network()), "kube-apiserver-arg")
	}
	if !r.isOff("disable-controller-manager") {
		r.add(manager, k3sManager(), "kube-controller-manager-arg")
	}
	if !r.isOff("disable-scheduler") {
		r.add(scheduler, k3sScheduler(), "kube-scheduler-arg")
	}
}

// datastore returns what the API server is told of the database: an etcd of k3s,
// another etcd, or a socket of k3s itself, which speaks for any other database.
func (r *rancher) datastore(etcdDir string) []passed {
	endpoint := last(r.settings, "datastore-endpoint")
	switch {
	case strings.HasPrefix(endpoint, "https://"):
		return []passed{
			{"etcd-servers", endpoint}, {"etcd-cafile", last(r.settings, "datastore-cafile")},
			{"etcd-certfile", last(r.settings, "datastore-certfile")}, {"etcd-keyfile", last(r.settings, "datastore-keyfile")},
		}
	case endpoint == "" && (r.exists(etcdDir) || r.isOff("disable-etcd")):
		return k3sEtcdClient()
	}
	return nil
}

// network returns what the API server is told of addresses.
func (r *rancher) network() []passed {
	port := 6443
	if given, err := strconv.Atoi(last(r.settings, "https-listen-port")); err == nil {
		port = given
	}
	settings := []passed{
		{"secure-port", strconv.Itoa(port + 1)}, // k3s itself has the port that is known
		{"service-cluster-ip-range", "10.43.0.0/16"},
	}
	if ranges := r.values("service-cidr"); len(ranges) > 0 {
		settings = append(settings, passed{"service-cluster-ip-range", strings.Join(ranges, ",")})
	}
	if address := last(r.settings, "advertise-address"); address != "" {
		settings = append(settings, passed{"advertise-address", address})
	}
	return settings
}

// agents adds the components of every node.
func (r *rancher) agents() {
	if !r.exists(path.Join(r.dataDir, "agent")) {
		return // --disable-agent
	}
	r.agentKubelet()
	if config := path.Join(r.dataDir, "agent/kubeproxy.kubeconfig"); r.exists(config) && !r.isOff("disable-kube-proxy") {
		r.add(proxy, []passed{{"kubeconfig", config}}, "kube-proxy-arg")
	}
}

func (r *rancher) agentKubelet() {
	given := rancherKubelet()
	for _, row := range []struct{ setting, argument string }{{"node-ip", "node-ip"}, {"node-name", "hostname-override"}, {"cluster-domain", "cluster-domain"}} {
		if values := r.values(row.setting); len(values) > 0 {
			given = append(given, passed{row.argument, strings.Join(values, ",")})
		}
	}
	r.add(kubelet, given, "kubelet-arg")
}

// values returns all values of a setting.
func (r *rancher) values(setting string) []string {
	c := Component{Arguments: r.settings}
	var values []string
	for _, a := range c.All(setting) {
		values = append(values, a.Value)
	}
	if !isList(setting) && len(values) > 1 {
		return values[len(values)-1:]
	}
	return values
}

// add adds a component with the arguments that it is passed. Those of the operator
// come after them, and take the place of the ones of the same name.
func (r *rancher) add(component string, table []passed, setting string) {
	c := Component{Name: component, Source: r.source}
	own, replaced := r.ownArguments(component, setting)
	if replaced["config"] && component == kubelet {
		named := Component{Arguments: own}
		config, _ := named.Last("config")
		r.parse(&c, config, parseKubeletConfiguration) // which all others override
	}
	for _, p := range table {
		if value, isPassed := r.value(p.value); isPassed && !replaced[p.name] {
			source := r.source
			source.Argument = "--" + p.name
			c.Arguments = append(c.Arguments, Argument{Name: p.name, Value: value, Source: source})
		}
	}
	if component == kubelet {
		r.dropIns(&c, Component{Name: kubelet, Arguments: slices.Concat(c.Arguments, own)})
	}
	c.Arguments = append(c.Arguments, own...)
	r.addComponents(r.source.File, []Component{c})
}

// value returns the value of an argument that is passed; false where it is not.
func (r *rancher) value(text string) (value string, isPassed bool) {
	text, isOptional := strings.CutSuffix(text, "?")
	choices := strings.Split(text, "|")
	for i, choice := range choices {
		if below, isPath := strings.CutPrefix(choice, "./"); isPath {
			choices[i] = path.Join(r.dataDir, below)
		}
	}
	i := slices.IndexFunc(choices, r.exists)
	switch {
	case len(choices) > 1 && i > 0:
		return choices[i], true
	case isOptional && i < 0:
		return "", false
	}
	return choices[0], choices[0] != ""
}

// ownArguments returns the arguments of a component that the operator gives, as
// NAME=VALUE, and which others they replace: NAME+=VALUE adds to them.
func (r *rancher) ownArguments(component, setting string) (own []Argument, replaced map[string]bool) {
	replaced = map[string]bool{}
	for _, s := range r.settings {
		if s.Name != setting {
			continue
		}
		name, value, _ := strings.Cut(strings.TrimLeft(s.Value, "-"), "=")
		name, isAdded := strings.CutSuffix(name, "+")
		replaced[name] = replaced[name] || !(isAdded && Accumulates(component, name))
		words := []scalar{{Text: "--" + name + "=" + value, Line: s.Source.Line}}
		own = append(own, parseArguments(component, s.Source.File, words)...)
	}
	return own, replaced
}
