package pkitest

import (
	"fmt"
	"io/fs"
	"net"

	"sigs.k8s.io/yaml"
)

// Kubeconfig is a kubeconfig file with one cluster, one user and one context.
type Kubeconfig struct {
	Name        string // as in Spec.Kubeconfig
	Path        string
	Mode        fs.FileMode // zero: 0600
	Server      string
	ClusterName string
	UserName    string

	// Empty fields are left out of the file.
	CA            string // name of the certificate to embed as the cluster's CA
	CAPath        string
	Cert          string // name of the certificate to embed, with its key
	CertPath      string
	KeyPath       string
	Token         string
	TLSServerName string
	Insecure      bool
}

// kubeadmKubeconfigs returns the files that `kubeadm init` writes: on the first node the kubelet too talks to the local API
// server, whereas people go through the control-plane endpoint.
func kubeadmKubeconfigs(n Node) []*Kubeconfig {
	rows := []struct{ name, user, cert, server string }{
		{"admin.conf", "kubernetes-admin", "admin", n.Endpoint},
		{"super-admin.conf", "kubernetes-super-admin", "super-admin", n.Endpoint},
		{"controller-manager.conf", "system:kube-controller-manager", "controller-manager", n.localEndpoint()},
		{"scheduler.conf", "system:kube-scheduler", "scheduler", n.localEndpoint()},
		{"kubelet.conf", "system:node:" + n.NodeName, "", n.localEndpoint()},
	}
	var configs []*Kubeconfig
	for _, row := range rows {
		k := &Kubeconfig{
			Name: row.name, Path: "/etc/kubernetes/" + row.name, Server: "https://" + row.server,
			ClusterName: n.ClusterName, UserName: row.user, CA: "ca", Cert: row.cert,
		}
		if k.Cert == "" {
			k.CertPath, k.KeyPath = kubeletClientLink, kubeletClientLink
		}
		configs = append(configs, k)
	}
	return configs
}

func (n Node) localEndpoint() string {
	return net.JoinHostPort(n.AdvertiseAddress, "6443")
}

func (s *Spec) kubeconfigText(k *Kubeconfig) ([]byte, error) {
	cluster, user, err := s.clusterAndUser(k)
	if err != nil {
		return nil, fmt.Errorf("kubeconfig %s: %w", k.Name, err)
	}
	context := k.UserName + "@" + k.ClusterName
	text, err := yaml.Marshal(map[string]any{
		"apiVersion":      "v1",
		"kind":            "Config",
		"clusters":        []any{map[string]any{"name": k.ClusterName, "cluster": cluster}},
		"users":           []any{map[string]any{"name": k.UserName, "user": user}},
		"contexts":        []any{map[string]any{"name": context, "context": map[string]any{"cluster": k.ClusterName, "user": k.UserName}}},
		"current-context": context,
	})
	if err != nil {
		return nil, fmt.Errorf("kubeconfig %s: %w", k.Name, err)
	}
	return text, nil
}

func (s *Spec) clusterAndUser(k *Kubeconfig) (cluster, user map[string]any, err error) {
	cluster, user = map[string]any{"server": k.Server}, map[string]any{}
	if k.CA != "" {
		if cluster["certificate-authority-data"], _, err = s.encode(k.CA); err != nil {
			return nil, nil, err
		}
	}
	if k.Cert != "" {
		if user["client-certificate-data"], user["client-key-data"], err = s.encode(k.Cert); err != nil {
			return nil, nil, err
		}
	}
	if k.Insecure {
		cluster["insecure-skip-tls-verify"] = true
	}
	setNonEmpty(cluster, "certificate-authority", k.CAPath)
	setNonEmpty(cluster, "tls-server-name", k.TLSServerName)
	setNonEmpty(user, "client-certificate", k.CertPath)
	setNonEmpty(user, "client-key", k.KeyPath)
	setNonEmpty(user, "token", k.Token)
	return cluster, user, nil
}

func setNonEmpty(fields map[string]any, name, value string) {
	if value != "" {
		fields[name] = value
	}
}
