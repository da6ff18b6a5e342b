package manifests

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const k0sUnit = "/etc/systemd/system/k0scontroller.service"

// k0sTree is a controller of k0s, started by a command line.
func k0sTree(flags, config string) tree {
	return tree{
		k0sUnit:                        "[Service]\nExecStart=/usr/local/bin/k0s controller " + flags + "\n",
		"/etc/k0s/k0s.yaml":            "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nspec:\n" + config,
		"/etc/passwd":                  "root:x:0:0::/root:/bin/sh\netcd:x:996:996::/x:/x\nkube-apiserver:x:997:0::/x:/x\n",
		"/var/lib/k0s/pki/ca.crt":      "x",
		"/srv/k0s/kubelet.conf":        kubeletConf,
		"/srv/k0s/pki/admin.conf":      kubeletConf,
		"/run/k0s/kubelet/config.yaml": "kind: KubeletConfiguration\nauthentication: {x509: {clientCAFile: /other.crt}}",
	}
}

// values returns what a component of a node is told by an argument.
func values(node Node, component, argument string) string {
	var all []string
	for _, c := range node.Find(component) {
		all = append(all, c.Values(argument)...)
	}
	return strings.Join(all, " ")
}

func TestK0s(t *testing.T) {
	tests := []struct {
		name, flags, config string
		component, argument string
		want                string
	}{
		{"defaults", "", "  {}", apiserver, "tls-cert-file", "/var/lib/k0s/pki/server.crt"},
		{"defaults", "", "  {}", apiserver, "etcd-servers", "https://127.0.0.1:2379"},
		{"defaults", "", "  {}", apiserver, "service-cluster-ip-range", "10.96.0.0/12"},
		{"defaults", "", "  {}", etcd, "initial-advertise-peer-urls", ""},
		{"a moved folder", "--data-dir=/srv/k0s", "  {}", etcd, "peer-cert-file", "/srv/k0s/pki/etcd/peer.crt"},
		{"a moved folder", "--data-dir /srv/k0s", "  {}", manager, "kubeconfig", "/srv/k0s/pki/ccm.conf"},
		{"a moved folder", "--data-dir /srv/k0s", "  {}", kubelet, "kubeconfig", "/srv/k0s/kubelet.conf"},
		{"settings", "", "  api: {address: 192.0.2.1, port: 7443}", apiserver, "secure-port", "7443"},
		{"settings", "", "  api: {address: 192.0.2.1}", etcd, "listen-peer-urls", "https://192.0.2.1:2380"},
		{"settings", "", "  storage: {etcd: {peerAddress: '2001:db8::1'}}", etcd, "listen-peer-urls", "https://[2001:db8::1]:2380"},
		{"settings", "", "  network: {serviceCIDR: 10.1.0.0/16}", manager, "service-cluster-ip-range", "10.1.0.0/16"},
		{"settings override", "", "  api: {extraArgs: {tls-cert-file: /x.crt}}", apiserver, "tls-cert-file", "/x.crt"},
		{"settings override", "", "  scheduler: {extraArgs: {kubeconfig: /x}}", scheduler, "kubeconfig", "/x"},
		{"flags override", "--kube-controller-manager-extra-args=--root-ca-file=/x.crt", "  {}", manager, "root-ca-file", "/x.crt"},
		{"a single node", "--single", "  {}", apiserver, "etcd-servers", "unix:///run/k0s/kine/kine.sock:2379"},
		{"a single node", "--single", "  {}", etcd, "cert-file", ""},
		{"a single node with etcd", "--single", "  storage: {type: etcd}", etcd, "cert-file", "/var/lib/k0s/pki/etcd/server.crt"},
		{"an etcd elsewhere", "", "  storage: {etcd: {externalCluster: {endpoints: ['https://a:1', 'https://b:1'], caFile: /ca}}}", apiserver, "etcd-servers", "https://a:1 https://b:1"},
		{"an etcd elsewhere", "", "  storage: {etcd: {externalCluster: {endpoints: ['https://a:1'], caFile: /ca}}}", etcd, "cert-file", ""},
		{"no pods here", "", "  {}", kubelet, "cert-dir", ""},
		{"pods as well", "--enable-worker TOKEN", "  {}", kubelet, "cert-dir", "/var/lib/k0s/kubelet/pki"},
		{"pods as well", "--enable-worker --kubelet-root-dir=/srv/kubelet", "  {}", kubelet, "cert-dir", "/srv/kubelet/pki"},
		{"pods as well", `--enable-worker "--kubelet-extra-args=--node-ip=192.0.2.1 --hostname-override=n"`, "  {}", kubelet, "node-ip", "192.0.2.1"},
		{"the kubelet's file", "--enable-worker", "  {}", kubelet, "client-ca-file", "/other.crt"},
		{"the kubelet's file", "--enable-worker", "  {}", kubelet, "rotate-server-certificates", "true"},
	}
	for _, tt := range tests {
		node := discover(t, k0sTree(tt.flags, tt.config).write(t), Options{})
		if got := values(node, tt.component, tt.argument); got != tt.want {
			t.Errorf("%s: --%s of %s is %q, want %q", tt.name, tt.argument, tt.component, got, tt.want)
		}
		if node.Layout != "k0s" || node.Evidence != k0sUnit {
			t.Errorf("%s: layout %q for %q", tt.name, node.Layout, node.Evidence)
		}
		for _, c := range node.Find(apiserver) {
			if want := []int64{997, 996}; !slices.Equal(c.UIDs, want) || c.Source.File != k0sUnit {
				t.Errorf("%s: runs as %d by %+v, want %d", tt.name, c.UIDs, c.Source, want)
			}
		}
	}
}

// Its kubeconfigs are found, wherever they are.
func TestK0sKubeconfigs(t *testing.T) {
	node := discover(t, k0sTree("--data-dir=/srv/k0s", "  {}").write(t), Options{})
	var got []string
	for _, k := range node.Kubeconfigs {
		got = append(got, k.Path)
	}
	if want := []string{"/srv/k0s/kubelet.conf", "/srv/k0s/pki/admin.conf"}; !slices.Equal(got, want) {
		t.Errorf("kubeconfigs %q, want %q", got, want)
	}
}

func TestK0sSettingsUnread(t *testing.T) {
	tests := []struct {
		name string
		tree tree
		want []string
	}{
		{"none", tree{k0sUnit: "[Service]\nExecStart=/usr/bin/k0s controller"}, nil},
		{"named and absent", tree{k0sUnit: "[Service]\nExecStart=/usr/bin/k0s controller --config=/x"}, []string{"kube-apiserver /x: missing"}},
		{"named in short", tree{k0sUnit: "[Service]\nExecStart=/usr/bin/k0s controller -c /x"}, []string{"kube-apiserver /x: missing"}},
		{"standard input", tree{k0sUnit: "[Service]\nExecStart=/usr/bin/k0s controller --config -"}, []string{
			"kube-apiserver " + k0sUnit + ": k0s reads its settings from its standard input, where they cannot be read",
		}},
		{"another kind", tree{k0sUnit: "[Service]\nExecStart=/usr/bin/k0s controller", k0sConfig: "kind: Pod"}, []string{
			"kube-apiserver " + k0sConfig + `: is of kind "Pod", not ClusterConfig`,
		}},
	}
	for _, tt := range tests {
		node := discover(t, tt.tree.write(t), Options{})
		got := slices.DeleteFunc(details(node.Unreadable), func(d string) bool { return strings.Contains(d, ".conf:") }) // kubeconfigs
		if diff := cmp.Diff(append([]string{}, tt.want...), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// Without a service, as in a container, the files tell what runs.
func TestK0sWithoutService(t *testing.T) {
	node := discover(t, tree{"/var/lib/k0s/pki/server.crt": "x", "/var/lib/k0s/kubelet.conf": kubeletConf}.write(t), Options{})
	if values(node, apiserver, "client-ca-file") == "" || values(node, kubelet, "client-ca-file") != "/var/lib/k0s/pki/ca.crt" {
		t.Errorf("components %+v", node.Components)
	}
	node = discover(t, tree{"/var/lib/k0s/pki/ca.crt": "x"}.write(t), Options{})
	if node.Layout != "k0s" || len(node.Components) > 0 {
		t.Errorf("layout %q, components %+v", node.Layout, node.Components)
	}
}
