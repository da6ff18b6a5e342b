package manifests

import (
	"cmp"
	"fmt"
	"strconv"
)

// egressSelectorConfiguration is what an EgressSelectorConfiguration says that
// matters here.
type egressSelectorConfiguration struct {
	EgressSelections []struct {
		Name       scalar `yaml:"name"`
		Connection struct {
			Transport struct {
				TCP *egressTCP `yaml:"tcp"`
			} `yaml:"transport"`
		} `yaml:"connection"`
	} `yaml:"egressSelections"`
}

type egressTCP struct {
	URL       scalar `yaml:"url"`
	TLSConfig struct {
		CABundle   scalar `yaml:"caBundle"`
		ClientCert scalar `yaml:"clientCert"`
		ClientKey  scalar `yaml:"clientKey"`
		ServerName scalar `yaml:"tlsServerName"`
	} `yaml:"tlsConfig"`
}

// parseEgressSelectorConfiguration returns the proxies of the file that are dialled
// by TCP. Every selection gives all fields, empty ones too, so that the i-th value
// of each belongs to the same selection.
func parseEgressSelectorConfiguration(f *configFile) ([]Argument, []string, error) {
	const kind = "EgressSelectorConfiguration"
	var config egressSelectorConfiguration
	doc, err := decodeObject(f.data, &config, objectKind{kind, "apiserver.k8s.io"}, objectKind{kind, "apiserver.config.k8s.io"})
	if err != nil {
		return nil, nil, err
	}
	var arguments []Argument
	for i, s := range config.EgressSelections {
		tcp := s.Connection.Transport.TCP
		if tcp == nil {
			continue // directly, or by a socket of this node
		}
		spelled := fmt.Sprintf("egressSelections[%s].connection.transport.tcp.", cmp.Or(s.Name.Text, strconv.Itoa(i)))
		for _, each := range []field{
			{"egress-selector.url", spelled + "url", tcp.URL},
			{"egress-selector.ca-bundle", spelled + "tlsConfig.caBundle", tcp.TLSConfig.CABundle},
			{"egress-selector.client-cert", spelled + "tlsConfig.clientCert", tcp.TLSConfig.ClientCert},
			{"egress-selector.client-key", spelled + "tlsConfig.clientKey", tcp.TLSConfig.ClientKey},
			{"egress-selector.tls-server-name", spelled + "tlsConfig.tlsServerName", tcp.TLSConfig.ServerName},
		} {
			arguments = append(arguments, f.argument(each))
		}
	}
	return arguments, doc.notes(), nil
}
