package pkitest

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"time"
)

// rancherNode is a node of k3s or of RKE2.
type rancherNode struct {
	Node
	program string
	dir     string // its data folder
	port    string // of the API server
	own     string // port of the program itself
}

// K3s returns a healthy server of k3s that runs etcd, started by systemd with the defaults but for an address, a name and the
// data folder, which its configuration file gives.
func K3s(at time.Time) *Spec {
	r := newRancherNode("k3s", "/data/k3s", at)
	s := r.server()
	s.Files["/etc/rancher/k3s/config.yaml"] = &File{Mode: 0o600, Data: []byte(
		"data-dir: " + r.dir + "\ncluster-init: true\nnode-name: " + r.NodeName + "\nnode-ip: " + r.AdvertiseAddress + "\n")}
	s.Files["/etc/systemd/system/k3s.service"] = &File{Mode: 0o644, Data: []byte("[Service]\nType=notify\n" +
		"EnvironmentFile=-/etc/default/%N\nEnvironmentFile=-/etc/systemd/system/k3s.service.env\nExecStart=/usr/local/bin/k3s \\\n    server \\\n")}
	s.Files[r.dir+"/server/db/etcd/config"] = &File{Mode: 0o600, Data: r.etcdConfig()}
	return s
}

// K3sSQLite returns a healthy server of k3s of the usual data folder, whose database is SQLite behind a socket. What is there
// for etcd is in nobody's use.
func K3sSQLite(at time.Time) *Spec {
	r := newRancherNode("k3s", "/var/lib/rancher/k3s", at)
	s := r.server()
	s.RemoveCert("etcd-server-ca", "etcd-peer-ca", "etcd-server", "etcd-peer", "etcd-client")
	s.Files[r.dir+"/server/db/state.db"] = &File{Data: []byte("SQLite format 3\x00"), Mode: 0o644}
	return s
}

// K3sAgent returns a healthy agent of k3s.
func K3sAgent(at time.Time) *Spec {
	r := newRancherNode("k3s", "/var/lib/rancher/k3s", at)
	r.port = "6444" // of the agent's own load balancer
	return r.agent()
}

func newRancherNode(program, dir string, at time.Time) *rancherNode {
	n := DefaultNode(at.UTC().Truncate(time.Second))
	n.ServiceSubnet, n.ClusterName = "10.43.0.0/16", "local"
	if program == "k3s" {
		return &rancherNode{Node: n, program: program, dir: dir, port: "6444", own: "6443"}
	}
	return &rancherNode{Node: n, program: program, dir: dir, port: "6443", own: "9345"}
}

func (r *rancherNode) server() *Spec {
	s := &Spec{
		Node: r.Node, Certificates: r.certificates(), Kubeconfigs: r.kubeconfigs(),
		ServiceAccount: &ServiceAccount{
			Former:      []crypto.Signer{NewKey()},
			SigningPath: r.dir + "/server/tls/service.current.key", VerificationPath: r.dir + "/server/tls/service.key",
		},
		Files: map[string]*File{
			"/etc/hostname":            {Data: []byte(r.NodeName + "\n"), Mode: 0o644},
			r.dir + "/server":          {Mode: fs.ModeDir | 0o700},
			r.dir + "/agent/etc":       {Mode: fs.ModeDir | 0o755},
			r.dir + "/server/token":    {Data: []byte("K10::server:secret\n"), Mode: 0o600},
			r.dir + "/server/tls/etcd": {Mode: fs.ModeDir | 0o700},

			r.dir + "/server/etc/egress-selector-config.yaml": {Mode: 0o600, Data: r.egress()},
		},
	}
	r.kubeletDropIn(s)
	return s
}

// agent takes from a server what only servers have.
func (r *rancherNode) agent() *Spec {
	r.NodeName, r.AdvertiseAddress = "worker-1", "192.0.2.21"
	s := r.server()
	s.ServiceAccount = nil
	kept := s.Certificates[:0]
	for _, c := range s.Certificates {
		switch {
		case c.Issuer == "" && len(c.Copies) > 0: // the CAs that agents are handed
			c.CertPath, c.KeyPath, c.Copies = c.Copies[0], "", nil
		case !strings.HasPrefix(c.CertPath, r.dir+"/agent/"):
			continue
		}
		kept = append(kept, c)
	}
	s.Certificates = kept
	var configs []*Kubeconfig
	for _, k := range s.Kubeconfigs {
		if strings.HasPrefix(k.Path, r.dir+"/agent/") {
			configs = append(configs, k)
		}
	}
	s.Kubeconfigs = configs
	for path := range s.Files {
		if strings.HasPrefix(path, r.dir+"/server") {
			delete(s.Files, path)
		}
	}
	return s
}

// rancherRow is one line of the table of what k3s and RKE2 make (pkg/daemons/control/deps/deps.go of k3s).
type rancherRow struct {
	row
	names bool // it is for all names of the server
}

func (r *rancherNode) table() []rancherRow {
	client := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	server := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	both := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	stamp := fmt.Sprintf("-ca@%d", r.At.Unix())
	return []rancherRow{
		{row: row{name: "client-ca", file: "server/tls/client-ca", cn: r.program + "-client" + stamp}},
		{row: row{name: "server-ca", file: "server/tls/server-ca", cn: r.program + "-server" + stamp}},
		{row: row{name: "request-header-ca", file: "server/tls/request-header-ca", cn: r.program + "-request-header" + stamp}},
		{row: row{name: "etcd-server-ca", file: "server/tls/etcd/server-ca", cn: "etcd-server" + stamp}},
		{row: row{name: "etcd-peer-ca", file: "server/tls/etcd/peer-ca", cn: "etcd-peer" + stamp}},
		{row: row{name: "admin", file: "server/tls/client-admin", issuer: "client-ca", cn: "system:admin", org: "system:masters", usages: client}},
		{row: row{name: "supervisor", file: "server/tls/client-supervisor", issuer: "client-ca", cn: "system:" + r.program + "-supervisor", org: "system:masters", usages: client}},
		{row: row{name: "controller-manager", file: "server/tls/client-controller", issuer: "client-ca", cn: "system:kube-controller-manager", usages: client}},
		{row: row{name: "scheduler", file: "server/tls/client-scheduler", issuer: "client-ca", cn: "system:kube-scheduler", usages: client}},
		{row: row{name: "apiserver-client", file: "server/tls/client-kube-apiserver", issuer: "client-ca", cn: "system:apiserver", org: "system:masters", usages: client}},
		{row: row{name: "cloud-controller", file: "server/tls/client-" + r.program + "-cloud-controller", issuer: "client-ca", cn: r.program + "-cloud-controller-manager", usages: client}},
		{row: row{name: "front-proxy-client", file: "server/tls/client-auth-proxy", issuer: "request-header-ca", cn: "system:auth-proxy", usages: client}},
		{row: row{name: "apiserver", file: "server/tls/serving-kube-apiserver", issuer: "server-ca", cn: "kube-apiserver", usages: server}, names: true},
		{row: row{name: "controller-manager-server", file: "server/tls/kube-controller-manager/kube-controller-manager", issuer: "server-ca", cn: "kube-controller-manager", usages: server}, names: true},
		{row: row{name: "scheduler-server", file: "server/tls/kube-scheduler/kube-scheduler", issuer: "server-ca", cn: "kube-scheduler", usages: server}, names: true},
		{row: row{name: "etcd-client", file: "server/tls/etcd/client", issuer: "etcd-server-ca", cn: "etcd-client", usages: client}},
		{row: row{name: "etcd-peer", file: "server/tls/etcd/peer-server-client", issuer: "etcd-peer-ca", cn: "etcd-peer", usages: both}, names: true},
		{row: row{name: "etcd-server", file: "server/tls/etcd/server-client", issuer: "etcd-server-ca", cn: "etcd-server", usages: both}, names: true},
		{row: row{name: "kubelet-client", file: "agent/client-kubelet", issuer: "client-ca", cn: "system:node:" + r.NodeName, org: "system:nodes", usages: client}},
		{row: row{name: "kubelet-serving", file: "agent/serving-kubelet", issuer: "server-ca", cn: r.NodeName, usages: server}, names: true},
		{row: row{name: "kube-proxy", file: "agent/client-kube-proxy", issuer: "client-ca", cn: "system:kube-proxy", usages: client}},
		{row: row{name: "agent-client", file: "agent/client-" + r.program + "-controller", issuer: "client-ca", cn: "system:" + r.program + "-controller", usages: client}},
	}
}

func (r *rancherNode) certificates() []*Certificate {
	var certs []*Certificate
	for _, row := range r.table() {
		c := &Certificate{Name: row.name, Issuer: row.issuer, CertPath: r.dir + "/" + row.file + ".crt", KeyPath: r.dir + "/" + row.file + ".key"}
		if row.issuer == "" {
			c.Template = caTemplate(r.Node, row.cn)
			c.Template.DNSNames = nil
		} else {
			c.Template = leafTemplate(r.Node, row.cn, row.org, row.usages...)
			c.Chain = []string{row.issuer} // every leaf brings its CA along
		}
		if row.names {
			r.addNames(c.Template)
		}
		if row.name == "client-ca" || row.name == "server-ca" {
			c.Copies = []string{r.dir + "/agent/" + row.name + ".crt", r.dir + "/" + row.file + ".nochain.crt"}
		}
		certs = append(certs, c)
	}
	listener := leafTemplate(r.Node, r.program, r.program, x509.ExtKeyUsageServerAuth)
	r.addNames(listener)
	return append(certs, &Certificate{
		Name: "listener", Issuer: "server-ca", Chain: []string{"server-ca"}, Template: listener, Secret: r.dir + "/server/tls/dynamic-cert.json",
	})
}

func (r *rancherNode) addNames(t *x509.Certificate) {
	t.DNSNames = []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc." + r.DNSDomain, "localhost", r.NodeName}
	t.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback, net.ParseIP(r.AdvertiseAddress), r.serviceIP(1).AsSlice()}
}

func (r *rancherNode) kubeconfigs() []*Kubeconfig {
	rows := []struct{ name, path, cert string }{
		{"admin", "server/cred/admin.kubeconfig", "server/tls/client-admin"},
		{"supervisor", "server/cred/supervisor.kubeconfig", "server/tls/client-supervisor"},
		{"controller-manager", "server/cred/controller.kubeconfig", "server/tls/client-controller"},
		{"scheduler", "server/cred/scheduler.kubeconfig", "server/tls/client-scheduler"},
		{"apiserver", "server/cred/api-server.kubeconfig", "server/tls/client-kube-apiserver"},
		{"cloud-controller", "server/cred/cloud-controller.kubeconfig", "server/tls/client-" + r.program + "-cloud-controller"},
		{"kubelet", "agent/kubelet.kubeconfig", "agent/client-kubelet"},
		{"kube-proxy", "agent/kubeproxy.kubeconfig", "agent/client-kube-proxy"},
		{"agent", "agent/" + r.program + "controller.kubeconfig", "agent/client-" + r.program + "-controller"},
	}
	var configs []*Kubeconfig
	for _, row := range rows {
		tls, _, _ := strings.Cut(row.cert, "/client-")
		configs = append(configs, &Kubeconfig{
			Name: row.name, Path: r.dir + "/" + row.path, Server: "https://127.0.0.1:" + r.port, ClusterName: "local", UserName: "user",
			CAPath: r.dir + "/" + tls + "/server-ca.crt", CertPath: r.dir + "/" + row.cert + ".crt", KeyPath: r.dir + "/" + row.cert + ".key",
		})
	}
	return append(configs, &Kubeconfig{
		Name: "people", Path: "/etc/rancher/" + r.program + "/" + r.program + ".yaml", Server: "https://127.0.0.1:6443",
		ClusterName: "default", UserName: "default", CA: "server-ca", Cert: "admin",
	})
}

// etcdConfig returns the configuration file that k3s and RKE2 write for etcd (pkg/etcd/etcd.go of k3s).
func (r *rancherNode) etcdConfig() []byte {
	address := func(scheme, host, port string) string { return scheme + "://" + net.JoinHostPort(host, port) }
	tls := r.dir + "/server/tls/etcd/"
	security := func(pair, ca string) map[string]any {
		return map[string]any{
			"cert-file": tls + pair + ".crt", "key-file": tls + pair + ".key", "client-cert-auth": true, "trusted-ca-file": tls + ca + ".crt",
		}
	}
	member := r.NodeName + "-0a1b2c3d"
	client, peer := address("https", r.AdvertiseAddress, "2379"), address("https", r.AdvertiseAddress, "2380")
	return mustYAML(map[string]any{
		"name": member, "data-dir": r.dir + "/server/db/etcd",
		"listen-client-urls":      address("https", "127.0.0.1", "2379") + "," + client,
		"listen-client-http-urls": address("https", "127.0.0.1", "2382"), "listen-metrics-urls": address("http", "127.0.0.1", "2381"),
		"listen-peer-urls": address("https", "127.0.0.1", "2380") + "," + peer, "advertise-client-urls": client,
		"initial-advertise-peer-urls": peer, "initial-cluster": member + "=" + peer, "initial-cluster-state": "new",
		"client-transport-security": security("server-client", "server-ca"),
		"peer-transport-security":   security("peer-server-client", "peer-ca"),
		"election-timeout":          5000, "heartbeat-interval": 500, "logger": "zap", "log-outputs": []string{"stderr"},
	})
}

// egress returns the configuration of the egress selector, which leads to the program itself.
func (r *rancherNode) egress() []byte {
	tls := r.dir + "/server/tls/"
	return mustYAML(map[string]any{
		"apiVersion": "apiserver.k8s.io/v1beta1", "kind": "EgressSelectorConfiguration",
		"egressSelections": []any{map[string]any{"name": "cluster", "connection": map[string]any{
			"proxyProtocol": "HTTPConnect",
			"transport": map[string]any{"tcp": map[string]any{
				"url": "https://127.0.0.1:" + r.own,
				"tlsConfig": map[string]any{
					"caBundle": tls + "server-ca.crt", "clientCert": tls + "client-kube-apiserver.crt", "clientKey": tls + "client-kube-apiserver.key",
				},
			}},
		}}},
	})
}

// kubeletDropIn writes the configuration that k3s and RKE2 give the kubelet in later versions.
func (r *rancherNode) kubeletDropIn(s *Spec) {
	agent := r.dir + "/agent/"
	s.Files[agent+"etc/kubelet.conf.d/00-"+r.program+"-defaults.conf"] = &File{Mode: 0o600, Data: mustYAML(map[string]any{
		"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
		"authentication": map[string]any{
			"anonymous": map[string]any{"enabled": false}, "webhook": map[string]any{"enabled": true},
			"x509": map[string]any{"clientCAFile": agent + "client-ca.crt"},
		},
		"clusterDomain": r.DNSDomain, "staticPodPath": agent + "pod-manifests",
		"tlsCertFile": agent + "serving-kubelet.crt", "tlsPrivateKeyFile": agent + "serving-kubelet.key",
	})}
}
