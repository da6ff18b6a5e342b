package pkitest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// RKE2 returns a healthy server of RKE2 with the defaults but for the data folder, which its configuration file gives.
func RKE2(at time.Time) *Spec {
	r := newRancherNode("rke2", "/data/rke2", at)
	s := r.server()
	s.Files["/etc/rancher/rke2/config.yaml"] = &File{Mode: 0o600, Data: []byte("data-dir: " + r.dir + "\n")}
	s.Files["/etc/rancher/rke2/rke2-pss.yaml"] = &File{Mode: 0o600, Data: mustYAML(map[string]any{
		"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AdmissionConfiguration",
		"plugins": []any{map[string]any{"name": "PodSecurity", "configuration": map[string]any{
			"apiVersion": "pod-security.admission.config.k8s.io/v1beta1", "kind": "PodSecurityConfiguration",
		}}},
	})}
	s.Files["/usr/local/lib/systemd/system/rke2-server.service"] = &File{Mode: 0o644, Data: []byte("[Service]\nType=notify\n" +
		"EnvironmentFile=-/etc/default/%N\nExecStart=/usr/local/bin/rke2 server\n")}
	s.Files["/usr/local/lib/systemd/system/rke2-agent.service"] = &File{Mode: 0o644, Data: []byte("[Service]\nExecStart=/usr/local/bin/rke2 agent\n")}
	s.Files[r.dir+"/server/db/etcd/config"] = &File{Mode: 0o600, Data: r.etcdConfig()}
	s.Pods = append(r.pods(), r.kubeProxy())
	return s
}

// RKE2Agent returns a healthy agent of RKE2.
func RKE2Agent(at time.Time) *Spec {
	r := newRancherNode("rke2", "/var/lib/rancher/rke2", at)
	s := r.agent()
	s.Files["/etc/rancher/rke2/config.yaml"] = &File{Mode: 0o600, Data: []byte("server: https://192.0.2.11:9345\ntoken: secret\n")}
	s.Pods = []*Pod{r.kubeProxy()}
	return s
}

// pods returns the static pods of a server: what k3s passes to its components, with every file mounted by itself.
func (r *rancherNode) pods() []*Pod {
	const server, tls, cred = "/server/", "/server/tls/", "/server/cred/"
	api := r.pod("kube-apiserver",
		"admission-control-config-file=/etc/rancher/rke2/rke2-pss.yaml", "anonymous-auth=false", "authorization-mode=Node,RBAC",
		"bind-address=0.0.0.0", "secure-port="+r.port, "service-cluster-ip-range="+r.ServiceSubnet, "requestheader-allowed-names=system:auth-proxy",
		"kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname", "etcd-servers=https://127.0.0.1:2379",
		"cert-dir="+r.dir+tls+"temporary-certs", "client-ca-file="+r.dir+tls+"client-ca.crt",
		"egress-selector-config-file="+r.dir+server+"etc/egress-selector-config.yaml",
		"etcd-cafile="+r.dir+tls+"etcd/server-ca.crt", "etcd-certfile="+r.dir+tls+"etcd/client.crt", "etcd-keyfile="+r.dir+tls+"etcd/client.key",
		"kubelet-certificate-authority="+r.dir+tls+"server-ca.crt",
		"kubelet-client-certificate="+r.dir+tls+"client-kube-apiserver.crt", "kubelet-client-key="+r.dir+tls+"client-kube-apiserver.key",
		"proxy-client-cert-file="+r.dir+tls+"client-auth-proxy.crt", "proxy-client-key-file="+r.dir+tls+"client-auth-proxy.key",
		"requestheader-client-ca-file="+r.dir+tls+"request-header-ca.crt",
		"service-account-key-file="+r.dir+tls+"service.key", "service-account-signing-key-file="+r.dir+tls+"service.current.key",
		"tls-cert-file="+r.dir+tls+"serving-kube-apiserver.crt", "tls-private-key-file="+r.dir+tls+"serving-kube-apiserver.key")
	manager := r.pod("kube-controller-manager", r.signing("kube-apiserver-client", "client"), r.signing("kubelet-client", "client"),
		r.signing("kubelet-serving", "server"), r.signing("legacy-unknown", "server"),
		"bind-address=127.0.0.1", "secure-port=10257", "root-ca-file="+r.dir+tls+"server-ca.crt",
		"service-account-private-key-file="+r.dir+tls+"service.current.key",
		r.client(cred+"controller.kubeconfig"), r.serving("kube-controller-manager"))
	scheduler := r.pod("kube-scheduler", "bind-address=127.0.0.1", "secure-port=10259", r.client(cred+"scheduler.kubeconfig"), r.serving("kube-scheduler"))
	etcd := r.pod("etcd", "config-file="+r.dir+"/server/db/etcd/config")
	r.mount(manager, tls+"client-controller.crt", tls+"client-controller.key")
	r.mount(scheduler, tls+"client-scheduler.crt", tls+"client-scheduler.key", tls+"server-ca.crt")
	for _, file := range []string{"server-client.crt", "server-client.key", "server-ca.crt", "peer-server-client.crt", "peer-server-client.key", "peer-ca.crt"} {
		r.mount(etcd, tls+"etcd/"+file)
	}
	return []*Pod{etcd, api, manager, scheduler}
}

// signing returns the pair of flags for a signer of the controller manager, separated by a space.
func (r *rancherNode) signing(signer, ca string) string {
	prefix, file := "cluster-signing-"+signer, r.dir+"/server/tls/"+ca+"-ca"
	return prefix + "-cert-file=" + file + ".nochain.crt " + prefix + "-key-file=" + file + ".key"
}

// client returns the flags for the kubeconfig of a component.
func (r *rancherNode) client(file string) string {
	file = r.dir + file
	return "kubeconfig=" + file + " authentication-kubeconfig=" + file + " authorization-kubeconfig=" + file
}

// serving returns the flags for the serving certificate of a component.
func (r *rancherNode) serving(component string) string {
	file := r.dir + "/server/tls/" + component + "/" + component
	return "tls-cert-file=" + file + ".crt tls-private-key-file=" + file + ".key"
}

func (r *rancherNode) kubeProxy() *Pod {
	p := r.pod("kube-proxy", "hostname-override="+r.NodeName, "kubeconfig="+r.dir+"/agent/kubeproxy.kubeconfig")
	r.mount(p, "/agent/client-kube-proxy.crt", "/agent/client-kube-proxy.key", "/agent/server-ca.crt")
	return p
}

// pod returns a static pod with these flags, and a mount of each file that they name.
func (r *rancherNode) pod(name string, flags ...string) *Pod {
	p := &Pod{
		Name: name, File: r.dir + "/agent/pod-manifests/" + name + ".yaml", Image: "index.docker.io/rancher/hardened-kubernetes:" + kubernetesVersion + "-rke2r1",
		Command: []string{name}, InArgs: true,
	}
	for _, flag := range strings.Fields(strings.Join(flags, " ")) {
		p.Command = append(p.Command, "--"+flag)
		if _, file, _ := strings.Cut(flag, "="); strings.HasPrefix(file, "/") {
			r.mountFile(p, file)
		}
	}
	return p
}

// mount mounts files below the data folder.
func (r *rancherNode) mount(p *Pod, files ...string) {
	for _, file := range files {
		r.mountFile(p, r.dir+file)
	}
}

func (r *rancherNode) mountFile(p *Pod, file string) {
	if !slices.ContainsFunc(p.Mounts, func(m Mount) bool { return m.MountPath == file }) {
		p.Mounts = append(p.Mounts, Mount{Name: fmt.Sprintf("file%d", len(p.Mounts)), HostPath: file, Type: "File", MountPath: file, ReadOnly: true})
	}
}
