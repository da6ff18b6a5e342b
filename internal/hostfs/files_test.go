//go:build linux

package hostfs

import (
	"fmt"
	"io/fs"
	"math"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func TestSpecialFiles(t *testing.T) {
	root := t.TempDir()
	plant(t, root, "folder/", "link -> fifo")
	if err := unix.Mkfifo(root+"/fifo", 0o644); err != nil {
		t.Fatal(err)
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: root + "/socket", Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	tests := []struct{ path, want string }{
		{"/folder", "folder"},
		{"/fifo", "FIFO"},
		{"/link", "FIFO"},
		{"/socket", "socket"},
	}
	forEachView(t, root, func(t *testing.T, f *FS) {
		for _, tt := range tests {
			_, err := f.ReadFile(tt.path, limit)
			if got, want := outcome(err), "not a regular file: "+tt.want; got != want {
				t.Errorf("ReadFile(%q): %s, want %s", tt.path, got, want)
			}
			if _, err := f.Stat(tt.path); err != nil {
				t.Errorf("Stat(%q): %v", tt.path, err)
			}
		}
		if _, err := f.ReadDir("/fifo"); outcome(err) != "not a directory: FIFO" {
			t.Errorf("ReadDir of a FIFO: %v", err)
		}
	})
}

func TestDevices(t *testing.T) {
	root := t.TempDir()
	tests := []struct {
		name string
		mode uint32
		dev  uint64
		want string
	}{
		{"null", unix.S_IFCHR, unix.Mkdev(1, 3), "character device"},
		{"zero", unix.S_IFCHR, unix.Mkdev(1, 5), "character device"},
		{"absent", unix.S_IFCHR, unix.Mkdev(240, 99), "character device"}, // no driver: opening it would fail
		{"loop", unix.S_IFBLK, unix.Mkdev(7, 200), "block device"},
	}
	for _, tt := range tests {
		if err := unix.Mknod(filepath.Join(root, tt.name), tt.mode|0o644, int(tt.dev)); err != nil {
			t.Skipf("devices cannot be made here: %v", err)
		}
	}
	forEachView(t, root, func(t *testing.T, f *FS) {
		for _, tt := range tests {
			_, err := f.ReadFile(tt.name, limit)
			if got, want := outcome(err), "not a regular file: "+tt.want; got != want {
				t.Errorf("ReadFile(%q): %s, want %s", tt.name, got, want)
			}
		}
	})
}

// TestKernelFiles looks at the files of this system that every Linux has.
func TestKernelFiles(t *testing.T) {
	tests := []struct{ path, want string }{
		{"/dev/null", "not a regular file: character device"},
		{"/dev/zero", "not a regular file: character device"},
		{"/proc/version", "not a regular file: made up by the kernel"},
		{"/proc/self/status", "not a regular file: made up by the kernel"}, // /proc/self is an ordinary link
		{"/proc/self/exe", "link loop: made up by the kernel"},
		{"/proc/self/root/etc/passwd", "link loop: made up by the kernel"},
		{"/proc/self/ns/net", "link loop: made up by the kernel"},
		{"/proc/self/fd/0", "link loop: made up by the kernel"},
	}
	forEachView(t, "/", func(t *testing.T, f *FS) {
		for _, tt := range tests {
			if _, err := os.Lstat(tt.path); err != nil {
				t.Logf("not tried: %v", err)
				continue
			}
			_, err := f.ReadFile(tt.path, limit)
			if got := outcome(err); got != tt.want {
				t.Errorf("ReadFile(%q): %s, want %s", tt.path, got, tt.want)
			}
		}
	})
}

func TestLimit(t *testing.T) {
	root := t.TempDir()
	plant(t, root, "0123456789")
	if err := os.WriteFile(root+"/empty", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		path  string
		limit int64
		want  string
	}{
		{"/0123456789", 10, "ok"},
		{"/0123456789", math.MaxInt64, "ok"},
		{"/0123456789", 9, "too large: more than 9 bytes"},
		{"/0123456789", 0, "too large: more than 0 bytes"},
		{"/0123456789", -1, "too large: more than 0 bytes"},
		{"/empty", 10, "empty"},
		{"/empty", 0, "empty"},
	}
	forEachView(t, root, func(t *testing.T, f *FS) {
		for _, tt := range tests {
			_, err := f.ReadFile(tt.path, tt.limit)
			if got := outcome(err); got != tt.want {
				t.Errorf("ReadFile(%q, %d): %s, want %s", tt.path, tt.limit, got, tt.want)
			}
		}
	})
}

// TestSparseFile reads a file that claims 8 GiB. What is allocated must depend on
// the limit alone.
func TestSparseFile(t *testing.T) {
	root := t.TempDir()
	plant(t, root, "sparse.crt")
	if err := os.Truncate(root+"/sparse.crt", 8<<30); err != nil {
		t.Skipf("no sparse file can be made here: %v", err)
	}
	forEachView(t, root, func(t *testing.T, f *FS) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := f.ReadFile("/sparse.crt", limit)
		runtime.ReadMemStats(&after)
		if got, want := outcome(err), fmt.Sprintf("too large: more than %d bytes", limit); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 16*limit {
			t.Errorf("reading allocated %d bytes, with a limit of %d", got, limit)
		}
	})
}

func TestInfo(t *testing.T) {
	root := t.TempDir()
	modified := time.Date(2026, 2, 3, 4, 5, 6, 789, time.UTC)
	plant(t, root, "key", "folder/")
	for name, mode := range map[string]fs.FileMode{
		"key":    0o640 | fs.ModeSetuid | fs.ModeSetgid,
		"folder": 0o777 | fs.ModeSticky,
	} {
		if err := os.Chmod(filepath.Join(root, name), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(filepath.Join(root, name), modified, modified); err != nil {
			t.Fatal(err)
		}
	}
	var st unix.Stat_t
	if err := unix.Stat(filepath.Join(root, "key"), &st); err != nil {
		t.Fatal(err)
	}
	want := Info{
		Mode: 0o640 | fs.ModeSetuid | fs.ModeSetgid, ID: ID{st.Dev, st.Ino},
		UID: uint32(os.Getuid()), GID: uint32(os.Getgid()),
		Size: 3, ModTime: modified,
	}
	forEachView(t, root, func(t *testing.T, f *FS) {
		got, err := f.Stat("/key")
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Stat: %v, -want +got:\n%s", err, diff)
		}
		file, err := f.ReadFile("/key", limit)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&File{Info: want, Path: "/key", Data: []byte("key")}, file); diff != "" {
			t.Errorf("ReadFile, -want +got:\n%s", diff)
		}
		folder, err := f.Stat("/folder")
		if want := 0o777 | fs.ModeSticky | fs.ModeDir; err != nil || folder.Mode != want {
			t.Errorf("Stat of a folder: mode %v, %v, want %v", folder.Mode, err, want)
		}
	})
}

func TestFileMode(t *testing.T) {
	tests := []struct {
		raw  uint32
		want string
		kind string
	}{
		{unix.S_IFREG | 0o600, "-rw-------", "regular file"},
		{unix.S_IFDIR | unix.S_ISVTX | 0o777, "dtrwxrwxrwx", "folder"},
		{unix.S_IFLNK | 0o777, "Lrwxrwxrwx", "symbolic link"},
		{unix.S_IFIFO | 0o644, "prw-r--r--", "FIFO"},
		{unix.S_IFSOCK | 0o755, "Srwxr-xr-x", "socket"},
		{unix.S_IFCHR | 0o666, "Dcrw-rw-rw-", "character device"},
		{unix.S_IFBLK | 0o660, "Drw-rw----", "block device"},
		{0o644, "?rw-r--r--", "unknown type"},
	}
	for _, tt := range tests {
		if got := fileMode(tt.raw); got.String() != tt.want || kind(got) != tt.kind {
			t.Errorf("mode %o is %v, a %s, want %s, a %s", tt.raw, got, kind(got), tt.want, tt.kind)
		}
	}
}
