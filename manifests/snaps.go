package manifests

import (
	"path"
	"slices"
	"strings"
)

// snap is a snap whose services take their arguments from args files.
type snap struct {
	args   string            // the folder of the args files
	env    map[string]string // the variables that stand in them
	worker bool              // the control plane is on other nodes
	gids   []int64           // groups that own its files
}

// snapVariables returns the variables that snapd sets for the services of a snap.
func snapVariables(name string) map[string]string {
	return map[string]string{
		"SNAP":        "/snap/" + name + "/current",
		"SNAP_DATA":   "/var/snap/" + name + "/current",
		"SNAP_COMMON": "/var/snap/" + name + "/common",
	}
}

// runs adds the components of a snap, each from the args file of its name.
func (s *snap) runs(d *discovery) {
	if !s.worker {
		for _, name := range []string{apiserver, manager, scheduler} {
			if c, ok := s.component(d, name); ok {
				d.addComponents(c.Source.File, []Component{c})
			}
		}
		s.etcd(d)
	}
	if d.exists(path.Join(s.args, proxy)) { // the network may do without
		if c, ok := s.component(d, proxy); ok {
			d.addComponents(c.Source.File, []Component{c})
		}
	}
	if k, ok := s.component(d, kubelet); ok {
		d.addKubelet(k, passedOn(kubeletCertDir, passed{"cert-dir", kubeletCertDir}))
	}
}

func (s *snap) component(d *discovery, name string) (Component, bool) {
	file := path.Join(s.args, name)
	arguments, ok := d.argsFile(name, file, s.env)
	return Component{Name: name, Source: Source{File: file}, Arguments: arguments, GIDs: s.gids}, ok
}

// etcd adds the etcd of a snap. The args file may be there without one: most
// clusters of snaps keep their state in dqlite.
func (s *snap) etcd(d *discovery) {
	if !d.exists(path.Join(s.args, etcd)) {
		return
	}
	c, ok := s.component(d, etcd)
	isTLS := func(url string) bool { return strings.HasPrefix(url, "https:") }
	if ok && slices.ContainsFunc(c.Values("listen-client-urls"), isTLS) {
		d.addComponents(c.Source.File, []Component{c})
	}
}
