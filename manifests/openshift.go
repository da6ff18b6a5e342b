package manifests

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// staticPodResources is where the operators of OpenShift 4 put what the static pods
// use: a folder for each revision of a pod, and one for what is exchanged in place.
const staticPodResources = "/etc/kubernetes/static-pod-resources"

// openshift returns the layout of the nodes of OpenShift 4
// (openshift/cluster-kube-apiserver-operator: bindata/assets, and its like).
func openshift() layout {
	return layout{name: "openshift", marks: []string{staticPodResources, "/etc/machine-config-daemon"}, find: (*discovery).openshift}
}

// openshift finds the components as usual, and the kubeconfigs for who works on the
// node.
func (d *discovery) openshift() {
	d.usual()
	const dir = staticPodResources + "/kube-apiserver-certs/secrets/node-kubeconfigs"
	names, _ := d.names(dir) // workers have none
	for _, name := range names {
		if strings.HasSuffix(name, ".kubeconfig") {
			d.others = append(d.others, kubeconfigUse{path: path.Join(dir, name), required: true})
		}
	}
}

// openshiftConfig reads the file in which OpenShift gives API server and
// controller-manager their arguments. What it says goes before the command line
// (openshift/kubernetes: openshift-kube-apiserver/openshiftkubeapiserver).
func (d *discovery) openshiftConfig(c *Component) {
	parse := parseKubeAPIServerConfig
	if c.Name == manager {
		parse = parseKubeControllerManagerConfig
	}
	if given, _ := c.Last("openshift-config"); given.Value != "" {
		d.follow(c, "openshift-config", parse)
		d.tokenKeyFolders(c)
	}
}

// tokenKeyFolders puts the files of a folder of keys in its place: OpenShift names
// folders of the keys that tokens are verified with.
func (d *discovery) tokenKeyFolders(c *Component) {
	var arguments []Argument
	for _, a := range c.Arguments {
		folder := c.HostPath(a.Value)
		if a.Name != "service-account-key-file" || folder.Elsewhere != "" || !d.isFolder(folder.Path) {
			arguments = append(arguments, a)
			continue
		}
		names, err := d.names(folder.Path)
		if err != nil {
			d.cannotRead(c.Name, a.Source, err)
		}
		for _, name := range names {
			if !strings.HasPrefix(name, ".") {
				each := a
				each.Value = path.Join(a.Value, name)
				arguments = append(arguments, each)
			}
		}
	}
	c.Arguments = arguments
}

const openshiftGroup = "kubecontrolplane.config.openshift.io"

// certificateInfo is how OpenShift names a certificate, its key, and the CA of the
// other side.
type certificateInfo struct {
	CA       scalar `yaml:"ca"`
	CertFile scalar `yaml:"certFile"`
	KeyFile  scalar `yaml:"keyFile"`
}

// kubeAPIServerConfig is what a KubeAPIServerConfig says that matters here
// (openshift/api: kubecontrolplane/v1/types.go). Fields other than the arguments
// count where there is no argument; the first releases of OpenShift 4 had more of
// them.
type kubeAPIServerConfig struct {
	Arguments   map[string][]scalar `yaml:"apiServerArguments"`
	ServingInfo struct {
		BindAddress scalar `yaml:"bindAddress"`
		CertFile    scalar `yaml:"certFile"`
		KeyFile     scalar `yaml:"keyFile"`
		ClientCA    scalar `yaml:"clientCA"`
		Named       []struct {
			Names    []scalar `yaml:"names"`
			CertFile scalar   `yaml:"certFile"`
			KeyFile  scalar   `yaml:"keyFile"`
		} `yaml:"namedCertificates"`
	} `yaml:"servingInfo"`
	TokenKeys      []scalar        `yaml:"serviceAccountPublicKeyFiles"`
	ServicesSubnet scalar          `yaml:"servicesSubnet"`
	Kubelet        certificateInfo `yaml:"kubeletClientInfo"`
	Storage        struct {
		certificateInfo `yaml:",inline"`
		URLs            []scalar `yaml:"urls"`
	} `yaml:"storageConfig"`
	Aggregator struct {
		Client certificateInfo `yaml:"proxyClientInfo"`
	} `yaml:"aggregatorConfig"`
	Auth struct {
		RequestHeader struct {
			ClientCA    scalar   `yaml:"clientCA"`
			CommonNames []scalar `yaml:"clientCommonNames"`
		} `yaml:"requestHeader"`
	} `yaml:"authConfig"`
}

func parseKubeAPIServerConfig(f *configFile) ([]Argument, []string, error) {
	var c kubeAPIServerConfig
	doc, err := decodeObject(f.data, &c, objectKind{"KubeAPIServerConfig", openshiftGroup})
	if err != nil {
		return nil, nil, err
	}
	fields := argumentFields(f.component, "apiServerArguments", c.Arguments)
	for _, each := range c.fields() {
		if _, isGiven := c.Arguments[each.argument]; !isGiven && each.value.Text != "" {
			fields = append(fields, each)
		}
	}
	return f.arguments(fields), doc.notes(), nil
}

// parseKubeControllerManagerConfig does the same for the controller-manager, whose
// file says everything by arguments.
func parseKubeControllerManagerConfig(f *configFile) ([]Argument, []string, error) {
	var c struct {
		Arguments map[string][]scalar `yaml:"extendedArguments"`
	}
	doc, err := decodeObject(f.data, &c, objectKind{"KubeControllerManagerConfig", openshiftGroup})
	if err != nil {
		return nil, nil, err
	}
	return f.arguments(argumentFields(f.component, "extendedArguments", c.Arguments)), doc.notes(), nil
}

// argumentFields returns those of a map of arguments that are kept, in the order of
// the file.
func argumentFields(component, section string, arguments map[string][]scalar) []field {
	var fields []field
	for name, values := range arguments {
		if _, isKept := shapeOf(component, name); !isKept || isFieldName(name) {
			continue
		}
		for _, value := range values {
			fields = append(fields, field{name, section + "." + name, value})
		}
	}
	slices.SortFunc(fields, func(a, b field) int {
		return cmp.Or(cmp.Compare(a.value.Line, b.value.Line), strings.Compare(a.argument, b.argument))
	})
	return fields
}

// fields returns the fields that stand for an argument, whether they are given or not.
func (c *kubeAPIServerConfig) fields() []field {
	port := c.ServingInfo.BindAddress
	port.Text = port.Text[strings.LastIndexByte(port.Text, ':')+1:]
	fields := []field{
		{"secure-port", "servingInfo.bindAddress", port},
		{"tls-cert-file", "servingInfo.certFile", c.ServingInfo.CertFile},
		{"tls-private-key-file", "servingInfo.keyFile", c.ServingInfo.KeyFile},
		{"client-ca-file", "servingInfo.clientCA", c.ServingInfo.ClientCA},
		{"service-cluster-ip-range", "servicesSubnet", c.ServicesSubnet},
		{"kubelet-certificate-authority", "kubeletClientInfo.ca", c.Kubelet.CA},
		{"kubelet-client-certificate", "kubeletClientInfo.certFile", c.Kubelet.CertFile},
		{"kubelet-client-key", "kubeletClientInfo.keyFile", c.Kubelet.KeyFile},
		{"etcd-cafile", "storageConfig.ca", c.Storage.CA},
		{"etcd-certfile", "storageConfig.certFile", c.Storage.CertFile},
		{"etcd-keyfile", "storageConfig.keyFile", c.Storage.KeyFile},
		{"proxy-client-cert-file", "aggregatorConfig.proxyClientInfo.certFile", c.Aggregator.Client.CertFile},
		{"proxy-client-key-file", "aggregatorConfig.proxyClientInfo.keyFile", c.Aggregator.Client.KeyFile},
		{"requestheader-client-ca-file", "authConfig.requestHeader.clientCA", c.Auth.RequestHeader.ClientCA},
	}
	for _, list := range []struct {
		argument, spelled string
		values            []scalar
	}{
		{"service-account-key-file", "serviceAccountPublicKeyFiles", c.TokenKeys},
		{"etcd-servers", "storageConfig.urls", c.Storage.URLs},
		{"requestheader-allowed-names", "authConfig.requestHeader.clientCommonNames", c.Auth.RequestHeader.CommonNames},
	} {
		for _, value := range list.values {
			fields = append(fields, field{list.argument, list.spelled, value})
		}
	}
	for _, named := range c.ServingInfo.Named {
		pair := scalar{Text: named.CertFile.Text + "," + named.KeyFile.Text, Line: named.CertFile.Line}
		for i, name := range named.Names {
			pair.Text += string(":,"[min(i, 1)]) + name.Text
		}
		fields = append(fields, field{"tls-sni-cert-key", "servingInfo.namedCertificates", pair})
	}
	return fields
}
