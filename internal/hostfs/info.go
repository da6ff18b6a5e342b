//go:build linux

package hostfs

import (
	"io/fs"
	"time"

	"golang.org/x/sys/unix"
)

// describe returns what the system knows of an open file. Link stays empty: a
// handle does not tell by which path it was reached.
func describe(fd int) (Info, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return Info{}, err
	}
	return Info{
		Mode:    fileMode(st.Mode),
		UID:     st.Uid,
		GID:     st.Gid,
		Size:    st.Size,
		ModTime: time.Unix(st.Mtim.Unix()),
		ID:      ID{st.Dev, st.Ino},
	}, nil
}

// fileMode translates the mode of stat(2).
func fileMode(raw uint32) fs.FileMode {
	mode := fs.FileMode(raw & 0o777)
	for _, bit := range []struct {
		raw  uint32
		mode fs.FileMode
	}{
		{unix.S_ISUID, fs.ModeSetuid},
		{unix.S_ISGID, fs.ModeSetgid},
		{unix.S_ISVTX, fs.ModeSticky},
	} {
		if raw&bit.raw != 0 {
			mode |= bit.mode
		}
	}
	switch raw & unix.S_IFMT {
	case unix.S_IFREG:
		return mode
	case unix.S_IFDIR:
		return mode | fs.ModeDir
	case unix.S_IFLNK:
		return mode | fs.ModeSymlink
	case unix.S_IFIFO:
		return mode | fs.ModeNamedPipe
	case unix.S_IFSOCK:
		return mode | fs.ModeSocket
	case unix.S_IFCHR:
		return mode | fs.ModeDevice | fs.ModeCharDevice
	case unix.S_IFBLK:
		return mode | fs.ModeDevice
	}
	return mode | fs.ModeIrregular
}

// kind names a type of file for a reader of the report.
func kind(mode fs.FileMode) string {
	switch mode.Type() {
	case 0:
		return "regular file"
	case fs.ModeDir:
		return "folder"
	case fs.ModeSymlink:
		return "symbolic link"
	case fs.ModeNamedPipe:
		return "FIFO"
	case fs.ModeSocket:
		return "socket"
	case fs.ModeDevice | fs.ModeCharDevice:
		return "character device"
	case fs.ModeDevice:
		return "block device"
	}
	return "unknown type"
}

// madeUp names the files that isPseudo is about.
const madeUp = "made up by the kernel"

// isPseudo reports whether an open file is one that the kernel makes up as it is
// read. Such files pass for regular, and yet reading some of them waits, takes
// what it reads from others, or has no end: /proc/kmsg, tracing/trace_pipe.
func isPseudo(fd int) bool {
	var st unix.Statfs_t
	if unix.Fstatfs(fd, &st) != nil {
		return false
	}
	switch int64(st.Type) {
	case unix.PROC_SUPER_MAGIC, unix.SYSFS_MAGIC, unix.DEBUGFS_MAGIC, unix.TRACEFS_MAGIC:
		return true
	}
	return false
}
