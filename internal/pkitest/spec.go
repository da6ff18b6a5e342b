package pkitest

import (
	"crypto"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"slices"
	"time"
)

// Node holds the values from which [New] fills certificates, flags and kubeconfigs. Changing one in a finished Spec changes
// nothing but the time stamps of the files (At): give New another Node instead.
type Node struct {
	At               time.Time // when kubeadm made the node
	NodeName         string
	AdvertiseAddress string // IPv4 address
	Endpoint         string // host:port of the control-plane endpoint
	ServiceSubnet    string // CIDR
	DNSDomain        string
	ClusterName      string
}

// Spec describes a node before anything is signed.
type Spec struct {
	Node
	Certificates   []*Certificate
	ServiceAccount *ServiceAccount // nil: the node has no service-account keys
	Pods           []*Pod
	Kubeconfigs    []*Kubeconfig
	Kubelet        Kubelet
	Texts          map[string]func(*Spec) ([]byte, error) // files that hold what Build makes, by path
	Files          map[string]*File                       // anything else, by path; written last, so that it replaces what has the same path
}

// ServiceAccount holds the keys for service-account tokens, written to sa.key and sa.pub, or to the paths given.
type ServiceAccount struct {
	SigningKey       crypto.Signer      // nil: made by Build
	VerificationKeys []crypto.PublicKey // nil: the public half of SigningKey
	Former           []crypto.Signer    // where there are any, tokens are verified with the private keys, as k3s does

	// Where they are written instead; the same path twice for a file of the private key alone.
	SigningPath, VerificationPath string
}

// DefaultNode returns the values of the sample node, made at the given instant.
func DefaultNode(at time.Time) Node {
	return Node{
		At:               at,
		NodeName:         "cp-1",
		AdvertiseAddress: "192.0.2.11",
		Endpoint:         "api.example.internal:6443",
		ServiceSubnet:    "10.96.0.0/12",
		DNSDomain:        "cluster.local",
		ClusterName:      "kubernetes",
	}
}

// New returns the healthy control-plane node that `kubeadm init` makes from these values. It panics on an address that does
// not parse.
func New(n Node) *Spec {
	n.At = n.At.UTC().Truncate(time.Second)
	s := &Spec{
		Node:           n,
		Certificates:   append(kubeadmCertificates(n), kubeletCertificates(n)...),
		ServiceAccount: &ServiceAccount{},
		Pods:           []*Pod{etcd(n), apiserver(n), controllerManager(n), scheduler(n)},
		Kubeconfigs:    kubeadmKubeconfigs(n),
		Kubelet:        kubeadmKubelet(n),
		Files: map[string]*File{
			"/etc/hostname": {Data: []byte(n.NodeName + "\n"), Mode: 0o644},
			manifestDir:     {Mode: fs.ModeDir | 0o700},
		},
	}
	maps.Copy(s.Files, kubeletFiles(n))
	return s
}

// Cert returns the certificate of this name; kubeadm's names are those of the table in certificates.go. It panics on an
// unknown name.
func (s *Spec) Cert(name string) *Certificate {
	return s.Certificates[indexOf(s.Certificates, "certificate", name, func(c *Certificate) string { return c.Name })]
}

// Pod returns the static pod of this name: kube-apiserver, etcd and so on. It panics on an unknown name.
func (s *Spec) Pod(name string) *Pod {
	return s.Pods[indexOf(s.Pods, "pod", name, func(p *Pod) string { return p.Name })]
}

// Kubeconfig returns the kubeconfig of this name: admin.conf, kubelet.conf and so on. It panics on an unknown name.
func (s *Spec) Kubeconfig(name string) *Kubeconfig {
	return s.Kubeconfigs[indexOf(s.Kubeconfigs, "kubeconfig", name, func(k *Kubeconfig) string { return k.Name })]
}

// RemoveCert takes certificates away, with their keys. It panics on an unknown name.
func (s *Spec) RemoveCert(names ...string) {
	for _, name := range names {
		gone := s.Cert(name)
		s.Certificates = slices.DeleteFunc(s.Certificates, func(c *Certificate) bool { return c == gone })
	}
}

// RemovePod takes static pods away. It panics on an unknown name.
func (s *Spec) RemovePod(names ...string) {
	for _, name := range names {
		gone := s.Pod(name)
		s.Pods = slices.DeleteFunc(s.Pods, func(p *Pod) bool { return p == gone })
	}
}

// RemoveKubeconfig takes kubeconfigs away; the certificates in them stay in the Spec, unwritten. It panics on an unknown name.
func (s *Spec) RemoveKubeconfig(names ...string) {
	for _, name := range names {
		gone := s.Kubeconfig(name)
		s.Kubeconfigs = slices.DeleteFunc(s.Kubeconfigs, func(k *Kubeconfig) bool { return k == gone })
	}
}

func indexOf[T any](items []T, kind, name string, nameOf func(T) string) int {
	i := slices.IndexFunc(items, func(item T) bool { return nameOf(item) == name })
	if i < 0 {
		panic(fmt.Sprintf("pkitest: no %s named %q", kind, name))
	}
	return i
}

// serviceIP returns the n-th address of the service subnet: the first is the API server's, the tenth that of the cluster DNS.
func (n Node) serviceIP(nth int) netip.Addr {
	ip := netip.MustParsePrefix(n.ServiceSubnet).Masked().Addr()
	for range nth {
		ip = ip.Next()
	}
	return ip
}
