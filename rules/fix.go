package rules

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"kube-cert-audit/internal/display"
)

// pkiDocs is where the Kubernetes documents tell how to exchange a CA.
const pkiDocs = "https://kubernetes.io/docs/tasks/tls/manual-rotation-of-ca-certificates/"

// sh quotes a text for a shell where it needs that, in one line: a name with
// characters that are not to be seen is written with escapes, as $'...', so that
// no line of a fix is one that others wrote.
func sh(text string) string {
	if display.Text(text) != text {
		return "$'" + escapeHidden(text) + "'"
	}
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-:=@,+", r)
	}
	if text != "" && strings.IndexFunc(text, func(r rune) bool { return !safe(r) }) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// WithFile writes a path into a command that has FILE in its place.
func WithFile(command, path string) string { return strings.ReplaceAll(command, "FILE", sh(path)) }

// escapeHidden writes the characters that are not to be seen as escapes of bash.
func escapeHidden(text string) string {
	var b strings.Builder
	for _, char := range strings.Split(text, "") {
		switch {
		case char == "'" || char == `\`:
			b.WriteString(`\` + char)
		case display.Text(char) == char:
			b.WriteString(char)
		default:
			for i := range len(char) {
				fmt.Fprintf(&b, `\x%02x`, char[i])
			}
		}
	}
	return b.String()
}

// remark writes foreign text into a comment of a fix: what follows a line end
// there would be a command.
func remark(text string) string { return display.Text(text) }

func base(file string) string { return path.Base(file) }

func parent(file string) string { return path.Dir(file) }

// lines joins the parts of a fix that are not empty.
func lines(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "\n")
}

// restart returns how a component is restarted on this node; empty where there
// is nothing to restart.
func (s *Subject) restart(component string) string {
	commands := s.Layout.restart(component)
	switch {
	case component == "", component == "kubectl":
		return ""
	case commands != "":
		return commands
	case component == "kubelet":
		return "systemctl restart kubelet"
	}
	c := s.Components[component]
	if c == nil || c.Manifest == "" {
		return "# then restart " + component
	}
	if unit := UnitOf(c.Manifest); unit != "" {
		return "systemctl restart " + sh(unit)
	}
	m, away := sh(c.Manifest), sh("/root/"+base(c.Manifest))
	return fmt.Sprintf("mv %s /root/ && sleep 20 && mv %s %s    # restarts %s", m, away, m, component)
}

// UnitOf returns the unit that a file of systemd belongs to, itself or as a
// drop-in; empty for any other file.
func UnitOf(file string) string {
	for _, name := range []string{base(file), strings.TrimSuffix(base(parent(file)), ".d")} {
		if stem, isService := strings.CutSuffix(name, ".service"); isService {
			return stem
		}
	}
	return ""
}

// restartFor returns how the component that uses a certificate is restarted. One
// that no argument names is read by people and probes, each time anew.
func (s *Subject) restartFor(c *Certificate) string {
	if len(c.Row.Named)+len(c.Row.Kubeconfig.Readers) == 0 {
		return ""
	}
	return s.restart(c.Component)
}

// renew returns how a certificate is issued again with the same names.
func (s *Subject) renew(c *Certificate) string {
	commands := s.Layout.renewal(c.Row)
	switch {
	case c.Role == Authority && commands == "":
		return s.replaceCA(c)
	case c.Role == Companion:
		return "# put the present certificate of the CA in its place in " + remark(c.Path)
	case c.Row == nil: // nothing says what it is for
		return s.signByHand(c, nil)
	case commands != "":
		return commands
	case c.Row.Rotated == rotateClient:
		return s.renewKubelet(c)
	case c.Row.Rotated != "":
		return "systemctl restart kubelet    # it then asks for a new serving certificate\n" +
			"kubectl get csr    # and kubectl certificate approve NAME, where nothing approves them"
	case isSelfMade(c):
		return fmt.Sprintf("rm %s %s    # %s makes new ones as it starts\n%s", sh(c.Path), sh(c.KeyPath), c.Component, s.restart(c.Component))
	case s.madeByKubeadm(c):
		return lines("kubeadm certs renew "+c.Row.Kubeadm+s.certDirFlag(), s.restartFor(c))
	case s.Layout.Kubeadm && c.Path == rootKubeconfig && c.Certificate != nil && c.Subject.CommonName == "kubernetes-admin":
		return lines("kubeadm certs renew admin.conf    # the same user",
			"# then, if "+remark(c.Path)+" holds no other cluster:", "cp /etc/kubernetes/admin.conf "+sh(c.Path))
	}
	return s.signByHand(c, nil)
}

// The kubelet's argument by which it renews its client certificate, and where
// root's kubectl looks for its kubeconfig.
const (
	rotateClient   = "--rotate-certificates"
	rootKubeconfig = "/root/.kube/config"
)

// isSelfMade reports whether a component made its serving certificate itself: it
// lies where the component keeps such a one, and no CA signed it.
func isSelfMade(c *Certificate) bool {
	isDefault := c.Row != nil && c.Row.SelfMade && c.Source.Argument == ""
	return isDefault && (c.CA == nil || c.CA.Role == Companion || c.CA.Equal(c.Certificate))
}

// renewKubelet follows "kubelet client certificate rotation fails" in the
// kubeadm documents.
func (s *Subject) renewKubelet(c *Certificate) string {
	node := s.Name
	if node == "" {
		node = "NODE"
	}
	conf := "/etc/kubernetes/kubelet.conf"
	if strings.HasSuffix(c.Source.File, ".conf") {
		conf = c.Source.File
	}
	return lines(
		"# on a control-plane node that has the key of the cluster CA:",
		fmt.Sprintf("(umask 077; kubeadm kubeconfig user --org system:nodes --client-name %s > /root/kubelet.conf)", sh("system:node:"+node)),
		"# on this node, with that file copied to /root, and with the server of the old one in it:",
		fmt.Sprintf("grep server: %s /root/kubelet.conf", sh(conf)),
		fmt.Sprintf("mv %s /root/kubelet.conf.old; mv /var/lib/kubelet/pki/kubelet-client* /root/", sh(conf)),
		fmt.Sprintf("install -m 0600 /root/kubelet.conf %s && systemctl restart kubelet", sh(conf)),
		"# when kubelet-client-current.pem is there again, name it in "+remark(conf)+" as client-certificate and client-key",
	)
}

// reissue returns how a certificate is made anew, with the names that its role
// asks for: a renewal by kubeadm would copy the present ones.
func (s *Subject) reissue(c *Certificate) string {
	if c.Role != Leaf || !s.madeByKubeadm(c) {
		return s.renew(c)
	}
	return s.initByKubeadm(c, nil)
}

// addHosts returns how a certificate is issued with more names.
func (s *Subject) addHosts(c *Certificate, missing []string) string {
	switch {
	case s.Layout.Hosts != "" && s.Layout.renewal(c.Row) != "":
		return lines(strings.ReplaceAll(strings.TrimSpace(s.Layout.Hosts), "NAMES", remark(strings.Join(missing, ","))), s.renew(c))
	case c.Row.Rotated != "" || isSelfMade(c):
		return s.renew(c)
	case s.madeByKubeadm(c):
		return lines(s.initByKubeadm(c, missing), s.rememberNames(c, missing))
	}
	return s.signByHand(c, nil, missing...)
}

// resign returns how a certificate of the wrong authority is replaced.
func (s *Subject) resign(c *Connection) string {
	again := s.renew(c.Leaf)
	if s.Layout.renewal(c.Leaf.Row) == "" && c.Leaf.Row.Rotated == "" && !isSelfMade(c.Leaf) && !s.madeByKubeadm(c.Leaf) && len(c.Roots) > 0 {
		again = s.signByHand(c.Leaf, c.Roots[0])
	}
	return lines("# does "+remark(c.Verifier.Path)+" hold the right CA? then issue the certificate again, signed by that:", again)
}

// rightCA returns how the reader of a wrong CA file is given the right one.
func (s *Subject) rightCA(c *Connection) string {
	ca := c.Leaf.CA
	if ca == nil || ca.Embedded != "" {
		return lines(
			fmt.Sprintf("# is %s the CA that it should be? compare it with that of another control-plane node, or a backup:", remark(c.Verifier.Path)),
			fmt.Sprintf("openssl x509 -in %s -noout -subject -dates -fingerprint -sha256", sh(c.Verifier.Path)))
	}
	if !c.Row.Verifier.Kubeconfig {
		where := fmt.Sprintf("%s: %s=", s.manifest(c.Verifier.Component), c.Row.Verifier.CA)
		if source := c.Verifier.Source; source.Argument != "" && !strings.HasPrefix(source.Argument, "--") {
			where = fmt.Sprintf("%s: %s: ", remark(source.File), remark(source.Argument))
		}
		return lines("# in "+where+remark(ca.Path), s.restart(c.Verifier.Component))
	}
	cluster, _, _ := strings.Cut(strings.TrimPrefix(c.Verifier.Source.Argument, "clusters["), "]")
	return lines(
		fmt.Sprintf("kubectl config set-cluster %s --certificate-authority=%s --embed-certs --kubeconfig %s", sh(cluster), sh(ca.Path), sh(c.Verifier.Path)),
		s.restart(c.Verifier.Component))
}

// replaceCA returns what to do about an authority that ends: no tool renews one.
func (s *Subject) replaceCA(c *Certificate) string {
	if c.Of > 1 && len(c.Dependents) == 0 && len(s.failingFor(c)) == 0 {
		return fmt.Sprintf("# take certificate %d (%s) out of %s", c.Position+1, remark(name(c.Certificate)), remark(c.Path))
	}
	if c.KeyPath == "" || c.Position > 0 {
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
	case f.Row.Rotated != "", s.Layout.renewal(f.Row) != "":
		return s.renew(c)
	case f.Key && f.Embedded == "" && s.madeByKubeadm(c):
		return s.renew(c) // which makes a new key, and keeps the names of the certificate
	case s.madeByKubeadm(c):
		return s.initByKubeadm(c, nil)
	case f.Row.Is(KindCA), f.Row.Path.VerificationKey != "":
		return lines(fmt.Sprintf("ls -l %s", sh(s.Path)), "# restore the file from a backup or from another control-plane node, which has the same one")
	}
	return lines(fmt.Sprintf("ls -l %s", sh(s.Path)), "# restore the file from a backup, or issue the certificate again")
}

// keyBeside and certificateBeside return where the other half of a pair usually
// is: openssl's users and kubeadm write NAME.crt and NAME.key, those of cfssl
// NAME.pem and NAME-key.pem.
func keyBeside(file string) string {
	if stem, isPEM := strings.CutSuffix(file, ".pem"); isPEM {
		return stem + "-key.pem"
	}
	return strings.TrimSuffix(file, ".crt") + ".key"
}

func certificateBeside(file string) string {
	if stem, isPEM := strings.CutSuffix(file, "-key.pem"); isPEM {
		return stem + ".pem"
	}
	return strings.TrimSuffix(file, ".key") + ".crt"
}

// newTokenKey returns how a key of service-account tokens is exchanged.
func (s *Subject) newTokenKey(k *Key) string {
	private, public := s.PKI+"/sa.key", s.PKI+"/sa.pub"
	if !s.Layout.Kubeadm || k.Path != private && k.Path != public {
		return lines(
			"(umask 077; openssl genrsa -out /root/sa.key 2048) && openssl rsa -in /root/sa.key -pubout -out /root/sa.pub",
			"# put both in place on every control-plane node, and sa.pub in a further --service-account-key-file of kube-apiserver, then",
			"# sa.key in its --service-account-signing-key-file and in --service-account-private-key-file of kube-controller-manager;",
			"# take the old --service-account-key-file away when the old tokens have ended")
	}
	return lines(
		"# make a new pair, and let the API server verify with both until the old tokens have ended:",
		fmt.Sprintf("(umask 077; openssl genrsa -out /root/sa.key 2048) && openssl rsa -in /root/sa.key -pubout >> %s", sh(public)),
		"# then put the key in place on every control-plane node, and restart kube-apiserver and kube-controller-manager")
}

// manifest returns where the arguments of a component are written.
func (s *Subject) manifest(component string) string {
	switch c := s.Components[component]; {
	case c != nil && c.ConfigFile != "":
		return remark(c.ConfigFile)
	case c != nil && c.Manifest != "":
		return remark(c.Manifest)
	}
	return "the arguments of " + shownComponent(component)
}
