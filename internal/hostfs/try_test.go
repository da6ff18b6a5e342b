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

	"github.com/google/go-cmp/cmp"
)

const ca, client = "/etc/kubernetes/pki/ca.crt", "/var/lib/kubelet/pki/kubelet-client-2026.pem"

// look reads files and returns what each came to.
func look(f *FS, paths ...string) []string {
	var all []string
	for _, path := range paths {
		_, err := f.ReadFile(path, limit)
		all = append(all, path+" "+outcome(err))
	}
	return all
}

// checkLook tries to read files, and checks what comes of it and how long it takes.
func checkLook(t *testing.T, f *FS, took time.Duration, paths []string, want ...string) {
	t.Helper()
	start := time.Now()
	got := Try(f, func(view *FS) []string { return look(view, paths...) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := time.Since(start); got != took {
		t.Errorf("it took %v, want %v", got, took)
	}
}

// TestTryAsksOnce: what answered is not asked again when something else hangs.
func TestTryAsksOnce(t *testing.T) {
	root := sample(t)
	synctest.Test(t, func(t *testing.T) {
		f, s := newStuck(t, t.Context(), root, "hung", "stuck")
		checkLook(t, f, 2*perFile, []string{ca, "/hung", client, "/etc/stuck", "/missing"},
			ca+" ok", "/hung timed out: no answer within 5s", client+" ok", "/etc/stuck timed out: no answer within 5s", "/missing missing")
		// A file is opened to describe it, and again to read it.
		for path, want := range map[string]int{ca: 2, client: 2, "/hung": 1, "/etc/stuck": 1, "/missing": 1} {
			if n := s.opened(path); n != want {
				t.Errorf("%s was opened %d times, want %d", path, n, want)
			}
		}
	})
}

// TestTryKeepsWhatIsKnown: when the time is up, what was read before counts.
func TestTryKeepsWhatIsKnown(t *testing.T) {
	root := sample(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		f, _ := newStuck(t, ctx, root, "hung")
		const up = " timed out: the time for all files is up"
		checkLook(t, f, time.Second, []string{ca, "/hung", client, "/missing"}, ca+" ok", "/hung"+up, client+up, "/missing"+up)
		checkLook(t, f, 0, []string{ca, "/hung"}, ca+up, "/hung"+up)
	})
}

// TestTryRemembersLittle: what is too much to keep is read again.
func TestTryRemembersLittle(t *testing.T) {
	root := sample(t)
	synctest.Test(t, func(t *testing.T) {
		f, s := newStuck(t, t.Context(), root, "hung")
		f.read = func(path string, fd int, limit int64) ([]byte, error) { return make([]byte, maxKept/2+1), nil }
		checkLook(t, f, perFile, []string{ca, client, "/hung"}, ca+" ok", client+" ok", "/hung timed out: no answer within 5s")
		for path, want := range map[string]int{ca: 2, client: 4} {
			if n := s.opened(path); n != want {
				t.Errorf("%s was opened %d times, want %d", path, n, want)
			}
		}
	})
}

// TestTryInParallel: several goroutines of one piece of work may meet hanging
// files at the same time.
func TestTryInParallel(t *testing.T) {
	root := sample(t)
	synctest.Test(t, func(t *testing.T) {
		f, _ := newStuck(t, t.Context(), root, "hung")
		start := time.Now()
		got := Try(f, func(view *FS) []string {
			all := make([]string, 8)
			var wg sync.WaitGroup
			for i := range all {
				wg.Go(func() {
					path := ca
					if i%2 == 1 {
						path = fmt.Sprintf("/folder%d/hung", i)
					}
					all[i] = look(view, path)[0]
				})
			}
			wg.Wait()
			return all
		})
		for i, line := range got {
			if want := []string{"ok", "timed out"}[i%2]; !strings.Contains(line, want) {
				t.Errorf("%s, want %s", line, want)
			}
		}
		if took := time.Since(start); took != perFile {
			t.Errorf("four files in four folders took %v together, want %v", took, perFile)
		}
	})
}

// TestLeftBehind: work that was left behind touches no file when it goes on.
func TestLeftBehind(t *testing.T) {
	root := sample(t)
	synctest.Test(t, func(t *testing.T) {
		f, s := newStuck(t, t.Context(), root, "hung")
		late := make(chan []string, 1)
		started := 0
		Try(f, func(view *FS) any {
			started++
			first := started == 1
			lines := look(view, "/hung", ca)
			if first {
				late <- lines
			}
			return nil
		})
		tries := s.tries()
		s.end()
		want := []string{"/hung missing", ca + " timed out: the time for all files is up"}
		if got := <-late; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		if after := s.tries(); len(after) != len(tries) {
			t.Errorf("it tried %q", after[len(tries):])
		}
	})
}

// A panic of the work ends the call, not the program.
func TestTryPanics(t *testing.T) {
	f, err := NewWithin(t.Context(), sample(t), perFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	defer func() {
		if text, _ := recover().(string); !strings.HasPrefix(text, "a fault\n") {
			t.Errorf("the panic is %q", text)
		}
	}()
	Try(f, func(*FS) bool { panic("a fault") })
}

func TestTryWithoutDeadlines(t *testing.T) {
	f := openView(t, sample(t), view{"walk", walk})
	if got := Try(f, func(view *FS) *FS { return view }); got != f {
		t.Error("there is nothing to try")
	}
}
