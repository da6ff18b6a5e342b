package rules

import (
	"crypto/x509"
	"strings"
	"testing"
)

func TestRestart(t *testing.T) {
	for manifest, want := range map[string]string{
		"":                                    "# then restart etcd",
		"/etc/kubernetes/manifests/etcd.yaml": "mv /etc/kubernetes/manifests/etcd.yaml /root/ && sleep 20 && mv /root/etcd.yaml /etc/kubernetes/manifests/etcd.yaml    # restarts etcd",
		"/etc/systemd/system/etcd.service":    "systemctl restart etcd",
		"/etc/systemd/system/my-etcd.service.d/10-flags.conf": "systemctl restart my-etcd",
		"/etc/systemd/system/etcd@a b.service":                "systemctl restart 'etcd@a b'",
	} {
		s := &Subject{Node: &Node{Components: map[string]*Component{"etcd": {Name: "etcd", Manifest: manifest}}}}
		if got := s.restart("etcd").String(); got != want {
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

// A certificate of two roles is signed again for both, whichever has ended.
func TestSignByHandForAllRoles(t *testing.T) {
	tables := Builtin()
	pair := func(row string) *Certificate {
		return &Certificate{
			Certificate: &x509.Certificate{}, Place: Place{Component: "kubelet", Path: "/pki/node.crt"},
			Row: tables.Requirement(row),
		}
	}
	client, server := pair("kubelet"), pair("kubelet-server")
	s := &Subject{Node: &Node{Connections: []*Connection{
		{Row: &ConnectionRow{Usage: KindClient}, Leaf: client}, {Row: &ConnectionRow{Usage: KindServer}, Leaf: server},
	}}}
	for _, c := range []*Certificate{client, server} {
		if got := s.signByHand(c).String(); !strings.Contains(got, "extendedKeyUsage=clientAuth,serverAuth") {
			t.Errorf("%s: %s", c.Row.Name, got)
		}
	}
}

// Only kubeadm's own pair is known to be in force under its names.
func TestNewTokenKey(t *testing.T) {
	const kubeadm = ">> /etc/kubernetes/pki/sa.pub"
	for path, want := range map[string]bool{"/etc/kubernetes/pki/sa.key": true, "/etc/kubernetes/pki/ca-key.pem": false} {
		s := &Subject{Node: &Node{PKI: kubeadmPKI, Layout: Layout{Kubeadm: true}}}
		k := &Key{Place: Place{Path: path}}
		if got := s.newTokenKey(k).String(); strings.Contains(got, kubeadm) != want {
			t.Errorf("%s: %s", path, got)
		}
		s.Layout.Kubeadm = false
		if got := s.newTokenKey(k).String(); strings.Contains(got, ">>") {
			t.Errorf("%s, not of kubeadm: %s", path, got)
		}
	}
}

// The kubelet's kubeconfig is the file that it names, wherever that is.
func TestRenewKubeletConf(t *testing.T) {
	for want, place := range map[string]Place{
		"/var/lib/kubelet/kubeconfig":  {Component: "kubelet", Path: "/var/lib/kubelet/kubeconfig"},
		"/etc/kubernetes/kubelet.conf": {Component: "kubelet", Path: kubeletCurrent},
		"/data/kubeconfig":             {Component: "kubelet", Path: kubeletCurrent, Source: Source{File: "/data/kubeconfig", Argument: "users[x].client-certificate"}},
	} {
		c := &Certificate{Place: place}
		if place.Path != kubeletCurrent {
			c.Embedded = "user x"
		}
		got := (&Subject{Node: &Node{}}).renewKubelet(c).String()
		if !strings.Contains(got, "mv "+want+" /root/kubelet.conf.old;") || strings.Count(got, want) != 4 {
			t.Errorf("not for %s:\n%s", want, got)
		}
	}
}
