package audit

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sys/unix"

	"kube-cert-audit/internal/pkitest"
)

// hostile is something that others may put in the place of a file.
type hostile struct {
	name  string
	plant func(path string) error // nothing has the path any more
	says  string                  // what the one finding about it must say
}

func hostiles() []hostile {
	link := func(target string) func(string) error {
		return func(path string) error { return os.Symlink(target, path) }
	}
	return []hostile{
		{"FIFO", func(path string) error { return unix.Mkfifo(path, 0o644) }, "not a regular file (FIFO)"},
		{"socket", plantSocket, "not a regular file (socket)"},
		{"terminal", device(unix.S_IFCHR, 5, 0), "not a regular file (character device)"},
		{"endless device", device(unix.S_IFCHR, 1, 5), "not a regular file (character device)"},
		{"disk", device(unix.S_IFBLK, 7, 200), "not a regular file (block device)"},
		{"sparse file of 8 GiB", plantSparse, "too large (more than "},
		{"empty file", func(path string) error { return os.WriteFile(path, nil, 0o600) }, "empty"},
		{"folder", func(path string) error { return os.Mkdir(path, 0o755) }, "not a regular file (folder)"},
		{"link to itself", func(path string) error { return os.Symlink(filepath.Base(path), path) }, "link loop (more than 40 links)"},
		{"link to its folder", link("."), "not a regular file (folder)"},
		{"link above the root", link(strings.Repeat("../", 40)), "not a regular file (folder)"},
		{"chain of 45 links", plantChain, "link loop (more than 40 links)"},
		{"dangling link", link("no-such-file"), "dangling link (no-such-file)"},
		{"absolute link out of the root", func(path string) error { return os.Symlink(outsider(path), path) }, "dangling link ("},
		{"relative link out of the root", func(path string) error {
			return os.Symlink(strings.Repeat("../", 40)+outsider(path), path)
		}, "dangling link (../"},
		{"link through a file", link("/etc/hostname/x"), "not a directory"},
	}
}

func plantSocket(path string) error {
	// The name of a socket is short, that of a test's folder is not.
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), filepath.Base(path))})
	if err != nil {
		return err
	}
	l.SetUnlinkOnClose(false)
	return l.Close()
}

func device(kind, major, minor uint32) func(string) error {
	return func(path string) error { return unix.Mknod(path, kind|0o666, int(unix.Mkdev(major, minor))) }
}

func plantSparse(path string) error {
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return err
	}
	return os.Truncate(path, 8<<30)
}

func plantChain(path string) error {
	for i := range 45 {
		from, to := fmt.Sprintf("%s.%d", path, i), fmt.Sprintf("%s.%d", filepath.Base(path), i+1)
		if i == 0 {
			from = path
		}
		if err := os.Symlink(to, from); err != nil {
			return err
		}
	}
	return os.WriteFile(path+".45", []byte("x"), 0o600)
}

// outsider returns a file outside of the root of a node: see put.
func outsider(path string) string {
	dir, _, _ := strings.Cut(path, "/node/")
	return filepath.Join(dir, "outside")
}

// put plants something hostile in the place of a file. The file itself, which is
// sound, goes to where links out of the root lead.
func (h hostile) put(t *testing.T, root, file string) {
	t.Helper()
	path := root + file
	if err := os.Rename(path, outsider(path)); err != nil {
		t.Fatal(err)
	}
	switch err := h.plant(path); {
	case errors.Is(err, unix.EPERM) && os.Geteuid() != 0:
		t.Skip("devices are made by root alone")
	case err != nil:
		t.Fatal(err)
	}
}

// rest returns a report less what it says about a file, and about connections
// that cannot be judged without it.
func rest(r *Report, file string) Report {
	c := *r
	c.Summary, c.Coverage = Summary{}, Coverage{}
	c.Certificates = slices.DeleteFunc(slices.Clone(r.Certificates), func(x Certificate) bool { return x.Path == file })
	c.Keys = slices.DeleteFunc(slices.Clone(r.Keys), func(k Key) bool { return k.Path == file })
	for i := range c.Keys {
		c.Keys[i].Certificate = strings.ReplaceAll(c.Keys[i].Certificate, file, "")
	}
	c.Connections = slices.DeleteFunc(slices.Clone(r.Connections), func(x Connection) bool {
		return slices.Contains([]string{x.Presenter.Path, x.Verifier.Path}, file) || x.Presenter.Path == ""
	})
	c.Findings = slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return f.Path == file })
	return c
}

// Whatever stands in the place of a certificate, it is one finding that says
// what it is, and all else is as it was.
func TestHostileFiles(t *testing.T) {
	const file = pki + "apiserver.crt"
	for _, h := range hostiles() {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			root := write(t, pkitest.Hardened(made()))
			healthy := run(t, root, options(t))
			h.put(t, root, file)
			checkOneOutcome(t, h, file, healthy, run(t, root, options(t)))
		})
	}
}

// The same in the place of every other kind of file that an audit reads.
func TestHostileFilesEverywhere(t *testing.T) {
	for _, file := range []string{
		pki + "apiserver.key", pki + "front-proxy-ca.crt", pki + "sa.pub", pki + "sa.key", etc + "scheduler.conf",
		vlk + "config.yaml", vlk + "kubeadm-flags.env", etc + "manifests/kube-scheduler.yaml",
	} {
		for _, h := range hostiles() {
			if !slices.Contains([]string{"FIFO", "sparse file of 8 GiB", "link to itself"}, h.name) {
				continue
			}
			t.Run(h.name+" "+filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				root := write(t, pkitest.Hardened(made()))
				h.put(t, root, file)
				var about []Finding
				r := run(t, root, options(t))
				for _, f := range r.Findings {
					if f.Path == file {
						about = append(about, f)
					}
				}
				if len(about) == 0 || !strings.Contains(about[0].Message, h.says) {
					t.Errorf("findings about %s: %+v", file, about)
				}
			})
		}
	}
}

func checkOneOutcome(t *testing.T, h hostile, file string, healthy, r *Report) {
	t.Helper()
	var about []Finding
	for _, f := range r.Findings {
		if f.Path == file {
			about = append(about, f)
		}
	}
	if len(about) != 1 || about[0].Check != "unreadable" || !strings.Contains(about[0].Message, h.says) {
		t.Errorf("findings about %s: %+v", file, about)
	}
	if r.Coverage.Unreadable != 1 || r.Coverage.References != healthy.Coverage.References {
		t.Errorf("coverage %+v, of the healthy node %+v", r.Coverage, healthy.Coverage)
	}
	if diff := cmp.Diff(rest(healthy, file), rest(r, file), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the rest of the report (-healthy +hostile):\n%s", diff)
	}
}

// Neither deep nor wide folders are trouble: only what the configuration names is
// looked for. The folders that are listed have limits: see TestReadDirCap and
// TestLimits.
func TestDeepAndWideFolders(t *testing.T) {
	s := pkitest.Hardened(made())
	deep := "/etc" + strings.Repeat("/d", 500) + "/apiserver.crt"
	s.Cert("apiserver").CertPath = deep
	s.Pod("kube-apiserver").SetFlag("tls-cert-file", deep)
	s.Pod("kube-apiserver").Mounts = append(s.Pod("kube-apiserver").Mounts, pkitest.Mount{Name: "etc", HostPath: "/etc", MountPath: "/etc"})
	root := write(t, s)
	for i := range 1000 {
		if err := os.WriteFile(fmt.Sprint(root, pki, "\x1b[2J-rf ", i), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if r := run(t, root, options(t)); len(r.Findings) > 0 {
		t.Errorf("%q", brief(r.Findings))
	}
}
