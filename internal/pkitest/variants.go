package pkitest

import (
	"io/fs"
	"time"
)

// Kubeadm returns the healthy sample node, made at this instant by kubeadm 1.37 with its defaults and ECDSA keys: the kubelet
// serves a certificate of its own making, which the API server does not verify.
func Kubeadm(at time.Time) *Spec {
	return New(DefaultNode(at))
}

// Hardened returns the sample node with serving certificates from the cluster CA on the kubelets, which the API server
// verifies. A kubeadm of 1.29 to 1.36 made its certificates, with the API server's kubelet client in the administrators' group,
// and root keeps a copy of admin.conf.
func Hardened(at time.Time) *Spec {
	s := Kubeadm(at)
	s.RemoveCert("kubelet-serving", "kubelet-serving-ca")
	serving := bootstrappedServing(s.Node)
	s.Certificates = append(s.Certificates, serving)
	s.Files[kubeletServerLink] = &File{Link: serving.CertPath}
	s.Kubelet.Config["serverTLSBootstrap"] = true

	s.Pod("kube-apiserver").SetFlag("kubelet-certificate-authority", pkiDir+"/ca.crt")
	s.Cert("apiserver-kubelet-client").Template.Subject.Organization = []string{"kubeadm:cluster-admins"}

	home := *s.Kubeconfig("admin.conf")
	home.Name, home.Path = "root", "/root/.kube/config"
	s.Kubeconfigs = append(s.Kubeconfigs, &home)
	s.Files["/root"] = &File{Mode: fs.ModeDir | 0o700}
	return s
}

// CertDir returns the hardened sample node with a controller manager and a scheduler that keep the serving certificates that
// they made themselves.
func CertDir(at time.Time) *Spec {
	s := Hardened(at)
	for _, name := range []string{"kube-controller-manager", "kube-scheduler"} {
		folder := "/var/lib/" + name
		p := s.Pod(name)
		p.SetFlag("cert-dir", "/serving")
		p.Mounts = append(p.Mounts, Mount{Name: "serving", HostPath: folder, Type: "DirectoryOrCreate", MountPath: "/serving"})
		s.Certificates = append(s.Certificates, selfSigned(s.Node, name+"-serving", s.NodeName, folder+"/"+name)...)
	}
	return s
}

// Worker returns a healthy node without a control plane, joined through the control-plane endpoint.
func Worker(at time.Time) *Spec {
	n := DefaultNode(at)
	n.NodeName, n.AdvertiseAddress = "worker-1", "192.0.2.21"
	s := New(n)
	var certs []*Certificate
	for _, name := range []string{"ca", "kubelet-client", "kubelet-serving-ca", "kubelet-serving"} {
		certs = append(certs, s.Cert(name))
	}
	s.Certificates = certs
	s.Cert("ca").KeyPath = ""
	s.ServiceAccount = nil
	s.Pods = nil
	s.Files[manifestDir].Mode = fs.ModeDir | 0o755 // as the kubelet's package made it

	kubelet := s.Kubeconfig("kubelet.conf")
	kubelet.Server = "https://" + n.Endpoint
	s.Kubeconfigs = []*Kubeconfig{kubelet}
	return s
}

// ExternalEtcd returns a healthy control-plane node whose etcd runs on other hosts: here are only etcd's CA certificate and the
// API server's client certificate.
func ExternalEtcd(at time.Time) *Spec {
	s := Kubeadm(at)
	s.RemovePod("etcd")
	s.RemoveCert("etcd-server", "etcd-peer", "etcd-healthcheck-client")
	s.Cert("etcd-ca").KeyPath = ""
	s.Pod("kube-apiserver").SetFlag("etcd-servers",
		"https://198.51.100.31:2379,https://198.51.100.32:2379,https://198.51.100.33:2379")
	return s
}

// ExternalCA returns a healthy control-plane node whose CA keys are kept elsewhere; kubeadm then gives the controller manager
// empty signing flags.
func ExternalCA(at time.Time) *Spec {
	s := Kubeadm(at)
	for _, name := range []string{"ca", "front-proxy-ca", "etcd-ca"} {
		s.Cert(name).KeyPath = ""
	}
	manager := s.Pod("kube-controller-manager")
	manager.SetFlag("cluster-signing-cert-file", "")
	manager.SetFlag("cluster-signing-key-file", "")
	return s
}
