package audit

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"path"
	"slices"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/internal/parallel"
)

// maxFile bounds what is read of a certificate or key file.
const maxFile = 4 << 20

// store opens and decodes each file once.
type store struct {
	fsys   *hostfs.FS
	root   hostfs.Info // of the root folder; zero, for root, where it cannot be described
	byPath map[string]*loaded
	infos  map[string]described // paths that were described
	unseen map[string]bool      // paths that were not described in time

	pending []*loaded // wanted and not yet loaded
	used    usage
}

// loaded is a file, or a field of a kubeconfig, that was read and decoded.
type loaded struct {
	path    string // on the host
	read    func(*loaded)
	info    hostfs.Info
	known   bool          // info is filled in
	failure *hostfs.Error // why it could not be read
	content content
	size    int               // of what was decoded
	digest  [sha256.Size]byte // of the bytes, or of the failure
}

func newStore(fsys *hostfs.FS) *store {
	s := &store{fsys: fsys, byPath: map[string]*loaded{}, infos: map[string]described{}, unseen: map[string]bool{}}
	if info, err := fsys.Stat("/"); err == nil {
		s.root = info
	}
	return s
}

// want returns the file at a path of the host, which load reads and decodes.
func (s *store) want(file string) *loaded {
	return s.keep(file, &loaded{path: file, read: s.readFile})
}

// wantField returns a field of a kubeconfig, which load decodes.
func (s *store) wantField(file, field string, data []byte) *loaded {
	return s.keep(file+"\x00"+field, &loaded{path: file, read: func(l *loaded) {
		l.digest, l.content, l.size = sha256.Sum256(data), decodeGuarded(data), len(data)
	}})
}

func (s *store) keep(key string, l *loaded) *loaded {
	if known := s.byPath[key]; known != nil {
		return known
	}
	s.byPath[key] = l
	s.pending = append(s.pending, l)
	return l
}

// load reads and decodes all that is wanted.
func (s *store) load() {
	for batch := range slices.Chunk(s.pending, maxBatch) {
		if s.used.isFull() {
			refuse(batch)
			continue
		}
		// Reading and parsing takes most of an audit's time beside the configuration.
		parallel.Each(len(batch), func(i int) { batch[i].read(batch[i]) })
		for _, l := range batch {
			s.used.add(l)
		}
	}
	s.pending = nil
}

// readFile reads and decodes a file of the host.
func (s *store) readFile(l *loaded) {
	f, err := s.fsys.ReadFile(l.path, maxFile)
	if err != nil {
		l.failure, _ = errors.AsType[*hostfs.Error](err)
		l.digest = sha256.Sum256([]byte(err.Error()))
		l.info, err = s.fsys.Stat(l.path)
		l.known = err == nil
		return
	}
	l.info, l.known = f.Info, true
	l.digest = sha256.Sum256(f.Data)
	l.content, l.size = decodeGuarded(f.Data), len(f.Data)
}

// exists reports whether a path has a file of any kind, or may have one that
// this process cannot see.
func (s *store) exists(file string) bool {
	_, err := s.stat(file)
	e, failed := errors.AsType[*hostfs.Error](err)
	return !failed || e.Reason != hostfs.NotExist && e.Reason != hostfs.NotDirectory
}

// decodeGuarded turns a panic of a parser into a fault of the file.
func decodeGuarded(data []byte) (c content) {
	defer func() {
		if r := recover(); r != nil {
			c = content{problem: fmt.Sprintf("a parser failed on it: %v", r)}
		}
	}()
	return decode(data)
}

// folders returns the folders above a path of the host, the nearest first.
func folders(file string) []string {
	var all []string
	for dir := path.Dir(file); dir != "/" && dir != "."; dir = path.Dir(dir) {
		all = append(all, dir)
	}
	return all
}
