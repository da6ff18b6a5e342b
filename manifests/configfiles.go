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
	for _, c := range d.node.Find(apiserver) {
		d.follow(c, "authorization-config", parseAuthorizationConfiguration)
		d.admissionConfig(c)
		for _, argument := range []string{"authentication-config", "egress-selector-config-file"} {
			d.leaveUnread(c, argument, "the file may name further certificates and kubeconfigs, and is not read")
		}
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

// leaveUnread notes the file that an argument names, if it is given.
func (d *discovery) leaveUnread(c *Component, argument, why string) {
	if a, ok := c.Last(argument); ok && a.Value != "" {
		d.cannotUse(c.Name, a.Source, c.HostPath(a.Value).Path, why, Unread)
	}
}

// clientConfiguration is what a KubeSchedulerConfiguration says that matters here.
type clientConfiguration struct {
	ClientConnection struct {
		Kubeconfig scalar `yaml:"kubeconfig"`
	} `yaml:"clientConnection"`
}

// parseSchedulerConfiguration returns the kubeconfig that the file names; it wins
// over the flag.
func parseSchedulerConfiguration(f *configFile) ([]Argument, []string, error) {
	var config clientConfiguration
	doc, err := decodeObject(f.data, &config, objectKind{"KubeSchedulerConfiguration", "kubescheduler.config.k8s.io"})
	if err != nil {
		return nil, nil, err
	}
	return f.arguments([]field{{"kubeconfig", "clientConnection.kubeconfig", config.ClientConnection.Kubeconfig}}), doc.notes(), nil
}
