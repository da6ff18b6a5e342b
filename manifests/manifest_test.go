package manifests

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseManifestForms(t *testing.T) {
	const file = "/m/pod"
	tests := []struct {
		name, data string
		want       []brief
	}{
		{"block style", podYAML("a", "kube-scheduler", "--kubeconfig=/k"), []brief{{"kubeconfig", "/k", 11}}},
		{"CRLF", strings.ReplaceAll(podYAML("a", "kube-scheduler", "--kubeconfig=/k"), "\n", "\r\n"), []brief{{"kubeconfig", "/k", 11}}},
		{"two items", podYAML("a", "kube-scheduler", "--kubeconfig", "/k"), []brief{{"kubeconfig", "/k", 11}}},
		{"quoted", podYAML("a", "kube-scheduler", `"--kubeconfig=/k"`), []brief{{"kubeconfig", "/k", 11}}},
		{"flow style", "kind: Pod\nspec: {containers: [{command: [kube-scheduler,\n--kubeconfig=/k]}]}", []brief{{"kubeconfig", "/k", 3}}},
		{"JSON with tabs", "{\n\t\"kind\": \"Pod\",\n\t\"spec\": {\"containers\": [{\"command\":\n\t\t[\"kube-scheduler\",\n\t\t\"--kubeconfig=\\/k\"]}]}}", []brief{{"kubeconfig", "/k", 5}}},
		{"command and args", "kind: Pod\nspec:\n  containers:\n  - command: [kube-scheduler]\n    args:\n    - --kubeconfig=$(K)\n    env:\n    - name: K\n      value: /k\n", []brief{{"kubeconfig", "/k", 6}}},
		{"alias", "x: &c [kube-scheduler, --kubeconfig=/k]\nkind: Pod\nspec:\n  containers:\n  - command: *c\n", []brief{{"kubeconfig", "/k", 1}}},
		{"merge key", "x: &c\n  command: [kube-scheduler, --kubeconfig=/k]\nkind: Pod\nspec:\n  containers:\n  - <<: *c\n", []brief{{"kubeconfig", "/k", 2}}},
		{"numbers", podYAML("a", "kube-scheduler", "--secure-port", "10259"), []brief{{"secure-port", "10259", 11}}},
		{"null items", podYAML("a", "kube-scheduler", "null", "--kubeconfig=/k"), []brief{{"kubeconfig", "/k", 12}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := parseManifest(file, []byte(tt.data))
			if len(m.unreadable) > 0 || len(m.components) != 1 {
				t.Fatalf("got %+v", m)
			}
			if diff := cmp.Diff(tt.want, briefly(m.components[0].Arguments)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseManifestContainers(t *testing.T) {
	m := parseManifest("/m/all.yaml", []byte(`
kind: Pod
metadata: {name: all, annotations: {kubeadm.kubernetes.io/x: y}}
spec:
  containers:
  - {image: "r/etcd:3", command: [etcd, -name, a]}
  - {image: "r/kube-vip:1", command: [/kube-vip, --password=s3cret]}
  - {image: "r/kube-apiserver:1", args: [--secure-port=6443]}
`))
	if len(m.components) != 2 || m.pod != "default/all" || !m.kubeadm {
		t.Fatalf("got %+v", m)
	}
	for i, want := range []struct{ name, image string }{{etcd, "r/etcd:3"}, {apiserver, "r/kube-apiserver:1"}} {
		if c := m.components[i]; c.Name != want.name || c.Image != want.image || len(c.Arguments) != 1 || c.Source.Line == 0 {
			t.Errorf("got %+v, want %+v", c, want)
		}
	}
}

func TestParseManifestReports(t *testing.T) {
	apiserverPod := podYAML("a", "kube-apiserver", "--secure-port=6443")
	tests := []struct {
		name, file, data string
		components       int
		want             []string
	}{
		{"another pod", "/m/vip.yaml", podYAML("vip", "/kube-vip"), 0, nil},
		{"damaged", "/m/kube-apiserver.yaml", "kind: Pod\nspec: [", 0, []string{"kube-apiserver /m/kube-apiserver.yaml: line 2: did not find expected node content"}},
		{"damaged, of nobody", "/m/x.yaml", "kind: Pod\nspec: [", 0, []string{"/m/x.yaml: line 2: did not find expected node content"}},
		{"wrong type", "/m/etcd.yaml", "kind: Pod\nspec: s3cret", 0, []string{"etcd /m/etcd.yaml: line 2: unexpected !!str"}},
		{"bomb", "/m/etcd.yaml", laughs() + "kind: Pod\nspec:\n  containers: *l9\n", 0, []string{"etcd /m/etcd.yaml: line 9: unexpected !!seq"}},
		{"a List", "/m/all.yaml", "kind: List\nitems: [{kind: Pod, spec: {containers: [{command: [etcd]}]}}]", 0,
			[]string{`/m/all.yaml: is of kind "List"; the kubelet takes only a Pod`}},
		{"another kind", "/m/x.yaml", "kind: ConfigMap\ndata: {a: b}", 0, nil},
		{"no object", "/m/README", "read me", 0, nil},
		{"no object, but a component's name", "/m/etcd.yaml", "read me", 0, []string{"etcd /m/etcd.yaml: holds no object"}},
		{"only a comment", "/m/x.yaml", "# nothing", 0, []string{"/m/x.yaml: holds no object"}},
		{"a second document", "/m/x.yaml", apiserverPod + "---\nkind: Pod\n", 1,
			[]string{"kube-apiserver /m/x.yaml: holds 2 YAML documents; only the first one is read"}},
		{"an end marker", "/m/x.yaml", apiserverPod + "---\n", 1, nil},
		{"an empty first document", "/m/kube-apiserver.yaml", "---\n---\n" + apiserverPod, 0,
			[]string{"kube-apiserver /m/kube-apiserver.yaml: the first YAML document is empty, and the kubelet reads no other"}},
		{"a key given again", "/m/x.yaml", "kind: List\n" + apiserverPod, 1,
			[]string{"kube-apiserver /m/x.yaml: line 1: a later line of the same mapping gives this key again; only the last one counts"}},
		{"a shell", "/m/x.yaml", podYAML("a", "/bin/sh", "-c", "exec kube-apiserver --tls-cert-file=$(x) --password=s3cret"), 1,
			[]string{`kube-apiserver /m/x.yaml: the values of some arguments are not known here, and they were left out: --tls-cert-file`}},
		{"a shell's loop", "/m/x.yaml", podYAML("a", "/bin/sh", "-c", "for i in kube-apiserver; do $i --password=s3cret; done"), 0,
			[]string{`kube-apiserver /m/x.yaml: the container "main" starts kube-apiserver from a shell, whose text is not understood`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := parseManifest(tt.file, []byte(tt.data))
			if len(m.components) != tt.components {
				t.Errorf("got %d components, want %d", len(m.components), tt.components)
			}
			if diff := cmp.Diff(tt.want, details(m.unreadable)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
