package manifests

import (
	"path"
	"slices"
)

// Where Talos renders the certificates of the components; it is empty on a disk
// that is not running.
const talosSecrets = "/system/secrets"

// talos is told by what it has on every node, or by what it renders on a control plane.
func talos() layout {
	marks := []string{"/etc/kubernetes/kubeconfig-kubelet", talosSecrets + "/kubernetes", talosSecrets + "/etcd"}
	return layout{name: "talos", marks: marks, find: (*discovery).talos}
}

// talos finds the components of Talos: the kubelet and etcd, which machined runs,
// and the control plane, which the kubelet runs in static pods. Old versions write
// these to a folder; later ones serve them, so that no file tells what they were
// told, and what machined passes stands for it.
func (d *discovery) talos() {
	const config = "/etc/kubernetes/kubelet.yaml"
	// talos: internal/app/machined/pkg/controllers/k8s/kubelet_spec.go
	d.addKubelet(Component{Name: kubelet, Source: Source{File: config}, Arguments: passedOn(config,
		passed{"config", config},
		passed{"kubeconfig", "/etc/kubernetes/kubeconfig-kubelet"},
		passed{"bootstrap-kubeconfig", "/etc/kubernetes/bootstrap-kubeconfig"},
		passed{"cert-dir", kubeletCertDir},
	)}, nil)
	d.staticPods()
	for _, c := range []Component{talosAPIServer(), talosEtcd(), talosManager(), talosScheduler()} {
		if len(d.node.Find(c.Name)) == 0 && d.isFolder(c.Source.File) {
			d.addComponents(c.Source.File, []Component{c})
		}
	}
}

// talosComponent is a component with the folder of its files, and the number of the
// user and group that it runs as.
func talosComponent(name, folder string, id int64, arguments func(file func(string) string) []passed) Component {
	below := func(file string) string { return path.Join(folder, file) }
	return Component{
		Name: name, Source: Source{File: folder}, UIDs: []int64{id}, GIDs: []int64{id},
		Arguments: passedOn(folder, arguments(below)...),
	}
}

// talosAPIServer follows internal/app/machined/pkg/controllers/k8s/control_plane_static_pod.go.
func talosAPIServer() Component {
	c := talosComponent(apiserver, talosSecrets+"/kubernetes/kube-apiserver", 65534, func(file func(string) string) []passed {
		return []passed{
			{"client-ca-file", file("ca.crt")},
			{"requestheader-client-ca-file", file("aggregator-ca.crt")},
			{"requestheader-allowed-names", "front-proxy-client"},
			{"proxy-client-cert-file", file("front-proxy-client.crt")},
			{"proxy-client-key-file", file("front-proxy-client.key")},
			{"etcd-cafile", file("etcd-client-ca.crt")},
			{"etcd-certfile", file("etcd-client.crt")},
			{"etcd-keyfile", file("etcd-client.key")},
			{"etcd-servers", "https://127.0.0.1:2379"},
			{"kubelet-client-certificate", file("apiserver-kubelet-client.crt")},
			{"kubelet-client-key", file("apiserver-kubelet-client.key")},
			{"service-account-key-file", file("service-account.pub")},
			{"service-account-signing-key-file", file("service-account.key")},
			{"tls-cert-file", file("apiserver.crt")},
			{"tls-private-key-file", file("apiserver.key")},
			{"kubelet-preferred-address-types", "InternalIP,ExternalIP,Hostname"},
		}
	})
	// The configuration of the machine gives it, always.
	c.Arguments = append(c.Arguments, Argument{Name: "service-cluster-ip-range", Source: Source{File: c.Source.File, Argument: "--service-cluster-ip-range"}})
	return c
}

// talosManager and talosScheduler follow the same file.
func talosManager() Component {
	return talosComponent(manager, talosSecrets+"/kubernetes/kube-controller-manager", 65535, func(file func(string) string) []passed {
		return slices.Concat(talosKubeconfig(file("kubeconfig")), []passed{
			{"cluster-signing-cert-file", file("ca.crt")},
			{"cluster-signing-key-file", file("ca.key")},
			{"root-ca-file", file("ca.crt")},
			{"service-account-private-key-file", file("service-account.key")},
			{"bind-address", "127.0.0.1"},
		})
	})
}

func talosScheduler() Component {
	return talosComponent(scheduler, talosSecrets+"/kubernetes/kube-scheduler", 65536, func(file func(string) string) []passed {
		return talosKubeconfig(file("kubeconfig"))
	})
}

func talosKubeconfig(file string) []passed {
	return []passed{{"kubeconfig", file}, {"authentication-kubeconfig", file}, {"authorization-kubeconfig", file}}
}

// talosEtcd follows internal/app/machined/pkg/system/services/etcd.go. Its addresses
// are those of network interfaces, which no file tells.
func talosEtcd() Component {
	return talosComponent(etcd, talosSecrets+"/etcd", 60, func(file func(string) string) []passed {
		return []passed{
			{"client-cert-auth", "true"},
			{"cert-file", file("server.crt")},
			{"key-file", file("server.key")},
			{"trusted-ca-file", file("ca.crt")},
			{"peer-client-cert-auth", "true"},
			{"peer-cert-file", file("peer.crt")},
			{"peer-key-file", file("peer.key")},
			{"peer-trusted-ca-file", file("ca.crt")},
		}
	})
}
