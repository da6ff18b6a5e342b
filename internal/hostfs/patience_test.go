//go:build linux

package hostfs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// The tests of deadlines run in bubbles: an operation that is stuck on a channel
// lets the clock of the bubble jump to the next deadline, so that they take no
// time, and see every time exactly. A bubble fails a test that leaves a goroutine
// behind.

const perFile = 5 * time.Second

// stuck is a file system of which some paths do not answer until it is released.
type stuck struct {
	parts   []string // of the names that hang
	release chan struct{}
	end     func() // closes release

	mu    sync.Mutex
	tried []string // the names, in the order of the attempts
}

// newStuck opens a view of root in which the names with one of the parts hang.
func newStuck(t *testing.T, ctx context.Context, root string, parts ...string) (*FS, *stuck) {
	t.Helper()
	s := &stuck{parts: parts, release: make(chan struct{})}
	s.end = sync.OnceFunc(func() { close(s.release) })
	f, err := newFS(root, s.opener)
	if err != nil {
		t.Fatal(err)
	}
	f.patience = newPatience(ctx, perFile)
	t.Cleanup(func() {
		s.end()
		synctest.Wait()
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f, s
}

func (s *stuck) opener(root int, name string, flags int) (int, error) {
	s.mu.Lock()
	s.tried = append(s.tried, name)
	s.mu.Unlock()
	if slices.ContainsFunc(s.parts, func(part string) bool { return strings.Contains(name, part) }) {
		<-s.release
	}
	return walk(root, name, flags)
}

// opened returns how often a path was opened so far.
func (s *stuck) opened(path string) int {
	return len(slices.DeleteFunc(s.tries(), func(name string) bool { return "/"+name != path }))
}

// tries returns the names that were tried so far.
func (s *stuck) tries() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.tried)
}

// checkTook runs an operation and checks its outcome and the time that it takes.
func checkTook(t *testing.T, name string, operate func() error, want string, took time.Duration) {
	t.Helper()
	start := time.Now()
	err := operate()
	if got := outcome(err); got != want {
		t.Errorf("%s: %s, want %s", name, got, want)
	}
	if got := time.Since(start); got != took {
		t.Errorf("%s took %v, want %v", name, got, took)
	}
}

// operations are all operations on a path of a view.
func operations(f *FS, path string) map[string]func() error {
	return map[string]func() error{
		"Stat":     func() error { _, err := f.Stat(path); return err },
		"ReadFile": func() error { _, err := f.ReadFile(path, limit); return err },
		"ReadDir":  func() error { _, err := f.ReadDir(path); return err },
	}
}

func TestStuckOpen(t *testing.T) {
	root := sample(t)
	for name := range operations(nil, "") {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, s := newStuck(t, t.Context(), root, "hung")
				const path = "/etc/kubernetes/pki/hung"
				checkTook(t, "first", operations(f, path)[name], "timed out: no answer within 5s", perFile)
				for again, operate := range operations(f, path) {
					checkTook(t, again+" again", operate, "timed out: no answer within 5s", 0)
				}
				if tries := s.tries(); len(tries) != 2 { // one of them by New
					t.Errorf("it was tried several times: %q", tries)
				}
				checkTook(t, "another file", operations(f, "/etc/kubernetes/pki/ca.crt")["ReadFile"], "ok", 0)
				checkTook(t, "its folder", operations(f, "/etc/kubernetes/pki")["ReadDir"], "ok", 0)
			})
		})
	}
}

// TestStuckContent: opening works, and what comes behind it hangs.
func TestStuckContent(t *testing.T) {
	root := sample(t)
	for name, path := range map[string]string{"ReadFile": "/etc/kubernetes/pki/ca.crt", "ReadDir": "/etc/kubernetes/pki"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, s := newStuck(t, t.Context(), root)
				f.read = func(path string, fd int, limit int64) ([]byte, error) {
					<-s.release
					return readAll(path, fd, limit)
				}
				f.list = func(fd int) ([]string, error) {
					<-s.release
					return list(fd)
				}
				checkTook(t, name, operations(f, path)[name], "timed out: no answer within 5s", perFile)
				checkTook(t, "Stat of another file", operations(f, "/etc/kubernetes/pki/sub")["Stat"], "missing", 0)
			})
		})
	}
}

// TestStuckFolder: all files below a folder together cost twice the time of one,
// and a little for each.
func TestStuckFolder(t *testing.T) {
	root := sample(t)
	synctest.Test(t, func(t *testing.T) {
		f, _ := newStuck(t, t.Context(), root, "etc/kubernetes/pki/")
		start := time.Now()
		for i := range 30 {
			path := fmt.Sprintf("/etc/kubernetes/pki/%s%d", strings.Repeat("folder/", i%3), i)
			if _, err := f.Stat(path); !isOutcome(err, TimedOut) {
				t.Errorf("%s: %s", path, outcome(err))
			}
		}
		if took, most := time.Since(start), 2*perFile+30*leastPatience; took > most {
			t.Errorf("a folder that hangs cost %v, want at most %v", took, most)
		}
		checkTook(t, "another folder", operations(f, "/etc")["ReadDir"], "ok", 0)
	})
}

func TestTimeOfAllIsUp(t *testing.T) {
	root := sample(t)
	const up = "timed out: the time for all files is up"
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), perFile+time.Second)
		defer cancel()
		f, s := newStuck(t, ctx, root, "hung")
		checkTook(t, "the first", operations(f, "/hung")["Stat"], "timed out: no answer within 5s", perFile)
		checkTook(t, "the second", operations(f, "/etc/hung")["Stat"], up, time.Second)
		tries := s.tries()
		for name, operate := range operations(f, "/etc/kubernetes/pki/ca.crt") {
			checkTook(t, name+" afterwards", operate, up, 0)
		}
		if after := s.tries(); len(after) != len(tries) {
			t.Errorf("files were tried after the time was up: %q", after[len(tries):])
		}
	})
}

func TestNewWithinTime(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if f, err := NewWithin(ctx, t.TempDir(), perFile); f != nil || !isOutcome(err, TimedOut) {
		t.Errorf("NewWithin = %v, %s", f, outcome(err))
	}
	if f, err := NewWithin(t.Context(), "/no-such-folder", perFile); f != nil || !isOutcome(err, NotExist) {
		t.Errorf("NewWithin = %v, %s", f, outcome(err))
	}
}

// TestLateEnd lets an operation end after it was given up: its handle is closed,
// and the handle of the root is not, lest its number be given to another folder.
func TestLateEnd(t *testing.T) {
	root := sample(t)
	before := len(openHandles(t))
	synctest.Test(t, func(t *testing.T) {
		f, s := newStuck(t, t.Context(), root)
		f.read = func(path string, fd int, limit int64) ([]byte, error) {
			<-s.release
			return readAll(path, fd, limit)
		}
		checkTook(t, "ReadFile", operations(f, "/etc/kubernetes/pki/ca.crt")["ReadFile"], "timed out: no answer within 5s", perFile)
	})
	if after := openHandles(t); len(after) != before+1 {
		t.Errorf("%d handles were open before, %d are after, want one more: %v", before, len(after), after)
	}
}

// TestPatienceIsShared uses one view from several goroutines, of which some meet
// a file that hangs.
func TestPatienceIsShared(t *testing.T) {
	root := sample(t)
	synctest.Test(t, func(t *testing.T) {
		f, _ := newStuck(t, t.Context(), root, "hung")
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 50 {
					if _, err := f.ReadFile("/etc/kubernetes/pki/ca.crt", limit); err != nil {
						t.Error(err)
					}
				}
				if _, err := f.Stat("/hung"); !isOutcome(err, TimedOut) {
					t.Error(outcome(err))
				}
			})
		}
		wg.Wait()
	})
}
