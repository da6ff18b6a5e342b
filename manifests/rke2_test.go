package manifests

import (
	"slices"
	"testing"
)

// A server of RKE2 without the manifest of a component that it should run tells so.
func TestMissingPods(t *testing.T) {
	const dir, config = "/var/lib/rancher/rke2/", "/etc/rancher/rke2/config.yaml"
	pod := func(name string) tree {
		return tree{dir + "agent/pod-manifests/" + name + ".yaml": podYAML(name, name)}
	}
	tests := []struct {
		name string
		tree tree
		want []string // components
	}{
		{"none", tree{dir + "server/x": "", dir + "agent/x": ""}, []string{apiserver, manager, scheduler}},
		{"with etcd", tree{dir + "server/db/etcd/x": "", dir + "agent/x": ""}, []string{apiserver, manager, scheduler, etcd}},
		{"switched off", tree{dir + "server/x": "", config: "disable-apiserver: true\ndisable-controller-manager: true\n"}, []string{scheduler}},
		{"an agent", tree{dir + "agent/x": ""}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := discover(t, tt.tree.write(t), Options{})
			var got []string
			for _, u := range node.Unreadable {
				if u.Component != kubelet { // whose kubeconfig is not there
					got = append(got, u.Component)
				}
			}
			if !slices.Equal(got, tt.want) || node.Layout != "rke2" {
				t.Errorf("layout %s, missing %q, want %q", node.Layout, got, tt.want)
			}
		})
	}
	there := pod(scheduler)
	there[dir+"server/x"] = ""
	node := discover(t, there.write(t), Options{})
	if len(node.Find(scheduler)) != 1 || len(node.Unreadable) != 3 {
		t.Errorf("components %d, unreadable %q", len(node.Find(scheduler)), details(node.Unreadable))
	}
}
