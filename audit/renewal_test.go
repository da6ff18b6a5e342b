package audit

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/internal/pkitest"
)

// longVariant selects the tests that take minutes: KUBE_CERT_AUDIT_TEST_LONG=1.
const longVariant = "KUBE_CERT_AUDIT_TEST_LONG"

// often returns how often a test repeats itself.
func often(ordinary, long int) int {
	if os.Getenv(longVariant) != "" {
		return long
	}
	return ordinary
}

// beside repeats disturb, with a pause, until run has returned.
func beside(t *testing.T, pause time.Duration, disturb func(i int) error, run func()) {
	t.Helper()
	done := make(chan struct{})
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(done) // also when run ends the test
	wg.Go(func() {
		for i := 0; ; i++ {
			if err := disturb(i); err != nil {
				t.Error(err)
				return
			}
			select {
			case <-done:
				return
			case <-time.After(pause):
			}
		}
	})
	run()
}

// renewal is the files of a node as several renewals in a row leave them.
type renewal struct {
	root    string
	trees   []*pkitest.Tree
	longest time.Duration // that writing one file took: for so long, a file is empty or cut off
}

func newRenewal(t *testing.T, trees int) *renewal {
	t.Helper()
	s := pkitest.Hardened(made())
	r := &renewal{root: inMemory(t)}
	tree, err := s.Build()
	if err != nil {
		t.Fatal(err)
	}
	if err := tree.Write(r.root); err != nil {
		t.Fatal(err)
	}
	for i := range trees {
		// All but the authorities gets new keys. What the kubelet renews has the day in its name.
		for _, c := range s.Certificates {
			if c.Issuer != "" {
				c.Key = nil
			}
			for _, path := range []*string{&c.CertPath, &c.KeyPath} {
				if strings.HasPrefix(*path, vlk) {
					*path = filepath.Dir(*path) + "/" + c.Name + strings.Repeat("-next", i) + ".pem"
				}
			}
		}
		tree, err := s.Build()
		if err != nil {
			t.Fatal(err)
		}
		r.trees = append(r.trees, tree)
	}
	return r
}

// inMemory returns a folder on a file system in memory, if there is one: a busy
// disk can keep a file empty for seconds, which is then no false finding.
func inMemory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "kube-cert-audit-")
	if err != nil {
		return t.TempDir() + "/node"
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir + "/node"
}

// renew does what `kubeadm certs renew all` does: it writes keys, certificates
// and kubeconfigs over the old ones, each key before its certificate. And as the
// kubelet does, it lets the links to current certificates lead to new files.
func (r *renewal) renew(i int) error {
	tree := r.trees[i%len(r.trees)]
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(tree.Files))) {
		f := tree.Files[name]
		var err error
		switch {
		case strings.HasPrefix(name, vlk+"pki/") && f.Link == "":
			err = r.rotate(name, f)
		case strings.HasPrefix(name, pki) && !strings.HasPrefix(filepath.Base(name), "ca.") && !strings.Contains(name, "/sa."),
			strings.HasSuffix(name, ".conf"):
			err = r.overwrite(r.root+name, f.Data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// overwrite is os.WriteFile, as kubeadm has it, and notes how long it took.
func (r *renewal) overwrite(path string, data []byte) error {
	start := time.Now()
	err := os.WriteFile(path, data, 0o600)
	r.longest = max(r.longest, time.Since(start))
	return err
}

// rotate writes a pair as the kubelet does, and exchanges the link to it.
func (r *renewal) rotate(name string, f *pkitest.File) error {
	if err := os.WriteFile(r.root+name, f.Data, 0o600); err != nil {
		return err
	}
	link := r.root + vlk + "pki/kubelet-client-current.pem"
	if strings.Contains(name, "serving") {
		link = r.root + vlk + "pki/kubelet-server-current.pem"
	}
	if err := os.Symlink(name, link+".next"); err != nil {
		return err
	}
	return os.Rename(link+".next", link)
}

// While certificates are renewed every 20 ms, no audit finds a fault that is not
// there; at most it says that a file keeps changing. One certificate, its key
// and a kubeconfig are torn apart in every round, as nothing but a test does.
func TestRenewalInProgress(t *testing.T) {
	const auditors = 8 // most of the time, they wait for a second look
	r := newRenewal(t, 4)
	fsys, err := hostfs.New(r.root)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	var mu sync.Mutex
	audits, changing, wrong := 0, 0, 0
	look := func() {
		report := Run(t.Context(), fsys, options(t))
		mu.Lock()
		defer mu.Unlock()
		audits++
		for _, f := range report.Findings {
			if f.Check == "unverifiable" && strings.Contains(f.Message, "keeps changing") {
				changing++
				continue
			}
			wrong++
			t.Logf("false finding: %s %s %s: %s", f.Severity, f.Check, f.Path, f.Message)
		}
	}
	beside(t, 20*time.Millisecond, r.renew, func() {
		var wg sync.WaitGroup
		for range auditors {
			wg.Go(func() {
				for range often(300, 20_000) / auditors {
					look()
				}
			})
		}
		wg.Wait()
	})
	t.Logf("%d audits; %d files were left unjudged because they kept changing; the longest write took %v", audits, changing, r.longest)
	switch {
	case wrong == 0:
	case r.longest > pauses()[0]:
		t.Logf("%d findings on files that lay empty or cut off for longer than audits wait: the system is too busy for this test", wrong)
	default:
		t.Errorf("%d false findings", wrong)
	}
}

// A file that turns into a FIFO, a link, something cut off and back has one
// outcome in each audit: it is in the report, or there is one finding that says
// why not.
func TestSwappedWhileAuditing(t *testing.T) {
	const file = pki + "front-proxy-client.crt"
	root := write(t, pkitest.Hardened(made()))
	sound, err := os.ReadFile(root + file)
	if err != nil {
		t.Fatal(err)
	}
	swap := func(i int) error {
		next := root + "/next"
		var err error
		switch i % 5 {
		case 0, 2:
			err = os.WriteFile(next, sound, 0o644)
		case 1:
			err = unix.Mkfifo(next, 0o644)
		case 3:
			err = os.Symlink("/etc/hostname", next)
		case 4:
			err = os.WriteFile(next, sound[:len(sound)/2], 0o644)
		}
		if err != nil {
			return err
		}
		return os.Rename(next, root+file)
	}
	fsys, err := hostfs.New(root)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	beside(t, 100*time.Microsecond, swap, func() {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range often(10, 1250) {
					checkSwapped(t, file, Run(t.Context(), fsys, options(t)))
				}
			})
		}
		wg.Wait()
	})
}

func checkSwapped(t *testing.T, file string, r *Report) {
	outcomes := 0
	for _, c := range r.Certificates {
		if c.Path == file {
			outcomes++
		}
	}
	for _, f := range r.Findings {
		switch {
		case f.Path != file:
			t.Errorf("another file is blamed: %+v", f)
		case f.Check == "unreadable", f.Check == "unverifiable" && outcomes == 0:
			outcomes++
		case f.Check != "unverifiable":
			t.Errorf("a false finding: %+v", f)
		}
	}
	if outcomes != 1 {
		t.Errorf("%d outcomes: %+v", outcomes, r.Findings)
	}
}
