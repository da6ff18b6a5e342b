package pkitest

import (
	"io/fs"
	"time"
)

const k0sData = "/var/lib/k0s"

// k0sTable follows k0s: cmd/controller/certificates.go and pkg/component/controller/etcd.go. All leaves are for servers and
// clients, as the profile of cfssl has it.
func k0sTable(n Node) []row {
	both, names := bothUsages(), append(clusterNames(n), "kubernetes.svc."+n.DNSDomain, "localhost", n.AdvertiseAddress)
	local := []string{"127.0.0.1", "localhost"}
	return []row{
		{name: "ca", file: "ca", cn: "kubernetes-ca"},
		{name: "front-proxy-ca", file: "front-proxy-ca", cn: "kubernetes-front-proxy-ca"},
		{name: "front-proxy-client", file: "front-proxy-client", issuer: "front-proxy-ca", cn: "front-proxy-client", org: "front-proxy-client", usages: both},
		{name: "admin", file: "admin", issuer: "ca", cn: "kubernetes-admin", org: "system:masters", usages: both},
		{name: "konnectivity", file: "konnectivity", issuer: "ca", cn: "kubernetes-konnectivity", org: "system:masters", usages: both},
		{name: "controller-manager", file: "ccm", issuer: "ca", cn: "system:kube-controller-manager", org: "system:kube-controller-manager", usages: both},
		{name: "scheduler", file: "scheduler", issuer: "ca", cn: "system:kube-scheduler", org: "system:kube-scheduler", usages: both},
		{name: "apiserver-kubelet-client", file: "apiserver-kubelet-client", issuer: "ca", cn: "apiserver-kubelet-client", org: "system:masters", usages: both},
		{name: "apiserver", file: "server", issuer: "ca", cn: "kubernetes", org: "kubernetes", usages: both, hosts: names},
		{name: "k0s-api", file: "k0s-api", issuer: "ca", cn: "k0s-api", org: "kubernetes", usages: both, hosts: names},
		{name: "etcd-ca", file: "etcd/ca", cn: "etcd-ca"},
		{name: "apiserver-etcd-client", file: "apiserver-etcd-client", issuer: "etcd-ca", cn: "apiserver-etcd-client", org: "apiserver-etcd-client", usages: both, hosts: local},
		{name: "etcd-server", file: "etcd/server", issuer: "etcd-ca", cn: "etcd-server", org: "etcd-server", usages: both, hosts: local},
		{name: "etcd-peer", file: "etcd/peer", issuer: "etcd-ca", cn: n.AdvertiseAddress, org: "etcd-peer", usages: both, hosts: []string{n.AdvertiseAddress}},
	}
}

// K0s returns a healthy controller of k0s that runs pods as well, with etcd.
func K0s(at time.Time) *Spec {
	n := DefaultNode(at)
	s := layoutNode(n, k0sData+"/pki", k0sTable)
	s.ServiceAccount = &ServiceAccount{SigningPath: k0sData + "/pki/sa.key", VerificationPath: k0sData + "/pki/sa.pub"}
	for _, k := range []struct{ name, cert string }{
		{"admin.conf", "admin"}, {"konnectivity.conf", "konnectivity"}, {"ccm.conf", "controller-manager"}, {"scheduler.conf", "scheduler"},
	} {
		s.embedded(k.name, k0sData+"/pki/"+k.name, "localhost:6443", "user", k.cert)
	}
	s.k0sWorker(k0sData, "localhost:6443")
	s.text("/etc/systemd/system/k0scontroller.service", 0o644,
		"[Service]", "ExecStart=/usr/local/bin/k0s controller --config=/etc/k0s/k0s.yaml --enable-worker=true")
	s.text("/etc/k0s/k0s.yaml", 0o600,
		"apiVersion: k0s.k0sproject.io/v1beta1", "kind: ClusterConfig", "spec:",
		"  api: {address: "+n.AdvertiseAddress+", port: 6443}",
		"  network: {serviceCIDR: "+n.ServiceSubnet+"}",
		"  storage: {type: etcd, etcd: {peerAddress: "+n.AdvertiseAddress+"}}")
	s.text(k0sData+"/konnectivity.conf", 0o644,
		"apiVersion: apiserver.k8s.io/v1beta1", "kind: EgressSelectorConfiguration", "egressSelections:", "- name: cluster", "  connection:",
		"    proxyProtocol: GRPC", "    transport: {uds: {udsName: /run/k0s/konnectivity-server/konnectivity-server.sock}}")
	s.Files[k0sData+"/pki"] = &File{Mode: fs.ModeDir | 0o751}
	s.Files[k0sData+"/pki/etcd"] = &File{Mode: fs.ModeDir | 0o711}
	return s
}

// K0sWorker returns a healthy worker of k0s with a data folder of its own.
func K0sWorker(at time.Time) *Spec {
	const data = "/srv/k0s"
	n := DefaultNode(at)
	n.NodeName, n.AdvertiseAddress = "worker-1", "192.0.2.21"
	s := layoutNode(n, data+"/pki", func(n Node) []row { return k0sTable(n)[:1] })
	s.Cert("ca").KeyPath = ""
	s.k0sWorker(data, n.Endpoint)
	s.text("/etc/systemd/system/k0sworker.service", 0o644,
		"[Service]", "ExecStart=/usr/local/bin/k0s worker --data-dir="+data+" --token-file /etc/k0s/token")
	return s
}

// k0sWorker adds the kubelet, as k0s: pkg/component/worker/kubelet.go sets it up.
func (s *Spec) k0sWorker(data, server string) {
	folder := data + "/kubelet/pki"
	s.rotatedIn(folder)
	serving := servingIn(s.Node, folder)
	s.Certificates = append(s.Certificates, serving)
	s.Files[folder+"/kubelet-server-current.pem"] = &File{Link: serving.CertPath}
	current := folder + "/kubelet-client-current.pem"
	s.Kubeconfigs = append(s.Kubeconfigs, &Kubeconfig{
		Name: "kubelet.conf", Path: data + "/kubelet.conf", Server: "https://" + server, ClusterName: "default-cluster",
		UserName: "default-auth", CA: "ca", CertPath: current, KeyPath: current,
	})
	s.Files[data+"/kubelet-config.yaml"] = &File{Mode: 0o644, Data: mustYAML(map[string]any{
		"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "clusterDomain": s.DNSDomain,
		"authentication":     map[string]any{"x509": map[string]any{"clientCAFile": data + "/pki/ca.crt"}},
		"rotateCertificates": true, "serverTLSBootstrap": true,
	})}
}
