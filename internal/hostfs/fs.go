//go:build linux

package hostfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// FS is a view of the tree below one folder. It may be used by several
// goroutines at once.
type FS struct {
	root int // handle of the root folder: moving or replacing it does not change the view
	open opener
	read func(path string, fd int, limit int64) ([]byte, error)
	list func(fd int) ([]string, error)

	patience *patience // nil for a view without deadlines
	attempt  *attempt  // of Try; nil outside of it
}

// New opens the folder root, an ordinary path of this system, as the root of a
// view. Close releases it.
func New(root string) (*FS, error) {
	return newFS(root, openInKernel, walk)
}

// NewWithin is New for a view whose operations, itself included, do not hang:
// each is given up after perFile, and all are once ctx is done, with the reason
// TimedOut. What was given up once is not tried again.
func NewWithin(ctx context.Context, root string, perFile time.Duration) (*FS, error) {
	p := newPatience(ctx, perFile)
	f, err := inTime(&FS{patience: p}, question{operation: "open root", path: root}, func() (*FS, error) { return New(root) })
	if err == nil {
		f.patience = p
	}
	return f, err
}

// newFS uses the first of the openers that this system has and allows.
func newFS(root string, openers ...opener) (*FS, error) {
	if err := validate(root); err != nil {
		return nil, err
	}
	fd, err := openat(unix.AT_FDCWD, root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC)
	if err != nil {
		return nil, fault(root, err)
	}
	for _, open := range openers {
		var self int
		self, err = open(fd, ".", unix.O_PATH|unix.O_CLOEXEC)
		if err == nil {
			closeHandle(self)
			return &FS{root: fd, open: open, read: readAll, list: list}, nil
		}
		// Old kernels do not have openat2, old seccomp filters refuse it.
		if !errors.Is(err, unix.ENOSYS) && !errors.Is(err, unix.EPERM) {
			break
		}
	}
	closeHandle(fd)
	return nil, fault(root, err)
}

// Close releases the root. It is called once; the view is of no use afterwards.
func (f *FS) Close() error {
	if f.patience.hasLeft() {
		return nil // what was left behind must not find another folder under the number of this handle
	}
	if err := unix.Close(f.root); err != nil {
		return fmt.Errorf("closing the root: %w", err)
	}
	return nil
}

// Stat describes what the path leads to, whatever its type, without opening it
// for reading.
func (f *FS) Stat(path string) (Info, error) {
	return inTime(f, question{operation: "stat", path: path}, func() (Info, error) { return f.stat(path) })
}

func (f *FS) stat(path string) (Info, error) {
	fd, info, err := f.handle(path, unix.O_PATH|unix.O_NOFOLLOW)
	if err != nil {
		return Info{}, err
	}
	defer closeHandle(fd)
	if info.Mode&fs.ModeSymlink == 0 {
		return info, nil
	}
	link, err := readLink(fd)
	if err != nil {
		return Info{}, fault(path, err)
	}
	target, info, err := f.handle(path, unix.O_PATH)
	if err != nil {
		return Info{}, err
	}
	closeHandle(target)
	info.Link = link
	return info, nil
}

// ReadFile reads the regular file that the path leads to. It gives an error for
// a file of no bytes, and for one of more than limit bytes, of which it never
// reads more than one byte beyond the limit.
func (f *FS) ReadFile(path string, limit int64) (*File, error) {
	return inTime(f, question{operation: "read", path: path, limit: limit}, func() (*File, error) { return f.readFile(path, limit) })
}

func (f *FS) readFile(path string, limit int64) (*File, error) {
	// The type is known before the file is opened, since opening alone has
	// effects on some devices. It is asked again of the handle that is read, the
	// only one whose answer counts.
	before, err := f.stat(path)
	if err != nil {
		return nil, err
	}
	if !before.Mode.IsRegular() {
		return nil, notRegular(path, kind(before.Mode))
	}
	fd, info, err := f.handle(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY)
	if err != nil {
		return nil, err
	}
	defer closeHandle(fd)
	if !info.Mode.IsRegular() {
		return nil, notRegular(path, kind(info.Mode))
	}
	if isPseudo(fd) {
		return nil, notRegular(path, madeUp)
	}
	data, err := f.read(path, fd, limit)
	if err != nil {
		return nil, err
	}
	info.Link = before.Link
	return &File{Info: info, Path: path, Data: data}, nil
}

// ReadDir returns the sorted names in the folder that the path leads to, those
// that begin with a dot included.
func (f *FS) ReadDir(path string) ([]string, error) {
	return inTime(f, question{operation: "list names", path: path}, func() ([]string, error) { return f.readDir(path) })
}

func (f *FS) readDir(path string) ([]string, error) {
	before, err := f.stat(path)
	if err != nil {
		return nil, err
	}
	if !before.Mode.IsDir() {
		return nil, notFolder(path, before.Mode)
	}
	fd, _, err := f.handle(path, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, err
	}
	names, err := f.list(fd)
	if err != nil {
		return nil, fault(path, err)
	}
	if len(names) > maxEntries {
		return nil, &Error{Path: path, Reason: TooLarge, Detail: fmt.Sprintf("more than %d entries", maxEntries)}
	}
	slices.Sort(names)
	return names, nil
}

// handle opens the path within the root. With O_NOFOLLOW it yields the link
// itself where the last name of the path is one.
func (f *FS) handle(path string, flags int) (int, Info, error) {
	if err := validate(path); err != nil {
		return -1, Info{}, err
	}
	name, folder := clean(path)
	fd, err := f.open(f.root, name, flags|unix.O_CLOEXEC)
	if err != nil {
		return -1, Info{}, fault(path, err)
	}
	info, err := describe(fd)
	switch {
	case err != nil:
		err = fault(path, err)
	case folder && info.Mode&(fs.ModeDir|fs.ModeSymlink) == 0:
		err = notFolder(path, info.Mode)
	default:
		return fd, info, nil
	}
	closeHandle(fd)
	return -1, Info{}, err
}
