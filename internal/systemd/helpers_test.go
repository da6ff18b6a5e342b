package systemd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kube-cert-audit/internal/hostfs"
)

// plant makes a tree below a folder: the contents of files by their paths. One
// that begins with "-> " is the target of a link.
func plant(t testing.TB, root string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, isLink := strings.CutPrefix(content, "-> "); isLink {
			err = os.Symlink(target, file)
		} else {
			err = os.WriteFile(file, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// view returns a view of a folder.
func view(t testing.TB, root string) *hostfs.FS {
	t.Helper()
	fsys, err := hostfs.New(root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := fsys.Close(); err != nil {
			t.Error(err)
		}
	})
	return fsys
}

// tree plants files in a new folder and returns a view of it.
func tree(t testing.TB, files map[string]string) *hostfs.FS {
	t.Helper()
	root := t.TempDir()
	plant(t, root, files)
	return view(t, root)
}

// service loads a unit that must be there.
func service(t testing.TB, files map[string]string, name string) *Service {
	t.Helper()
	s, ok := Scan(tree(t, files)).Load(name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	return s
}

// words returns the texts of a command line.
func words(s *Service) []string {
	var texts []string
	for _, w := range s.Command {
		texts = append(texts, w.Text)
	}
	return texts
}

// variables returns the assignments of an environment.
func variables(s *Service) []string {
	var texts []string
	for _, v := range s.Environment {
		texts = append(texts, v.Name+"="+v.Value)
	}
	return texts
}

// faults returns each fault in one line.
func faults(s *Service) []string {
	var texts []string
	for _, f := range s.Faults {
		texts = append(texts, fmt.Sprintf("%s:%d %s %s: %s", f.File, f.Line, f.Path, f.Reason, f.Detail))
	}
	return texts
}

const (
	etc = "etc/systemd/system/"
	run = "run/systemd/system/"
	lib = "usr/lib/systemd/system/"
)

const exec1 = "[Service]\nExecStart="

func env(assignment string) string { return "[Service]\nEnvironment=" + assignment + "\n" }
