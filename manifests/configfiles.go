package manifests

// configFiles follows the arguments that move settings of a component to a file,
// or that name a file which names further ones.
func (d *discovery) configFiles() {
	for _, c := range d.node.Find(etcd) {
		d.etcdConfig(c)
	}
	for _, c := range d.node.Find(scheduler) {
		d.follow(c, "config", parseSchedulerConfiguration)
	}
	for _, c := range d.node.Find(proxy) {
		d.follow(c, "config", parseProxyConfiguration)
	}
	for _, c := range append(d.node.Find(apiserver), d.node.Find(manager)...) {
		d.openshiftConfig(c) // which may name further files
	}
	for _, c := range d.node.Find(apiserver) {
		d.follow(c, "authorization-config", parseAuthorizationConfiguration)
		d.admissionConfig(c)
		d.follow(c, "authentication-config", parseAuthenticationConfiguration)
		d.follow(c, "egress-selector-config-file", parseEgressSelectorConfiguration)
	}
}

// furtherFiles returns the host paths of the files that are no kubeconfigs of
// clients of the API server, though they may look like some.
func (d *discovery) furtherFiles() []string {
	var files []string
	for _, c := range d.node.Find(apiserver) {
		for _, argument := range []string{
			"admission-control-config-file", "admission.webhook-config", "admission.image-policy-config",
			"authentication-config", "authorization-config", "egress-selector-config-file",
			"authentication-token-webhook-config-file", "authorization-webhook-config-file", "audit-webhook-config-file",
		} {
			for _, a := range c.All(argument) {
				files = append(files, c.HostPath(a.Value).Path)
			}
		}
	}
	return files
}

// parseSchedulerConfiguration returns the kubeconfig that the file names; it wins
// over the flag.
func parseSchedulerConfiguration(f *configFile) ([]Argument, []string, error) {
	return parseClientConfiguration(f, objectKind{"KubeSchedulerConfiguration", "kubescheduler.config.k8s.io"})
}

// parseProxyConfiguration does the same for kube-proxy.
func parseProxyConfiguration(f *configFile) ([]Argument, []string, error) {
	return parseClientConfiguration(f, objectKind{"KubeProxyConfiguration", "kubeproxy.config.k8s.io"})
}

func parseClientConfiguration(f *configFile, kind objectKind) ([]Argument, []string, error) {
	var config struct {
		ClientConnection struct {
			Kubeconfig scalar `yaml:"kubeconfig"`
		} `yaml:"clientConnection"`
	}
	doc, err := decodeObject(f.data, &config, kind)
	if err != nil {
		return nil, nil, err
	}
	var arguments []Argument
	if value := config.ClientConnection.Kubeconfig; value.Text != "" {
		arguments = f.arguments([]field{{"kubeconfig", "clientConnection.kubeconfig", value}})
	}
	return arguments, doc.notes(), nil
}
