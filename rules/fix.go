package rules

import (
	"crypto/x509"
	"fmt"
	"net"
	"path"
	"slices"
	"strings"
)

// Layouts of nodes, as far as the way to mend them differs.
const layoutKubeadm = "kubeadm"

// pkiDocs is where the Kubernetes documents tell how to exchange a CA.
const pkiDocs = "https://kubernetes.io/docs/tasks/tls/manual-rotation-of-ca-certificates/"

// sh quotes a text for a shell where it needs that.
func sh(text string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-:=@,+", r)
	}
	if text != "" && strings.IndexFunc(text, func(r rune) bool { return !safe(r) }) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

func base(file string) string { return path.Base(file) }

func parent(file string) string { return path.Dir(file) }

// restart returns how a component is restarted on this node; empty where there
// is nothing to restart.
func (s *Subject) restart(component string) string {
	switch component {
	case "", "kubectl":
		return ""
	case "kubelet":
		return "systemctl restart kubelet"
	}
	c := s.Components[component]
	if c == nil || c.Manifest == "" {
		return "# then restart " + component
	}
	m, away := sh(c.Manifest), sh("/root/"+base(c.Manifest))
	return fmt.Sprintf("mv %s /root/ && sleep 20 && mv %s %s    # restarts %s", m, away, m, component)
}

// lines joins the parts of a fix that are not empty.
func lines(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "\n")
}

// renew returns how a certificate is issued again with the same names.
func (s *Subject) renew(c *Certificate) string {
	switch {
	case c.Role == Authority:
		return s.replaceCA(c)
	case c.Role == Companion:
		return "# put the present certificate of the CA in its place"
	case c.Row != nil && c.Row.Name == "kubelet":
		return s.renewKubelet(c)
	case c.Row != nil && c.Row.Name == "kubelet-server" && (c.CA == nil || c.CA.Role == Companion):
		return fmt.Sprintf("rm %s %s    # the kubelet makes new ones as it starts\nsystemctl restart kubelet", sh(c.Path), sh(c.KeyPath))
	case c.Row != nil && strings.HasPrefix(c.Row.Name, "kubelet-server"):
		return "systemctl restart kubelet    # it then asks for a new serving certificate\n" +
			"kubectl get csr    # and kubectl certificate approve NAME, where nothing approves them"
	case s.Layout == layoutKubeadm && c.Row != nil && c.Row.Kubeadm != "" && s.isKubeadmPath(c):
		return lines("kubeadm certs renew "+c.Row.Kubeadm, s.restart(c.Component))
	case c.Row != nil && c.Row.Name == "kubeconfig-user":
		return fmt.Sprintf("cp /etc/kubernetes/admin.conf %s    # which kubeadm certs renew admin.conf renews", sh(c.Path))
	}
	return s.signByHand(c)
}

// isKubeadmPath reports whether a certificate lies where kubeadm looks for it.
func (s *Subject) isKubeadmPath(c *Certificate) bool {
	if c.Embedded != "" {
		return slices.Contains(c.Row.Kubeconfig.Paths, c.Path)
	}
	return c.Path == strings.Replace(c.Row.Path.Certificate, "<pki>", "/etc/kubernetes/pki", 1)
}

// renewKubelet follows "kubelet client certificate rotation fails" in the
// kubeadm documents.
func (s *Subject) renewKubelet(c *Certificate) string {
	node := s.Name
	if node == "" {
		node = "NODE"
	}
	conf := "/etc/kubernetes/kubelet.conf"
	if c.Source.File != "" && strings.HasSuffix(c.Source.File, ".conf") {
		conf = c.Source.File
	}
	return lines(
		"# on a control-plane node that has the key of the cluster CA:",
		fmt.Sprintf("(umask 077; kubeadm kubeconfig user --org system:nodes --client-name %s > /root/kubelet.conf)", sh("system:node:"+node)),
		"# on this node, with that file copied to /root, and with the server of the old one in it:",
		fmt.Sprintf("grep server: %s /root/kubelet.conf", sh(conf)),
		fmt.Sprintf("mv %s /root/kubelet.conf.old; mv /var/lib/kubelet/pki/kubelet-client* /root/", sh(conf)),
		fmt.Sprintf("install -m 0600 /root/kubelet.conf %s && systemctl restart kubelet", sh(conf)),
		"# when kubelet-client-current.pem is there again, name it in "+conf+" as client-certificate and client-key",
	)
}

// reissue returns how a certificate is made anew, with the names that its role
// asks for: a renewal would copy the present ones.
func (s *Subject) reissue(c *Certificate) string {
	if s.Layout != layoutKubeadm || c.Row == nil || c.Row.Kubeadm == "" || c.Role != Leaf || !s.isKubeadmPath(c) {
		return s.renew(c)
	}
	if name, isConf := strings.CutSuffix(c.Row.Kubeadm, ".conf"); isConf {
		return lines(
			fmt.Sprintf("mv %s /root/", sh(c.Path)),
			"kubeadm init phase kubeconfig "+name+s.versionFlag()+s.endpointFlags(),
			s.restart(c.Component))
	}
	return lines(
		fmt.Sprintf("mv %s %s /root/", sh(c.Path), sh(c.KeyPath)),
		s.initCert(c, nil),
		s.restart(c.Component))
}

// endpointFlags returns the flags from which kubeadm writes the server of a kubeconfig.
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

// versionFlag returns the flag without which kubeadm asks the network for the
// newest version, and waits where there is none.
func (s *Subject) versionFlag() string {
	if s.Version == "" {
		return ""
	}
	return " --kubernetes-version=" + sh(s.Version)
}

// initCert returns the command that makes a certificate that is not there.
func (s *Subject) initCert(c *Certificate, more []string) string {
	return "kubeadm init phase certs " + c.Row.Kubeadm + s.certFlags(c, more)
}

// certFlags returns the flags from which kubeadm takes the names of a certificate, with more names added.
func (s *Subject) certFlags(c *Certificate, more []string) string {
	if c.Row.Kubeadm != "apiserver" {
		if strings.HasPrefix(c.Row.Kubeadm, "etcd-") && c.Row.Is(KindServer) {
			return " --config kubeadm.yaml    # the cluster's: kubectl -n kube-system get cm kubeadm-config -o yaml"
		}
		return s.versionFlag()
	}
	flags := s.versionFlag() + s.endpointFlags()
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

// addHosts returns how a certificate is issued with more names.
func (s *Subject) addHosts(c *Certificate, missing []string) string {
	if s.Layout == layoutKubeadm && c.Row != nil && c.Row.Kubeadm != "" && s.isKubeadmPath(c) {
		return lines(
			fmt.Sprintf("mv %s %s /root/", sh(c.Path), sh(c.KeyPath)),
			s.initCert(c, missing),
			s.restart(c.Component),
			s.rememberNames(c, missing))
	}
	if c.Row != nil && strings.HasPrefix(c.Row.Name, "kubelet-server") {
		return s.renew(c)
	}
	return s.signByHand(c, missing...)
}

// rememberNames tells where kubeadm keeps additional names for the next time.
func (s *Subject) rememberNames(c *Certificate, missing []string) string {
	missing = slices.DeleteFunc(slices.Clone(missing), func(n string) bool { return !slices.Contains(s.extraNames(c, missing), n) })
	if c.Row.Kubeadm != "apiserver" || len(missing) == 0 {
		return ""
	}
	return fmt.Sprintf("# and add %s to apiServer.certSANs: kubectl -n kube-system edit cm kubeadm-config", list(missing))
}

// resign returns how a certificate of the wrong authority is replaced.
func (s *Subject) resign(c *Connection) string {
	return lines("# does "+c.Verifier.Path+" hold the right CA? then issue the certificate again, signed by that:", s.renew(c.Leaf))
}

// rightCA returns how the reader of a wrong CA file is given the right one.
func (s *Subject) rightCA(c *Connection) string {
	right := "the CA that signed " + c.Presenter.Path
	if c.Leaf.CA != nil {
		right = place(c.Leaf.CA)
	}
	if !c.Row.Verifier.Kubeconfig {
		return lines(fmt.Sprintf("# in %s: %s=%s", s.manifest(c.Verifier.Component), c.Row.Verifier.CA, right), s.restart(c.Verifier.Component))
	}
	phase, isConf := strings.CutSuffix(base(c.Verifier.Path), ".conf")
	if s.Layout == layoutKubeadm && isConf && parent(c.Verifier.Path) == "/etc/kubernetes" {
		return lines(fmt.Sprintf("mv %s /root/", sh(c.Verifier.Path)), "kubeadm init phase kubeconfig "+phase+s.versionFlag()+s.endpointFlags(), s.restart(c.Verifier.Component))
	}
	return lines(
		fmt.Sprintf("kubectl config view --kubeconfig %s    # which cluster is it?", sh(c.Verifier.Path)),
		fmt.Sprintf("kubectl config set-cluster CLUSTER --certificate-authority=%s --embed-certs --kubeconfig %s", sh(right), sh(c.Verifier.Path)))
}

// signByHand returns the commands for an authority that is kept by hand.
func (s *Subject) signByHand(c *Certificate, more ...string) string {
	ca, caKey := "CA.crt", "CA.key"
	if c.CA != nil && c.CA.Path != "" {
		ca = c.CA.Path
		if c.CA.KeyPath != "" {
			caKey = c.CA.KeyPath
		}
	}
	if c.Embedded != "" {
		return lines("# issue a new client certificate with the same subject from "+ca+", then:",
			fmt.Sprintf("kubectl config set-credentials USER --client-certificate=NEW.crt --client-key=NEW.key --embed-certs --kubeconfig %s", sh(c.Path)),
			s.restart(c.Component))
	}
	csr := sh("/root/" + base(c.Path) + ".csr")
	request := fmt.Sprintf("openssl x509 -x509toreq -copy_extensions copyall -in %s -signkey %s -out %s", sh(c.Path), sh(c.KeyPath), csr)
	if names := opensslNames(c.Certificate, more); len(more) > 0 {
		request = fmt.Sprintf("openssl req -new -key %s -subj %s -addext %s -out %s", sh(c.KeyPath), sh(opensslSubject(c)), sh("subjectAltName="+names), csr)
	}
	return lines(request,
		fmt.Sprintf("openssl x509 -req -copy_extensions copyall -days 365 -in %s -CA %s -CAkey %s -CAcreateserial -out %s", csr, sh(ca), sh(caKey), sh(c.Path)),
		s.restart(c.Component))
}

func opensslNames(c *x509.Certificate, more []string) string {
	var names []string
	for _, n := range append(altNames(c), more...) {
		if net.ParseIP(n) != nil {
			names = append(names, "IP:"+n)
		} else {
			names = append(names, "DNS:"+n)
		}
	}
	return strings.Join(names, ",")
}

func opensslSubject(c *Certificate) string {
	subject := "/CN=" + c.Subject.CommonName
	for _, o := range c.Subject.Organization {
		subject += "/O=" + o
	}
	return subject
}

// replaceCA returns what to do about an authority that ends: no tool renews one.
func (s *Subject) replaceCA(c *Certificate) string {
	if c.Of > 1 && len(c.Dependents) == 0 {
		return fmt.Sprintf("# take certificate %d (%s) out of %s", c.Position+1, name(c.Certificate), c.Path)
	}
	if c.KeyPath == "" {
		return lines("# no tool renews a CA. Replace it step by step, with both CAs trusted for a time:", "# "+pkiDocs)
	}
	return lines(
		"# no tool renews a CA. Sign it again with its own key, so that all that it signed stays valid:",
		fmt.Sprintf("openssl x509 -in %s -signkey %s -days 3650 -set_serial 0x$(openssl rand -hex 8) -out %s", sh(c.Path), sh(c.KeyPath), sh("/root/"+base(c.Path))),
		"# then put it in the place of every copy, kubeconfigs and other nodes included: kube-cert-audit explain expired")
}

// restoreCA returns what to do about a file that does not hold the CA that it should.
func (s *Subject) restoreCA(c *Certificate) string {
	return lines(
		fmt.Sprintf("openssl x509 -in %s -noout -text    # is this the CA that it should be?", sh(c.Path)),
		"# restore the file from a backup or from another control-plane node, which has the same one")
}

// remake returns how a file that cannot be used is made again.
func (s *Subject) remake(f *File) string {
	if f.Row == nil {
		return lines(fmt.Sprintf("ls -l %s", sh(s.Path)), "# restore the file from a backup, or correct it")
	}
	c := &Certificate{Row: f.Row, Place: s.Place, Role: Leaf, Embedded: f.Embedded, KeyPath: keyBeside(s.Path)}
	if f.Key {
		c.Path, c.KeyPath = certificateBeside(s.Path), s.Path
	}
	switch {
	case f.Row.Name == "kubelet":
		return s.renewKubelet(c)
	case s.Layout == layoutKubeadm && f.Row.Kubeadm != "" && s.isKubeadmPath(c):
		return s.reissue(c)
	case f.Row.Is(KindCA), f.Row.Path.VerificationKey != "":
		return lines(fmt.Sprintf("ls -l %s", sh(s.Path)), "# restore the file from a backup or from another control-plane node, which has the same one")
	}
	return lines(fmt.Sprintf("ls -l %s", sh(s.Path)), "# restore the file from a backup, or issue the certificate again")
}

// keyBeside and certificateBeside return where the other half of a pair usually is.
func keyBeside(file string) string { return strings.TrimSuffix(file, ".crt") + ".key" }

func certificateBeside(file string) string { return strings.TrimSuffix(file, ".key") + ".crt" }

// newTokenKey returns how a key of service-account tokens is exchanged.
func (s *Subject) newTokenKey(k *Key) string {
	return lines(
		"# make a new pair, and let the API server verify with both until the old tokens have ended:",
		fmt.Sprintf("openssl genrsa -out /root/sa.key 2048 && openssl rsa -in /root/sa.key -pubout >> %s", sh(strings.TrimSuffix(k.Path, ".key")+".pub")),
		"# then put the key in place on every control-plane node, and restart kube-apiserver and kube-controller-manager")
}

// manifest returns where the arguments of a component are written.
func (s *Subject) manifest(component string) string {
	if c := s.Components[component]; c != nil && c.Manifest != "" {
		return c.Manifest
	}
	return "the arguments of " + shownComponent(component)
}
