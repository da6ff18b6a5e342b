package main

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/report"
)

// canaries are secrets that must not leave the process, by where they stand.
type canaries map[string]string

// new returns a secret that occurs nowhere else.
func (c canaries) new(where string) string {
	text := fmt.Sprintf("cAnArY%02dx7Q", len(c))
	c[text] = where
	return text
}

// addKeys adds the encoding of all private keys in a text, in parts.
func (c canaries) addKeys(where string, text []byte) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if !strings.HasSuffix(block.Type, "PRIVATE KEY") {
			continue
		}
		for encoded := base64.StdEncoding.EncodeToString(block.Bytes); len(encoded) >= 24; encoded = encoded[24:] {
			c[encoded[:24]] = where
		}
	}
}

// addKey adds the number that a private key is, as it may be written.
func (c canaries) addKey(where string, key any) {
	if k, ok := key.(*ecdsa.PrivateKey); ok {
		d, err := k.Bytes()
		if err != nil {
			panic(err)
		}
		c[hex.EncodeToString(d)] = where
		c[base64.StdEncoding.EncodeToString(d)] = where
		c[strings.ToUpper(hex.EncodeToString(d))] = where
		c[new(big.Int).SetBytes(d).String()] = where
	}
}

// check fails where a text has one of them.
func (c canaries) check(t *testing.T, what, text string) {
	t.Helper()
	joined := strings.NewReplacer("\n", "", " ", "", `\n`, "").Replace(text) // lines may be wrapped
	for canary, where := range c {
		if strings.Contains(joined, canary) {
			t.Errorf("%s: the secret %s is in the output", what, where)
		}
	}
}

// secretive builds a node full of secrets, in all places that are read.
func (c canaries) secretive(t *testing.T) string {
	t.Helper()
	s := pkitest.Hardened(made())
	api := s.Pod("kube-apiserver")
	api.AddFlag("password", c.new("in an unknown flag"))
	api.Command = append(api.Command, "--token", c.new("behind an unknown flag"), c.new("as an argument"))
	api.SetFlag("etcd-servers", "https://root:"+c.new("in the URL of etcd")+"@127.0.0.1:2379")
	api.AddFlag("encryption-provider-config", "/etc/kubernetes/pki/encryption.conf")
	api.AddFlag("token-auth-file", "/etc/kubernetes/pki/tokens.csv")
	api.Annotations["example.com/password"] = c.new("in an annotation")
	s.Kubelet.Flags = append(s.Kubelet.Flags, "--secret="+c.new("in a flag of the kubelet"))
	s.Kubelet.Config["staticPodURLHeader"] = map[string]any{"Authorization": c.new("in the kubelet's configuration")}
	s.Kubeconfig("scheduler.conf").Server = "https://admin:" + c.new("in the URL of a server") + "@192.0.2.11:6443"
	s.Kubeconfig("scheduler.conf").Insecure, s.Kubeconfig("scheduler.conf").CA = true, ""
	s.Kubeconfig("admin.conf").Server = "http://admin:" + c.new("in the URL of a server without TLS") + "@192.0.2.11:6443"
	s.Pod("etcd").SetFlag("listen-client-urls", "http://root:"+c.new("in the URL of etcd without TLS")+"@192.0.2.11:2379")
	s.Pod("etcd").AddFlag("initial-cluster", "cp-1=https://root:"+c.new("in a value given twice")+"@192.0.2.11:2380")
	s.Kubeconfig("controller-manager.conf").Token = c.new("as a token")
	return writeNode(t, s, func(tree *pkitest.Tree) {
		for _, cert := range s.Certificates {
			c.addKey("key of "+cert.Name, cert.Key)
		}
		for name, f := range tree.Files {
			c.addKeys("in "+name, f.Data)
		}
		c.plantFiles(tree)
		c.misplaceKeys(tree)
	})
}

// plantFiles adds files with secrets.
func (c canaries) plantFiles(tree *pkitest.Tree) {
	encryption := "kind: EncryptionConfiguration\nresources:\n- providers:\n  - aescbc: {keys: [{name: k, secret: %s}]}\n"
	user := "kind: Config\nusers:\n- name: a\n  user:\n    username: %s\n    password: %s\n    token: %s\n    exec:\n      command: /bin/%s\n" +
		"      args: [%s]\n      env: [{name: A, value: %s}]\n    auth-provider: {name: x, config: {id: %s}}\n    client-key-data: '%s*'\n" +
		"clusters:\n- name: c\n  cluster: {server: 'https://c', proxy-url: 'http://u:%s@p'}\n%s"
	fields := func(rest string) []any {
		all := make([]any, 0, 10)
		for _, field := range []string{"username", "password", "token", "exec command", "exec argument", "exec environment", "auth-provider", "bad key", "proxy"} {
			all = append(all, c.new("as "+field+" of a kubeconfig"))
		}
		return append(all, rest)
	}
	shell := "kind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n  - name: x\n    env: [{name: A, value: %s}]\n    command: [sh, -c, 'kube-scheduler --token=%s']\n"
	for name, text := range map[string]string{
		"pki/encryption.conf": fmt.Sprintf(encryption, c.new("of an EncryptionConfiguration")),
		"encryption.conf":     fmt.Sprintf(encryption, c.new("of a misplaced EncryptionConfiguration")),
		"pki/tokens.csv":      c.new("in a token file") + ",admin,1\n",
		"a.conf":              fmt.Sprintf(user, fields("")...),
		"broken.conf":         fmt.Sprintf(user, fields("  bad: [\n")...),
		"types.conf":          fmt.Sprintf(user, fields("contexts: x\n")...),
		"manifests/sh.yaml":   fmt.Sprintf(shell, c.new("in the environment of a pod"), c.new("in the text of a shell")),
		"manifests/etcd.bad":  "kind: Pod\nspec: " + c.new("in a broken manifest") + "\n  etcd: [\n",
	} {
		tree.Files["/etc/kubernetes/"+name] = &pkitest.File{Data: []byte(text), Mode: 0o600}
	}
	tree.Files["/etc/default/kubelet"] = &pkitest.File{Data: []byte("KUBELET_EXTRA_ARGS='--x=" + c.new("in an unclosed quote")), Mode: 0o600}
}

// misplaceKeys puts private keys where something else is expected, and damages others.
func (c canaries) misplaceKeys(tree *pkitest.Tree) {
	key := func() []byte {
		k := pkitest.NewKey()
		text, err := pkitest.KeyPEM(k)
		if err != nil {
			panic(err)
		}
		c.addKey("misplaced key", k)
		c.addKeys("misplaced key", text)
		return text
	}
	put := func(name string, data []byte) { tree.Files[name] = &pkitest.File{Data: data, Mode: 0o600} }
	put("/etc/kubernetes/manifests/key.yaml", key())
	put("/etc/kubernetes/super-admin.conf", key())
	put("/etc/kubernetes/pki/front-proxy-ca.crt", append(key(), tree.Files[pki+"front-proxy-ca.crt"].Data...))
	put("/etc/kubernetes/pki/apiserver.crt", key())
	damaged := key()
	put("/etc/kubernetes/pki/apiserver.key", damaged[:len(damaged)-10])
	put("/etc/kubernetes/pki/etcd/server.key", bytes.Replace(key(), []byte("\n"), []byte("\n*"), 2))
	put("/etc/kubernetes/pki/etcd/peer.key", bytes.ReplaceAll(key(), []byte("\n"), []byte(" ")))
	put("/etc/kubernetes/pki/etcd/healthcheck-client.key", bytes.ReplaceAll(key(), []byte("-----BEGIN EC PRIVATE KEY-----"), nil))
	put("/etc/kubernetes/pki/etcd/peer.crt", []byte(base64.StdEncoding.EncodeToString(key())))
	block, _ := pem.Decode(key())
	put("/etc/kubernetes/pki/sa.key", block.Bytes)
	put("/etc/kubernetes/pki/sa.pub", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: block.Bytes}))
	put("/etc/hostname", key()[40:])
}

// No secret of a node is in what the program says about it: in no format, in no
// error, at no width.
func TestNoSecretGetsOut(t *testing.T) {
	c := canaries{}
	root := c.secretive(t)
	for _, format := range report.Formats() {
		for _, args := range [][]string{{"audit", "--root", root, "--output", format.Name}, {"inspect", "--output", format.Name, root}} {
			r := finish(t, program(t, args...))
			if r.code != exitError || len(r.stdout) < 1000 {
				t.Errorf("%q: exit code %d, %d bytes: %s", args, r.code, len(r.stdout), r.stderr)
			}
			c.check(t, strings.Join(args, " "), r.stdout+r.stderr)
		}
	}
	r := finish(t, program(t, "plan", "--root", root))
	if r.code != exitError || len(r.stdout) < 1000 {
		t.Errorf("plan: exit code %d, %d bytes: %s", r.code, len(r.stdout), r.stderr)
	}
	c.check(t, "plan", r.stdout+r.stderr)
	for _, format := range report.ForecastFormats() {
		r := finish(t, program(t, "forecast", "--root", root, "--horizon", "2060-01-01", "--output", format.Name))
		if r.code != exitOK || len(r.stdout) < 1000 {
			t.Errorf("forecast as %s: exit code %d, %d bytes: %s", format.Name, r.code, len(r.stdout), r.stderr)
		}
		c.check(t, "forecast as "+format.Name, r.stdout+r.stderr)
	}
	// A comparison holds what the reports hold, so it is that of all with nothing.
	whole := writeFile(t, "whole.json", finish(t, program(t, "audit", "--root", root, "--output", "json")).stdout)
	nothing := writeFile(t, "nothing.json", emptyReport)
	for _, format := range report.DiffFormats() {
		r := finish(t, program(t, "diff", "--output", format.Name, nothing, whole))
		if r.code != exitError || len(r.stdout) < 1000 {
			t.Errorf("diff as %s: exit code %d, %d bytes: %s", format.Name, r.code, len(r.stdout), r.stderr)
		}
		c.check(t, "diff as "+format.Name, r.stdout+r.stderr)
	}
	if len(c) < 100 {
		t.Errorf("only %d secrets", len(c))
	}
}

// Nor is it in what is said about a file with secrets that is given for another.
func TestNoSecretGetsOutOfErrors(t *testing.T) {
	c := canaries{}
	root := c.secretive(t)
	var wg sync.WaitGroup
	defer wg.Wait()
	places := make(chan struct{}, 16) // they wait more than they work
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) == ".crt" {
			return err
		}
		onNode := strings.TrimPrefix(path, root)
		wg.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			for _, args := range [][]string{
				{"rules", "--rules", path}, {"diff", path, path}, {"audit", "--root", path}, {"inspect", path}, {"audit", "--root", root, "--manifests", onNode},
				{"audit", "--root", root, "--kubeconfig", onNode, "--check", "unreadable"},
			} {
				// In processes of their own: the flag for help is a variable of the library.
				r := finish(t, program(t, args...))
				c.check(t, strings.Join(args, " "), r.stdout+r.stderr)
			}
		})
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// writeFile writes a file of its own folder, and returns its path.
func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
