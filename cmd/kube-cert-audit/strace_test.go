package main

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"kube-cert-audit/internal/pkitest"
)

// built returns the program as it is shipped: these tests, which can play its
// part, bring more of the runtime with them.
func built(t *testing.T) string {
	t.Helper()
	if err := exec.Command("strace", "-f", "-o", os.DevNull, "true").Run(); err != nil {
		t.Skipf("strace is not to be had here: %v", err)
	}
	file := filepath.Join(t.TempDir(), programName)
	build := exec.Command("go", "build", "-o", file, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return file
}

// traced runs a program and returns its system calls of the given kinds, one in
// a line, those of each thread in order.
func traced(t *testing.T, options []string, program ...string) (calls []string, r result) {
	t.Helper()
	dir := t.TempDir()
	command := exec.Command("strace", slices.Concat([]string{"-ff", "-y", "-s", "4096", "-o", dir + "/t"}, options, program)...)
	command.Env = []string{"PATH=" + os.Getenv("PATH")}
	r = finish(t, command)
	files, err := filepath.Glob(dir + "/t.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if !strings.HasPrefix(line, "---") && !strings.HasPrefix(line, "+++") {
				calls = append(calls, strings.TrimSpace(line))
			}
		}
	}
	return calls, r
}

// temptingNode is a node that leads out of its root wherever it can.
func temptingNode(t *testing.T) string {
	t.Helper()
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("outside"), 0o644); err != nil {
		t.Fatal(err)
	}
	return writeNode(t, pkitest.Hardened(made()), func(tree *pkitest.Tree) {
		for name, target := range map[string]string{
			pki + "apiserver.crt":                       outside,
			pki + "apiserver.key":                       strings.Repeat("../", 30) + outside,
			pki + "front-proxy-ca.crt":                  "/proc/self/root" + outside,
			"/etc/kubernetes/manifests/kube-apiserver2": outside,
			"/etc/kubernetes/x.conf":                    outside,
			"/var/lib/kubelet/config.yaml":              "/proc/self/fd/1",
		} {
			tree.Files[name] = &pkitest.File{Link: target}
		}
		exec := "users: [{name: a, user: {exec: {command: /bin/touch, args: [/tmp/kube-cert-audit-was-here]}}}]\n" +
			"clusters: [{name: c, cluster: {server: 'http://169.254.169.254', proxy-url: 'http://127.0.0.1:1'}}]\n" +
			"contexts: [{name: x, context: {user: a, cluster: c}}]\ncurrent-context: x\nkind: Config\n"
		tree.Files["/etc/kubernetes/exec.conf"] = &pkitest.File{Data: []byte(exec), Mode: 0o600}
	})
}

// The program reads below its root, and does nothing else: it runs no other, it
// opens no connection, it opens nothing for writing. Before it begins, the Go
// runtime looks for the limits of its control group.
func TestReadsOnly(t *testing.T) {
	program, root := built(t), temptingNode(t)
	for _, args := range [][]string{
		{"audit", "--root", root}, {"audit", "--root", root, "--output", "json", "--kubeconfig", "/etc/kubernetes/exec.conf"},
		{"inspect", root}, {"plan", "--root", root}, {"forecast", "--root", root}, {"completion", "bash"}, {"rules"}, {"explain", "expired"}, {"version"}, {"help"}, {"audit", "--bad"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			within := root
			if args[0] == "inspect" {
				within = "/" // links lead anywhere, as they do for openssl x509
			}
			t.Parallel()
			calls, _ := traced(t, []string{"-e", "trace=%process,%network,%file"}, append([]string{program}, args...)...)
			if len(calls) < 5 {
				t.Fatalf("%d calls: %q", len(calls), calls)
			}
			executed := 0
			for _, call := range calls {
				if strings.HasPrefix(call, "execve(\""+program) {
					executed++
					continue
				}
				if why := objection(call, within); why != "" {
					t.Errorf("%s: %s", why, call)
				}
			}
			if executed != 1 {
				t.Errorf("%d programs were executed", executed)
			}
		})
	}
}

// objection says what is wrong with a system call; empty where nothing is.
func objection(call, root string) string {
	name, rest, _ := strings.Cut(call, "(")
	switch name {
	case "openat", "openat2":
		return openObjection(rest, root)
	case "clone", "clone3":
		if !strings.Contains(rest, "CLONE_THREAD") {
			return "a process"
		}
	case "readlinkat", "getcwd", "exit_group", "exit", "tgkill", "wait4", "rt_sigreturn":
	case "???": // of a thread that the end of the process overtook, strace cannot tell
	default:
		return "not a call that a reader makes"
	}
	return ""
}

// openObjection judges the opening of a file.
func openObjection(call, root string) string {
	isStart := regexp.MustCompile(`^AT_FDCWD<[^>]*>, "(/sys/kernel/mm/transparent_hugepage/|/proc/self/(cgroup|mountinfo)"|/sys/fs/cgroup/)`)
	root = strings.TrimSuffix(root, "/")
	isRoot := regexp.MustCompile(`^AT_FDCWD<[^>]*>, "` + regexp.QuoteMeta(cmp.Or(root, "/")) + `", `)
	isWithin := regexp.MustCompile(`^[0-9]+<` + regexp.QuoteMeta(root) + `[/>]`)
	leadsTo := regexp.MustCompile(`= [0-9]+<([^>]*)>$`).FindStringSubmatch(call)
	switch {
	case strings.Contains(call, "O_WRONLY"), strings.Contains(call, "O_RDWR"), strings.Contains(call, "O_CREAT"), strings.Contains(call, "O_TRUNC"):
		return "opened for writing"
	case isStart.MatchString(call):
		return ""
	case !isRoot.MatchString(call) && !isWithin.MatchString(call):
		return "opened outside of the root"
	case leadsTo != nil && leadsTo[1] != cmp.Or(root, "/") && !strings.HasPrefix(leadsTo[1], root+"/"):
		return "led out of the root"
	}
	return ""
}

// Where a filter of system calls forbids openat2, as old container runtimes do,
// or the kernel has none, the answers are the same in every byte.
func TestWithoutOpenat2(t *testing.T) {
	program, root := built(t), temptingNode(t)
	args := []string{program, "audit", "--root", root, "--at", "2026-12-15", "--output", "json"}
	calls, want := traced(t, []string{"-e", "trace=openat2"}, args...)
	if len(calls) < 20 {
		t.Skipf("openat2 is not to be had here: %q", calls)
	}
	for _, number := range []string{"EPERM", "ENOSYS"} {
		calls, got := traced(t, []string{"-e", "trace=openat2,openat", "-e", "inject=openat2:error=" + number}, args...)
		refused := slices.ContainsFunc(calls, func(c string) bool { return strings.HasPrefix(c, "openat2(") && strings.Contains(c, "INJECTED") })
		if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(result{})); diff != "" || !refused {
			t.Errorf("%s, injected %t (-with +without openat2):\n%s", number, refused, diff)
		}
		for _, call := range calls {
			if name, rest, _ := strings.Cut(call, "("); name == "openat" {
				if why := openObjection(rest, root); why != "" {
					t.Errorf("%s: %s", why, call)
				}
			}
		}
	}
}
