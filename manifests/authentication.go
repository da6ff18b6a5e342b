package manifests

import "fmt"

// authenticationConfiguration is what an AuthenticationConfiguration says that
// matters here.
type authenticationConfiguration struct {
	JWT []struct {
		Issuer struct {
			CertificateAuthority scalar `yaml:"certificateAuthority"`
		} `yaml:"issuer"`
	} `yaml:"jwt"`
}

// parseAuthenticationConfiguration returns the authorities of the issuers of
// tokens, which stand in the file itself.
func parseAuthenticationConfiguration(f *configFile) ([]Argument, []string, error) {
	var config authenticationConfiguration
	doc, err := decodeObject(f.data, &config, objectKind{"AuthenticationConfiguration", "apiserver.config.k8s.io"})
	if err != nil {
		return nil, nil, err
	}
	var fields []field
	for i, jwt := range config.JWT {
		fields = append(fields, field{
			"authentication.issuer-ca", fmt.Sprintf("jwt[%d].issuer.certificateAuthority", i), jwt.Issuer.CertificateAuthority,
		})
	}
	return f.arguments(fields), doc.notes(), nil
}
