package audit

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/rules"
)

// issued is a certificate with its key.
type issued struct {
	*x509.Certificate
	private crypto.Signer
}

// issue makes a certificate for a year, by itself where there is no issuer.
func issue(t testing.TB, name string, by *issued, edits ...func(*x509.Certificate)) *issued {
	t.Helper()
	key := ecKey()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: made(), NotAfter: made().AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, edit := range edits {
		edit(c)
	}
	parent, signer := c, crypto.Signer(key)
	if by != nil {
		p := *by.Certificate
		p.PublicKey = by.private.Public() // it may be the parent in name alone
		parent, signer = &p, by.private
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	return &issued{parsed(t, der), key}
}

func parsed(t testing.TB, der []byte) *x509.Certificate {
	t.Helper()
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// isCA makes a certificate that of an authority, for ten years.
func isCA(c *x509.Certificate) {
	c.IsCA, c.BasicConstraintsValid, c.KeyUsage, c.ExtKeyUsage = true, true, x509.KeyUsageCertSign, nil
	c.NotAfter = made().AddDate(10, 0, 0)
}

func (c *issued) pem() string { return pemOf("CERTIFICATE", c.Raw) }

func (c *issued) key() string { return pemOf("PRIVATE KEY", pkcs8(c.private)) }

// request returns the DER form of a request for node-1.
func request(t testing.TB, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject: pkix.Name{CommonName: "node-1"}, DNSNames: []string{"node-1"}, IPAddresses: []net.IP{net.IPv4(192, 0, 2, 1)},
		ExtraExtensions: askingFor(t),
	}, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// plantFiles writes files below a new folder. Keys get the mode that they should have.
func plantFiles(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0o644)
		if strings.Contains(text, "PRIVATE KEY") || strings.Contains(text, "key-data") {
			mode = 0o600
		}
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func inspectOptions() InspectOptions {
	return InspectOptions{At: at(), Limits: rules.DefaultLimits(), Checks: Inspectable(rules.Checks())}
}

// system returns the files of this system.
func system(t testing.TB) *hostfs.FS {
	t.Helper()
	fsys, err := hostfs.New("/")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := fsys.Close(); err != nil {
			t.Error(err)
		}
	})
	return fsys
}

// inspected inspects paths of this system, once: nobody changes the files of a test.
func inspected(t testing.TB, o InspectOptions, paths ...string) *Report {
	t.Helper()
	return inspect(system(t), paths, o).report(paths)
}

// rowsOf renders all rows of a report, with paths relative to a folder.
func rowsOf(r *Report, root string) []string {
	var lines []string
	add := func(kind, path, embedded string, source Source, detail string, status rules.Status) {
		line := fmt.Sprintf("%s %s", kind, strings.TrimPrefix(path, root+"/"))
		if source.Line > 0 {
			line += fmt.Sprintf(":%d", source.Line)
		}
		for _, text := range []string{embedded, detail, string(status)} {
			if text != "" && text != "ok" {
				line += " " + text
			}
		}
		lines = append(lines, line)
	}
	for _, c := range r.Certificates {
		add(c.Type, c.Path, c.Embedded, c.Source, c.Subject.CommonName, c.Status)
	}
	for _, q := range r.Requests {
		add(q.Type, q.Path, q.Embedded, q.Source, q.Subject.CommonName, q.Status)
	}
	for _, k := range r.Keys {
		add(k.Type, k.Path, k.Embedded, k.Source, strings.TrimPrefix(k.Certificate, root+"/"), k.Status)
	}
	return lines
}

// foundIn renders all findings, with paths relative to a folder.
func foundIn(r *Report, root string) []string {
	var lines []string
	for _, f := range r.Findings {
		lines = append(lines, strings.ReplaceAll(fmt.Sprintf("%s %s %s: %s", f.Severity, f.Check, f.Path, f.Message), root+"/", ""))
	}
	return lines
}

// checkInspection compares rows and findings.
func checkInspection(t *testing.T, r *Report, root string, rows, findings []string) {
	t.Helper()
	if diff := cmp.Diff(rows, rowsOf(r, root)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	checkFound(t, r, root, findings)
}

// checkFound compares findings, by their beginnings.
func checkFound(t *testing.T, r *Report, root string, findings []string) {
	t.Helper()
	got := foundIn(r, root)
	for i := range got {
		if i < len(findings) && strings.HasPrefix(got[i], findings[i]) {
			got[i] = findings[i]
		}
	}
	if diff := cmp.Diff(findings, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if c := r.Coverage; c.Examined+c.Unreadable != c.References {
		t.Errorf("%+v does not add up", c)
	}
}

// kindsOfInput are files of one kind each, and what comes out of them.
func kindsOfInput(t *testing.T) []inputKind {
	ca := issue(t, "ca", nil, isCA)
	leaf := issue(t, "leaf", ca)
	ecDER := sec1(leaf.private.(*ecdsa.PrivateKey))
	csr := request(t, leaf.private)
	forged := slices.Clone(csr)
	forged[len(forged)-1] ^= 1
	key, second := leaf.key(), 1+strings.Count(leaf.pem(), "\n") // signatures differ in length
	at := func(row string) string { return fmt.Sprintf(row, second) }
	return []inputKind{
		{"PEM", "x.crt", leaf.pem(), []string{"Server x.crt leaf"}, nil},
		{"a CA", "ca.pem", ca.pem(), []string{"CA ca.pem ca"}, nil},
		{"any name", "x", leaf.pem(), []string{"Server x leaf"}, nil},
		{"text before PEM", "x", "Certificate:\n  Data:\n" + leaf.pem(), []string{"Server x leaf"}, nil},
		{"a chain", "x.crt", leaf.pem() + ca.pem(), []string{"Server x.crt:1 leaf", at("CA x.crt:%d ca")}, nil},
		{"certificate and key", "x.pem", leaf.pem() + key, []string{"Server x.pem:1 leaf", at("Private Key x.pem:%d x.pem")}, nil},
		{"PKCS#8", "x.key", key, []string{"Private Key x.key"}, nil},
		{"SEC 1", "x.key", pemOf("EC PRIVATE KEY", ecDER), []string{"Private Key x.key"}, nil},
		{"public key", "x.pub", pemOf("PUBLIC KEY", spki(leaf.PublicKey)), []string{"Public Key x.pub"}, nil},
		{"request", "x.csr", pemOf("CERTIFICATE REQUEST", csr), []string{"Request x.csr node-1"}, nil},
		{"old label", "x.csr", pemOf("NEW CERTIFICATE REQUEST", csr), []string{"Request x.csr node-1"}, nil},
		{"request and key", "x", key + pemOf("CERTIFICATE REQUEST", csr), []string{"Request x:6 node-1", "Private Key x:1"}, nil},
		{"forged request", "x.csr", pemOf("CERTIFICATE REQUEST", forged), []string{"Request x.csr node-1 error"},
			[]string{"error self-signature x.csr: the request does not match its own signature"}},
		{"bad request", "x.csr", pemOf("CERTIFICATE REQUEST", csr[:40]), nil,
			[]string{"error unreadable x.csr: the file holds no usable PEM block (line 1, CERTIFICATE REQUEST): "}},
		{"DER", "x.der", string(leaf.Raw), []string{"Server x.der leaf info"},
			[]string{"info unreadable x.der: the file is in DER, not in PEM: it was decoded here"}},
		{"DER request", "x", string(csr), []string{"Request x node-1 info"}, []string{"info unreadable x: the file is in DER"}},
		{"DER key", "x", string(ecDER), []string{"Private Key x error"},
			[]string{"error file-permissions x: the mode 0644 lets every user read", "info unreadable x: the file is in DER"}},
		{"encrypted key", "x.key", pemOf("ENCRYPTED PRIVATE KEY", []byte("0\x00")), []string{"Private Key x.key error"},
			[]string{"error key-encrypted x.key: the private key is encrypted"}},
		{"broken key", "x.key", pemOf("PRIVATE KEY", []byte("0\x00")), []string{"Private Key x.key error"},
			[]string{"error unreadable x.key: the key at line 1 cannot be used: not in the form of"}},
		{"truncated", "x.crt", leaf.pem()[:300], nil, []string{"error unreadable x.crt: the file holds no usable PEM block (line 1, CERTIFICATE): never ends"}},
		{"one of two broken", "x.crt", leaf.pem() + pemOf("CERTIFICATE", leaf.Raw[:99]), []string{"Server x.crt leaf warning"},
			[]string{at("warning unreadable x.crt: the CERTIFICATE block at line %d cannot be used: ")}},
		{"PKCS#7", "x", pemOf("PKCS7", []byte("0\x00")), nil, []string{"error unreadable x: the file holds no usable PEM block (line 1, PKCS7): PKCS#7, which"}},
		{"nothing", "x.crt", "", nil, []string{"error unreadable x.crt: the file cannot be read: empty"}},
		{"prose", "x.crt", "hello\n", nil, []string{"error unreadable x.crt: the file holds no PEM block"}},
		{"OpenSSH", "x.pub", "ssh-rsa AAAA", nil, []string{"error unreadable x.pub: the file holds a public key in the form of OpenSSH"}},
	}
}

// inputKind is a file of one kind.
type inputKind struct {
	name, file, text string
	rows, findings   []string
}

func TestInspectKinds(t *testing.T) {
	for _, tt := range kindsOfInput(t) {
		t.Run(tt.name, func(t *testing.T) {
			root := plantFiles(t, map[string]string{tt.file: tt.text})
			checkInspection(t, inspected(t, inspectOptions(), filepath.Join(root, tt.file)), root, tt.rows, tt.findings)
		})
	}
}

// TestInspectPassesOver: what is found in a folder and is of no concern is passed over;
// named, it is told that it holds nothing.
func TestInspectPassesOver(t *testing.T) {
	leaf := issue(t, "leaf", nil)
	indented := "Example:\n\n    " + strings.ReplaceAll(leaf.pem(), "\n", "\n    ")
	crl := pemOf("X509 CRL", []byte("0\x00"))
	tests := []struct{ file, text, named string }{
		{"README.md", "# Keys\n", "the file holds no PEM block"},
		{"notes.md", indented, "the file holds no usable PEM block (line 3, CERTIFICATE): blanks stand before BEGIN"},
		{"pod.yaml", "apiVersion: v1\nkind: Pod\n", "the file holds a Kubernetes object in YAML, not PEM"},
		{"secret.yaml", "apiVersion: v1\nkind: Secret\ndata: {}\n", "the file holds a Kubernetes object in YAML"},
		{"users.yaml", "users: [a, b]\n", "the file cannot be used as a kubeconfig"},
		{"x.json", `{"a": 1}`, "the file holds JSON, not PEM"},
		{"empty", "", "the file cannot be read: empty"},
		{"crl.pem", crl, "the file holds no usable PEM block (line 1, X509 CRL)"},
		{"dh.pem", pemOf("DH PARAMETERS", []byte("0\x00")), "the file holds no usable PEM block (line 1, DH PARAMETERS)"},
		{"id.pub", "ssh-ed25519 AAAA a@b\n", "the file holds a public key in the form of OpenSSH"},
		{"binary", "\x7fELF\x00\x01\x02", "the file holds binary data, not PEM"},
	}
	files := map[string]string{}
	for _, tt := range tests {
		files[tt.file] = tt.text
	}
	root := plantFiles(t, files)
	r := inspected(t, inspectOptions(), root)
	if len(r.Findings) > 0 || r.Coverage != (Coverage{}) {
		t.Errorf("%+v, %q", r.Coverage, foundIn(r, root))
	}
	for _, tt := range tests {
		r := inspected(t, inspectOptions(), filepath.Join(root, tt.file))
		want := []string{"error unreadable " + tt.file + ": " + tt.named}
		checkInspection(t, r, root, nil, want)
		if r.Coverage != (Coverage{References: 1, Unreadable: 1}) {
			t.Errorf("%s: %+v", tt.file, r.Coverage)
		}
	}
}

// signedBy signs a template that has the public key of a certificate with its
// private one.
func signedBy(t testing.TB, template *x509.Certificate, c *issued) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, template, c.private.Public(), c.private)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// sha1Signed returns a certificate that claims to be signed with SHA-1, which Go
// does not do any more.
func sha1Signed(t testing.TB, by *rsa.PrivateKey) []byte {
	t.Helper()
	der := issue(t, "old", &issued{issue(t, "rsa", nil, isCA).Certificate, by}).Raw
	const sha256, sha1 = "\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B", "\x2A\x86\x48\x86\xF7\x0D\x01\x01\x05"
	return bytes.ReplaceAll(der, []byte(sha256), []byte(sha1))
}
