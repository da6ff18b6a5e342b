package pkitest

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

const (
	bottlerocketDir  = "/var/lib/kubeadm"
	bottlerocketPods = "/etc/kubernetes/static-pods"
	bottlerocketConf = "/etc/kubernetes/kubelet"
)

// EKSAnywhere returns a control-plane node that EKS Anywhere makes of Bottlerocket, with etcd on other hosts. kubeadm keeps its
// files below /var/lib; those of the kubelet are made anew at every start.
func EKSAnywhere(at time.Time) *Spec {
	s := ExternalEtcd(at)
	for _, c := range s.Certificates {
		c.CertPath, c.KeyPath = inBottlerocket(c.CertPath), inBottlerocket(c.KeyPath)
	}
	client := s.Cert("apiserver-etcd-client")
	client.CertPath = bottlerocketDir + "/pki/server-etcd-client.crt"
	client.Template.Subject.CommonName, client.Template.Subject.Organization = "eksa-kube-apiserver-etcd-client", []string{"system:masters"}
	s.ServiceAccount.SigningPath, s.ServiceAccount.VerificationPath = bottlerocketDir+"/pki/sa.key", bottlerocketDir+"/pki/sa.pub"
	for _, p := range s.Pods {
		p.intoBottlerocket()
	}
	s.Pod("kube-apiserver").SetFlag("etcd-certfile", client.CertPath)
	for _, k := range s.Kubeconfigs {
		k.Path = path.Join(bottlerocketDir, path.Base(k.Path))
	}
	s.bottlerocketKubelet()
	return s
}

// inBottlerocket returns where a file of kubeadm's pki folder is on Bottlerocket.
func inBottlerocket(file string) string {
	if below, found := strings.CutPrefix(file, pkiDir); found {
		return bottlerocketDir + "/pki" + below
	}
	return file
}

// intoBottlerocket gives a pod the files of Bottlerocket: kubeconfigs by their usual paths in the container.
func (p *Pod) intoBottlerocket() {
	p.File = path.Join(bottlerocketPods, p.Name)
	for i, argument := range p.Command {
		p.Command[i] = strings.Replace(argument, pkiDir, bottlerocketDir+"/pki", 1)
	}
	p.Mounts = slices.Clone(p.Mounts)
	for i := range p.Mounts {
		m := &p.Mounts[i]
		m.MountPath, m.HostPath = inBottlerocket(m.MountPath), inBottlerocket(m.HostPath)
		if m.Name == "kubeconfig" {
			m.HostPath = path.Join(bottlerocketDir, path.Base(m.HostPath))
		}
	}
}

// bottlerocketKubelet gives the node Bottlerocket's kubelet: a unit whose command a drop-in gives.
func (s *Spec) bottlerocketKubelet() {
	config := s.Kubelet.Config
	config["staticPodPath"] = bottlerocketPods + "/"
	s.Kubelet = Kubelet{}
	s.Files[bottlerocketConf+"/config"] = &File{Data: mustYAML(config), Mode: 0o600}
	s.Files[bottlerocketPods] = &File{Mode: fs.ModeDir | 0o755}
	s.Kubeconfig("kubelet.conf").Path = bottlerocketConf + "/kubeconfig"
	s.Files[pkiDir+"/ca.crt"] = &File{Link: bottlerocketDir + "/pki/ca.crt"}
	s.text("/usr/lib/systemd/system/kubelet.service", 0o644, "[Service]", "EnvironmentFile=/etc/network/proxy.env", "ExecStart=")
	s.text("/etc/network/proxy.env", 0o644, "")
	s.text("/etc/systemd/system/kubelet.service.d/exec-start.conf", 0o644, "[Service]", "ExecStart=", `ExecStart=/usr/bin/kubelet \`,
		`    --cloud-provider external \`,
		`    --kubeconfig `+bottlerocketConf+`/kubeconfig \`,
		`    --bootstrap-kubeconfig `+bottlerocketConf+`/bootstrap-kubeconfig \`,
		`    --config `+bottlerocketConf+`/config \`,
		`    --container-runtime-endpoint=unix:///run/containerd/containerd.sock \`,
		`    --root-dir /var/lib/kubelet \`,
		`    --cert-dir /var/lib/kubelet/pki \`,
		`    --hostname-override `+s.NodeName+` \`,
		`    --node-ip `+s.AdvertiseAddress)
	delete(s.Files, manifestDir)
}
