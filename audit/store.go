package audit

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"path"
	"slices"

	"kube-cert-audit/internal/hostfs"
)

// maxFile bounds what is read of a certificate or key file.
const maxFile = 4 << 20

// store opens and decodes each file once.
type store struct {
	fsys   *hostfs.FS
	byPath map[string]*loaded
}

// loaded is a file, or a field of a kubeconfig, that was read and decoded.
type loaded struct {
	path    string // on the host
	info    hostfs.Info
	known   bool          // info is filled in
	failure *hostfs.Error // why it could not be read
	content content
	digest  [sha256.Size]byte // of the bytes, or of the failure
}

func newStore(fsys *hostfs.FS) *store { return &store{fsys: fsys, byPath: map[string]*loaded{}} }

// load reads and decodes the file at a path of the host.
func (s *store) load(file string) *loaded {
	if l := s.byPath[file]; l != nil {
		return l
	}
	l := &loaded{path: file}
	s.byPath[file] = l
	f, err := s.fsys.ReadFile(file, maxFile)
	if err != nil {
		l.failure, _ = errors.AsType[*hostfs.Error](err)
		l.digest = sha256.Sum256([]byte(err.Error()))
		l.info, err = s.fsys.Stat(file)
		l.known = err == nil
		return l
	}
	l.info, l.known = f.Info, true
	l.digest = sha256.Sum256(f.Data)
	l.content = decodeGuarded(f.Data)
	return l
}

// embedded decodes a field of a kubeconfig.
func (s *store) embedded(file, field string, data []byte) *loaded {
	key := file + "\x00" + field
	if l := s.byPath[key]; l != nil {
		return l
	}
	l := &loaded{path: file, digest: sha256.Sum256(data), content: decodeGuarded(data)}
	s.byPath[key] = l
	return l
}

// exists reports whether a path has a file of any kind, or may have one that
// this process cannot see.
func (s *store) exists(file string) bool {
	_, err := s.fsys.Stat(file)
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

// badCertificate reports whether a block that client-go's loader takes for a
// certificate does not parse: it then refuses the whole file.
func (c content) badCertificate() bool {
	return slices.ContainsFunc(c.faults, func(f blockFault) bool { return f.label == "CERTIFICATE" })
}

// folders returns the folders above a path of the host, the nearest first.
func folders(file string) []string {
	var all []string
	for dir := path.Dir(file); dir != "/" && dir != "."; dir = path.Dir(dir) {
		all = append(all, dir)
	}
	return all
}
