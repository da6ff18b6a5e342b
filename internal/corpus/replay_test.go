package corpus

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// corpora is the variable with the folder of the corpora, one folder for each source.
const corpora = "KUBE_CERT_AUDIT_CORPORA"

// maxTime bounds one file by itself. What counts is the time that processors work
// for it: others may be busy on the same machine.
const maxTime = 2 * time.Second

// worked returns for how long the processors have worked for this process.
func worked() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// workers is how many audits run at once: each waits most of its time for a
// second look at what it found.
const workers = 96

// source is what the replay of the files of one source came to.
type source struct {
	files    int
	outcomes map[string]int
	slowest  time.Duration // of a file beside others or, where that was long, by itself
	slow     string        // the file that took it
	panics   int
}

// run is a replay of all files.
type run struct {
	mu      sync.Mutex
	sources map[string]*source
	faults  []string
	late    []string // files that took too long beside all others
}

// TestReplay gives every file of the corpora the part of each kind of file that an
// audit reads. No audit panics, none takes long, and each file has one outcome in
// each part.
func TestReplay(t *testing.T) {
	dir := os.Getenv(corpora)
	if dir == "" {
		t.Skip("no corpora: make corpus CORPORA=DIR")
	}
	files := list(t, dir)
	debug.SetGCPercent(400) // the time is short, memory is not
	start := time.Now()
	r := &run{sources: map[string]*source{}}
	r.all(t, dir, files)
	r.again(t, dir)
	r.print()
	fmt.Printf("%d files in %v, for which %d processors worked %v\n", len(files),
		time.Since(start).Round(time.Second), runtime.GOMAXPROCS(0), worked().Round(time.Second))
	for _, fault := range r.faults {
		t.Error(fault)
	}
	if len(files) == 0 {
		t.Errorf("%s has no files", dir)
	}
}

// list returns the regular files below a folder, by their path in it.
func list(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		path, err = filepath.Rel(dir, path)
		files = append(files, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// all replays the files, many at a time.
func (r *run) all(t *testing.T, dir string, files []string) {
	next := make(chan string)
	var wg sync.WaitGroup
	for range workers {
		nodes := []*node{newNode(t, slices.Concat(material(), configuration()))}
		wg.Go(func() {
			for file := range next {
				r.one(nodes, dir, file)
			}
		})
	}
	for _, file := range files {
		next <- file
	}
	close(next)
	wg.Wait()
}

// one replays a file and notes what came of it.
func (r *run) one(nodes []*node, dir, file string) {
	data, err := os.ReadFile(filepath.Join(dir, file))
	var o outcome
	if err == nil {
		o, err = replay(nodes, data)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sourceOf(file)
	s.files++
	if err != nil {
		r.faults = append(r.faults, fmt.Sprintf("%s: %v", file, err))
		return
	}
	for part, is := range o.parts {
		s.outcomes[part+" "+is]++
	}
	s.panics += o.panics
	for _, fault := range o.faults {
		r.faults = append(r.faults, file+": "+fault)
	}
	if o.took > maxTime {
		r.late = append(r.late, file)
		return
	}
	s.took(file, o)
}

// sourceOf returns the source of a file.
func (r *run) sourceOf(file string) *source {
	name, _, _ := strings.Cut(file, string(filepath.Separator))
	if r.sources[name] == nil {
		r.sources[name] = &source{outcomes: map[string]int{}}
	}
	return r.sources[name]
}

func (s *source) took(file string, o outcome) {
	if o.took > s.slowest {
		s.slowest, s.slow = o.took, file
	}
}

// again replays the files that took long beside others by themselves, and in
// fewer parts at once, which is what counts.
func (r *run) again(t *testing.T, dir string) {
	nodes := []*node{newNode(t, material()), newNode(t, configuration())}
	for _, file := range r.late {
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		o, err := replay(nodes, data)
		if err != nil || o.work > maxTime {
			r.faults = append(r.faults, fmt.Sprintf("%s takes %v of work, %v at most (%v)", file, o.work, maxTime, err))
		}
		r.sourceOf(file).took(file, o)
	}
}

// print prints a line for each source.
func (r *run) print() {
	for _, name := range slices.Sorted(maps.Keys(r.sources)) {
		s := r.sources[name]
		fmt.Printf("%-26s %6d files, slowest %6v, %d panics;", name, s.files, s.slowest.Round(time.Millisecond), s.panics)
		for _, o := range slices.Sorted(maps.Keys(s.outcomes)) {
			fmt.Printf(" %s %d", o, s.outcomes[o])
		}
		fmt.Println()
	}
}
