package rules

import (
	"fmt"
	"net"
	"slices"
	"strings"
)

// signByHand returns the commands that issue a certificate as its role asks for,
// where no installer does: with its present names and more, signed by the given
// authority, or else by the one that it should have.
func (s *Subject) signByHand(c *Certificate, ca *Certificate, more ...string) string {
	if ca == nil || ca.Embedded != "" {
		ca = s.authorityFor(c)
	}
	request := "/root/" + base(c.Path) + ".csr"
	wishes := "-subj " + sh(subjectFor(c)) + s.extensionsFor(c, more)
	key, certificate := keyOf(c), c.Path
	making := "-key " + sh(key)
	install := ""
	if c.Embedded != "" || key == c.Path { // the file holds more than the certificate
		key, certificate = "/root/"+base(c.Path)+".key", "/root/"+base(c.Path)+".crt"
		making = "-newkey rsa:2048 -noenc -keyout " + sh(key)
		install = "# put both into " + remark(c.Path)
	}
	if user, isUser := strings.CutPrefix(c.Embedded, "user "); isUser {
		install = fmt.Sprintf("kubectl config set-credentials %s --client-certificate=%s --client-key=%s --embed-certs --kubeconfig %s",
			sh(user), sh(certificate), sh(key), sh(c.Path))
	}
	return lines(
		fmt.Sprintf("openssl req -new %s %s -out %s", making, wishes, sh(request)),
		signature(ca, request, certificate), install, s.restart(c.Component))
}

// signature returns the command that signs a request, on this node where the key
// of the authority is here.
func signature(ca *Certificate, request, certificate string) string {
	sign := func(ca, key string) string {
		return fmt.Sprintf("openssl x509 -req -copy_extensions copyall -days 365 -in %s -CA %s -CAkey %s -CAcreateserial -out %s",
			sh(request), sh(ca), sh(key), sh(certificate))
	}
	if ca == nil || ca.KeyPath == "" {
		return lines("# where the key of the CA is kept, have "+remark(request)+" signed:", sign("CA.crt", "CA.key"))
	}
	return sign(ca.Path, ca.KeyPath)
}

// authorityFor returns the authority that should sign a certificate: the one that
// did, or one in the file of the row that the table names. One that is embedded
// in a kubeconfig signs nothing.
func (s *Subject) authorityFor(c *Certificate) *Certificate {
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

func keyOf(c *Certificate) string {
	if c.KeyPath != "" {
		return c.KeyPath
	}
	return keyBeside(c.Path)
}

// subjectFor returns the subject that a certificate should have, in openssl's form.
func subjectFor(c *Certificate) string {
	var name string
	var groups []string
	if c.Certificate != nil {
		name, groups = c.Subject.CommonName, c.Subject.Organization
	}
	if len(c.CommonNames) > 0 && !slices.Contains(c.CommonNames, name) {
		name = c.CommonNames[0]
	}
	if c.Row != nil {
		groups = slices.DeleteFunc(slices.Clone(groups), func(g string) bool {
			return g == systemMasters && !slices.Contains(c.Row.AllowedGroups, g)
		})
		if len(c.Row.Organizations) > 0 && !hasAny(groups, c.Row.Organizations) {
			groups = append(groups, c.Row.Organizations[0])
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
func (s *Subject) extensionsFor(c *Certificate, more []string) string {
	var usages []string
	for _, kind := range []string{KindClient, KindServer} {
		isMeant := c.Row != nil && c.Row.Is(kind) || s.isPresented(c, kind)
		if isMeant || c.Certificate != nil && slices.Contains(ExtKeyUsageNames(c.Certificate), kind+"Auth") {
			usages = append(usages, kind+"Auth")
		}
	}
	options := " -addext keyUsage=critical,digitalSignature,keyEncipherment"
	if len(usages) > 0 {
		options += " -addext extendedKeyUsage=" + strings.Join(usages, ",")
	}
	if names := opensslNames(c, more); names != "" {
		options += " -addext " + sh("subjectAltName="+names)
	}
	return options
}

// isPresented reports whether the file of a certificate is presented as a server or
// client certificate, be it in another role.
func (s *Subject) isPresented(c *Certificate, kind string) bool {
	return slices.ContainsFunc(s.Connections, func(o *Connection) bool {
		return o.Leaf != nil && o.Leaf.Path == c.Path && o.Leaf.Embedded == c.Embedded && o.Row.Usage == kind
	})
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
