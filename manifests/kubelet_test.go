package manifests

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const kubeletConf = `apiVersion: v1
kind: Config
current-context: c
clusters: [{name: k, cluster: {server: "https://a:6443"}}]
contexts: [{name: c, context: {cluster: k, user: "system:node:n1"}}]
users: [{name: "system:node:n1", user: {client-certificate: pki/x.pem, client-key: /k.pem}}]
`

func TestKubelet(t *testing.T) {
	const config = "kind: KubeletConfiguration\n"
	tests := []struct {
		name       string
		tree       tree
		source     string
		want       []brief
		unreadable []string
	}{
		{"no evidence", tree{"/etc/default/kubelet": "KUBELET_EXTRA_ARGS=--node-ip=1.1.1.1"}, "", nil, nil},
		{"of another kind", tree{kubeletKubeconfig: config}, "", nil, nil},
		{"by its folder", tree{kubeletCertDir: "folder:"}, kubeletCertDir, []brief{{"cert-dir", kubeletCertDir, 0}}, nil},
		{"by its kubeconfig", tree{kubeletKubeconfig: kubeletConf}, kubeletKubeconfig, []brief{
			{"cert-dir", kubeletCertDir, 0}, {"kubeconfig", kubeletKubeconfig, 0},
		}, nil},
		{"a dangling kubeconfig", tree{kubeletKubeconfig: "link:/gone"}, kubeletKubeconfig, []brief{
			{"cert-dir", kubeletCertDir, 0}, {"kubeconfig", kubeletKubeconfig, 0},
		}, []string{"kubelet /etc/kubernetes/kubelet.conf: dangling link"}},
		{"a bootstrap kubeconfig", tree{kubeletKubeconfig: kubeletConf, kubeletBootstrapConfig: kubeletConf}, kubeletKubeconfig, []brief{
			{"cert-dir", kubeletCertDir, 0}, {"kubeconfig", kubeletKubeconfig, 0}, {"bootstrap-kubeconfig", kubeletBootstrapConfig, 0},
		}, nil},
		{"fields", tree{kubeletConfigFile: config + `authentication:
  anonymous: {enabled: no}
  x509: {clientCAFile: ca.crt}
tlsCertFile: /s.crt
tlsPrivateKeyFile: s.key
rotateCertificates: yes
serverTLSBootstrap: true
staticPodPath: ""
`}, kubeletConfigFile, []brief{
			{"cert-dir", kubeletCertDir, 0}, {"client-ca-file", "/var/lib/kubelet/ca.crt", 4}, {"anonymous-auth", "false", 3},
			{"tls-cert-file", "/s.crt", 5}, {"tls-private-key-file", "/var/lib/kubelet/s.key", 6},
			{"rotate-certificates", "true", 7}, {"rotate-server-certificates", "true", 8}, {"pod-manifest-path", "", 9},
		}, nil},
		{"flags after fields", tree{
			kubeletConfigFile:        config + "rotateCertificates: true\n",
			kubeletFlagsFile:         `KUBELET_KUBEADM_ARGS="--rotate-certificates=false --cert-dir=/c --kubeconfig=/k"`,
			"/etc/sysconfig/kubelet": "KUBELET_EXTRA_ARGS=--rotate_certificates",
			kubeletKubeconfig:        kubeletConf,
			"/k":                     kubeletConf,
		}, kubeletConfigFile, []brief{
			{"rotate-certificates", "true", 2}, {"rotate-certificates", "false", 1}, {"cert-dir", "/c", 1}, {"kubeconfig", "/k", 1},
			{"rotate-certificates", "true", 1},
		}, nil},
		{"another configuration file", tree{
			kubeletCertDir: "folder:", "/etc/default/kubelet": "KUBELET_EXTRA_ARGS=--config=/srv/c.yaml --config-dir=/srv/d",
			"/srv/c.yaml": config + "tlsCertFile: x",
		}, kubeletCertDir, []brief{
			{"cert-dir", kubeletCertDir, 0}, {"tls-cert-file", "/srv/x", 2}, {"config", "/srv/c.yaml", 1}, {"config-dir", "/srv/d", 1},
		}, []string{"kubelet /srv/d: missing"}},
		{"a missing configuration file", tree{kubeletFlagsFile: "KUBELET_KUBEADM_ARGS="}, kubeletFlagsFile,
			[]brief{{"cert-dir", kubeletCertDir, 0}}, []string{
				"kubelet /var/lib/kubelet/config.yaml: missing",
				"kubelet /etc/kubernetes/kubelet.conf: missing nor /etc/kubernetes/bootstrap-kubelet.conf",
			}},
		{"a configuration of another kind", tree{kubeletConfigFile: "kind: Config"}, kubeletConfigFile,
			[]brief{{"cert-dir", kubeletCertDir, 0}}, []string{`kubelet /var/lib/kubelet/config.yaml: is of kind "Config", not KubeletConfiguration`}},
		{"a damaged configuration", tree{kubeletConfigFile: config + "authentication: []"}, kubeletConfigFile,
			[]brief{{"cert-dir", kubeletCertDir, 0}}, []string{"kubelet /var/lib/kubelet/config.yaml: line 2: unexpected !!seq"}},
		{"flags that cannot be read", tree{kubeletConfigFile: config + "---\na: b", "/etc/default/kubelet": "folder:", "/etc/sysconfig/kubelet": ""}, kubeletConfigFile,
			[]brief{{"cert-dir", kubeletCertDir, 0}}, []string{
				"kubelet /etc/default/kubelet: not a regular file folder",
				"kubelet /var/lib/kubelet/config.yaml: holds 2 YAML documents; only the first one is read",
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := discover(t, tt.tree.write(t), Options{})
			var got Component
			if found := node.Find(kubelet); len(found) > 0 {
				got = *found[0]
			}
			if got.Source.File != tt.source {
				t.Errorf("source %+v, want %q", got.Source, tt.source)
			}
			if diff := cmp.Diff(tt.want, briefly(got.Arguments)); diff != "" {
				t.Errorf("arguments (-want +got):\n%s", diff)
			}
			var gotDetails []string
			for _, u := range node.Unreadable {
				if u.Reason == "dangling link" {
					u.Detail = ""
				}
				gotDetails = append(gotDetails, details([]Unreadable{u})...)
			}
			if diff := cmp.Diff(tt.unreadable, gotDetails); diff != "" {
				t.Errorf("unreadable (-want +got):\n%s", diff)
			}
		})
	}
}

// Flags in a file of variables, where there is no unit.
func TestKubeletFlags(t *testing.T) {
	tests := []struct {
		name, data string
		want       []brief
	}{
		{"quoted", `A="--node-ip=10.0.0.1 --v=2"`, []brief{{"node-ip", "10.0.0.1", 1}}},
		{"unquoted", "A=--node-ip=10.0.0.1 --cert-dir=/x", []brief{{"node-ip", "10.0.0.1", 1}, {"cert-dir", "/x", 1}}},
		{"single quotes", "A='--cert-dir=/x'", []brief{{"cert-dir", "/x", 1}}},
		{"quotes within quotes", `A="--cert-dir=\"/x y\""`, []brief{{"cert-dir", "/x y", 1}}},
		{"comments and others", "# A=--cert-dir=/no\n; x\n\nB=--cert-dir=/no\nA=--cert-dir=/x\r\n", []brief{{"cert-dir", "/x", 5}}},
		{"continued", "\nA=\"--cert-dir=/x \\\n --node-ip=1.1.1.1\"", []brief{{"cert-dir", "/x", 2}, {"node-ip", "1.1.1.1", 2}}},
		{"the last one wins", "A=--cert-dir=/x\nA=--node-ip=1.1.1.1", []brief{{"node-ip", "1.1.1.1", 2}}},
		{"no assignment", "nothing", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := tree{kubeletCertDir: "folder:", "/etc/default/kubelet": strings.Replace(tt.data, "A=", "KUBELET_EXTRA_ARGS=", -1)}.write(t)
			var got []brief
			node := discover(t, root, Options{})
			for _, b := range briefly(node.Find(kubelet)[0].Arguments) {
				if b.Line > 0 {
					got = append(got, b)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNodeName(t *testing.T) {
	flags := tree{kubeletConfigFile: "kind: KubeletConfiguration", "/etc/hostname": "h", "/etc/default/kubelet": "KUBELET_EXTRA_ARGS=--hostname-override=N1"}
	etcdPod := podYAML("etcd", "etcd", "--name=e1")
	tests := []struct {
		name string
		tree tree
		opts Options
		want NodeName
	}{
		{"of the operator", flags, Options{NodeName: "Mine"}, NodeName{"Mine", true, Source{Argument: "--node-name"}}},
		{"of the kubelet", flags, Options{}, NodeName{"n1", true, Source{"/etc/default/kubelet", 1, "--hostname-override"}}},
		{"host name", tree{"/etc/hostname": "# c\n\n Host.Example \n"}, Options{}, NodeName{"host.example", false, Source{File: "/etc/hostname", Line: 3}}},
		{"of etcd", tree{"/etc/hostname": "\n", "/etc/kubernetes/manifests/e": etcdPod}, Options{}, NodeName{"e1", false, Source{"/etc/kubernetes/manifests/e", 11, "--name"}}},
		{"of the kubelet's user", tree{kubeletKubeconfig: kubeletConf}, Options{}, NodeName{"n1", false, Source{kubeletKubeconfig, 6, "users[system:node:n1]"}}},
		{"unknown", tree{"/x": "folder:"}, Options{}, NodeName{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, discover(t, tt.tree.write(t), tt.opts).Name); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
