package manifests

import "testing"

func TestLayout(t *testing.T) {
	pod := "/etc/kubernetes/manifests/a"
	tests := []struct {
		name     string
		tree     tree
		layout   string
		evidence string
	}{
		{"nothing", tree{"/x": "folder:"}, "", ""},
		{"a worker", tree{kubeletKubeconfig: kubeletConf}, "kubelet", kubeletKubeconfig},
		{"a kubeadm worker", tree{kubeletKubeconfig: kubeletConf, kubeletFlagsFile: "A=", kubeletConfigFile: "kind: KubeletConfiguration"}, "kubeadm", kubeletFlagsFile},
		{"static pods", tree{pod: podYAML("a", "etcd")}, "static-pods", pod},
		{"static pods of kubeadm", tree{pod: "kind: Pod\nmetadata: {annotations: {kubeadm.kubernetes.io/a: b}}"}, "kubeadm", pod},
		{"a mark", tree{pod: podYAML("a", "etcd"), "/kind/version": "v1"}, "kind", "/kind/version"},
	}
	for _, tt := range tests {
		node := discover(t, tt.tree.write(t), Options{})
		if node.Layout != tt.layout || node.Evidence != tt.evidence {
			t.Errorf("%s: layout %q for %q, want %q for %q", tt.name, node.Layout, node.Evidence, tt.layout, tt.evidence)
		}
	}
}

// What the operator says goes before what is there.
func TestGivenLayout(t *testing.T) {
	root := tree{"/etc/kubernetes/manifests/a": podYAML("a", "etcd"), "/kind/version": "v1"}.write(t)
	for _, name := range Layouts() {
		node := discover(t, root, Options{Layout: name})
		if node.Layout != name || node.Evidence != "--layout" {
			t.Errorf("--layout %s: layout %q for %q", name, node.Layout, node.Evidence)
		}
	}
}
