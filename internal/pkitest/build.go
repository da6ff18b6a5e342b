package pkitest

import (
	"cmp"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
)

// Build makes the missing keys, signs every certificate (issuers first) and renders the files. Building again keeps the keys
// and signs anew.
func (s *Spec) Build() (*Tree, error) {
	if err := s.sign(); err != nil {
		return nil, err
	}
	t := &Tree{Files: map[string]*File{}}
	for _, render := range []func(*Tree) error{s.renderCertificates, s.renderServiceAccount, s.renderConfigs, s.Kubelet.render} {
		if err := render(t); err != nil {
			return nil, err
		}
	}
	for path, text := range s.Texts {
		data, err := text(s)
		if err != nil {
			return nil, fmt.Errorf("file %s: %w", path, err)
		}
		t.Files[path] = &File{Data: data, Mode: 0o600}
	}
	for path, f := range s.Files {
		own := *f // changes to the tree must not reach back into the Spec
		own.Data = slices.Clone(f.Data)
		t.Files[path] = &own
	}
	for _, f := range t.Files {
		if f.ModTime.IsZero() {
			f.ModTime = s.At
		}
	}
	return t, nil
}

// Write builds the node and writes it below dir, after changes to the tree; a nil one changes nothing.
func (s *Spec) Write(dir string, edits ...func(*Tree)) error {
	t, err := s.Build()
	if err != nil {
		return err
	}
	for _, edit := range edits {
		if edit != nil {
			edit(t)
		}
	}
	return t.Write(dir)
}

func (s *Spec) sign() error {
	for _, c := range s.Certificates {
		c.Signed = nil
		if c.Key == nil {
			c.Key = NewKey()
		}
	}
	for _, c := range s.Certificates {
		if err := s.signOne(c, nil); err != nil {
			return fmt.Errorf("certificate %s: %w", c.Name, err)
		}
	}
	return nil
}

// signOne signs c after its issuers; below holds the certificates that wait for it.
func (s *Spec) signOne(c *Certificate, below []*Certificate) error {
	if c.Signed != nil {
		return nil
	}
	if slices.Contains(below, c) {
		return fmt.Errorf("%s issues itself by way of others", c.Name)
	}
	template := *c.Template
	if template.SerialNumber == nil {
		template.SerialNumber = newSerial()
	}
	parent, signer := &template, c.Key
	if c.Issuer != "" {
		issuer, err := s.lookUp(c.Issuer)
		if err != nil {
			return err
		}
		if err := s.signOne(issuer, append(below, c)); err != nil {
			return err
		}
		parent, signer = issuer.Signed, issuer.Key
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, parent, c.Key.Public(), signer)
	if err != nil {
		return err
	}
	if c.Signed, err = x509.ParseCertificate(der); err == nil && c.isPlain() {
		c.Signed, err = withoutExtensions(c.Signed, signer)
	}
	return err
}

// newSerial draws a positive number of 63 bits, the size of kubeadm's.
func newSerial() *big.Int {
	var b [8]byte
	rand.Read(b[:]) // does not fail
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b[:])
}

// lookUp is Cert for names that stand in the Spec: a wrong one is an error of the caller's data.
func (s *Spec) lookUp(name string) (*Certificate, error) {
	i := slices.IndexFunc(s.Certificates, func(c *Certificate) bool { return c.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("no certificate named %q", name)
	}
	return s.Certificates[i], nil
}

// encode returns what a file holds of a certificate: it with its chain, and its key.
func (s *Spec) encode(name string) (certs, key []byte, err error) {
	c, err := s.lookUp(name)
	if err != nil {
		return nil, nil, err
	}
	certs = CertPEM(c.Signed)
	for _, next := range c.Chain {
		link, err := s.lookUp(next)
		if err != nil {
			return nil, nil, fmt.Errorf("chain: %w", err)
		}
		certs = append(certs, CertPEM(link.Signed)...)
	}
	written := c.Key
	if c.WrongKey != nil {
		written = c.WrongKey
	}
	key, err = KeyPEM(written)
	return certs, key, err
}

func (s *Spec) renderCertificates(t *Tree) error {
	for _, c := range s.Certificates {
		certs, key, err := s.encode(c.Name)
		if err != nil {
			return fmt.Errorf("certificate %s: %w", c.Name, err)
		}
		keyFile := &File{Data: key, Mode: cmp.Or(c.KeyMode, keyMode)}
		switch {
		case c.CertPath == c.KeyPath:
			keyFile.Data = append(certs, key...)
		case c.CertPath != "":
			t.Files[c.CertPath] = &File{Data: certs, Mode: certMode}
		}
		if c.KeyPath != "" {
			t.Files[c.KeyPath] = keyFile
		}
		if c.Secret != "" {
			t.Files[c.Secret] = &File{Mode: keyMode, Data: mustJSON(map[string]any{
				"kind": "Secret", "apiVersion": "v1", "type": "kubernetes.io/tls", "data": map[string]any{"tls.crt": certs, "tls.key": key},
			})}
		}
		for _, path := range c.Copies {
			t.Files[path] = &File{Data: CertPEM(c.Signed), Mode: certMode}
		}
	}
	return nil
}

func (s *Spec) renderServiceAccount(t *Tree) error {
	sa := s.ServiceAccount
	if sa == nil {
		return nil
	}
	if sa.SigningKey == nil {
		sa.SigningKey = NewKey()
	}
	private, err := KeyPEM(sa.SigningKey)
	if err != nil {
		return fmt.Errorf("service-account key: %w", err)
	}
	public, err := sa.verification()
	if err != nil {
		return fmt.Errorf("service-account key: %w", err)
	}
	t.Files[cmp.Or(sa.VerificationPath, pkiDir+"/sa.pub")] = &File{Data: public, Mode: 0o600} // kubeadm keeps even the public half to itself
	t.Files[cmp.Or(sa.SigningPath, pkiDir+"/sa.key")] = &File{Data: private, Mode: keyMode}   // last: both may be one file
	return nil
}

// verification returns the keys that tokens are verified with: public ones, or, where there are former ones, private ones.
func (sa *ServiceAccount) verification() ([]byte, error) {
	var all []byte
	if len(sa.Former) > 0 {
		for _, key := range append([]crypto.Signer{sa.SigningKey}, sa.Former...) {
			text, err := KeyPEM(key)
			if err != nil {
				return nil, err
			}
			all = append(all, text...)
		}
		return all, nil
	}
	keys := sa.VerificationKeys
	if keys == nil {
		keys = []crypto.PublicKey{sa.SigningKey.Public()}
	}
	for _, key := range keys {
		text, err := publicKeyPEM(key)
		if err != nil {
			return nil, err
		}
		all = append(all, text...)
	}
	return all, nil
}

func (s *Spec) renderConfigs(t *Tree) error {
	for _, p := range s.Pods {
		text, err := p.manifest()
		if err != nil {
			return err
		}
		t.Files[p.File] = &File{Data: text, Mode: 0o600}
	}
	for _, k := range s.Kubeconfigs {
		text, err := s.kubeconfigText(k)
		if err != nil {
			return err
		}
		t.Files[k.Path] = &File{Data: text, Mode: cmp.Or(k.Mode, 0o600)}
	}
	return nil
}

func mustJSON(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic("pkitest: " + err.Error())
	}
	return text
}
