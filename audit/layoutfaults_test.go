package audit

import (
	"crypto/x509"
	"net"
	"slices"
	"strings"
	"testing"

	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/rules"
)

// genericFault is a fault that certificates of any layout may have.
type genericFault struct {
	name  string
	check string
	can   func(s *pkitest.Spec, r role) bool // whether a certificate can have it
	most  int                                // how many of those have it, one after the other; 0 stands for all
	kinds bool                               // one for each kind of connection has it
	spec  func(s *pkitest.Spec, r role)      // before signing
	tree  func(s *pkitest.Spec, r role) func(*pkitest.Tree)
	onKey bool // the finding is about the key's file
}

func genericFaults() []genericFault {
	return slices.Concat(genericCertificateFaults(), genericFileFaults())
}

func genericCertificateFaults() []genericFault {
	return []genericFault{
		{name: "expired", check: "expired", can: isLeaf, most: 3, spec: func(s *pkitest.Spec, r role) { ends(r.name, -day)(s) }},
		{name: "expired CA", check: "expired", can: isAuthority, most: 1, spec: func(s *pkitest.Spec, r role) { ends(r.name, -day)(s) }},
		{name: "not yet valid", check: "not-yet-valid", can: isLeaf, most: 1, spec: func(s *pkitest.Spec, r role) { template(s, r.name).NotBefore = at().Add(day) }},
		{name: "of another CA", check: "untrusted", can: and(isVerified, isSigned), kinds: true, spec: signedByStranger},
		{name: "for another use", check: "ext-key-usage", can: isVerified, most: 1, spec: otherUse},
		{name: "without the name that is dialled", check: "san-missing", can: isDialled, spec: withoutName},
		{name: "another user", check: "common-name", can: isIdentity, spec: func(s *pkitest.Spec, r role) {
			template(s, r.name).Subject.CommonName = "nobody"
		}},
		{name: "without its group", check: "organization", can: needsGroup, spec: func(s *pkitest.Spec, r role) {
			template(s, r.name).Subject.Organization = nil
		}},
		{name: "SHA-1", check: "weak-signature", can: and(isLeaf, isSigned), most: 1, spec: func(s *pkitest.Spec, r role) {
			template(s, r.name).SignatureAlgorithm = x509.ECDSAWithSHA1
		}},
		{name: "not a CA", check: "not-a-ca", can: isAuthority, most: 1, spec: func(s *pkitest.Spec, r role) { template(s, r.name).IsCA = false }},
		{name: "leaf that is a CA", check: "leaf-is-ca", can: and(mayNotSign, isSigned), most: 1, spec: func(s *pkitest.Spec, r role) {
			template(s, r.name).IsCA, template(s, r.name).BasicConstraintsValid = true, true
		}},
		{name: "another key", check: "key-mismatch", can: and(isLeaf, hasKey), most: 3, spec: func(s *pkitest.Spec, r role) {
			s.Cert(r.name).WrongKey = pkitest.NewKey()
		}},
	}
}

func genericFileFaults() []genericFault {
	return []genericFault{
		{name: "missing certificate", check: "unreadable", can: and(isFile, isNamed), most: 3, tree: func(s *pkitest.Spec, r role) func(*pkitest.Tree) {
			return remove(realPath(s, r.path))
		}},
		{name: "missing CA", check: "unreadable", can: isAuthorityFile, most: 1, tree: func(s *pkitest.Spec, r role) func(*pkitest.Tree) {
			return remove(realPath(s, r.path))
		}},
		{name: "missing key", check: "unreadable", can: and(and(isFile, isNamed), hasKey), most: 1, onKey: true, tree: func(s *pkitest.Spec, r role) func(*pkitest.Tree) {
			return remove(realPath(s, r.key))
		}},
		{name: "no PEM", check: "unreadable", can: isFile, most: 1, tree: func(s *pkitest.Spec, r role) func(*pkitest.Tree) {
			return holds(realPath(s, r.path), "hello\n")
		}},
		{name: "empty key", check: "unreadable", can: and(isFile, hasKey), most: 1, onKey: true, tree: func(s *pkitest.Spec, r role) func(*pkitest.Tree) {
			return holds(realPath(s, r.key), "")
		}},
		{name: "key readable by all", check: "file-permissions", can: hasKey, most: 2, onKey: true, tree: func(s *pkitest.Spec, r role) func(*pkitest.Tree) {
			return mode(realPath(s, r.key), 0o644)
		}},
		{name: "certificate writable by all", check: "file-permissions", can: isFile, most: 1, tree: func(s *pkitest.Spec, r role) func(*pkitest.Tree) {
			return mode(realPath(s, r.path), 0o666)
		}},
	}
}

type condition = func(*pkitest.Spec, role) bool

func and(a, b condition) condition {
	return func(s *pkitest.Spec, r role) bool { return a(s, r) && b(s, r) }
}

func isAuthority(_ *pkitest.Spec, r role) bool { return r.row.Is(rules.KindCA) }
func isLeaf(_ *pkitest.Spec, r role) bool      { return !r.row.Is(rules.KindCA) }
func mayNotSign(_ *pkitest.Spec, r role) bool  { return !r.row.Is(rules.KindCA) && !r.row.SelfMade }
func isVerified(_ *pkitest.Spec, r role) bool  { return len(r.uses) > 0 }
func isSigned(s *pkitest.Spec, r role) bool    { return s.Cert(r.name).Issuer != "" }
func isIdentity(_ *pkitest.Spec, r role) bool  { return r.row.Identity }
func needsGroup(_ *pkitest.Spec, r role) bool  { return len(r.row.Organizations) > 0 }
func hasKey(_ *pkitest.Spec, r role) bool      { return r.key != "" }

// isDialled tells a serving certificate that some name leads to. One of several that
// the server chooses by this name is then not chosen.
func isDialled(_ *pkitest.Spec, r role) bool {
	isChosen := slices.ContainsFunc(r.row.Named, func(n rules.Named) bool { return n.Pair != "" && n.Component == "kube-apiserver" })
	return !isChosen && slices.ContainsFunc(r.uses, func(c Connection) bool { return c.ServerName != "" })
}

// isNamed tells a certificate that a component was told to use.
func isNamed(_ *pkitest.Spec, r role) bool { return r.named }

// isFile tells a certificate in a file of its own. The kubelet's links are not
// among them: the check rotation is about those.
func isFile(s *pkitest.Spec, r role) bool {
	c := s.Cert(r.name)
	return isLeaf(s, r) && c.CertPath != "" && c.CertPath != c.KeyPath
}

func isAuthorityFile(s *pkitest.Spec, r role) bool {
	return isAuthority(s, r) && s.Cert(r.name).CertPath != ""
}

// signedByStranger gives a certificate an issuer of the usual name that nobody
// knows, also where the chain in its file names the usual one.
func signedByStranger(s *pkitest.Spec, r role) {
	c := s.Cert(r.name)
	usual := s.Cert(c.Issuer)
	again := *usual.Template
	s.Certificates = append(s.Certificates, &pkitest.Certificate{Name: "stranger", Template: &again})
	for i, name := range c.Chain {
		if name == c.Issuer {
			c.Chain[i] = "stranger"
		}
	}
	c.Issuer = "stranger"
}

// otherUse makes a certificate one for clients that is presented by a server, and
// the other way round.
func otherUse(s *pkitest.Spec, r role) {
	t := template(s, r.name)
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if r.uses[0].Usage == rules.KindServer {
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}
}

// withoutName takes one of the names that are dialled out of a certificate.
func withoutName(s *pkitest.Spec, r role) {
	i := slices.IndexFunc(r.uses, func(c Connection) bool { return c.ServerName != "" })
	name, t := r.uses[i].ServerName, template(s, r.name)
	t.DNSNames = slices.DeleteFunc(t.DNSNames, func(x string) bool { return strings.EqualFold(x, name) })
	t.IPAddresses = slices.DeleteFunc(t.IPAddresses, func(x net.IP) bool { return x.Equal(net.ParseIP(name)) })
}

// Each generic fault is found in each layout, by its check and on the path of the
// certificate, or of its key. Those that no certificate can have are named with
// the reason.
func TestLayoutNodesWithFaults(t *testing.T) {
	const enough = 15
	for _, l := range layoutNodes() {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			roles, found := rolesOf(t, l), 0
			for i, f := range genericFaults() {
				befallen := f.befalls(l.build(made()), roles)
				if why := l.without[f.name]; (why == "") == (len(befallen) == 0) {
					t.Errorf("%s: %d certificates can have it, reason for none: %q", f.name, len(befallen), why)
				}
				for _, r := range f.some(befallen, i) {
					found++
					t.Run(f.name+" "+r.name, func(t *testing.T) { f.isFound(t, l, r) })
				}
			}
			if found < enough && !l.worker {
				t.Errorf("%d faults, want at least %d", found, enough)
			}
		})
	}
}

// befalls returns the roles whose certificates can have a fault.
func (f genericFault) befalls(s *pkitest.Spec, roles []role) []role {
	var befallen []role
	for _, r := range roles {
		if f.can(s, r) {
			befallen = append(befallen, r)
		}
	}
	return befallen
}

// some returns the roles that are tried: others for each fault, so that all get
// their turn in a few audits.
func (f genericFault) some(befallen []role, turn int) []role {
	if f.kinds {
		seen := map[string]bool{}
		befallen = slices.DeleteFunc(befallen, func(r role) bool {
			kind := r.kind()
			isSeen := seen[kind]
			seen[kind] = true
			return isSeen
		})
	}
	if f.most == 0 || len(befallen) <= f.most {
		return befallen
	}
	var chosen []role
	for i := range f.most {
		chosen = append(chosen, befallen[(turn+i*len(befallen)/f.most)%len(befallen)])
	}
	return chosen
}

// kind returns the kinds of connections in which a certificate is presented.
func (r role) kind() string {
	var names []string
	for _, c := range r.uses {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

func (f genericFault) isFound(t *testing.T, l layoutNode, r role) {
	t.Parallel()
	s := l.build(made())
	var edit func(*pkitest.Tree)
	if f.spec != nil {
		f.spec(s, r)
	}
	if f.tree != nil {
		edit = f.tree(s, r)
	}
	report := run(t, write(t, s, edit), options(t))
	path := r.path
	if f.onKey {
		path = r.key
	}
	i := slices.IndexFunc(report.Findings, func(x Finding) bool {
		return x.Check == f.check && x.Path == path && x.Severity > rules.Info
	})
	switch {
	case i < 0:
		t.Errorf("no finding %s on %s, but %q", f.check, path, brief(report.Findings))
	case f.name == "expired" && !strings.Contains(report.Findings[i].Fix, l.mends):
		t.Errorf("the fix does not say %q:\n%s", l.mends, report.Findings[i].Fix)
	}
	requireToldFailures(t, report)
}
