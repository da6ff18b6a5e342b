package audit

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/rules"
)

// maxOrphans bounds the files that are opened because nothing refers to them.
const maxOrphans = 1_000

// orphanObjects returns the certificates and keys that nothing refers to, in the
// folders of those that something refers to, and the folders that were not looked
// through.
func (a *auditor) orphanObjects() []*object {
	if !a.opts.Orphans {
		return nil
	}
	users := a.folderUsers()
	var all []*object
	add := func(file, component string, f *rules.File) {
		place := rules.Place{Component: component, Path: file, Source: rules.Source{File: file}}
		all = append(all, &object{subject: rules.Subject{Place: place, File: f}, files: []string{file}})
	}
	var files []*loaded
	for _, dir := range slices.Sorted(maps.Keys(users)) {
		found, left := a.orphansIn(dir, maxOrphans-len(files))
		files = append(files, found...)
		if left != "" {
			add(dir, users[dir], &rules.File{Unlisted: left})
		}
		if len(files) == maxOrphans && left != "" {
			break
		}
	}
	a.files.load()
	for _, l := range files {
		add(l.path, users[path.Dir(l.path)], &rules.File{Orphan: contentOf(l)})
	}
	return all
}

// orphansIn returns at most so many of the files of a folder that nothing refers to,
// and says what was left out and why; nothing where that is all of them. A folder that
// does not exist is told of by what refers to a file in it.
func (a *auditor) orphansIn(dir string, most int) (files []*loaded, left string) {
	names, err := a.files.fsys.ReadDir(dir)
	if e, failed := errors.AsType[*hostfs.Error](err); failed {
		if slices.Contains([]hostfs.Reason{hostfs.NotExist, hostfs.DanglingLink, hostfs.NotDirectory}, e.Reason) {
			return nil, ""
		}
		return nil, "the folder was not looked through: " + string(e.Reason)
	}
	for _, name := range names {
		file := path.Join(dir, name)
		switch {
		case !a.isOrphan(file):
		case len(files) == most:
			return files, fmt.Sprintf("further files, of this folder and of those after it, were not looked at: there are more than %d", maxOrphans)
		default:
			files = append(files, a.files.want(file))
		}
	}
	return files, ""
}

// folderUsers returns the folders of all files that something refers to, each with a
// component that does.
func (a *auditor) folderUsers() map[string]string {
	users := map[string]string{}
	for _, r := range a.refs {
		if dir := path.Dir(r.location.Path); r.location.Elsewhere == "" && r.field == "" && users[dir] == "" {
			users[dir] = r.component
		}
	}
	return users
}

// isOrphan reports whether nothing refers to a file that, by its name, holds a
// certificate or a key, under that name or another one, as by a link. A link is no
// more than a name of what it leads to, and a copy is another file.
func (a *auditor) isOrphan(file string) bool {
	sounds := soundsLikeMaterial(file) || path.Ext(file) == ".pub"
	if !sounds || strings.HasPrefix(path.Base(file), ".") || a.files.byPath[file] != nil {
		return false
	}
	info, err := a.files.stat(file)
	isSame := func(r *reference) bool {
		return r.location.Path == file || r.file != nil && r.file.known && r.file.info.ID == info.ID
	}
	return err == nil && info.Mode.IsRegular() && info.Link == "" && !slices.ContainsFunc(a.refs, isSame)
}

// contentOf says what is in a file that nothing refers to.
func contentOf(l *loaded) string {
	c := l.content
	switch {
	case l.failure != nil:
		return "what cannot be read: " + string(l.failure.Reason)
	case len(c.certificates) > 0:
		first := c.certificates[0]
		text := fmt.Sprintf("the certificate of %q, which ends on %s", first.Subject.String(), first.NotAfter.UTC().Format("2006-01-02"))
		if more := len(c.certificates) - 1; more > 0 {
			text += fmt.Sprintf(", and %d more", more)
		}
		if isPrivate(c) {
			text += ", with a private key"
		}
		return text
	case isPrivate(c):
		return "a private key"
	case len(c.keys) > 0:
		return "a public key"
	}
	return "nothing that can be used: the file " + c.problem
}
