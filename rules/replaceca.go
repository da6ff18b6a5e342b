package rules

import (
	"fmt"
	"slices"
)

// replaceCA returns what to do about an authority that ends: no tool renews one.
func (s *Subject) replaceCA(c *Certificate) Fix {
	if c.Of > 1 && len(c.Dependents) == 0 && len(s.failingFor(c)) == 0 {
		return edit("take certificate %d (%s) out of %s", c.Position+1, remark(name(c.Certificate)), remark(c.Path))
	}
	if c.KeyPath == "" || c.Position > 0 {
		return ByHand("# no tool renews a CA. Replace it step by step, with both CAs trusted for a time:", "# "+pkiDocs)
	}
	again := "/root/" + base(c.Path)
	if folder := parent(c.Path); folder != s.PKI { // where etcd's CA may have the name of the cluster's
		again = "/root/" + base(folder) + "-" + base(c.Path)
	}
	return steps(
		step(PhaseCA, []string{again},
			"# no tool renews a CA. Sign it again with its own key, so that all that it signed stays valid:",
			fmt.Sprintf("openssl x509 -in %s -signkey %s -days 3650 -set_serial 0x$(openssl rand -hex 8) -out %s", sh(c.Path), sh(c.KeyPath), sh(again))),
		step(PhaseCA, nil, fmt.Sprintf("# then put %s in the place of every copy of %s, kubeconfigs and other nodes included: kube-cert-audit explain expired",
			remark(again), remark(c.Path))),
		s.restartReaders(c))
}

// restartReaders returns how those are restarted that verify others with an authority:
// not all of them read it again by themselves.
func (s *Subject) restartReaders(c *Certificate) Fix {
	var all Fix
	var done []string
	for _, o := range s.Connections {
		component := o.Verifier.Component
		if among(o.Roots, c.Certificate) != nil && !slices.Contains(done, component) {
			done = append(done, component)
			all = steps(all, s.restart(component))
		}
	}
	return all
}

// restoreCA returns what to do about a file that does not hold the CA that it should.
func (s *Subject) restoreCA(c *Certificate) Fix {
	return ByHand(
		fmt.Sprintf("openssl x509 -in %s -noout -text    # is this the CA that it should be?", sh(c.Path)),
		"# restore the file from a backup or from another control-plane node, which has the same one")
}
