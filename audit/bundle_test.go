package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"slices"
	"strings"
	"testing"

	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/rules"
)

// badCertificate returns a block of which no reader can make a certificate.
func badCertificate() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("\x30\x03\x02\x01\x00")})
}

// A bundle with one bad certificate is judged as its readers judge it: the
// loaders of client-go and of etcd (client/pkg/tlsutil/tlsutil.go) refuse the
// whole file, and so nothing verifies with it; the one that a kubeconfig's CA goes
// through skips the bad one. The good certificates are listed all the same.
func TestOneBadBlock(t *testing.T) {
	tests := []struct {
		file     string
		severity rules.Severity
		reader   string // who refuses the whole file; empty where nobody does
	}{
		{pki + "ca.crt", rules.Error, "kube-apiserver"},
		{pki + "front-proxy-ca.crt", rules.Error, "kube-apiserver"},
		{pki + "etcd/ca.crt", rules.Error, "etcd"},
		{pki + "apiserver.crt", rules.Warning, ""},
		{etc + "scheduler.conf", rules.Warning, ""},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			s := pkitest.Hardened(made())
			root := write(t, s, func(tree *pkitest.Tree) {
				f := tree.Files[tt.file]
				if !strings.HasSuffix(tt.file, ".conf") {
					f.Data = append(f.Data, badCertificate()...)
					return
				}
				good := pkitest.CertPEM(s.Cert("ca").Signed)
				f.Data = bytes.ReplaceAll(f.Data, []byte(base64.StdEncoding.EncodeToString(good)),
					[]byte(base64.StdEncoding.EncodeToString(append(good, badCertificate()...))))
			})
			r := run(t, root, options(t))
			noPanic(t, r)
			f := finding(r, "unreadable", tt.file)
			refused := "refuses the whole file for it"
			if f.Severity != tt.severity || strings.Contains(f.Message, refused) != (tt.reader != "") || !strings.Contains(f.Message, tt.reader) {
				t.Errorf("%+v", f)
			}
			if len(r.Certificates) < 17 {
				t.Errorf("%d certificates", len(r.Certificates))
			}
			for _, c := range r.Connections {
				if c.Name == "apiserver-to-kubelet" {
					continue // its CA goes through the loader that skips
				}
				if unjudged := c.Status == "info"; c.Verifier.Path == tt.file && unjudged != (tt.reader != "") {
					t.Errorf("connection %s: %s %s", c.Name, c.Status, c.Reason)
				}
			}
		})
	}
}

// The loader of etcd, which the API server uses for etcd's CA as well, refuses a
// file for any block that is no certificate; all others pass over those.
func TestStrayBlock(t *testing.T) {
	key, err := pkitest.KeyPEM(pkitest.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	parameters := []byte("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n")
	for _, block := range [][]byte{key, parameters} {
		for _, tt := range []struct {
			file    string
			refused bool
		}{{pki + "etcd/ca.crt", true}, {pki + "ca.crt", false}, {pki + "front-proxy-ca.crt", false}} {
			r := run(t, write(t, pkitest.Hardened(made()), func(tree *pkitest.Tree) {
				f := tree.Files[tt.file]
				f.Data, f.Mode = append(slices.Clone(block), f.Data...), 0o600
			}), options(t))
			if !tt.refused {
				if len(r.Findings) > 0 {
					t.Errorf("%s with %.30s: %q", tt.file, block, brief(r.Findings))
				}
				continue
			}
			f := finding(r, "unreadable", tt.file)
			if want := "block at line 1 is no certificate; etcd refuses the whole file for it"; f.Severity != rules.Error || !strings.Contains(f.Message, want) {
				t.Errorf("%s with %.30s: %+v", tt.file, block, f)
			}
			for _, c := range r.Connections {
				if c.Verifier.Path == tt.file && c.Status != "info" {
					t.Errorf("connection %s: %s", c.Name, c.Status)
				}
			}
		}
	}
}

// A certificate in a block with headers is used by who presents it, and by etcd;
// others who verify with it pass over it.
func TestBlockWithHeaders(t *testing.T) {
	withHeader := func(path string) func(*pkitest.Tree) {
		return func(tree *pkitest.Tree) {
			f := tree.Files[path]
			f.Data = bytes.Replace(f.Data, []byte("-----BEGIN CERTIFICATE-----\n"), []byte("-----BEGIN CERTIFICATE-----\nComment: x\n\n"), 1)
		}
	}
	for _, file := range []string{pki + "apiserver.crt", pki + "etcd/ca.crt"} {
		r := run(t, write(t, pkitest.Hardened(made()), withHeader(file)), options(t))
		if len(r.Findings) > 0 {
			t.Errorf("in %s: %q", file, brief(r.Findings))
		}
	}
	r := run(t, write(t, pkitest.Hardened(made()), withHeader(pki+"front-proxy-ca.crt")), options(t))
	if f := finding(r, "unreadable", pki+"front-proxy-ca.crt"); f.Severity != rules.Error || !strings.Contains(f.Message, "headers") {
		t.Errorf("in the file of a CA: %q", brief(r.Findings))
	}
}
