//go:build linux

package hostfs

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/unix"
)

// resolveError is an error of resolving a path that knows more than its number.
type resolveError struct {
	errno  unix.Errno
	detail string // for ENOENT: the target of the link that dangles
}

func (e *resolveError) Error() string { return e.errno.Error() }

func (e *resolveError) Unwrap() error { return e.errno }

// fault turns an error of the system into the outcome that is reported.
func fault(path string, err error) *Error {
	e := &Error{Path: path}
	if r, ok := errors.AsType[*resolveError](err); ok {
		e.Detail = r.detail
	}
	errno, ok := errors.AsType[unix.Errno](err)
	if ok {
		err = errno // without the name of the call that failed
	}
	switch errno {
	case unix.ENOENT:
		e.Reason = NotExist
		if e.Detail != "" {
			e.Reason = DanglingLink
		}
	case unix.ELOOP:
		e.Reason = LinkLoop
	case unix.EACCES, unix.EPERM:
		e.Reason = PermissionDenied
	case unix.ENOTDIR:
		e.Reason = NotDirectory
	case unix.ENAMETOOLONG:
		e.Reason, e.Detail = InvalidPath, err.Error()
	default:
		e.Reason, e.Detail = IOError, err.Error()
	}
	return e
}

func notRegular(path, detail string) *Error {
	return &Error{Path: path, Reason: NotRegular, Detail: detail}
}

func notFolder(path string, mode fs.FileMode) *Error {
	return &Error{Path: path, Reason: NotDirectory, Detail: kind(mode)}
}
