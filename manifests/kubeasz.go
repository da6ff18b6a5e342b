package manifests

// kubeasz describes what kubeasz leaves on a node: a load balancer before the API
// servers since version 3, and on control-plane nodes the certificate of the front
// proxy (kubeasz: roles/kube-lb, roles/kube-master). systemd runs everything.
func kubeasz() layout {
	return layout{
		name:  "kubeasz",
		marks: []string{"/etc/systemd/system/kube-lb.service", "/etc/kubernetes/ssl/aggregator-proxy.pem"},
	}
}
