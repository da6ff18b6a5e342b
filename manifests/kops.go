package manifests

import (
	"path"
	"slices"
	"strings"
)

// Where nodeup and etcd-manager keep their files.
const (
	kopsDir         = "/srv/kubernetes"
	etcdManagerPKI  = "/etc/kubernetes/pki"
	etcdManagerName = "etcd-manager-"
	etcdVolumes     = "/mnt"
)

// kops returns the layout of the nodes that kOps sets up (kops: nodeup/pkg/model).
func kops() layout {
	return layout{
		name: "kops", find: (*discovery).kops,
		marks: []string{kopsDir + "/kube-apiserver", "/opt/kops", etcdManagerPKI + "/" + etcdManagerName + "main"},
	}
}

// kops finds the components as usual, and those that etcd-manager runs.
func (d *discovery) kops() {
	d.usual()
	d.etcdManagers()
	d.managedEtcds()
	for _, c := range d.node.Find(apiserver) { // a container beside it that probes it has a user of its own
		c.UIDs = append(c.UIDs, d.identity("/etc/passwd", "kube-apiserver-healthcheck")...)
	}
	d.keeps("/var/lib/kubectl/kubeconfig")
}

// etcdManagers adds what the etcd-manager of each etcd cluster (main, events, cilium)
// was given: the CAs by which it issues what etcd uses, and what it uses itself to
// talk to its like (etcd-manager: cmd/etcd-manager, pkg/tlsconfig).
func (d *discovery) etcdManagers() {
	names, _ := d.names(etcdManagerPKI) // without it there is no etcd-manager
	for _, name := range names {
		dir := path.Join(etcdManagerPKI, name)
		if !strings.HasPrefix(name, etcdManagerName) || !d.isFolder(dir) {
			continue
		}
		var given []Argument
		pair := func(argument, keyArgument, stem string) {
			for _, a := range []Argument{{Name: argument, Value: stem + ".crt"}, {Name: keyArgument, Value: stem + ".key"}} {
				a.Value = path.Join(dir, a.Value)
				a.Source = Source{File: a.Value, Argument: "--pki-dir"}
				given = append(given, a)
			}
		}
		pair("etcd-manager.ca", "etcd-manager.ca-key", "etcd-manager-ca")
		pair("etcd-manager.peers-ca", "etcd-manager.peers-ca-key", "etcd-peers-ca")
		pair("etcd-manager.clients-ca", "etcd-manager.clients-ca-key", "etcd-clients-ca")
		for _, stem := range d.pairsIn(dir) { // their names end with that of the member
			switch {
			case strings.HasPrefix(stem, "etcd-manager-server-"):
				pair("etcd-manager.server-cert", "etcd-manager.server-key", stem)
			case strings.HasPrefix(stem, "etcd-manager-client-"):
				pair("etcd-manager.client-cert", "etcd-manager.client-key", stem)
			}
		}
		d.addComponents(dir, []Component{{Name: etcd, Source: Source{File: dir}, Arguments: given}})
	}
}

// pairsIn returns the names of the pairs of a folder, less .crt and .key: one of the
// two may be missing.
func (d *discovery) pairsIn(dir string) []string {
	names, err := d.names(dir)
	if err != nil {
		d.cannotRead(etcd, Source{File: dir}, err)
	}
	var stems []string
	for _, name := range names {
		stem := strings.TrimSuffix(strings.TrimSuffix(name, ".crt"), ".key")
		if stem != name && !slices.Contains(stems, stem) {
			stems = append(stems, stem)
		}
	}
	return stems
}

// managedEtcds adds the etcd of each volume that etcd-manager mounted. A volume has
// folders by the token of the etcd cluster; one without data is of a cluster that
// was restored from a backup since (etcd-manager: pkg/etcd/etcdserver.go).
func (d *discovery) managedEtcds() {
	volumes, _ := d.names(etcdVolumes)
	for _, volume := range volumes {
		volume = path.Join(etcdVolumes, volume)
		tokens, _ := d.names(path.Join(volume, "pki"))
		for _, token := range tokens {
			pki, data := path.Join(volume, "pki", token), path.Join(volume, "data", token)
			if d.exists(data) {
				d.addComponents(pki, []Component{managedEtcd(pki, data)})
			}
		}
	}
}

// managedEtcd is an etcd as etcd-manager starts it: by variables alone
// (etcd-manager: pkg/etcd/etcdprocess.go).
func managedEtcd(pki, data string) Component {
	c := Component{Name: etcd, Source: Source{File: pki}}
	for _, v := range []struct{ name, value string }{
		{"ETCD_DATA_DIR", data},
		{"ETCD_CERT_FILE", pki + "/clients/server.crt"},
		{"ETCD_KEY_FILE", pki + "/clients/server.key"},
		{"ETCD_TRUSTED_CA_FILE", pki + "/clients/ca.crt"},
		{"ETCD_CLIENT_CERT_AUTH", "true"},
		{"ETCD_PEER_CERT_FILE", pki + "/peers/me.crt"},
		{"ETCD_PEER_KEY_FILE", pki + "/peers/me.key"},
		{"ETCD_PEER_TRUSTED_CA_FILE", pki + "/peers/ca.crt"},
		{"ETCD_PEER_CLIENT_CERT_AUTH", "true"},
	} {
		if a, ok := etcdVariable(v.name, v.value, Source{File: pki, Argument: v.name}); ok {
			c.Arguments = append(c.Arguments, a)
		}
	}
	return c
}
