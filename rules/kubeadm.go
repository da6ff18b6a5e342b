package rules

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
)

// kubeadmPKI is where kubeadm keeps certificates unless it is told otherwise.
const kubeadmPKI = "/etc/kubernetes/pki"

// madeByKubeadm reports whether kubeadm can make a certificate again on this
// node: it made it, keeps it here, and finds the key of the authority.
func (s *Subject) madeByKubeadm(c *Certificate) bool {
	if !s.Layout.Kubeadm || c.Row == nil || c.Row.Kubeadm == "" || !s.hasKeyOf(c.Row.Parent) {
		return false
	}
	if c.Embedded != "" {
		return slices.Contains(c.Row.Kubeconfig.Paths, c.Path)
	}
	return c.Path == strings.Replace(c.Row.Path.Certificate, "<pki>", s.PKI, 1) ||
		slices.Contains(c.Row.Kubeconfig.Paths, c.Path)
}

// hasKeyOf reports whether the key of an authority is on this node.
func (s *Subject) hasKeyOf(row string) bool {
	return slices.ContainsFunc(s.Authorities, func(a *Certificate) bool {
		return a.Row.Name == row && a.Embedded == "" && a.KeyPath != ""
	})
}

// initByKubeadm returns how kubeadm makes a certificate or kubeconfig that is not
// there, with more names. It refuses where one half of a pair is left.
func (s *Subject) initByKubeadm(c *Certificate, more []string) string {
	phase, isConf := strings.CutSuffix(c.Row.Kubeadm, ".conf")
	if isConf {
		return lines(
			fmt.Sprintf("mv %s /root/", sh(c.Path)),
			"kubeadm init phase kubeconfig "+phase+s.versionFlag()+s.certDirFlag()+s.endpointFlags()+s.portFlag(),
			s.restartFor(c))
	}
	away := fmt.Sprintf("mv %s %s /root/", sh(c.Path), sh(keyOf(c)))
	if c.Row.Parent == "etcd-ca" && c.Row.Is(KindServer) {
		return lines(s.etcdConfig(c, more), away,
			"kubeadm init phase certs "+phase+" --config /root/kubeadm.yaml", s.restartFor(c))
	}
	flags := s.versionFlag() + s.certDirFlag()
	if c.Row.Is(KindServer) {
		flags += s.endpointFlags() + s.serverFlags(c, more)
	}
	return lines(away, "kubeadm init phase certs "+phase+flags, s.restartFor(c))
}

// versionFlag returns the flag without which kubeadm asks the network for the
// newest version, and waits where there is none.
func (s *Subject) versionFlag() string {
	if s.Version == "" {
		return ""
	}
	return " --kubernetes-version=" + sh(s.Version)
}

func (s *Subject) certDirFlag() string {
	if s.PKI == kubeadmPKI {
		return ""
	}
	return " --cert-dir=" + sh(s.PKI)
}

// endpointFlags returns the flags from which kubeadm takes the addresses of the
// API server.
func (s *Subject) endpointFlags() string {
	flags := ""
	if s.AdvertiseAddress != "" {
		flags += " --apiserver-advertise-address=" + sh(s.AdvertiseAddress)
	}
	if s.Endpoint != "" {
		flags += " --control-plane-endpoint=" + sh(s.Endpoint)
	}
	return flags
}

// portFlag returns the flag for a port of the API server other than kubeadm's.
func (s *Subject) portFlag() string {
	if s.Port == "" || s.Port == "6443" {
		return ""
	}
	return " --apiserver-bind-port=" + sh(s.Port)
}

// serverFlags returns the flags from which kubeadm takes the names of the API
// server's certificate.
func (s *Subject) serverFlags(c *Certificate, more []string) string {
	flags := ""
	if s.ServiceRange != "" {
		flags += " --service-cidr=" + sh(s.ServiceRange)
	}
	if s.DNSDomain != "" {
		flags += " --service-dns-domain=" + sh(s.DNSDomain)
	}
	if extra := s.extraNames(c, more); len(extra) > 0 {
		flags += " --apiserver-cert-extra-sans=" + sh(strings.Join(extra, ","))
	}
	return flags
}

// extraNames returns the names of a certificate beyond those that kubeadm adds
// by itself, so that a new one does not lose them, and more. The name of the node
// is among them: without the cluster's configuration kubeadm takes the host's.
func (s *Subject) extraNames(c *Certificate, more []string) []string {
	if c.Certificate == nil { // it could not be read
		return more
	}
	var extra []string
	endpoint, _, _ := net.SplitHostPort(s.Endpoint)
	for _, n := range append(altNames(c.Certificate), more...) {
		isOwn := n == "kubernetes" || n == endpoint || n == s.AdvertiseAddress ||
			strings.HasPrefix(n, "kubernetes.default") || slices.Contains(c.Hosts, n)
		if !isOwn && !slices.Contains(extra, n) {
			extra = append(extra, n)
		}
	}
	return extra
}

// rememberNames tells where kubeadm keeps additional names for the next time.
func (s *Subject) rememberNames(c *Certificate, missing []string) string {
	missing = slices.DeleteFunc(slices.Clone(missing), func(n string) bool { return !slices.Contains(s.extraNames(c, missing), n) })
	if c.Row.Parent == "etcd-ca" || len(missing) == 0 {
		return ""
	}
	return fmt.Sprintf("# and add %s to apiServer.certSANs: kubectl -n kube-system edit cm kubeadm-config", remark(list(missing)))
}

// etcdConfig returns how the configuration is written from which kubeadm takes
// the names of etcd's certificates: for these it has no flags.
func (s *Subject) etcdConfig(c *Certificate, more []string) string {
	var extra []string
	for _, n := range s.extraNames(c, more) {
		if !slices.Contains([]string{s.Name, "localhost", "127.0.0.1", "::1", s.AdvertiseAddress}, n) {
			extra = append(extra, strconv.Quote(n))
		}
	}
	field := strings.TrimPrefix(c.Row.Kubeadm, "etcd-") + "CertSANs"
	config := []string{
		"apiVersion: " + s.kubeadmAPI(), "kind: InitConfiguration",
		"localAPIEndpoint: {advertiseAddress: " + strconv.Quote(s.AdvertiseAddress) + "}",
		"nodeRegistration: {name: " + strconv.Quote(s.Name) + "}",
		"---",
		"apiVersion: " + s.kubeadmAPI(), "kind: ClusterConfiguration",
		"kubernetesVersion: " + strconv.Quote(s.Version),
		"certificatesDir: " + strconv.Quote(s.PKI),
		"etcd: {local: {" + field + ": [" + strings.Join(extra, ", ") + "]}}",
	}
	for i, line := range config {
		config[i] = sh(line)
	}
	return `printf '%s\n' ` + strings.Join(config, " ") + " > /root/kubeadm.yaml" // a here-document does not bear indenting
}

// kubeadmAPI returns the version of kubeadm's configuration that goes with the
// version of the node: v1beta4 came with 1.31.
func (s *Subject) kubeadmAPI() string {
	parts := strings.Split(s.Version, ".")
	if len(parts) > 1 {
		if minor, err := strconv.Atoi(parts[1]); err == nil && minor < 31 {
			return "kubeadm.k8s.io/v1beta3"
		}
	}
	return "kubeadm.k8s.io/v1beta4"
}
