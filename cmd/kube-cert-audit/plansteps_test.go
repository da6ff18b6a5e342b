package main

import (
	"strings"
	"testing"
	"time"

	"kube-cert-audit/internal/pkitest"
)

// A CA that has ended has a successor in its place before anything is made with it, and
// then is read by all that verify with it.
func TestPlanOfExpiredCA(t *testing.T) {
	s := pkitest.Kubeadm(made())
	for _, name := range []string{"etcd-ca", "etcd-server"} {
		s.Cert(name).Template.NotAfter = now().Add(-day)
	}
	text := plan(t, writeNode(t, s), exitError)
	for _, part := range []string{
		" -out /root/etcd-ca.crt\n", "\n#     then put /root/etcd-ca.crt in the place of ", "\nconfirm ", "\nkubeadm certs renew etcd-server\n",
		"\nrunning etcd\n", "\nrunning kube-apiserver\n",
	} {
		_, rest, ok := strings.Cut(text, part)
		if !ok {
			t.Fatalf("%q is not there, or not in its place; what follows is\n%s", part, text)
		}
		text = rest
	}
}

// A step is for a person alone where no name tells what it should take away, and tells
// nobody to look at what is not there yet.
func TestPlanAsks(t *testing.T) {
	const manifests = "/etc/kubernetes/manifests/"
	tests := map[string]struct {
		edit func(*pkitest.Tree)
		want string
	}{
		"two backups of a manifest": {func(tree *pkitest.Tree) {
			tree.Files[manifests+"etcd.yaml.1"], tree.Files[manifests+"etcd.yaml.2"] = tree.Files[manifests+"etcd.yaml"], tree.Files[manifests+"etcd.yaml"]
		}, "\nmv /etc/kubernetes/manifests/etcd.yaml.1 /etc/kubernetes/manifests/etcd.yaml.2 /root/ "},
		"two manifests of one kind": {func(tree *pkitest.Tree) {
			tree.Files[manifests+"a.yaml"], tree.Files[manifests+"b.yaml"] = tree.Files[manifests+"etcd.yaml"], tree.Files[manifests+"etcd.yaml"]
			delete(tree.Files, manifests+"etcd.yaml")
		}, "\n#     mv /etc/kubernetes/manifests/b.yaml /root/ "},
		"another key of tokens": {func(tree *pkitest.Tree) {
			key, err := pkitest.KeyPEM(pkitest.NewKey())
			if err != nil {
				panic(err)
			}
			tree.Files[pki+"sa.key"].Data = key
		}, "\n#     openssl pkey -in /etc/kubernetes/pki/sa.key -pubout | cmp - /etc/kubernetes/pki/sa.pub "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if text := plan(t, writeNode(t, pkitest.Kubeadm(made()), tt.edit), exitError); !strings.Contains(text, tt.want) {
				t.Errorf("%q is not in\n%s", tt.want, text)
			}
		})
	}
}

// On an agent, nothing starts a server, whose unit may be there as well.
func TestPlanOfAgent(t *testing.T) {
	for unit, build := range map[string]func(time.Time) *pkitest.Spec{"k3s": pkitest.K3sAgent, "rke2": pkitest.RKE2Agent} {
		s := build(made())
		for _, c := range s.Certificates {
			c.Template.NotAfter = now().Add(-day)
		}
		text := plan(t, writeNode(t, s), exitError)
		for _, verb := range []string{"stop", "start"} {
			if !strings.Contains(text, "\nsystemctl "+verb+" "+unit+"-agent\n") || strings.Count(text, "systemctl "+verb) != 1 {
				t.Errorf("nothing, or something else than %s-agent, is to %s:\n%s", unit, verb, text)
			}
		}
	}
}
