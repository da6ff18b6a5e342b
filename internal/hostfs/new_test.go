//go:build linux

package hostfs

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

func TestNewErrors(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "file", "dangling -> nowhere", "loop -> loop")
	tests := []struct{ root, want string }{
		{dir + "/missing", "missing"},
		{dir + "/dangling", "missing"},
		{dir + "/loop", "link loop"},
		{dir + "/file", "not a directory"},
		{dir + "/file/x", "not a directory"},
		{dir + "/\x00", "invalid path: NUL byte"},
		{"", "invalid path: empty"},
	}
	for _, tt := range tests {
		f, err := New(tt.root)
		if got := outcome(err); f != nil || got != tt.want {
			t.Errorf("New(%q): %s, want %s", tt.root, got, tt.want)
		} else if !strings.Contains(err.Error(), tt.root) {
			t.Errorf("New(%q): %q does not name the root", tt.root, err)
		}
	}
}

// TestRootIsHeld replaces the root while it is in use: the view stays with the
// folder that was opened.
func TestRootIsHeld(t *testing.T) {
	for _, v := range views() {
		t.Run(v.name, func(t *testing.T) {
			dir := t.TempDir()
			plant(t, dir, "R/a")
			f := openView(t, dir+"/R", v)
			if err := os.Rename(dir+"/R", dir+"/moved"); err != nil {
				t.Fatal(err)
			}
			plant(t, dir, "R/b")
			if _, err := f.ReadFile("/a", limit); err != nil {
				t.Error(err)
			}
			if _, err := f.ReadFile("/../R/b", limit); !isOutcome(err, NotExist) {
				t.Errorf("a file of the new root: %s", outcome(err))
			}
		})
	}
}

func TestHandlesAreClosed(t *testing.T) {
	root := sample(t)
	before := len(openHandles(t))
	for _, v := range views() {
		t.Run(v.name, func(t *testing.T) {
			f := openView(t, root, v)
			for _, path := range []string{
				"/", "/etc/kubernetes/pki/ca.crt", "/deep/er/up", "/here/up/root/pki", "/dangling", "/a", "/chain45",
				"/etc/kubernetes/pki/ca.crt/x", "/etc/kubernetes/pki/ca.crt/", "/missing", "/up/../../etc",
			} {
				_, _ = f.Stat(path)
				_, _ = f.ReadFile(path, limit)
				_, _ = f.ReadFile(path, 1)
				_, _ = f.ReadDir(path)
			}
		})
	}
	if after := openHandles(t); len(after) != before {
		t.Errorf("%d handles were open before, %d are after: %v", before, len(after), after)
	}
}

func openHandles(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("open handles cannot be counted here: %v", err)
	}
	var handles []string
	for _, e := range entries {
		target, _ := os.Readlink("/proc/self/fd/" + e.Name())
		handles = append(handles, target)
	}
	return handles
}

// TestNewWithoutOpenat2 runs itself again under a seccomp filter that refuses
// openat2 as an old kernel does, and as old container runtimes do.
func TestNewWithoutOpenat2(t *testing.T) {
	const variable = "HOSTFS_TEST_REFUSE_OPENAT2"
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		refused(t, unix.Errno(n))
		return
	}
	for _, errno := range []unix.Errno{unix.ENOSYS, unix.EPERM} {
		t.Run(unix.ErrnoName(errno), func(t *testing.T) {
			again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNewWithoutOpenat2$", "-test.v")
			again.Env = append(os.Environ(), fmt.Sprintf("%s=%d", variable, int(errno)))
			out, err := again.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if strings.Contains(string(out), "--- SKIP") {
				t.Skipf("%s", out)
			}
		})
	}
}

func refused(t *testing.T, errno unix.Errno) {
	root := sample(t)
	if err := refuseOpenat2(errno); err != nil {
		t.Skipf("no seccomp filter can be set here: %v", err)
	}
	if _, err := openat2(unix.AT_FDCWD, ".", unix.O_PATH); err != errno {
		t.Fatalf("openat2: %v, want %v", err, errno)
	}
	f, err := New(root)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.ReadFile(current, limit); err != nil {
		t.Error(err)
	}
}

// refuseOpenat2 makes openat2 fail for the rest of this process.
func refuseOpenat2(errno unix.Errno) error {
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // the number of the call
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: unix.SYS_OPENAT2},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(errno)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	runtime.LockOSThread() // the next two calls concern one thread, which passes both on to all
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	_, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&program)))
	if e != 0 {
		return e
	}
	return nil
}
