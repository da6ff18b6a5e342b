package manifests

const canonicalArgs = "/var/snap/k8s/common/args"

func canonical() layout {
	// Before the node is a part of a cluster, neither is there.
	marks := []string{canonicalArgs + "/kubelet", canonicalArgs + "/kube-apiserver"}
	return layout{name: "canonical", marks: marks, find: (*discovery).canonical}
}

// canonical finds the components of Canonical Kubernetes, the snap k8s (k8s-snap:
// src/k8s/pkg/k8sd/setup). A worker reaches the API server by way of a proxy of its
// own. The kubeconfigs are in /etc/kubernetes.
func (d *discovery) canonical() {
	s := snap{args: canonicalArgs, env: snapVariables("k8s"), worker: d.exists(canonicalArgs + "/k8s-apiserver-proxy")}
	s.runs(d)
}
