//go:build linux

package hostfs

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

func TestPermissionDenied(t *testing.T) {
	root := t.TempDir()
	plant(t, root, "key", "closed/file", "listed/file", "unlisted/file",
		"to-key -> key", "into-closed -> closed/file", "through-closed -> closed/../open", "open")
	for name, mode := range map[string]os.FileMode{"key": 0, "closed": 0, "listed": 0o744, "unlisted": 0o711, ".": 0o755} {
		path := filepath.Join(root, name)
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(path, 0o755) })
	}
	const denied = "permission denied"
	tests := []struct{ path, read, stat, list string }{
		{"/open", "ok", "ok", "not a directory: regular file"},
		{"/key", denied, "ok", "not a directory: regular file"},
		{"/to-key", denied, "ok", "not a directory: regular file"},
		{"/closed", "not a regular file: folder", "ok", denied},
		{"/closed/file", denied, denied, denied},
		{"/closed/missing", denied, denied, denied},
		{"/closed/../open", denied, denied, denied},
		{"/closed/./..", denied, denied, denied},
		{"/into-closed", denied, denied, denied},
		{"/through-closed", denied, denied, denied},
		{"/listed", "not a regular file: folder", "ok", "ok"},
		{"/listed/file", denied, denied, denied},
		{"/unlisted", "not a regular file: folder", "ok", denied},
		{"/unlisted/file", "ok", "ok", "not a directory: regular file"},
	}
	forEachView(t, root, func(t *testing.T, f *FS) {
		asNobody(t)
		for _, tt := range tests {
			_, read := f.ReadFile(tt.path, limit)
			_, stat := f.Stat(tt.path)
			_, list := f.ReadDir(tt.path)
			if outcome(read) != tt.read || outcome(stat) != tt.stat || outcome(list) != tt.list {
				t.Errorf("%s: read %s, stat %s, list %s, want %s, %s, %s", tt.path,
					outcome(read), outcome(stat), outcome(list), tt.read, tt.stat, tt.list)
			}
		}
	})
}

func TestNewPermissionDenied(t *testing.T) {
	root := t.TempDir()
	plant(t, root, "closed/")
	if err := os.Chmod(root+"/closed", 0); err != nil {
		t.Fatal(err)
	}
	asNobody(t)
	if _, err := New(root + "/closed"); !isOutcome(err, PermissionDenied) {
		t.Errorf("New of a closed folder: %s", outcome(err))
	}
}

// asNobody takes the privileges over files from the test when it has them. On
// Linux they belong to a thread, and go with its file system user.
func asNobody(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	const nobody = 65534
	runtime.LockOSThread()
	t.Cleanup(func() {
		_ = unix.Setfsuid(0)
		runtime.UnlockOSThread()
	})
	_ = unix.Setfsuid(nobody)
	if now, _ := unix.SetfsuidRetUid(-1); now != nobody {
		t.Skip("the file system user cannot be changed here")
	}
}
