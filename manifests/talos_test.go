package manifests

import "testing"

func TestTalos(t *testing.T) {
	const config = "kind: KubeletConfiguration\nstaticPodPath: /etc/kubernetes/manifests"
	worker := func(more tree) tree {
		tr := tree{"/etc/kubernetes/kubeconfig-kubelet": kubeletConf, "/etc/kubernetes/kubelet.yaml": config}
		for name, content := range more {
			tr[name] = content
		}
		return tr
	}
	tests := []struct {
		name string
		tree tree
		want string
		ca   string // of the API server's clients
	}{
		{"a worker", worker(nil), "kubelet", ""},
		{"the folders tell", worker(tree{talosSecrets + "/kubernetes/kube-apiserver": "folder:", talosSecrets + "/etcd": "folder:"}),
			"kube-apiserver etcd kubelet", talosSecrets + "/kubernetes/kube-apiserver/ca.crt"},
		{"a static pod tells", worker(tree{
			talosSecrets + "/kubernetes/kube-apiserver":           "folder:",
			"/etc/kubernetes/manifests/talos-kube-apiserver.yaml": podYAML("a", apiserver, "--client-ca-file=/own.crt"),
		}), "kube-apiserver kubelet", "/own.crt"},
	}
	for _, tt := range tests {
		node := discover(t, tt.tree.write(t), Options{})
		if got := componentNames(node); node.Layout != "talos" || got != tt.want {
			t.Errorf("%s: %q in layout %q, want %q", tt.name, got, node.Layout, tt.want)
		}
		if got := values(node, apiserver, "client-ca-file"); got != tt.ca {
			t.Errorf("%s: client CA %q, want %q", tt.name, got, tt.ca)
		}
		if len(node.Unreadable) > 0 {
			t.Errorf("%s: %q", tt.name, details(node.Unreadable))
		}
	}
}
