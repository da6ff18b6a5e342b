package audit

import (
	"crypto/x509"
	"testing"

	"kube-cert-audit/internal/pkitest"
)

// rare gives a node the certificates that no sample node has of itself.
func rare(s *pkitest.Spec) {
	publicName("")(s)
	client := func(name string) {
		t := *template(s, "etcd-peer")
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		s.Certificates = append(s.Certificates, &pkitest.Certificate{
			Name: name, Template: &t, Issuer: "etcd-ca", CertPath: pki + "etcd/" + name + ".crt", KeyPath: pki + "etcd/" + name + ".key",
		})
	}
	p := s.Pod("etcd")
	for flag, name := range map[string]string{"client-": "client", "peer-client-": "peer-client", "discovery-": "discovery"} {
		client(name)
		suffix := "-file"
		if name == "discovery" {
			suffix = ""
		}
		p.SetFlag(flag+"cert"+suffix, pki+"etcd/"+name+".crt")
		p.SetFlag(flag+"key"+suffix, pki+"etcd/"+name+".key")
	}
	p.SetFlag("discovery-cacert", pki+"etcd/ca.crt")
	s.Pod("kube-apiserver").SetFlag("peer-ca-file", pki+"ca.crt")
	s.Pod("kube-apiserver").SetFlag("oidc-ca-file", pki+"ca.crt")
}

// Every row of both tables is in force on some node of the tests.
func TestEveryRowIsReached(t *testing.T) {
	requirements, connections := map[string]bool{}, map[string]bool{}
	peerAuto := func(s *pkitest.Spec) {
		p := s.Pod("etcd")
		p.RemoveFlag("peer-cert-file")
		p.RemoveFlag("peer-key-file")
		p.SetFlag("peer-auto-tls", "true")
		c := s.Cert("etcd-peer")
		c.CertPath, c.KeyPath = "/var/lib/etcd/fixtures/peer/cert.pem", "/var/lib/etcd/fixtures/peer/key.pem"
	}
	for _, node := range []fault{
		{base: pkitest.Kubeadm}, {}, {spec: rare}, {base: pkitest.EtcdAutoTLS, spec: peerAuto}, {base: pkitest.Webhooks},
		{base: pkitest.Konnectivity}, {base: pkitest.StaticProxy}, {base: pkitest.CertDir}, {base: pkitest.Kubespray},
	} {
		r := run(t, node.write(t), options(t))
		for _, c := range r.Certificates {
			requirements[c.Requirement] = true
		}
		for _, c := range r.Connections {
			connections[c.Name] = true
		}
	}
	tables := options(t).Tables
	for _, row := range tables.Requirements {
		if !requirements[row.Name] && row.Path.VerificationKey == "" { // which has no certificates
			t.Errorf("no node has a certificate of the row %s", row.Name)
		}
	}
	for _, row := range tables.Connections {
		if !connections[row.Name] {
			t.Errorf("no node has a connection of the row %s", row.Name)
		}
	}
}
