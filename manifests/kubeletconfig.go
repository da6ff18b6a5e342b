package manifests

import (
	"path"
)

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
// flags that they stand for, and notes on what could not be used. Relative
// paths are taken from the folder of the file.
func parseKubeletConfiguration(file string, data []byte) (arguments []Argument, notes []string) {
	doc, err := parseObject(data, "KubeletConfiguration")
	if err != nil {
		return nil, []string{err.Error()}
	}
	var c kubeletConfiguration
	if err := doc.decode(&c); err != nil {
		return nil, []string{err.Error()}
	}
	for _, field := range []struct {
		name, spelled string
		value         scalar
	}{
		{"client-ca-file", "authentication.x509.clientCAFile", c.Authentication.X509.ClientCAFile},
		{"anonymous-auth", "authentication.anonymous.enabled", c.Authentication.Anonymous.Enabled},
		{"tls-cert-file", "tlsCertFile", c.TLSCertFile},
		{"tls-private-key-file", "tlsPrivateKeyFile", c.TLSPrivateKeyFile},
		{"rotate-certificates", "rotateCertificates", c.RotateCertificates},
		{"rotate-server-certificates", "serverTLSBootstrap", c.ServerTLSBootstrap},
		{"pod-manifest-path", "staticPodPath", c.StaticPodPath},
		{"cluster-domain", "clusterDomain", c.ClusterDomain},
	} {
		if field.value.Text == "" {
			continue
		}
		arguments = append(arguments, Argument{
			Name:   field.name,
			Value:  fieldValue(field.name, field.value, path.Dir(file)),
			Source: Source{File: file, Line: field.value.Line, Argument: field.spelled},
		})
	}
	return arguments, doc.notes()
}

// fieldValue spells the value of a field as a flag would.
func fieldValue(name string, value scalar, folder string) string {
	s, _ := shapeOf(kubelet, name)
	switch {
	case s == boolean && value.isTrue():
		return "true"
	case s == boolean:
		return "false"
	case s == onePath && !path.IsAbs(value.Text):
		return path.Join(folder, value.Text)
	}
	return value.Text
}
