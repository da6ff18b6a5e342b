package pkitest

import (
	"crypto/x509"
	"io/fs"
	"strings"
	"time"
)

// Where the operators of OpenShift put the files of the static pods, by the revisions of the sample node, and where their containers
// have them.
const (
	osResources     = "/etc/kubernetes/static-pod-resources"
	osAPIServer     = osResources + "/kube-apiserver-pod-7"
	osAPIServerOwn  = osResources + "/kube-apiserver-certs"
	osManager       = osResources + "/kube-controller-manager-pod-5"
	osManagerOwn    = osResources + "/kube-controller-manager-certs"
	osScheduler     = osResources + "/kube-scheduler-pod-6"
	osSchedulerOwn  = osResources + "/kube-scheduler-certs"
	osEtcd          = osResources + "/etcd-pod-4"
	osEtcdOwn       = osResources + "/etcd-certs"
	osPodCerts      = "/etc/kubernetes/static-pod-certs"
	osKubeconfigs   = osAPIServerOwn + "/secrets/node-kubeconfigs/"
	osInternal      = "api-int.ocp.example.internal"
	osExternal      = "api.ocp.example.internal"
	osOperator      = "openshift-kube-apiserver-operator_"
	osManagerConfig = "/configmaps/controller-manager-kubeconfig/kubeconfig"
	osSchedulerConf = "/configmaps/scheduler-kubeconfig/kubeconfig"
)

// OpenShift returns a control-plane node of OpenShift 4: operators issue what is below, and have exchanged one of the signers
// lately (openshift/cluster-kube-apiserver-operator: pkg/operator/certrotationcontroller, and its like).
func OpenShift(at time.Time) *Spec {
	n := DefaultNode(at)
	n.NodeName, n.ServiceSubnet, n.Endpoint = "master-0", "172.30.0.0/16", osExternal+":6443"
	s := bareNode(n, osSigners(n))
	s.osServers()
	s.osClients()
	s.osEtcdCertificates()
	s.osBundles()
	s.osTokenKeys()
	s.osUsers()
	s.osKubelet()
	s.osConfigs()
	s.osPods()
	return s
}

// lasting gives a certificate a life of so many days from when the node was made.
func (s *Spec) lasting(c *Certificate, days int) *Certificate {
	c.Template.NotAfter = s.At.Add(time.Duration(days) * 24 * time.Hour)
	return c
}

// osSigners lists the authorities. The first of several in a bundle leads it; those without a file are in bundles alone.
func osSigners(n Node) []*Certificate {
	signer := func(name, cn string, days int) *Certificate {
		c := &Certificate{Name: name, Template: caTemplate(n, cn)}
		c.Template.DNSNames, c.Template.Subject.OrganizationalUnit = nil, []string{"openshift"}
		c.Template.NotAfter = n.At.Add(time.Duration(days) * 24 * time.Hour)
		return c
	}
	csrSigner := signer("csr-signer", "kube-csr-signer_@1795512000", 30)
	csrSigner.Issuer = "csr-signer-signer"
	csrSigner.CertPath, csrSigner.KeyPath = osManagerOwn+"/secrets/csr-signer/tls.crt", osManagerOwn+"/secrets/csr-signer/tls.key"
	former := signer("aggregator-signer-before", osOperator+"aggregator-client-signer@1794820800", 22)
	former.Template.NotBefore = n.At.Add(-8 * 24 * time.Hour)
	return []*Certificate{
		signer("csr-signer-signer", "openshift-kube-controller-manager-operator_csr-signer-signer@1795512000", 60),
		csrSigner,
		signer("control-plane-signer", osOperator+"kube-control-plane-signer@1795512000", 60),
		signer("to-kubelet-signer", osOperator+"kube-apiserver-to-kubelet-signer@1795512000", 365),
		signer("aggregator-signer", osOperator+"aggregator-client-signer@1795512000", 30),
		signer("localhost-signer", "kube-apiserver-localhost-signer", 3650),
		signer("service-network-signer", "kube-apiserver-service-network-signer", 3650),
		signer("lb-signer", "kube-apiserver-lb-signer", 3650),
		signer("recovery-signer", osOperator+"localhost-recovery-serving-signer@1795512000", 3650),
		signer("node-admin-signer", osOperator+"node-system-admin-signer@1795512000", 365),
		signer("etcd-signer", "openshift-etcd_etcd-signer@1795512000", 1825),
		signer("service-ca", "openshift-service-serving-signer@1795512000", 790),
		signer("admin-signer", "admin-kubeconfig-signer", 3650),
		former,
	}
}

// osServers adds the serving certificates of the API server: each is for the names by which some dial it.
func (s *Spec) osServers() {
	for _, server := range []struct {
		name, issuer, file string
		hosts              []string
	}{
		{"service-network", "service-network-signer", osAPIServerOwn + "/secrets/service-network-serving-certkey", []string{
			"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
			"openshift", "openshift.default", "openshift.default.svc", "openshift.default.svc.cluster.local", s.serviceIP(1).String(),
		}},
		{"localhost", "localhost-signer", osAPIServerOwn + "/secrets/localhost-serving-cert-certkey", []string{"localhost", "127.0.0.1"}},
		{"external-lb", "lb-signer", osAPIServerOwn + "/secrets/external-loadbalancer-serving-certkey", []string{osExternal}},
		{"internal-lb", "lb-signer", osAPIServerOwn + "/secrets/internal-loadbalancer-serving-certkey", []string{osInternal}},
		{"recovery", "recovery-signer", osAPIServer + "/secrets/localhost-recovery-serving-certkey", []string{"localhost-recovery"}},
		{"manager-server", "service-ca", osManager + "/secrets/serving-cert", []string{"kube-controller-manager.openshift-kube-controller-manager.svc"}},
	} {
		c := s.lasting(s.pair(server.name, server.issuer, server.file+"/tls", x509.ExtKeyUsageServerAuth), 30)
		c.Template.Subject.CommonName, c.Chain = server.hosts[0], []string{server.issuer}
		for _, host := range server.hosts {
			addHost(c.Template, host)
		}
	}
}

// osClients adds the client certificates of the components.
func (s *Spec) osClients() {
	for _, client := range []struct{ name, issuer, file, cn, org string }{
		{"kubelet-client-of-apiserver", "to-kubelet-signer", osAPIServerOwn + "/secrets/kubelet-client", "system:kube-apiserver", "kube-master"},
		{"aggregator-client", "aggregator-signer", osAPIServerOwn + "/secrets/aggregator-client", "system:openshift-aggregator", ""},
		{"controller-manager", "control-plane-signer", osManagerOwn + "/secrets/kube-controller-manager-client-cert-key", "system:kube-controller-manager", ""},
		{"scheduler", "control-plane-signer", osSchedulerOwn + "/secrets/kube-scheduler-client-cert-key", "system:kube-scheduler", ""},
		{"admin", "node-admin-signer", "", "system:admin", "system:masters"},
	} {
		c := &Certificate{Name: client.name, Issuer: client.issuer, Template: leafTemplate(s.Node, client.cn, client.org, clientUsage()...)}
		if client.file != "" {
			c.CertPath, c.KeyPath = client.file+"/tls.crt", client.file+"/tls.key"
		}
		s.Certificates = append(s.Certificates, s.lasting(c, 30))
	}
	kubelet := kubeletCertificates(s.Node)[0]
	kubelet.Issuer = "csr-signer"
	serving := bootstrappedServing(s.Node)
	serving.Issuer = "csr-signer"
	s.Certificates = append(s.Certificates, s.lasting(kubelet, 30), s.lasting(serving, 30))
	s.Files[kubeletClientLink], s.Files[kubeletServerLink] = &File{Link: kubelet.CertPath}, &File{Link: serving.CertPath}
}

func (s *Spec) osEtcdCertificates() {
	hosts := []string{"localhost", "etcd.kube-system.svc", "etcd.openshift-etcd.svc", "127.0.0.1", "::1", s.AdvertiseAddress}
	for _, name := range []string{"etcd-serving", "etcd-peer"} {
		c := s.lasting(s.pair(name, "etcd-signer", osEtcdOwn+"/secrets/etcd-all-certs/"+name+"-"+s.NodeName, bothUsages()...), 1095)
		c.Template.Subject.CommonName = s.AdvertiseAddress
		for _, host := range hosts {
			addHost(c.Template, host)
		}
	}
	client := s.lasting(s.pair("etcd-client", "etcd-signer", osAPIServer+"/secrets/etcd-client/tls", clientUsage()...), 1095)
	client.Template.Subject.Organization = []string{"system:etcd", "etcd-client"}
}

// osBundles writes the files of CAs.
func (s *Spec) osBundles() {
	bundle := func(path, first string, more ...string) {
		c := s.Cert(first)
		c.Copies = append(c.Copies, path)
		s.bundles(path, append([]string{first}, more...))
	}
	const file = "/ca-bundle.crt"
	clients := []string{"csr-signer", "control-plane-signer", "to-kubelet-signer", "node-admin-signer", "admin-signer"}
	servers := []string{"service-network-signer", "lb-signer", "recovery-signer"}
	for _, path := range []string{osAPIServerOwn + "/configmaps/client-ca", osManagerOwn + "/configmaps/client-ca"} {
		bundle(path+file, "csr-signer-signer", clients...)
	}
	bundle("/etc/kubernetes/kubelet-ca.crt", "csr-signer-signer", clients...)
	bundle(osAPIServer+"/configmaps/kubelet-serving-ca"+file, "csr-signer-signer", "csr-signer")
	for _, path := range []string{osAPIServerOwn + "/configmaps/aggregator-client-ca", osManagerOwn + "/configmaps/aggregator-client-ca"} {
		bundle(path+file, "aggregator-signer", "aggregator-signer-before")
	}
	bundle(osManager+"/configmaps/serviceaccount-ca"+file, "localhost-signer", servers...)
	bundle(osScheduler+"/configmaps/serviceaccount-ca"+file, "localhost-signer", servers...)
	s.Cert("localhost-signer").Chain = servers // in kubeconfigs
	bundle(osEtcdOwn+"/configmaps/etcd-all-bundles/server-ca-bundle.crt", "etcd-signer")
	bundle(osAPIServer+"/configmaps/etcd-serving-ca"+file, "etcd-signer")
}

// bundles writes certificates one after the other into a file.
func (s *Spec) bundles(path string, names []string) {
	if s.Texts == nil {
		s.Texts = map[string]func(*Spec) ([]byte, error){}
	}
	s.Texts[path] = func(s *Spec) ([]byte, error) {
		var text []byte
		for _, name := range names {
			text = append(text, CertPEM(s.Cert(name).Signed)...)
		}
		return text, nil
	}
}

// osTokenKeys adds the two pairs of keys that tokens are signed with: bound ones by the API server, those in Secrets by the
// controller-manager.
func (s *Spec) osTokenKeys() {
	bound := NewKey()
	s.ServiceAccount = &ServiceAccount{
		SigningPath:      osManager + "/secrets/service-account-private-key/service-account.key",
		VerificationPath: osAPIServer + "/configmaps/sa-token-signing-certs/service-account-001.pub",
	}
	s.Texts[osAPIServerOwn+"/secrets/bound-service-account-signing-key/service-account.key"] = func(*Spec) ([]byte, error) { return KeyPEM(bound) }
	s.Texts[osAPIServer+"/configmaps/bound-sa-token-signing-certs/service-account-001.pub"] = func(*Spec) ([]byte, error) {
		return publicKeyPEM(bound.Public())
	}
}

// osUsers adds the kubeconfigs: those of the components name files as their containers have them.
func (s *Spec) osUsers() {
	for _, k := range []Kubeconfig{
		{Name: "kcm", Path: osManager + osManagerConfig, CertPath: osPodCerts + "/secrets/kube-controller-manager-client-cert-key/tls.crt"},
		{Name: "scheduler", Path: osScheduler + osSchedulerConf, CertPath: osPodCerts + "/secrets/kube-scheduler-client-cert-key/tls.crt"},
	} {
		k.Server, k.ClusterName, k.UserName = "https://"+osInternal+":6443", "lb-int", k.Name
		k.CAPath, k.KeyPath = osResources+"/configmaps/serviceaccount-ca/ca-bundle.crt", strings.TrimSuffix(k.CertPath, ".crt")+".key"
		s.Kubeconfigs = append(s.Kubeconfigs, &k)
	}
	for name, server := range map[string]string{"localhost": "localhost", "localhost-recovery": "localhost", "lb-ext": osExternal, "lb-int": osInternal} {
		k := &Kubeconfig{
			Name: name, Path: osKubeconfigs + name + ".kubeconfig", Server: "https://" + server + ":6443", ClusterName: name,
			UserName: "system:admin", CA: "localhost-signer", Cert: "admin",
		}
		if name == "localhost-recovery" {
			k.TLSServerName = name
		}
		s.Kubeconfigs = append(s.Kubeconfigs, k)
	}
	s.Kubeconfigs = append(s.Kubeconfigs,
		&Kubeconfig{
			Name: "kubelet", Path: "/var/lib/kubelet/kubeconfig", Server: "https://" + osInternal + ":6443", ClusterName: "default",
			UserName: "default-auth", CA: "lb-signer", CertPath: kubeletClientLink, KeyPath: kubeletClientLink,
		},
		&Kubeconfig{
			Name: "bootstrap", Path: "/etc/kubernetes/kubeconfig", Server: "https://" + osInternal + ":6443", ClusterName: "local",
			UserName: "kubelet", CA: "lb-signer", Token: "of-node-bootstrapper",
		})
}

// osKubelet adds the kubelet, whose configuration has the name that kubeadm gives to a kubeconfig.
func (s *Spec) osKubelet() {
	s.Files["/var/lib/kubelet"] = &File{Mode: fs.ModeDir | 0o755}
	s.Files["/etc/kubernetes/kubelet.conf"] = &File{Mode: 0o644, Data: mustYAML(map[string]any{
		"kind": "KubeletConfiguration", "apiVersion": "kubelet.config.k8s.io/v1beta1",
		"authentication": map[string]any{
			"x509": map[string]any{"clientCAFile": "/etc/kubernetes/kubelet-ca.crt"}, "anonymous": map[string]any{"enabled": false},
		},
		"clusterDomain": s.DNSDomain, "rotateCertificates": true, "serverTLSBootstrap": true, "staticPodPath": manifestDir,
	})}
	const unit = "/etc/systemd/system/kubelet.service"
	s.text("/etc/os-release", 0o644, "ID=rhcos")
	s.text(unit, 0o644, "[Service]", "EnvironmentFile=/etc/os-release", "EnvironmentFile=-/etc/kubernetes/kubelet-env",
		`ExecStart=/usr/local/bin/kubenswrapper \`,
		`    /usr/bin/kubelet \`,
		`      --config=/etc/kubernetes/kubelet.conf \`,
		`      --bootstrap-kubeconfig=/etc/kubernetes/kubeconfig \`,
		`      --kubeconfig=/var/lib/kubelet/kubeconfig \`,
		`      --container-runtime-endpoint=/var/run/crio/crio.sock \`,
		`      --node-labels=node-role.kubernetes.io/control-plane,node.openshift.io/os_id=${ID} \`,
		`      --node-ip=${KUBELET_NODE_IP} \`,
		`      --hostname-override=${KUBELET_NODE_NAME}`)
	s.text(unit+".d/20-nodenet.conf", 0o644, "[Service]", `Environment="KUBELET_NODE_IP=`+s.AdvertiseAddress+`" "KUBELET_NODE_NAME=`+s.NodeName+`"`)
}
