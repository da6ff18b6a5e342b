package atomicfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// document is what the writers write: the same letter many times, so that a
// mixture of two would show.
type document struct{ Letters []string }

func (d document) isWhole() bool {
	return len(d.Letters) == 2000 && strings.Count(strings.Join(d.Letters, ""), d.Letters[0]) == len(d.Letters)
}

// write returns a function that writes a document piece by piece.
func (d document) write(letter string) func(io.Writer) error {
	for range 2000 {
		d.Letters = append(d.Letters, letter)
	}
	return func(w io.Writer) error { return json.NewEncoder(w).Encode(d) }
}

// checkDocument checks that a file holds one whole document.
func checkDocument(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return fmt.Errorf("%d bytes: %w", len(data), err)
	}
	if !d.isWhole() {
		return errors.New("a mixture of several")
	}
	return nil
}

// TestConcurrentWriters has 50 writers replace one file at once.
func TestConcurrentWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.json")
	var writers sync.WaitGroup
	for i := range 50 {
		writers.Go(func() {
			for range 4 {
				if err := Write(path, document{}.write(string(rune('A'+i)))); err != nil {
					t.Error(err)
				}
				if err := checkDocument(path); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	checkNames(t, filepath.Dir(path), filepath.Base(path))
}

// TestKill runs a process that does nothing but replace a file, kills it at some
// moment, and finds a whole file each time. KILLS is how often: 30 where unset.
func TestKill(t *testing.T) {
	const variable = "ATOMICFILE_TEST_PATH"
	if path := os.Getenv(variable); path != "" {
		for i := 0; ; i++ {
			if err := Write(path, document{}.write(string(rune('A'+i%26)))); err != nil {
				t.Fatal(err)
			}
			fmt.Println("written")
		}
	}
	kills := 30
	_, _ = fmt.Sscan(os.Getenv("KILLS"), &kills)
	path := filepath.Join(t.TempDir(), "report.json")
	for range kills {
		command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKill$")
		command.Env = append(os.Environ(), variable+"="+path)
		killLater(t, command)
		if err := checkDocument(path); err != nil {
			t.Fatal(err)
		}
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*.tmp"))
	t.Logf("%d kills left %d temporary files behind (%v)", kills, len(left), err)
}

// killLater kills a process at some moment after its first file.
func killLater(t *testing.T, command *exec.Cmd) {
	t.Helper()
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	command.Stderr = &stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	time.Sleep(rand.N(5 * time.Millisecond))
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // killed, as it should be
}

// TestFullDisk writes to a file system that has no room for a second file.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("no tmpfs can be mounted here: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	}()
	path := filepath.Join(dir, "report")
	if err := Write(path, text("old")); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{65 << 10, 1 << 20} {
		if err := Write(path, text(strings.Repeat("x", size))); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%d bytes on a disk of 64 KiB: %v", size, err)
		}
		checkFile(t, path, "old")
	}
	if err := Write(path, text("new")); err != nil {
		t.Errorf("after that: %v", err)
	}
	checkFile(t, path, "new")
}
