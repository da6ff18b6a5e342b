package systemd

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"kube-cert-audit/internal/hostfs"
)

const special = `*?[\`

// glob returns the paths that an absolute pattern matches, sorted. One in which
// nothing is special matches itself, be it there or not.
func (l *loader) glob(pattern string) ([]string, error) {
	if !strings.ContainsAny(pattern, special) {
		return []string{pattern}, nil
	}
	paths := []string{""}
	for part := range strings.SplitSeq(strings.Trim(pattern, "/"), "/") {
		var next []string
		for _, dir := range paths {
			names, err := l.matches(dir+"/", part)
			if err != nil {
				return nil, err
			}
			for _, name := range names {
				next = append(next, dir+"/"+name)
			}
		}
		paths = next
	}
	return slices.DeleteFunc(paths, func(p string) bool {
		_, err := l.units.fsys.Stat(p)
		return isAbsent(err)
	}), nil
}

// matches returns the names in a folder that one part of a pattern matches.
func (l *loader) matches(dir, part string) ([]string, error) {
	if !strings.ContainsAny(part, special) {
		return []string{part}, nil
	}
	names, err := l.units.fsys.ReadDir(dir)
	if e, ok := errors.AsType[*hostfs.Error](err); ok && (isAbsent(err) || e.Reason == hostfs.DanglingLink) {
		return nil, nil
	}
	if err == nil {
		err = l.look(dir, len(names)+1)
	}
	if err != nil {
		return nil, err
	}
	part = strings.ReplaceAll(part, "[!", "[^") // the two ways to say "none of these"
	return slices.DeleteFunc(names, func(name string) bool {
		ok, err := path.Match(part, name)
		return err != nil || !ok || name[0] == '.' && part[0] != '.'
	}), nil
}

// look counts names that are looked at. It gives an error once there are too many.
func (l *loader) look(file string, n int) error {
	if l.names -= n; l.names >= 0 {
		return nil
	}
	l.names = 0
	return &hostfs.Error{Path: file, Reason: hostfs.TooLarge, Detail: fmt.Sprintf("more than %d names to look at for one unit", maxNames)}
}
