package atomicfile

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// text returns a function that writes a text.
func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// checkFile checks the content of a file, and that its folder holds nothing else.
func checkFile(t *testing.T, path, want string) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != mode {
		t.Errorf("the mode is %v, want %04o", info.Mode(), mode)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("the file holds %q, %v, want %q", got, err, want)
	}
	checkNames(t, filepath.Dir(path), filepath.Base(path))
}

func checkNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if strings.Join(names, " ") != strings.Join(want, " ") {
		t.Errorf("the folder holds %q, want %q", names, want)
	}
}

func TestWrite(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077))
	for _, name := range []string{"report.json", "-", " ", "é\n", strings.Repeat("n", 255)} {
		path := filepath.Join(t.TempDir(), name)
		for _, content := range []string{"first", "", strings.Repeat("second\n", 100_000)} {
			if err := Write(path, text(content)); err != nil {
				t.Fatalf("%q: %v", name, err)
			}
			checkFile(t, path, content)
		}
	}
}

func TestWriteBelowWorkingFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := Write("report", text("x")); err != nil {
		t.Fatal(err)
	}
	checkFile(t, "report", "x")
}

// TestPlantedLink: whatever somebody planted at the path stays as it is.
func TestPlantedLink(t *testing.T) {
	for _, target := range []string{"victim", "nowhere", "folder", "report", "/etc/no-such-file"} {
		dir := t.TempDir()
		path, victim := filepath.Join(dir, "out", "report"), filepath.Join(dir, "out", "victim")
		for _, folder := range []string{"out", "out/folder"} {
			if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		err := errors.Join(os.WriteFile(victim, []byte("precious"), 0o600), os.Symlink(target, path))
		if err != nil {
			t.Fatal(err)
		}
		if err := Write(path, text("new")); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(victim); err != nil || string(got) != "precious" {
			t.Errorf("link to %s: the victim holds %q, %v", target, got, err)
		}
		if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
			t.Errorf("link to %s: still there: %v", target, err)
		}
		checkNames(t, filepath.Join(dir, "out"), "folder", "report", "victim")
	}
}

func TestRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	socket, err := net.Listen("unix", "socket")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	err = errors.Join(os.Mkdir("folder", 0o755), syscall.Mkfifo("fifo", 0o600), os.Symlink("/proc/self/fd/1", "stdout"),
		os.WriteFile("file", nil, 0o600), os.Mkdir("only", 0o755))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"folder":                           "it is a folder, not a regular file",
		"folder/":                          "the path names a folder",
		".":                                "it is a folder, not a regular file",
		"fifo":                             "it is a FIFO, not a regular file",
		"socket":                           "it is a socket, not a regular file",
		"/dev/full":                        "it is a device, not a regular file",
		"stdout":                           "it is a link to /proc/self/fd/1, which the kernel provides",
		"nowhere/file":                     "no such file or directory",
		"file/file":                        "not a directory",
		"":                                 "the path names a folder",
		"only/" + strings.Repeat("n", 256): "file name too long",
	} {
		isCalled := false
		err := Write(path, func(io.Writer) error { isCalled = true; return nil })
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
		if isCalled {
			t.Errorf("%s: it was written for nothing", path)
		}
	}
	checkNames(t, ".", "fifo", "file", "folder", "only", "socket", "stdout")
	checkNames(t, "only")
}

// TestFailure: a writer that fails half-way leaves the old file, and nothing else.
func TestFailure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report")
	if err := Write(path, text("old")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	for _, size := range []int{0, 1, 1 << 20} {
		err := Write(path, func(w io.Writer) error {
			return errors.Join(text(strings.Repeat("x", size))(w), broken)
		})
		if !errors.Is(err, broken) {
			t.Errorf("%d bytes: %v", size, err)
		}
		checkFile(t, path, "old")
	}
}

// TestTemporaryName: what is being written is no file that somebody collects.
func TestTemporaryName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.prom")
	err := Write(path, func(io.Writer) error {
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(entries) != 1 {
			t.Fatalf("%v, %v", entries, err)
		}
		if name := entries[0].Name(); !strings.HasPrefix(name, ".audit.prom.") || !strings.HasSuffix(name, ".tmp") {
			t.Errorf("the temporary file is called %s", name)
		}
		if info, err := entries[0].Info(); err != nil || info.Mode() != 0o600 {
			t.Errorf("its mode is %v, %v", info.Mode(), err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	checkFile(t, path, "")
}
