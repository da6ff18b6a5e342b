//go:build linux

package hostfs

import (
	"os"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

const rounds = 2000

// whileRunning repeats disturb beside run until run has returned.
func whileRunning(t *testing.T, disturb func(i int) error, run func()) {
	t.Helper()
	done := make(chan struct{})
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(done) // also when run ends the test
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			if err := disturb(i); err != nil {
				t.Error(err)
				return
			}
		}
	})
	run()
}

// TestSwappedFile puts a file, a FIFO, a link to a file, and a link out of the
// root in turn under one name. Every read ends, and yields the inner file or says
// that it is none.
func TestSwappedFile(t *testing.T) {
	for _, v := range views() {
		t.Run(v.name, func(t *testing.T) {
			dir := t.TempDir()
			plant(t, dir, "canary", "R/inner")
			f := openView(t, dir+"/R", v)
			swap := func(i int) error {
				next := dir + "/R/next"
				var err error
				switch i % 4 {
				case 0:
					err = os.WriteFile(next, []byte("R/inner"), 0o644)
				case 1:
					err = unix.Mkfifo(next, 0o644)
				case 2:
					err = os.Symlink("/inner", next)
				case 3:
					err = os.Symlink(dir+"/canary", next)
				}
				if err != nil {
					return err
				}
				return os.Rename(next, dir+"/R/name")
			}
			if err := swap(0); err != nil {
				t.Fatal(err)
			}
			whileRunning(t, swap, func() {
				for range rounds {
					file, err := f.ReadFile("/name", limit)
					switch {
					case err == nil && string(file.Data) == "R/inner":
					case isOutcome(err, NotRegular), isOutcome(err, DanglingLink):
					default:
						t.Fatalf("ReadFile = %v, %s", file, outcome(err))
					}
				}
			})
		})
	}
}

// TestMovedFolder moves a folder out of the root and back while ".." is taken
// from within it.
func TestMovedFolder(t *testing.T) {
	for _, v := range views() {
		t.Run(v.name, func(t *testing.T) {
			dir := t.TempDir()
			plant(t, dir, "canary", "R/a/b/c/", "R/a/inner")
			f := openView(t, dir+"/R", v)
			inside, outside := dir+"/R/a/b", dir+"/b"
			move := func(int) error {
				if err := os.Rename(inside, outside); err != nil {
					return err
				}
				return os.Rename(outside, inside)
			}
			whileRunning(t, move, func() {
				for range rounds {
					file, err := f.ReadFile("/a/b/c/../../canary", limit)
					if !isOutcome(err, NotExist) {
						t.Fatalf("ReadFile = %v, %s, want %s", file, outcome(err), NotExist)
					}
				}
			})
		})
	}
}
