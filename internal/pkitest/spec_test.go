package pkitest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

func TestUnknownNamesPanic(t *testing.T) {
	s := Kubeadm(made())
	tests := []struct {
		name string
		call func()
		want string
	}{
		{"certificate", func() { s.Cert("x") }, `no certificate named "x"`},
		{"pod", func() { s.Pod("x") }, `no pod named "x"`},
		{"kubeconfig", func() { s.Kubeconfig("x") }, `no kubeconfig named "x"`},
		{"removed certificate", func() { s.RemoveCert("x") }, `no certificate named "x"`},
		{"removed pod", func() { s.RemovePod("x") }, `no pod named "x"`},
		{"removed kubeconfig", func() { s.RemoveKubeconfig("x") }, `no kubeconfig named "x"`},
		{"endpoint", func() { New(Node{ServiceSubnet: "10.96.0.0/12", Endpoint: "x"}) }, "control-plane endpoint"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, tt.want) {
					t.Errorf("got panic %q, want %q", got, tt.want)
				}
			}()
			tt.call()
		})
	}
}

func TestRemove(t *testing.T) {
	s := Kubeadm(made())
	s.RemovePod("etcd", "kube-scheduler")
	s.RemoveKubeconfig("super-admin.conf")
	s.RemoveCert("etcd-peer", "super-admin")
	tree := build(t, s)
	for _, name := range []string{
		manifestDir + "/etcd.yaml", manifestDir + "/kube-scheduler.yaml", "/etc/kubernetes/super-admin.conf",
		pkiDir + "/etcd/peer.crt", pkiDir + "/etcd/peer.key",
	} {
		if _, ok := tree.Files[name]; ok {
			t.Errorf("%s is still there", name)
		}
	}
}

func TestFlags(t *testing.T) {
	tests := []struct {
		name      string
		edit      func(*Pod)
		want      []string
		wantValue string // of --a
	}{
		{"unchanged", func(*Pod) {}, []string{"x", "--a=1", "--b=2", "--a=3", "--ab=4"}, "3"},
		{"set repeated", func(p *Pod) { p.SetFlag("a", "9") }, []string{"x", "--a=9", "--b=2", "--ab=4"}, "9"},
		{"set single", func(p *Pod) { p.SetFlag("b", "9") }, []string{"x", "--a=1", "--b=9", "--a=3", "--ab=4"}, "3"},
		{"set new", func(p *Pod) { p.SetFlag("c", "") }, []string{"x", "--a=1", "--b=2", "--a=3", "--ab=4", "--c="}, "3"},
		{"add", func(p *Pod) { p.AddFlag("a", "9") }, []string{"x", "--a=1", "--b=2", "--a=3", "--ab=4", "--a=9"}, "9"},
		{"remove", func(p *Pod) { p.RemoveFlag("a") }, []string{"x", "--b=2", "--ab=4"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := &Pod{Command: []string{"x", "--a=1", "--b=2", "--a=3", "--ab=4"}}
			tt.edit(p)
			if diff := cmp.Diff(tt.want, p.Command); diff != "" {
				t.Error(diff)
			}
			if got := p.Flag("a"); got != tt.wantValue {
				t.Errorf("--a is %q, want %q", got, tt.wantValue)
			}
		})
	}
}

func TestKubeconfigFields(t *testing.T) {
	k := Kubeconfig{
		Name: "x", Server: "https://192.0.2.1", ClusterName: "c", UserName: "u", CAPath: "/ca", CertPath: "/cert", KeyPath: "/key",
		Token: "t", TLSServerName: "n", Insecure: true,
	}
	text, err := Kubeadm(made()).kubeconfigText(&k)
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Clusters []struct{ Cluster map[string]any }
		Users    []struct{ User map[string]any }
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	wantCluster := map[string]any{
		"server": "https://192.0.2.1", "certificate-authority": "/ca", "tls-server-name": "n", "insecure-skip-tls-verify": true,
	}
	wantUser := map[string]any{"client-certificate": "/cert", "client-key": "/key", "token": "t"}
	if diff := cmp.Diff(wantCluster, config.Clusters[0].Cluster); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wantUser, config.Users[0].User); diff != "" {
		t.Error(diff)
	}
}

func TestMountWithoutHostPath(t *testing.T) {
	p := &Pod{Name: "x", Command: []string{"x"}, Mounts: []Mount{{Name: "scratch", MountPath: "/tmp"}, {Name: "etc", HostPath: "/etc", MountPath: "/etc"}}}
	text, err := p.manifest()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Spec struct{ Volumes []map[string]any }
	}
	if err := yaml.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{
		{"name": "etc", "hostPath": map[string]any{"path": "/etc"}},
		{"name": "scratch", "emptyDir": map[string]any{}},
	}
	if diff := cmp.Diff(want, got.Spec.Volumes); diff != "" {
		t.Error(diff)
	}
}
