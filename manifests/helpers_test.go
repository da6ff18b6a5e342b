package manifests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/internal/testkit"
)

// unpack unpacks one of the real nodes and returns its root.
func unpack(t *testing.T, name string) string {
	t.Helper()
	root := t.TempDir()
	if err := testkit.Unpack(filepath.Join("..", "testdata", "nodes", name), root); err != nil {
		t.Fatal(err)
	}
	return root
}

// tree is a small node: contents by host path. A content that begins with
// "link:" makes a symbolic link, "folder:" a folder.
type tree map[string]string

// write writes the tree below a new root.
func (tr tree) write(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range tr {
		target := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		link, isLink := strings.CutPrefix(content, "link:")
		var err error
		switch {
		case isLink:
			err = os.Symlink(link, target)
		case content == "folder:":
			err = os.MkdirAll(target, 0o755)
		default:
			err = os.WriteFile(target, []byte(content), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// discover explores the node below root.
func discover(t *testing.T, root string, opts Options) Node {
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
	return Discover(fsys, opts)
}

// podYAML returns the manifest of a pod that runs one command line.
func podYAML(name string, command ...string) string {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: Pod\nmetadata:\n  name: " + name + "\n  namespace: kube-system\nspec:\n  containers:\n  - name: main\n    command:\n")
	for _, c := range command {
		b.WriteString("    - " + c + "\n")
	}
	return b.String()
}

// words makes a command line of which each item stands on a line of its own.
func words(items ...string) []scalar {
	var w []scalar
	for i, item := range items {
		w = append(w, scalar{Text: item, Line: i + 1})
	}
	return w
}

// brief is an argument without its file.
type brief struct {
	Name, Value string
	Line        int
}

func briefly(arguments []Argument) []brief {
	var b []brief
	for _, a := range arguments {
		b = append(b, brief{a.Name, a.Value, a.Source.Line})
	}
	return b
}

// details returns what was noted about files, each as "component path: reason detail".
func details(unreadable []Unreadable) []string {
	var d []string
	for _, u := range unreadable {
		d = append(d, strings.TrimSpace(u.Component+" "+u.Path+": "+strings.TrimSpace(string(u.Reason)+" "+u.Detail)))
	}
	return d
}
