package pkitest

import (
	"crypto/x509"
	"time"
)

// RareFlags returns the hardened sample node with what few clusters use: clients of their own for etcd's dialling, discovery
// and peers of the API server, an OIDC provider, several serving certificates, and flags of releases long gone.
func RareFlags(at time.Time) *Spec {
	s := Hardened(at)
	pair := func(name, issuer string, usages ...x509.ExtKeyUsage) (cert, key string) {
		t := leafTemplate(s.Node, name, "", usages...)
		if len(usages) > 0 && usages[0] == x509.ExtKeyUsageServerAuth {
			t.DNSNames = []string{name + ".example.internal"}
		}
		folder := pkiDir
		if issuer == "etcd-ca" || issuer == "discovery-ca" {
			folder += "/etcd" // which etcd sees alone
		}
		c := &Certificate{Name: name, Template: t, Issuer: issuer, CertPath: folder + "/" + name + ".crt", KeyPath: folder + "/" + name + ".key"}
		s.Certificates = append(s.Certificates, c)
		return c.CertPath, c.KeyPath
	}
	for _, ca := range []struct{ name, path string }{
		{"oidc-ca", pkiDir + "/oidc-ca.crt"}, {"discovery-ca", pkiDir + "/etcd/discovery-ca.crt"},
	} {
		s.Certificates = append(s.Certificates, &Certificate{Name: ca.name, Template: caTemplate(s.Node, ca.name), CertPath: ca.path})
	}
	s.rareEtcd(pair)
	for _, name := range []string{"kube-controller-manager", "kube-scheduler"} {
		cert, key := pair(name+"-sni", "ca", x509.ExtKeyUsageServerAuth)
		set(s.Pod(name), "tls-sni-cert-key", cert+","+key+":"+name+".example.internal",
			"client-ca-file", pkiDir+"/ca.crt", "requestheader-client-ca-file", pkiDir+"/front-proxy-ca.crt",
			"requestheader-allowed-names", "front-proxy-client")
	}
	s.Pod("kube-scheduler").Mounts = append(s.Pod("kube-scheduler").Mounts, Mount{
		Name: "k8s-certs", HostPath: pkiDir, Type: "DirectoryOrCreate", MountPath: pkiDir,
	})
	s.Pod("kube-controller-manager").SetFlag("cluster-signing-duration", "8760h")
	s.Files[pkiDir+"/tokens.csv"] = &File{Data: []byte("x,probe,1\n"), Mode: 0o600}
	set(s.Pod("kube-apiserver"), "oidc-ca-file", pkiDir+"/oidc-ca.crt", "peer-ca-file", pkiDir+"/ca.crt",
		"token-auth-file", pkiDir+"/tokens.csv", "insecure-port", "0", "insecure-bind-address", "127.0.0.1")
	return s
}

// rareEtcd gives etcd what it may be told beside kubeadm's arguments.
func (s *Spec) rareEtcd(pair func(name, issuer string, usages ...x509.ExtKeyUsage) (cert, key string)) {
	client, clientKey := pair("etcd-dials", "etcd-ca", x509.ExtKeyUsageClientAuth)
	peer, peerKey := pair("etcd-dials-peers", "etcd-ca", x509.ExtKeyUsageClientAuth)
	discovery, discoveryKey := pair("etcd-discovery", "discovery-ca", x509.ExtKeyUsageClientAuth)
	set(s.Pod("etcd"), "client-cert-file", client, "client-key-file", clientKey,
		"peer-client-cert-file", peer, "peer-client-key-file", peerKey,
		"discovery-cert", discovery, "discovery-key", discoveryKey, "discovery-cacert", pkiDir+"/etcd/discovery-ca.crt",
		"client-cert-allowed-hostname", "", "peer-cert-allowed-hostname", "", "peer-cert-allowed-cn", "etcd-dials-peers",
		"peer-auto-tls", "false", "peer-skip-client-san-verification", "true", "self-signed-cert-validity", "1")
}

// set gives a pod flags, each followed by its value.
func set(p *Pod, flags ...string) {
	for i := 0; i+1 < len(flags); i += 2 {
		p.SetFlag(flags[i], flags[i+1])
	}
}
