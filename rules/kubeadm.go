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
// there, with the names that the present one lacks. It refuses where one half of a
// pair is left.
func (s *Subject) initByKubeadm(c *Certificate) Fix {
	phase, isConf := strings.CutSuffix(c.Row.Kubeadm, ".conf")
	if isConf {
		return steps(
			step(PhaseIssue, []string{c.Path}, takeAway(c.Certificate != nil, sh(c.Path)),
				"kubeadm init phase kubeconfig "+phase+s.versionFlag()+s.certDirFlag()+s.endpointFlags()+s.portFlag()),
			s.restartFor(c))
	}
	config, flags := "", s.versionFlag()+s.certDirFlag()
	switch isServer := c.Row.Is(KindServer); {
	case isServer && c.Row.Parent == "etcd-ca":
		config, flags = s.etcdConfig(c), " --config /root/kubeadm.yaml"
	case isServer:
		flags += s.endpointFlags() + s.serverFlags(c)
	}
	return steps(
		step(PhaseIssue, filesOf(c), config, takeAway(c.Certificate != nil, sh(c.Path), sh(keyOf(c))), "kubeadm init phase certs "+phase+flags),
		s.restartFor(c))
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
func (s *Subject) serverFlags(c *Certificate) string {
	flags := ""
	if s.ServiceRange != "" {
		flags += " --service-cidr=" + sh(s.ServiceRange)
	}
	if s.DNSDomain != "" {
		flags += " --service-dns-domain=" + sh(s.DNSDomain)
	}
	if extra := s.extraNames(c); len(extra) > 0 {
		flags += " --apiserver-cert-extra-sans=" + sh(strings.Join(extra, ","))
	}
	return flags
}

// extraNames returns the names of a certificate, and those that it lacks, beyond what
// kubeadm adds by itself. The name of the node is among them: without the cluster's
// configuration kubeadm takes the host's.
func (s *Subject) extraNames(c *Certificate) []string {
	if c.Certificate == nil { // it could not be read
		return nil
	}
	var extra []string
	endpoint, _, _ := net.SplitHostPort(s.Endpoint)
	for _, n := range append(altNames(c.Certificate), s.missingHosts(c)...) {
		isOwn := n == "kubernetes" || n == endpoint || n == s.AdvertiseAddress ||
			strings.HasPrefix(n, "kubernetes.default") || slices.Contains(c.Hosts, n)
		if !isOwn && !slices.Contains(extra, n) {
			extra = append(extra, n)
		}
	}
	return extra
}

// rememberNames tells where kubeadm keeps additional names for the next time.
func (s *Subject) rememberNames(c *Certificate) Fix {
	extra := s.extraNames(c)
	missing := slices.DeleteFunc(s.missingHosts(c), func(n string) bool { return !slices.Contains(extra, n) })
	if c.Row.Parent == "etcd-ca" || len(missing) == 0 {
		return nil
	}
	return step(PhaseAfter, nil, fmt.Sprintf("# and add %s to apiServer.certSANs: kubectl -n kube-system edit cm kubeadm-config", remark(list(missing))))
}

// etcdConfig returns how the configuration is written from which kubeadm takes
// the names of etcd's certificates: for these it has no flags.
func (s *Subject) etcdConfig(c *Certificate) string {
	var extra []string
	for _, n := range s.extraNames(c) {
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
