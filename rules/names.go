package rules

import (
	"fmt"
	"net"
	"slices"
	"strings"
)

// Groups and prefixes that the authorizers of Kubernetes know.
const (
	systemMasters  = "system:masters"
	nodeUserPrefix = "system:node:"
)

// commonName fires when a certificate has another name than the table allows.
// Where the API server takes the name for the user, the connection succeeds and
// everything after it is forbidden.
func commonName(s *Subject, c *Certificate) []Problem {
	if c.Role == Companion || isPinned(c) || c.Role == Authority && (c.Position > 0 || c.Embedded != "") || len(c.CommonNames) == 0 || slices.Contains(c.CommonNames, c.Subject.CommonName) {
		return nil
	}
	got := c.Subject.CommonName
	p := Problem{
		Severity: Info,
		Message:  fmt.Sprintf("the common name is %q; expected is %s", got, quotedOr(c.CommonNames)),
		Impact:   "none for the connection: nobody decides by this name",
	}
	if !c.Row.Identity {
		return []Problem{p}
	}
	node, isNode := strings.CutPrefix(got, nodeUserPrefix)
	if isNode && !s.NameCertain && node == strings.ToLower(node) && node != "" && strings.HasPrefix(c.CommonNames[0], nodeUserPrefix) {
		p.Message = fmt.Sprintf("the certificate is for the node %q, while this node seems to be %q", node, s.Name)
		p.Impact = "none if the node is registered under that name; else " + s.impact(c)
		p.Fix = ByHand("kubectl get nodes    # then run again with --node-name NAME")
		return []Problem{p}
	}
	p.Severity, p.Impact, p.Fix = Error, "the API server takes the name for the user, and allows "+shownUser(got)+" nothing: "+s.impact(c), s.reissue(c)
	return []Problem{p}
}

func shownUser(commonName string) string {
	if commonName == "" {
		return "a user without a name"
	}
	return fmt.Sprintf("%q", commonName)
}

func quotedOr(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(quoted, " or ")
}

// organization fires when a certificate has none of the groups that its holder
// is authorized by. Kubernetes reads groups from O, never from OU.
func organization(s *Subject, c *Certificate) []Problem {
	if needsNoGroup(c) || hasAny(c.Subject.Organization, c.Row.Organizations) {
		return nil
	}
	if len(c.Subject.Organization) > 0 && !slices.ContainsFunc(c.Row.Organizations, isBuiltIn) {
		return nil // some other group of administrators: unverifiable tells it
	}
	message := fmt.Sprintf("the certificate has none of the groups %s as organization (O): its organizations are %s",
		quotedOr(c.Row.Organizations), shownGroups(c.Subject.Organization))
	for _, group := range c.Row.Organizations {
		if slices.Contains(c.Subject.OrganizationalUnit, group) {
			message = fmt.Sprintf("the group %q stands in the organizational unit (OU); Kubernetes reads groups from the organization (O) alone", group)
			break
		}
	}
	return []Problem{{Message: message, Impact: "the API server lets the user in and forbids everything: " + s.impact(c), Fix: s.reissue(c)}}
}

func shownGroups(groups []string) string {
	if len(groups) == 0 {
		return "none"
	}
	return quotedOr(groups)
}

func needsNoGroup(c *Certificate) bool {
	return c.Role != Leaf || c.Row == nil || len(c.Row.Organizations) == 0
}

// isBuiltIn reports whether a group is bound by the API server itself.
func isBuiltIn(group string) bool { return group == "system:nodes" }

func hasAny(have, want []string) bool {
	return slices.ContainsFunc(want, func(w string) bool { return slices.Contains(have, w) })
}

// privilegedGroup fires for system:masters outside the rows that may have it:
// the API server asks no authorizer about its members, and the group cannot be
// taken from a certificate that is out.
func privilegedGroup(s *Subject, c *Certificate) []Problem {
	if c.Role != Leaf || !slices.Contains(c.Subject.Organization, systemMasters) {
		return nil
	}
	if c.Row != nil && slices.Contains(c.Row.AllowedGroups, systemMasters) {
		return nil
	}
	return []Problem{{
		Message: "the certificate carries the group system:masters, which its role does not need",
		Impact:  fmt.Sprintf("whoever has its key is cluster administrator until %s, whatever RBAC says", day(c.NotAfter)),
		Fix:     s.reissue(c),
	}}
}

// requiredHosts fires when a serving certificate lacks names that clients rely
// upon, beyond those whose connections are judged.
func requiredHosts(s *Subject, c *Certificate) []Problem {
	if c.Role != Leaf || c.Row == nil {
		return nil
	}
	var missing []string
	for _, host := range c.Hosts {
		if c.VerifyHostname(host) != nil && !isDialled(c, host) {
			missing = append(missing, host)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return []Problem{{
		Severity: Warning,
		Message:  fmt.Sprintf("the certificate is not for %s; it is for %s%s", list(missing), list(altNames(c.Certificate)), misspelled(c, missing)),
		Impact:   "clients that use these names refuse " + c.Component,
		Fix:      s.addHosts(c),
	}}
}

// isDialled reports whether a connection with this name is judged.
func isDialled(c *Certificate, host string) bool {
	return slices.ContainsFunc(c.Uses, func(u *Connection) bool { return sameHost(u.ServerName, host) })
}

func sameHost(a, b string) bool {
	if ip := net.ParseIP(a); ip != nil {
		return ip.Equal(net.ParseIP(b))
	}
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}

// dialledName fires when a certificate does not have the names by which its
// server is dialled. The common name never counts.
func dialledName(s *Subject, c *Connection) []Problem {
	if !c.Verdict.NameMissing {
		return nil
	}
	failing, isFirst := alike(c, func(o *Connection) bool { return o.Verdict.NameMissing })
	if !isFirst {
		return nil
	}
	var missing, dialled []string
	for _, o := range failing {
		if !slices.Contains(missing, o.ServerName) {
			missing = append(missing, o.ServerName)
			dialled = append(dialled, fmt.Sprintf("%s (dialled by %s)", o.ServerName, dialler(o)))
		}
	}
	return []Problem{{
		Message: fmt.Sprintf("the certificate is not for %s; it is for %s%s",
			list(dialled), list(altNames(c.Leaf.Certificate)), misspelled(c.Leaf, missing)),
		Impact: allStops(failing),
		Fix:    s.addHosts(c.Leaf),
	}}
}

// dialler returns who dials the server of a connection.
func dialler(c *Connection) string {
	switch {
	case c.Row.Names == NamesServiceIP:
		return "pods"
	case c.Row.Verifier.Kubeconfig:
		return c.Verifier.Path
	}
	return c.Verifier.Component
}

// misspelled tells names that stand in a place where they do not count.
func misspelled(c *Certificate, missing []string) string {
	for _, host := range missing {
		ip := net.ParseIP(host)
		switch {
		case ip != nil && slices.ContainsFunc(c.DNSNames, func(n string) bool { return ip.Equal(net.ParseIP(n)) }):
			return fmt.Sprintf(" (%s stands there as a DNS name; an address counts only as an IP address)", host)
		case strings.EqualFold(c.Subject.CommonName, host):
			return fmt.Sprintf(" (%s is its common name, which does not count)", host)
		case ip == nil && slices.ContainsFunc(c.DNSNames, func(n string) bool { return wildcardOnly(n, host) }):
			return " (a wildcard stands for one label only)"
		}
	}
	return ""
}

// wildcardOnly reports whether a wildcard would cover a host if it stood for more than one label.
func wildcardOnly(pattern, host string) bool {
	suffix, isWildcard := strings.CutPrefix(pattern, "*")
	return isWildcard && strings.HasSuffix(strings.ToLower(host), strings.ToLower(suffix))
}

// requestheaderNames fires when the API server would not believe its own
// aggregator.
func requestheaderNames(s *Subject, c *Connection) []Problem {
	if len(c.Allowed) == 0 || c.Leaf == nil || slices.Contains(c.Allowed, c.Leaf.Subject.CommonName) {
		return nil
	}
	return []Problem{{
		Message: fmt.Sprintf("the common name %q is not among those that %s allows: %s", c.Leaf.Subject.CommonName, c.Row.Allowed, list(c.Allowed)),
		Impact:  stops(c),
		Fix: steps(
			first(fmt.Sprintf("# in %s: %s=%s", s.manifest(c.Verifier.Component), c.Row.Allowed, remark(strings.Join(append(slices.Clone(c.Allowed), c.Leaf.Subject.CommonName), ","))),
				"# or issue the certificate with an allowed name:"),
			s.reissue(c.Leaf)),
	}}
}
