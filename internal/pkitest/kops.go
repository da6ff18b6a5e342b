package pkitest

import (
	"crypto/x509"
	"slices"
	"strings"
	"time"
)

const (
	kopsDir         = "/srv/kubernetes"
	kopsCA          = kopsDir + "/ca.crt"
	kopsManager     = "/var/lib/kube-controller-manager/kubeconfig"
	kopsScheduler   = "/var/lib/kube-scheduler/kubeconfig"
	kopsHealthcheck = "/etc/kubernetes/kube-apiserver-healthcheck/secrets/client"
)

// Kops returns a control-plane node that kOps sets up, with etcd-manager's two clusters (kops: nodeup/pkg/model/tests/golden).
func Kops(at time.Time) *Spec {
	n := DefaultNode(at)
	n.NodeName, n.ServiceSubnet, n.Endpoint = "i-0123456789abcdef0", "100.64.0.0/13", "api.example.internal:443"
	s := layoutNode(n, kopsDir, kopsTable)
	s.Cert("apiserver").Chain = []string{"ca"}
	ca := s.Cert("ca")
	ca.CertPath, ca.KeyPath, ca.Copies = kopsDir+"/kube-controller-manager/ca.crt", kopsDir+"/kube-controller-manager/ca.key", []string{kopsCA}
	s.Cert("front-proxy-ca").KeyPath = "" // as that of all CAs, it is in kOps' store
	healthcheck := s.Cert("healthcheck")
	healthcheck.CertPath, healthcheck.KeyPath = kopsHealthcheck+".crt", kopsHealthcheck+".key"
	s.ServiceAccount = &ServiceAccount{
		SigningPath: kopsDir + "/kube-controller-manager/service-account.key", VerificationPath: kopsDir + "/kube-apiserver/service-account.pub",
	}
	s.Texts = map[string]func(*Spec) ([]byte, error){
		kopsDir + "/kube-apiserver/service-account.key": func(s *Spec) ([]byte, error) { return KeyPEM(s.ServiceAccount.SigningKey) },
	}
	for _, user := range []string{"system:kube-controller-manager", "system:kube-scheduler", "kubelet", "system:kube-proxy", "kubectl"} {
		name := strings.TrimPrefix(user, "system:")
		s.embedded(name, "/var/lib/"+name+"/kubeconfig", "127.0.0.1", name, name)
	}
	s.Pods = []*Pod{kopsAPIServer(n), kopsControllerManager(), kopsSchedulerPod(), kopsProxy()}
	s.text("/var/lib/kube-scheduler/config.yaml", 0o400, "apiVersion: kubescheduler.config.k8s.io/v1", "clientConnection:",
		"  kubeconfig: "+kopsScheduler, "kind: KubeSchedulerConfiguration")
	s.kopsKubelet()
	s.etcdManager("main")
	s.etcdManager("events")
	return s
}

// OldKops returns the node as kOps made it up to Kubernetes 1.14: the text of a shell starts each component, and the private key
// verifies tokens.
func OldKops(at time.Time) *Spec {
	s := Kops(at)
	s.ServiceAccount.VerificationPath = s.ServiceAccount.SigningPath
	api := s.Pod("kube-apiserver")
	api.SetFlag("service-account-key-file", kopsDir+"/kube-apiserver/service-account.key")
	for _, p := range s.Pods {
		program := slices.IndexFunc(p.Command, func(w string) bool { return strings.HasPrefix(w, "/usr/local/bin/") })
		p.Command = []string{"/bin/sh", "-c", "mkfifo /tmp/pipe; (tee -a /var/log/" + p.Name + ".log < /tmp/pipe & ) ; exec " +
			strings.Join(p.Command[program:], " ") + " > /tmp/pipe 2>&1"}
	}
	return s
}

// kopsTable lists what nodeup issues, or copies from kOps' store.
func kopsTable(n Node) []row {
	client, server := clientUsage(), []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	names := []string{
		"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
		"api.example.internal", "api.internal.example.internal", n.serviceIP(1).String(), "127.0.0.1",
	}
	return []row{
		{name: "ca", file: "ca", cn: "kubernetes-ca"},
		{name: "front-proxy-ca", file: "kube-apiserver/apiserver-aggregator-ca", cn: "apiserver-aggregator-ca"},
		{name: "front-proxy-client", file: "kube-apiserver/apiserver-aggregator", issuer: "front-proxy-ca", cn: "aggregator", usages: client},
		{name: "apiserver", file: "kube-apiserver/server", issuer: "ca", cn: "kubernetes-master", usages: server, hosts: names},
		{name: "apiserver-kubelet-client", file: "kube-apiserver/kubelet-api", issuer: "ca", cn: "kubelet-api", usages: client},
		{name: "apiserver-etcd-client", file: "kube-apiserver/etcd-client", issuer: "etcd-clients-ca", cn: "kube-apiserver", usages: client},
		{name: "controller-manager-server", file: "kube-controller-manager/server", issuer: "ca", cn: "kube-controller-manager", usages: server, hosts: []string{"kube-controller-manager.kube-system.svc.cluster.local"}},
		{name: "scheduler-server", file: "kube-scheduler/server", issuer: "ca", cn: "kube-scheduler", usages: server, hosts: []string{"kube-scheduler.kube-system.svc.cluster.local"}},
		{name: "kubelet-server", file: "kubelet-server", issuer: "ca", cn: n.NodeName, usages: server, hosts: []string{n.NodeName, n.AdvertiseAddress}},
		{name: "healthcheck", file: "client", issuer: "ca", cn: "kube-apiserver-healthcheck", usages: client},
		{name: "kubelet", issuer: "ca", cn: "system:node:" + n.NodeName, org: "system:nodes", usages: client},
		{name: "kube-controller-manager", issuer: "ca", cn: "system:kube-controller-manager", usages: client},
		{name: "kube-scheduler", issuer: "ca", cn: "system:kube-scheduler", usages: client},
		{name: "kube-proxy", issuer: "ca", cn: "system:kube-proxy", usages: client},
		{name: "kubectl", issuer: "ca", cn: "kubecfg", org: "system:masters", usages: client},
	}
}

// kopsKubelet adds the kubelet, whose unit takes all arguments from a variable.
func (s *Spec) kopsKubelet() {
	s.text("/usr/lib/systemd/system/kubelet.service", 0o644, "[Service]", "EnvironmentFile=/etc/sysconfig/kubelet",
		`ExecStart=/usr/local/bin/kubelet "$DAEMON_ARGS"`, "Restart=always")
	s.text("/etc/sysconfig/kubelet", 0o644, `DAEMON_ARGS="--cloud-provider=external --hostname-override=`+s.NodeName+
		` --kubeconfig=/var/lib/kubelet/kubeconfig --config=/var/lib/kubelet/kubelet.conf"`, `HOME="/root"`)
	s.Files["/var/lib/kubelet/kubelet.conf"] = &File{Mode: 0o644, Data: mustYAML(map[string]any{
		"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
		"authentication": map[string]any{
			"anonymous": map[string]any{"enabled": false}, "webhook": map[string]any{"enabled": true}, "x509": map[string]any{"clientCAFile": kopsCA},
		},
		"clusterDomain": s.DNSDomain, "staticPodPath": manifestDir,
		"tlsCertFile": kopsDir + "/kubelet-server.crt", "tlsPrivateKeyFile": kopsDir + "/kubelet-server.key",
	})}
}

// etcdManager adds one of etcd-manager's clusters: the files that it was given, those that it made to talk to its like, and those
// of the etcd that it runs, on a volume of its own.
func (s *Spec) etcdManager(cluster string) {
	const member = "etcd-a"
	given, volume := pkiDir+"/etcd-manager-"+cluster, "/mnt/master-vol-"+cluster+"/pki/kJ2uF7hYzQ/"
	clientsCA := &Certificate{Name: "etcd-clients-ca", Template: caTemplate(s.Node, "etcd-clients-ca"), CertPath: given + "/etcd-clients-ca.crt", KeyPath: given + "/etcd-clients-ca.key"}
	if cluster == "main" {
		clientsCA.Copies = []string{kopsDir + "/kube-apiserver/etcd-ca.crt"}
		s.Certificates = append(s.Certificates, clientsCA)
	} else {
		s.Cert("etcd-clients-ca").Copies = append(s.Cert("etcd-clients-ca").Copies, clientsCA.CertPath)
		s.Texts[clientsCA.KeyPath] = func(s *Spec) ([]byte, error) { return KeyPEM(s.Cert("etcd-clients-ca").Key) }
	}
	s.Cert("etcd-clients-ca").Copies = append(s.Cert("etcd-clients-ca").Copies, volume+"clients/ca.crt")
	s.Files[strings.Replace(volume, "/pki/", "/data/", 1)+"member/snap/db"] = &File{Mode: 0o600}
	s.pair("etcd-peers-ca-"+cluster, "", given+"/etcd-peers-ca").Copies = []string{volume + "peers/ca.crt"}
	s.pair("etcd-manager-ca-"+cluster, "", given+"/etcd-manager-ca")
	manager := s.pair("etcd-manager-server-"+cluster, "etcd-manager-ca-"+cluster, given+"/etcd-manager-server-"+member, x509.ExtKeyUsageServerAuth)
	manager.Template.DNSNames = []string{"etcd-manager-server-" + member}
	s.pair("etcd-manager-client-"+cluster, "etcd-manager-ca-"+cluster, given+"/etcd-manager-client-"+member, x509.ExtKeyUsageClientAuth)
	server := s.pair("etcd-server-"+cluster, "etcd-clients-ca", volume+"clients/server", bothUsages()...)
	peer := s.pair("etcd-peer-"+cluster, "etcd-peers-ca-"+cluster, volume+"peers/me", bothUsages()...)
	for _, c := range []*Certificate{server, peer} {
		c.Template.Subject.CommonName = member
		for _, host := range []string{member, member + ".internal.example.internal", "127.0.0.1"} {
			addHost(c.Template, host)
		}
	}
}

// pair adds a certificate of this name, and returns it; without an issuer it is a CA.
func (s *Spec) pair(name, issuer, file string, usages ...x509.ExtKeyUsage) *Certificate {
	c := &Certificate{Name: name, Issuer: issuer, CertPath: file + ".crt", KeyPath: file + ".key"}
	if issuer == "" {
		c.Template = caTemplate(s.Node, name)
	} else {
		c.Template = leafTemplate(s.Node, name, "", usages...)
	}
	s.Certificates = append(s.Certificates, c)
	return c
}
