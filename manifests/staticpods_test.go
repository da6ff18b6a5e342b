package manifests

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func names(components []Component) []string {
	var n []string
	for _, c := range components {
		n = append(n, c.Name+" "+c.Source.File)
	}
	return n
}

func TestManifestFolder(t *testing.T) {
	const dir = "/etc/kubernetes/manifests/"
	root := tree{
		dir + "kube-apiserver.yaml":     podYAML("kube-apiserver", "kube-apiserver"),
		dir + "kube-apiserver.yaml.bak": podYAML("kube-apiserver", "kube-apiserver", "--secure-port=1"),
		dir + "etcd":                    `{"kind": "Pod", "spec": {"containers": [{"command": ["etcd"]}]}}`,
		dir + ".kube-scheduler.yaml":    podYAML("kube-scheduler", "kube-scheduler"),
		dir + "scheduler.yaml":          "link:/srv/scheduler.yaml",
		"/srv/scheduler.yaml":           podYAML("kube-scheduler", "kube-scheduler"),
		dir + "gone.yaml":               "link:/srv/kube-controller-manager.yaml",
		dir + "kube-apiserver":          "folder:",
		dir + "folder/etcd.yaml":        podYAML("etcd", "etcd"),
		dir + "kube-vip.yaml":           podYAML("kube-vip", "/kube-vip"),
		dir + "etcd-empty.yaml":         "",
		dir + "etcd-large.yaml":         strings.Repeat(" ", maxFile+1),
	}.write(t)
	node := discover(t, root, Options{})
	want := []string{
		apiserver + " " + dir + "kube-apiserver.yaml",
		apiserver + " " + dir + "kube-apiserver.yaml.bak",
		etcd + " " + dir + "etcd",
		scheduler + " " + dir + "scheduler.yaml",
	}
	if diff := cmp.Diff(want, names(node.Components)); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
	duplicates := []DuplicatePod{{
		Name:  "kube-system/kube-apiserver",
		Files: []string{dir + "kube-apiserver.yaml", dir + "kube-apiserver.yaml.bak"},
	}}
	if diff := cmp.Diff(duplicates, node.DuplicatePods); diff != "" {
		t.Errorf("duplicates (-want +got):\n%s", diff)
	}
	var reasons []string
	for _, u := range node.Unreadable {
		reasons = append(reasons, u.Component+" "+u.Path+" "+string(u.Reason))
	}
	wantReasons := []string{
		"etcd " + dir + "etcd-empty.yaml empty", "etcd " + dir + "etcd-large.yaml too large", " " + dir + "gone.yaml dangling link",
	}
	if diff := cmp.Diff(wantReasons, reasons); diff != "" {
		t.Errorf("unreadable (-want +got):\n%s", diff)
	}
	if node.Layout != "static-pods" {
		t.Errorf("layout %q", node.Layout)
	}
}

func TestManifestDirs(t *testing.T) {
	config := "kind: KubeletConfiguration\nstaticPodPath: "
	tests := []struct {
		name string
		tree tree
		dirs []string
		want []string
	}{
		{"default", tree{"/etc/kubernetes/manifests/a": podYAML("a", "etcd")}, nil, []string{"etcd /etc/kubernetes/manifests/a"}},
		{"of the kubelet", tree{
			kubeletConfigFile: config + "/srv/pods", "/srv/pods/a": podYAML("a", "etcd"),
			"/etc/kubernetes/manifests/b": podYAML("b", "etcd"),
		}, nil, []string{"etcd /srv/pods/a"}},
		{"of the kubelet, relative", tree{kubeletConfigFile: config + "pods", "/var/lib/kubelet/pods/a": podYAML("a", "etcd")}, nil, []string{"etcd /var/lib/kubelet/pods/a"}},
		{"a single file", tree{kubeletConfigFile: config + "/srv/pod.yaml", "/srv/pod.yaml": podYAML("a", "etcd")}, nil, []string{"etcd /srv/pod.yaml"}},
		{"of a flag", tree{
			kubeletConfigFile: config + "/srv/pods", "/srv/pods/a": podYAML("a", "etcd"),
			kubeletKubeconfig: "clusters: [{name: c}]", kubeletFlagsFile: `KUBELET_KUBEADM_ARGS="--pod-manifest-path=/opt/pods"`, "/opt/pods/b": podYAML("b", "etcd"),
		}, nil, []string{"etcd /opt/pods/b"}},
		{"of the operator", tree{
			kubeletConfigFile: config + "/srv/pods", "/srv/pods/a": podYAML("a", "etcd"),
			"/x/b": podYAML("b", "etcd"), "/y/c": podYAML("c", "etcd"),
		}, []string{"/y", "x", "/y/"}, []string{"etcd /x/b", "etcd /y/c"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := discover(t, tt.tree.write(t), Options{ManifestDirs: tt.dirs})
			var got []Component
			for _, c := range node.Find(etcd) {
				got = append(got, *c)
			}
			if diff := cmp.Diff(tt.want, names(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(node.Unreadable) > 0 {
				t.Errorf("unreadable %+v", node.Unreadable)
			}
		})
	}
}

func TestMissingManifestDir(t *testing.T) {
	root := tree{"/x": "folder:"}.write(t)
	if node := discover(t, root, Options{}); len(node.Unreadable) > 0 || node.Layout != "" || len(node.Components) > 0 {
		t.Errorf("an empty node gives %+v", node)
	}
	node := discover(t, root, Options{ManifestDirs: []string{"/gone"}})
	if diff := cmp.Diff([]string{"/gone: missing"}, details(node.Unreadable)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
