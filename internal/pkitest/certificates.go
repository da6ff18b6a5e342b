package pkitest

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"slices"
	"time"
)

const (
	pkiDir = "/etc/kubernetes/pki"

	// What kubeadm and client-go have compiled in.
	backdating   = 5 * time.Minute
	leafLifetime = 8760 * time.Hour
	caLifetime   = 87600 * time.Hour
)

// row is one line of kubeadm's table of certificates.
type row struct {
	name   string
	file   string // below the pki folder, without .crt and .key; empty: embedded in a kubeconfig
	issuer string // empty: a CA
	cn     string
	org    string
	usages []x509.ExtKeyUsage
	hosts  []string // names and addresses; those of kubeadm's are filled in by addHosts
}

// kubeadmTable lists what kubeadm makes, in the order of kubeadm's own list.
func kubeadmTable(n Node) []row {
	client := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	server := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	both := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	return []row{
		{name: "ca", file: "ca", cn: "kubernetes"},
		{name: "apiserver", file: "apiserver", issuer: "ca", cn: "kube-apiserver", usages: server},
		{name: "apiserver-kubelet-client", file: "apiserver-kubelet-client", issuer: "ca", cn: "kube-apiserver-kubelet-client", usages: client},
		{name: "front-proxy-ca", file: "front-proxy-ca", cn: "front-proxy-ca"},
		{name: "front-proxy-client", file: "front-proxy-client", issuer: "front-proxy-ca", cn: "front-proxy-client", usages: client},
		{name: "etcd-ca", file: "etcd/ca", cn: "etcd-ca"},
		{name: "etcd-server", file: "etcd/server", issuer: "etcd-ca", cn: n.NodeName, usages: both},
		{name: "etcd-peer", file: "etcd/peer", issuer: "etcd-ca", cn: n.NodeName, usages: both},
		{name: "etcd-healthcheck-client", file: "etcd/healthcheck-client", issuer: "etcd-ca", cn: "kube-etcd-healthcheck-client", usages: client},
		{name: "apiserver-etcd-client", file: "apiserver-etcd-client", issuer: "etcd-ca", cn: "kube-apiserver-etcd-client", usages: client},
		{name: "admin", issuer: "ca", cn: "kubernetes-admin", org: "kubeadm:cluster-admins", usages: client},
		{name: "super-admin", issuer: "ca", cn: "kubernetes-super-admin", org: "system:masters", usages: client},
		{name: "controller-manager", issuer: "ca", cn: "system:kube-controller-manager", usages: client},
		{name: "scheduler", issuer: "ca", cn: "system:kube-scheduler", usages: client},
	}
}

func kubeadmCertificates(n Node) []*Certificate {
	certs := certificatesOf(n, pkiDir, kubeadmTable(n))
	for _, c := range certs {
		addHosts(n, c)
	}
	return certs
}

// certificatesOf returns the certificates of a table, whose files are below a folder.
func certificatesOf(n Node, folder string, table []row) []*Certificate {
	var certs []*Certificate
	for _, r := range table {
		c := &Certificate{Name: r.name, Issuer: r.issuer}
		if r.issuer == "" {
			c.Template = caTemplate(n, r.cn)
		} else {
			c.Template = leafTemplate(n, r.cn, r.org, r.usages...)
		}
		if r.file != "" {
			c.CertPath, c.KeyPath = folder+"/"+r.file+".crt", folder+"/"+r.file+".key"
		}
		for _, host := range r.hosts {
			addHost(c.Template, host)
		}
		certs = append(certs, c)
	}
	return certs
}

// caTemplate follows kubeadm, which gives a CA its own name as a DNS name and no cRLSign.
func caTemplate(n Node, cn string) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: cn},
		DNSNames:              []string{cn},
		NotBefore:             n.At.Add(-backdating),
		NotAfter:              n.At.Add(caLifetime),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
}

// leafTemplate follows kubeadm, which starts a leaf when its CA starts and allows key encipherment even to ECDSA keys.
func leafTemplate(n Node, cn, org string, usages ...x509.ExtKeyUsage) *x509.Certificate {
	t := &x509.Certificate{
		Subject:               pkix.Name{CommonName: cn},
		NotBefore:             n.At.Add(-backdating),
		NotAfter:              n.At.Add(leafLifetime),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:           slices.Clone(usages), // a caller may edit one template without touching the others
		BasicConstraintsValid: true,
	}
	if org != "" {
		t.Subject.Organization = []string{org}
	}
	return t
}

// addHosts fills in the names and addresses of the serving certificates.
func addHosts(n Node, c *Certificate) {
	advertise := net.ParseIP(n.AdvertiseAddress)
	switch c.Name {
	case "etcd-server", "etcd-peer":
		c.Template.DNSNames = []string{n.NodeName, "localhost"}
		c.Template.IPAddresses = []net.IP{advertise, net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	case "apiserver":
		c.Template.DNSNames = []string{
			n.NodeName, "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc." + n.DNSDomain,
		}
		c.Template.IPAddresses = []net.IP{n.serviceIP(1).AsSlice(), advertise}
		addHost(c.Template, n.endpointHost())
		slices.Sort(c.Template.DNSNames)
	}
}

// addHost files a host under the kind of alternative name that it is.
func addHost(t *x509.Certificate, host string) {
	if ip := net.ParseIP(host); ip != nil {
		t.IPAddresses = append(t.IPAddresses, ip)
		return
	}
	t.DNSNames = append(t.DNSNames, host)
}

func (n Node) endpointHost() string {
	host, _, err := net.SplitHostPort(n.Endpoint)
	if err != nil {
		panic("pkitest: control-plane endpoint: " + err.Error())
	}
	return host
}
