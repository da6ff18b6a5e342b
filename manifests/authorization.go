package manifests

import (
	"cmp"
	"fmt"
	"strconv"
)

// authorizationConfiguration is what an AuthorizationConfiguration says that
// matters here.
type authorizationConfiguration struct {
	Authorizers []struct {
		Name    scalar `yaml:"name"`
		Webhook struct {
			ConnectionInfo struct {
				KubeConfigFile scalar `yaml:"kubeConfigFile"`
			} `yaml:"connectionInfo"`
		} `yaml:"webhook"`
	} `yaml:"authorizers"`
}

// parseAuthorizationConfiguration returns the kubeconfigs of the webhooks that the
// file names.
func parseAuthorizationConfiguration(f *configFile) ([]Argument, []string, error) {
	var config authorizationConfiguration
	doc, err := decodeObject(f.data, &config, objectKind{"AuthorizationConfiguration", "apiserver.config.k8s.io"})
	if err != nil {
		return nil, nil, err
	}
	var fields []field
	for i, a := range config.Authorizers {
		name := cmp.Or(a.Name.Text, strconv.Itoa(i))
		fields = append(fields, field{
			"authorization.webhook-kubeconfig", fmt.Sprintf("authorizers[%s].webhook.connectionInfo.kubeConfigFile", name),
			a.Webhook.ConnectionInfo.KubeConfigFile,
		})
	}
	return f.arguments(fields), doc.notes(), nil
}
