package manifests

import "slices"

// The layouts that no files of their own give away.
const (
	layoutKubeadm    = "kubeadm"     // kubeadm made the static pods, or runs the kubelet
	layoutStaticPods = "static-pods" // of another hand than kubeadm's
	layoutNative     = "native"      // systemd runs the components, the kubelet aside
	layoutKubelet    = "kubelet"     // there is nothing but a kubelet
)

// layout is a way in which clusters are set up.
type layout struct {
	name string
	// marks are the paths of which any tells that a node was set up so.
	marks []string
	// users and groups are the accounts, beside root's, that its installer gives files to.
	users, groups []string
	// find finds the components; nil where systemd and static pods run them, as usual.
	find func(*discovery)
}

// distributions returns the layouts that are told by their marks. One that builds
// upon another comes before it.
func distributions() []layout {
	return []layout{
		{name: "kind", marks: []string{"/kind/version", "/etc/systemd/system/kubelet.service.d/11-kind.conf"}},
		k3s(),
		rke2(),
		k0s(),
		microk8s(),
		canonical(),
		talos(),
		eksAnywhere(),
		kops(),
		openshift(),
		kubespray(),
		kubeasz(),
	}
}

// Layouts returns the names of all layouts.
func Layouts() []string {
	names := []string{layoutKubeadm, layoutStaticPods, layoutNative, layoutKubelet}
	for _, l := range distributions() {
		names = append(names, l.name)
	}
	return names
}

// detect returns the layout of the node, as far as marks tell, and the mark.
func (d *discovery) detect() (l layout, mark string) {
	if d.opts.Layout != "" {
		return named(d.opts.Layout), "--layout"
	}
	for _, l := range distributions() {
		if i := slices.IndexFunc(l.marks, d.exists); i >= 0 {
			return l, l.marks[i]
		}
	}
	return layout{}, ""
}

// named returns the layout of a name.
func named(name string) layout {
	for _, l := range distributions() {
		if l.name == name {
			return l
		}
	}
	return layout{name: name}
}

// usual finds the components where most layouts have them. The kubelet comes before
// the static pods because its configuration says where these are.
func (d *discovery) usual() {
	d.services()
	d.kubelet()
	d.staticPods()
	d.addServices()
}

// unmarked names the layout of a node without the marks of a distribution, and
// what tells it; nothing where no component was found.
func (d *discovery) unmarked() (name, evidence string) {
	if d.kubeadm != "" {
		return layoutKubeadm, d.kubeadm
	}
	for _, l := range []struct {
		name string
		isIt func(*Component) bool
	}{
		{layoutStaticPods, func(c *Component) bool { return c.container != nil }},
		{layoutNative, func(c *Component) bool { return c.Name != kubelet }},
		{layoutKubelet, func(*Component) bool { return true }},
	} {
		for i := range d.node.Components {
			if c := &d.node.Components[i]; l.isIt(c) {
				return l.name, c.Source.File
			}
		}
	}
	return "", ""
}
