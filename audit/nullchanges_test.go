package audit

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"kube-cert-audit/internal/pkitest"
)

// nullChange is a change of a node that changes nothing for its components, and
// so must change nothing in what is found.
type nullChange struct {
	name string
	spec func(s *pkitest.Spec)
	tree func(t *pkitest.Tree)
}

// eachPEM changes every certificate and key file of a node.
func eachPEM(change func([]byte) []byte) func(*pkitest.Tree) {
	return func(t *pkitest.Tree) {
		for _, f := range t.Files {
			if bytes.HasPrefix(f.Data, []byte("-----BEGIN")) {
				f.Data = change(f.Data)
			}
		}
	}
}

// eachManifest changes every manifest of a node.
func eachManifest(change func([]byte) []byte) func(*pkitest.Tree) {
	return func(t *pkitest.Tree) {
		for name, f := range t.Files {
			if strings.HasPrefix(name, etc+"manifests/") {
				f.Data = change(f.Data)
			}
		}
	}
}

// eachCommand changes the command of every pod.
func eachCommand(change func(*pkitest.Pod)) func(*pkitest.Spec) {
	return func(s *pkitest.Spec) {
		for _, p := range s.Pods {
			change(p)
		}
	}
}

func nullChanges() []nullChange {
	return []nullChange{
		{name: "CRLF", tree: eachPEM(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) })},
		{name: "text before PEM", tree: eachPEM(func(b []byte) []byte {
			return append([]byte("Certificate:\n    Data:\n        Version: 3 (0x2)\n"), b...)
		})},
		{name: "text after PEM", tree: eachPEM(func(b []byte) []byte { return append(slices.Clone(b), "\n# made by hand\n"...) })},
		{name: "no newline at the end", tree: eachPEM(func(b []byte) []byte { return bytes.TrimRight(b, "\n") })},
		{name: "PKCS#8 keys", tree: eachPEM(toPKCS8)},
		{name: "EC PARAMETERS before the key", tree: eachPEM(withParameters)},
		{name: "flags as two items", spec: eachCommand(func(p *pkitest.Pod) { p.Command = split(p.Command) })},
		{name: "JSON manifests", tree: eachManifest(toJSON)},
		{name: "CRLF in manifests", tree: eachManifest(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) })},
		{name: "a byte order mark before manifests", tree: eachManifest(func(b []byte) []byte { return append([]byte("\ufeff"), b...) })},
		{name: "args instead of command", tree: eachManifest(toArgs)},
		{name: "underscores in flags", spec: eachCommand(withUnderscores)},
		{name: "one dash for etcd", spec: func(s *pkitest.Spec) { oneDash(s.Pod("etcd")) }},
		{name: "a flag given twice alike", spec: eachCommand(func(p *pkitest.Pod) { p.Command = append(p.Command, p.Command[1]) })},
		{name: "variables in flags", tree: eachManifest(withVariables)},
		{name: "other names of the manifests", tree: renameManifests},
	}
}

func toPKCS8(text []byte) []byte {
	return mapKeys(text, func(key *ecdsa.PrivateKey) []byte {
		return []byte(pemOf("PRIVATE KEY", pkcs8(key)))
	})
}

func withParameters(text []byte) []byte {
	return mapKeys(text, func(key *ecdsa.PrivateKey) []byte {
		return append([]byte("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"), must(pkitest.KeyPEM(key))...)
	})
}

// mapKeys encodes the private keys of a file in another way.
func mapKeys(text []byte, encode func(*ecdsa.PrivateKey) []byte) []byte {
	var out []byte
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "EC PRIVATE KEY" {
			out = append(out, pem.EncodeToMemory(block)...)
			continue
		}
		out = append(out, encode(must(x509.ParseECPrivateKey(block.Bytes)))...)
	}
	return out
}

func split(command []string) []string {
	var items []string
	for _, item := range command {
		name, value, found := strings.Cut(item, "=")
		if isBoolean := value == "true" || value == "false"; !found || isBoolean {
			items = append(items, item) // a boolean takes its value with = alone
			continue
		}
		items = append(items, name, value)
	}
	return items
}

func withUnderscores(p *pkitest.Pod) {
	if p.Name == "etcd" {
		return
	}
	for i, item := range p.Command {
		if name, value, found := strings.Cut(item, "="); found {
			p.Command[i] = "--" + strings.ReplaceAll(strings.TrimPrefix(name, "--"), "-", "_") + "=" + value
		}
	}
}

func oneDash(p *pkitest.Pod) {
	for i, item := range p.Command {
		p.Command[i] = strings.Replace(item, "--", "-", 1)
	}
}

func toJSON(manifest []byte) []byte { return must(yaml.YAMLToJSON(manifest)) }

// toArgs leaves the program as the command and makes args of its flags.
func toArgs(manifest []byte) []byte {
	first := bytes.Index(manifest, []byte("    - --"))
	return slices.Concat(manifest[:first], []byte("    args:\n"), manifest[first:])
}

// withVariables names the folder of the certificates by a variable.
func withVariables(manifest []byte) []byte {
	manifest = bytes.ReplaceAll(manifest, []byte("=/etc/kubernetes/pki/"), []byte("=$(PKI)/"))
	env := []byte("    env:\n    - name: BASE\n      value: /etc/kubernetes\n    - name: PKI\n      value: $(BASE)/pki\n    image:")
	return bytes.Replace(manifest, []byte("    image:"), env, 1)
}

func renameManifests(t *pkitest.Tree) {
	for _, name := range []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"} {
		old := etc + "manifests/" + name + ".yaml"
		t.Files[etc+"manifests/"+name] = t.Files[old]
		delete(t.Files, old)
	}
}

func TestNullChanges(t *testing.T) {
	healthy := run(t, write(t, pkitest.Hardened(made())), options(t))
	for _, change := range nullChanges() {
		t.Run(change.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, fault{spec: change.spec, tree: change.tree}.write(t), options(t))
			checkFindings(t, r, nil)
			if r.Coverage != healthy.Coverage || r.Summary.Certificates != healthy.Summary.Certificates || r.Summary.Keys != healthy.Summary.Keys {
				t.Errorf("coverage %+v, summary %+v, want %+v %+v", r.Coverage, r.Summary, healthy.Coverage, healthy.Summary)
			}
		})
	}
}
