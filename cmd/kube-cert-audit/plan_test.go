package main

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/report"
)

const day = 24 * time.Hour

// plan returns the plan for a node.
func plan(t *testing.T, root string, code int) string {
	t.Helper()
	r := finish(t, program(t, "plan", "--root", root))
	if r.code != code || r.stderr != "" {
		t.Fatalf("exit code %d, %s", r.code, r.stderr)
	}
	return r.stdout
}

// carryOut runs a plan on the node below a root, with y for an answer to all that it
// asks. Paths of the node become those below the root, and stand-ins are found for the
// programs that need a node.
func carryOut(t *testing.T, root, plan string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	for _, name := range []string{"kubeadm", "systemctl"} {
		if err := os.Symlink(self, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"sleep", "pgrep", programName} { // the audit follows below
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(root+"/root", 0o700); err != nil {
		t.Fatal(err)
	}
	below := strings.NewReplacer("/etc/", root+"/etc/", "/var/lib/", root+"/var/lib/", "/root/", root+"/root/")
	command := exec.Command("sh", "-c", below.Replace(plan))
	command.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), fakeNode+"="+root)
	command.Stdin = strings.NewReader(strings.Repeat("y\n", 9))
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, plan, out)
	}
	unmap(t, root)
}

// unmap gives the kubeconfigs of a node the paths that a plan would have written on it.
func unmap(t *testing.T, root string) {
	t.Helper()
	confs, err := filepath.Glob(root + "/etc/kubernetes/*.conf")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range confs {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, bytes.ReplaceAll(text, []byte(root), nil), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// requireClean fails where an audit finds an error or a warning.
func requireClean(t *testing.T, root, plan string) {
	t.Helper()
	if r := finish(t, program(t, "audit", "--root", root)); r.code != exitOK {
		t.Errorf("exit code %d after\n%s\n%s", r.code, plan, r.stdout)
	}
}

// The plan for the demonstration leads to a clean audit, and leaves a copy of what
// was there before.
func TestPlanMendsDemo(t *testing.T) {
	root := filepath.Join(t.TempDir(), "demo")
	finish(t, program(t, "demo", "--keep", root))
	key, err := os.ReadFile(root + "/etc/kubernetes/pki/apiserver.key")
	if err != nil {
		t.Fatal(err)
	}
	text := plan(t, root, exitError)
	carryOut(t, root, text)
	requireClean(t, root, text)
	if again := plan(t, root, exitOK); !strings.Contains(again, "# Nothing to do: ") {
		t.Errorf("there is still something to do:\n%s", again)
	}
	backups, err := filepath.Glob(root + "/root/kube-cert-audit-backup-*")
	if err != nil || len(backups) != 1 {
		t.Fatal(backups, err)
	}
	kept := backups[0] + root + "/etc/kubernetes/pki/apiserver.key"
	if old, err := os.ReadFile(kept); err != nil || !bytes.Equal(old, key) {
		t.Errorf("the backup has no %s: %v", kept, err)
	}
	for file, want := range map[string]os.FileMode{backups[0]: 0o700, kept: 0o600} {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != want {
			t.Errorf("the mode of %s is %v, %v", file, info.Mode(), err)
		}
	}
}

// Several faults of one certificate, and of a certificate and its key, do not get into
// each other's way.
func TestPlanMendsKubeadm(t *testing.T) {
	tests := map[string]struct {
		spec func(*pkitest.Spec)
		tree func(*pkitest.Tree)
	}{
		"expired, without two names, and open to all": {func(s *pkitest.Spec) {
			c := s.Cert("apiserver").Template
			c.NotAfter, c.DNSNames = now().Add(-day), []string{"cp-1", "kubernetes.default.svc"}
		}, func(tree *pkitest.Tree) { tree.Files[pki+"apiserver.key"].Mode = 0o644 }},
		"expired, and without the names of etcd": {func(s *pkitest.Spec) {
			for _, name := range []string{"etcd-server", "etcd-peer"} {
				c := s.Cert(name).Template
				c.NotAfter, c.IPAddresses, c.DNSNames = now().Add(-day), nil, []string{"x.example"}
			}
		}, nil},
		"all expired": {func(s *pkitest.Spec) {
			for _, c := range s.Certificates {
				if !c.Template.IsCA && c.Issuer != "" {
					c.Template.NotAfter = now().Add(-day)
				}
			}
		}, nil},
		"half a pair is gone": {nil, func(tree *pkitest.Tree) {
			delete(tree.Files, pki+"apiserver.crt")
			delete(tree.Files, pki+"front-proxy-client.key")
		}},
		"half of what the kubelet made itself is gone, and the rest expired": {
			func(s *pkitest.Spec) {
				s.Cert("kubelet-serving").Template.NotAfter, s.Cert("apiserver").Template.NotAfter = now().Add(-day), now().Add(-day)
			},
			func(tree *pkitest.Tree) { delete(tree.Files, "/var/lib/kubelet/pki/kubelet.key") },
		},
		"the kubelet has no pair but that of its kubeconfig": {
			func(s *pkitest.Spec) {
				conf := s.Kubeconfig("kubelet.conf")
				conf.Cert, conf.CertPath, conf.KeyPath = "kubelet-client", "", ""
				s.Cert("kubelet-client").Template.NotAfter = now().Add(-day)
			},
			func(tree *pkitest.Tree) {
				for name := range tree.Files {
					if strings.HasPrefix(name, "/var/lib/kubelet/pki/kubelet-client") {
						delete(tree.Files, name)
					}
				}
			},
		},
		"tokens are signed with another key": {nil, func(tree *pkitest.Tree) {
			key, err := pkitest.KeyPEM(pkitest.NewKey())
			if err != nil {
				panic(err)
			}
			tree.Files[pki+"sa.key"].Data = key
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := pkitest.Kubeadm(made())
			if tt.spec != nil {
				tt.spec(s)
			}
			edit := tt.tree
			if edit == nil {
				edit = func(*pkitest.Tree) {}
			}
			root := writeNode(t, s, edit)
			text := plan(t, root, exitError)
			carryOut(t, root, text)
			requireClean(t, root, text)
		})
	}
}

// Where no installer is, openssl and kubectl lead to a clean audit.
func TestPlanMendsHardWay(t *testing.T) {
	if out, err := exec.Command("openssl", "version").Output(); err != nil || !strings.HasPrefix(string(out), "OpenSSL 3") {
		t.Skip("no openssl of version 3, whose commands are to be tried")
	}
	if _, err := exec.LookPath("kubectl"); err != nil {
		t.Skip(err)
	}
	s := pkitest.HardWay(made())
	api := s.Cert("kube-api-server").Template
	api.NotAfter, api.ExtKeyUsage = now().Add(-day), []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	api.DNSNames = []string{"kubernetes", "server.kubernetes.local"}
	s.Cert("kube-scheduler").Template.Subject.CommonName = "nobody"
	s.Cert("kube-controller-manager").Template.NotAfter = now().Add(-day)
	root := writeNode(t, s)
	text := plan(t, root, exitError)
	carryOut(t, root, text)
	requireClean(t, root, text)
	for _, service := range []string{"kube-apiserver", "kube-scheduler", "kube-controller-manager"} {
		if n := strings.Count(text, "\nsystemctl restart "+service+"\n"); n != 1 {
			t.Errorf("%s is restarted %d times:\n%s", service, n, text)
		}
	}
}

// layouts are nodes of all ways of setting up clusters.
func layouts() map[string]func(time.Time) *pkitest.Spec {
	return map[string]func(time.Time) *pkitest.Spec{
		"kubeadm": pkitest.Hardened, "k3s": pkitest.K3s, "k3s, SQLite": pkitest.K3sSQLite, "k3s agent": pkitest.K3sAgent, "RKE2": pkitest.RKE2,
		"RKE2 agent": pkitest.RKE2Agent, "k0s": pkitest.K0s, "k0s worker": pkitest.K0sWorker, "MicroK8s": pkitest.MicroK8s, "Canonical": pkitest.Canonical,
		"Talos": pkitest.Talos, "kind": pkitest.Kind, "EKS Anywhere": pkitest.EKSAnywhere, "kOps": pkitest.Kops, "OpenShift": pkitest.OpenShift,
		"hard way": pkitest.HardWay, "hard way, worker": pkitest.HardWayWorker, "hard way of two": pkitest.HardWayHA, "kubespray": pkitest.Kubespray,
		"kubeasz": pkitest.Kubeasz, "CA elsewhere": pkitest.ExternalCA, "worker": pkitest.Worker, "hostile": nil,
	}
}

// planFaults are faults of all certificates of a node at once.
func planFaults() map[string]func(*pkitest.Spec) func(*pkitest.Tree) {
	each := func(edit func(*x509.Certificate)) func(*pkitest.Spec) func(*pkitest.Tree) {
		return func(s *pkitest.Spec) func(*pkitest.Tree) {
			for _, c := range s.Certificates {
				edit(c.Template)
			}
			return func(*pkitest.Tree) {}
		}
	}
	return map[string]func(*pkitest.Spec) func(*pkitest.Tree){
		"expired":  each(func(c *x509.Certificate) { c.NotAfter = now().Add(-day) }),
		"no names": each(func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, nil }),
		"nobody, expired, of no use": each(func(c *x509.Certificate) {
			c.Subject.CommonName, c.Subject.Organization = "nobody", []string{"system:masters"}
			if !c.IsCA {
				c.NotAfter, c.ExtKeyUsage = now().Add(-day), []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}
			}
		}),
		"foreign keys": func(s *pkitest.Spec) func(*pkitest.Tree) {
			for _, c := range s.Certificates {
				c.WrongKey = pkitest.NewKey()
			}
			return func(*pkitest.Tree) {}
		},
		"files gone or open": func(*pkitest.Spec) func(*pkitest.Tree) {
			return func(tree *pkitest.Tree) {
				for name, f := range tree.Files {
					if strings.HasSuffix(name, ".crt") {
						delete(tree.Files, name)
					}
					f.Mode |= 0o044
				}
			}
		},
	}
}

// Whatever is wrong with a node of whatever layout, shells can read its plan, and what
// makes a certificate makes it once.
func TestPlansOfAllLayouts(t *testing.T) {
	for layout, build := range layouts() {
		for fault, befall := range planFaults() {
			t.Run(layout+", "+fault, func(t *testing.T) {
				t.Parallel()
				var root string
				if build == nil {
					root = hostileNode(t)
				} else {
					s := build(made())
					edit := befall(s)
					root = writeNode(t, s, edit)
				}
				flags := (&process{now: now()}).newAuditFlags()
				flags.root = text(root)
				r, err := flags.audit()
				if err != nil {
					t.Fatal(err)
				}
				if r.Summary.Error == 0 && fault == "expired" {
					t.Error("no error")
				}
				var script strings.Builder
				if err := report.WritePlan(&script, r); err != nil {
					t.Fatal(err)
				}
				checkShown(t, "plan", script.String())
				requireReadable(t, script.String())
				made := map[string]string{}
				for _, f := range r.Findings {
					for _, step := range f.Steps {
						key := fmt.Sprint(step.Phase, step.Files)
						if one, ok := made[key]; ok && one != step.Commands && (step.Phase == "renew" || step.Phase == "issue") {
							t.Errorf("%s is made in two ways:\n%s\n%s", step.Files, one, step.Commands)
						}
						made[key] = step.Commands
					}
				}
			})
		}
	}
}

// requireReadable has shells read a script, without running it.
func requireReadable(t *testing.T, script string) {
	t.Helper()
	for _, shell := range []string{"sh", "dash", "bash"} {
		if _, err := exec.LookPath(shell); err != nil {
			continue
		}
		command := exec.Command(shell, "-n")
		command.Stdin = strings.NewReader(script)
		if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v: %s\n%s", shell, err, out, script)
		}
	}
}

// A name of a certificate or of a file does not become a command, neither in a line of
// the script nor in a comment, whichever shell reads it.
func TestPlanRunsNoHostileName(t *testing.T) {
	touch, err := exec.LookPath("touch")
	if err != nil {
		t.Skip(err)
	}
	for _, name := range []string{"x'; touch %s; '", "$(touch %s)", "`touch %s`", "x\n touch %s\n", "\x1b'; touch %s; '", "x\\'; touch %s #\u202e"} {
		bin := t.TempDir()
		if err := os.Symlink(touch, filepath.Join(bin, "touch")); err != nil {
			t.Fatal(err)
		}
		bad := fmt.Sprintf(name, "mark") // a name of a file holds no slash
		s := pkitest.Kubeadm(made())
		s.Cert("apiserver").CertPath = pki + bad + ".crt"
		s.Pod("kube-apiserver").SetFlag("tls-cert-file", s.Cert("apiserver").CertPath)
		for _, c := range s.Certificates {
			c.Template.NotAfter = now().Add(-day)
			c.Template.Subject.CommonName += bad
		}
		script := plan(t, writeNode(t, s), exitError)
		if !strings.Contains(script, "touch mark") {
			t.Errorf("%q is not in the plan", bad)
		}
		for _, shell := range []string{"sh", "bash"} {
			// Of its commands, none is there but the one that a name might bring in.
			command := exec.Command(shell)
			command.Dir, command.Env = t.TempDir(), []string{"PATH=" + bin}
			command.Stdin = strings.NewReader(strings.NewReplacer("set -eu", "set +e", "confirm '", "true '").Replace(script))
			_ = command.Run()
			if entries, err := os.ReadDir(command.Dir); err != nil || len(entries) > 0 {
				t.Errorf("%s ran what the name %q says: %v\n%s", shell, bad, err, script)
			}
		}
	}
}
