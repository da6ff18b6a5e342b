package audit

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"kube-cert-audit/rules"
)

// TestInspectWalks: a folder is looked through in order, whatever is in it.
func TestInspectWalks(t *testing.T) {
	leaf := issue(t, "leaf", nil).pem()
	root := plantFiles(t, map[string]string{
		"b/x.crt": leaf, "a/x.crt": leaf, "a.crt": leaf, "a/deep/er/x.crt": leaf, ".hidden/x": leaf, "README": "hello",
		"new\nline\x1b[2J.crt": leaf, "cut\xff.crt": leaf, "-rf": leaf, "empty/.keep": "",
	})
	for link, target := range map[string]string{
		"b/loop": "..", "self": "self", "b/again": "../a", "to-file": "a.crt", "gone.crt": "nowhere", "gone": "nowhere", "dot": ".",
	} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"pipe.key", "pipe"} {
		if err := unix.Mkfifo(filepath.Join(root, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := inspected(t, inspectOptions(), root)
	checkInspection(t, r, root, []string{
		"Server -rf leaf", "Server .hidden/x leaf", "Server a/deep/er/x.crt leaf", "Server a/x.crt leaf", "Server a.crt leaf",
		"Server b/x.crt leaf", "Server cut\xff.crt leaf", "Server new\nline\x1b[2J.crt leaf", "Server to-file leaf",
	}, []string{
		"error unreadable gone.crt: the file cannot be read: dangling link (nowhere)",
		"error unreadable pipe.key: the file cannot be read: not a regular file (FIFO)",
	})
}

// TestInspectPaths: each file is looked at once, in the order of the paths.
func TestInspectPaths(t *testing.T) {
	leaf := issue(t, "leaf", nil).pem()
	root := plantFiles(t, map[string]string{"a/x.crt": leaf, "a/y.crt": leaf, "b/z.crt": leaf})
	tests := []struct {
		paths []string
		want  []string
	}{
		{[]string{"b", "a"}, []string{"b/z.crt", "a/x.crt", "a/y.crt"}},
		{[]string{"a", "a", "."}, []string{"a/x.crt", "a/y.crt", "b/z.crt"}},
		{[]string{"a/y.crt", "a"}, []string{"a/y.crt", "a/x.crt"}},
		{[]string{"a", "a/y.crt"}, []string{"a/x.crt", "a/y.crt"}},
		{[]string{".", "b"}, []string{"a/x.crt", "a/y.crt", "b/z.crt"}},
		{[]string{"a/y.crt", "a/y.crt"}, []string{"a/y.crt"}},
		{[]string{"b/../a"}, []string{"a/x.crt", "a/y.crt"}},
	}
	for _, tt := range tests {
		var paths, got []string
		for _, p := range tt.paths {
			paths = append(paths, root+"/"+p)
		}
		for _, c := range inspected(t, inspectOptions(), paths...).Certificates {
			got = append(got, strings.TrimPrefix(filepath.Clean(c.Path), root+"/"))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.paths, got, tt.want)
		}
	}
	r := inspected(t, inspectOptions(), root+"/nowhere", root+"/a/x.crt/y", "/dev/null")
	want := []string{
		"error unreadable nowhere: the file does not exist",
		"error unreadable a/x.crt/y: the file cannot be read: not a directory",
		"error unreadable /dev/null: the file cannot be read: not a regular file (character device)",
	}
	if diff := cmp.Diff(want, foundIn(r, root)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestInspectWithoutPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	root := plantFiles(t, map[string]string{"a/x.crt": "", "x": "", "y.crt": issue(t, "leaf", nil).pem()})
	for _, name := range []string{"a", "x"} {
		if err := os.Chmod(filepath.Join(root, name), 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(filepath.Join(root, name), 0o700) })
	}
	r := inspected(t, inspectOptions(), root)
	checkInspection(t, r, root, []string{"Server y.crt leaf"}, []string{
		"error unreadable a: the folder cannot be read: permission denied",
		"error unreadable x: the file cannot be read: permission denied",
	})
	if r.Coverage.Denied != 2 {
		t.Errorf("%+v", r.Coverage)
	}
}

func TestInspectDepth(t *testing.T) {
	leaf := issue(t, "leaf", nil).pem()
	deep := strings.Repeat("d/", maxDepth)
	root := plantFiles(t, map[string]string{deep + "x.crt": leaf, deep + "d/y.crt": leaf})
	r := inspected(t, inspectOptions(), root)
	if len(r.Certificates) != 1 || len(r.Findings) != 1 || !strings.Contains(r.Findings[0].Message, "the folder was not examined whole: it lies more than 64 folders deep") {
		t.Errorf("%d certificates, %q", len(r.Certificates), foundIn(r, root))
	}
}

// TestInspectMany: all of many certificates are told once and in order, with the
// same bytes on any number of processors.
func TestInspectMany(t *testing.T) {
	const many = 2000
	ca := issue(t, "ca", nil, isCA)
	files := map[string]string{"ca.crt": ca.pem()}
	var want []string
	for n := range many {
		name := fmt.Sprintf("node-%04d", n)
		edit := endsIn(300)
		if n%3 == 0 {
			edit = endsIn(-3)
		}
		file := fmt.Sprintf("%02d/%s.crt", n/100, name)
		files[file] = issue(t, name, ca, serialNumber(int64(n/2)), edit).pem()
		want = append(want, file+" "+name)
	}
	want = append(want, "ca.crt ca")
	root := plantFiles(t, files)
	var first []byte
	for _, processors := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(processors)
		r := inspected(t, inspectOptions(), root)
		runtime.GOMAXPROCS(before)
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = text
		} else if string(first) != string(text) {
			t.Errorf("another report on %d processors", processors)
		}
		checkMany(t, r, root, want)
	}
}

func checkMany(t *testing.T, r *Report, root string, want []string) {
	t.Helper()
	var got []string
	counts := map[string]int{}
	for _, c := range r.Certificates {
		got = append(got, strings.TrimPrefix(c.Path, root+"/")+" "+c.Subject.CommonName)
		if c.Status != rules.OK {
			counts[c.Type]++
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("certificates (-want +got):\n%s", diff)
	}
	for _, f := range r.Findings {
		counts[f.Check]++
	}
	if want := map[string]int{"expired": 667, "duplicate-serial": 1000, "Server": 1334}; !cmp.Equal(want, counts) {
		t.Errorf("findings %v, want %v", counts, want)
	}
}

// TestInspectFixes: of very many findings, not all tell what mends them.
func TestInspectFixes(t *testing.T) {
	i := inspect(system(t), nil, inspectOptions())
	for range maxFixes + 2 {
		i.keep(i.finding(0, rules.Problem{Severity: rules.Error, Fix: rules.ByHand("do this")}, rules.Place{}))
	}
	found := i.report(nil).Findings
	if found[maxFixes-1].Fix != "do this" || found[maxFixes].Fix == "do this" || found[maxFixes+1].Fix == "" {
		t.Errorf("fixes %q, %q, %q", found[maxFixes-1].Fix, found[maxFixes].Fix, found[maxFixes+1].Fix)
	}
}

// TestInspectProgress: the last that is told is all.
func TestInspectProgress(t *testing.T) {
	files := map[string]string{}
	for n := range 100 {
		files[fmt.Sprint(n)] = "x"
	}
	o := inspectOptions()
	var told []int
	o.Progress = func(read, files int) { told = append(told, read, files) }
	inspected(t, o, plantFiles(t, files))
	if want := []int{32, 100, 64, 100, 96, 100, 100, 100}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}
