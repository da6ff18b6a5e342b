package pkitest

import (
	"crypto/x509"
	"net"
	"time"
)

const (
	konnectivityPKI = pkiDir + "/konnectivity"
	egressDir       = "/etc/kubernetes/konnectivity"
)

// Konnectivity returns the hardened sample node with an API server that reaches the nodes through a konnectivity server, by
// TLS; that server and an agent run as static pods. They have a CA of their own.
func Konnectivity(at time.Time) *Spec {
	s := Hardened(at)
	leaf := func(name, file string, usage x509.ExtKeyUsage, ips ...net.IP) {
		t := leafTemplate(s.Node, name, "", usage)
		t.IPAddresses = ips
		s.Certificates = append(s.Certificates, &Certificate{
			Name: name, Template: t, Issuer: "konnectivity-ca",
			CertPath: konnectivityPKI + "/" + file + ".crt", KeyPath: konnectivityPKI + "/" + file + ".key",
		})
	}
	s.Certificates = append(s.Certificates,
		&Certificate{Name: "konnectivity-ca", Template: caTemplate(s.Node, "konnectivity-ca"), CertPath: konnectivityPKI + "/ca.crt"},
		&Certificate{Name: "konnectivity-user", Template: leafTemplate(s.Node, "system:konnectivity-server", "", x509.ExtKeyUsageClientAuth), Issuer: "ca"})
	leaf("konnectivity-server", "server", x509.ExtKeyUsageServerAuth, net.IPv4(127, 0, 0, 1))
	leaf("konnectivity-agents", "agents", x509.ExtKeyUsageServerAuth, net.ParseIP(s.AdvertiseAddress))
	leaf("konnectivity-agent", "agent", x509.ExtKeyUsageClientAuth)
	leaf("egress-client", "client", x509.ExtKeyUsageClientAuth)
	s.Kubeconfigs = append(s.Kubeconfigs, &Kubeconfig{
		Name: "konnectivity-server.conf", Path: "/etc/kubernetes/konnectivity-server.conf", Server: "https://" + s.localEndpoint(),
		ClusterName: s.ClusterName, UserName: "system:konnectivity-server", CA: "ca", Cert: "konnectivity-user",
	})
	s.Pods = append(s.Pods, konnectivityServer(), konnectivityAgent(s.Node))
	s.selectEgress()
	return s
}

// selectEgress tells the API server to go through the konnectivity server to the cluster alone.
func (s *Spec) selectEgress() {
	proxy := map[string]any{
		"url": "https://127.0.0.1:8131",
		"tlsConfig": map[string]any{
			"caBundle": konnectivityPKI + "/ca.crt", "clientCert": konnectivityPKI + "/client.crt", "clientKey": konnectivityPKI + "/client.key",
		},
	}
	s.Files[egressDir+"/egress.yaml"] = &File{Mode: 0o600, Data: mustYAML(map[string]any{
		"apiVersion": "apiserver.k8s.io/v1beta1", "kind": "EgressSelectorConfiguration",
		"egressSelections": []any{
			map[string]any{"name": "controlplane", "connection": map[string]any{"proxyProtocol": "Direct"}},
			map[string]any{"name": "cluster", "connection": map[string]any{
				"proxyProtocol": "HTTPConnect", "transport": map[string]any{"tcp": proxy},
			}},
			map[string]any{"name": "etcd", "connection": map[string]any{
				"proxyProtocol": "GRPC", "transport": map[string]any{"uds": map[string]any{"udsName": egressDir + "/socket"}},
			}},
		},
	})}
	p := s.Pod("kube-apiserver")
	p.SetFlag("egress-selector-config-file", egressDir+"/egress.yaml")
	p.Mounts = append(p.Mounts, Mount{Name: "konnectivity", HostPath: egressDir, Type: "Directory", MountPath: egressDir, ReadOnly: true})
}

func konnectivityServer() *Pod {
	const kubeconfig = "/etc/kubernetes/konnectivity-server.conf"
	return &Pod{
		Name: "konnectivity-server", File: manifestDir + "/konnectivity-server.yaml",
		Image: "registry.k8s.io/kas-network-proxy/proxy-server:v0.34.0",
		Command: []string{
			"/proxy-server",
			"--server-ca-cert=" + konnectivityPKI + "/ca.crt",
			"--server-cert=" + konnectivityPKI + "/server.crt",
			"--server-key=" + konnectivityPKI + "/server.key",
			"--cluster-ca-cert=" + konnectivityPKI + "/ca.crt",
			"--cluster-cert=" + konnectivityPKI + "/agents.crt",
			"--cluster-key=" + konnectivityPKI + "/agents.key",
			"--kubeconfig=" + kubeconfig,
			"--mode=http-connect", "--server-port=8131", "--agent-port=8132",
		},
		Mounts: clusterMounts(kubeconfigMount(kubeconfig)),
		Probes: Probes{Scheme: "HTTP", Host: "127.0.0.1", Port: 8134, Live: "/healthz"},
	}
}

func konnectivityAgent(n Node) *Pod {
	return &Pod{
		Name: "konnectivity-agent", File: manifestDir + "/konnectivity-agent.yaml",
		Image: "registry.k8s.io/kas-network-proxy/proxy-agent:v0.34.0",
		Command: []string{
			"/proxy-agent",
			"--ca-cert=" + konnectivityPKI + "/ca.crt",
			"--agent-cert=" + konnectivityPKI + "/agent.crt",
			"--agent-key=" + konnectivityPKI + "/agent.key",
			"--proxy-server-host=" + n.AdvertiseAddress,
			"--proxy-server-port=8132",
		},
		Mounts: clusterMounts(),
		Probes: Probes{Scheme: "HTTP", Host: "127.0.0.1", Port: 8093, Live: "/healthz"},
	}
}
