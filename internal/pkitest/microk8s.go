package pkitest

import "time"

const microk8sData = "/var/snap/microk8s/current"

// microk8sTable follows microk8s: microk8s-resources/actions/common/utils.sh. What sign_certificate there signs has no usages.
func microk8sTable(n Node) []row {
	both, names := bothUsages(), append(clusterNames(n), n.AdvertiseAddress)
	return []row{
		{name: "ca", file: "ca", cn: n.serviceIP(1).String()},
		{name: "front-proxy-ca", file: "front-proxy-ca", cn: "front-proxy-ca"},
		{name: "apiserver", file: "server", issuer: "ca", cn: "127.0.0.1", org: "Canonical", usages: both, hosts: names},
		{name: "front-proxy-client", file: "front-proxy-client", issuer: "front-proxy-ca", cn: "front-proxy-client", usages: both, hosts: names},
		{name: "kubelet", file: "kubelet", issuer: "ca", cn: "system:node:" + n.NodeName, org: "system:nodes", hosts: []string{n.NodeName, n.AdvertiseAddress}},
		{name: "admin", file: "client", issuer: "ca", cn: "admin", org: "system:masters"},
		{name: "proxy", file: "proxy", issuer: "ca", cn: "system:kube-proxy"},
		{name: "scheduler", file: "scheduler", issuer: "ca", cn: "system:kube-scheduler"},
		{name: "controller-manager", file: "controller", issuer: "ca", cn: "system:kube-controller-manager"},
		{name: "apiserver-kubelet-client", file: "apiserver-kubelet-client", issuer: "ca", cn: "kube-apiserver-kubelet-client", org: "system:masters"},
	}
}

// MicroK8s returns a healthy node of MicroK8s with its datastore. The certificates of users are in kubeconfigs; the files that
// they are copied from are left out, as nothing reads them again.
func MicroK8s(at time.Time) *Spec {
	n := DefaultNode(at)
	n.ServiceSubnet = "10.152.183.0/24"
	s := layoutNode(n, "/var/snap/microk8s/8612/certs", microk8sTable)
	for _, name := range []string{"kubelet", "admin", "proxy", "scheduler", "controller-manager", "apiserver-kubelet-client"} {
		s.Cert(name).Template.KeyUsage, s.Cert(name).Template.BasicConstraintsValid = 0, false
	}
	for _, name := range []string{"admin", "proxy", "scheduler", "controller-manager"} {
		s.Cert(name).CertPath, s.Cert(name).KeyPath = "", ""
	}
	s.Files[microk8sData] = &File{Link: "/var/snap/microk8s/8612"}
	s.dqlite("k8s", "/var/snap/microk8s/8612/var/kubernetes/backend")
	s.ServiceAccount = sameKey("/var/snap/microk8s/8612/certs/serviceaccount.key")
	for _, k := range []struct{ name, user, cert string }{
		{"client", "admin", "admin"}, {"controller", "system:kube-controller-manager", "controller-manager"},
		{"scheduler", "system:kube-scheduler", "scheduler"}, {"proxy", "system:kube-proxy", "proxy"},
		{"kubelet", "system:node:" + n.NodeName, "kubelet"},
	} {
		s.embedded(k.name+".config", "/var/snap/microk8s/8612/credentials/"+k.name+".config", "127.0.0.1:16443", k.user, k.cert)
	}
	s.microk8sArgs()
	return s
}

// microk8sArgs adds the args files, as microk8s: microk8s-resources/default-args has them since certificates took the place of
// tokens.
func (s *Spec) microk8sArgs() {
	const args = "/var/snap/microk8s/8612/args/"
	s.text(args+"kube-apiserver", 0o660,
		"--cert-dir=${SNAP_DATA}/certs",
		"--service-cluster-ip-range="+s.ServiceSubnet,
		"--authorization-mode=RBAC,Node",
		"--service-account-key-file=${SNAP_DATA}/certs/serviceaccount.key",
		"--client-ca-file=${SNAP_DATA}/certs/ca.crt",
		"--tls-cert-file=${SNAP_DATA}/certs/server.crt",
		"--tls-private-key-file=${SNAP_DATA}/certs/server.key",
		"--kubelet-client-certificate=${SNAP_DATA}/certs/apiserver-kubelet-client.crt",
		"--kubelet-client-key=${SNAP_DATA}/certs/apiserver-kubelet-client.key",
		"--secure-port=16443",
		`--etcd-servers="unix://${SNAP_DATA}/var/kubernetes/backend/kine.sock:12379"`,
		"--service-account-issuer='https://kubernetes.default.svc'",
		"--service-account-signing-key-file=${SNAP_DATA}/certs/serviceaccount.key",
		"",
		"# Enable the aggregation layer",
		"--requestheader-client-ca-file=${SNAP_DATA}/certs/front-proxy-ca.crt",
		"--requestheader-allowed-names=front-proxy-client",
		"--proxy-client-cert-file=${SNAP_DATA}/certs/front-proxy-client.crt",
		"--proxy-client-key-file=${SNAP_DATA}/certs/front-proxy-client.key",
		"#~Enable the aggregation layer",
		"--kubelet-certificate-authority=${SNAP_DATA}/certs/ca.crt",
		"--kubelet-preferred-address-types=InternalIP,Hostname,InternalDNS,ExternalDNS,ExternalIP",
		"--advertise-address "+s.AdvertiseAddress)
	s.text(args+"kube-controller-manager", 0o660,
		"--kubeconfig=${SNAP_DATA}/credentials/controller.config",
		"--service-account-private-key-file=${SNAP_DATA}/certs/serviceaccount.key",
		"--root-ca-file=${SNAP_DATA}/certs/ca.crt",
		"--cluster-signing-cert-file=${SNAP_DATA}/certs/ca.crt",
		"--cluster-signing-key-file=${SNAP_DATA}/certs/ca.key",
		"--use-service-account-credentials=true")
	s.text(args+"kube-scheduler", 0o660, "--kubeconfig=${SNAP_DATA}/credentials/scheduler.config", "--profiling=false")
	s.text(args+"kubelet", 0o660,
		"--kubeconfig=${SNAP_DATA}/credentials/kubelet.config",
		"--cert-dir=${SNAP_DATA}/certs",
		"--client-ca-file=${SNAP_DATA}/certs/ca.crt",
		"--anonymous-auth=false",
		"--root-dir=${SNAP_COMMON}/var/lib/kubelet",
		`--eviction-hard="memory.available<100Mi,nodefs.available<1Gi,imagefs.available<1Gi"`,
		"--node-ip "+s.AdvertiseAddress)
	s.text(args+"kube-proxy", 0o660, "--kubeconfig=${SNAP_DATA}/credentials/proxy.config", "--cluster-cidr=10.1.0.0/16", "--healthz-bind-address=127.0.0.1")
	s.text(args+"etcd", 0o660, "--data-dir=${SNAP_DATA}", "--advertise-client-urls=unix://etcd.socket:2379", "--listen-client-urls=unix://etcd.socket:2379")
}
