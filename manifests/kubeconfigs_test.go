package manifests

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/internal/hostfs"
)

// managerPod mounts the kubeconfig of the host at another place.
const managerPod = `kind: Pod
spec:
  volumes: [{name: conf, hostPath: {path: /srv/conf}}]
  containers:
  - command: [kube-controller-manager, --kubeconfig=/conf/cm.conf, --authentication-kubeconfig=/conf/cm.conf, --authorization-kubeconfig=/image.conf]
    volumeMounts: [{name: conf, mountPath: /conf}]
`

const userByPath = "kind: Config\nusers: [{name: u, user: {client-certificate: a.crt, client-key: /conf/b.key}}]\nclusters: [{name: c, cluster: {certificate-authority: ../ca.crt}}]\n"

func TestKubeconfigInContainer(t *testing.T) {
	node := discover(t, tree{"/etc/kubernetes/manifests/m": managerPod, "/srv/conf/cm.conf": userByPath}.write(t), Options{})
	if len(node.Kubeconfigs) != 1 {
		t.Fatalf("got %+v", node.Kubeconfigs)
	}
	if diff := cmp.Diff([]string{"kube-controller-manager /image.conf: the kubeconfig is in the container image"}, details(node.Unreadable)); diff != "" {
		t.Errorf("unreadable (-want +got):\n%s", diff)
	}
	k := node.Kubeconfigs[0]
	want := []Reader{
		{manager, Source{"/etc/kubernetes/manifests/m", 5, "--authentication-kubeconfig"}},
		{manager, Source{"/etc/kubernetes/manifests/m", 5, "--kubeconfig"}},
	}
	if diff := cmp.Diff(want, k.Readers); diff != "" {
		t.Errorf("readers (-want +got):\n%s", diff)
	}
	got := []Location{k.Users[0].Certificate.Location, k.Users[0].Key.Location, k.Clusters[0].CA.Location}
	locations := []Location{{Path: "/srv/conf/a.crt"}, {Path: "/srv/conf/b.key"}, {Path: "/ca.crt", Elsewhere: "in the container image"}}
	if diff := cmp.Diff(locations, got); diff != "" {
		t.Errorf("locations (-want +got):\n%s", diff)
	}
}

func TestKubeconfigsFound(t *testing.T) {
	admin := userByPath
	tests := []struct {
		name       string
		tree       tree
		opts       Options
		want       []string
		unreadable []string
	}{
		{"by content", tree{
			"/etc/kubernetes/admin.conf":     admin,
			"/etc/kubernetes/any-name":       admin,
			"/etc/kubernetes/.hidden.conf":   admin,
			"/etc/kubernetes/sub/admin.conf": admin,
			"/etc/kubernetes/kubelet.conf":   "kind: KubeletConfiguration",
			"/etc/kubernetes/policy.yaml":    "kind: Policy",
			"/etc/kubernetes/notes.txt":      "a: [",
			"/etc/kubernetes/cloud.conf":     "; a cloud\n[Global]\npassword = s3cret\n",
			"/etc/kubernetes/empty.txt":      "",
			"/root/.kube/config":             admin,
		}, Options{}, []string{"/etc/kubernetes/admin.conf", "/etc/kubernetes/any-name", "/root/.kube/config"}, nil},
		{"damaged", tree{
			"/etc/kubernetes/admin.conf":       "kind: [",
			"/etc/kubernetes/super-admin.conf": "",
			"/etc/kubernetes/a.kubeconfig":     "#\n\t",
			"/etc/kubernetes/folder.conf":      "folder:",
			"/root/.kube/config":               "kind: Config\nkind: Config\nusers: [{name: a}]",
		}, Options{}, []string{"/root/.kube/config"}, []string{
			"/etc/kubernetes/a.kubeconfig: line 2: found character that cannot start any token",
			"/etc/kubernetes/admin.conf: line 1: did not find expected node content",
			"/etc/kubernetes/super-admin.conf: empty",
			"/root/.kube/config: line 1: a later line of the same mapping gives this key again; only the last one counts",
		}},
		{"of the operator", tree{"/x/k": admin, "/x/l": "kind: Pod"}, Options{Kubeconfigs: []string{"x/k", "/x/k", "/x/l", "/gone"}},
			[]string{"/x/k"}, []string{`/x/l: is of kind "Pod", not a kubeconfig`, "/gone: missing"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := discover(t, tt.tree.write(t), tt.opts)
			var got []string
			for _, k := range node.Kubeconfigs {
				got = append(got, k.Path)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("kubeconfigs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.unreadable, details(node.Unreadable)); diff != "" {
				t.Errorf("unreadable (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNamedKubeconfigs(t *testing.T) {
	pods := func(conf string) tree {
		return tree{
			"/etc/kubernetes/manifests/m": "kind: Pod\nspec:\n  volumes: [{name: c, hostPath: {path: /c}}]\n  containers:\n" +
				"  - command: [kube-scheduler, --kubeconfig=/c]\n    volumeMounts: [{name: c, mountPath: /c}]\n" +
				"  - command: [kube-controller-manager, --kubeconfig=/c, --authentication-kubeconfig=/c]\n    volumeMounts: [{name: c, mountPath: /c}]\n",
			"/c": conf,
		}
	}
	tests := []struct {
		name string
		tree tree
		want Unreadable
	}{
		{"empty", pods(""), Unreadable{Reason: hostfs.Empty}},
		{"a folder", pods("folder:"), Unreadable{Reason: hostfs.NotRegular, Detail: "folder"}},
		{"another kind", pods("kind: Pod"), Unreadable{Detail: `is of kind "Pod", not a kubeconfig`}},
		{"damaged", pods("[kind"), Unreadable{Detail: "line 1: did not find expected ',' or ']'"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := discover(t, tt.tree.write(t), Options{})
			var want []Unreadable
			for _, reader := range []Reader{
				{manager, Source{"/etc/kubernetes/manifests/m", 7, "--authentication-kubeconfig"}},
				{scheduler, Source{"/etc/kubernetes/manifests/m", 5, "--kubeconfig"}},
			} {
				u := tt.want
				u.Component, u.Source, u.Path = reader.Component, reader.Source, "/c"
				want = append(want, u)
			}
			if diff := cmp.Diff(want, node.Unreadable); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBootstrapKubeconfigMayBeAbsent(t *testing.T) {
	node := discover(t, tree{
		kubeletConfigFile: "kind: KubeletConfiguration",
		kubeletFlagsFile:  "KUBELET_KUBEADM_ARGS=\"--kubeconfig=/k --bootstrap-kubeconfig=/b\"",
	}.write(t), Options{})
	if diff := cmp.Diff([]string{"kubelet /k: missing"}, details(node.Unreadable)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestConfigFiles(t *testing.T) {
	pod := func(command string) string {
		return "kind: Pod\nspec:\n  volumes: [{name: c, hostPath: {path: /c}}]\n  containers:\n  - command: [" + command + "]\n    volumeMounts: [{name: c, mountPath: /c}]\n"
	}
	withConfig := func(config string) tree {
		return tree{"/etc/kubernetes/manifests/m": pod("kube-scheduler, --kubeconfig=/c/a, --config=/c/s.yaml"), "/c/s.yaml": config, "/c/a": userByPath, "/c/b": userByPath}
	}
	tests := []struct {
		name       string
		tree       tree
		want       Argument
		unreadable []string
	}{
		{"names a kubeconfig", withConfig("kind: KubeSchedulerConfiguration\nclientConnection:\n  kubeconfig: /c/b\n"),
			Argument{"kubeconfig", "/c/b", Source{"/c/s.yaml", 3, "clientConnection.kubeconfig"}}, nil},
		{"names none", withConfig("kind: KubeSchedulerConfiguration\n"),
			Argument{"kubeconfig", "/c/a", Source{"/etc/kubernetes/manifests/m", 5, "--kubeconfig"}}, nil},
		{"is of another kind", withConfig("kind: Pod\n"),
			Argument{"kubeconfig", "/c/a", Source{"/etc/kubernetes/manifests/m", 5, "--kubeconfig"}},
			[]string{`kube-scheduler /c/s.yaml: is of kind "Pod", not KubeSchedulerConfiguration`}},
		{"is damaged", withConfig("kind: KubeSchedulerConfiguration\nclientConnection: []\n"),
			Argument{"kubeconfig", "/c/a", Source{"/etc/kubernetes/manifests/m", 5, "--kubeconfig"}},
			[]string{"kube-scheduler /c/s.yaml: line 2: unexpected !!seq"}},
		{"is missing", tree{"/etc/kubernetes/manifests/m": pod("kube-scheduler, --config=/c/s.yaml")}, Argument{},
			[]string{"kube-scheduler /c/s.yaml: missing"}},
		{"of kube-proxy", tree{
			"/etc/kubernetes/manifests/m": pod("/usr/local/bin/kube-proxy, --config=/c/p.yaml"), "/c/b": userByPath,
			"/c/p.yaml": "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclientConnection: {kubeconfig: /c/b}\n",
		}, Argument{"kubeconfig", "/c/b", Source{"/c/p.yaml", 3, "clientConnection.kubeconfig"}}, nil},
		{"is of another group", withConfig("apiVersion: kubelet.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n"),
			Argument{"kubeconfig", "/c/a", Source{"/etc/kubernetes/manifests/m", 5, "--kubeconfig"}},
			[]string{`kube-scheduler /c/s.yaml: is of the group "kubelet.config.k8s.io", not of kubescheduler.config.k8s.io`}},
		{"lies in the image", tree{"/etc/kubernetes/manifests/m": pod("kube-scheduler, --config=/s.yaml")}, Argument{},
			[]string{"kube-scheduler /s.yaml: the file, which may name further files, is in the container image"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := discover(t, tt.tree.write(t), Options{})
			got, _ := node.Components[0].Last("kubeconfig")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.unreadable, details(node.Unreadable)); diff != "" {
				t.Errorf("unreadable (-want +got):\n%s", diff)
			}
		})
	}
}
