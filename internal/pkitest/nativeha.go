package pkitest

import (
	"crypto/x509"
	"time"
)

const (
	guidePKI         = guideDir + "/pki"
	guideHALifetime  = 1000 * 24 * time.Hour
	guideHABalancer  = "192.0.2.30"
	guideHAOtherNode = "192.0.2.12"
)

func hardWayHANode(at time.Time, name, address string) Node {
	n := DefaultNode(at)
	n.NodeName, n.AdvertiseAddress, n.Endpoint, n.ServiceSubnet = name, address, guideHABalancer+":6443", "10.96.0.0/16"
	return n
}

// hardWayHATable follows https://github.com/mmumshad/kubernetes-the-hard-way: one CA for all, and etcd's certificate for
// clients, for peers and as the API server's. Only the API server's own certificates say what they are for.
func hardWayHATable(n Node) []row {
	user := func(name, cn, org string) row { return row{name: name, file: name, issuer: "ca", cn: cn, org: org} }
	node := user(n.NodeName, "system:node:"+n.NodeName, "system:nodes")
	node.hosts = []string{n.NodeName, n.AdvertiseAddress}
	etcd := user("etcd-server", "etcd-server", "Kubernetes")
	etcd.hosts = []string{n.AdvertiseAddress, guideHAOtherNode, "127.0.0.1"}
	client := user("apiserver-kubelet-client", "kube-apiserver-kubelet-client", "system:masters")
	client.usages = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	server := user("kube-apiserver", "kube-apiserver", "Kubernetes")
	server.usages = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	server.hosts = []string{
		"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster", "kubernetes.default.svc.cluster.local",
		n.serviceIP(1).String(), n.AdvertiseAddress, guideHAOtherNode, guideHABalancer, "127.0.0.1",
	}
	return []row{
		{name: "ca", file: "ca", cn: "KUBERNETES-CA"},
		user("kube-controller-manager", "system:kube-controller-manager", "system:kube-controller-manager"),
		user("kube-scheduler", "system:kube-scheduler", "system:kube-scheduler"),
		user("kube-proxy", "system:kube-proxy", "system:node-proxier"),
		user("service-account", "service-accounts", "Kubernetes"),
		server, client, etcd, node,
	}
}

// hardWayHA returns a node of the guide with some of its certificates. What it signs without extensions is of version 1.
func hardWayHA(n Node, names ...string) *Spec {
	s := native(n)
	s.Certificates = certificatesOf(s.Node, guidePKI, hardWayHATable(s.Node))
	lasts(s.Certificates, guideHALifetime)
	ca := s.Cert("ca").Template
	ca.DNSNames, ca.Subject.Organization = nil, []string{"Kubernetes"}
	for _, c := range s.Certificates {
		c.Plain = len(c.Template.ExtKeyUsage)+len(c.Template.IPAddresses) == 0
	}
	s.keep(names...)
	return s
}

// refers adds the kubeconfig of a user that names the files of its certificate.
func (s *Spec) refers(path, server, user, cert string) {
	s.knows(path, server, user, "")
	k, c := s.Kubeconfig(user), s.Cert(cert)
	k.CA, k.CAPath, k.CertPath, k.KeyPath = "", guidePKI+"/ca.crt", c.CertPath, c.KeyPath
}

// copies puts a certificate and its key in further files.
func (s *Spec) copies(name, certPath, keyPath string) {
	half := func(wantKey bool) func(*Spec) ([]byte, error) {
		return func(s *Spec) ([]byte, error) {
			cert, key, err := s.encode(name)
			if wantKey {
				return key, err
			}
			return cert, err
		}
	}
	s.Texts = map[string]func(*Spec) ([]byte, error){certPath: half(false), keyPath: half(true)}
}

// HardWayHA returns the first control-plane node of Mumshad Mannambeth's edition of the guide, which has two, and a load
// balancer before them.
func HardWayHA(at time.Time) *Spec {
	const managerConf, schedulerConf = guideDir + "/kube-controller-manager.kubeconfig", guideDir + "/kube-scheduler.kubeconfig"
	s := hardWayHA(hardWayHANode(at, "controlplane01", "192.0.2.11"),
		"ca", "kube-controller-manager", "kube-scheduler", "service-account", "kube-apiserver", "apiserver-kubelet-client", "etcd-server")
	etcd := s.Cert("etcd-server")
	s.copies("etcd-server", etcd.CertPath, etcd.KeyPath)
	etcd.CertPath, etcd.KeyPath = "/etc/etcd/etcd-server.crt", "/etc/etcd/etcd-server.key"
	s.Files["/etc/etcd/ca.crt"] = &File{Link: guidePKI + "/ca.crt"}
	s.refers(managerConf, "https://127.0.0.1:6443", "system:kube-controller-manager", "kube-controller-manager")
	s.refers(schedulerConf, "https://127.0.0.1:6443", "system:kube-scheduler", "kube-scheduler")

	url := "https://" + s.AdvertiseAddress
	s.runs("etcd",
		"--name "+s.NodeName, "--cert-file=/etc/etcd/etcd-server.crt", "--key-file=/etc/etcd/etcd-server.key",
		"--peer-cert-file=/etc/etcd/etcd-server.crt", "--peer-key-file=/etc/etcd/etcd-server.key",
		"--trusted-ca-file=/etc/etcd/ca.crt", "--peer-trusted-ca-file=/etc/etcd/ca.crt", "--peer-client-cert-auth", "--client-cert-auth",
		"--initial-advertise-peer-urls "+url+":2380", "--listen-peer-urls "+url+":2380",
		"--listen-client-urls "+url+":2379,https://127.0.0.1:2379", "--advertise-client-urls "+url+":2379",
		"--initial-cluster-token etcd-cluster-0",
		"--initial-cluster controlplane01="+url+":2380,controlplane02=https://"+guideHAOtherNode+":2380",
		"--initial-cluster-state new", "--data-dir=/var/lib/etcd")
	s.runs("kube-apiserver",
		"--advertise-address="+s.AdvertiseAddress, "--allow-privileged=true", "--apiserver-count=2", "--authorization-mode=Node,RBAC",
		"--bind-address=0.0.0.0", "--client-ca-file="+guidePKI+"/ca.crt", "--enable-admission-plugins=NodeRestriction,ServiceAccount",
		"--enable-bootstrap-token-auth=true", "--etcd-cafile="+guidePKI+"/ca.crt",
		"--etcd-certfile="+guidePKI+"/etcd-server.crt", "--etcd-keyfile="+guidePKI+"/etcd-server.key",
		"--etcd-servers="+url+":2379,https://"+guideHAOtherNode+":2379", "--event-ttl=1h",
		"--encryption-provider-config="+guideDir+"/encryption-config.yaml", "--kubelet-certificate-authority="+guidePKI+"/ca.crt",
		"--kubelet-client-certificate="+guidePKI+"/apiserver-kubelet-client.crt", "--kubelet-client-key="+guidePKI+"/apiserver-kubelet-client.key",
		"--runtime-config=api/all=true",
		"--service-account-key-file="+guidePKI+"/service-account.crt", "--service-account-signing-key-file="+guidePKI+"/service-account.key",
		"--service-account-issuer=https://"+s.Endpoint, "--service-cluster-ip-range="+s.ServiceSubnet, "--service-node-port-range=30000-32767",
		"--tls-cert-file="+guidePKI+"/kube-apiserver.crt", "--tls-private-key-file="+guidePKI+"/kube-apiserver.key", "--v=2")
	s.runs("kube-controller-manager",
		"--allocate-node-cidrs=true", "--authentication-kubeconfig="+managerConf, "--authorization-kubeconfig="+managerConf,
		"--bind-address=127.0.0.1", "--client-ca-file="+guidePKI+"/ca.crt", "--cluster-cidr=10.244.0.0/16", "--cluster-name=kubernetes",
		"--cluster-signing-cert-file="+guidePKI+"/ca.crt", "--cluster-signing-key-file="+guidePKI+"/ca.key",
		"--controllers=*,bootstrapsigner,tokencleaner", "--kubeconfig="+managerConf, "--leader-elect=true", "--node-cidr-mask-size=24",
		"--requestheader-client-ca-file="+guidePKI+"/ca.crt", "--root-ca-file="+guidePKI+"/ca.crt",
		"--service-account-private-key-file="+guidePKI+"/service-account.key", "--service-cluster-ip-range="+s.ServiceSubnet,
		"--use-service-account-credentials=true", "--v=2")
	s.runs("kube-scheduler", "--kubeconfig="+schedulerConf, "--leader-elect=true", "--v=2")
	s.encrypts()
	return s
}

// HardWayHAWorker returns the first worker of the same guide, whose certificate was made by hand.
func HardWayHAWorker(at time.Time) *Spec {
	s := hardWayHA(hardWayHANode(at, "node01", "192.0.2.21"), "ca", "kube-proxy", "node01")
	s.Cert("ca").KeyPath = ""
	s.refers(kubeletDir+"/kubelet.kubeconfig", "https://"+s.Endpoint, "system:node:node01", "node01")
	s.refers("/var/lib/kube-proxy/kube-proxy.kubeconfig", "https://"+s.Endpoint, "system:kube-proxy", "kube-proxy")
	s.runs("kubelet",
		"--config="+kubeletDir+"/kubelet-config.yaml", "--kubeconfig="+kubeletDir+"/kubelet.kubeconfig", "--node-ip="+s.AdvertiseAddress, "--v=2")
	s.configures(kubeletDir+"/kubelet-config.yaml", kubeletOfHand("10.96.0.10", guidePKI+"/ca.crt", guidePKI+"/node01.crt", guidePKI+"/node01.key"))
	s.proxies("/var/lib/kube-proxy/kube-proxy.kubeconfig")
	return s
}
