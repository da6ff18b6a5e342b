package manifests

// configFiles follows the arguments that move a component's settings to a file.
func (d *discovery) configFiles() {
	for _, c := range d.node.Find(scheduler) {
		d.schedulerConfig(c)
	}
	for _, c := range d.node.Find(etcd) {
		d.leaveUnread(c, "config-file", "etcd takes all its settings from this file, which is not read, and ignores its other arguments")
		if config := c.Values("config-file"); len(config) > 0 {
			c.Arguments = c.All("config-file")
		}
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

// schedulerConfig adds the kubeconfig that a KubeSchedulerConfiguration names;
// it wins over the flag.
func (d *discovery) schedulerConfig(c *Component) {
	config, ok := c.Last("config")
	location := c.HostPath(config.Value)
	if !ok || location.Path == "" || location.Elsewhere != "" {
		return
	}
	f, err := d.read(location.Path, maxFile)
	if err != nil {
		d.cannotRead(scheduler, config.Source, err)
		return
	}
	argument, err := parseSchedulerConfiguration(location.Path, f.Data)
	switch {
	case err != nil:
		d.cannotUse(scheduler, config.Source, location.Path, err.Error(), Whole)
	case argument.Value != "":
		c.Arguments = append(c.Arguments, argument)
	}
}

// parseSchedulerConfiguration returns the kubeconfig that the file names, with
// an empty value where it names none.
func parseSchedulerConfiguration(file string, data []byte) (Argument, error) {
	var config struct {
		ClientConnection struct {
			Kubeconfig scalar `yaml:"kubeconfig"`
		} `yaml:"clientConnection"`
	}
	doc, err := parseObject(data, "KubeSchedulerConfiguration")
	if err != nil {
		return Argument{}, err
	}
	if err := doc.decode(&config); err != nil {
		return Argument{}, err
	}
	value := config.ClientConnection.Kubeconfig
	return Argument{
		Name: "kubeconfig", Value: value.Text,
		Source: Source{File: file, Line: value.Line, Argument: "clientConnection.kubeconfig"},
	}, nil
}
