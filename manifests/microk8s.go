package manifests

func microk8s() layout {
	return layout{name: "microk8s", marks: []string{"/var/snap/microk8s/current/args"}, find: (*discovery).microk8s}
}

// microk8s finds the components of MicroK8s, which one process runs: kubelite
// (microk8s: microk8s-resources/default-args, wrappers/run-kubelite-with-args). A
// node that joined as a worker has the args files of a control plane as well.
func (d *discovery) microk8s() {
	const data = "/var/snap/microk8s/current"
	s := snap{
		args: data + "/args", env: snapVariables("microk8s"),
		worker: d.exists(data + "/var/lock/clustered.lock"),
		// Who is in one of these groups administers the cluster.
		gids: d.identities("/etc/group", "microk8s", "snap_microk8s"),
	}
	s.runs(d)
	d.keeps(data + "/credentials/client.config")
}
