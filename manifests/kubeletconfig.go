package manifests

import "path"

// kubeletConfiguration is what a KubeletConfiguration says that matters here.
type kubeletConfiguration struct {
	Authentication struct {
		X509 struct {
			ClientCAFile scalar `yaml:"clientCAFile"`
		} `yaml:"x509"`
		Anonymous struct {
			Enabled scalar `yaml:"enabled"`
		} `yaml:"anonymous"`
	} `yaml:"authentication"`
	TLSCertFile        scalar `yaml:"tlsCertFile"`
	TLSPrivateKeyFile  scalar `yaml:"tlsPrivateKeyFile"`
	RotateCertificates scalar `yaml:"rotateCertificates"`
	ServerTLSBootstrap scalar `yaml:"serverTLSBootstrap"`
	StaticPodPath      scalar `yaml:"staticPodPath"`
	ClusterDomain      scalar `yaml:"clusterDomain"`
}

// parseKubeletConfiguration returns the fields of a KubeletConfiguration as the
// flags that they stand for. Relative paths are taken from the folder of the file.
func parseKubeletConfiguration(f *configFile) ([]Argument, []string, error) {
	f.folder = path.Dir(f.inside)
	return parseDropIn(f)
}

// parseDropIn does the same for a drop-in, whose relative paths the kubelet does
// not resolve: they are taken from its working folder.
func parseDropIn(f *configFile) ([]Argument, []string, error) {
	var c kubeletConfiguration
	doc, err := decodeObject(f.data, &c, objectKind{"KubeletConfiguration", "kubelet.config.k8s.io"})
	if err != nil {
		return nil, nil, err
	}
	return f.arguments([]field{
		{"client-ca-file", "authentication.x509.clientCAFile", c.Authentication.X509.ClientCAFile},
		{"anonymous-auth", "authentication.anonymous.enabled", c.Authentication.Anonymous.Enabled},
		{"tls-cert-file", "tlsCertFile", c.TLSCertFile},
		{"tls-private-key-file", "tlsPrivateKeyFile", c.TLSPrivateKeyFile},
		{"rotate-certificates", "rotateCertificates", c.RotateCertificates},
		{"rotate-server-certificates", "serverTLSBootstrap", c.ServerTLSBootstrap},
		{"pod-manifest-path", "staticPodPath", c.StaticPodPath},
		{"cluster-domain", "clusterDomain", c.ClusterDomain},
	}), doc.notes(), nil
}
