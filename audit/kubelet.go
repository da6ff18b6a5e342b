package audit

import (
	"errors"
	"path"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// rotationObjects returns how the kubelet keeps the certificates that it renews
// itself.
func (a *auditor) rotationObjects() []*object {
	var all []*object
	for _, k := range a.node.Find("kubelet") {
		r := &rules.Rotation{Enabled: a.first("kubelet", "rotate-certificates") == "true", Link: a.clientLink()}
		o := &object{
			subject: rules.Subject{Place: rules.Place{Component: k.Name, Path: r.Link, Source: rules.Source(k.Source)}, Rotation: r},
			files:   []string{r.Link},
		}
		a.describeLink(r)
		if config := a.kubeletConfig(); config != nil {
			r.Embedded = len(config.Users) > 0 && len(config.Users[0].Certificate.Data) > 0
			if r.Embedded {
				o.subject.Place.Path, o.subject.Place.Source = config.Path, rules.Source(config.Users[0].Certificate.Source)
			}
		}
		server := path.Join(path.Dir(r.Link), "kubelet-server-current.pem")
		if a.first("kubelet", "rotate-server-certificates") == "true" && !a.files.exists(server) {
			r.Pending = server
		}
		for _, e := range a.entries {
			if e.row.Name == "kubelet" && e.refs[0].idle == "" {
				r.Current = e.leaf()
				o.statuses = append(o.statuses, &e.statuses[e.at])
				break
			}
		}
		all = append(all, o)
	}
	return all
}

// clientLink returns the path of the kubelet's current client certificate.
func (a *auditor) clientLink() string {
	return a.place("kubelet", "<cert-dir>/kubelet-client-current.pem")
}

// describeLink finds out whether the link to the current client certificate is sound.
func (a *auditor) describeLink(r *rules.Rotation) {
	info, err := a.files.stat(r.Link)
	switch e, failed := errors.AsType[*hostfs.Error](err); {
	case failed && e.Reason == hostfs.DanglingLink:
		r.Dangling = e.Detail
	case !failed:
		r.PlainFile = info.Link == ""
	}
}

// kubeletConfig returns the kubeconfig that the kubelet uses, nil where there is none.
func (a *auditor) kubeletConfig() *manifests.Kubeconfig {
	for i := range a.node.Kubeconfigs {
		k := &a.node.Kubeconfigs[i]
		for _, reader := range k.Readers {
			if reader.Component == "kubelet" && reader.Source.Argument != "--bootstrap-kubeconfig" {
				return k
			}
		}
	}
	return nil
}

// isRotationFault reports whether a file that cannot be read is the dangling
// link that the check rotation tells of.
func (a *auditor) isRotationFault(r *reference) bool {
	return r.file.failure.Reason == hostfs.DanglingLink && r.location.Path == a.clientLink() && len(a.node.Find("kubelet")) > 0
}
