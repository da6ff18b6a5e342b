package rules

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strings"
)

// signByHand returns the commands that issue a certificate as its roles ask for,
// where no installer does: with its present names and those that it lacks, signed by
// the authority that it should have.
func (s *Subject) signByHand(c *Certificate) Fix {
	request := "/root/" + base(c.Path) + ".csr"
	key, certificate := keyOf(c), c.Path
	making, install := "-key "+sh(key), ""
	isMixed := c.Embedded != "" || key == c.Path // the file holds more than the certificate
	if isMixed {
		key, certificate = "/root/"+base(c.Path)+".key", "/root/"+base(c.Path)+".crt"
		making = "-newkey rsa:2048 -noenc -keyout " + sh(key)
		install = "# put both into " + remark(c.Path)
	}
	user, isUser := strings.CutPrefix(c.Embedded, "user ")
	if isUser {
		install = fmt.Sprintf("kubectl config set-credentials %s --client-certificate=%s --client-key=%s --embed-certs --kubeconfig %s",
			sh(user), sh(certificate), sh(key), sh(c.Path))
	}
	ask := fmt.Sprintf("openssl req -new %s -subj %s%s -out %s", making, sh(s.subjectFor(c)), s.extensionsFor(c), sh(request))
	sign := func(ca, key string) string {
		return fmt.Sprintf("openssl x509 -req -copy_extensions copyall -days 365 -in %s -CA %s -CAkey %s -CAcreateserial -out %s",
			sh(request), sh(ca), sh(key), sh(certificate))
	}
	files, restart := []string{c.Path}, s.restart(c.Component)
	switch ca := s.authorityFor(c); {
	case ca == nil || ca.KeyPath == "":
		return steps(ByHand(ask, "# where the key of the CA is kept, have "+remark(request)+" signed:", sign("CA.crt", "CA.key"), install), restart)
	case isMixed && !isUser:
		return steps(step(PhaseRenew, files, ask, sign(ca.Path, ca.KeyPath)), step(PhaseEdit, files, install), restart)
	default:
		return steps(step(PhaseRenew, files, ask, sign(ca.Path, ca.KeyPath), install), restart)
	}
}

// authorityFor returns the authority that should sign a certificate: one that its
// verifiers trust, where the present one is not among those; else the one that did,
// or one in the file of the row that the table names. One that is embedded in a
// kubeconfig signs nothing.
func (s *Subject) authorityFor(c *Certificate) *Certificate {
	for _, o := range s.presenting(c) {
		if o.Verdict.Cause == CauseUnknown && !o.WrongCA && len(o.Roots) > 0 && o.Roots[0].Embedded == "" {
			return o.Roots[0]
		}
	}
	if c.CA != nil && c.CA.Role == Authority && c.CA.Embedded == "" {
		return c.CA
	}
	for _, a := range s.Authorities {
		if c.Row != nil && a.Row.Name == c.Row.Parent && a.Embedded == "" {
			return a
		}
	}
	return nil
}

// presenting returns the connections in which the file of a certificate is
// presented, be it in another role.
func (s *Subject) presenting(c *Certificate) []*Connection {
	return slices.DeleteFunc(slices.Clone(s.Connections), func(o *Connection) bool {
		return o.Leaf == nil || o.Leaf.Path != c.Path || o.Leaf.Embedded != c.Embedded
	})
}

// rolesOf returns a certificate in each of its roles, in an order that does not
// depend on the one that it is given in.
func (s *Subject) rolesOf(c *Certificate) []*Certificate {
	var roles []*Certificate
	for _, o := range s.presenting(c) {
		if o.Leaf.Row != c.Row && !slices.Contains(roles, o.Leaf) {
			roles = append(roles, o.Leaf)
		}
	}
	roles = append(roles, c)
	slices.SortStableFunc(roles, func(a, b *Certificate) int { return cmp.Compare(rowName(a), rowName(b)) })
	return roles
}

func rowName(c *Certificate) string {
	if c.Row == nil {
		return ""
	}
	return c.Row.Name
}

func keyOf(c *Certificate) string {
	if c.KeyPath != "" {
		return c.KeyPath
	}
	return keyBeside(c.Path)
}

// subjectFor returns the subject that a certificate should have, in openssl's form.
func (s *Subject) subjectFor(c *Certificate) string {
	var name string
	var groups []string
	if c.Certificate != nil {
		name, groups = c.Subject.CommonName, slices.Clone(c.Subject.Organization)
	}
	for _, role := range s.rolesOf(c) {
		if len(role.CommonNames) > 0 && !slices.Contains(role.CommonNames, name) {
			name = role.CommonNames[0]
		}
		if role.Row == nil {
			continue
		}
		groups = slices.DeleteFunc(groups, func(g string) bool { return g == systemMasters && !slices.Contains(role.Row.AllowedGroups, g) })
		if len(role.Row.Organizations) > 0 && !hasAny(groups, role.Row.Organizations) {
			groups = append(groups, role.Row.Organizations[0])
		}
	}
	subject := "/CN=" + escapeSubject(name)
	for _, g := range groups {
		subject += "/O=" + escapeSubject(g)
	}
	return subject
}

// escapeSubject escapes what has a meaning in openssl's form of a subject.
func escapeSubject(text string) string {
	if !strings.ContainsAny(text, `\/+`) {
		return text
	}
	return strings.NewReplacer(`\`, `\\`, "/", `\/`, "+", `\+`).Replace(text)
}

// extensionsFor returns the options of openssl for the extensions that a
// certificate should have.
func (s *Subject) extensionsFor(c *Certificate) string {
	var usages []string
	for _, kind := range []string{KindClient, KindServer} {
		isMeant := slices.ContainsFunc(s.rolesOf(c), func(r *Certificate) bool { return r.Row != nil && r.Row.Is(kind) }) ||
			slices.ContainsFunc(s.presenting(c), func(o *Connection) bool { return o.Row.Usage == kind })
		if isMeant || c.Certificate != nil && slices.Contains(ExtKeyUsageNames(c.Certificate), kind+"Auth") {
			usages = append(usages, kind+"Auth")
		}
	}
	options := " -addext keyUsage=critical,digitalSignature,keyEncipherment"
	if len(usages) > 0 {
		options += " -addext extendedKeyUsage=" + strings.Join(usages, ",")
	}
	if names := opensslNames(c, s.missingHosts(c)); names != "" {
		options += " -addext " + sh("subjectAltName="+names)
	}
	return options
}

// opensslNames returns the names of a certificate and more in openssl's form.
func opensslNames(c *Certificate, more []string) string {
	var names []string
	if c.Certificate != nil {
		names = altNames(c.Certificate)
	}
	var formed []string
	for _, n := range slices.Concat(names, more) {
		kind := "DNS:"
		if net.ParseIP(n) != nil {
			kind = "IP:"
		}
		formed = append(formed, kind+n)
	}
	return strings.Join(formed, ",")
}
