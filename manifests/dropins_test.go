package manifests

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDropIns(t *testing.T) {
	const (
		kind   = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
		flags  = "KUBELET_EXTRA_ARGS=\"--config-dir=/d --tls-private-key-file=/flag.key\""
		source = "/etc/default/kubelet"
	)
	base := func(more tree) tree {
		all := tree{kubeletConfigFile: kind + "tlsCertFile: /base.crt\nrotateCertificates: true\nclusterDomain: base\n", source: flags}
		for name, content := range more {
			all[name] = content
		}
		return all
	}
	tests := []struct {
		name       string
		tree       tree
		want       map[string]string
		unreadable []string
	}{
		{
			"sorted, over the file, below the flags", base(tree{
				"/d/10-a.conf":   kind + "tlsCertFile: /a.crt\nclusterDomain: a\ntlsPrivateKeyFile: /a.key\n",
				"/d/20-b.conf":   kind + "tlsCertFile: b.crt\n",
				"/d/30-c.yaml":   kind + "tlsCertFile: /c.crt\n",
				"/d/.hidden.txt": "x",
			}),
			map[string]string{"tls-cert-file": "b.crt", "cluster-domain": "a", "tls-private-key-file": "/flag.key", "rotate-certificates": "true"}, nil,
		},
		{
			"in folders, in their place", base(tree{
				"/d/10/z.conf": kind + "tlsCertFile: /z.crt\nclusterDomain: z\n",
				"/d/11.conf":   kind + "clusterDomain: eleven\n",
				"/e/x.conf":    kind + "clusterDomain: elsewhere\n",
				"/d/12":        "link:/e",
			}),
			map[string]string{"tls-cert-file": "/z.crt", "cluster-domain": "eleven"}, nil,
		},
		{
			"takes a value away", base(tree{"/d/1.conf": kind + "tlsCertFile: \"\"\nrotateCertificates: false\n"}),
			map[string]string{"tls-cert-file": "", "rotate-certificates": "false"}, nil,
		},
		{"none", base(tree{"/d": "folder:"}), map[string]string{"tls-cert-file": "/base.crt"}, nil},
		{"no folder", base(nil), map[string]string{"tls-cert-file": "/base.crt"}, []string{"kubelet /d: missing"}},
		{"no folder but a file", base(tree{"/d": "x"}), map[string]string{"tls-cert-file": "/base.crt"}, []string{"kubelet /d: not a directory regular file"}},
		{
			"of another kind", base(tree{"/d/1.conf": "kind: Pod\ntlsCertFile: /x", "/d/2.conf": kind + "clusterDomain: two"}),
			map[string]string{"tls-cert-file": "/base.crt", "cluster-domain": "two"},
			[]string{`kubelet /d/1.conf: is of kind "Pod", not KubeletConfiguration`},
		},
		{
			"of another group", base(tree{"/d/1.conf": "apiVersion: v1\nkind: KubeletConfiguration\ntlsCertFile: /x"}),
			map[string]string{"tls-cert-file": "/base.crt"},
			[]string{`kubelet /d/1.conf: is of the group "v1", not of kubelet.config.k8s.io`},
		},
		{"damaged", base(tree{"/d/1.conf": "["}), map[string]string{"tls-cert-file": "/base.crt"}, []string{"kubelet /d/1.conf: line 1: did not find expected node content"}},
		{"empty", base(tree{"/d/1.conf": ""}), map[string]string{"tls-cert-file": "/base.crt"}, []string{"kubelet /d/1.conf: empty"}},
		{"dangling", base(tree{"/d/1.conf": "link:/gone"}), map[string]string{"tls-cert-file": "/base.crt"}, []string{"kubelet /d/1.conf: dangling link /gone"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := discover(t, tt.tree.write(t), Options{})
			for name, want := range tt.want {
				if got, ok := node.Find(kubelet)[0].Last(name); !ok || got.Value != want {
					t.Errorf("%s is %+v, want %q", name, got, want)
				}
			}
			if diff := cmp.Diff(tt.unreadable, details(node.Unreadable)); diff != "" {
				t.Errorf("unreadable (-want +got):\n%s", diff)
			}
		})
	}
}

// However many files there are, the first are looked at, and the rest is told.
func TestManyDropIns(t *testing.T) {
	many := tree{kubeletConfigFile: "kind: KubeletConfiguration", "/etc/default/kubelet": "KUBELET_EXTRA_ARGS=--config-dir=/d"}
	for i := range maxDropIns {
		many[fmt.Sprintf("/d/a%d/x", i)] = ""
	}
	node := discover(t, many.write(t), Options{})
	if diff := cmp.Diff([]string{"kubelet /d: more than 1000 files: the rest was not looked at"}, details(node.Unreadable)); diff != "" {
		t.Errorf("unreadable (-want +got):\n%s", diff)
	}
}
