package rules

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"
	"slices"
)

// EqualKeys reports whether two public keys are the same; one of a kind that Go
// does not know equals none.
func EqualKeys(a, b crypto.PublicKey) bool {
	key, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && b != nil && key.Equal(b)
}

// bits returns the size of a public key: of the modulus, or of the curve; 0 for
// kinds that Go does not know.
func bits(key crypto.PublicKey) int {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return k.N.BitLen()
	case *ecdsa.PublicKey:
		return k.Curve.Params().BitSize
	case ed25519.PublicKey:
		return 8 * len(k)
	}
	return 0
}

// keyMismatch fires when a certificate and a private key do not belong together.
// The API server, the controller-manager and the scheduler refuse such a pair
// and go on with the one in memory until they restart; etcd reads it at every
// handshake.
func keyMismatch(s *Subject, p *Pair) []Problem {
	if p.Signing || p.Key.Public == nil || p.Certificate.PublicKey == nil || EqualKeys(p.Key.Public, p.Certificate.PublicKey) {
		return nil
	}
	for _, other := range p.File {
		if EqualKeys(p.Key.Public, other.PublicKey) {
			return nil // chain-order tells it
		}
	}
	message := fmt.Sprintf("the private key in %s does not belong to the certificate", p.Key.Path)
	if p.Certificate.Role == Authority {
		return []Problem{foreignPair(s, p, message)}
	}
	impact := s.impact(p.Certificate)
	switch p.Certificate.Component {
	case "kube-apiserver", "kube-controller-manager", "kube-scheduler":
		impact = "at its next restart, since until then it goes on with the pair that it read before: " + impact
	}
	return []Problem{{
		Message: message,
		Impact:  impact,
		Fix:     s.renew(p.Certificate),
	}}
}

// foreignPair tells of a CA beside a key that is not its own. Which of the two is the
// wrong one is told by what they signed.
func foreignPair(s *Subject, p *Pair, message string) Problem {
	which := "# which of the two is wrong? this node has nothing that either of them signed:"
	impact := "nothing stops at once: who verifies needs the certificate alone; but what is signed with this key from now on, renewals and the certificates of new nodes, is refused"
	switch {
	case len(p.Certificate.Dependents) > 0:
		which = "# what this certificate signed is in use, so that the key is the wrong one:"
	case s.hasSigned(p.Key.Public):
		which = "# what this key signed is in use, so that the certificate is the wrong one:"
		impact = "what this key signed is refused by all who verify with this certificate"
	}
	return Problem{Message: message, Impact: impact, Fix: ByHand(which,
		"# restore it from a backup, or from another control-plane node, which has the same pair; then these two are equal:",
		fmt.Sprintf("openssl x509 -in %s -noout -pubkey | openssl sha256", sh(p.Certificate.Path)),
		fmt.Sprintf("openssl pkey -in %s -pubout | openssl sha256", sh(p.Key.Path)))}
}

// keyEncrypted fires for keys with a passphrase: no component asks for one.
func keyEncrypted(s *Subject, k *Key) []Problem {
	if !k.Encrypted {
		return nil
	}
	fix := steps(
		step(PhaseRepair, []string{k.Path}, "# write the key without its passphrase, readable by root alone:",
			fmt.Sprintf("(umask 077; openssl pkey -in %s -out %s.new) && mv %s.new %s", sh(k.Path), sh(k.Path), sh(k.Path), sh(k.Path))),
		s.restart(k.Component))
	if c := k.Certificate; c != nil && (k.Embedded != "" || c.Path == k.Path) { // the file holds more than the key
		fix = s.renew(c)
	}
	return []Problem{{
		Message: "the private key is encrypted, and no component can ask for its passphrase",
		Impact:  k.impact(s),
		Fix:     fix,
	}}
}

// impact says what stops when a key cannot be used.
func (k *Key) impact(s *Subject) string {
	if k.Certificate != nil {
		return s.impact(k.Certificate)
	}
	return shownComponent(k.Component) + " does not start with it"
}

// weakCertificateKey and weakKey fire for keys that TLS or crypto/x509 refuse,
// and for RSA keys of less than 2048 bits.
func weakCertificateKey(s *Subject, c *Certificate) []Problem {
	if bits(c.PublicKey) == 0 {
		return []Problem{{
			Severity: Error, Message: fmt.Sprintf("the key is of a kind that no component can use: %s", c.KeyKind),
			Impact: s.impact(c), Fix: s.reissue(c),
		}}
	}
	return weakness(c.PublicKey, func() (string, Fix) { return s.impact(c), s.reissue(c) })
}

func weakKey(s *Subject, k *Key) []Problem {
	if k.Certificate != nil {
		return nil // its certificate is judged
	}
	return weakness(k.Public, func() (string, Fix) { return "tokens signed with it may be forged", s.newTokenKey(k) })
}

// weakness judges the size of a key; consequences returns the impact and the fix.
func weakness(key crypto.PublicKey, consequences func() (impact string, fix Fix)) []Problem {
	size := bits(key)
	_, isRSA := key.(*rsa.PublicKey)
	p := Problem{Severity: Error}
	switch {
	case size == 0:
		return nil
	case isRSA && size < 1024:
		p.Message = fmt.Sprintf("the RSA key has %d bits; Go refuses less than 1024", size)
	case isRSA && size > maxRSABits:
		p.Message = fmt.Sprintf("the RSA key has %d bits; TLS in Go refuses more than %d", size, maxRSABits)
	case isRSA && size < 2048:
		p.Severity, p.Message = Warning, fmt.Sprintf("the RSA key has %d bits, less than 2048", size)
	case size < 256:
		p.Message = fmt.Sprintf("the key is on a curve of %d bits, less than 256, which TLS does not take", size)
	default:
		return nil
	}
	p.Impact, p.Fix = consequences()
	if p.Severity == Warning {
		p.Impact = "the key is within reach of a determined attacker"
	}
	return []Problem{p}
}

// keyReuse fires when two roles share a key that have no business with each
// other. One certificate in several places is one use of its key.
func keyReuse(s *Subject, k *Key) []Problem {
	if len(k.Others) == 0 {
		return nil
	}
	var others []string
	for _, o := range k.Others {
		if text := shownComponent(o.Component) + " in " + o.Path; !slices.Contains(others, text) {
			others = append(others, text)
		}
	}
	fix := s.newTokenKey(k)
	if k.Certificate != nil && !k.Tokens {
		fix = s.renew(k.Certificate)
	}
	return []Problem{{
		Message: "the same key serves another role: " + list(others),
		Impact:  "whoever gets hold of one of the files can act in both roles, and neither can be renewed alone",
		Fix:     fix,
	}}
}

// tokenKeyMismatch fires when tokens are signed with a key that the API server
// does not verify them with.
func tokenKeyMismatch(s *Subject, t *TokenSigner) []Problem {
	if t.Key.Public == nil || len(t.Verification) == 0 || t.Incomplete {
		return nil
	}
	var files []string
	for _, k := range t.Verification {
		if EqualKeys(k.Public, t.Key.Public) {
			return nil
		}
		if !slices.Contains(files, k.Path) {
			files = append(files, k.Path)
		}
	}
	public := fmt.Sprintf("openssl pkey -in %s -pubout", sh(t.Key.Path))
	return []Problem{{
		Message: fmt.Sprintf("%s signs service-account tokens with this key, whose public half is not in %s", t.Key.Component, list(files)),
		Impact:  "the API server refuses every token signed with it (401 Unauthorized): pods, controllers and add-ons lose the API",
		Fix: steps(
			first(fmt.Sprintf("%s | cmp - %s    # is one of the two a left-over? all control-plane nodes need the same pair", public, sh(files[0]))),
			step(PhaseConfigure, files[:1], fmt.Sprintf("%s >> %s", public, sh(files[0]))),
			s.restart("kube-apiserver")),
	}}
}
