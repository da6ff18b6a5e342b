package pkitest

import (
	"io/fs"
	"net"
	"os"
	"path"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"kube-cert-audit/internal/testkit"
)

// realNode is a node that kubeadm itself made, and the Spec that should come out like it.
type realNode struct {
	name    string
	archive string
	node    Node
	edit    func(*Spec) // what the person who made the node asked of kubeadm
}

func realNodes() []realNode {
	return []realNode{
		{
			name:    "ecdsa",
			archive: "kubeadm-1.37-ecdsa.tar.gz",
			node: Node{
				At: time.Date(2026, 11, 23, 17, 2, 35, 0, time.UTC), NodeName: "cp-ec", AdvertiseAddress: "10.0.5.21",
				Endpoint: "lb.prod.example:8443", ServiceSubnet: "10.43.0.0/16", DNSDomain: "prod.local", ClusterName: "kubernetes",
			},
			edit: func(s *Spec) { // apiServer.certSANs
				t := s.Cert("apiserver").Template
				t.DNSNames = append(t.DNSNames, "vip.prod.example")
				t.IPAddresses = append(t.IPAddresses, net.ParseIP("203.0.113.9"))
			},
		},
		{
			name:    "rsa",
			archive: "kubeadm-1.37-rsa.tar.gz",
			node: Node{
				At: time.Date(2026, 11, 23, 17, 1, 59, 0, time.UTC), NodeName: "cp-1", AdvertiseAddress: "192.168.10.11",
				Endpoint: "k8s-api.example.internal:6443", ServiceSubnet: "10.96.0.0/12", DNSDomain: "cluster.local", ClusterName: "kubernetes",
			},
			edit: func(s *Spec) { // networking.podSubnet
				p := s.Pod("kube-controller-manager")
				p.SetFlag("allocate-node-cidrs", "true")
				p.SetFlag("cluster-cidr", "10.244.0.0/16")
				p.SetFlag("service-cluster-ip-range", s.ServiceSubnet)
				slices.Sort(p.Command[1:])
			},
		},
	}
}

// eachRealNode runs a test with the tree that kubeadm made (want) and the one that this package makes of the same values (got).
func eachRealNode(t *testing.T, test func(t *testing.T, got, want *Tree)) {
	t.Helper()
	for _, tt := range realNodes() {
		t.Run(tt.name, func(t *testing.T) {
			s := New(tt.node)
			tt.edit(s)
			test(t, build(t, s), unpack(t, tt.archive))
		})
	}
}

func TestPathsModesAndLinksAreKubeadms(t *testing.T) {
	type entry struct {
		Mode fs.FileMode
		Link string
	}
	entries := func(tree *Tree) map[string]entry {
		found := map[string]entry{}
		for name, f := range tree.Files {
			found[name] = entry{f.Mode, f.Link}
		}
		return found
	}
	eachRealNode(t, func(t *testing.T, got, want *Tree) {
		dir := t.TempDir()
		if err := got.Write(dir); err != nil {
			t.Fatal(err)
		}
		written := entries(readTree(t, dir))
		delete(written, "/etc/hostname") // not kubeadm's; the archives lack it
		if diff := cmp.Diff(entries(want), written); diff != "" {
			t.Errorf("kubeadm's (-), ours (+):\n%s", diff)
		}
	})
}

func TestManifestsAndKubeletFilesAreKubeadms(t *testing.T) {
	paths := []string{
		"/etc/kubernetes/manifests/etcd.yaml",
		"/etc/kubernetes/manifests/kube-apiserver.yaml",
		"/etc/kubernetes/manifests/kube-controller-manager.yaml",
		"/etc/kubernetes/manifests/kube-scheduler.yaml",
		"/var/lib/kubelet/config.yaml",
		"/var/lib/kubelet/instance-config.yaml",
		"/var/lib/kubelet/kubeadm-flags.env",
	}
	eachRealNode(t, func(t *testing.T, got, want *Tree) {
		for _, name := range paths {
			if diff := cmp.Diff(string(want.Files[name].Data), string(got.Files[name].Data)); diff != "" {
				t.Errorf("%s: kubeadm's (-), ours (+):\n%s", name, diff)
			}
		}
	})
}

func TestKubeconfigsAreKubeadms(t *testing.T) {
	eachRealNode(t, func(t *testing.T, got, want *Tree) {
		for _, name := range []string{"admin", "super-admin", "controller-manager", "scheduler", "kubelet"} {
			name = "/etc/kubernetes/" + name + ".conf"
			if diff := cmp.Diff(withoutData(t, want.Files[name].Data), withoutData(t, got.Files[name].Data)); diff != "" {
				t.Errorf("%s: kubeadm's (-), ours (+):\n%s", name, diff)
			}
		}
	})
}

// withoutData decodes a kubeconfig and replaces what is embedded, which differs from node to node.
func withoutData(t *testing.T, text []byte) any {
	t.Helper()
	var config map[string]any
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"clusters", "users"} {
		item := config[list].([]any)[0].(map[string]any)
		for _, key := range []string{"cluster", "user"} {
			fields, _ := item[key].(map[string]any)
			for _, data := range []string{"certificate-authority-data", "client-certificate-data", "client-key-data"} {
				if _, ok := fields[data]; ok {
					fields[data] = "embedded"
				}
			}
		}
	}
	return config
}

func build(t *testing.T, s *Spec) *Tree {
	t.Helper()
	tree, err := s.Build()
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// unpack reads an archive of a real node.
func unpack(t *testing.T, archive string) *Tree {
	t.Helper()
	dir := t.TempDir()
	if err := testkit.Unpack(path.Join("../../testdata/nodes", archive), dir); err != nil {
		t.Fatal(err)
	}
	return readTree(t, dir)
}

// readTree reads the files below a folder.
func readTree(t *testing.T, dir string) *Tree {
	t.Helper()
	tree := &Tree{Files: map[string]*File{}}
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		f := &File{Mode: info.Mode(), ModTime: info.ModTime()}
		switch info.Mode().Type() {
		case fs.ModeSymlink:
			f.Link, err = fs.ReadLink(root, name)
		case 0:
			f.Data, err = fs.ReadFile(root, name)
		}
		tree.Files["/"+name] = f
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}
