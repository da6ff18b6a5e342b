package audit

import (
	"crypto/x509"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/rules"
)

func TestInspectPairs(t *testing.T) {
	ca := issue(t, "ca", nil, isCA)
	leaf, other := issue(t, "leaf", ca), issue(t, "other", ca)
	key, wrong := leaf.key(), other.key()
	const mismatch = "error key-mismatch "
	tests := []struct {
		name  string
		files map[string]string
		want  []string // findings
		pairs []string // key, certificate
	}{
		{"x.crt, x.key", map[string]string{"x.crt": leaf.pem(), "x.key": key}, nil, []string{"x.key x.crt"}},
		{"tls.crt, tls.key", map[string]string{"a/tls.crt": leaf.pem(), "a/tls.key": key}, nil, []string{"a/tls.key a/tls.crt"}},
		{"x.pem, x-key.pem", map[string]string{"x.pem": leaf.pem(), "x-key.pem": key}, nil, []string{"x-key.pem x.pem"}},
		{"x.pem, x.key", map[string]string{"x.pem": leaf.pem(), "x.key": key}, nil, []string{"x.key x.pem"}},
		{"x.crt, x-key.pem and x.key", map[string]string{"x.crt": leaf.pem(), "x-key.pem": wrong, "x.key": key}, nil, []string{"x-key.pem ", "x.key x.crt"}},
		{"one file", map[string]string{"x": key + leaf.pem()}, nil, []string{"x x"}},
		{"one file before another", map[string]string{"x.pem": leaf.pem() + key, "x.key": wrong}, nil, []string{"x.key ", "x.pem x.pem"}},
		{"other folders", map[string]string{"a/x.crt": leaf.pem(), "b/x.key": wrong}, nil, []string{"b/x.key "}},
		{"other names", map[string]string{"x.crt": leaf.pem(), "y.key": wrong}, nil, []string{"y.key "}},
		{"other extensions", map[string]string{"x.txt": leaf.pem(), "x.key": wrong}, nil, []string{"x.key "}},
		{"wrong key", map[string]string{"x.crt": leaf.pem(), "x.key": wrong}, []string{mismatch + "x.crt: the private key in x.key does not"}, []string{"x.key x.crt"}},
		{"wrong key in one file", map[string]string{"x": leaf.pem() + wrong}, []string{mismatch + "x: the private key in x does not"}, []string{"x x"}},
		{"first of two keys", map[string]string{"x": leaf.pem() + wrong + key}, []string{mismatch + "x: the private key in x does not"}, []string{"x x", "x "}},
		{"chain", map[string]string{"x.crt": leaf.pem() + ca.pem(), "x.key": key}, nil, []string{"x.key x.crt"}},
		{
			"reversed chain", map[string]string{"x.crt": ca.pem() + leaf.pem(), "x.key": key},
			[]string{"error chain-order x.crt: the private key belongs to certificate 2 of the file, \"leaf\", but"}, []string{"x.key x.crt"},
		},
		{
			"chain without key", map[string]string{"x.crt": leaf.pem() + other.pem() + ca.pem()}, nil, nil,
		},
		{
			"reversed chain without key", map[string]string{"x.crt": ca.pem() + leaf.pem()},
			[]string{"warning chain-order x.crt: certificate 2 of the file, \"leaf\", did not sign the one before it, \"ca\""}, nil,
		},
		{"bundle", map[string]string{"x.crt": ca.pem() + issue(t, "ca 2", nil, isCA).pem()}, nil, nil},
		{"public key", map[string]string{"x.crt": leaf.pem(), "x.key": pemOf("PUBLIC KEY", spki(other.PublicKey))}, nil, []string{"x.key "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := plantFiles(t, tt.files)
			r := inspected(t, inspectOptions(), root)
			checkFound(t, r, root, tt.want)
			var pairs []string
			for _, k := range r.Keys {
				pairs = append(pairs, strings.TrimPrefix(k.Path, root+"/")+" "+strings.TrimPrefix(k.Certificate, root+"/"))
			}
			if !slices.Equal(pairs, tt.pairs) {
				t.Errorf("pairs %q, want %q", pairs, tt.pairs)
			}
		})
	}
}

// endsIn makes a certificate end so many days after the instant of the tests.
func endsIn(days int) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.NotAfter = at().AddDate(0, 0, days)
		c.NotBefore = c.NotAfter.AddDate(-2, 0, 0)
	}
}

func serialNumber(n int64) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.SerialNumber = big.NewInt(n) }
}

// withoutID takes the key identifier out: what it issues then does not name it, as
// with older tools.
func withoutID(c *issued) *issued {
	c.SubjectKeyId = nil
	return c
}

func TestInspectAuthorities(t *testing.T) {
	ca := issue(t, "ca", nil, isCA, endsIn(400))
	oldCA := &issued{issueWith(t, ca, isCA, endsIn(-3)), ca.private}
	shortCA := issue(t, "short", nil, isCA, endsIn(200))
	namesake := issue(t, "short", nil, isCA, endsIn(200))
	long := issue(t, "long", shortCA, endsIn(330))
	unsigned := issue(t, "unsigned", withoutID(issue(t, "short", nil, isCA)), endsIn(330))
	plain := issue(t, "plain", withoutID(&issued{parsed(t, shortCA.Raw), shortCA.private}), endsIn(330))
	root := issue(t, "Root CA 1", nil, isCA)
	intermediate := issue(t, "Root CA 2", root, isCA)
	damaged := *issue(t, "damaged", nil, isCA)
	raw := slices.Clone(damaged.Raw)
	raw[len(raw)-1] ^= 1
	damaged.Certificate = parsed(t, raw)
	const outlives = "warning outlives-ca x.crt: the certificate says that it is valid until "
	tests := []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"CA lasts", map[string]string{"ca.crt": ca.pem(), "x.crt": issue(t, "x", ca).pem()}, nil},
		{"outlives", map[string]string{"ca.crt": shortCA.pem(), "x.crt": long.pem()}, []string{outlives}},
		{"outlives in one file", map[string]string{"x.crt": long.pem() + shortCA.pem()}, []string{outlives}},
		{"CA is not there", map[string]string{"x.crt": long.pem()}, nil},
		{"only a namesake", map[string]string{"ca.crt": namesake.pem(), "x.crt": long.pem()}, nil},
		{"and a namesake", map[string]string{"a.crt": namesake.pem(), "ca.crt": shortCA.pem(), "x.crt": long.pem()}, []string{outlives}},
		{"no identifiers", map[string]string{"ca.crt": shortCA.pem(), "x.crt": plain.pem()}, []string{outlives}},
		{"no identifiers, not signed", map[string]string{"ca.crt": shortCA.pem(), "x.crt": unsigned.pem()}, nil},
		{"expired CA", map[string]string{"ca.crt": oldCA.pem(), "x.crt": issue(t, "x", ca).pem()},
			[]string{"error expired ca.crt: the CA \"ca\" expired on 2026-12-12T00:00:00Z (3d ago), and with it all that it signed: x.crt"}},
		{"renewed CA", map[string]string{"a.crt": oldCA.pem(), "ca.crt": ca.pem(), "x.crt": issue(t, "x", ca).pem()},
			[]string{"error expired a.crt: the CA \"ca\" expired on 2026-12-12T00:00:00Z (3d ago)"}},
		{"expired CA in a bundle", map[string]string{"ca.crt": ca.pem() + oldCA.pem()},
			[]string{"warning expired ca.crt: certificate 2 of the file expired on"}},
		{"CA ends soon", map[string]string{"ca.crt": issue(t, "ca", nil, isCA, endsIn(100)).pem()},
			[]string{"warning expires-soon ca.crt: the CA \"ca\" expires on "}},
		{"leaf ends soon", map[string]string{"x.crt": issue(t, "x", nil, endsIn(20)).pem()}, []string{"warning expires-soon x.crt: "}},
		{"one serial", map[string]string{"a.crt": issue(t, "a", ca, serialNumber(7)).pem(), "b.crt": issue(t, "b", ca, serialNumber(7)).pem()},
			[]string{"warning duplicate-serial b.crt: the certificate has the serial number 7, as has a.crt of the same issuer"}},
		{"one serial of two issuers", map[string]string{"a.crt": issue(t, "a", namesake, serialNumber(7)).pem(), "b.crt": issue(t, "b", shortCA, serialNumber(7)).pem()}, nil},
		{"copies", map[string]string{"a.crt": ca.pem(), "b.crt": ca.pem()}, nil},
		{"intermediate", map[string]string{"a.crt": root.pem(), "b.crt": intermediate.pem()}, nil},
		{"leaf of a namesake", map[string]string{"x.crt": issue(t, "short", withoutID(&issued{parsed(t, namesake.Raw), namesake.private})).pem()}, nil},
		{"damaged", map[string]string{"ca.crt": damaged.pem()}, []string{"error self-signature ca.crt: the CA \"damaged\" does not match its own signature"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := plantFiles(t, tt.files)
			r := inspected(t, inspectOptions(), root)
			checkFound(t, r, root, tt.want)
		})
	}
}

// issueWith issues a certificate for a key that has one already.
func issueWith(t *testing.T, c *issued, edits ...func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	template := parsed(t, c.Raw)
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	for _, edit := range edits {
		edit(template)
	}
	return parsed(t, signedBy(t, template, c))
}

// TestInspectNodes: the files of a healthy node are in order, and those of each
// kind of node have the same certificates as its audit.
func TestInspectNodes(t *testing.T) {
	root := write(t, pkitest.Hardened(made()))
	r := inspected(t, inspectOptions(), root)
	isLink := func(path string) bool { return strings.HasSuffix(path, "-current.pem") } // absolute: it leads out of the copy
	for _, f := range r.Findings {
		if !isLink(f.Path) {
			t.Errorf("%s %s: %s", f.Check, f.Path, f.Message)
		}
	}
	seen := map[string]bool{}
	for _, c := range r.Certificates {
		seen[strings.TrimPrefix(c.Path, root)+" "+c.FingerprintSHA256] = true
	}
	for _, c := range run(t, root, options(t)).Certificates {
		if !seen[c.Path+" "+c.FingerprintSHA256] && !isLink(c.Path) {
			t.Errorf("%s %s is not there", c.Path, c.Subject.CommonName)
		}
	}
}

// TestInspectableChecksFire: no check is run in vain.
func TestInspectableChecksFire(t *testing.T) {
	ca := issue(t, "ca", nil, isCA, endsIn(-1))
	shortCA := issue(t, "short", nil, isCA, endsIn(200))
	rsa := rsaKey(1024)
	files := map[string]string{
		"ca.crt": ca.pem(), "short.crt": shortCA.pem(), "long.crt": issue(t, "long", shortCA, endsIn(330), serialNumber(7)).pem(),
		"twin.crt": issue(t, "twin", shortCA, serialNumber(7)).pem(), "soon.crt": issue(t, "soon", nil, endsIn(5)).pem(),
		"future.crt": issue(t, "future", nil, func(c *x509.Certificate) { c.NotBefore = at().AddDate(0, 0, 3) }).pem(),
		"chain.crt":  ca.pem() + issue(t, "x", ca).pem(), "weak.key": pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsa)),
		"pair.crt": issue(t, "pair", nil).pem(), "pair.key": issue(t, "pair", nil).key(),
		"secret.key": pemOf("ENCRYPTED PRIVATE KEY", []byte("0\x00")), "bad.crt": "x",
		"sha1.crt": pemOf("CERTIFICATE", sha1Signed(t, rsa)),
	}
	raw := slices.Clone(shortCA.Raw)
	raw[len(raw)-1] ^= 1
	files["damaged.crt"] = pemOf("CERTIFICATE", raw)
	root := plantFiles(t, files)
	if err := os.Chmod(filepath.Join(root, "weak.key"), 0o644); err != nil {
		t.Fatal(err)
	}
	fired := map[string]bool{}
	for _, f := range inspected(t, inspectOptions(), root).Findings {
		fired[f.Check] = true
	}
	for _, c := range Inspectable(rules.Checks()) {
		if !fired[c.ID] {
			t.Errorf("%s does not fire", c.ID)
		}
	}
}

// TestInspectFindsDamage: whatever bit of a root is wrong, its file does not pass
// for healthy.
func TestInspectFindsDamage(t *testing.T) {
	ca := issue(t, "kubernetes", nil, isCA)
	files := map[string]string{}
	for n := range ca.Raw {
		for _, bit := range []byte{0x01, 0x80} {
			raw := slices.Clone(ca.Raw)
			raw[n] ^= bit
			files[fmt.Sprintf("%04d-%02x/ca.crt", n, bit)] = pemOf("CERTIFICATE", raw)
		}
	}
	root, fsys := plantFiles(t, files), system(t)
	for name := range files { // each for itself: one is no authority of another
		r := inspect(fsys, []string{filepath.Join(root, name)}, inspectOptions()).report(nil)
		if len(r.Findings) == 0 {
			t.Errorf("%s is not found", name)
		}
	}
}
