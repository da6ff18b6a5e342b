package pkitest

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"io/fs"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// etcdConfigPath is where the sample node has etcd's configuration file.
const etcdConfigPath = "/etc/etcd/etcd.yaml"

// EtcdConfigFile returns the hardened sample node with an etcd that takes its settings from a configuration file.
func EtcdConfigFile(at time.Time) *Spec {
	s := Hardened(at)
	p := s.Pod("etcd")
	top, client, peer := map[string]any{}, map[string]any{}, map[string]any{}
	for _, flag := range p.Command[1:] {
		name, value, _ := strings.Cut(strings.TrimPrefix(flag, "--"), "=")
		section := top
		switch field, isPeer := strings.CutPrefix(name, "peer-"); {
		case isPeer:
			section, name = peer, field
		case slices.Contains([]string{"cert-file", "key-file", "trusted-ca-file", "client-cert-auth"}, name):
			section = client
		}
		section[name] = value
		if value == "true" {
			section[name] = true
		}
	}
	top["client-transport-security"], top["peer-transport-security"] = client, peer
	p.Command = []string{"etcd", "--config-file=" + etcdConfigPath}
	p.Mounts = append(p.Mounts, Mount{Name: "config", HostPath: "/etc/etcd", Type: "Directory", MountPath: "/etc/etcd", ReadOnly: true})
	s.Files[etcdConfigPath] = &File{Data: mustYAML(top), Mode: 0o600}
	return s
}

// EtcdAutoTLS returns the hardened sample node with an etcd that made the certificate for its clients itself, and trusts the
// clients of its CA. The API server takes that certificate for the CA of etcd.
func EtcdAutoTLS(at time.Time) *Spec {
	const folder = "/var/lib/etcd/fixtures/client"
	s := Hardened(at)
	p := s.Pod("etcd")
	p.RemoveFlag("cert-file")
	p.RemoveFlag("key-file")
	p.SetFlag("auto-tls", "true")
	s.RemoveCert("etcd-server")
	s.Certificates = append(s.Certificates, &Certificate{
		Name: "etcd-auto", CertPath: folder + "/cert.pem", KeyPath: folder + "/key.pem",
		Template: &x509.Certificate{
			Subject: pkix.Name{Organization: []string{"etcd"}}, NotBefore: s.At, NotAfter: s.At.Add(leafLifetime),
			KeyUsage:    x509.KeyUsageKeyEncipherment | x509.KeyUsageDigitalSignature,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true, IsCA: true,
			IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.ParseIP(s.AdvertiseAddress)},
		},
	})
	s.Files["/var/lib/etcd"] = &File{Mode: fs.ModeDir | 0o700}
	api := s.Pod("kube-apiserver")
	api.Mounts = append(api.Mounts, Mount{Name: "etcd-auto", HostPath: folder, MountPath: folder, ReadOnly: true})
	api.SetFlag("etcd-cafile", folder+"/cert.pem")
	return s
}

// EditYAML changes a configuration file that was given to the Spec as YAML. It panics where there is none.
func (s *Spec) EditYAML(file string, edit func(map[string]any)) {
	var fields map[string]any
	if err := yaml.Unmarshal(s.Files[file].Data, &fields); err != nil {
		panic("pkitest: " + file + ": " + err.Error())
	}
	edit(fields)
	edited := maps.Clone(s.Files)
	edited[file] = &File{Data: mustYAML(fields), Mode: s.Files[file].Mode}
	s.Files = edited
}

// mustYAML writes what consists of maps, lists and plain values alone, and so always can be.
func mustYAML(v any) []byte {
	text, err := yaml.Marshal(v)
	if err != nil {
		panic("pkitest: " + err.Error())
	}
	return text
}
