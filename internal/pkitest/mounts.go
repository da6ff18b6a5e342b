package pkitest

import (
	"cmp"
	"slices"
)

// clusterMounts returns the mounts of the components that read the pki folder, with any more of their own. kubeadm mounts the
// CA folders of the distribution too; these are Debian's.
func clusterMounts(more ...Mount) []Mount {
	folder := func(name, path string) Mount {
		return Mount{Name: name, HostPath: path, Type: "DirectoryOrCreate", MountPath: path, ReadOnly: true}
	}
	mounts := append(more,
		folder("ca-certs", "/etc/ssl/certs"),
		folder("etc-ca-certificates", "/etc/ca-certificates"),
		folder("k8s-certs", pkiDir),
		folder("usr-local-share-ca-certificates", "/usr/local/share/ca-certificates"),
		folder("usr-share-ca-certificates", "/usr/share/ca-certificates"),
	)
	slices.SortFunc(mounts, func(a, b Mount) int { return cmp.Compare(a.Name, b.Name) })
	return mounts
}

// kubeconfigMount mounts one file, not a folder.
func kubeconfigMount(path string) Mount {
	return Mount{Name: "kubeconfig", HostPath: path, Type: "FileOrCreate", MountPath: path, ReadOnly: true}
}
