package audit

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/rules"
)

// resigned signs what a certificate states anew, be it changed, with a key for ECDSA.
func resigned(der []byte, key crypto.Signer) []byte {
	var c struct {
		Stated    asn1.RawValue
		Algorithm asn1.RawValue
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &c); err != nil {
		panic(err)
	}
	digest := sha256.Sum256(c.Stated.FullBytes)
	signature := must(ecdsa.SignASN1(rand.Reader, key.(*ecdsa.PrivateKey), digest[:]))
	c.Signature = asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	return must(asn1.Marshal(c))
}

// publicOnly is a key of which only the public half exists.
type publicOnly struct {
	crypto.Signer
	public crypto.PublicKey
}

func (p publicOnly) Public() crypto.PublicKey { return p.public }

// hugeKey returns an RSA key of 65,536 bits that nobody can sign with, and the
// largest exponent.
func hugeKey() crypto.Signer {
	n := new(big.Int).Lsh(big.NewInt(1), 65_535)
	return publicOnly{pkitest.NewKey(), &rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: 1<<31 - 1}}
}

// noPanic fails where a parser, a check or a verification failed on an object.
func noPanic(t *testing.T, r *Report) {
	t.Helper()
	for _, f := range r.Findings {
		for _, words := range []string{"the check failed on this object", "the verification failed on these certificates", "a parser failed on it"} {
			if strings.Contains(f.Message, words) {
				t.Errorf("%s %s: %s", f.Check, f.Path, f.Message)
			}
		}
	}
}

// finding returns the first finding of a check about a file.
func finding(r *Report, check, path string) Finding {
	for _, f := range r.Findings {
		if f.Check == check && f.Path == path {
			return f
		}
	}
	return Finding{}
}

// Keys of kinds that Go has no type for are named, wherever they stand.
func TestUnsupportedKeys(t *testing.T) {
	ed := edKey()
	tests := []struct {
		name     string
		key      crypto.Signer
		from, to string // of the object identifier
		says     string
	}{
		{"RSA-PSS", rsaKey(2048), "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", "RSA-PSS"},
		{"Ed448", ed, "\x06\x03\x2b\x65\x70", "\x06\x03\x2b\x65\x71", "Ed448"},
		{"unknown", ed, "\x06\x03\x2b\x65\x70", "\x06\x03\x2b\x65\x01", "1.3.101.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := pkitest.Hardened(made())
			s.Cert("apiserver").Key = tt.key
			s.Cert("front-proxy-client").Chain = []string{"apiserver"}
			r := run(t, write(t, s, func(tree *pkitest.Tree) {
				text := tree.Files[pki+"apiserver.crt"].Data
				block, _ := pem.Decode(text)
				block.Bytes = resigned(patched(t, block.Bytes, tt.from, tt.to), s.Cert("ca").Key)
				unsupported := pem.EncodeToMemory(block)
				tree.Files[pki+"apiserver.crt"].Data = unsupported
				for _, name := range []string{"front-proxy-client.crt", "ca.crt", "sa.pub"} {
					f := tree.Files[pki+name]
					f.Data = append(bytes.ReplaceAll(f.Data, text, nil), unsupported...)
				}
			}), options(t))
			noPanic(t, r)
			if f := finding(r, "weak-key", pki+"apiserver.crt"); f.Severity != rules.Error || !strings.Contains(f.Message, tt.says) {
				t.Errorf("the key is not named as %s: %+v", tt.says, brief(r.Findings))
			}
		})
	}
}

// Signatures of keys beyond what TLS accepts are never verified: one takes as
// long as a thousand others. What depends on them is not judged.
func TestHugeKeys(t *testing.T) {
	s := pkitest.Hardened(made())
	s.Cert("scheduler").Key = hugeKey()
	s.Cert("scheduler").WrongKey = pkitest.NewKey()
	own := *template(s, "front-proxy-ca")
	s.Certificates = append(s.Certificates,
		&pkitest.Certificate{Name: "signer", Template: &own},
		&pkitest.Certificate{
			Name: "huge", Template: template(s, "front-proxy-ca"), Issuer: "signer", Key: hugeKey(), WrongKey: pkitest.NewKey(),
		})
	r := run(t, write(t, s, func(tree *pkitest.Tree) {
		tree.Files[pki+"front-proxy-ca.crt"].Data = slices.Repeat(pkitest.CertPEM(s.Cert("huge").Signed), 100)
	}), options(t))
	noPanic(t, r)
	for _, path := range []string{etc + "scheduler.conf", pki + "front-proxy-ca.crt"} {
		if f := finding(r, "weak-key", path); f.Severity != rules.Error || !strings.Contains(f.Message, "65536 bits") {
			t.Errorf("%s: %+v", path, f)
		}
	}
	i := slices.IndexFunc(r.Connections, func(c Connection) bool { return c.Name == "apiserver-from-front-proxy" })
	if c := r.Connections[i]; string(c.Status) != "info" || !strings.Contains(c.Reason, "more than 8192 bits") {
		t.Errorf("%+v", c)
	}
}

// A bundle of namesakes, each of which may have signed everything, costs no more
// than the budget, and its end is told: what was not looked at is not healthy.
func TestManyNamesakes(t *testing.T) {
	s := pkitest.Hardened(made())
	for i := range 400 {
		s.Certificates = append(s.Certificates, &pkitest.Certificate{Name: fmt.Sprint("namesake", i), Template: template(s, "ca")})
	}
	root := write(t, s, func(tree *pkitest.Tree) {
		var all []byte
		for _, c := range s.Certificates {
			if strings.HasPrefix(c.Name, "namesake") {
				all = append(all, pkitest.CertPEM(c.Signed)...)
			}
		}
		tree.Files[pki+"ca.crt"].Data = append(all, tree.Files[pki+"ca.crt"].Data...)
	})
	fsys, err := hostfs.New(root)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	a := once(t.Context(), fsys, options(t))
	if a.facts.Signatures != 0 {
		t.Errorf("%d of %d signatures are left: the test proves nothing", a.facts.Signatures, maxSignatures)
	}
	r := a.report()
	noPanic(t, r)
	if f := finding(r, "unverifiable", pki+"ca.crt"); f.Severity != rules.Warning || !strings.Contains(f.Message, "more than 10000 signatures") {
		t.Errorf("the end of the budget is not told: %q", brief(r.Findings))
	}
}

// A healthy node is far from the end of the budget.
func TestHealthyNodeTakesFewSignatures(t *testing.T) {
	for _, root := range []string{write(t, pkitest.Hardened(made())), unpack(t, "kubeadm-1.37-rsa.tar.gz")} {
		fsys, err := hostfs.New(root)
		if err != nil {
			t.Fatal(err)
		}
		defer fsys.Close()
		if spent := maxSignatures - once(t.Context(), fsys, options(t)).facts.Signatures; spent > 200 {
			t.Errorf("%d signatures", spent)
		}
	}
}

// Of a bundle of 3,000 certificates the first 1,000 are read; so are, of many
// files, those that come first.
func TestManyCertificates(t *testing.T) {
	s := pkitest.Hardened(made())
	for i := range 12 {
		s.Pod("kube-apiserver").AddFlag("service-account-key-file", fmt.Sprint(pki, "sa", i, ".pub"))
	}
	r := run(t, write(t, s, func(tree *pkitest.Tree) {
		authority := tree.Files[pki+"front-proxy-ca.crt"]
		authority.Data = bytes.Repeat(authority.Data, 3000)
		for i := range 12 {
			tree.Files[fmt.Sprint(pki, "sa", i, ".pub")] = &pkitest.File{Data: bytes.Repeat(tree.Files[pki+"sa.pub"].Data, 1000), Mode: 0o600}
		}
	}), options(t))
	noPanic(t, r)
	if f := finding(r, "unreadable", pki+"front-proxy-ca.crt"); !strings.Contains(f.Message, "more than 1000 PEM blocks: the rest was not examined") {
		t.Errorf("%+v", f)
	}
	if f := finding(r, "unreadable", pki+"sa11.pub"); !strings.Contains(f.Message, "the files before it are, together: more than ") {
		t.Errorf("%q", brief(r.Findings))
	}
	if n := len(r.Certificates) + len(r.Keys); n > maxAll+maxBatch*maxBlocks {
		t.Errorf("%d certificates and keys", n)
	}
}

// A server that is dialled by thousands of names, and a certificate that has as
// many, cost what fifty do.
func TestManyNames(t *testing.T) {
	s := pkitest.Hardened(made())
	urls := s.Pod("etcd").Flag("initial-advertise-peer-urls")
	for i := range 10_000 {
		name := fmt.Sprintf("n%d.example", i)
		urls += ",https://" + name + ":2380"
		template(s, "apiserver").DNSNames = append(template(s, "apiserver").DNSNames, name)
	}
	s.Pod("etcd").SetFlag("initial-advertise-peer-urls", urls)
	template(s, "apiserver").IPAddresses = nil
	r := run(t, write(t, s), options(t))
	noPanic(t, r)
	if len(r.Connections) > 200 {
		t.Errorf("%d connections", len(r.Connections))
	}
	if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return strings.Contains(f.Message, "of the 10001 names dialled, 50 are judged") }) {
		t.Errorf("nothing says that not all names are judged: %q", brief(r.Findings))
	}
	for _, f := range r.Findings {
		if text := f.Message + f.Impact; len(text) > 4<<10 { // the fix needs all names that the certificate is to have
			t.Errorf("%s: %d bytes: %.300s", f.Check, len(text), text)
		}
	}
}
