package manifests

import (
	"cmp"
	"net"
	"path"
	"slices"
	"strings"
)

// Where k0s keeps its files when nothing moves them.
const (
	k0sDataDir = "/var/lib/k0s"
	k0sConfig  = "/etc/k0s/k0s.yaml"
)

// k0sUnits are the services that k0s install makes.
func k0sUnits() []string { return []string{"k0scontroller", "k0sworker"} }

// k0s is told by the files of those services, or by what is there without them.
func k0s() layout {
	var marks []string
	for _, unit := range k0sUnits() {
		marks = append(marks, "/etc/systemd/system/"+unit+".service", "/etc/init.d/"+unit)
	}
	marks = append(marks, k0sDataDir+"/pki", k0sDataDir+"/kubelet.conf")
	return layout{name: "k0s", marks: marks, find: (*discovery).k0s}
}

// k0sNode is what decides on the components that k0s runs on a node, each as a
// child of its own (k0s: pkg/component, cmd/controller).
type k0sNode struct {
	source  string   // the file that tells that k0s runs here
	roles   []string // controller, worker: what its services run
	words   []scalar // of their command lines
	dataDir string
	k0sConfiguration
	config string // the file of that
}

// k0s finds the components of k0s.
func (d *discovery) k0s() {
	n := d.k0sNode()
	if n.isController(d) {
		d.k0sSettings(&n)
		users := d.identities("/etc/passwd", "kube-apiserver", "etcd", "kube-scheduler", "konnectivity-server")
		for _, c := range []Component{n.apiserver(d), n.etcd(), n.manager(), n.scheduler()} {
			if len(c.Arguments) > 0 {
				c.Source, c.UIDs = Source{File: n.source}, users
				d.addComponents(n.source, []Component{c})
			}
		}
		d.keeps(n.pki("admin.conf"), n.pki("konnectivity.conf"))
	}
	if n.isWorker(d) {
		d.addKubelet(n.kubelet(d), passedOn(n.source,
			passed{"client-ca-file", n.pki("ca.crt")},
			passed{"rotate-certificates", "true"},
			passed{"rotate-server-certificates", "true"},
		))
	}
}

// k0sNode reads the services of k0s.
func (d *discovery) k0sNode() k0sNode {
	n := k0sNode{source: k0sDataDir}
	d.unitFaults("", d.units.Faults, Part)
	for _, unit := range slices.Backward(k0sUnits()) {
		if s, ok := d.loadUnit(unit + ".service"); ok && len(s.Files) > 0 {
			n.source, n.words = s.Files[0], append(n.words, scalars(s.Command)...)
			if len(s.Command) > 1 {
				n.roles = append(n.roles, s.Command[1].Text)
			}
		}
	}
	n.dataDir = path.Join("/", cmp.Or(n.flag("data-dir"), k0sDataDir))
	return n
}

// flag returns the value of a flag of k0s itself.
func (n *k0sNode) flag(name string) string {
	value := ""
	for i, w := range n.words {
		flag, given, hasValue := strings.Cut(w.Text, "=")
		switch {
		case flag != "--"+name && !(name == "config" && flag == "-c"):
		case hasValue:
			value = given
		case i+1 < len(n.words):
			value = n.words[i+1].Text
		}
	}
	return value
}

// is reports whether a flag of k0s is set that takes no value, or true and false.
func (n *k0sNode) is(name string) bool {
	set := false
	for _, w := range n.words {
		if flag, given, hasValue := strings.Cut(w.Text, "="); flag == "--"+name {
			set = !hasValue || normalBoolean(given) == "true"
		}
	}
	return set
}

// extra returns the arguments of a component that are the value of a flag of k0s.
func (n *k0sNode) extra(component, flag string) []Argument {
	arguments, _ := parseArgsFile(component, n.source, []byte(n.flag(flag)), nil)
	for i := range arguments {
		arguments[i].Source.Line = 0 // not of the unit
	}
	return arguments
}

// pki returns the path of a file in the folder of the certificates.
func (n *k0sNode) pki(file string) string { return path.Join(n.dataDir, "pki", file) }

func (n *k0sNode) isController(d *discovery) bool {
	return slices.Contains(n.roles, "controller") || len(n.roles) == 0 && d.exists(n.pki("server.crt"))
}

func (n *k0sNode) isWorker(d *discovery) bool {
	return slices.Contains(n.roles, "worker") || n.is("enable-worker") || n.is("single") || d.exists(n.kubeconfig())
}

func (n *k0sNode) kubeconfig() string { return path.Join(n.dataDir, "kubelet.conf") }

// apiserver follows pkg/component/controller/apiserver.go.
func (n *k0sNode) apiserver(d *discovery) Component {
	arguments := passedOn(n.source,
		passed{"advertise-address", n.API.Address.Text},
		passed{"secure-port", cmp.Or(n.API.Port.Text, "6443")},
		passed{"authorization-mode", "Node,RBAC"},
		passed{"anonymous-auth", "false"},
		passed{"client-ca-file", n.pki("ca.crt")},
		passed{"kubelet-certificate-authority", n.pki("ca.crt")},
		passed{"kubelet-client-certificate", n.pki("apiserver-kubelet-client.crt")},
		passed{"kubelet-client-key", n.pki("apiserver-kubelet-client.key")},
		passed{"kubelet-preferred-address-types", "InternalIP,ExternalIP,Hostname"},
		passed{"proxy-client-cert-file", n.pki("front-proxy-client.crt")},
		passed{"proxy-client-key-file", n.pki("front-proxy-client.key")},
		passed{"requestheader-allowed-names", "front-proxy-client"},
		passed{"requestheader-client-ca-file", n.pki("front-proxy-ca.crt")},
		passed{"service-account-key-file", n.pki("sa.pub")},
		passed{"service-account-signing-key-file", n.pki("sa.key")},
		passed{"service-cluster-ip-range", n.serviceRange()},
		passed{"tls-cert-file", n.pki("server.crt")},
		passed{"tls-private-key-file", n.pki("server.key")},
		// It is written as long as konnectivity is not disabled.
		passed{"egress-selector-config-file", d.firstOf(path.Join(n.dataDir, "konnectivity.conf"))},
	)
	return Component{Name: apiserver, Arguments: slices.Concat(arguments, n.storage(), n.arguments(apiserver, n.API.ExtraArgs))}
}

// storage returns what the API server is told about etcd.
func (n *k0sNode) storage() []Argument {
	external := n.Storage.Etcd.External
	switch {
	case n.isKine():
		return passedOn(n.source, passed{"etcd-servers", "unix:///run/k0s/kine/kine.sock:2379"})
	case external.Endpoints.Text != "":
		return passedOn(n.source,
			passed{"etcd-servers", external.Endpoints.Text},
			passed{"etcd-cafile", external.CA.Text},
			passed{"etcd-certfile", external.Certificate.Text},
			passed{"etcd-keyfile", external.Key.Text},
		)
	}
	return passedOn(n.source,
		passed{"etcd-servers", "https://127.0.0.1:2379"},
		passed{"etcd-cafile", n.pki("etcd/ca.crt")},
		passed{"etcd-certfile", n.pki("apiserver-etcd-client.crt")},
		passed{"etcd-keyfile", n.pki("apiserver-etcd-client.key")},
	)
}

func (n *k0sNode) isKine() bool {
	return n.Storage.Type.Text == "kine" || n.Storage.Type.Text == "" && n.is("single")
}

// etcd follows pkg/component/controller/etcd.go. Without an address in the
// settings, it takes that of a network interface, which no file tells.
func (n *k0sNode) etcd() Component {
	if n.isKine() || n.Storage.Etcd.External.Endpoints.Text != "" {
		return Component{}
	}
	peer := ""
	if address := cmp.Or(n.Storage.Etcd.PeerAddress.Text, n.API.Address.Text); address != "" {
		peer = "https://" + net.JoinHostPort(address, "2380")
	}
	arguments := passedOn(n.source,
		passed{"data-dir", path.Join(n.dataDir, "etcd")},
		passed{"listen-client-urls", "https://127.0.0.1:2379"},
		passed{"advertise-client-urls", "https://127.0.0.1:2379"},
		passed{"client-cert-auth", "true"},
		passed{"listen-peer-urls", peer},
		passed{"initial-advertise-peer-urls", peer},
		passed{"trusted-ca-file", n.pki("etcd/ca.crt")},
		passed{"cert-file", n.pki("etcd/server.crt")},
		passed{"key-file", n.pki("etcd/server.key")},
		passed{"peer-trusted-ca-file", n.pki("etcd/ca.crt")},
		passed{"peer-cert-file", n.pki("etcd/peer.crt")},
		passed{"peer-key-file", n.pki("etcd/peer.key")},
		passed{"peer-client-cert-auth", "true"},
	)
	return Component{Name: etcd, Arguments: append(arguments, n.arguments(etcd, n.Storage.Etcd.ExtraArgs)...)}
}

// manager follows pkg/component/controller/controllermanager.go.
func (n *k0sNode) manager() Component {
	arguments := passedOn(n.source,
		passed{"authentication-kubeconfig", n.pki("ccm.conf")},
		passed{"authorization-kubeconfig", n.pki("ccm.conf")},
		passed{"kubeconfig", n.pki("ccm.conf")},
		passed{"client-ca-file", n.pki("ca.crt")},
		passed{"cluster-signing-cert-file", n.pki("ca.crt")},
		passed{"cluster-signing-key-file", n.pki("ca.key")},
		passed{"requestheader-client-ca-file", n.pki("front-proxy-ca.crt")},
		passed{"root-ca-file", n.pki("ca.crt")},
		passed{"service-account-private-key-file", n.pki("sa.key")},
		passed{"service-cluster-ip-range", n.serviceRange()},
		passed{"bind-address", "127.0.0.1"},
	)
	return Component{Name: manager, Arguments: slices.Concat(arguments,
		n.extra(manager, "kube-controller-manager-extra-args"), n.arguments(manager, n.ControllerManager.ExtraArgs))}
}

// scheduler follows pkg/component/controller/scheduler.go.
func (n *k0sNode) scheduler() Component {
	arguments := passedOn(n.source,
		passed{"authentication-kubeconfig", n.pki("scheduler.conf")},
		passed{"authorization-kubeconfig", n.pki("scheduler.conf")},
		passed{"kubeconfig", n.pki("scheduler.conf")},
		passed{"bind-address", "127.0.0.1"},
	)
	return Component{Name: scheduler, Arguments: append(arguments, n.arguments(scheduler, n.Scheduler.ExtraArgs)...)}
}

// kubelet follows pkg/component/worker/kubelet.go. The configuration file is made
// at every start, first in the data folder and later below /run, which is empty
// where a root is mounted.
func (n *k0sNode) kubelet(d *discovery) Component {
	folder := cmp.Or(n.flag("kubelet-root-dir"), path.Join(n.dataDir, "kubelet"))
	arguments := passedOn(n.source,
		passed{"cert-dir", path.Join(folder, "pki")},
		passed{"kubeconfig", n.kubeconfig()},
		passed{"config", d.firstOf("/run/k0s/kubelet/config.yaml", path.Join(n.dataDir, "kubelet-config.yaml"))},
	)
	return Component{
		Name: kubelet, Source: Source{File: n.source}, Arguments: append(arguments, n.extra(kubelet, "kubelet-extra-args")...),
	}
}
