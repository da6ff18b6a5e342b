package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"kube-cert-audit/internal/hostfs"
)

// The limits of one inspection. They are far above what any folder of
// certificates has, and bound the time that a hostile tree takes.
const (
	maxDepth   = 64
	maxEntries = 1_000_000
)

// target is a file that is to be read, or a folder that could not be.
type target struct {
	path    string
	named   bool          // by the caller, not only found in a folder
	listed  bool          // as a regular file, in its folder
	input   *hostfs.File  // of the standard input; nil of all that is to be opened
	folder  bool          // what failure is about
	failure *hostfs.Error // why there is nothing to be read; nil where there may be
}

// walker finds what there is to be read.
type walker struct {
	fsys    *hostfs.FS
	named   map[string]bool
	seen    map[[2]uint64]bool // folders, by device and inode
	entries int                // seen so far
	targets []target
}

// findTargets returns the files at paths and below those of them that are
// folders, in the order of the paths and sorted below each. However many links
// lead to a folder, it is entered once.
func findTargets(fsys *hostfs.FS, paths []string, in Input) []target {
	w := &walker{fsys: fsys, named: map[string]bool{}, seen: map[[2]uint64]bool{}}
	for _, p := range paths {
		w.named[p] = true // before a folder above it is looked through
	}
	done := map[string]bool{}
	for _, p := range paths {
		if done[p] {
			continue
		}
		done[p] = true
		if p == StandardInput {
			w.targets = append(w.targets, target{path: p, named: true, input: in.file, failure: in.failure})
		} else if info, err := fsys.Stat(p); err == nil && info.Mode.IsDir() {
			w.folder(p, 0, true)
		} else {
			w.targets = append(w.targets, target{path: p, named: true})
		}
	}
	return w.targets
}

// folder finds the files in a folder and in those below it.
func (w *walker) folder(dir string, depth int, named bool) {
	if depth > maxDepth {
		w.refused(dir, named, hostfs.TooLarge, fmt.Sprintf("it lies more than %d folders deep", maxDepth))
		return
	}
	f, err := w.fsys.List(dir, maxEntries-w.entries)
	if e, failed := errors.AsType[*hostfs.Error](err); failed {
		if named || e.Reason != hostfs.NotExist { // it was removed a moment ago
			w.targets = append(w.targets, target{path: dir, named: named, folder: true, failure: e})
		}
		return
	}
	id := [2]uint64{f.Device, f.Inode}
	if w.seen[id] {
		return
	}
	w.seen[id] = true
	w.entries += len(f.Entries)
	w.targets = slices.Grow(w.targets, len(f.Entries))
	for _, e := range f.Entries {
		w.entry(strings.TrimSuffix(dir, "/")+"/"+e.Name, e.Type, depth) // not cleaned: what ".." means depends on links
	}
	if f.More {
		w.refused(dir, named, hostfs.TooLarge, fmt.Sprintf("there are more than %d files and folders", maxEntries))
	}
}

// refused records a folder that was not examined, or not whole.
func (w *walker) refused(dir string, named bool, reason hostfs.Reason, detail string) {
	w.targets = append(w.targets, target{path: dir, named: named, folder: true, failure: &hostfs.Error{Path: dir, Reason: reason, Detail: detail}})
}

// entry takes in what was found in a folder. Whatever is neither a folder nor
// leads to one is left to the reader.
func (w *walker) entry(file string, kind fs.FileMode, depth int) {
	if kind == fs.ModeSymlink || kind == fs.ModeIrregular {
		if info, err := w.fsys.Stat(file); err == nil && info.Mode.IsDir() {
			kind = fs.ModeDir
		}
	}
	switch {
	case w.named[file]: // it has a place of its own
	case kind == fs.ModeDir:
		w.folder(file, depth+1, false)
	default:
		w.targets = append(w.targets, target{path: file, listed: kind == 0})
	}
}

// soundsLikeMaterial reports whether a file, by its name, was meant to hold a
// certificate, a key or a request.
func soundsLikeMaterial(file string) bool {
	switch strings.ToLower(path.Ext(file)) {
	case ".crt", ".cert", ".cer", ".pem", ".key", ".csr", ".der", ".p7b", ".p7c", ".p12", ".pfx", ".jks", ".kubeconfig":
		return true
	}
	return false
}
