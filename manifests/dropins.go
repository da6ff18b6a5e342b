package manifests

import (
	"fmt"
	"path"
)

// maxDropIns bounds the files and folders below the folder of the kubelet's
// drop-ins that are looked at.
const maxDropIns = 1_000

// dropIns adds what the drop-ins of the kubelet's configuration say. Each
// overrides, field by field, those before it (kubelet: cmd/kubelet/app/server.go).
func (d *discovery) dropIns(k *Component, flags Component) {
	named, given := flags.Last("config-dir")
	if !given || named.Value == "" {
		return
	}
	left := maxDropIns
	d.dropInFolder(k, named, k.absolute(named.Value), &left)
}

// dropInFolder walks a folder as the kubelet does: in the order of the names,
// folders in their place, links to folders not at all.
func (d *discovery) dropInFolder(k *Component, named Argument, dir string, left *int) {
	names, err := d.names(dir)
	if err != nil {
		d.cannotRead(k.Name, named.Source, err)
		return
	}
	for _, name := range names {
		file := path.Join(dir, name)
		if *left--; *left < 0 {
			d.cannotUse(k.Name, named.Source, named.Value, fmt.Sprintf("more than %d files: the rest was not looked at", maxDropIns), Part)
			return
		}
		info, err := d.fsys.Stat(file)
		switch {
		case err == nil && info.Mode.IsDir() && info.Link == "":
			d.dropInFolder(k, named, file, left)
		case path.Ext(name) == ".conf":
			d.parse(k, Argument{Name: named.Name, Value: file, Source: named.Source}, parseDropIn)
		}
	}
}
