package manifests

import "path"

// kubeadmDir is where kubeadm keeps its files on Bottlerocket, whose /etc is made
// anew at every start.
const kubeadmDir = "/var/lib/kubeadm"

// eksAnywhere returns the layout of the nodes that EKS Anywhere makes of
// Bottlerocket. Those of Ubuntu and RHEL are nodes of kubeadm like any other
// (aws/eks-anywhere: pkg/clusterapi; aws/etcdadm-bootstrap-provider: userdata).
func eksAnywhere() layout {
	return layout{name: "eks-anywhere", marks: []string{kubeadmDir + "/pki", kubeadmDir + "/manifests"}, find: (*discovery).eksAnywhere}
}

// eksAnywhere finds the components as usual. The manifests that the kubelet reads are
// copies in /etc of those that kubeadm made: these are all that a disk has.
func (d *discovery) eksAnywhere() {
	d.usual()
	if len(d.pods) == 0 && len(d.opts.ManifestDirs) == 0 {
		d.podsIn(path.Join(kubeadmDir, "manifests"), false)
	}
	d.keeps(path.Join(kubeadmDir, "admin.conf"), path.Join(kubeadmDir, "super-admin.conf"))
}
