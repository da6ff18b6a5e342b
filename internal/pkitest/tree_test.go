package pkitest

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWriteReadsBackTheSame(t *testing.T) {
	for name, newSpec := range healthySpecs() {
		t.Run(name, func(t *testing.T) {
			tree := build(t, newSpec(made()))
			dir := filepath.Join(t.TempDir(), "new", "node")
			if err := tree.Write(dir); err != nil {
				t.Fatal(err)
			}
			written := readTree(t, dir).Files
			for path, want := range tree.Files {
				got := written[path]
				if got == nil {
					t.Errorf("%s was not written", path)
					continue
				}
				if string(got.Data) != string(want.Data) || got.Link != want.Link {
					t.Errorf("%s was written with other contents", path)
				}
				if want.Link == "" && got.Mode != want.Mode {
					t.Errorf("%s has mode %v, want %v", path, got.Mode, want.Mode)
				}
				if want.Mode.IsRegular() && want.Link == "" && !got.ModTime.Equal(made()) {
					t.Errorf("%s is of %v", path, got.ModTime)
				}
			}
		})
	}
}

func TestWriteSetsModes(t *testing.T) {
	tree := &Tree{Files: map[string]*File{
		"/open/file":        {Data: []byte("x"), Mode: 0o666},
		"/closed":           {Mode: fs.ModeDir | 0o500},
		"/closed/deep/file": {Data: []byte("x"), Mode: 0o400, ModTime: time.Unix(1, 0)},
		"/wide":             {Mode: fs.ModeDir | 0o777},
		"/link":             {Link: "/closed"},
	}}
	dir := t.TempDir()
	if err := tree.Write(dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Chmod(filepath.Join(dir, "closed"), 0o700); err != nil { // or TempDir cannot be removed
			t.Error(err)
		}
	})
	got := map[string]fs.FileMode{}
	for name, f := range readTree(t, dir).Files {
		got[name] = f.Mode
	}
	want := map[string]fs.FileMode{
		"/open": fs.ModeDir | 0o755, "/open/file": 0o666, "/closed": fs.ModeDir | 0o500, "/closed/deep": fs.ModeDir | 0o755,
		"/closed/deep/file": 0o400, "/wide": fs.ModeDir | 0o777, "/link": fs.ModeSymlink | 0o777,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWriteStaysInside(t *testing.T) {
	tree := &Tree{Files: map[string]*File{"/../../escape": {Data: []byte("x"), Mode: 0o644}}}
	dir := filepath.Join(t.TempDir(), "node")
	if err := tree.Write(dir); err == nil {
		t.Error("a path out of the folder was written")
	}
	if _, err := os.Stat(filepath.Join(dir, "../../escape")); err == nil {
		t.Error("a file appeared outside of the folder")
	}
}

func TestWriteRefusesSecondTree(t *testing.T) {
	tree := build(t, Kubeadm(made()))
	dir := t.TempDir()
	if err := tree.Write(dir); err != nil {
		t.Fatal(err)
	}
	if err := tree.Write(dir); err == nil {
		t.Error("a second tree was written over the first")
	}
}

func TestWriteNeedsAFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&Tree{}).Write(file); err == nil {
		t.Error("a tree was written into a file")
	}
}
