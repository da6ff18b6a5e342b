//go:build linux

package hostfs

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Folder is what a folder holds.
type Folder struct {
	// Device and Inode tell the folder from all others, by whatever path it was reached.
	Device, Inode uint64
	Entries       []Entry // sorted by name
	More          bool    // there are more of them than were asked for
}

// Entry is one name in a folder.
type Entry struct {
	Name string
	// Type is what the name itself stands for, be it a link: the type bits of a
	// mode, or fs.ModeIrregular where the file system does not tell.
	Type fs.FileMode
}

// List returns at most limit of the entries of the folder that the path leads
// to. Unlike ReadDir it is for folders of any size: it tells the types as well,
// so that the caller need not ask for that of each file.
func (f *FS) List(path string, limit int) (*Folder, error) {
	q := question{operation: "list", path: path, limit: int64(limit)}
	return inTime(f, q, func() (*Folder, error) { return f.listFolder(path, limit) })
}

func (f *FS) listFolder(path string, limit int) (*Folder, error) {
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
	defer closeHandle(fd)
	folder := new(Folder)
	var st unix.Stat_t
	if err = unix.Fstat(fd, &st); err == nil {
		folder.Device, folder.Inode = st.Dev, st.Ino
		err = folder.read(fd, limit)
	}
	if err != nil {
		return nil, fault(path, err)
	}
	slices.SortFunc(folder.Entries, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return folder, nil
}

// ReadListed is ReadFile for a path of which the last name is, in the list of its
// folder, that of a regular file. It does not ask for the type again before it
// opens the file, if no link can lead to another one: that is a third of the work.
func (f *FS) ReadListed(path string, limit int64) (*File, error) {
	q := question{operation: "read", path: path, limit: limit}
	return inTime(f, q, func() (*File, error) { return f.readListed(path, limit) })
}

func (f *FS) readListed(path string, limit int64) (*File, error) {
	name, folder := clean(path)
	if validate(path) != nil || folder {
		return f.readFile(path, limit)
	}
	fd, err := openPlain(f.root, name, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC)
	if err != nil {
		return f.readFile(path, limit) // which knows more about it
	}
	defer closeHandle(fd)
	info, err := describe(fd)
	switch {
	case err != nil:
		return nil, fault(path, err)
	case !info.Mode.IsRegular():
		return nil, notRegular(path, kind(info.Mode))
	case isPseudo(fd):
		return nil, notRegular(path, madeUp)
	}
	data, err := f.read(path, fd, limit)
	if err != nil {
		return nil, err
	}
	return &File{Info: info, Path: path, Data: data}, nil
}

// read takes in the entries of an open folder.
func (f *Folder) read(fd, limit int) error {
	buf := make([]byte, 64<<10)
	for {
		n, err := unix.Getdents(fd, buf)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil || n == 0:
			return err
		}
		for rest := buf[:n]; len(rest) > 0; {
			var e Entry
			if e, rest = nextEntry(rest); e.Name == "" || e.Name == "." || e.Name == ".." {
				continue
			}
			if len(f.Entries) >= limit {
				f.More = true
				return nil
			}
			f.Entries = append(f.Entries, e)
		}
	}
}

// nextEntry takes one record of getdents64(2) off its buffer. One that stands for
// no file gives an entry without a name.
func nextEntry(buf []byte) (Entry, []byte) {
	const (
		inode  = unsafe.Offsetof(unix.Dirent{}.Ino)
		length = unsafe.Offsetof(unix.Dirent{}.Reclen)
		kind   = unsafe.Offsetof(unix.Dirent{}.Type)
		name   = unsafe.Offsetof(unix.Dirent{}.Name)
	)
	size := binary.NativeEndian.Uint16(buf[length:])
	record := buf[:size]
	if binary.NativeEndian.Uint64(record[inode:]) == 0 {
		return Entry{}, buf[size:]
	}
	text, _, _ := bytes.Cut(record[name:], []byte{0})
	return Entry{Name: string(text), Type: entryType(record[kind])}, buf[size:]
}

// entryType translates the type of a directory entry.
func entryType(raw byte) fs.FileMode {
	switch raw {
	case unix.DT_REG:
		return 0
	case unix.DT_DIR:
		return fs.ModeDir
	case unix.DT_LNK:
		return fs.ModeSymlink
	case unix.DT_FIFO:
		return fs.ModeNamedPipe
	case unix.DT_SOCK:
		return fs.ModeSocket
	case unix.DT_CHR:
		return fs.ModeDevice | fs.ModeCharDevice
	case unix.DT_BLK:
		return fs.ModeDevice
	}
	return fs.ModeIrregular
}
