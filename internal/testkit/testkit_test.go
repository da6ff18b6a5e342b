package testkit

import (
	"archive/tar"
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// packed writes an archive of headers with empty contents.
func packed(t *testing.T, headers ...*tar.Header) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.tar.gz")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(f)
	archive := tar.NewWriter(zipped)
	for _, h := range headers {
		if err := archive.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []interface{ Close() error }{archive, zipped, f} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

func TestUnpackKeepsModesTimesAndLinks(t *testing.T) {
	time1, time2 := time.Unix(1_000_000_000, 0), time.Unix(1_100_000_000, 0)
	archive := packed(t,
		&tar.Header{Name: "./", Typeflag: tar.TypeDir, Mode: 0o777, ModTime: time1},
		&tar.Header{Name: "./closed/", Typeflag: tar.TypeDir, Mode: 0o500, ModTime: time1},
		&tar.Header{Name: "./closed/file", Typeflag: tar.TypeReg, Mode: 0o666, ModTime: time2},
		&tar.Header{Name: "./closed/link", Typeflag: tar.TypeSymlink, Linkname: "/a", ModTime: time2},
	)
	dir := filepath.Join(t.TempDir(), "new", "node")
	if err := Unpack(archive, dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(dir, "closed"), 0o700) }) // or TempDir cannot be removed
	for name, want := range map[string]struct {
		mode fs.FileMode
		time time.Time
	}{".": {fs.ModeDir | 0o777, time1}, "closed": {fs.ModeDir | 0o500, time1}, "closed/file": {0o666, time2}} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want.mode || !info.ModTime().Equal(want.time) {
			t.Errorf("%s has mode %v and is of %v, want %+v", name, info.Mode(), info.ModTime(), want)
		}
	}
	if target, err := os.Readlink(filepath.Join(dir, "closed/link")); target != "/a" || err != nil {
		t.Errorf("the link leads to %q: %v", target, err)
	}
}

func TestUnpackStaysInside(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "node")
	if err := Unpack(packed(t, &tar.Header{Name: "../escape", Typeflag: tar.TypeReg, Mode: 0o600}), dir); err == nil {
		t.Error("a path out of the folder was unpacked")
	}
}
