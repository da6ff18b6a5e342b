package manifests

// passed is an argument that a distribution passes to a component without anybody
// having written it.
type passed struct{ name, value string }

// passedOn spells what a distribution passes to a component. The file is that in
// which it was decided that the component runs. What has no value is not passed.
func passedOn(file string, all ...passed) []Argument {
	var arguments []Argument
	for _, p := range all {
		if p.value != "" {
			arguments = append(arguments, Argument{
				Name: p.name, Value: p.value, Source: Source{File: file, Argument: "--" + p.name},
			})
		}
	}
	return arguments
}

// addKubelet adds the kubelet that a distribution runs. Its flags, which c has,
// override its configuration file, and that what the distribution would have
// written there.
func (d *discovery) addKubelet(c Component, defaults []Argument) {
	config, _ := c.Last("config")
	d.addComponents(c.Source.File, []Component{d.configured(c, defaults, config)})
}

// keeps adds those of several kubeconfigs that are there, though no component may
// have been told to use them.
func (d *discovery) keeps(files ...string) {
	for _, file := range files {
		if d.exists(file) {
			d.others = append(d.others, kubeconfigUse{path: file, required: true})
		}
	}
}

// firstOf returns the first of several paths that has a file, empty where none has.
func (d *discovery) firstOf(files ...string) string {
	for _, file := range files {
		if d.exists(file) {
			return file
		}
	}
	return ""
}

// identities returns the numbers of those of several users, or groups, that are
// known here.
func (d *discovery) identities(file string, names ...string) []int64 {
	var ids []int64
	for _, name := range names {
		ids = append(ids, d.identity(file, name)...)
	}
	return ids
}
