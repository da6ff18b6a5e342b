package manifests

import (
	"cmp"
	"strings"

	"kube-cert-audit/internal/hostfs"
)

// nodeName returns the name that the operator gives, else the one that the
// kubelet was told, else the likeliest.
func (d *discovery) nodeName() NodeName {
	if d.opts.NodeName != "" {
		return NodeName{Value: d.opts.NodeName, Certain: true, Source: Source{Argument: "--node-name"}}
	}
	for _, k := range d.node.Find(kubelet) {
		if a, ok := k.Last("hostname-override"); ok && strings.TrimSpace(a.Value) != "" {
			// As the kubelet does with the host name, too.
			return NodeName{Value: strings.ToLower(strings.TrimSpace(a.Value)), Certain: true, Source: a.Source}
		}
	}
	return cmp.Or(d.hostName(), d.etcdName(), d.kubeletUser())
}

// maxHostname bounds the file of the host's name, which may hold comments.
const maxHostname = 64 << 10

// hostName returns the name in /etc/hostname, which the kubelet takes as a rule.
func (d *discovery) hostName() NodeName {
	const file = "/etc/hostname"
	f, err := d.read(file, maxHostname)
	if err != nil {
		if reasonOf(err) == hostfs.TimedOut { // else there is none, which is fine
			d.cannotRead("", Source{File: file}, err)
		}
		return NodeName{}
	}
	for i, line := range strings.Split(string(f.Data), "\n") {
		line = strings.ToLower(strings.TrimSpace(line))
		if line != "" && !strings.HasPrefix(line, "#") {
			return NodeName{Value: line, Source: Source{File: file, Line: i + 1}}
		}
	}
	return NodeName{}
}

// etcdName returns etcd's --name, which kubeadm sets to the name of the node.
func (d *discovery) etcdName() NodeName {
	for _, c := range d.node.Find(etcd) {
		if a, ok := c.Last("name"); ok && a.Value != "" {
			return NodeName{Value: a.Value, Source: a.Source}
		}
	}
	return NodeName{}
}

// kubeletUser returns the name in the kubelet's user entry, as kubeadm init writes it.
func (d *discovery) kubeletUser() NodeName {
	for _, k := range d.node.Kubeconfigs {
		if k.For != APIServer {
			continue
		}
		for _, u := range k.Users {
			if name, found := strings.CutPrefix(u.Name, "system:node:"); found && name != "" {
				return NodeName{Value: name, Source: u.Source}
			}
		}
	}
	return NodeName{}
}
