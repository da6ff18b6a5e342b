package audit

import (
	"encoding/pem"
	"os"
	"strings"
	"testing"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/internal/pkitest"
)

// fuzzNode is a node of which two files are the fuzzer's.
func fuzzNode(f *testing.F, links map[string]string) (root string, fsys *hostfs.FS, tree *pkitest.Tree) {
	f.Helper()
	s := pkitest.Hardened(made())
	s.RemovePod("etcd")
	tree, err := s.Build()
	if err != nil {
		f.Fatal(err)
	}
	original := &pkitest.Tree{Files: map[string]*pkitest.File{}}
	for name, file := range tree.Files {
		own := *file
		original.Files[name] = &own
	}
	for name, target := range links {
		tree.Files[name] = &pkitest.File{Link: target}
	}
	root = f.TempDir() + "/node"
	if err := tree.Write(root); err != nil {
		f.Fatal(err)
	}
	if fsys, err = hostfs.New(root); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { fsys.Close() })
	return root, fsys, original
}

// fuzzOnce writes the fuzzer's files and audits the node once.
func fuzzOnce(t *testing.T, root string, fsys *hostfs.FS, files ...[]byte) *Report {
	t.Helper()
	for i, data := range files {
		if err := os.WriteFile(root+"/file"+string(rune('a'+i)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := once(t.Context(), fsys, options(t)).report()
	noPanic(t, r)
	if c := r.Coverage; c.Examined+c.Unreadable+c.Unverifiable+c.Unjudged != c.References {
		t.Errorf("%+v do not add up", c)
	}
	for _, f := range r.Findings {
		if f.Check == "" || f.Severity == 0 || f.Message == "" || f.Path == "" && f.Component == "" {
			t.Errorf("an incomplete finding: %+v", f)
		}
		if f.Fix != "" && strings.ContainsAny(f.Fix, "\r\x1b") {
			t.Errorf("a fix with control characters: %q", f.Fix)
		}
	}
	return r
}

// Whatever two certificates hold, in the parts of an authority, of what it signed,
// and of a key, no check and no parser fails on them, and each file is listed or
// told to be of no use.
func FuzzCertificates(f *testing.F) {
	links := map[string]string{
		pki + "ca.crt": "/filea", pki + "apiserver.crt": "/fileb", pki + "front-proxy-ca.crt": "/fileb",
		pki + "front-proxy-client.crt": "/filea", pki + "sa.pub": "/filea",
	}
	root, fsys, tree := fuzzNode(f, links)
	der := func(name string) []byte {
		block, _ := pem.Decode(tree.Files[pki+name].Data)
		return block.Bytes
	}
	f.Add(der("ca.crt"), der("apiserver.crt"), "CERTIFICATE")
	f.Add(der("ca.crt"), der("ca.crt"), "CERTIFICATE")
	f.Add(der("front-proxy-client.crt"), der("front-proxy-ca.crt"), "CERTIFICATE")
	f.Add(der("sa.pub"), der("sa.key"), "PUBLIC KEY")
	f.Add(der("sa.key"), der("sa.key"), "EC PRIVATE KEY")
	f.Add(newCertificate(f, "a"), []byte("\x30\x00"), "X509 CRL")
	f.Fuzz(func(t *testing.T, a, b []byte, label string) {
		if strings.ContainsAny(label, "\r\n:") || len(label) > 100 {
			t.Skip("not a label")
		}
		r := fuzzOnce(t, root, fsys, []byte(pemOf(label, a)+pemOf("CERTIFICATE", b)), []byte(pemOf("CERTIFICATE", b)+pemOf(label, a)))
		outcomes := map[string]bool{}
		for _, c := range r.Certificates {
			outcomes[c.Path] = true
		}
		for _, k := range r.Keys {
			outcomes[k.Path] = true
		}
		for _, found := range r.Findings {
			outcomes[found.Path] = outcomes[found.Path] || found.Check == "unreadable"
		}
		for path := range links {
			if !outcomes[path] {
				t.Errorf("nothing is told of %s: %q", path, brief(r.Findings))
			}
		}
	})
}

// Whatever a manifest and a kubeconfig hold, an audit ends, fails on nothing, and
// counts what it was told of.
func FuzzNode(f *testing.F) {
	root, fsys, tree := fuzzNode(f, map[string]string{
		etc + "manifests/kube-apiserver.yaml": "/filea", etc + "manifests/x": "/fileb", etc + "scheduler.conf": "/fileb",
		vlk + "config.yaml": "/filea", vlk + "kubeadm-flags.env": "/fileb",
	})
	for _, name := range []string{"manifests/kube-apiserver.yaml", "manifests/kube-scheduler.yaml", "scheduler.conf", "kubelet.conf"} {
		f.Add(tree.Files[etc+name].Data, tree.Files[etc+"scheduler.conf"].Data)
		f.Add(tree.Files[vlk+"config.yaml"].Data, tree.Files[etc+name].Data)
	}
	f.Add([]byte("kind: Pod\nspec: {containers: [{command: [etcd, --cert-file=/a, --listen-client-urls=https://[::1]]}]}\n"), []byte("KUBELET_KUBEADM_ARGS=--config=/filea"))
	f.Add([]byte("kind: Pod\nspec: {containers: [{command: [kube-apiserver, '--tls-sni-cert-key=a,b:*.x']}]}\n"), []byte("kind: Config\nusers: [{name: a, user: {client-key: ../x}}]\n"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if len(a)+len(b) > 100<<10 {
			t.Skip("the limits of size have tests of their own")
		}
		fuzzOnce(t, root, fsys, a, b)
	})
}
