//go:build linux

package hostfs

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"

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
	data, err := io.ReadAll(io.LimitReader(reader(fd), limit+1))
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
