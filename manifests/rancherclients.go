package manifests

import (
	"cmp"
	"path"
)

// clients adds the kubeconfigs of those parts that are none of the components, and
// of people. What an older version does not have is not missed.
func (r *rancher) clients() {
	for _, row := range []struct{ reader, file string }{
		{"kubectl", cmp.Or(last(r.settings, "write-kubeconfig"), "/etc/rancher/"+r.program+"/"+r.program+".yaml")},
		{"kubectl", "./server/cred/admin.kubeconfig"},
		{"supervisor", "./server/cred/supervisor.kubeconfig"},
		{"kube-apiserver", "./server/cred/api-server.kubeconfig"},
		{"cloud-controller-manager", "./server/cred/cloud-controller.kubeconfig"},
		{"agent", "./agent/" + r.program + "controller.kubeconfig"},
	} {
		file, _ := r.value(row.file)
		if file = path.Join("/", file); r.exists(file) {
			reader := Reader{Component: row.reader, Source: Source{File: file}}
			r.others = append(r.others, kubeconfigUse{path: file, required: true, readers: []Reader{reader}})
		}
	}
}
