package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/rules"
)

// wanting returns a program that a command needs and a test has not: one that asks a
// cluster or a journal, or one that is not installed everywhere. Empty where there is none.
func wanting(command string) string {
	for _, name := range []string{"kubectl", "kubeadm", "crictl", "journalctl"} {
		if strings.HasPrefix(command, name+" ") {
			return name
		}
	}
	for _, name := range []string{"file", "namei", "jq"} {
		_, err := exec.LookPath(name)
		if err != nil && regexp.MustCompile(`(^|[|&;] *)`+name+` `).MatchString(command) {
			return name
		}
	}
	return ""
}

// theirShell returns the shell of whoever types commands; without openssl, which most
// of them are, there is nothing to be run.
func theirShell(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"openssl", "bash"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("there is no %s in PATH to run the commands with", name)
		}
	}
	return "bash"
}

// TestSeeItByHand runs what the explanations say to look at, on a sample node that has
// something to be seen: each command succeeds, and shows something.
func TestSeeItByHand(t *testing.T) {
	bash := theirShell(t)
	root := seenNode(t)
	skipped := map[string]int{}
	run := 0
	for _, e := range rules.Explanations() {
		_, rest, _ := strings.Cut(e.Text, "**See it by hand**\n\n```\n")
		block, _, _ := strings.Cut(rest, "\n```\n")
		for _, command := range shellCommands(block) {
			if name := wanting(command); name != "" {
				skipped[name]++
				continue
			}
			run++
			out, stderr, code := inShell(t, bash, root, onNode(command, root))
			if code != 0 || strings.TrimSpace(out) == "" {
				t.Errorf("%s: exit code %d, output %q, errors %q:\n%s", e.ID, code, out, stderr, command)
			}
		}
	}
	if run < 50 {
		t.Errorf("only %d commands were run", run)
	}
	t.Logf("%d commands were run; not run for want of what they ask: %v", run, skipped)
}

// TestMend runs what the explanations say to type, with nothing in the place of what
// needs a cluster; what takes the place of kubeadm brings back what was moved away.
func TestMend(t *testing.T) {
	bash := theirShell(t)
	bin := t.TempDir()
	for name, text := range map[string]string{
		"kubeadm":    "cp -Rn \"$KUBE_CERT_AUDIT_ROOT\".old/* \"$KUBE_CERT_AUDIT_ROOT\"\n",
		"journalctl": "echo certificate\n",
		"kubectl":    "", "systemctl": "", "timedatectl": "", "sleep": "", "chown": "",
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	for _, e := range rules.Explanations() {
		_, rest, _ := strings.Cut(e.Text, "**Mend**\n\n```\n")
		block, _, _ := strings.Cut(rest, "\n```\n")
		root := seenNode(t)
		if err := os.CopyFS(root+".old", os.DirFS(root)); err != nil {
			t.Fatal(err)
		}
		// What it finds is no failure here.
		const first = "set -e -o pipefail\nkube-cert-audit() { command kube-cert-audit \"$@\" || test $? -lt 3; }\n"
		if out, stderr, code := inShell(t, bash, root, first+onNode(block, root)); code != 0 {
			t.Errorf("%s: exit code %d, output %q, errors %q:\n%s", e.ID, code, out, stderr, block)
		}
	}
}

// inShell runs a command in the folder of a node, which is what the program audits.
func inShell(t *testing.T, bash, root, command string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	shell := exec.CommandContext(ctx, bash, "-c", command)
	shell.Dir = root
	shell.Env = append(os.Environ(), "HOME="+root+"/root", "LC_ALL=C", "KUBE_CERT_AUDIT_ROOT="+root,
		"GITHUB_STEP_SUMMARY="+root+"/summary.md")
	r := finish(t, shell)
	return r.stdout, r.stderr, r.code
}

// TestExamples runs the examples of the README and of the help texts: whatever they
// find, the program does what they ask for.
func TestExamples(t *testing.T) {
	bash := theirShell(t)
	page, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	var examples []string
	for i, part := range strings.Split(string(page), "\n```") {
		if i%2 == 0 { // outside of blocks, which show what is printed
			examples = append(examples, calls(part)...)
		}
	}
	for _, c := range (&process{now: now()}).commands() {
		examples = append(examples, calls(c.help)...)
	}
	root := seenNode(t)
	const reports = "for name in before after old new yesterday today; do kube-cert-audit --output json=$name.json || test $? -lt 3; done"
	if _, stderr, code := inShell(t, bash, root, reports); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	run, skipped := 0, 0
	for _, example := range examples {
		if wanting(strings.TrimPrefix(example, "sudo ")) != "" {
			skipped++
			continue
		}
		run++
		_, stderr, code := inShell(t, bash, root, "sudo() { \"$@\"; }\n"+example)
		if code < exitOK || code >= exitNotAudited {
			t.Errorf("exit code %d: %s\n%s", code, example, stderr)
		}
	}
	if run < 40 {
		t.Errorf("only %d examples were run", run)
	}
	t.Logf("%d examples were run, %d not for want of what they ask", run, skipped)
}

// calls returns the lines of a text that call the program, without what is said about
// them, and with relative paths in the place of folders that a test must leave alone.
func calls(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		example, _, _ := strings.Cut(strings.TrimSpace(line), "  ")
		isCall := strings.HasPrefix(line, "  ") && regexp.MustCompile(`^(sudo )?kube-cert-audit( |$)`).MatchString(example)
		if isCall {
			all = append(all, strings.NewReplacer("/mnt/node", ".", "=/var/lib/", "=out/", "/tmp/cp", "out/cp", "/etc/ssl", "etc/kubernetes/pki").Replace(example))
		}
	}
	return all
}

// shellCommands returns the commands of a block, each with the lines that it goes on in.
func shellCommands(block string) []string {
	var all []string
	begun, inLoop := "", false
	for line := range strings.SplitSeq(block, "\n") {
		begun += line + "\n"
		inLoop = (inLoop || strings.HasPrefix(line, "for ")) && !strings.HasPrefix(line, "done")
		if inLoop || strings.HasSuffix(line, "\\") || strings.HasSuffix(line, "|") {
			continue
		}
		if text := strings.TrimSpace(begun); text != "" && !strings.HasPrefix(text, "#") {
			all = append(all, text)
		}
		begun = ""
	}
	return all
}

// onNode has a command look at the files of a node below root, and at a certificate
// where FILE stands.
func onNode(command, root string) string {
	path := regexp.MustCompile(`(^|[\s"'=<(])(/etc/kubernetes|/etc/systemd|/var/lib/kubelet|/root)`)
	return strings.ReplaceAll(path.ReplaceAllString(command, "${1}"+root+"${2}"), "FILE", "etc/kubernetes/pki/apiserver.crt")
}

// seenNode returns the root of a node with a fault of each kind that commands look for,
// and with the files that examples name.
func seenNode(t *testing.T) string {
	t.Helper()
	s := pkitest.Hardened(made())
	s.Pod("kube-apiserver").AddFlag("client-ca-file", "/etc/kubernetes/pki/ca.crt")
	s.Kubeconfig("scheduler.conf").Insecure, s.Kubeconfig("scheduler.conf").CA = true, ""
	return writeNode(t, s, func(tree *pkitest.Tree) {
		pki := func(name string) *pkitest.File { return tree.Files["/etc/kubernetes/pki/"+name] }
		text := func(mode os.FileMode, format string, args ...any) *pkitest.File {
			return &pkitest.File{Data: fmt.Appendf(nil, format, args...), Mode: mode}
		}
		for _, f := range tree.Files {
			if f.Link != "" {
				f.Link = filepath.Base(f.Link) // a shell does not know of the root
			}
		}
		pki("apiserver.crt").Data = append(pki("apiserver.crt").Data, pki("ca.crt").Data...)
		waivers := text(0o644, "waivers: [{check: untrusted, path: /x, reason: a, expires: %s}]\n", made().AddDate(1, 0, 0).Format(time.DateOnly))
		maps.Copy(tree.Files, map[string]*pkitest.File{
			"/etc/kubernetes/pki/old.key":                       text(0o666, "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"),
			"/var/lib/kubelet/pki/kubelet.key":                  pki("apiserver.key"),
			"/etc/kubernetes/manifests/kube-apiserver.yaml.bak": tree.Files["/etc/kubernetes/manifests/kube-apiserver.yaml"],
			"/etc/systemd/system/kube.service":                  text(0o644, "# /etc/kubernetes/pki/apiserver.crt\n"),
			"/root/.kube/config":                                tree.Files["/etc/kubernetes/admin.conf"],
			"/rules.yaml":                                       waivers,
			"/mine.yaml":                                        waivers,
			"/my.yaml":                                          waivers,
			"/server.crt":                                       pki("apiserver.crt"),
			"/server.key":                                       pki("apiserver.key"),
			"/node.csr":                                         pki("apiserver.crt"),
			"/out/audit/.keep":                                  text(0o644, ""),
			"/out/prometheus/node-exporter/.k":                  text(0o644, ""),
		})
	})
}
