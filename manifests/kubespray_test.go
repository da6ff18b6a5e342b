package manifests

import (
	"slices"
	"testing"
)

// The accounts of kubespray may own files, as far as the node has them.
func TestKubespray(t *testing.T) {
	node := discover(t, tree{
		"/etc/kubernetes/kubelet.env": "KUBELET_ARGS=\"--config=/etc/kubernetes/kubelet-config.yaml\"\n",
		"/etc/passwd":                 "root:x:0:0::/root:/bin/bash\netcd:x:998:997::/home/etcd:/sbin/nologin\nkube:x:999:998::/home/kube:/sbin/nologin\n",
		"/etc/group":                  "root:x:0:\nkube-cert:x:996:\n",
	}.write(t), Options{})
	if node.Layout != "kubespray" || node.Evidence != "/etc/kubernetes/kubelet.env" {
		t.Errorf("layout %q for %q", node.Layout, node.Evidence)
	}
	if !slices.Equal(node.UIDs, []int64{999, 998}) || !slices.Equal(node.GIDs, []int64{996}) {
		t.Errorf("accounts %v and %v", node.UIDs, node.GIDs)
	}
}

// etcdctl's variables in etcd's environment are kept, in the spelling of either version.
func TestEtcdctlVariables(t *testing.T) {
	for variable, want := range map[string]string{
		"ETCDCTL_CERT": "etcdctl.cert", "ETCDCTL_CERT_FILE": "etcdctl.cert", "ETCDCTL_KEY": "etcdctl.key",
		"ETCD_CERT_FILE": "cert-file", "ETCDCTL_ENDPOINTS": "", "ETCD_ETCDCTL.CERT": "", "ETCDX_CERT_FILE": "", "ETCD": "",
	} {
		a, ok := etcdVariable(variable, "/x", Source{})
		if got := a.Name; ok != (want != "") || ok && got != want {
			t.Errorf("%s is %q, %v; want %q", variable, got, ok, want)
		}
	}
}

// The configuration file of etcd is none of etcdctl.
func TestEtcdctlBesideConfigurationFile(t *testing.T) {
	node := discover(t, tree{
		units + "etcd.service": "[Service]\nEnvironment=ETCDCTL_CERT=/a.pem ETCD_NAME=x\nExecStart=/usr/bin/etcd --config-file=/etc/e.yaml\n",
		"/etc/e.yaml":          "name: y\n",
	}.write(t), Options{})
	etcds := node.Find(etcd)
	if len(etcds) != 1 {
		t.Fatalf("%d etcd", len(etcds))
	}
	c := etcds[0]
	if a, ok := c.Last("etcdctl.cert"); !ok || a.Value != "/a.pem" || len(c.Ignored) != 1 || c.Ignored[0].Name != "name" {
		t.Errorf("etcdctl's certificate %+v, ignored %+v", a, c.Ignored)
	}
}
