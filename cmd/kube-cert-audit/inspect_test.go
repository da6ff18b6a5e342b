package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAbsolute(t *testing.T) {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ arg, want string }{
		{"x", dir + "/x"},
		{".", dir},
		{"./x/", dir + "/x"},
		{"/x//y", "/x/y"},
		{"/", "/"},
		{"a/../x", dir + "/a/../x"}, // a may be a link
		{"..x", dir + "/..x"},
		{" ", dir + "/ "},
		{"-", "-"},
		{"./-", dir + "/-"},
	}
	for _, tt := range tests {
		if got, err := absolute([]string{tt.arg}); err != nil || !slices.Equal(got, []string{tt.want}) {
			t.Errorf("absolute(%q) = %q, %v, want %q", tt.arg, got, err, tt.want)
		}
	}
	for _, args := range [][]string{nil, {""}, {"x", ""}} {
		if got, err := absolute(args); err == nil {
			t.Errorf("absolute(%q) = %q", args, got)
		}
	}
}

func TestInspectFlagsConcernFiles(t *testing.T) {
	p := &process{now: now()}
	want := "at output fail-on warn-within error-within ca-warn-within ca-error-within check skip timeout color config"
	if got := strings.Join(flagNames(p.inspectCommand().flags), " "); got != want {
		t.Errorf("flags %s, want %s", got, want)
	}
}

// shared is a buffer that another goroutine writes to.
type shared struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *shared) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(b)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

func TestProgress(t *testing.T) {
	var w shared
	ticks := make(chan time.Time)
	p := showProgress(&w, ticks)
	ticks <- now() // nothing is known yet
	for _, read := range []int{32, 100} {
		p.set(read, 100)
		ticks <- now()
		ticks <- now() // the one before was dealt with
	}
	p.end()
	want := []string{"", "kube-cert-audit: 32 of 100 files\x1b[K", "kube-cert-audit: 100 of 100 files\x1b[K", "\x1b[K"}
	if got := slices.Compact(strings.Split(w.String(), "\r")); !slices.Equal(got, want) {
		t.Errorf("shown %q, want %q", got, want)
	}
}

func TestProgressIsNotShown(t *testing.T) {
	var w shared
	p := &process{stderr: &w, getenv: getenv(nil)}
	shown := p.newProgress()
	shown.set(1, 2)
	shown.end()
	if w.String() != "" {
		t.Errorf("shown %q", w.String())
	}
	p2 := showProgress(&w, nil) // too soon over
	p2.set(1, 2)
	p2.end()
	if w.String() != "" {
		t.Errorf("shown %q", w.String())
	}
}
