//go:build linux

package hostfs

import (
	"errors"

	"golang.org/x/sys/unix"
)

// An opener opens a cleaned path within the folder root, as open(2) would after
// chroot(2) into it, except that it does not follow links made by the kernel.
type opener func(root int, name string, flags int) (fd int, err error)

// maxTries bounds the repetitions of a resolution that a concurrent rename
// somewhere on the system disturbed.
const maxTries = 8

// openInKernel lets the kernel resolve the path in one step. The kernel gives no
// more than a number as its reason; where a link may be it, the path is walked
// again to tell which.
func openInKernel(root int, name string, flags int) (int, error) {
	for range maxTries {
		fd, err := openat2(root, name, flags)
		switch {
		case errors.Is(err, unix.EAGAIN):
			continue
		case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ELOOP):
			return walk(root, name, flags)
		}
		return fd, err
	}
	return walk(root, name, flags)
}

func openat2(root int, name string, flags int) (int, error) {
	return open(root, name, flags, unix.RESOLVE_IN_ROOT|unix.RESOLVE_NO_MAGICLINKS)
}

// openPlain opens a path within the root that has no link in it.
func openPlain(root int, name string, flags int) (int, error) {
	return open(root, name, flags, unix.RESOLVE_IN_ROOT|unix.RESOLVE_NO_SYMLINKS)
}

func open(root int, name string, flags int, resolve uint64) (int, error) {
	how := &unix.OpenHow{Flags: uint64(flags), Resolve: resolve}
	for {
		fd, err := unix.Openat2(root, name, how)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

func openat(folder int, name string, flags int) (int, error) {
	for {
		fd, err := unix.Openat(folder, name, flags, 0)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

// closeHandle closes a handle through which nothing was written: its error
// could tell nothing.
func closeHandle(fd int) {
	_ = unix.Close(fd)
}
