package pkitest

import "time"

// KubeletDropIns returns the hardened sample node with a kubelet whose drop-ins put right what its configuration file says
// wrong: the last file that gives a field is in force.
func KubeletDropIns(at time.Time) *Spec {
	const folder = "/etc/kubernetes/kubelet.conf.d/"
	s := Hardened(at)
	s.Kubelet.Flags = append(s.Kubelet.Flags, "--config-dir="+folder)
	s.Kubelet.Config["rotateCertificates"] = false
	s.Kubelet.Config["authentication"].(map[string]any)["x509"] = map[string]any{"clientCAFile": "/nowhere.crt"}
	dropIn := func(name string, fields map[string]any) {
		fields["apiVersion"], fields["kind"] = "kubelet.config.k8s.io/v1beta1", "KubeletConfiguration"
		s.Files[folder+name] = &File{Data: mustYAML(fields), Mode: 0o644}
	}
	clients := func(ca string) map[string]any {
		return map[string]any{"authentication": map[string]any{"x509": map[string]any{"clientCAFile": ca}}}
	}
	dropIn("10-wrong.conf", clients(pkiDir+"/etcd/ca.crt"))
	dropIn("20-right.conf", clients(pkiDir+"/ca.crt"))
	dropIn("30-rotation.conf", map[string]any{"rotateCertificates": true})
	return s
}
