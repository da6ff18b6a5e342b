package manifests

import "testing"

// The disk of a Bottlerocket node has no /etc: what the static pods were made of is
// all that there is.
func TestEKSAnywhereDisk(t *testing.T) {
	root := tree{
		kubeadmDir + "/pki/ca.crt":                    "x",
		kubeadmDir + "/manifests/kube-apiserver.yaml": podYAML("kube-apiserver", "kube-apiserver"),
		kubeadmDir + "/admin.conf":                    kubeletConf,
	}.write(t)
	node := discover(t, root, Options{})
	if node.Layout != "eks-anywhere" || len(node.Find(apiserver)) != 1 || len(node.Kubeconfigs) != 1 {
		t.Errorf("layout %q, components %+v, kubeconfigs %+v", node.Layout, node.Components, node.Kubeconfigs)
	}
	given := discover(t, root, Options{ManifestDirs: []string{"/elsewhere"}})
	if len(given.Components) > 0 {
		t.Errorf("with --manifests: %+v", given.Components)
	}
}
