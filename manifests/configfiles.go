package manifests

// configFiles follows the arguments that move a component's settings to a file.
func (d *discovery) configFiles() {
	for _, c := range d.node.Find(scheduler) {
		d.follow(c, "config", parseSchedulerConfiguration)
	}
	for _, c := range d.node.Find(etcd) {
		d.etcdConfig(c)
	}
	for _, c := range d.node.Find(apiserver) {
		for _, argument := range furtherFiles() {
			d.leaveUnread(c, argument, "the file may name further certificates and kubeconfigs, and is not read")
		}
	}
}

// furtherFiles returns the arguments of the API server whose files name further
// certificates, or kubeconfigs of webhooks.
func furtherFiles() []string {
	return []string{
		"authentication-config", "authorization-config", "authentication-token-webhook-config-file",
		"authorization-webhook-config-file", "audit-webhook-config-file", "admission-control-config-file",
		"egress-selector-config-file",
	}
}

// webhookFiles returns the host paths of the files that furtherFiles names. They
// may have the form of a kubeconfig; but their server is a webhook, and not the
// API server.
func (d *discovery) webhookFiles() []string {
	var files []string
	for _, c := range d.node.Find(apiserver) {
		for _, argument := range furtherFiles() {
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
	doc, err := decodeObject(f.data, &config, "KubeSchedulerConfiguration", "kubescheduler.config.k8s.io")
	if err != nil {
		return nil, nil, err
	}
	return f.arguments([]field{{"kubeconfig", "clientConnection.kubeconfig", config.ClientConnection.Kubeconfig}}), doc.notes(), nil
}
