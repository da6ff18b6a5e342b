package pkitest

import (
	"crypto/x509"
	"io/fs"
	"net"
	"strings"
	"time"
)

// layoutNode returns a node of another layout than kubeadm's, with the certificates of a table, whose files are below a folder.
func layoutNode(n Node, folder string, table func(Node) []row) *Spec {
	n.At = n.At.UTC().Truncate(time.Second)
	return bareNode(n, certificatesOf(n, folder, table(n)))
}

// bareNode returns a node of nothing but certificates.
func bareNode(n Node, certificates []*Certificate) *Spec {
	n.At = n.At.UTC().Truncate(time.Second)
	return &Spec{
		Node: n, Certificates: certificates,
		Files: map[string]*File{"/etc/hostname": {Data: []byte(n.NodeName + "\n"), Mode: 0o644}},
	}
}

func clientUsage() []x509.ExtKeyUsage { return []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }

func bothUsages() []x509.ExtKeyUsage {
	return []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
}

// rotatedIn adds the client certificate of a kubelet that keeps what it obtains in a folder of its own.
func (s *Spec) rotatedIn(folder string) {
	client := leafTemplate(s.Node, "system:node:"+s.NodeName, "system:nodes", x509.ExtKeyUsageClientAuth)
	client.KeyUsage = x509.KeyUsageDigitalSignature
	pair := folder + "/" + datedName(s.Node, "kubelet-client")
	s.Certificates = append(s.Certificates, &Certificate{Name: "kubelet-client", Template: client, Issuer: "ca", CertPath: pair, KeyPath: pair})
	s.Files[folder+"/kubelet-client-current.pem"] = &File{Link: pair}
}

// embedded adds a kubeconfig whose one user has a certificate of the node.
func (s *Spec) embedded(name, path, server, user, cert string) {
	s.Kubeconfigs = append(s.Kubeconfigs, &Kubeconfig{
		Name: name, Path: path, Server: "https://" + server, ClusterName: "local", UserName: user, CA: "ca", Cert: cert,
	})
}

// text adds a file of lines.
func (s *Spec) text(path string, mode fs.FileMode, lines ...string) {
	s.Files[path] = &File{Data: []byte(strings.Join(lines, "\n") + "\n"), Mode: mode}
}

// clusterNames are the names of the API server's certificate that installers agree upon.
func clusterNames(n Node) []string {
	return []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster", n.serviceIP(1).String(), "127.0.0.1"}
}

// dqlite adds the pair with which the members of a datastore know one another.
func (s *Spec) dqlite(cn, folder string) {
	t := leafTemplate(s.Node, cn, "", bothUsages()...)
	t.NotAfter = s.At.Add(caLifetime)
	t.DNSNames, t.IPAddresses = []string{s.NodeName}, []net.IP{net.IPv4(127, 0, 0, 1)}
	t.KeyUsage |= x509.KeyUsageDataEncipherment
	s.Certificates = append(s.Certificates, &Certificate{Name: "dqlite", Template: t, CertPath: folder + "/cluster.crt", KeyPath: folder + "/cluster.key"})
	s.Files[folder] = &File{Mode: fs.ModeDir | 0o700}
}

// sameKey keeps one file of the key for service-account tokens, which serves to sign and to verify.
func sameKey(path string) *ServiceAccount {
	return &ServiceAccount{SigningPath: path, VerificationPath: path}
}
