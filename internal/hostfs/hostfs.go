// Package hostfs is the only way to a file of the node: a read-only, bounded
// view of the tree below one root directory. Every path, and every symbolic
// link on the way, resolves inside that root; only regular files are read, and
// never more of them than the caller allows. It knows nothing of Kubernetes, of
// what the files hold, and of where one ought to look; it never writes.
//
// A path is a path of the host, such as "/etc/kubernetes/pki/ca.crt"; a relative
// one is taken from the root as well. It resolves as it would after chroot(2):
// absolute links and ".." lead back to the root, never above it. Links that the
// kernel makes, as in /proc/PID/fd, lead past any root and are refused.
//
// A view may have deadlines, for file systems that hang; see NewWithin and Try.
//
// Only Linux is supported: the program runs on control-plane nodes, and other
// systems have no call that gives a handle without opening the file (O_PATH),
// which is what keeps FIFOs and devices from being touched.
package hostfs

import (
	"fmt"
	"io/fs"
	"time"
)

// Reason says why a path gave no content. The list is closed: reports and
// scripts rely on it.
type Reason string

// The reasons, each with the situation in which it results.
const (
	// NotExist results when no file has the path.
	NotExist Reason = "missing"
	// DanglingLink results when the path is a symbolic link whose target does not exist.
	DanglingLink Reason = "dangling link"
	// LinkLoop results when resolving the path meets too many symbolic links.
	LinkLoop Reason = "link loop"
	// PermissionDenied results when this process may not read the file or search one of its folders.
	PermissionDenied Reason = "permission denied"
	// NotDirectory results when something that stands where a folder must be is none: a part of the
	// path other than the last, what a path with a final slash leads to, or what ReadDir is to list.
	NotDirectory Reason = "not a directory"
	// NotRegular results for folders, FIFOs, sockets and devices, and for files that the kernel makes
	// up as they are read, such as /proc/kmsg; Detail names which.
	NotRegular Reason = "not a regular file"
	// TooLarge results when the file holds more than the caller's limit, or a folder more entries than
	// this package lists; Detail gives the limit.
	TooLarge Reason = "too large"
	// Empty results when the file holds no byte.
	Empty Reason = "empty"
	// InvalidPath results for paths that no file can have: empty, with a NUL byte, or with more bytes
	// than the system allows.
	InvalidPath Reason = "invalid path"
	// TimedOut results when the system does not answer before the deadline of a view that has one.
	TimedOut Reason = "timed out"
	// IOError results for every other error of the operating system; Detail holds it.
	IOError Reason = "I/O error"
)

// Error is the outcome of a read that gave no content. Every error of this
// package but that of Close is one.
type Error struct {
	Path   string // as asked for
	Reason Reason
	Detail string // what the reason alone does not tell, such as the target of a dangling link; may be empty
}

// Error returns "path: reason (detail)". The path and the detail are as found:
// like all text of the node, they are escaped where they are shown.
func (e *Error) Error() string {
	if e.Detail == "" {
		return fmt.Sprintf("%s: %s", e.Path, e.Reason)
	}
	return fmt.Sprintf("%s: %s (%s)", e.Path, e.Reason, e.Detail)
}

// Info describes the file that a path leads to, after all links.
type Info struct {
	Mode    fs.FileMode // type and permission bits, with setuid, setgid and sticky
	UID     uint32
	GID     uint32
	Size    int64
	ModTime time.Time
	ID      ID
	// Link is the target, as written, when the path itself is a symbolic link.
	Link string
}

// ID tells a file from all others, by whatever path it was reached.
type ID struct{ Device, Inode uint64 }

// File is a regular file, read whole through one handle.
type File struct {
	Info
	Path string // as asked for
	Data []byte
}
