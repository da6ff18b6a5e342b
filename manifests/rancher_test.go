package manifests

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// k3sTree is a server of k3s with files beside what is there anyway.
func k3sTree(more tree) tree {
	t := tree{"/var/lib/rancher/k3s/server/db/etcd/x": "", "/var/lib/rancher/k3s/agent/x": ""}
	for name, text := range more {
		t[name] = text
	}
	return t
}

const k3sUnit = "/etc/systemd/system/k3s.service"

func unit(command string) string {
	return "[Service]\nEnvironmentFile=-/etc/k3s.env\nExecStart=" + command + "\n"
}

// Settings come from the environment, files, drop-ins and flags, and later ones
// override earlier ones.
func TestRancherSettings(t *testing.T) {
	const config = "/etc/rancher/k3s/config.yaml"
	tests := []struct {
		name     string
		tree     tree
		argument string // of the API server
		want     []string
		source   Source // of the last one
	}{
		{
			"default", tree{}, "service-cluster-ip-range", []string{"10.43.0.0/16"},
			Source{File: "/var/lib/rancher/k3s", Argument: "--service-cluster-ip-range"},
		},
		{
			"file", tree{config: "service-cidr: 10.9.0.0/16\ntoken: secret\n"}, "service-cluster-ip-range", []string{"10.9.0.0/16"},
			Source{File: config, Argument: "--service-cluster-ip-range"},
		},
		{
			"flag over file", tree{config: "https-listen-port: 7000\n", k3sUnit: unit("/k3s server --https-listen-port 8000")}, "secure-port", []string{"8001"},
			Source{File: k3sUnit, Argument: "--secure-port"},
		},
		{
			"data folder of the environment", tree{"/etc/k3s.env": "K3S_DATA_DIR=/x\n", "/x/server/x": "", k3sUnit: unit("/k3s server")},
			"client-ca-file", []string{"/x/server/tls/client-ca.crt"}, Source{File: "/etc/k3s.env", Line: 1, Argument: "--client-ca-file"},
		},
		{
			"data folder of the file", tree{config: "\ndata-dir: /x/\n", "/x/server/x": ""},
			"client-ca-file", []string{"/x/server/tls/client-ca.crt"}, Source{File: config, Line: 2, Argument: "--client-ca-file"},
		},
		{
			"another file", tree{"/c.yaml": "data-dir: /x\n", "/x/server/x": "", k3sUnit: unit("/k3s server -c /c.yaml")},
			"client-ca-file", []string{"/x/server/tls/client-ca.crt"}, Source{File: "/c.yaml", Line: 1, Argument: "--client-ca-file"},
		},
		{
			"argument of the operator", tree{config: "kube-apiserver-arg:\n- oidc-ca-file=/a\n- tls-cert-file=/b\n"},
			"tls-cert-file", []string{"/b"}, Source{File: config, Line: 3, Argument: "--tls-cert-file"},
		},
		{
			"drop-in in place of the file", tree{config: "kube-apiserver-arg: [oidc-ca-file=/a]\n", config + ".d/1.yaml": "kube-apiserver-arg: oidc-ca-file=/b\n"},
			"oidc-ca-file", []string{"/b"}, Source{File: config + ".d/1.yaml", Line: 1, Argument: "--oidc-ca-file"},
		},
		{
			"drop-in beside the file", tree{config: "kube-apiserver-arg: [service-account-issuer=a]\n", config + ".d/1.yaml": "kube-apiserver-arg+: [service-account-issuer=b]\n"},
			"service-account-issuer", []string{"a", "b"}, Source{File: config + ".d/1.yaml", Line: 1, Argument: "--service-account-issuer"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := discover(t, k3sTree(tt.tree).write(t), Options{Layout: "k3s"})
			api := node.Find(apiserver)
			if len(api) != 1 {
				t.Fatalf("%d API servers", len(api))
			}
			if diff := cmp.Diff(tt.want, api[0].Values(tt.argument)); diff != "" {
				t.Errorf("--%s (-want +got):\n%s", tt.argument, diff)
			}
			if last, _ := api[0].Last(tt.argument); last.Source != tt.source {
				t.Errorf("source %+v, want %+v", last.Source, tt.source)
			}
		})
	}
}

// Which components run, and on which database, follows from settings and files.
func TestK3sComponents(t *testing.T) {
	const config = "/etc/rancher/k3s/config.yaml"
	tests := []struct {
		name    string
		tree    tree
		want    []string
		servers []string // of etcd
	}{
		{"etcd", k3sTree(nil), []string{apiserver, etcd, manager, scheduler, kubelet}, []string{"https://127.0.0.1:2379"}},
		{"SQLite", tree{"/var/lib/rancher/k3s/server/x": ""}, []string{apiserver, manager, scheduler}, nil},
		{"agent", tree{"/var/lib/rancher/k3s/agent/kubeproxy.kubeconfig": ""}, []string{proxy, kubelet}, nil},
		{"etcd alone", k3sTree(tree{config: "disable-apiserver: true\ndisable-controller-manager: true\ndisable-scheduler: true\n"}), []string{etcd, kubelet}, nil},
		{"without etcd", tree{"/var/lib/rancher/k3s/server/x": "", config: "disable-etcd: true\n"}, []string{apiserver, manager, scheduler}, []string{"https://127.0.0.1:2379"}},
		{"another etcd", tree{"/var/lib/rancher/k3s/server/x": "", config: "datastore-endpoint: https://e:2379\n"}, []string{apiserver, manager, scheduler}, []string{"https://e:2379"}},
		{"another database", tree{"/var/lib/rancher/k3s/server/x": "", config: "datastore-endpoint: mysql://u:secret@tcp(h)/d\n"}, []string{apiserver, manager, scheduler}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := discover(t, tt.tree.write(t), Options{})
			var got []string
			for _, c := range node.Components {
				got = append(got, c.Name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || node.Layout != "k3s" {
				t.Errorf("layout %s, components (-want +got):\n%s", node.Layout, diff)
			}
			for _, c := range node.Find(apiserver) {
				if diff := cmp.Diff(tt.servers, c.Values("etcd-servers")); diff != "" {
					t.Errorf("--etcd-servers (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// What the operator passes to the kubelet overrides the drop-ins of k3s, and those
// what older versions pass.
func TestRancherKubelet(t *testing.T) {
	node := discover(t, k3sTree(tree{
		"/var/lib/rancher/k3s/agent/etc/kubelet.conf.d/00-k3s-defaults.conf": "kind: KubeletConfiguration\napiVersion: kubelet.config.k8s.io/v1beta1\ntlsCertFile: /drop-in.crt\ntlsPrivateKeyFile: /drop-in.key\n",
		"/etc/rancher/k3s/config.yaml":                                       "kubelet-arg: [tls-cert-file=/own.crt, config=/kubelet.yaml]\n",
		"/kubelet.yaml":                                                      "kind: KubeletConfiguration\napiVersion: kubelet.config.k8s.io/v1beta1\ntlsCertFile: /file.crt\nrotateCertificates: true\n",
	}).write(t), Options{})
	k := node.Find(kubelet)[0]
	for name, want := range map[string]string{
		"tls-cert-file": "/own.crt", "tls-private-key-file": "/drop-in.key", "rotate-certificates": "true", "client-ca-file": "/var/lib/rancher/k3s/agent/client-ca.crt",
	} {
		if got, _ := k.Last(name); got.Value != want {
			t.Errorf("--%s is %q, want %q", name, got.Value, want)
		}
	}
}
