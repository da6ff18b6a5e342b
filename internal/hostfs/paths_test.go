//go:build linux

package hostfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

const current = "var/lib/kubelet/pki/kubelet-client-current.pem"

// sample is a node's tree in R, beside which stands a file that no path in R may
// reach.
func sample(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	plant(t, dir, "canary", "R/",
		"R/etc/kubernetes/pki/ca.crt",
		"R/etc/kubernetes/empty/",
		"R/"+current+" -> /var/lib/kubelet/pki/kubelet-client-2026.pem",
		"R/var/lib/kubelet/pki/kubelet-client-2026.pem",
		"R/pki -> etc/kubernetes/pki",
		"R/pki-slash -> etc/kubernetes/pki/",
		"R/file-slash -> etc/kubernetes/pki/ca.crt/",
		"R/out -> ../canary",
		"R/far -> ../../../../../../../../../../../../etc/kubernetes/pki/ca.crt",
		"R/abs -> "+dir+"/canary",
		"R/deep/er/up -> ../../../../etc/kubernetes/pki/ca.crt",
		"R/here -> .",
		"R/up -> ..",
		"R/root -> /",
		"R/dangling -> nowhere.pem",
		"R/to-dangling -> /dangling",
		"R/into-nowhere -> no/such/file",
		"R/a -> b",
		"R/b -> a",
		"R/self -> self",
		"R/long -> "+strings.Repeat("x", 300),
		"R/new\nline\x1b[2J\xff.crt",
		"R/.dot/.hidden",
	)
	for i := range 46 { // chain45 takes 45 links to reach the file
		target := fmt.Sprintf("chain%d", i-1)
		if i == 0 {
			target = "etc/kubernetes/pki/ca.crt"
		}
		plant(t, dir, fmt.Sprintf("R/chain%d -> %s", i, target))
	}
	return dir + "/R"
}

// TestReadFilePaths has the path, and either the name of the file whose content
// results, or the reason that there is none.
func TestReadFilePaths(t *testing.T) {
	const ca = "R/etc/kubernetes/pki/ca.crt"
	const loop = "link loop: more than 40 links"
	tests := []struct {
		path    string
		content string
		err     string
	}{
		{"/etc/kubernetes/pki/ca.crt", ca, "ok"},
		{"etc/kubernetes/pki/ca.crt", ca, "ok"},
		{"//etc/./kubernetes///pki/ca.crt", ca, "ok"},
		{"/etc/kubernetes/empty/../pki/ca.crt", ca, "ok"},
		{"/../../../etc/kubernetes/pki/ca.crt", ca, "ok"},
		{current, "R/var/lib/kubelet/pki/kubelet-client-2026.pem", "ok"},
		{"/pki/ca.crt", ca, "ok"},
		{"/pki/../pki/ca.crt", ca, "ok"},
		{"/pki-slash/ca.crt", ca, "ok"},
		{"/far", ca, "ok"},
		{"/deep/er/up", ca, "ok"},
		{"/here/up/root/here/pki/ca.crt", ca, "ok"},
		{"/chain39", ca, "ok"},
		{"/new\nline\x1b[2J\xff.crt", "R/new\nline\x1b[2J\xff.crt", "ok"},
		{"/.dot/.hidden", "R/.dot/.hidden", "ok"},

		{"/missing", "", "missing"},
		{"/missing/../etc/kubernetes/pki/ca.crt", "", "missing"},
		{"/pki/missing", "", "missing"},
		{"/canary", "", "missing"},
		{"/../canary", "", "missing"},
		{"/out", "", "dangling link: ../canary"},
		{"/dangling", "", "dangling link: nowhere.pem"},
		{"/dangling/x", "", "dangling link: nowhere.pem"},
		{"/to-dangling", "", "dangling link: nowhere.pem"},
		{"/into-nowhere", "", "dangling link: no/such/file"},
		{"/a", "", loop},
		{"/self/x", "", loop},
		{"/chain40", "", loop},
		{"/chain45", "", loop},
		{"/etc/kubernetes/pki/ca.crt/x", "", "not a directory"},
		{"/etc/kubernetes/pki/ca.crt/..", "", "not a directory"},
		{"/etc/kubernetes/pki/ca.crt/", "", "not a directory: regular file"},
		{"/etc/kubernetes/pki/ca.crt/.", "", "not a directory: regular file"},
		{"/file-slash", "", "not a directory"},
		{"/", "", "not a regular file: folder"},
		{"..", "", "not a regular file: folder"},
		{"/pki", "", "not a regular file: folder"},
		{"/pki-slash/.", "", "not a regular file: folder"},
		{"/up/..", "", "not a regular file: folder"},
		{"", "", "invalid path: empty"},
		{"/ca.crt\x00.pem", "", "invalid path: NUL byte"},
		{"/" + strings.Repeat("x", 256), "", "invalid path: file name too long"},
		{"/long", "", "invalid path: file name too long"},
		{strings.Repeat("a/", 2048) + "a", "", "invalid path: file name too long"},
	}
	forEachView(t, sample(t), func(t *testing.T, f *FS) {
		for _, tt := range tests {
			file, err := f.ReadFile(tt.path, limit)
			if got := outcome(err); got != tt.err {
				t.Errorf("ReadFile(%q): %s, want %s", tt.path, got, tt.err)
			} else if err == nil && (string(file.Data) != tt.content || file.Path != tt.path) {
				t.Errorf("ReadFile(%q) = %q of %q, want %q", tt.path, file.Data, file.Path, tt.content)
			}
		}
		if _, err := f.ReadFile("/abs", limit); !isOutcome(err, DanglingLink) {
			t.Errorf("an absolute link that leads out of the root: %v", err)
		}
	})
}

func TestFault(t *testing.T) {
	dangling := &resolveError{errno: unix.ENOENT, detail: "target"}
	tests := []struct {
		err  error
		want string
	}{
		{unix.ENOENT, "missing"},
		{dangling, "dangling link: target"},
		{fmt.Errorf("x: %w", dangling), "dangling link: target"},
		{unix.ELOOP, "link loop"},
		{unix.EACCES, "permission denied"},
		{unix.EPERM, "permission denied"},
		{unix.ENOTDIR, "not a directory"},
		{unix.ENAMETOOLONG, "invalid path: file name too long"},
		{unix.EIO, "I/O error: input/output error"},
		{unix.ESTALE, "I/O error: stale file handle"},
		{&fs.PathError{Op: "readdirent", Path: "x", Err: unix.EIO}, "I/O error: input/output error"},
		{errors.New("unheard of"), "I/O error: unheard of"},
	}
	for _, tt := range tests {
		if got := outcome(fault("/a", tt.err)); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.err, got, tt.want)
		}
	}
	if _, err := readAll("/a", -1, limit); outcome(err) != "I/O error: bad file descriptor" {
		t.Errorf("reading a handle that is none: %s", outcome(err))
	}
}

func TestErrorText(t *testing.T) {
	tests := []struct {
		err  Error
		want string
	}{
		{Error{Path: "/a", Reason: NotExist}, "/a: missing"},
		{Error{Path: "/a", Reason: DanglingLink, Detail: "b"}, "/a: dangling link (b)"},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestStatLink(t *testing.T) {
	tests := []struct{ path, want string }{
		{current, "/var/lib/kubelet/pki/kubelet-client-2026.pem"},
		{"/pki", "etc/kubernetes/pki"},
		{"/pki/", "etc/kubernetes/pki"},
		{"/pki/ca.crt", ""}, // the link is on the way
		{"/here/pki", "etc/kubernetes/pki"},
		{"/up", ".."},
		{"/", ""},
	}
	forEachView(t, sample(t), func(t *testing.T, f *FS) {
		for _, tt := range tests {
			info, err := f.Stat(tt.path)
			if err != nil || info.Link != tt.want {
				t.Errorf("Stat(%q) has link %q, %v, want %q", tt.path, info.Link, err, tt.want)
			}
		}
		file, err := f.ReadFile(current, limit)
		if err != nil || file.Link != tests[0].want {
			t.Errorf("ReadFile(%q) = %v, %v, want link %q", current, file, err, tests[0].want)
		}
	})
}

func TestReadDir(t *testing.T) {
	pki := []string{"ca.crt"}
	tests := []struct {
		path string
		want []string
		err  string
	}{
		{"/etc/kubernetes", []string{"empty", "pki"}, "ok"},
		{"/etc/kubernetes/pki/", pki, "ok"},
		{"/pki", pki, "ok"},
		{"/pki-slash", pki, "ok"},
		{"/root/pki", pki, "ok"},
		{"/.dot", []string{".hidden"}, "ok"},
		{"/deep/..//../..", nil, "ok"}, // the root: only that it can be listed
		{"/etc/kubernetes/empty", []string{}, "ok"},
		{"/etc/kubernetes/pki/ca.crt", nil, "not a directory: regular file"},
		{"/missing", nil, "missing"},
		{"/dangling", nil, "dangling link: nowhere.pem"},
		{"/self", nil, "link loop: more than 40 links"},
		{"", nil, "invalid path: empty"},
	}
	forEachView(t, sample(t), func(t *testing.T, f *FS) {
		for _, tt := range tests {
			got, err := f.ReadDir(tt.path)
			if outcome(err) != tt.err {
				t.Errorf("ReadDir(%q): %s, want %s", tt.path, outcome(err), tt.err)
			} else if tt.want != nil && !cmp.Equal(got, tt.want) {
				t.Errorf("ReadDir(%q) = %q, want %q", tt.path, got, tt.want)
			}
		}
		if names, _ := f.ReadDir("/"); len(names) == 0 || names[0] != ".dot" {
			t.Errorf("ReadDir of the root = %q, want it sorted, dot files included", names)
		}
	})
}

func TestReadDirCap(t *testing.T) {
	root := t.TempDir()
	plant(t, root, "many/")
	for i := range maxEntries {
		if err := os.Symlink("x", fmt.Sprintf("%s/many/%d", root, i)); err != nil {
			t.Fatal(err)
		}
	}
	forEachView(t, root, func(t *testing.T, f *FS) {
		if names, err := f.ReadDir("/many"); err != nil || len(names) != maxEntries {
			t.Errorf("got %d names, %v, want %d", len(names), err, maxEntries)
		}
	})
	plant(t, root, "many/one-more")
	forEachView(t, root, func(t *testing.T, f *FS) {
		_, err := f.ReadDir("/many")
		if got, want := outcome(err), "too large: more than 20000 entries"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
