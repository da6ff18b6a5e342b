//go:build linux

package hostfs

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// maxEntries bounds what ReadDir lists: far above any folder of a node, far
// below what would make a run long.
const maxEntries = 20_000

// reader reads from a file descriptor. An os.File would hand the descriptor to
// Go's poller, which waits without end for files that never get ready.
type reader int

func (r reader) Read(p []byte) (int, error) {
	for {
		n, err := unix.Read(int(r), p)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		}
		return n, nil
	}
}

// readAll returns the content of an open file. The size that the system states
// plays no part: it can be wrong, and change.
func readAll(path string, fd int, limit int64) ([]byte, error) {
	limit = min(max(limit, 0), math.MaxInt64-1)
	data, err := readUpTo(fd, limit+1)
	switch {
	case err != nil:
		return nil, fault(path, err)
	case int64(len(data)) > limit:
		return nil, &Error{Path: path, Reason: TooLarge, Detail: fmt.Sprintf("more than %d bytes", limit)}
	case len(data) == 0:
		return nil, &Error{Path: path, Reason: Empty}
	}
	return data, nil
}

// usualFile is more than a file with a few certificates has.
const usualFile = 4 << 10

// readUpTo reads an open file to its end, or until there is more than most bytes.
// It is io.ReadAll for files that are small, and read by the thousand.
func readUpTo(fd int, most int64) ([]byte, error) {
	data := make([]byte, 0, min(most, usualFile))
	for int64(len(data)) < most {
		if len(data) == cap(data) {
			data = slices.Grow(data, len(data)) // append alone would take smaller and smaller steps
		}
		room := min(int64(cap(data)-len(data)), most-int64(len(data)))
		n, err := reader(fd).Read(data[len(data) : len(data)+int(room)])
		data = data[:len(data)+n]
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	return data, nil
}

// list returns the names in an open folder, at most one more than maxEntries,
// and closes it.
func list(fd int) ([]string, error) {
	folder := os.NewFile(uintptr(fd), "")
	defer folder.Close()
	names := []string{}
	for len(names) <= maxEntries {
		more, err := folder.Readdirnames(maxEntries + 1 - len(names))
		names = append(names, more...)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	return names, nil
}
