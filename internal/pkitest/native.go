package pkitest

import (
	"crypto/x509"
	"io/fs"
	"strings"
	"time"
)

const (
	unitDir = "/etc/systemd/system/"

	// What "Kubernetes the hard way" names its files.
	guideDir      = "/var/lib/kubernetes"
	guideLifetime = 3653 * 24 * time.Hour
)

// native returns a node without certificates, of which systemd runs everything.
func native(n Node) *Spec {
	n.At = n.At.UTC().Truncate(time.Second)
	return &Spec{Node: n, Files: map[string]*File{"/etc/hostname": {Data: []byte(n.NodeName + "\n"), Mode: 0o644}}}
}

// runs adds the unit of a service, written as the guides do: one argument a line.
func (s *Spec) runs(program string, arguments ...string) {
	text := "[Unit]\nDescription=" + program + "\n\n[Service]\nExecStart=/usr/local/bin/" + strings.Join(append([]string{program}, arguments...), " \\\n  ") +
		"\nRestart=on-failure\nRestartSec=5\n\n[Install]\nWantedBy=multi-user.target\n"
	s.Files[unitDir+program+".service"] = &File{Data: []byte(text), Mode: 0o644}
}

// configures adds a configuration file.
func (s *Spec) configures(path string, fields map[string]any) {
	s.Files[path] = &File{Data: mustYAML(fields), Mode: 0o644}
}

// knows adds the kubeconfig of a user. Its certificate, if it has one, is embedded.
func (s *Spec) knows(path, server, user, cert string) {
	s.Kubeconfigs = append(s.Kubeconfigs, &Kubeconfig{
		Name: user, Path: path, Server: server, ClusterName: "kubernetes-the-hard-way", UserName: user, CA: "ca", Cert: cert,
	})
}

// lasts gives all certificates the same life.
func lasts(certs []*Certificate, lifetime time.Duration) {
	for _, c := range certs {
		c.Template.NotAfter = c.Template.NotBefore.Add(lifetime)
	}
}

func hardWayNode(at time.Time, name string) Node {
	n := DefaultNode(at)
	n.NodeName, n.Endpoint, n.ServiceSubnet = name, "server.kubernetes.local:6443", "10.32.0.0/24"
	return n
}

// hardWayTable follows ca.conf of https://github.com/kelseyhightower/kubernetes-the-hard-way, its misprints included: the
// scheduler's group, and the name of the service in the API server's certificate. That doubles as the API server's
// certificate for the kubelets, and the key of the service accounts comes with a certificate.
func hardWayTable(n Node) []row {
	client := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	both := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	return []row{
		{name: "ca", file: "ca", cn: "CA"},
		{name: "admin", issuer: "ca", cn: "admin", org: "system:masters", usages: client},
		{name: "service-accounts", file: "service-accounts", issuer: "ca", cn: "service-accounts", usages: client},
		{name: "kubelet", file: "kubelet", issuer: "ca", cn: "system:node:" + n.NodeName, org: "system:nodes", usages: both, hosts: []string{n.NodeName, "127.0.0.1"}},
		{name: "kube-proxy", issuer: "ca", cn: "system:kube-proxy", org: "system:node-proxier", usages: both, hosts: []string{"kube-proxy", "127.0.0.1"}},
		{name: "kube-controller-manager", issuer: "ca", cn: "system:kube-controller-manager", org: "system:kube-controller-manager", usages: both, hosts: []string{"kube-controller-manager", "127.0.0.1"}},
		{name: "kube-scheduler", issuer: "ca", cn: "system:kube-scheduler", org: "system:system:kube-scheduler", usages: both, hosts: []string{"kube-scheduler", "127.0.0.1"}},
		{name: "kube-api-server", file: "kube-api-server", issuer: "ca", cn: "kubernetes", usages: both, hosts: []string{
			"127.0.0.1", n.serviceIP(1).String(), "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster",
			"kubernetes.svc.cluster.local", "server.kubernetes.local", "api-server.kubernetes.local",
		}},
	}
}

// hardWay returns a node of the guide with some of its certificates, whose files are in a folder.
func hardWay(n Node, folder string, names ...string) *Spec {
	s := native(n)
	s.Certificates = certificatesOf(s.Node, folder, hardWayTable(s.Node))
	lasts(s.Certificates, guideLifetime)
	ca := s.Cert("ca").Template
	ca.DNSNames, ca.KeyUsage = nil, x509.KeyUsageCRLSign|x509.KeyUsageCertSign
	s.keep(names...)
	return s
}

// keep takes all certificates away but the named ones.
func (s *Spec) keep(names ...string) {
	var kept []*Certificate
	for _, name := range names {
		kept = append(kept, s.Cert(name))
	}
	s.Certificates = kept
}

// HardWay returns the machine "server" of Kelsey Hightower's guide "Kubernetes the hard way", of April 2025: systemd runs the
// control plane, etcd serves plain HTTP on the loopback, and there is no front proxy.
func HardWay(at time.Time) *Spec {
	const managerConf, schedulerConf = guideDir + "/kube-controller-manager.kubeconfig", guideDir + "/kube-scheduler.kubeconfig"
	s := hardWay(hardWayNode(at, "server"), guideDir, "ca", "admin", "service-accounts", "kube-controller-manager", "kube-scheduler", "kube-api-server")
	server := "https://" + s.Endpoint
	s.knows(managerConf, server, "system:kube-controller-manager", "kube-controller-manager")
	s.knows(schedulerConf, server, "system:kube-scheduler", "kube-scheduler")
	s.knows("/root/admin.kubeconfig", "https://127.0.0.1:6443", "admin", "admin")
	s.Files["/root"] = &File{Mode: fs.ModeDir | 0o700}

	s.runs("etcd",
		"--name controller",
		"--initial-advertise-peer-urls http://127.0.0.1:2380", "--listen-peer-urls http://127.0.0.1:2380",
		"--listen-client-urls http://127.0.0.1:2379", "--advertise-client-urls http://127.0.0.1:2379",
		"--initial-cluster-token etcd-cluster-0", "--initial-cluster controller=http://127.0.0.1:2380",
		"--initial-cluster-state new", "--data-dir=/var/lib/etcd")
	s.runs("kube-apiserver",
		"--allow-privileged=true", "--apiserver-count=1", "--authorization-mode=Node,RBAC", "--bind-address=0.0.0.0",
		"--client-ca-file="+guideDir+"/ca.crt",
		"--enable-admission-plugins=NamespaceLifecycle,NodeRestriction,LimitRanger,ServiceAccount,DefaultStorageClass,ResourceQuota",
		"--etcd-servers=http://127.0.0.1:2379", "--event-ttl=1h",
		"--encryption-provider-config="+guideDir+"/encryption-config.yaml",
		"--kubelet-certificate-authority="+guideDir+"/ca.crt",
		"--kubelet-client-certificate="+guideDir+"/kube-api-server.crt", "--kubelet-client-key="+guideDir+"/kube-api-server.key",
		"--runtime-config='api/all=true'",
		"--service-account-key-file="+guideDir+"/service-accounts.crt", "--service-account-signing-key-file="+guideDir+"/service-accounts.key",
		"--service-account-issuer="+server, "--service-cluster-ip-range="+s.ServiceSubnet, "--service-node-port-range=30000-32767",
		"--tls-cert-file="+guideDir+"/kube-api-server.crt", "--tls-private-key-file="+guideDir+"/kube-api-server.key", "--v=2")
	s.runs("kube-controller-manager",
		"--bind-address=0.0.0.0", "--cluster-cidr=10.200.0.0/16", "--cluster-name=kubernetes",
		"--cluster-signing-cert-file="+guideDir+"/ca.crt", "--cluster-signing-key-file="+guideDir+"/ca.key",
		"--kubeconfig="+managerConf, "--root-ca-file="+guideDir+"/ca.crt",
		"--service-account-private-key-file="+guideDir+"/service-accounts.key", "--service-cluster-ip-range="+s.ServiceSubnet,
		"--use-service-account-credentials=true", "--v=2")
	s.runs("kube-scheduler", "--config=/etc/kubernetes/config/kube-scheduler.yaml", "--v=2")
	s.configures("/etc/kubernetes/config/kube-scheduler.yaml", map[string]any{
		"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration",
		"clientConnection": map[string]any{"kubeconfig": schedulerConf}, "leaderElection": map[string]any{"leaderElect": true},
	})
	s.encrypts()
	return s
}

// encrypts adds the file with the key that Secrets are encrypted with. The shell of the guide writes it for all to read.
func (s *Spec) encrypts() {
	key := map[string]any{"name": "key1", "secret": "c2VjcmV0IGlzIHNlY3VyZSwgb3IgaXMgaXQgbm90PyE="}
	s.configures(guideDir+"/encryption-config.yaml", map[string]any{
		"apiVersion": "v1", "kind": "EncryptionConfig",
		"resources": []any{map[string]any{
			"resources": []any{"secrets"},
			"providers": []any{map[string]any{"aescbc": map[string]any{"keys": []any{key}}}, map[string]any{"identity": map[string]any{}}},
		}},
	})
}

// HardWayWorker returns the machine "node-0" of the same guide: a kubelet whose certificate serves it as client and as server.
func HardWayWorker(at time.Time) *Spec {
	s := hardWay(hardWayNode(at, "node-0"), kubeletDir, "ca", "kubelet", "kube-proxy")
	s.Cert("ca").KeyPath = ""
	server := "https://" + s.Endpoint
	s.knows(kubeletDir+"/kubeconfig", server, "system:node:"+s.NodeName, "kubelet")
	s.knows("/var/lib/kube-proxy/kubeconfig", server, "system:kube-proxy", "kube-proxy")

	s.runs("kubelet", "--config="+kubeletDir+"/kubelet-config.yaml", "--kubeconfig="+kubeletDir+"/kubeconfig", "--v=2")
	s.configures(kubeletDir+"/kubelet-config.yaml", kubeletOfHand(s.serviceIP(10).String(), kubeletDir+"/ca.crt", kubeletDir+"/kubelet.crt", kubeletDir+"/kubelet.key"))
	s.proxies("/var/lib/kube-proxy/kubeconfig")
	return s
}

// kubeletOfHand returns a KubeletConfiguration with the kubelet's certificate, which nothing rotates.
func kubeletOfHand(dns, ca, cert, key string) map[string]any {
	return map[string]any{
		"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "address": "0.0.0.0",
		"authentication": map[string]any{
			"anonymous": map[string]any{"enabled": false}, "webhook": map[string]any{"enabled": true}, "x509": map[string]any{"clientCAFile": ca},
		},
		"authorization": map[string]any{"mode": "Webhook"}, "cgroupDriver": "systemd", "clusterDNS": []any{dns}, "clusterDomain": "cluster.local",
		"containerRuntimeEndpoint": runtimeEndpoint, "tlsCertFile": cert, "tlsPrivateKeyFile": key,
	}
}

// proxies adds kube-proxy, which takes its kubeconfig from a configuration file.
func (s *Spec) proxies(kubeconfig string) {
	const config = "/var/lib/kube-proxy/kube-proxy-config.yaml"
	s.runs("kube-proxy", "--config="+config)
	s.configures(config, map[string]any{
		"apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration", "mode": "iptables",
		"clientConnection": map[string]any{"kubeconfig": kubeconfig},
	})
}
