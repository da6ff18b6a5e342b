package pkitest

import (
	"crypto/x509"
	"time"

	"sigs.k8s.io/yaml"
)

// TokenIssuers returns the hardened sample node with an API server that takes the tokens of two issuers: one with a CA that
// stands in the AuthenticationConfiguration, and one that the roots of the system vouch for.
func TokenIssuers(at time.Time) *Spec {
	const folder = "/etc/kubernetes/authentication"
	s := Hardened(at)
	s.Certificates = append(s.Certificates, &Certificate{Name: "issuer-ca", Template: caTemplate(s.Node, "issuers")})
	s.Texts = map[string]func(*Spec) ([]byte, error){
		folder + "/authentication.yaml": func(s *Spec) ([]byte, error) {
			ca, _, err := s.encode("issuer-ca")
			if err != nil {
				return nil, err
			}
			issuer := func(url, ca string) map[string]any {
				fields := map[string]any{"url": url, "audiences": []any{"kubernetes"}}
				setNonEmpty(fields, "certificateAuthority", ca)
				return map[string]any{"issuer": fields, "claimMappings": map[string]any{"username": map[string]any{"claim": "sub", "prefix": ""}}}
			}
			return yaml.Marshal(map[string]any{
				"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthenticationConfiguration",
				"jwt": []any{issuer("https://accounts.example.com", ""), issuer("https://dex.example.internal", string(ca))},
			})
		},
	}
	p := s.Pod("kube-apiserver")
	p.SetFlag("authentication-config", folder+"/authentication.yaml")
	p.Mounts = append(p.Mounts, Mount{Name: "authentication", HostPath: folder, Type: "Directory", MountPath: folder, ReadOnly: true})
	return s
}

// StaticProxy returns the hardened sample node with a kube-proxy that runs as a static pod, and has its kubeconfig from a
// KubeProxyConfiguration.
func StaticProxy(at time.Time) *Spec {
	const (
		folder     = "/etc/kubernetes/proxy"
		kubeconfig = "/etc/kubernetes/kube-proxy.conf"
	)
	s := Hardened(at)
	s.Certificates = append(s.Certificates, &Certificate{
		Name: "kube-proxy", Template: leafTemplate(s.Node, "system:kube-proxy", "system:node-proxier", x509.ExtKeyUsageClientAuth), Issuer: "ca",
	})
	s.Kubeconfigs = append(s.Kubeconfigs, &Kubeconfig{
		Name: "kube-proxy", Path: kubeconfig, Server: "https://" + s.Endpoint,
		ClusterName: s.ClusterName, UserName: "system:kube-proxy", CA: "ca", Cert: "kube-proxy",
	})
	s.Files[folder+"/config.yaml"] = &File{Mode: 0o600, Data: mustYAML(map[string]any{
		"apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration",
		"clientConnection": map[string]any{"kubeconfig": kubeconfig}, "mode": "iptables",
	})}
	s.Pods = append(s.Pods, &Pod{
		Name: "kube-proxy", File: manifestDir + "/kube-proxy.yaml", Image: "registry.k8s.io/kube-proxy:" + kubernetesVersion,
		Command: []string{"/usr/local/bin/kube-proxy", "--config=" + folder + "/config.yaml", "--hostname-override=" + s.NodeName},
		Mounts: []Mount{
			kubeconfigMount(kubeconfig),
			{Name: "config", HostPath: folder, Type: "Directory", MountPath: folder, ReadOnly: true},
		},
		Probes: Probes{Scheme: "HTTP", Host: "127.0.0.1", Port: 10256, Live: "/healthz"},
	})
	return s
}
