package pkitest

import (
	"crypto/x509"
	"time"
)

const (
	kubeaszPKI      = "/etc/kubernetes/ssl"
	kubeaszLifetime = 438000 * time.Hour // CERT_EXPIRY
)

// kubeaszTable follows the requests of https://github.com/easzlab/kubeasz: one CA for all, and one certificate that the API
// server presents to its clients, to etcd and to the kubelets.
func kubeaszTable(n Node) []row {
	both := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	leaf := func(name, file, cn, org string, hosts ...string) row {
		return row{name: name, file: file, issuer: "ca", cn: cn, org: org, usages: both, hosts: hosts}
	}
	return []row{
		{name: "ca", file: "ca", cn: "kubernetes-ca"},
		leaf("admin", "", "admin", "system:masters"),
		leaf("kube-controller-manager", "", "system:kube-controller-manager", "system:kube-controller-manager"),
		leaf("kube-scheduler", "", "system:kube-scheduler", "system:kube-scheduler"),
		leaf("kube-proxy", "", "system:kube-proxy", "k8s"),
		leaf("etcd", "etcd", "etcd", "k8s", n.AdvertiseAddress, "127.0.0.1"),
		leaf("aggregator-proxy", "aggregator-proxy", "aggregator", "k8s"),
		leaf("kubelet", "kubelet", "system:node:"+n.NodeName, "system:nodes", "127.0.0.1", n.AdvertiseAddress, n.NodeName),
		leaf("kubernetes", "kubernetes", "kubernetes", "k8s",
			"127.0.0.1", n.AdvertiseAddress, n.serviceIP(1).String(), "10.1.1.1", "k8s.easzlab.io",
			"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster", "kubernetes.default.svc.cluster.local"),
	}
}

// Kubeasz returns a control-plane node of kubeasz 3, which is a worker as well: systemd runs everything, and all kubeconfigs
// lead to a load balancer on the loopback.
func Kubeasz(at time.Time) *Spec {
	n := DefaultNode(at)
	n.NodeName, n.Endpoint, n.ServiceSubnet = "master-01", "127.0.0.1:6443", "10.68.0.0/16"
	s := native(n)
	s.Certificates = certificatesOf(s.Node, kubeaszPKI, kubeaszTable(s.Node))
	lasts(s.Certificates, kubeaszLifetime)
	namedByCFSSL(s.Certificates)
	ca := s.Cert("ca").Template
	ca.DNSNames, ca.KeyUsage = nil, x509.KeyUsageCRLSign|x509.KeyUsageCertSign
	ca.NotAfter = ca.NotBefore.Add(2 * kubeaszLifetime) // CA_EXPIRY
	for user, cert := range map[string]string{
		"system:kube-controller-manager": "kube-controller-manager", "system:kube-scheduler": "kube-scheduler",
		"kube-proxy": "kube-proxy", "system:node:" + s.NodeName: "kubelet",
	} {
		s.knows("/etc/kubernetes/"+cert+".kubeconfig", "https://"+s.Endpoint, user, cert)
	}
	s.knows("/root/.kube/config", "https://"+s.AdvertiseAddress+":6443", "admin", "admin")

	s.controlPlaneOfKubeasz()
	s.runs("kubelet",
		"--config="+kubeletDir+"/config.yaml", "--container-runtime-endpoint="+runtimeEndpoint, "--hostname-override="+s.NodeName,
		"--kubeconfig=/etc/kubernetes/kubelet.kubeconfig", "--root-dir="+kubeletDir, "--v=2")
	s.configures(kubeletDir+"/config.yaml", kubeletOfHand(s.serviceIP(2).String(), kubeaszPKI+"/ca.pem", kubeaszPKI+"/kubelet.pem", kubeaszPKI+"/kubelet-key.pem"))
	s.proxies("/etc/kubernetes/kube-proxy.kubeconfig")
	s.Files[unitDir+"kube-lb.service"] = &File{Mode: 0o644, Data: []byte("[Unit]\nDescription=l4 nginx proxy for kube-apiservers\n\n[Service]\nType=forking\n" +
		"ExecStart=/etc/kube-lb/sbin/kube-lb -c /etc/kube-lb/conf/kube-lb.conf -p /etc/kube-lb\n")}
	return s
}

// controlPlaneOfKubeasz adds the units of etcd and of the control plane. The API server signs tokens with the key of the CA.
func (s *Spec) controlPlaneOfKubeasz() {
	const managerConf, schedulerConf = "/etc/kubernetes/kube-controller-manager.kubeconfig", "/etc/kubernetes/kube-scheduler.kubeconfig"
	file := func(name string) string { return kubeaszPKI + "/" + name + ".pem" }
	url := "https://" + s.AdvertiseAddress
	s.runs("etcd",
		"--name=etcd-"+s.AdvertiseAddress, "--cert-file="+file("etcd"), "--key-file="+file("etcd-key"),
		"--peer-cert-file="+file("etcd"), "--peer-key-file="+file("etcd-key"), "--trusted-ca-file="+file("ca"), "--peer-trusted-ca-file="+file("ca"),
		"--initial-advertise-peer-urls="+url+":2380", "--listen-peer-urls="+url+":2380",
		"--listen-client-urls="+url+":2379,http://127.0.0.1:2379", "--advertise-client-urls="+url+":2379",
		"--initial-cluster-token=etcd-cluster-0", "--initial-cluster=etcd-"+s.AdvertiseAddress+"="+url+":2380", "--initial-cluster-state=new",
		"--data-dir=/var/lib/etcd", "--snapshot-count=50000", "--auto-compaction-retention=1", "--auto-compaction-mode=periodic")
	s.runs("kube-apiserver",
		"--allow-privileged=true", "--anonymous-auth=false", "--api-audiences=api,istio-ca", "--authorization-mode=Node,RBAC",
		"--bind-address="+s.AdvertiseAddress, "--client-ca-file="+file("ca"), "--endpoint-reconciler-type=lease",
		"--etcd-cafile="+file("ca"), "--etcd-certfile="+file("kubernetes"), "--etcd-keyfile="+file("kubernetes-key"), "--etcd-servers="+url+":2379",
		"--kubelet-certificate-authority="+file("ca"),
		"--kubelet-client-certificate="+file("kubernetes"), "--kubelet-client-key="+file("kubernetes-key"), "--secure-port=6443",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-signing-key-file="+file("ca-key"), "--service-account-key-file="+file("ca"),
		"--service-cluster-ip-range="+s.ServiceSubnet, "--service-node-port-range=30000-32767",
		"--tls-cert-file="+file("kubernetes"), "--tls-private-key-file="+file("kubernetes-key"),
		"--requestheader-client-ca-file="+file("ca"), "--requestheader-allowed-names=", "--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--requestheader-group-headers=X-Remote-Group", "--requestheader-username-headers=X-Remote-User",
		"--proxy-client-cert-file="+file("aggregator-proxy"), "--proxy-client-key-file="+file("aggregator-proxy-key"),
		"--enable-aggregator-routing=true", "--v=2")
	s.runs("kube-controller-manager",
		"--allocate-node-cidrs=true", "--authentication-kubeconfig="+managerConf, "--authorization-kubeconfig="+managerConf, "--bind-address=0.0.0.0",
		"--cluster-cidr=172.20.0.0/16", "--cluster-name=kubernetes",
		"--cluster-signing-cert-file="+file("ca"), "--cluster-signing-key-file="+file("ca-key"), "--kubeconfig="+managerConf, "--leader-elect=true",
		"--node-cidr-mask-size=24", "--root-ca-file="+file("ca"), "--service-account-private-key-file="+file("ca-key"),
		"--service-cluster-ip-range="+s.ServiceSubnet, "--use-service-account-credentials=true", "--v=2")
	s.runs("kube-scheduler",
		"--authentication-kubeconfig="+schedulerConf, "--authorization-kubeconfig="+schedulerConf, "--bind-address=0.0.0.0",
		"--kubeconfig="+schedulerConf, "--leader-elect=true", "--v=2")
}
