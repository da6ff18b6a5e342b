package pkitest

import (
	"crypto/x509"
	"strings"
	"time"
)

const (
	kubesprayPKI      = "/etc/kubernetes/ssl"
	kubesprayEtcd     = "/etc/ssl/etcd/ssl"
	kubesprayLifetime = 36500 * 24 * time.Hour
)

// Kubespray returns a control-plane node of kubespray 2.31 with its defaults: kubeadm makes the control plane, with its
// certificates in another folder, systemd runs etcd, which variables alone configure, and a kubelet of kubespray's own unit.
func Kubespray(at time.Time) *Spec {
	n := DefaultNode(at)
	n.Endpoint = n.localEndpoint() // without a load balancer it is the first control-plane node
	s := New(n)
	s.RemovePod("etcd")
	s.RemoveCert("etcd-ca", "etcd-server", "etcd-peer", "etcd-healthcheck-client", "apiserver-etcd-client")
	s.move(pkiDir, kubesprayPKI)
	s.Files[pkiDir] = &File{Link: kubesprayPKI}
	addHost(s.Cert("apiserver").Template, "localhost")
	addHost(s.Cert("apiserver").Template, "127.0.0.1")

	s.etcdOfKubespray()
	s.kubeletOfKubespray()
	s.schedulerOfKubespray()
	home := *s.Kubeconfig("admin.conf")
	home.Name, home.Path = "root", "/root/.kube/config"
	s.Kubeconfigs = append(s.Kubeconfigs, &home)
	return s
}

// move puts all that a Spec has in one folder into another.
func (s *Spec) move(from, to string) {
	moved := func(text string) string { return strings.ReplaceAll(text, from, to) }
	for _, c := range s.Certificates {
		c.CertPath, c.KeyPath = moved(c.CertPath), moved(c.KeyPath)
	}
	for _, p := range s.Pods {
		for i := range p.Command {
			p.Command[i] = moved(p.Command[i])
		}
		for i := range p.Mounts {
			p.Mounts[i].HostPath, p.Mounts[i].MountPath = moved(p.Mounts[i].HostPath), moved(p.Mounts[i].MountPath)
		}
	}
	s.ServiceAccount.SigningPath, s.ServiceAccount.VerificationPath = to+"/sa.key", to+"/sa.pub"
	s.Kubelet.Config["authentication"] = map[string]any{
		"anonymous": map[string]any{"enabled": false}, "webhook": map[string]any{"enabled": true}, "x509": map[string]any{"clientCAFile": to + "/ca.crt"},
	}
}

// etcdOfKubespray adds etcd: one certificate for clients and peers, one for the administrators, one for the API server.
func (s *Spec) etcdOfKubespray() {
	both := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	hosts := []string{"localhost", s.NodeName, s.AdvertiseAddress, "127.0.0.1"}
	table := []row{{name: "etcd-ca", file: "ca", cn: "etcd-ca"}}
	for _, role := range []string{"member", "admin", "node"} {
		table = append(table, row{
			name: "etcd-" + role, file: role + "-" + s.NodeName, issuer: "etcd-ca", cn: "etcd-" + role + "-" + s.NodeName, usages: both, hosts: hosts,
		})
	}
	certs := certificatesOf(s.Node, kubesprayEtcd, table)
	lasts(certs, kubesprayLifetime)
	certs[0].Template.DNSNames, certs[0].Template.KeyUsage = nil, 0 // as openssl req -x509 has it
	namedByCFSSL(certs)
	for _, c := range certs[1:] {
		c.Template.KeyUsage = 0
	}
	s.Certificates = append(s.Certificates, certs...)

	member, node, admin := kubesprayEtcd+"/member-"+s.NodeName, kubesprayEtcd+"/node-"+s.NodeName, kubesprayEtcd+"/admin-"+s.NodeName
	client, peer := etcdURL(s.Node, "2379"), etcdURL(s.Node, "2380")
	s.Files["/etc/etcd.env"] = &File{Mode: 0o640, Data: []byte(strings.Join([]string{
		"# Environment file for etcd 3.6.5",
		"ETCD_DATA_DIR=/var/lib/etcd", "ETCD_ADVERTISE_CLIENT_URLS=" + client, "ETCD_INITIAL_ADVERTISE_PEER_URLS=" + peer,
		"ETCD_INITIAL_CLUSTER_STATE=existing", "ETCD_METRICS=basic", "ETCD_LISTEN_CLIENT_URLS=" + client + ",https://127.0.0.1:2379",
		"ETCD_INITIAL_CLUSTER_TOKEN=k8s_etcd", "ETCD_LISTEN_PEER_URLS=" + peer, "ETCD_NAME=etcd1", "ETCD_INITIAL_CLUSTER=etcd1=" + peer,
		"", "# TLS settings",
		"ETCD_TRUSTED_CA_FILE=" + kubesprayEtcd + "/ca.pem", "ETCD_CERT_FILE=" + member + ".pem", "ETCD_KEY_FILE=" + member + "-key.pem",
		"ETCD_CLIENT_CERT_AUTH=true",
		"ETCD_PEER_TRUSTED_CA_FILE=" + kubesprayEtcd + "/ca.pem", "ETCD_PEER_CERT_FILE=" + member + ".pem", "ETCD_PEER_KEY_FILE=" + member + "-key.pem",
		"ETCD_PEER_CLIENT_CERT_AUTH=True",
		"", "# CLI settings",
		"ETCDCTL_ENDPOINTS=https://127.0.0.1:2379", "ETCDCTL_CACERT=" + kubesprayEtcd + "/ca.pem",
		"ETCDCTL_KEY=" + admin + "-key.pem", "ETCDCTL_CERT=" + admin + ".pem", "",
	}, "\n"))}
	s.Files[unitDir+"etcd.service"] = &File{Mode: 0o644, Data: []byte("[Unit]\nDescription=etcd\nAfter=network.target\n\n[Service]\nType=notify\nUser=etcd\n" +
		"EnvironmentFile=/etc/etcd.env\nExecStart=/usr/local/bin/etcd\nNotifyAccess=all\nRestart=always\n\n[Install]\nWantedBy=multi-user.target\n")}
	s.Files["/etc/ssl/etcd/openssl.conf"] = &File{Data: []byte("[req]\nreq_extensions = v3_req\n"), Mode: 0o640}

	api := s.Pod("kube-apiserver")
	api.SetFlag("etcd-servers", client)
	api.SetFlag("etcd-cafile", kubesprayEtcd+"/ca.pem")
	api.SetFlag("etcd-certfile", node+".pem")
	api.SetFlag("etcd-keyfile", node+"-key.pem")
	api.Mounts = append(api.Mounts, Mount{Name: "etcd-certs-0", HostPath: kubesprayEtcd, Type: "DirectoryOrCreate", MountPath: kubesprayEtcd, ReadOnly: true})
}

// namedByCFSSL names the files of certificates as cfssl does: NAME.pem and NAME-key.pem.
func namedByCFSSL(certs []*Certificate) {
	for _, c := range certs {
		if stem, isFile := strings.CutSuffix(c.CertPath, ".crt"); isFile {
			c.CertPath, c.KeyPath = stem+".pem", stem+"-key.pem"
		}
	}
}

// kubeletOfKubespray adds the unit of the kubelet, its variables and its configuration. kubeadm's files stay, and count for nothing.
func (s *Spec) kubeletOfKubespray() {
	s.Files["/etc/kubernetes/kubelet-config.yaml"] = &File{Data: mustYAML(s.Kubelet.Config), Mode: 0o640}
	s.Files["/etc/kubernetes/kubelet.env"] = &File{Mode: 0o640, Data: []byte(`KUBE_LOG_LEVEL="--v=2"
KUBELET_ADDRESS="--node-ip=` + s.AdvertiseAddress + `"
KUBELET_HOSTNAME="--hostname-override=` + s.NodeName + `"

KUBELET_ARGS="--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf \
--config=/etc/kubernetes/kubelet-config.yaml \
--kubeconfig=/etc/kubernetes/kubelet.conf \
--runtime-cgroups=/system.slice/containerd.service \
  "
KUBELET_CLOUDPROVIDER=""

PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
`)}
	s.Files[unitDir+"kubelet.service"] = &File{Mode: 0o644, Data: []byte(`[Unit]
Description=Kubernetes Kubelet Server
After=containerd.service
Wants=containerd.service

[Service]
EnvironmentFile=-/etc/kubernetes/kubelet.env
ExecStart=/usr/local/bin/kubelet \
		$KUBE_LOGTOSTDERR \
		$KUBE_LOG_LEVEL \
		$KUBELET_API_SERVER \
		$KUBELET_ADDRESS \
		$KUBELET_PORT \
		$KUBELET_HOSTNAME \
		$KUBELET_ARGS \
		$KUBELET_CLOUDPROVIDER
Restart=always
RestartSec=10s

[Install]
WantedBy=multi-user.target
`)}
}

// schedulerOfKubespray gives the scheduler its configuration file, which names the same kubeconfig.
func (s *Spec) schedulerOfKubespray() {
	const config = "/etc/kubernetes/kubescheduler-config.yaml"
	s.Files[config] = &File{Mode: 0o644, Data: mustYAML(map[string]any{
		"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration",
		"clientConnection": map[string]any{"kubeconfig": "/etc/kubernetes/scheduler.conf"},
	})}
	p := s.Pod("kube-scheduler")
	p.SetFlag("config", config)
	p.Mounts = append(p.Mounts, Mount{Name: "kubescheduler-config", HostPath: config, Type: "", MountPath: config, ReadOnly: true})
}
