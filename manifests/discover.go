package manifests

import (
	"cmp"
	"errors"
	"slices"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/internal/systemd"
)

// discovery is what is known while a node is explored.
type discovery struct {
	fsys    *hostfs.FS
	opts    Options
	node    Node
	kubeadm string // the file that tells that kubeadm was here
	pods    map[string][]string

	units          *systemd.Units
	natives        []serviceRun
	kubeletService *Component      // as systemd starts it; nil where no unit does
	others         []kubeconfigUse // that a layout has beside those of the components

	// What counts against the limits.
	bytes              int64
	arguments, entries int
}

// Discover finds out how the components of the node below fsys are configured.
// What cannot be read or understood is part of the result.
func Discover(fsys *hostfs.FS, opts Options) Node {
	d := &discovery{fsys: fsys, opts: opts, pods: map[string][]string{}, units: systemd.Scan(fsys)}
	known, mark := d.detect()
	if known.find == nil {
		known.find = (*discovery).usual
	}
	known.find(d)
	d.configFiles()
	slices.SortStableFunc(d.node.Components, func(a, b Component) int {
		return cmp.Compare(rank(a.Name), rank(b.Name))
	})
	d.kubeconfigs()
	d.node.DuplicatePods = d.duplicatePods()
	d.node.Name = d.nodeName()
	d.node.UIDs = append(d.node.UIDs, d.identities("/etc/passwd", known.users...)...)
	d.node.GIDs = append(d.node.GIDs, d.identities("/etc/group", known.groups...)...)
	if d.node.Layout, d.node.Evidence = known.name, mark; known.name == "" {
		d.node.Layout, d.node.Evidence = d.unmarked()
	}
	return d.node
}

// rank is the place of a component in every report.
func rank(component string) int {
	return slices.Index(append(podComponents(), kubelet), component)
}

// cannotRead notes a file that gave no content.
func (d *discovery) cannotRead(component string, source Source, err error) {
	u := Unreadable{Component: component, Source: source, Detail: err.Error()}
	if e, ok := errors.AsType[*hostfs.Error](err); ok {
		u.Path, u.Reason, u.Detail = e.Path, e.Reason, e.Detail
	}
	d.node.Unreadable = append(d.node.Unreadable, u)
}

// cannotUse notes a file whose content was not, or not all, taken into account.
func (d *discovery) cannotUse(component string, source Source, file, detail string, extent Extent) {
	d.node.Unreadable = append(d.node.Unreadable, Unreadable{
		Component: component, Source: source, Path: file, Detail: detail, Extent: extent,
	})
}

// exists reports whether a path has a file of any kind, or may have one that
// this process cannot see.
func (d *discovery) exists(path string) bool {
	_, err := d.fsys.Stat(path)
	return err == nil || !isAbsent(err)
}

// isFolder reports whether a path leads to a folder.
func (d *discovery) isFolder(path string) bool {
	info, err := d.fsys.Stat(path)
	return err == nil && info.Mode.IsDir()
}

// isAbsent reports whether an error says that there is no file, nor a dangling link to one.
func isAbsent(err error) bool {
	reason := reasonOf(err)
	return reason == hostfs.NotExist || reason == hostfs.NotDirectory
}

func reasonOf(err error) hostfs.Reason {
	if e, ok := errors.AsType[*hostfs.Error](err); ok {
		return e.Reason
	}
	return ""
}
