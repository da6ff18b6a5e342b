package pkitest

import (
	"maps"
	"net"
	"slices"
	"time"
)

// Kind returns the node of a cluster that kind makes, with its defaults: a container that kubeadm set up, whose API server is
// dialled from the host of the containers as well (kind: pkg/cluster/internal/kubeadm, images/base/files).
func Kind(at time.Time) *Spec {
	n := DefaultNode(at)
	n.NodeName, n.AdvertiseAddress, n.Endpoint = "kind-control-plane", "172.18.0.2", "kind-control-plane:6443"
	n.ServiceSubnet, n.ClusterName = "10.96.0.0/16", "kind"
	s := New(n)
	api := s.Cert("apiserver").Template
	api.DNSNames = append(slices.Compact(api.DNSNames), "localhost")
	api.IPAddresses = append(api.IPAddresses, net.IPv4(127, 0, 0, 1))
	s.Kubelet.Flags = []string{"--node-ip=" + n.AdvertiseAddress, "--node-labels=", "--provider-id=kind://docker/kind/" + n.NodeName}
	maps.Copy(s.Files, kindFiles())
	return s
}

// kindFiles returns what kind's image has that a host of kubeadm has not.
func kindFiles() map[string]*File {
	const (
		unit    = "/etc/systemd/system/kubelet.service"
		command = "/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS"
	)
	text := func(t string) *File { return &File{Data: []byte(t), Mode: 0o644} }
	return map[string]*File{
		"/kind/version":        text("v1.37.2"),
		"/etc/default/kubelet": text("KUBELET_EXTRA_ARGS=--runtime-cgroups=/system.slice/containerd.service\n"),
		unit:                   text("[Service]\nExecStart=/usr/bin/kubelet\nRestart=always\n"),
		unit + ".d/10-kubeadm.conf": text(`[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=` + command + "\n"),
		unit + ".d/11-kind.conf": text("[Service]\nExecStart=\nExecStart=" + command + " --cgroup-root=/kubelet\n"),
	}
}
