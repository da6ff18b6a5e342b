package manifests

import (
	"slices"
	"strings"
	"testing"
)

// componentNames returns the names of the components of a node.
func componentNames(node Node) string {
	var all []string
	for _, c := range node.Components {
		all = append(all, c.Name)
	}
	return strings.Join(all, " ")
}

func TestSnaps(t *testing.T) {
	const micro, canonical = "/var/snap/microk8s/current/args/", canonicalArgs + "/"
	controlPlane := func(args, servers string) tree {
		return tree{
			args + apiserver: "--etcd-servers=" + servers, args + manager: "--root-ca-file=/ca", args + scheduler: "#", args + proxy: "#", args + kubelet: "--node-ip=::1",
			args + etcd: "--listen-client-urls=" + servers,
		}
	}
	with := func(tr tree, file string) tree { tr[file] = "x"; return tr }
	without := func(tr tree, file string) tree { delete(tr, file); return tr }
	const all = "kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet"
	tests := []struct {
		name       string
		tree       tree
		layout     string
		want       string
		unreadable string
	}{
		{"dqlite", controlPlane(micro, "unix:///x"), "microk8s", all, ""},
		{"etcd", controlPlane(micro, "https://127.0.0.1:12379"), "microk8s", "kube-apiserver etcd kube-controller-manager kube-scheduler kube-proxy kubelet", ""},
		{"a worker", with(controlPlane(micro, "unix:///x"), "/var/snap/microk8s/current/var/lock/clustered.lock"), "microk8s", "kube-proxy kubelet", ""},
		{"no args", without(controlPlane(micro, "unix:///x"), micro+manager), "microk8s", "kube-apiserver kube-scheduler kube-proxy kubelet", "kube-controller-manager " + micro + manager + ": missing"},
		{"canonical", without(controlPlane(canonical, "unix:///x"), canonical+etcd), "canonical", all, ""},
		{"canonical worker", tree{canonical + kubelet: "x", canonical + proxy: "x", canonical + "k8s-apiserver-proxy": "x"}, "canonical", "kube-proxy kubelet", ""},
		{"canonical without kubelet", without(controlPlane(canonical, "unix:///x"), canonical+kubelet), "canonical", "kube-apiserver kube-controller-manager kube-scheduler kube-proxy", "kubelet " + canonical + "kubelet: missing"},
		{"canonical without a cluster", tree{canonical + "k8sd": "x"}, "", "", ""},
	}
	for _, tt := range tests {
		node := discover(t, tt.tree.write(t), Options{})
		if got := componentNames(node); node.Layout != tt.layout || got != tt.want {
			t.Errorf("%s: %q in layout %q, want %q in %q", tt.name, got, node.Layout, tt.want, tt.layout)
		}
		if got := strings.Join(details(node.Unreadable), "; "); got != tt.unreadable {
			t.Errorf("%s: unreadable %s, want %s", tt.name, got, tt.unreadable)
		}
	}
}

// The group of the administrators may read what MicroK8s keeps; a variable that
// nobody knows is told.
func TestMicroK8sDetails(t *testing.T) {
	const args = "/var/snap/microk8s/current/args/"
	node := discover(t, tree{
		"/etc/group": "root:x:0:\nmicrok8s:x:1001:jane\n", args + proxy: "#", args + kubelet: "--cert-dir=${SNAP_DATA}/certs\n--client-ca-file=${MINE}/ca.crt",
		"/var/snap/microk8s/current/var/lock/clustered.lock": "x",
	}.write(t), Options{})
	k := node.Find(kubelet)[0]
	if !slices.Equal(k.GIDs, []int64{1001}) || values(node, kubelet, "cert-dir") != "/var/snap/microk8s/current/certs" {
		t.Errorf("%+v", k)
	}
	want := "kubelet " + args + "kubelet: the values of some arguments are not known here, and they were left out: --client-ca-file"
	if got := details(node.Unreadable); !slices.Equal(got, []string{want}) {
		t.Errorf("unreadable %q, want %q", got, want)
	}
}
