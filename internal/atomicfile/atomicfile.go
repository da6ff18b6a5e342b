// Package atomicfile writes files that are whole at every moment: whoever opens
// the path finds what was there before or all of the new content, also after a
// crash in between. It knows nothing of what the files hold.
//
// A process that is killed while it writes can leave its temporary file behind,
// a hidden one whose name ends in ".tmp". The path itself is never touched until
// the content is complete and on the disk.
package atomicfile

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// mode is that of every file, whatever the umask and whatever was there before:
// what one user writes, another one collects.
const mode = 0o644

// Write makes the file at path hold what write writes, or leaves it as it is and
// returns an error, which does not name the path. It replaces a regular file or a
// symbolic link, which is never followed, be it planted or not; it refuses
// folders, FIFOs, sockets, devices, and links to what the kernel provides, such
// as /dev/stdout. Of several writers at once, the last one to finish wins.
func Write(path string, write func(io.Writer) error) (err error) {
	dir, name := filepath.Split(path)
	if name == "" {
		return errors.New("the path names a folder")
	}
	if dir == "" {
		dir = "."
	}
	// From here on the folder is held: moving or replacing it changes nothing.
	folder, err := os.OpenRoot(dir)
	if err != nil {
		return reason(err)
	}
	defer folder.Close()
	if err := replaceable(folder, name); err != nil {
		return err
	}
	temporary := temporaryName(name)
	if err := create(folder, temporary, write); err != nil {
		return reason(err)
	}
	if err := folder.Rename(temporary, name); err != nil {
		_ = folder.Remove(temporary) // the error of Rename is the one to tell
		return reason(err)
	}
	return reason(syncFolder(folder))
}

// temporaryName returns a name that no other writer has, that no collector looks
// for by its suffix, and that tells what it was to become.
func temporaryName(name string) string {
	const longest = 200 // of the 255 bytes that a name may have
	return fmt.Sprintf(".%s.%s.tmp", name[:min(len(name), longest)], rand.Text())
}

// create writes a new file to the disk. It leaves none behind where it fails.
func create(folder *os.Root, name string, write func(io.Writer) error) (err error) {
	// Nobody else may read what is not complete.
	f, err := folder.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, f.Close()) // some systems tell only now that the disk is full
		if err != nil {
			_ = folder.Remove(name)
		}
	}()
	b := bufio.NewWriterSize(f, 64<<10)
	if err := write(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	if err := f.Chmod(mode); err != nil {
		return err
	}
	return f.Sync()
}

// syncFolder puts the new name on the disk. Some file systems cannot, and do not
// need to.
func syncFolder(folder *os.Root) error {
	d, err := folder.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}

// replaceable returns an error where a name has something that is not to be
// replaced. It may change until the renaming, which still touches nothing but
// the name.
func replaceable(folder *os.Root, name string) error {
	info, err := folder.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return reason(err)
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := folder.Readlink(name)
		if err == nil && strings.HasPrefix(target, "/proc/") {
			return fmt.Errorf("it is a link to %s, which the kernel provides", target)
		}
		return reason(err)
	case info.Mode().IsRegular():
		return nil
	}
	return fmt.Errorf("it is a %s, not a regular file", kind(info.Mode()))
}

func kind(mode fs.FileMode) string {
	switch mode.Type() {
	case fs.ModeDir:
		return "folder"
	case fs.ModeNamedPipe:
		return "FIFO"
	case fs.ModeSocket:
		return "socket"
	case fs.ModeDevice | fs.ModeCharDevice, fs.ModeDevice:
		return "device"
	}
	return "file of another type"
}

// reason returns an error of the system without the names in it, of which one is
// that of the temporary file.
func reason(err error) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	return err
}
