package report

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kube-cert-audit/audit"
	"kube-cert-audit/rules"
)

// planIn returns a command that runs the plan for findings in a shell, with folders of a
// temporary root in the place of those of a node.
func planIn(t *testing.T, root, shell string, findings ...audit.Finding) *exec.Cmd {
	t.Helper()
	bin := t.TempDir()
	if err := os.WriteFile(bin+"/kube-cert-audit", []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"/root", "/etc/kubernetes"} {
		if err := os.MkdirAll(root+dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	plan := planOf(t, &audit.Report{Root: "/", At: at(), Findings: findings})
	command := exec.Command(shell, "-c", strings.NewReplacer("/root/", root+"/root/", "/etc/kubernetes", root+"/etc/kubernetes", "/var/lib/", root+"/var/lib/").Replace(plan))
	command.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	return command
}

// eachShell runs a test with each shell that is there.
func eachShell(t *testing.T, test func(t *testing.T, shell string)) {
	t.Helper()
	for _, shell := range []string{"sh", "dash", "bash"} {
		if _, err := exec.LookPath(shell); err == nil {
			t.Run(shell, func(t *testing.T) { test(t, shell) })
		}
	}
}

// The backup has what a link leads to, once, what may be overwritten in /root, and no
// folder whose mode alone changes.
func TestPlanBacksUp(t *testing.T) {
	eachShell(t, func(t *testing.T, shell string) {
		root := t.TempDir()
		for _, dir := range []string{"/etc/kubernetes", "/data/pki", "/srv/large", "/root"} {
			if err := os.MkdirAll(root+dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		for _, file := range []string{"/etc/kubernetes/admin.conf", "/data/pki/x.key", "/srv/large/db", "/srv/x.service", "/root/x.key"} {
			if err := os.WriteFile(root+file, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Symlink("../../data/pki", root+"/etc/kubernetes/pki"); err != nil {
			t.Fatal(err)
		}
		edited := mendedBy("c", on(rules.PhaseEdit, "# in x.service: y"))
		edited.Source.File = root + "/srv/x.service"
		command := planIn(t, root, shell, edited,
			mendedBy("a", on(rules.PhaseRenew, "echo new > /etc/kubernetes/pki/x.key", "/etc/kubernetes/pki/x.key", "/etc/kubernetes/admin.conf")),
			mendedBy("b", on(rules.PhasePermit, "chmod o-w "+root+"/srv/large", root+"/srv/large")))
		command.Stdin = strings.NewReader("y\n")
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		backups, err := filepath.Glob(root + "/root/kube-cert-audit-backup-*")
		if err != nil || len(backups) != 1 {
			t.Fatal(backups, err)
		}
		for file, want := range map[string]string{"/data/pki/x.key": "old", "/etc/kubernetes/admin.conf": "old", "/srv/x.service": "old", "/root/x.key": "old", "/srv/large/db": ""} {
			if got, _ := os.ReadFile(backups[0] + root + file); string(got) != want {
				t.Errorf("the backup of %s is %q, want %q", file, got, want)
			}
		}
	})
}

// What is stopped while a manifest is away stops with the manifest in its place.
func TestPlanMovesBack(t *testing.T) {
	eachShell(t, func(t *testing.T, shell string) {
		root := t.TempDir()
		manifest, away := root+"/etc/kubernetes/x.yaml", root+"/root/x.yaml"
		step := on(rules.PhaseRestart, "mv /etc/kubernetes/x.yaml /root/ && sleep 1 && mv /root/x.yaml /etc/kubernetes/x.yaml    # restarts x")
		command := planIn(t, root, shell, mendedBy("a", step), mendedBy("b", on(rules.PhaseFinish, "touch /etc/kubernetes/further")))
		if err := os.WriteFile(manifest, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		isThere := func(file string) bool { _, err := os.Stat(file); return err == nil }
		for deadline := time.Now().Add(10 * time.Second); !isThere(away) && time.Now().Before(deadline); {
			time.Sleep(10 * time.Millisecond)
		}
		if err := syscall.Kill(-command.Process.Pid, syscall.SIGINT); err != nil { // as a terminal does
			t.Fatal(err)
		}
		if err := command.Wait(); err == nil {
			t.Error("the plan went on")
		}
		if !isThere(manifest) || isThere(root+"/etc/kubernetes/further") {
			t.Error("the manifest is away, or another step was done")
		}
	})
}

// A plan asks before it runs on a host of another name than its node, and asks nobody
// where nobody can answer.
func TestPlanAsksForItsNode(t *testing.T) {
	host, err := exec.Command("uname", "-n").Output()
	if err != nil {
		t.Skip(err)
	}
	for name, want := range map[string]bool{"": true, strings.TrimSpace(string(host)): true, "another.example": false, "'; exit 0; '": false} {
		r := &audit.Report{Root: "/", Node: audit.Node{Name: name}, Findings: []audit.Finding{mendedBy("a", on(rules.PhaseEdit, "# x"))}}
		head, _, _ := strings.Cut(planOf(t, r), "\n# 0. ")
		out, err := exec.Command("sh", "-c", head).CombinedOutput()
		if goesOn := err == nil; goesOn != want {
			t.Errorf("%q: goes on: %v, want %v\n%s", name, goesOn, want, out)
		}
	}
}

// Who audits a node from elsewhere is told that the plan is not for the folder.
func TestPlanOfMountedNode(t *testing.T) {
	const line = "nothing below /mnt/node is mended"
	for root, want := range map[string]bool{"/": false, "/mnt/node": true} {
		if plan := planOf(t, &audit.Report{Root: root, Findings: []audit.Finding{mendedBy("a")}}); strings.Contains(plan, line) != want {
			t.Errorf("%s:\n%s", root, plan)
		}
	}
}

// Without a kubelet, a manifest that comes and goes restarts nothing.
func TestPlanLooksForKubelet(t *testing.T) {
	const line = "\nrunning kubelet    # else no static pod restarts\n"
	pod, unit := restart("etcd"), restart("etcd")
	pod.Files = []string{"/m/etcd.yaml"}
	for want, findings := range map[int][]audit.Finding{
		1: {mendedBy("a", pod), mendedBy("b", restart("kube-scheduler"))},
		0: {mendedBy("a", unit)},
	} {
		plan := planOf(t, &audit.Report{Root: "/", Findings: findings})
		if got := strings.Count(plan, line); got != want || want > 0 && strings.Index(plan, line) > strings.Index(plan, "\nrestart etcd") {
			t.Errorf("the kubelet is looked for %d times:\n%s", got, plan)
		}
	}
	if plan := planOf(t, &audit.Report{Root: "/", Findings: []audit.Finding{mendedBy("a", pod, restart("kubelet"))}}); strings.Contains(plan, line) {
		t.Errorf("the kubelet is looked for twice:\n%s", plan)
	}
}
