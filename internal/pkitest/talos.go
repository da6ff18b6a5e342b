package pkitest

import (
	"crypto/x509"
	"time"
)

const talosSecrets = "/system/secrets"

// talosTable follows talos: internal/app/machined/pkg/controllers/secrets and internal/pkg/etcd.
func talosTable(n Node) []row {
	const api, manager = "kubernetes/kube-apiserver/", "kubernetes/kube-controller-manager/"
	server, client, both := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, clientUsage(), bothUsages()
	names := append(clusterNames(n), "localhost", n.NodeName, n.AdvertiseAddress, n.endpointHost())
	here := []string{n.NodeName, "localhost", n.AdvertiseAddress, "127.0.0.1"}
	return []row{
		{name: "ca", file: manager + "ca"},
		{name: "front-proxy-ca", file: api + "aggregator-ca", cn: "front-proxy"},
		{name: "etcd-ca", file: "etcd/ca"},
		{name: "apiserver", file: api + "apiserver", issuer: "ca", cn: "kube-apiserver", org: "kube-master", usages: server, hosts: names},
		{name: "apiserver-kubelet-client", file: api + "apiserver-kubelet-client", issuer: "ca", cn: "apiserver-kubelet-client", org: "system:masters", usages: client},
		{name: "front-proxy-client", file: api + "front-proxy-client", issuer: "front-proxy-ca", cn: "front-proxy-client", usages: client},
		{name: "apiserver-etcd-client", file: api + "etcd-client", issuer: "etcd-ca", cn: "kube-apiserver", usages: client, hosts: here},
		{name: "etcd-server", file: "etcd/server", issuer: "etcd-ca", cn: n.NodeName, usages: both, hosts: here},
		{name: "etcd-peer", file: "etcd/peer", issuer: "etcd-ca", cn: n.NodeName, usages: both, hosts: here},
		{name: "etcd-admin", file: "etcd/admin", issuer: "etcd-ca", cn: "talos", usages: client, hosts: here},
		{name: "controller-manager", issuer: "ca", cn: "system:kube-controller-manager", org: "system:kube-controller-manager", usages: client},
		{name: "scheduler", issuer: "ca", cn: "system:kube-scheduler", org: "system:kube-scheduler", usages: client},
	}
}

// Talos returns the files of a healthy control-plane node of Talos, as far as they are on it: the static pods are not. Where
// Talos has copies of a CA, the node has links.
func Talos(at time.Time) *Spec {
	const api, manager = talosSecrets + "/kubernetes/kube-apiserver/", talosSecrets + "/kubernetes/kube-controller-manager/"
	n := DefaultNode(at)
	s := layoutNode(n, talosSecrets, talosTable)
	for name, org := range map[string]string{"ca": "kubernetes", "etcd-ca": "etcd"} {
		s.Cert(name).Template.Subject.Organization, s.Cert(name).Template.DNSNames = []string{org}, nil
	}
	s.Cert("front-proxy-ca").KeyPath = ""
	s.Cert("apiserver").Chain = []string{"ca"}
	s.ServiceAccount = &ServiceAccount{SigningPath: manager + "service-account.key", VerificationPath: api + "service-account.pub"}
	for link, file := range map[string]string{
		api + "ca.crt": manager + "ca.crt", api + "service-account.key": manager + "service-account.key",
		api + "etcd-client-ca.crt": talosSecrets + "/etcd/ca.crt", pkiDir + "/ca.crt": manager + "ca.crt",
	} {
		s.Files[link] = &File{Link: file}
	}
	s.embedded("controller-manager", manager+"kubeconfig", "127.0.0.1:6443", "system:kube-controller-manager", "controller-manager")
	s.embedded("scheduler", talosSecrets+"/kubernetes/kube-scheduler/kubeconfig", "127.0.0.1:6443", "system:kube-scheduler", "scheduler")
	s.talosKubelet()
	return s
}

// talosKubelet adds the kubelet, which makes its serving certificate itself.
func (s *Spec) talosKubelet() {
	s.rotatedIn(kubeletPKI)
	for _, c := range kubeletCertificates(s.Node) {
		if c.Name != "kubelet-client" {
			s.Certificates = append(s.Certificates, c)
		}
	}
	s.Kubeconfigs = append(s.Kubeconfigs,
		&Kubeconfig{
			Name: "kubeconfig-kubelet", Path: "/etc/kubernetes/kubeconfig-kubelet", Server: "https://" + s.Endpoint, ClusterName: "default-cluster",
			UserName: "default-auth", CA: "ca", CertPath: kubeletClientLink, KeyPath: kubeletClientLink,
		},
		&Kubeconfig{
			Name: "bootstrap-kubeconfig", Path: "/etc/kubernetes/bootstrap-kubeconfig", Server: "https://" + s.Endpoint, ClusterName: "local",
			UserName: "kubelet", CA: "ca", Token: "abcdef.0123456789abcdef",
		})
	s.Files["/etc/kubernetes/kubelet.yaml"] = &File{Mode: 0o600, Data: mustYAML(map[string]any{
		"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "clusterDomain": s.DNSDomain,
		"authentication":     map[string]any{"x509": map[string]any{"clientCAFile": pkiDir + "/ca.crt"}},
		"rotateCertificates": true,
	})}
}
