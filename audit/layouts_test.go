package audit

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/rules"
)

// layoutNode is a healthy node of a layout.
type layoutNode struct {
	name     string // of the test
	layout   string
	evidence string
	build    func(time.Time) *pkitest.Spec
	mends    string            // what every fix of an expired leaf holds
	worker   bool              // the control plane is elsewhere, so that fewer faults can be
	infos    []string          // what its facts leave open, as "check path"
	dangers  []string          // what its installer does though it is dangerous, as "severity check path"
	without  map[string]string // generic faults that no certificate of the node can have, each with the reason
}

const (
	units   = "/etc/systemd/system/"
	hardWay = "/var/lib/kubernetes/"
)

// layoutNodes are the layouts that are known, in the order of the README.
func layoutNodes() []layoutNode {
	const k3sDir, rke2Dir = "/var/lib/rancher/k3s/", "/var/lib/rancher/rke2/"
	const bottlerocket = "/var/lib/kubeadm/"
	return []layoutNode{
		{name: "kubeadm", layout: "kubeadm", evidence: vlk + "kubeadm-flags.env", build: pkitest.Hardened, mends: "kubeadm"},
		{name: "k3s", layout: "k3s", evidence: "/etc/systemd/system/k3s.service", build: pkitest.K3s, mends: "k3s certificate rotate --service"},
		{name: "k3s with SQLite", layout: "k3s", evidence: "/var/lib/rancher/k3s/server", build: pkitest.K3sSQLite, mends: "k3s certificate rotate --service"},
		{name: "k3s agent", layout: "k3s", evidence: "/var/lib/rancher/k3s/agent", build: pkitest.K3sAgent, mends: "k3s certificate rotate --service", infos: []string{
			"unverifiable " + k3sDir + "agent/client-k3s-controller.crt", "unverifiable " + k3sDir + "agent/client-kube-proxy.crt",
			"unverifiable " + k3sDir + "agent/client-kubelet.crt", "unverifiable " + k3sDir + "agent/server-ca.crt",
			"unverifiable " + k3sDir + "agent/serving-kubelet.crt",
		}, without: nobodyVerifies()},
		{name: "RKE2", layout: "rke2", evidence: "/etc/rancher/rke2", build: pkitest.RKE2, mends: "rke2 certificate rotate --service"},
		{name: "RKE2 agent", layout: "rke2", evidence: "/etc/rancher/rke2", build: pkitest.RKE2Agent, mends: "rke2 certificate rotate --service", infos: []string{
			"unverifiable " + rke2Dir + "agent/client-rke2-controller.crt", "unverifiable " + rke2Dir + "agent/client-kube-proxy.crt",
			"unverifiable " + rke2Dir + "agent/client-kubelet.crt", "unverifiable " + rke2Dir + "agent/server-ca.crt",
			"unverifiable " + rke2Dir + "agent/serving-kubelet.crt",
		}, without: nobodyVerifies()},
		{name: "k0s", layout: "k0s", evidence: "/etc/systemd/system/k0scontroller.service", build: pkitest.K0s},
		{name: "k0s worker", layout: "k0s", evidence: "/etc/systemd/system/k0sworker.service", build: pkitest.K0sWorker, worker: true, without: withoutAPIServer(), infos: []string{
			"unverifiable /srv/k0s/kubelet.conf", "unverifiable /srv/k0s/kubelet/pki/kubelet-client-current.pem",
			"unverifiable /srv/k0s/kubelet/pki/kubelet-server-current.pem",
		}},
		{name: "microk8s", layout: "microk8s", evidence: "/var/snap/microk8s/current/args", build: pkitest.MicroK8s},
		{name: "canonical", layout: "canonical", evidence: "/var/snap/k8s/common/args/kubelet", build: pkitest.Canonical},
		{name: "talos", layout: "talos", evidence: "/etc/kubernetes/kubeconfig-kubelet", build: pkitest.Talos, infos: []string{"tls-verify-disabled /system/secrets/kubernetes/kube-apiserver"}},
		{name: "kind", layout: "kind", evidence: "/kind/version", build: pkitest.Kind, infos: []string{
			"tls-verify-disabled /etc/kubernetes/manifests/kube-apiserver.yaml",
			"unverifiable /etc/kubernetes/pki/apiserver-kubelet-client.crt",
		}},
		{name: "EKS Anywhere", layout: "eks-anywhere", evidence: bottlerocket + "pki", build: pkitest.EKSAnywhere, infos: []string{
			"tls-verify-disabled /etc/kubernetes/static-pods/kube-apiserver", "unverifiable " + bottlerocket + "pki/apiserver-kubelet-client.crt",
			"unverifiable " + bottlerocket + "pki/etcd/ca.crt", "unverifiable " + bottlerocket + "pki/server-etcd-client.crt",
		}},
		{name: "kOps", layout: "kops", evidence: "/srv/kubernetes/kube-apiserver", build: pkitest.Kops, infos: kopsInfos()},
		{name: "OpenShift", layout: "openshift", evidence: "/etc/kubernetes/static-pod-resources", build: pkitest.OpenShift, infos: []string{
			"unverifiable /etc/kubernetes/manifests/kube-apiserver-pod.yaml",
		}},
		{name: "hard way", layout: "native", evidence: units + "kube-apiserver.service", build: pkitest.HardWay,
			infos: []string{"unverifiable " + hardWay + "kube-api-server.crt", "unverifiable " + hardWay + "kube-api-server.crt"},
			// The guide's shell writes the key that encrypts Secrets for every user of the machine to read.
			dangers: []string{"error file-permissions " + hardWay + "encryption-config.yaml"},
			without: map[string]string{"without its group": noKubelet},
		},
		{name: "hard way, worker", layout: "native", evidence: units + "kube-proxy.service", build: pkitest.HardWayWorker, worker: true, infos: onWorker(
			"/var/lib/kube-proxy/kubeconfig", "/var/lib/kubelet/kubeconfig", "/var/lib/kubelet/kubelet.crt",
		), without: also(nobodyVerifies(), "without its group", twoRoles)},
		{name: "hard way of two", layout: "native", evidence: units + "kube-apiserver.service", build: pkitest.HardWayHA,
			infos: []string{"unverifiable " + hardWay + "pki/ca.crt", "unverifiable " + hardWay + "pki/apiserver-kubelet-client.crt"},
			dangers: []string{
				"error file-permissions " + hardWay + "encryption-config.yaml", // as above
				"warning shared-ca " + units + "etcd.service",                  // every kubelet may read and write all of etcd
			},
			without: map[string]string{"without its group": noKubelet},
		},
		{name: "hard way of two, worker", layout: "native", evidence: units + "kube-proxy.service", build: pkitest.HardWayHAWorker, worker: true,
			infos: []string{
				"unverifiable " + hardWay + "pki/ca.crt", "unverifiable " + hardWay + "pki/kube-proxy.crt",
				"unverifiable " + hardWay + "pki/node01.crt", "unverifiable " + hardWay + "pki/node01.crt",
			},
			without: nobodyVerifies(),
		},
		{name: "kubespray", layout: "kubespray", evidence: "/etc/kubernetes/kubelet.env", build: pkitest.Kubespray, infos: []string{
			"tls-verify-disabled /etc/kubernetes/manifests/kube-apiserver.yaml", "unverifiable /etc/kubernetes/ssl/apiserver-kubelet-client.crt",
		}},
		{name: "kubeasz", layout: "kubeasz", evidence: units + "kube-lb.service", build: pkitest.Kubeasz, without: map[string]string{"without its group": twoRoles}, dangers: []string{
			"error shared-ca " + units + "kube-apiserver.service", // every client may act as any user
			"warning shared-ca " + units + "etcd.service",         // every kubelet may read and write all of etcd
			"warning key-reuse /etc/kubernetes/ssl/ca-key.pem",    // a new CA (ezctl kca-renew) ends all tokens
		}},
	}
}

// layoutVariants are further healthy nodes of these layouts, which have no other
// faults than those.
func layoutVariants() []layoutNode {
	return []layoutNode{
		{name: "kOps of old", layout: "kops", evidence: "/srv/kubernetes/kube-apiserver", build: pkitest.OldKops, infos: kopsInfos()},
	}
}

func kopsInfos() []string {
	return []string{
		"tls-verify-disabled /etc/kubernetes/manifests/kube-apiserver.manifest",
		"unverifiable /srv/kubernetes/kube-apiserver/kubelet-api.crt",
	}
}

// withoutAPIServer gives the reasons for the faults that cannot be on a worker whose
// kubelet obtains its certificates.
func withoutAPIServer() map[string]string {
	const unverified, rotated = "those who verify the certificates are elsewhere", "the kubelet keeps its certificates behind links"
	return map[string]string{
		"of another CA": unverified, "for another use": unverified, "without the name that is dialled": unverified,
		"missing certificate": rotated, "missing key": rotated, "no PEM": rotated, "empty key": rotated, "certificate writable by all": rotated,
	}
}

// nobodyVerifies is why connections do not fail on nodes without a control plane.
func nobodyVerifies() map[string]string {
	const why = "who verifies what this node presents is on another one, and so is the server that it dials"
	return map[string]string{"of another CA": why, "for another use": why, "without the name that is dialled": why}
}

// Why no certificate of a node needs a group.
const (
	noKubelet = "no kubelet runs here, and administrators may be in any group"
	twoRoles  = "the certificate with a group serves as well: TestKubeletCertificateOfTwoRoles"
)

// also adds one more reason to those of other nodes.
func also(reasons map[string]string, fault, why string) map[string]string {
	reasons[fault] = why
	return reasons
}

// onWorker returns what a worker leaves open, whose API server is on another host: for
// each kubeconfig both its server and its user, and who dials the kubelet.
func onWorker(paths ...string) []string {
	var infos []string
	for _, path := range paths {
		infos = append(infos, "unverifiable "+path)
		if strings.HasSuffix(path, "kubeconfig") {
			infos = append(infos, "unverifiable "+path)
		}
	}
	return infos
}

// A healthy node of each layout is found whole, named, and gives no finding but
// what its facts leave open.
func TestLayoutNodesAreHealthy(t *testing.T) {
	for _, l := range slices.Concat(layoutNodes(), layoutVariants()) {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			s := l.build(made())
			r := run(t, write(t, s), options(t))
			want := slices.Clone(l.dangers)
			for _, info := range l.infos {
				want = append(want, "info "+info)
			}
			checkFindings(t, r, want)
			if r.Node.Layout != l.layout || r.Node.Evidence != l.evidence {
				t.Errorf("layout %q for %q, want %q for %q", r.Node.Layout, r.Node.Evidence, l.layout, l.evidence)
			}
			if r.Coverage.Unreadable > 0 {
				t.Errorf("coverage %+v", r.Coverage)
			}
			checkWhole(t, s, r)
		})
	}
}

// checkWhole compares the certificates and private keys of a report with those
// that the node was built of: all are there, and no others.
func checkWhole(t *testing.T, s *pkitest.Spec, r *Report) {
	t.Helper()
	names := map[string]string{}
	var made, found []string
	for _, c := range s.Certificates {
		names[c.Signed.SerialNumber.String()] = c.Name
		if !isKeyAlone(r, c) {
			made = append(made, c.Name)
		}
		if c.KeyPath != "" && !slices.ContainsFunc(r.Keys, func(k Key) bool { return k.Private && realPath(s, k.Path) == c.KeyPath }) {
			t.Errorf("the key of %s is not in the report", c.Name)
		}
	}
	for _, c := range r.Certificates {
		name := names[c.SerialNumber]
		found = append(found, name)
		if c.Position == 0 && c.Embedded == "" && name != "" && !slices.Contains(append(s.Cert(name).Copies, s.Cert(name).CertPath), realPath(s, c.Path)) && s.Texts[c.Path] == nil {
			t.Errorf("the certificate %s is said to be in %s", name, c.Path)
		}
	}
	slices.Sort(made)
	slices.Sort(found)
	if diff := cmp.Diff(made, slices.Compact(found)); diff != "" {
		t.Errorf("certificates (-made +found):\n%s", diff)
	}
}

// isKeyAlone reports whether of a certificate nothing counts but its public key, which
// tokens of service accounts are verified with.
func isKeyAlone(r *Report, c *pkitest.Certificate) bool {
	isThere := func(x Certificate) bool { return x.SerialNumber == c.Signed.SerialNumber.String() }
	isKey := func(k Key) bool { return !k.Private && k.Path == c.CertPath }
	return slices.ContainsFunc(r.Keys, isKey) && !slices.ContainsFunc(r.Certificates, isThere)
}

// realPath follows the links of a node, those of folders as well.
func realPath(s *pkitest.Spec, path string) string {
	for link, f := range s.Files {
		if rest, below := strings.CutPrefix(path+"/", link+"/"); f.Link != "" && below {
			return realPath(s, filepath.Join(f.Link, rest))
		}
	}
	return path
}

// role is what a certificate of a healthy node is used for.
type role struct {
	name      string // in the Spec
	row       *rules.Requirement
	path, key string       // as in the report; key is empty where there is none
	uses      []Connection // in which it is presented, and verified
	named     bool         // a file of the configuration names it
}

// rolesOf returns the roles of the certificates of a node, in the order of the Spec.
func rolesOf(t *testing.T, l layoutNode) []role {
	t.Helper()
	s := l.build(made())
	o := options(t)
	r := run(t, write(t, s), o)
	tables := o.Tables.For(l.layout)
	var roles []role
	for _, c := range s.Certificates {
		found := roleIn(s, c, r, &tables)
		if found == nil {
			continue // of a CA that is a companion in other files alone
		}
		roles = append(roles, role{
			name: c.Name, row: tables.Requirement(found.Requirement), path: found.Path,
			key: keyOf(r, found.Path), uses: usesOf(r, found.Path), named: found.Source.File != found.Path,
		})
	}
	return roles
}

// roleIn returns what a report has of a certificate: in its own file, if it has one.
func roleIn(s *pkitest.Spec, c *pkitest.Certificate, r *Report, tables *rules.Tables) *Certificate {
	var found *Certificate
	for i := range r.Certificates {
		x := &r.Certificates[i]
		row := tables.Requirement(x.Requirement)
		isIt := x.SerialNumber == c.Signed.SerialNumber.String() && row != nil && row.Is(rules.KindCA) == c.Template.IsCA
		if isIt && (found == nil || realPath(s, found.Path) != c.CertPath) {
			found = x
		}
	}
	return found
}

// keyOf returns the path of the private key of a certificate.
func keyOf(r *Report, path string) string {
	for _, k := range r.Keys {
		if k.Private && k.Certificate == path {
			return k.Path
		}
	}
	return ""
}

// usesOf returns the connections in which the certificate at a path was verified.
func usesOf(r *Report, path string) []Connection {
	var uses []Connection
	for _, c := range r.Connections {
		if c.Presenter.Path == path && c.Status == rules.OK {
			uses = append(uses, c)
		}
	}
	return uses
}

// The fix of a finding speaks the language of the layout.
func TestLayoutFixes(t *testing.T) {
	for name, want := range map[string]string{
		"kubeadm": "kubeadm certs renew apiserver\n", "k0s": "k0s stop && k0s start", "microk8s": "microk8s refresh-certs --cert server.crt",
		"kubespray": "kubeadm certs renew apiserver --cert-dir=/etc/kubernetes/ssl\n",
		"canonical": "k8s refresh-certs --expires-in 1y", "talos": "talosctl --nodes NODE reboot",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(layoutNodes(), func(l layoutNode) bool { return l.name == name })
			s := layoutNodes()[i].build(made())
			ends("apiserver", -day)(s)
			r := run(t, write(t, s), options(t))
			if len(r.Findings) == 0 || r.Findings[0].Check != "expired" || !strings.Contains(r.Findings[0].Fix, want) {
				t.Errorf("%+v, want a fix with %q", r.Findings, want)
			}
		})
	}
}
