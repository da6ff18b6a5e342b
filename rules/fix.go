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

// Word quotes a text for a shell, so that it is one word in one line.
func Word(text string) string { return sh(text) }

// WithFile writes a path into a command that has FILE in its place.
func WithFile(command, path string) string { return strings.ReplaceAll(command, "FILE", sh(path)) }

// escapeHidden writes the characters that are not to be seen as escapes of bash, and
// so the quote: to a shell that does not know $'...', \' would end the word.
func escapeHidden(text string) string {
	var b strings.Builder
	for _, char := range strings.Split(text, "") {
		if display.Text(char) == char && char != "'" && char != `\` {
			b.WriteString(char)
			continue
		}
		for i := range len(char) {
			fmt.Fprintf(&b, `\x%02x`, char[i])
		}
	}
	return b.String()
}

// remark writes foreign text into a comment of a fix: what follows a line end
// there would be a command.
func remark(text string) string { return display.Text(text) }

func base(file string) string { return path.Base(file) }

func parent(file string) string { return path.Dir(file) }

// restart returns how a component is restarted on this node; nil where there is
// nothing to restart.
func (s *Subject) restart(component string) Fix {
	c := s.Components[component]
	switch {
	case component == "", component == "kubectl":
		return nil
	case s.Layout.restarts(component):
		return s.Layout.restart(component)
	case component == "kubelet":
		return restarting(component, "systemctl restart kubelet")
	case c == nil || c.Manifest == "":
		return restarting(component, "# then restart "+component)
	}
	if unit := UnitOf(c.Manifest); unit != "" {
		return restarting(component, "systemctl restart "+sh(unit))
	}
	m, away := sh(c.Manifest), sh("/root/"+base(c.Manifest))
	return restarting(component, fmt.Sprintf("mv %s /root/ && sleep 20 && mv %s %s    # restarts %s", m, away, m, component)).of(c.Manifest)
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
func (s *Subject) restartFor(c *Certificate) Fix {
	if len(c.Row.Named)+len(c.Row.Kubeconfig.Readers) == 0 {
		return nil
	}
	return s.restart(c.Component)
}

// renew returns how a certificate is issued again with the same names.
func (s *Subject) renew(c *Certificate) Fix {
	own := s.Layout.renewal(c.Row)
	switch {
	case c.Role == Authority && own == "":
		return s.replaceCA(c)
	case c.Role == Companion:
		return edit("put the present certificate of the CA in its place in %s", remark(c.Path))
	case c.Row == nil: // nothing says what it is for
		return s.signByHand(c)
	case own != "":
		return s.Layout.renew(c, own)
	case c.Row.Rotated == rotateClient:
		return s.renewKubelet(c)
	case c.Row.Rotated != "":
		return steps(
			restarting("kubelet", "systemctl restart kubelet    # it then asks for a new serving certificate"),
			step(PhaseAfter, nil, "kubectl get csr    # and kubectl certificate approve NAME, where nothing approves them"))
	case isSelfMade(c):
		return steps(
			step(PhaseIssue, filesOf(c), fmt.Sprintf("rm -f %s %s    # %s makes new ones as it starts", sh(c.Path), sh(keyOf(c)), c.Component)),
			s.restart(c.Component))
	case s.madeByKubeadm(c):
		return steps(step(PhaseRenew, filesOf(c), "kubeadm certs renew "+c.Row.Kubeadm+s.certDirFlag()), s.restartFor(c))
	case s.Layout.Kubeadm && c.Path == rootKubeconfig && c.Certificate != nil && c.Subject.CommonName == "kubernetes-admin":
		return steps(
			step(PhaseRenew, []string{"/etc/kubernetes/admin.conf"}, "kubeadm certs renew admin.conf"+s.certDirFlag()),
			step(PhaseEdit, []string{c.Path}, "# that is the same user: then, if "+remark(c.Path)+" holds no other cluster:", "cp /etc/kubernetes/admin.conf "+sh(c.Path)))
	}
	return s.signByHand(c)
}

// filesOf returns the files of a certificate and its key.
func filesOf(c *Certificate) []string {
	if key := keyOf(c); c.Embedded == "" && key != c.Path {
		return []string{c.Path, key}
	}
	return []string{c.Path}
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

// The files of a kubelet that kubeadm set up.
const (
	kubeletConf    = "/etc/kubernetes/kubelet.conf"
	kubeletCurrent = "/var/lib/kubelet/pki/kubelet-client-current.pem"
)

// renewKubelet follows "kubelet client certificate rotation fails" in the
// kubeadm documents.
func (s *Subject) renewKubelet(c *Certificate) Fix {
	node := s.Name
	if node == "" {
		node = "NODE"
	}
	conf := kubeletConf
	switch {
	case c.Embedded != "":
		conf = c.Path
	case strings.HasPrefix(c.Source.Argument, "users["):
		conf = c.Source.File
	}
	if s.Layout.Kubeadm && s.Name != "" && conf == kubeletConf && s.hasKeyOf("kubernetes-ca") {
		return s.renewKubeletHere(c)
	}
	return ByHand(
		"# on a control-plane node that has the key of the cluster CA:",
		fmt.Sprintf("(umask 077; kubeadm kubeconfig user --org system:nodes --client-name %s > /root/kubelet.conf)", sh("system:node:"+node)),
		"# on this node, with that file copied to /root, and with the server of the old one in it:",
		fmt.Sprintf("grep server: %s /root/kubelet.conf", sh(conf)),
		fmt.Sprintf("mv %s /root/kubelet.conf.old; mv /var/lib/kubelet/pki/kubelet-client* /root/", sh(conf)),
		fmt.Sprintf("install -m 0600 /root/kubelet.conf %s && systemctl restart kubelet", sh(conf)),
		"# when kubelet-client-current.pem is there again, name it in "+remark(conf)+" as client-certificate and client-key",
	)
}

// renewKubeletHere does so on a node with the key of the CA. A kubelet that has no
// pair of its own begins with that of its kubeconfig.
func (s *Subject) renewKubeletHere(c *Certificate) Fix {
	finish := step(PhaseFinish, []string{kubeletConf},
		"# the kubelet then has that pair in kubelet-client-current.pem, and renews it there alone; kubelet.conf has to name it:",
		"timeout 120 sh -c 'until test -s "+kubeletCurrent+"; do sleep 1; done'",
		"sed -i -e 's|client-certificate-data: .*|client-certificate: "+kubeletCurrent+"|' -e 's|client-key-data: .*|client-key: "+kubeletCurrent+"|' "+kubeletConf)
	finish[0].Component = "kubelet"
	return steps(
		step(PhaseIssue, []string{kubeletConf, kubeletCurrent},
			takeAway(c.Certificate != nil && c.Embedded == "", kubeletConf, "/var/lib/kubelet/pki/kubelet-client*"),
			"kubeadm init phase kubeconfig kubelet --node-name="+sh(s.Name)+s.versionFlag()+s.certDirFlag()+s.endpointFlags()+s.portFlag()),
		s.restart("kubelet"), finish)
}

// takeAway returns the command that moves files, as words of a shell, out of the way of new ones.
// Where one of them may be missing, the others are moved all the same.
func takeAway(areThere bool, words ...string) string {
	command := "mv " + strings.Join(words, " ") + " /root/"
	if !areThere {
		command += " || true    # as far as they are there"
	}
	return command
}

// reissue returns how a certificate is made anew, with the names that its role
// asks for: a renewal by kubeadm would copy the present ones.
func (s *Subject) reissue(c *Certificate) Fix {
	if c.Role != Leaf || !s.madeByKubeadm(c) {
		return s.renew(c)
	}
	return s.initByKubeadm(c)
}

// addHosts returns how a certificate is issued with the names that it lacks.
func (s *Subject) addHosts(c *Certificate) Fix {
	switch {
	case s.Layout.Hosts != "" && s.Layout.renewal(c.Row) != "":
		names := remark(strings.Join(s.missingHosts(c), ","))
		return steps(first(strings.ReplaceAll(strings.TrimSpace(s.Layout.Hosts), "NAMES", names)), s.renew(c))
	case c.Row.Rotated != "" || isSelfMade(c):
		return s.renew(c)
	case s.madeByKubeadm(c):
		return steps(s.initByKubeadm(c), s.rememberNames(c))
	}
	return s.signByHand(c)
}

// missingHosts returns the names that a certificate lacks in any of its roles.
// Whatever it is issued again for, it gets them all: of two commands for one
// certificate, the second would else undo the first.
func (s *Subject) missingHosts(c *Certificate) []string {
	if c.Certificate == nil {
		return nil
	}
	var missing []string
	add := func(host string) {
		if !slices.Contains(missing, host) && c.VerifyHostname(host) != nil {
			missing = append(missing, host)
		}
	}
	for _, o := range s.presenting(c) {
		if o.Verdict.NameMissing {
			add(o.ServerName)
		}
	}
	for _, role := range s.rolesOf(c) {
		for _, host := range role.Hosts {
			add(host)
		}
	}
	return missing
}

// resign returns how a certificate of the wrong authority is replaced.
func (s *Subject) resign(c *Connection) Fix {
	again := s.renew(c.Leaf)
	if isSelfMade(c.Leaf) && c.Leaf.Component == "kubelet" {
		again = s.haveSigned()
	}
	return steps(
		first("# does "+remark(c.Verifier.Path)+" hold the right CA? then issue the certificate again, signed by that:"),
		again)
}

// haveSigned returns how a kubelet that made its serving certificate itself gets one
// from the cluster: made anew, it would be as little trusted.
func (s *Subject) haveSigned() Fix {
	return steps(
		edit("in the kubelet's configuration file, /var/lib/kubelet/config.yaml with kubeadm: serverTLSBootstrap: true"),
		s.restart("kubelet"),
		step(PhaseAfter, nil, "kubectl get csr    # and kubectl certificate approve NAME: nothing in Kubernetes approves these by itself"))
}

// rightCA returns how the reader of a wrong CA file is given the right one.
func (s *Subject) rightCA(c *Connection) Fix {
	ca := c.Leaf.CA
	if ca == nil || ca.Embedded != "" {
		return ByHand(
			fmt.Sprintf("# is %s the CA that it should be? compare it with that of another control-plane node, or a backup:", remark(c.Verifier.Path)),
			fmt.Sprintf("openssl x509 -in %s -noout -subject -dates -fingerprint -sha256", sh(c.Verifier.Path)))
	}
	if !c.Row.Verifier.Kubeconfig {
		where := fmt.Sprintf("%s: %s=", s.manifest(c.Verifier.Component), c.Row.Verifier.CA)
		if source := c.Verifier.Source; source.Argument != "" && !strings.HasPrefix(source.Argument, "--") {
			where = fmt.Sprintf("%s: %s: ", remark(source.File), remark(source.Argument))
		}
		return steps(edit("in %s%s", where, remark(ca.Path)), s.restart(c.Verifier.Component))
	}
	cluster, _, _ := strings.Cut(strings.TrimPrefix(c.Verifier.Source.Argument, "clusters["), "]")
	return steps(
		step(PhaseConfigure, []string{c.Verifier.Path},
			fmt.Sprintf("kubectl config set-cluster %s --certificate-authority=%s --embed-certs --kubeconfig %s", sh(cluster), sh(ca.Path), sh(c.Verifier.Path))),
		s.restart(c.Verifier.Component))
}

// remake returns how a file that cannot be used is made again.
func (s *Subject) remake(f *File) Fix {
	look := fmt.Sprintf("ls -l %s", sh(s.Path))
	if f.Row == nil {
		return ByHand(look, "# restore the file from a backup, or correct it")
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
		return s.initByKubeadm(c)
	case f.Row.Is(KindCA), f.Row.Path.VerificationKey != "":
		return ByHand(look, "# restore the file from a backup or from another control-plane node, which has the same one")
	}
	return ByHand(look, "# restore the file from a backup, or issue the certificate again")
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
func (s *Subject) newTokenKey(k *Key) Fix {
	private, public := s.PKI+"/sa.key", s.PKI+"/sa.pub"
	if !s.Layout.Kubeadm || k.Path != private && k.Path != public {
		return ByHand(
			"(umask 077; openssl genrsa -out /root/sa.key 2048) && openssl rsa -in /root/sa.key -pubout -out /root/sa.pub",
			"# put both in place on every control-plane node, and sa.pub in a further --service-account-key-file of kube-apiserver, then",
			"# sa.key in its --service-account-signing-key-file and in --service-account-private-key-file of kube-controller-manager;",
			"# take the old --service-account-key-file away when the old tokens have ended")
	}
	return ByHand(
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
