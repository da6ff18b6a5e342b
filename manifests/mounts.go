package manifests

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// container is the view of the file system that a component in a pod has.
type container struct {
	workingDir string
	mounts     []mount
}

// mount is one mount of a container. Either host or elsewhere is set.
type mount struct {
	path      string // in the container, absolute and clean
	host      string // what is mounted there
	elsewhere string // why nothing of the host is
}

// HostPath returns where a path that the component was given lies on the host.
// It is resolved by its text alone, first within the container: links are not
// followed. An empty path gives an empty Location.
func (c *Component) HostPath(p string) Location {
	if p == "" {
		return Location{}
	}
	p = c.absolute(p)
	if c.container == nil {
		return Location{Path: p}
	}
	return c.container.hostPath(p)
}

// absolute returns a path as the component sees it, taken from its working folder.
func (c *Component) absolute(p string) string {
	folder := c.workingDir
	if c.container != nil {
		folder = c.container.workingDir
	}
	if !path.IsAbs(p) {
		p = path.Join(folder, p)
	}
	return path.Join("/", p)
}

func (c *container) hostPath(p string) Location {
	var best *mount
	for i, m := range c.mounts {
		if isWithin(p, m.path) && (best == nil || len(m.path) > len(best.path)) {
			best = &c.mounts[i]
		}
	}
	switch {
	case best == nil:
		return Location{Path: p, Elsewhere: "in the container image"}
	case best.elsewhere != "":
		return Location{Path: p, Elsewhere: best.elsewhere}
	}
	return Location{Path: path.Join(best.host, strings.TrimPrefix(p, best.path))}
}

// isWithin reports whether a clean absolute path is folder or lies below it.
func isWithin(p, folder string) bool {
	return folder == "/" || p == folder || strings.HasPrefix(p, folder+"/")
}

// mountsOf resolves the mounts of a container against the volumes of its pod.
func mountsOf(mounts []podMount, volumes []podVolume, env *environment) []mount {
	var resolved []mount
	for _, m := range mounts {
		r := mount{path: path.Join("/", m.MountPath.Text)}
		r.host, r.elsewhere = volumeSource(m.Name.Text, volumes)
		if r.elsewhere == "" {
			r.host, r.elsewhere = subPath(r.host, m, env)
		}
		resolved = append(resolved, r)
	}
	return resolved
}

// volumeSource returns the folder or file of the host behind a volume, or what
// the volume is instead.
func volumeSource(name string, volumes []podVolume) (host, elsewhere string) {
	for _, v := range volumes {
		if v.Name.Text != name {
			continue
		}
		if v.HostPath != nil {
			return path.Join("/", v.HostPath.Path.Text), ""
		}
		return "", fmt.Sprintf("in the %s volume %q", v.kind(), name)
	}
	return "", fmt.Sprintf("in the volume %q, which the pod does not define", name)
}

// kind names the kind of a volume that is not a hostPath; one that says nothing is an emptyDir.
func (v podVolume) kind() string {
	kinds := slices.Sorted(maps.Keys(v.Others))
	if len(kinds) == 0 {
		return "emptyDir"
	}
	switch kinds[0] {
	case "secret":
		return "Secret"
	case "configMap":
		return "ConfigMap"
	}
	return kinds[0]
}

// subPath returns the part of a volume that is mounted. The kubelet mounts
// nothing that lies outside the volume.
func subPath(host string, m podMount, env *environment) (sub, elsewhere string) {
	below := m.SubPath.Text
	if expression := m.SubPathExpr.Text; expression != "" {
		below = env.expand(expression)
		if strings.Contains(below, "$(") {
			return "", fmt.Sprintf("below the subPathExpr %q, whose variables are not known here", expression)
		}
	}
	below = path.Clean(strings.TrimLeft(below, "/"))
	if below == ".." || strings.HasPrefix(below, "../") {
		return "", "outside its mount"
	}
	return path.Join(host, below), ""
}
