package manifests

import (
	"path"

	"kube-cert-audit/internal/hostfs"
)

// rke2 returns the layout of RKE2: k3s, of which the components of a server are
// static pods, in the manifests of the kubelet that it runs.
func rke2() layout {
	return layout{
		name: "rke2",
		// The units are no marks: packages bring them before anything runs.
		marks: []string{"/etc/rancher/rke2", "/var/lib/rancher/rke2/server", "/var/lib/rancher/rke2/agent"},
		find: func(d *discovery) {
			r := newRancher(d, "rke2")
			if r.exists(path.Join(r.dataDir, "agent")) {
				r.agentKubelet()
			}
			r.staticPods()
			if r.exists(path.Join(r.dataDir, "server")) {
				r.missingPods()
				r.supervisor()
			}
			r.clients()
		},
	}
}

// missingPods notes the components of a server that should have a manifest, and
// have none: RKE2 writes them as it starts.
func (r *rancher) missingPods() {
	for _, row := range []struct{ component, setting string }{
		{apiserver, "disable-apiserver"}, {manager, "disable-controller-manager"}, {scheduler, "disable-scheduler"}, {etcd, "disable-etcd"},
	} {
		isWanted := !r.isOff(row.setting) && (row.component != etcd || r.exists(path.Join(r.dataDir, "server/db/etcd")))
		if isWanted && len(r.node.Find(row.component)) == 0 && len(r.opts.ManifestDirs) == 0 {
			r.cannotRead(row.component, r.source, &hostfs.Error{
				Path: path.Join(r.dataDir, "agent/pod-manifests", row.component+".yaml"), Reason: hostfs.NotExist,
			})
		}
	}
}
