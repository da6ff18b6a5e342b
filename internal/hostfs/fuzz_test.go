//go:build linux

package hostfs

import (
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// choices turns the bytes of the fuzzer into decisions.
type choices []byte

// next returns a number below n; zero once the bytes are used up.
func (c *choices) next(n int) int {
	if len(*c) == 0 {
		return 0
	}
	b := (*c)[0]
	*c = (*c)[1:]
	return int(b) % n
}

// path returns a path of few names, so that paths meet each other often.
func (c *choices) path(names ...string) string {
	parts := make([]string, 1+c.next(5))
	for i := range parts {
		parts[i] = names[c.next(len(names))]
	}
	return strings.Join(parts, "/")
}

// wild returns a path such as a hostile link or argument may have. In dir stands
// a file for every name that a link out of the root may reach.
func (c *choices) wild(dir string) string {
	path := c.path("a", "b", "c", "a", "b", "c", "..", "..", ".", "")
	switch c.next(8) {
	case 0, 1:
		return "/" + path
	case 2:
		return "../../../../" + path
	case 3:
		return dir + "/" + path
	}
	if path == "" {
		return "/"
	}
	return path
}

// grow plants a tree. What does not fit, such as a file below a file, is left out.
func (c *choices) grow(t *testing.T, dir, root string) {
	r, err := os.OpenRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for range 4 + c.next(16) {
		name := c.path("a", "b", "c")
		switch c.next(4) {
		case 0:
			name += "/"
		case 1, 2:
			name += " -> " + c.wild(dir)
		}
		_ = plantOne(r, name)
	}
}

// result is all that a view tells of one path.
type result struct {
	read, stat, list string
	data             string
	info             Info
	names            []string
}

func ask(f *FS, path string) result {
	var r result
	file, err := f.ReadFile(path, limit)
	if err == nil {
		r.data = string(file.Data)
	}
	r.read = outcome(err)
	r.info, err = f.Stat(path)
	r.stat = outcome(err)
	r.names, err = f.ReadDir(path)
	r.list = outcome(err)
	return r
}

// plain reduces a result to what the kernel alone can tell.
func (r result) plain() result {
	for _, s := range []*string{&r.read, &r.stat, &r.list} {
		if strings.HasPrefix(*s, string(DanglingLink)) {
			*s = string(NotExist)
		}
		if strings.HasPrefix(*s, string(LinkLoop)) {
			*s = string(LinkLoop)
		}
	}
	return r
}

// kernelAlone is the kernel's answer without any of our own code. A rename
// anywhere on the system makes it ask for another try.
func kernelAlone(root int, name string, flags int) (int, error) {
	for {
		fd, err := openat2(root, name, flags)
		if !errors.Is(err, unix.EAGAIN) {
			return fd, err
		}
	}
}

// FuzzResolve grows a tree of folders, files and links, and asks for paths in it.
// Walking, the kernel with its reasons explained, and the kernel alone give the
// same answers; none of them ever yields a file or a name from outside the root.
func FuzzResolve(f *testing.F) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		seed := make([]byte, 300)
		for i := range seed {
			seed[i] = byte(random.Uint32())
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		requireOpenat2(t)
		dir, c := t.TempDir(), choices(data)
		root := dir + "/R"
		plant(t, dir, "R/")
		for _, name := range []string{"a", "b", "c"} {
			if err := os.WriteFile(dir+"/"+name, []byte("outside"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		c.grow(t, dir, root)
		explained := openView(t, root, view{"kernel", openInKernel})
		alone := openView(t, root, view{"openat2", kernelAlone})
		walked := openView(t, root, view{"walk", walk})
		for range 10 {
			path := c.wild(dir)
			got, want := ask(walked, path), ask(alone, path)
			opts := cmp.AllowUnexported(result{})
			if diff := cmp.Diff(want, got.plain(), opts); diff != "" {
				t.Errorf("%q: -openat2 +walk:\n%s", path, diff)
			}
			if diff := cmp.Diff(ask(explained, path), got, opts); diff != "" {
				t.Errorf("%q: -kernel +walk:\n%s", path, diff)
			}
			if got.data == "outside" || slices.Contains(got.names, "R") {
				t.Errorf("%q leads out of the root: %+v", path, got)
			}
		}
	})
}
