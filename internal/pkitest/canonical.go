package pkitest

import "time"

// canonicalTable follows k8s-snap: src/k8s/pkg/k8sd/pki/control_plane.go, which gives all certificates both usages.
func canonicalTable(n Node) []row {
	both := bothUsages()
	kubelet := []string{n.NodeName, n.AdvertiseAddress, "127.0.0.1", "::1"}
	return []row{
		{name: "ca", file: "ca", cn: "kubernetes-ca"},
		{name: "client-ca", file: "client-ca", cn: "kubernetes-ca-client"},
		{name: "front-proxy-ca", file: "front-proxy-ca", cn: "front-proxy-ca"},
		{name: "front-proxy-client", file: "front-proxy-client", issuer: "front-proxy-ca", cn: "front-proxy-client", usages: both},
		{name: "kubelet-serving", file: "kubelet", issuer: "ca", cn: "system:node:" + n.NodeName, org: "system:nodes", usages: both, hosts: kubelet},
		{name: "apiserver-kubelet-client", file: "apiserver-kubelet-client", issuer: "client-ca", cn: "apiserver-kubelet-client", org: "system:masters", usages: both},
		{
			name: "apiserver", file: "apiserver", issuer: "ca", cn: "kube-apiserver", usages: both,
			hosts: append(clusterNames(n), n.NodeName, n.AdvertiseAddress, "::1", "kubernetes.default.svc.cluster.local"),
		},
		{name: "admin", issuer: "client-ca", cn: "kubernetes-admin", org: "system:masters", usages: both},
		{name: "controller-manager", issuer: "client-ca", cn: "system:kube-controller-manager", usages: both},
		{name: "proxy", issuer: "client-ca", cn: "system:kube-proxy", usages: both},
		{name: "scheduler", issuer: "client-ca", cn: "system:kube-scheduler", usages: both},
		{name: "kubelet", issuer: "client-ca", cn: "system:node:" + n.NodeName, org: "system:nodes", usages: both},
	}
}

// Canonical returns a healthy control-plane node of Canonical Kubernetes with its datastore.
func Canonical(at time.Time) *Spec {
	n := DefaultNode(at)
	n.ServiceSubnet = "10.152.183.0/24"
	s := layoutNode(n, pkiDir, canonicalTable)
	s.dqlite("k8s-dqlite", "/var/snap/k8s/common/var/lib/k8s-dqlite")
	s.ServiceAccount = sameKey(pkiDir + "/serviceaccount.key")
	for _, k := range []struct{ name, cert string }{
		{"admin", "admin"}, {"controller", "controller-manager"}, {"proxy", "proxy"}, {"scheduler", "scheduler"}, {"kubelet", "kubelet"},
	} {
		s.embedded(k.name+".conf", "/etc/kubernetes/"+k.name+".conf", "127.0.0.1:6443", "k8s-user", k.cert)
	}
	s.canonicalArgs()
	return s
}

// canonicalArgs adds the args files, as k8s-snap: src/k8s/pkg/k8sd/setup writes them, which sorts the lines.
func (s *Spec) canonicalArgs() {
	const args, pki, etc = "/var/snap/k8s/common/args/", "/etc/kubernetes/pki/", "/etc/kubernetes/"
	s.text(args+"kube-apiserver", 0o600,
		"--advertise-address="+s.AdvertiseAddress,
		"--anonymous-auth=false",
		"--authorization-mode=Node,RBAC",
		"--client-ca-file="+pki+"client-ca.crt",
		"--etcd-servers=unix:///var/snap/k8s/common/var/lib/k8s-dqlite/k8s-dqlite.sock",
		"--kubelet-certificate-authority="+pki+"ca.crt",
		"--kubelet-client-certificate="+pki+"apiserver-kubelet-client.crt",
		"--kubelet-client-key="+pki+"apiserver-kubelet-client.key",
		"--kubelet-preferred-address-types=InternalIP,Hostname,InternalDNS,ExternalDNS,ExternalIP",
		"--proxy-client-cert-file="+pki+"front-proxy-client.crt",
		"--proxy-client-key-file="+pki+"front-proxy-client.key",
		"--requestheader-allowed-names=front-proxy-client",
		"--requestheader-client-ca-file="+pki+"front-proxy-ca.crt",
		"--secure-port=6443",
		"--service-account-key-file="+pki+"serviceaccount.key",
		"--service-account-signing-key-file="+pki+"serviceaccount.key",
		"--service-cluster-ip-range="+s.ServiceSubnet,
		"--tls-cert-file="+pki+"apiserver.crt",
		"--tls-private-key-file="+pki+"apiserver.key")
	s.text(args+"kube-controller-manager", 0o600,
		"--authentication-kubeconfig="+etc+"controller.conf",
		"--authorization-kubeconfig="+etc+"controller.conf",
		"--cluster-signing-cert-file="+pki+"ca.crt",
		"--cluster-signing-key-file="+pki+"ca.key",
		"--kubeconfig="+etc+"controller.conf",
		"--root-ca-file="+pki+"ca.crt",
		"--service-account-private-key-file="+pki+"serviceaccount.key")
	s.text(args+"kube-scheduler", 0o600,
		"--authentication-kubeconfig="+etc+"scheduler.conf", "--authorization-kubeconfig="+etc+"scheduler.conf", "--kubeconfig="+etc+"scheduler.conf")
	s.text(args+"kube-proxy", 0o600, "--cluster-cidr=10.1.0.0/16", "--hostname-override="+s.NodeName, "--kubeconfig="+etc+"proxy.conf")
	s.text(args+"kubelet", 0o600,
		"--anonymous-auth=false",
		"--client-ca-file="+pki+"client-ca.crt",
		"--cluster-domain="+s.DNSDomain,
		"--eviction-hard='memory.available<100Mi,nodefs.available<1Gi,imagefs.available<1Gi'",
		"--hostname-override="+s.NodeName,
		"--kubeconfig="+etc+"kubelet.conf",
		"--node-ip="+s.AdvertiseAddress,
		"--tls-cert-file="+pki+"kubelet.crt",
		"--tls-private-key-file="+pki+"kubelet.key")
}
