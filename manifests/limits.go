package manifests

import (
	"fmt"

	"kube-cert-audit/internal/hostfs"
)

// The limits of one node. They are far above what any real one needs. The limits
// of one file bound nothing where a folder may hold twenty thousand of them, and
// the work that an audit takes grows faster than what it looks at.
const (
	maxConfiguration = 64 << 20 // bytes that are read
	maxFiles         = 1_000    // in one folder
	maxComponents    = 50
	maxArguments     = 2_000 // of all components
	maxKubeconfigs   = 250
	maxEntries       = 2_000 // clusters and users of all kubeconfigs
)

// read reads a configuration file, as far as the node may hold that much.
func (d *discovery) read(file string, limit int64) (*hostfs.File, error) {
	left := maxConfiguration - d.bytes
	f, err := d.fsys.ReadFile(file, min(limit, left))
	if left < limit && reasonOf(err) == hostfs.TooLarge {
		return nil, &hostfs.Error{Path: file, Reason: hostfs.TooLarge, Detail: fmt.Sprintf(
			"more than %d bytes of configuration, together with the files before it", maxConfiguration)}
	}
	if err == nil {
		d.bytes += int64(len(f.Data))
	}
	return f, err
}

// names lists a folder. Of one with too many entries it gives the first, and
// notes that.
func (d *discovery) names(dir string) ([]string, error) {
	names, err := d.fsys.ReadDir(dir)
	if len(names) > maxFiles {
		names = names[:maxFiles]
		d.cannotUse("", Source{File: dir}, dir, fmt.Sprintf("more than %d entries: the rest was not looked at", maxFiles), Part)
	}
	return names, err
}

// addComponents adds the components that a file defines, as far as there is room
// for them, and notes whether there was.
func (d *discovery) addComponents(file string, components []Component) {
	for _, c := range components {
		if len(d.node.Components) >= maxComponents || d.arguments+len(c.Arguments) > maxArguments {
			d.cannotUse(c.Name, Source{File: file}, file, fmt.Sprintf(
				"defines more than the %d components, or more than the %d arguments, that are looked at on one node", maxComponents, maxArguments), Whole)
			return
		}
		d.arguments += len(c.Arguments)
		d.node.Components = append(d.node.Components, c)
	}
}

// addArguments adds what a configuration file gives to its component, in the same
// way.
func (d *discovery) addArguments(c *Component, file string, arguments []Argument) {
	if d.arguments+len(arguments) > maxArguments {
		d.cannotUse(c.Name, Source{File: file}, file, fmt.Sprintf(
			"gives more than the %d arguments that are looked at on one node", maxArguments), Whole)
		return
	}
	d.arguments += len(arguments)
	c.Arguments = append(c.Arguments, arguments...)
}

// addKubeconfig does the same for a kubeconfig.
func (d *discovery) addKubeconfig(k Kubeconfig) {
	entries := len(k.Clusters) + len(k.Users)
	if len(d.node.Kubeconfigs) >= maxKubeconfigs || d.entries+entries > maxEntries {
		d.cannotUse("", Source{File: k.Path}, k.Path, fmt.Sprintf(
			"is beyond the %d kubeconfigs, or the %d clusters and users, that are looked at on one node", maxKubeconfigs, maxEntries), Whole)
		return
	}
	d.entries += entries
	d.node.Kubeconfigs = append(d.node.Kubeconfigs, k)
}
