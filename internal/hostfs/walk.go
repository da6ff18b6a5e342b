//go:build linux

package hostfs

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// maxLinks is how many links Linux follows in one path.
const maxLinks = 40

// walk is the opener for systems that lack or forbid openat2. It takes one name
// after the other, each relative to the handle of the folder before it, and
// follows links by hand. No step ever follows a link or "..", so that no rename
// in between can lead it out of the root.
//
// Its answers are those of the kernel but for fs.protected_symlinks: it follows
// links of other users in folders like /tmp.
func walk(root int, name string, flags int) (int, error) {
	if len(name) >= unix.PathMax {
		return -1, unix.ENAMETOOLONG
	}
	w := walker{folders: []int{root}, flags: flags}
	defer w.close()
	w.push(name, "")
	for len(w.pending) > 0 {
		last := len(w.pending) - 1
		p := w.pending[last]
		w.pending = w.pending[:last]
		if fd, err := w.step(p); fd >= 0 || err != nil {
			return fd, err
		}
	}
	return openat(w.folder(), ".", flags)
}

// A walker is on its way from the root to a file.
type walker struct {
	folders []int  // handles from the root to where it stands; all but the first are its own
	pending []part // the names still to take, the next one last
	links   int    // followed so far
	flags   int    // for opening the end of the path
}

// A part is one name of a path. Empty, it stands for a final slash.
type part struct {
	name string
	link string // the target of the link that the name comes from; empty for names of the path itself
}

// step takes one name. It returns a handle when that ends the path, else -1.
func (w *walker) step(p part) (int, error) {
	switch p.name {
	case "":
		return -1, nil // what stands before a slash was found to be a folder
	case ".", "..":
		return -1, w.stay(p.name == "..")
	}
	fd, fileType, err := w.look(p)
	if err != nil {
		return -1, err
	}
	final := len(w.pending) == 0
	switch {
	case fileType == unix.S_IFLNK && !(final && w.flags&unix.O_NOFOLLOW != 0):
		err = w.follow(fd)
	case final && w.flags&unix.O_PATH != 0:
		return fd, nil
	case final:
		closeHandle(fd)
		return w.finish(p)
	case fileType == unix.S_IFDIR:
		w.folders = append(w.folders, fd)
		return -1, nil
	default:
		err = unix.ENOTDIR
	}
	closeHandle(fd)
	return -1, err
}

// look returns a handle of what has the name, be it a link, and its type.
func (w *walker) look(p part) (fd int, fileType uint32, err error) {
	fd, err = openat(w.folder(), p.name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC)
	if err == unix.ENOENT {
		return -1, 0, &resolveError{errno: unix.ENOENT, detail: p.link}
	}
	if err != nil {
		return -1, 0, err
	}
	var st unix.Stat_t
	if err = unix.Fstat(fd, &st); err != nil {
		closeHandle(fd)
		return -1, 0, err
	}
	return fd, st.Mode & unix.S_IFMT, nil
}

// finish opens the last name with the flags of the caller. A link that took the
// name since it was looked at is a step like any other.
func (w *walker) finish(p part) (int, error) {
	fd, err := openat(w.folder(), p.name, w.flags|unix.O_NOFOLLOW)
	if err == unix.ELOOP {
		w.pending = append(w.pending, p)
		return -1, w.count()
	}
	return fd, err
}

// stay takes "." or, within the root, "..": like any name, they need permission
// to search the folder.
func (w *walker) stay(up bool) error {
	fd, err := openat(w.folder(), ".", unix.O_PATH|unix.O_CLOEXEC)
	if err != nil {
		return err
	}
	closeHandle(fd)
	if up && len(w.folders) > 1 {
		closeHandle(w.folder())
		w.folders = w.folders[:len(w.folders)-1]
	}
	return nil
}

// follow puts the names of a link's target before those that are pending.
func (w *walker) follow(link int) error {
	if err := w.count(); err != nil {
		return err
	}
	target, err := readLink(link)
	if err != nil {
		return err
	}
	if isMagic(link, target) {
		return &resolveError{errno: unix.ELOOP, detail: "made up by the kernel"}
	}
	if strings.HasPrefix(target, "/") {
		w.close()
	}
	w.push(target, target)
	return nil
}

func (w *walker) count() error {
	w.links++
	if w.links > maxLinks {
		return &resolveError{errno: unix.ELOOP, detail: fmt.Sprintf("more than %d links", maxLinks)}
	}
	return nil
}

func (w *walker) push(path, link string) {
	names := strings.Split(path, "/")
	for i, name := range slices.Backward(names) {
		if name != "" || i == len(names)-1 {
			w.pending = append(w.pending, part{name: name, link: link})
		}
	}
}

// folder returns the handle of the folder in which the walker stands.
func (w *walker) folder() int { return w.folders[len(w.folders)-1] }

// close brings the walker back to the root.
func (w *walker) close() {
	for _, fd := range w.folders[1:] {
		closeHandle(fd)
	}
	w.folders = w.folders[:1]
}

// readLink returns the target of an open link.
func readLink(fd int) (string, error) {
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(fd, "", buf)
	if err != nil {
		return "", err
	}
	return string(buf[:n]), nil
}

// isMagic reports whether an open link is one of those in /proc/PID that stand
// for an object of the kernel, whatever their text says. The ordinary links of
// procfs, such as /proc/self, are relative and have no colon.
func isMagic(link int, target string) bool {
	var st unix.Statfs_t
	if unix.Fstatfs(link, &st) != nil || int64(st.Type) != unix.PROC_SUPER_MAGIC {
		return false
	}
	return strings.HasPrefix(target, "/") || strings.Contains(target, ":")
}
