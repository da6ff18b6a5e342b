package manifests

// kubespray describes what kubespray leaves on a node: kubeadm's control plane, a
// kubelet of which it writes the unit and the variables, and, on the hosts of etcd,
// what it made etcd's certificates from (kubespray: roles/kubernetes/node, roles/etcd).
func kubespray() layout {
	return layout{
		name:   "kubespray",
		marks:  []string{"/etc/kubernetes/kubelet.env", "/etc/ssl/etcd/openssl.conf"},
		users:  []string{"kube", "etcd"},
		groups: []string{"kube-cert"},
	}
}
