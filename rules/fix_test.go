package rules

import "testing"

func TestRestart(t *testing.T) {
	for manifest, want := range map[string]string{
		"":                                    "# then restart etcd",
		"/etc/kubernetes/manifests/etcd.yaml": "mv /etc/kubernetes/manifests/etcd.yaml /root/ && sleep 20 && mv /root/etcd.yaml /etc/kubernetes/manifests/etcd.yaml    # restarts etcd",
		"/etc/systemd/system/etcd.service":    "systemctl restart etcd",
		"/etc/systemd/system/my-etcd.service.d/10-flags.conf": "systemctl restart my-etcd",
		"/etc/systemd/system/etcd@a b.service":                "systemctl restart 'etcd@a b'",
	} {
		s := &Subject{Node: &Node{Components: map[string]*Component{"etcd": {Name: "etcd", Manifest: manifest}}}}
		if got := s.restart("etcd"); got != want {
			t.Errorf("%s: %q, want %q", manifest, got, want)
		}
	}
}

func TestHalvesOfAPair(t *testing.T) {
	for certificate, key := range map[string]string{
		"/pki/etcd/server.crt": "/pki/etcd/server.key",
		"/ssl/kubernetes.pem":  "/ssl/kubernetes-key.pem",
	} {
		if got := keyBeside(certificate); got != key {
			t.Errorf("the key of %s is %s, want %s", certificate, got, key)
		}
		if got := certificateBeside(key); got != certificate {
			t.Errorf("the certificate of %s is %s, want %s", key, got, certificate)
		}
	}
}
