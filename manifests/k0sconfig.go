package manifests

import (
	"cmp"
	"maps"
	"slices"
)

// k0sConfiguration is what a ClusterConfig of k0s says that matters here.
type k0sConfiguration struct {
	API struct {
		Address   scalar            `yaml:"address"`
		Port      scalar            `yaml:"port"`
		ExtraArgs map[string]scalar `yaml:"extraArgs"`
	} `yaml:"api"`
	Network struct {
		ServiceCIDR scalar `yaml:"serviceCIDR"`
	} `yaml:"network"`
	Storage struct {
		Type scalar `yaml:"type"`
		Etcd struct {
			PeerAddress scalar            `yaml:"peerAddress"`
			ExtraArgs   map[string]scalar `yaml:"extraArgs"`
			External    struct {
				Endpoints   texts  `yaml:"endpoints"`
				CA          scalar `yaml:"caFile"`
				Certificate scalar `yaml:"clientCertFile"`
				Key         scalar `yaml:"clientKeyFile"`
			} `yaml:"externalCluster"`
		} `yaml:"etcd"`
	} `yaml:"storage"`
	ControllerManager extraArguments `yaml:"controllerManager"`
	Scheduler         extraArguments `yaml:"scheduler"`
}

type extraArguments struct {
	ExtraArgs map[string]scalar `yaml:"extraArgs"`
}

// k0sSettings reads the ClusterConfig that a controller was told to use. Without
// one, k0s takes its defaults.
func (d *discovery) k0sSettings(n *k0sNode) {
	given := n.flag("config")
	n.config = cmp.Or(given, k0sConfig)
	source := Source{File: n.source, Argument: "--config"}
	if given == "-" {
		d.cannotUse(apiserver, source, n.source, "k0s reads its settings from its standard input, where they cannot be read", Whole)
		return
	}
	d.decode(apiserver, n.config, source, given != "", func(data []byte) (notes []string, err error) {
		n.k0sConfiguration, notes, err = parseK0sConfig(data)
		return notes, err
	})
}

// parseK0sConfig returns the zero value with an error.
func parseK0sConfig(data []byte) (k0sConfiguration, []string, error) {
	var config struct {
		Spec k0sConfiguration `yaml:"spec"`
	}
	doc, err := decodeObject(data, &config, objectKind{"ClusterConfig", "k0s.k0sproject.io"})
	if err != nil {
		return k0sConfiguration{}, nil, err
	}
	return config.Spec, doc.notes(), nil
}

// arguments returns the arguments that the settings give a component, sorted: they
// override what k0s passes.
func (n *k0sNode) arguments(component string, extra map[string]scalar) []Argument {
	var arguments []Argument
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		words := []scalar{{Text: "--" + name + "=" + extra[name].Text, Line: extra[name].Line}}
		arguments = append(arguments, parseArguments(component, n.config, words)...)
	}
	return arguments
}

// serviceRange returns the range of the services, which k0s passes whether it was
// set or not.
func (n *k0sNode) serviceRange() string { return cmp.Or(n.Network.ServiceCIDR.Text, "10.96.0.0/12") }
