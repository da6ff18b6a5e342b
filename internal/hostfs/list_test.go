//go:build linux

package hostfs

import (
	"fmt"
	"io/fs"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func TestList(t *testing.T) {
	root := t.TempDir()
	plant(t, root, "folder/b", "folder/a/", "folder/.hidden", "folder/-x", "folder/link -> b", "folder/gone -> nowhere", "to -> folder", "out -> /folder")
	if err := unix.Mkfifo(root+"/folder/pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	want := []Entry{
		{"-x", 0}, {".hidden", 0}, {"a", fs.ModeDir}, {"b", 0}, {"gone", fs.ModeSymlink}, {"link", fs.ModeSymlink}, {"pipe", fs.ModeNamedPipe},
	}
	forEachView(t, root, func(t *testing.T, f *FS) {
		ids := map[[2]uint64]bool{}
		for _, path := range []string{"/folder", "folder/", "/to", "/out", "/folder/../folder"} {
			folder, err := f.List(path, len(want))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, folder.Entries); diff != "" || folder.More {
				t.Errorf("List(%q): more: %v, -want +got:\n%s", path, folder.More, diff)
			}
			ids[[2]uint64{folder.Device, folder.Inode}] = true
		}
		if other, err := f.List("/folder/a", 1); err != nil || len(ids) != 1 || ids[[2]uint64{other.Device, other.Inode}] {
			t.Errorf("one folder has the identities %v, another one %+v, %v", ids, other, err)
		}
	})
}

func TestListLimit(t *testing.T) {
	root := t.TempDir()
	const many = 3000 // several buffers
	for n := range many {
		if err := os.Mkdir(fmt.Sprintf("%s/%0200d", root, n), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	forEachView(t, root, func(t *testing.T, f *FS) {
		for _, limit := range []int{0, 1, many - 1, many, many + 1} {
			folder, err := f.List("/", limit)
			if err != nil || len(folder.Entries) != min(limit, many) || folder.More != (limit < many) {
				t.Errorf("limit %d: %d entries, more: %v, %v", limit, len(folder.Entries), folder.More, err)
			}
		}
	})
}

func TestListFailures(t *testing.T) {
	root := t.TempDir()
	plant(t, root, "file", "gone -> nowhere", "loop -> loop")
	tests := []struct{ path, want string }{
		{"/nowhere", "missing"},
		{"/file", "not a directory: regular file"},
		{"/gone", "dangling link: nowhere"},
		{"/loop", "link loop: more than 40 links"},
		{"", "invalid path: empty"},
	}
	forEachView(t, root, func(t *testing.T, f *FS) {
		for _, tt := range tests {
			if _, err := f.List(tt.path, 10); outcome(err) != tt.want {
				t.Errorf("List(%q): %s, want %s", tt.path, outcome(err), tt.want)
			}
		}
	})
}

func TestEntryType(t *testing.T) {
	for raw, want := range map[byte]fs.FileMode{
		unix.DT_REG: 0, unix.DT_DIR: fs.ModeDir, unix.DT_LNK: fs.ModeSymlink, unix.DT_FIFO: fs.ModeNamedPipe, unix.DT_SOCK: fs.ModeSocket,
		unix.DT_CHR: fs.ModeDevice | fs.ModeCharDevice, unix.DT_BLK: fs.ModeDevice, unix.DT_UNKNOWN: fs.ModeIrregular, unix.DT_WHT: fs.ModeIrregular,
	} {
		if got := entryType(raw); got != want {
			t.Errorf("type %d is %v, want %v", raw, got, want)
		}
	}
}

// TestReadListed: whatever became of a file since its folder was listed, the
// answer is that of ReadFile.
func TestReadListed(t *testing.T) {
	root := t.TempDir()
	plant(t, root, "folder/file", "to -> folder", "link -> folder/file", "out -> /folder/file", "gone -> nowhere", "loop -> loop")
	for name, size := range map[string]int64{"empty": 0, "small": 1, "page": usualFile, "more": usualFile + 1, "large": limit, "larger": limit + 1} {
		if err := os.WriteFile(root+"/"+name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(root+"/"+name, size); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mkfifo(root+"/pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	forEachView(t, root, func(t *testing.T, f *FS) {
		for _, path := range []string{
			"/folder/file", "folder/file", "/folder/../folder/file", "/to/file", "/link", "/out", "/gone", "/loop", "/nowhere", "/folder", "/folder/", "/folder/file/x",
			"/empty", "/small", "/page", "/more", "/large", "/larger", "/pipe", "", "/", "a\x00b",
		} {
			want, wantErr := f.ReadFile(path, limit)
			got, err := f.ReadListed(path, limit)
			if diff := cmp.Diff(want, got); diff != "" || outcome(err) != outcome(wantErr) {
				t.Errorf("ReadListed(%q): %s, ReadFile: %s, -want +got:\n%.500s", path, outcome(err), outcome(wantErr), diff)
			}
		}
	})
}

func TestReadListedOutside(t *testing.T) {
	f, err := New("/")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, path := range []string{"/proc/self/status", "/dev/null"} {
		if _, err := f.ReadListed(path, limit); !isOutcome(err, NotRegular) {
			t.Errorf("ReadListed(%q): %s", path, outcome(err))
		}
	}
}
