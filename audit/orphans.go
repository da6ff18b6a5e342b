package audit

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"kube-cert-audit/rules"
)

// maxOrphans bounds the files that are opened because nothing refers to them.
const maxOrphans = 1_000

// orphanObjects returns the certificates and keys that nothing refers to, in the
// folders of those that something refers to.
func (a *auditor) orphanObjects() []*object {
	if !a.opts.Orphans {
		return nil
	}
	users := a.folderUsers()
	var files []*loaded
	for _, dir := range slices.Sorted(maps.Keys(users)) {
		names, err := a.files.fsys.ReadDir(dir)
		if err != nil {
			continue // what lies in it and is referred to is told already
		}
		for _, name := range names {
			if file := path.Join(dir, name); len(files) < maxOrphans && a.isOrphan(file) {
				files = append(files, a.files.want(file))
			}
		}
	}
	a.files.load()
	var all []*object
	for _, l := range files {
		if a.isInUse(l) {
			continue
		}
		place := rules.Place{Component: users[path.Dir(l.path)], Path: l.path, Source: rules.Source{File: l.path}}
		all = append(all, &object{
			subject: rules.Subject{Place: place, File: &rules.File{Orphan: contentOf(l)}}, files: []string{l.path},
		})
	}
	return all
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
// certificate or a key. A link is no more than a name of what it leads to.
func (a *auditor) isOrphan(file string) bool {
	sounds := soundsLikeMaterial(file) || path.Ext(file) == ".pub"
	if !sounds || strings.HasPrefix(path.Base(file), ".") || a.files.byPath[file] != nil {
		return false
	}
	isSame := func(r *reference) bool { return r.location.Path == file }
	info, err := a.files.stat(file)
	return err == nil && info.Mode.IsRegular() && info.Link == "" && !slices.ContainsFunc(a.refs, isSame)
}

// isInUse reports whether something refers to a file under another name, as by a link.
// A copy is another file, though it be of the same time.
func (a *auditor) isInUse(l *loaded) bool {
	return slices.ContainsFunc(a.refs, func(r *reference) bool {
		return r.file != nil && r.file.known && l.known && r.file.info.ID == l.info.ID
	})
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
