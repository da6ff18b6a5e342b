package manifests

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// etcdPod runs etcd with flags and variables that a configuration file makes void.
const etcdPod = `kind: Pod
spec:
  volumes: [{name: c, hostPath: {path: /srv/etcd}}]
  containers:
  - command: [etcd, --config-file=/c/etcd.yaml, --name=flag]
    env: [{name: ETCD_CERT_FILE, value: /env.crt}]
    volumeMounts: [{name: c, mountPath: /c}]
`

func TestEtcdConfigFile(t *testing.T) {
	const file = "/srv/etcd/etcd.yaml"
	tests := []struct {
		name, config string
		want         []brief
		unreadable   []string
	}{
		{
			"all fields", `name: n
data-dir: /d
listen-client-urls: https://a:2379,http://user:word@127.0.0.1:2379
listen-peer-urls: https://a:2380
client-transport-security:
  cert-file: /c/server.crt
  key-file: /c/server.key
  client-cert-file: /c/client.crt
  client-key-file: /c/client.key
  client-cert-auth: true
  trusted-ca-file: /c/ca.crt
  auto-tls: false
  allowed-hostname: [a, b]
peer-transport-security:
  cert-file: /c/peer.crt
  key-file: /c/peer.key
  client-cert-auth: yes
  trusted-ca-file: /c/ca.crt
  allowed-cn: [p, q]
  allowed-hostname: c
  skip-client-san-verification: true
self-signed-cert-validity: 2
snapshot-count: 100
`,
			[]brief{
				{"name", "n", 1},
				{"data-dir", "/d", 2},
				{"listen-client-urls", "https://a:2379,http://127.0.0.1:2379", 3},
				{"listen-peer-urls", "https://a:2380", 4},
				{"self-signed-cert-validity", "2", 22},
				{"cert-file", "/c/server.crt", 6},
				{"key-file", "/c/server.key", 7},
				{"client-cert-file", "/c/client.crt", 8},
				{"client-key-file", "/c/client.key", 9},
				{"client-cert-auth", "true", 10},
				{"trusted-ca-file", "/c/ca.crt", 11},
				{"auto-tls", "false", 12},
				{"client-cert-allowed-hostname", "a,b", 13},
				{"peer-cert-file", "/c/peer.crt", 15},
				{"peer-key-file", "/c/peer.key", 16},
				{"peer-client-cert-auth", "true", 17},
				{"peer-trusted-ca-file", "/c/ca.crt", 18},
				{"peer-cert-allowed-cn", "p,q", 19},
				{"peer-cert-allowed-hostname", "c", 20},
				{"peer-skip-client-san-verification", "true", 21},
			}, nil,
		},
		{"JSON", `{"client-transport-security": {"cert-file": "/x"}}`, []brief{{"cert-file", "/x", 1}}, nil},
		{"no object", "- a", nil, []string{"etcd " + file + ": holds no object"}},
		{"damaged", "name: [", nil, []string{"etcd " + file + ": line 1: did not find expected node content"}},
		{"of another form", "peer-transport-security: [x]", nil, []string{"etcd " + file + ": line 1: unexpected !!seq"}},
		{"a list of lists", "peer-transport-security: {allowed-cn: [[x]]}", nil, []string{"etcd " + file + ": line 1: a plain value is expected"}},
		{"two documents", "name: a\n---\nname: b", []brief{{"name", "a", 1}}, []string{"etcd " + file + ": holds 2 YAML documents; only the first one is read"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := discover(t, tree{"/etc/kubernetes/manifests/e": etcdPod, file: tt.config}.write(t), Options{})
			c := node.Find(etcd)[0]
			if diff := cmp.Diff(append([]brief{{"config-file", "/c/etcd.yaml", 5}}, tt.want...), briefly(c.Arguments)); diff != "" {
				t.Errorf("arguments (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]brief{{"cert-file", "/env.crt", 6}, {"name", "flag", 5}}, briefly(c.Ignored)); diff != "" {
				t.Errorf("ignored (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.unreadable, details(node.Unreadable)); diff != "" {
				t.Errorf("unreadable (-want +got):\n%s", diff)
			}
			for _, a := range c.Arguments[1:] {
				if a.Source.File != file {
					t.Errorf("%s comes from %+v", a.Name, a.Source)
				}
			}
		})
	}
}
