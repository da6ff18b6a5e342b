package audit

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kube-cert-audit/internal/hangtest"
	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/rules"
)

// TestNoTimeToJudge: what was read and not judged is not in order.
func TestNoTimeToJudge(t *testing.T) {
	fsys, err := hostfs.New(write(t, pkitest.Kubeadm(made())))
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := Run(ctx, fsys, options(t))
	if r.Coverage.Unjudged == 0 || r.Coverage.TimedOut != 0 || r.Coverage.Examined == 0 {
		t.Errorf("coverage %+v", r.Coverage)
	}
	for _, f := range r.Findings {
		if f.Check != "unverifiable" || f.Message != "not judged: the time of the audit is up" {
			t.Errorf("%s %s: %s", f.Check, f.Path, f.Message)
		}
	}
	for _, c := range r.Certificates {
		if c.Status == rules.OK {
			t.Errorf("%s was not judged, and is %v", c.Path, c.Status)
		}
	}
	for _, c := range r.Connections {
		if c.Status == rules.OK || c.Reason == "" {
			t.Errorf("%s was not judged, and is %v: %s", c.Name, c.Status, c.Reason)
		}
	}
}

// TestNoTimeToRead: the report says of all that was to be read that it was not.
func TestNoTimeToRead(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	fsys, err := hostfs.NewWithin(ctx, write(t, pkitest.Kubeadm(made())), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	cancel()
	r := Run(t.Context(), fsys, options(t))
	if c := r.Coverage; c.TimedOut == 0 || c.Examined+c.Unverifiable > 0 || c.TimedOut != c.Unreadable {
		t.Errorf("coverage %+v", c)
	}
	for _, f := range r.Findings {
		if f.Check != "unreadable" || !strings.Contains(f.Message, "timed out") || !strings.HasPrefix(f.Impact, "unknown") {
			t.Errorf("%s %s: %s; %s", f.Check, f.Path, f.Message, f.Impact)
		}
	}
}

// TestTimeUpBetweenLooks: a second look that finds less does not replace the first.
func TestTimeUpBetweenLooks(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	root := write(t, pkitest.Kubeadm(made()), func(tree *pkitest.Tree) { delete(tree.Files, "/etc/kubernetes/pki/apiserver.key") })
	fsys, err := hostfs.NewWithin(ctx, root, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	looks := 0
	a := settled(func() *auditor {
		looks++
		defer cancel()
		return once(t.Context(), fsys, options(t))
	})
	if looks != 2 || a.missed() > 0 {
		t.Errorf("%d looks, %d not seen in the one that counts", looks, a.missed())
	}
}

// TestFolderHangs: what cannot be read is told, nothing is made up, and the rest
// of the node is reported as if nothing was wrong.
func TestFolderHangs(t *testing.T) {
	for _, dir := range []string{
		"/etc/kubernetes/pki/etcd", "/etc/kubernetes/pki", "/etc/kubernetes/manifests", "/var/lib/kubelet", "/var/lib/kubelet/pki", "/etc/kubernetes",
	} {
		t.Run(dir, func(t *testing.T) {
			root := write(t, pkitest.Hardened(made()))
			whole := run(t, root, options(t))
			hangtest.Hang(t, filepath.Join(root, dir))
			fsys, err := hostfs.NewWithin(t.Context(), root, 100*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			defer fsys.Close()
			checkHung(t, dir, whole, Run(t.Context(), fsys, options(t)))
		})
	}
}

// checkHung compares the report on a node of which a folder hangs with that on
// the whole node.
func checkHung(t *testing.T, dir string, whole, hung *Report) {
	t.Helper()
	isBelow := func(path string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }
	for _, f := range hung.Findings {
		if f.Severity > rules.Info && (f.Check != "unreadable" || !isBelow(f.Path) || !strings.Contains(f.Message, "timed out")) {
			t.Errorf("%v %s %s: %s", f.Severity, f.Check, f.Path, f.Message)
		}
	}
	if hung.Coverage.TimedOut == 0 {
		t.Errorf("coverage %+v", hung.Coverage)
	}
	isConfiguration := !strings.Contains(dir, "pki") // without it, other files are not known to be referred to
	if isConfiguration {
		return
	}
	seen := map[string]bool{}
	for _, c := range hung.Certificates {
		seen[c.Path] = true
	}
	for _, c := range whole.Certificates {
		if !isBelow(c.Path) && !seen[c.Path] {
			t.Errorf("%s is missing in the report", c.Path)
		}
	}
}

// TestHungConfiguration: what a file that hangs would say is not taken for unsaid.
func TestHungConfiguration(t *testing.T) {
	root := write(t, pkitest.Hardened(made()))
	config := filepath.Join(root, "var/lib/kubelet/config.yaml")
	err := errors.Join(os.Remove(config), os.Mkdir(filepath.Join(root, "hung"), 0o755), os.Symlink("/hung/config.yaml", config))
	if err != nil {
		t.Fatal(err)
	}
	hangtest.Hang(t, filepath.Join(root, "hung"))
	fsys, err := hostfs.NewWithin(t.Context(), root, 100*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	checkFindings(t, Run(t.Context(), fsys, options(t)), one("error unreadable /var/lib/kubelet/config.yaml"))
}
