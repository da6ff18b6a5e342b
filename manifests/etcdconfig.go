package manifests

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// etcdConfiguration is what etcd's configuration file says that matters here
// (etcd: server/embed/config.go). It has neither apiVersion nor kind.
type etcdConfiguration struct {
	Name                     scalar       `yaml:"name"`
	DataDir                  scalar       `yaml:"data-dir"`
	ListenClientURLs         scalar       `yaml:"listen-client-urls"`
	ListenClientHTTPURLs     scalar       `yaml:"listen-client-http-urls"`
	ListenPeerURLs           scalar       `yaml:"listen-peer-urls"`
	ListenMetricsURLs        scalar       `yaml:"listen-metrics-urls"`
	AdvertiseClientURLs      scalar       `yaml:"advertise-client-urls"`
	InitialAdvertisePeerURLs scalar       `yaml:"initial-advertise-peer-urls"`
	InitialCluster           scalar       `yaml:"initial-cluster"`
	SelfSignedCertValidity   scalar       `yaml:"self-signed-cert-validity"`
	Client                   etcdSecurity `yaml:"client-transport-security"`
	Peer                     etcdSecurity `yaml:"peer-transport-security"`
}

// etcdSecurity is what one of etcd's two kinds of listeners is told.
type etcdSecurity struct {
	CertFile            scalar `yaml:"cert-file"`
	KeyFile             scalar `yaml:"key-file"`
	ClientCertFile      scalar `yaml:"client-cert-file"`
	ClientKeyFile       scalar `yaml:"client-key-file"`
	ClientCertAuth      scalar `yaml:"client-cert-auth"`
	TrustedCAFile       scalar `yaml:"trusted-ca-file"`
	AutoTLS             scalar `yaml:"auto-tls"`
	AllowedCNs          texts  `yaml:"allowed-cn"`
	AllowedHostnames    texts  `yaml:"allowed-hostname"`
	SkipClientSANVerify scalar `yaml:"skip-client-san-verification"`
}

// texts is a list of plain values, or a single one, as the flags write it:
// separated by commas.
type texts scalar

// UnmarshalYAML implements yaml.Unmarshaler.
func (t *texts) UnmarshalYAML(n *yaml.Node) error {
	var items []scalar
	if n.Kind == yaml.ScalarNode {
		items = make([]scalar, 1)
		if err := n.Decode(&items[0]); err != nil {
			return err
		}
	} else if err := n.Decode(&items); err != nil {
		return err
	}
	var all []string
	for _, item := range items {
		all = append(all, item.Text)
	}
	*t = texts{Text: strings.Join(all, ","), Line: n.Line}
	return nil
}

// etcdConfig puts what the configuration file of an etcd says in the place of its
// other arguments and of its environment, which etcd then ignores, though not etcdctl.
func (d *discovery) etcdConfig(c *Component) {
	named, given := c.Last("config-file")
	if !given || named.Value == "" {
		return
	}
	isKept := func(a Argument) bool { return a.Name == "config-file" || isFieldName(a.Name) }
	c.Ignored = slices.DeleteFunc(slices.Clone(c.Arguments), isKept)
	c.Arguments = slices.DeleteFunc(slices.Clone(c.Arguments), func(a Argument) bool { return !isKept(a) })
	d.parse(c, named, parseEtcdConfiguration)
}

func parseEtcdConfiguration(f *configFile) ([]Argument, []string, error) {
	var config etcdConfiguration
	doc, err := decodeMapping(f.data, &config)
	if err != nil {
		return nil, nil, err
	}
	return f.arguments(config.fields()), doc.notes(), nil
}

// fields returns all fields, whether they are given or not.
func (e *etcdConfiguration) fields() []field {
	top := []field{
		{"name", "name", e.Name},
		{"data-dir", "data-dir", e.DataDir},
		{"listen-client-urls", "listen-client-urls", e.ListenClientURLs},
		{"listen-client-http-urls", "listen-client-http-urls", e.ListenClientHTTPURLs},
		{"listen-peer-urls", "listen-peer-urls", e.ListenPeerURLs},
		{"listen-metrics-urls", "listen-metrics-urls", e.ListenMetricsURLs},
		{"advertise-client-urls", "advertise-client-urls", e.AdvertiseClientURLs},
		{"initial-advertise-peer-urls", "initial-advertise-peer-urls", e.InitialAdvertisePeerURLs},
		{"initial-cluster", "initial-cluster", e.InitialCluster},
		{"self-signed-cert-validity", "self-signed-cert-validity", e.SelfSignedCertValidity},
	}
	return slices.Concat(top,
		e.Client.fields("", "client-transport-security."),
		[]field{{"client-cert-allowed-hostname", "client-transport-security.allowed-hostname", scalar(e.Client.AllowedHostnames)}},
		e.Peer.fields("peer-", "peer-transport-security."),
		[]field{
			{"peer-cert-allowed-cn", "peer-transport-security.allowed-cn", scalar(e.Peer.AllowedCNs)},
			{"peer-cert-allowed-hostname", "peer-transport-security.allowed-hostname", scalar(e.Peer.AllowedHostnames)},
			{"peer-skip-client-san-verification", "peer-transport-security.skip-client-san-verification", e.Peer.SkipClientSANVerify},
		})
}

// fields returns what both kinds of listeners are told; the flags of one have a
// prefix.
func (s *etcdSecurity) fields(prefix, section string) []field {
	return []field{
		{prefix + "cert-file", section + "cert-file", s.CertFile},
		{prefix + "key-file", section + "key-file", s.KeyFile},
		{prefix + "client-cert-file", section + "client-cert-file", s.ClientCertFile},
		{prefix + "client-key-file", section + "client-key-file", s.ClientKeyFile},
		{prefix + "client-cert-auth", section + "client-cert-auth", s.ClientCertAuth},
		{prefix + "trusted-ca-file", section + "trusted-ca-file", s.TrustedCAFile},
		{prefix + "auto-tls", section + "auto-tls", s.AutoTLS},
	}
}
