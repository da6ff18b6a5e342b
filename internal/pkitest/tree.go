package pkitest

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// Tree is the files of a node by their absolute path on the node.
type Tree struct {
	Files map[string]*File
}

// File is a regular file, a symbolic link (Link is set) or a folder (Mode has fs.ModeDir). Folders need an entry only where
// their mode is not 0755.
type File struct {
	Data    []byte
	Mode    fs.FileMode
	Link    string    // target of a symbolic link, as seen on the node
	ModTime time.Time // of regular files; the zero time leaves that of the writing
}

const defaultFolderMode fs.FileMode = 0o755

// Write writes the tree below dir, which must not hold another tree yet, with the exact modes whatever the umask. It never
// writes outside of dir, though links on the node point to absolute paths.
func (t *Tree) Write(dir string) error {
	if err := os.MkdirAll(dir, defaultFolderMode); err != nil {
		return fmt.Errorf("node folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("node folder: %w", err)
	}
	defer root.Close()

	return t.writeInto(root)
}

func (t *Tree) writeInto(root *os.Root) error {
	folders := t.folders()
	order := slices.Sorted(maps.Keys(folders)) // a folder sorts before what is in it
	for _, name := range order {
		if err := root.MkdirAll(name, 0o700); err != nil {
			return fmt.Errorf("folder /%s: %w", name, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Files)) {
		if err := t.Files[name].write(root, relative(name)); err != nil {
			return fmt.Errorf("file %s: %w", name, err)
		}
	}
	// The modes of folders come last and inside out: one of them may forbid writing.
	for _, name := range slices.Backward(order) {
		if err := root.Chmod(name, folders[name]); err != nil {
			return fmt.Errorf("folder /%s: %w", name, err)
		}
	}
	return nil
}

// folders returns the mode of every folder of the tree by its relative path.
func (t *Tree) folders() map[string]fs.FileMode {
	folders := map[string]fs.FileMode{}
	for name := range t.Files {
		for dir := path.Dir(relative(name)); dir != "."; dir = path.Dir(dir) {
			folders[dir] = defaultFolderMode
		}
	}
	for name, f := range t.Files {
		if f.Mode.IsDir() {
			folders[relative(name)] = f.Mode.Perm()
		}
	}
	return folders
}

func (f *File) write(root *os.Root, name string) error {
	switch {
	case f.Mode.IsDir():
		return nil // made and given its mode by Write
	case f.Link != "":
		return root.Symlink(f.Link, name)
	}
	if err := root.WriteFile(name, f.Data, 0o600); err != nil {
		return err
	}
	if !f.ModTime.IsZero() {
		if err := root.Chtimes(name, f.ModTime, f.ModTime); err != nil {
			return err
		}
	}
	return root.Chmod(name, f.Mode.Perm())
}

func relative(name string) string {
	return strings.TrimPrefix(name, "/")
}
