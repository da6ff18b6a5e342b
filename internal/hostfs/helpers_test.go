//go:build linux

package hostfs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const limit = 1 << 20

// A view names one of the two ways to open, which must give the same answers.
type view struct {
	name string
	open opener
}

func views() []view {
	return []view{{"kernel", openInKernel}, {"walk", walk}}
}

// forEachView runs the test against a view of root by the kernel, and by walking.
func forEachView(t *testing.T, root string, run func(t *testing.T, f *FS)) {
	t.Helper()
	for _, v := range views() {
		t.Run(v.name, func(t *testing.T) { run(t, openView(t, root, v)) })
	}
}

func openView(t *testing.T, root string, v view) *FS {
	t.Helper()
	if v.name == "kernel" {
		requireOpenat2(t)
	}
	f, err := newFS(root, v.open)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func requireOpenat2(t *testing.T) {
	t.Helper()
	fd, err := openat2(unix.AT_FDCWD, ".", unix.O_PATH|unix.O_CLOEXEC)
	if err != nil {
		t.Skipf("openat2 is not available here: %v", err)
	}
	closeHandle(fd)
}

// isOutcome reports whether err is an *Error with the reason.
func isOutcome(err error, reason Reason) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Reason == reason
}

// outcome puts what a call gave into one line: "ok", or reason and detail.
func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	e, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		return "no *Error: " + err.Error()
	case e.Detail == "":
		return string(e.Reason)
	}
	return string(e.Reason) + ": " + e.Detail
}

// plant makes a tree below root. A name that ends in a slash is a folder, one
// with " -> " a link, any other a file with its own name as content.
func plant(t testing.TB, root string, names ...string) {
	t.Helper()
	r, err := os.OpenRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, name := range names {
		if err := plantOne(r, name); err != nil {
			t.Fatal(err)
		}
	}
}

// plantOne follows no link out of the root, lest a planted link lead a planted
// file into the system of the developer.
func plantOne(r *os.Root, name string) error {
	path, target, isLink := strings.Cut(name, " -> ")
	if err := r.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	switch {
	case isLink:
		return r.Symlink(target, path)
	case strings.HasSuffix(name, "/"):
		return r.MkdirAll(strings.TrimSuffix(path, "/"), 0o755)
	}
	return r.WriteFile(path, []byte(name), 0o644)
}
