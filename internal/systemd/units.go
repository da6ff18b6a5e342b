package systemd

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"kube-cert-audit/internal/hostfs"
)

// searchPath returns the folders that the system manager takes units from, the
// highest precedence first.
func searchPath() []string {
	return []string{
		"/etc/systemd/system.control", // systemctl set-property
		"/run/systemd/system.control",
		"/run/systemd/transient", // systemd-run
		"/run/systemd/generator.early",
		"/etc/systemd/system",
		"/etc/systemd/system.attached", // portablectl
		"/run/systemd/system",
		"/run/systemd/system.attached",
		"/run/systemd/generator",
		"/usr/local/lib/systemd/system",
		"/usr/lib/systemd/system",
		"/lib/systemd/system", // the same folder on most systems
		"/run/systemd/generator.late",
	}
}

// Units are the service units of a node, as far as the folders of units tell. It is
// for one goroutine at a time.
type Units struct {
	// Faults are about the folders: one that cannot be listed may hide any unit.
	Faults []Fault

	fsys    *hostfs.FS
	folders []folder
	places  map[string][]place // by the name of the service, the highest precedence first
	// links are the names that are, in one of the folders, links: of all others, none is an alias.
	links []string
	// wanted are the names in the folders of what others want or require, as far as Names looked.
	wanted map[string]bool
	// configured are the names with a folder of drop-ins.
	configured map[string]bool
	// targets leads from the names of services to their unit files, which are absolute paths, or, for
	// aliases, to other names. Links take long to read: it has the names that were asked for.
	targets map[string]string
}

// A place is one where a unit file is, or a link to one.
type place struct {
	file     string
	fileType fs.FileMode
}

// A folder is one of the search path, without what cannot be about services.
type folder struct {
	path    string
	entries map[string]bool // the names of the folders in it
}

// Scan looks for the units of the node below fsys.
func Scan(fsys *hostfs.FS) *Units {
	u := &Units{fsys: fsys, places: map[string][]place{}, configured: map[string]bool{}, wanted: map[string]bool{}, targets: map[string]string{}}
	type id struct{ device, inode uint64 }
	seen := map[id]bool{}
	for _, dir := range searchPath() {
		list, err := fsys.List(dir, maxUnits)
		if err != nil {
			if !isAbsent(err) {
				u.Faults = append(u.Faults, unreadable(dir, 0, err))
			}
			continue
		}
		if list.More {
			u.Faults = append(u.Faults, Fault{File: dir, Detail: fmt.Sprintf("more than %d entries: the rest was not looked at", maxUnits)})
		}
		if key := (id{list.Device, list.Inode}); !seen[key] {
			seen[key] = true
			u.add(dir, list.Entries)
		}
	}
	slices.Sort(u.links)
	u.links = slices.Compact(u.links)
	return u
}

// add takes in a folder that is of lower precedence than those before it.
func (u *Units) add(dir string, entries []hostfs.Entry) {
	f := folder{path: dir, entries: map[string]bool{}}
	for _, e := range entries {
		if _, isUnit := parseName(e.Name); isUnit {
			u.places[e.Name] = append(u.places[e.Name], place{path.Join(dir, e.Name), e.Type})
			if e.Type&(fs.ModeSymlink|fs.ModeIrregular) != 0 { // or of a type that the folder does not tell
				u.links = append(u.links, e.Name)
			}
		}
		switch path.Ext(e.Name) {
		case ".d", ".wants", ".requires", ".upholds":
			f.entries[e.Name] = true
		}
		if name, ok := strings.CutSuffix(e.Name, ".d"); ok {
			u.configured[name] = true
		}
	}
	u.folders = append(u.folders, f)
}

// target returns what a name leads to; "" where that is nothing.
func (u *Units) target(name string) string {
	target, known := u.targets[name]
	if known {
		return target
	}
	for _, p := range u.places[name] {
		if target = u.targetAt(p, name); target != "" {
			break
		}
	}
	u.targets[name] = target
	return target
}

// targetAt returns what a name leads to by one of its places. A link to a unit of
// another name in any of the folders is an alias: what counts is that name,
// wherever its file is. One that leads elsewhere is a unit file.
func (u *Units) targetAt(p place, name string) string {
	if p.fileType&fs.ModeSymlink == 0 && p.fileType != fs.ModeIrregular {
		return p.file
	}
	target := u.linkTarget(p.file)
	other := path.Base(target)
	switch {
	case !isInSearchPath(target):
		return p.file
	case other != name && mayAlias(name, other):
		return other
	}
	return "" // as if there were no link
}

// linkTarget returns the absolute path that a link names, "" for what is no link.
func (u *Units) linkTarget(file string) string {
	info, err := u.fsys.Stat(file)
	target := info.Link
	if e, ok := errors.AsType[*hostfs.Error](err); ok && e.Reason == hostfs.DanglingLink {
		target = e.Detail
	}
	if target == "" || path.IsAbs(target) {
		return target
	}
	return path.Join(path.Dir(file), target)
}

// isInSearchPath reports whether a file is in one of the folders of units, or below.
func isInSearchPath(file string) bool {
	return slices.ContainsFunc(searchPath(), func(dir string) bool {
		return strings.HasPrefix(path.Clean(file), dir+"/")
	})
}

// maxAliases is how many aliases systemd follows.
const maxAliases = 8

// resolve returns the unit file for a name, and the name that the unit goes by.
func (u *Units) resolve(name string) (file, id string, ok bool) {
	asked, valid := parseName(name)
	if !valid {
		return "", "", false
	}
	for range maxAliases {
		target := u.target(name)
		if n, _ := parseName(name); target == "" && n.isInstance() {
			target = u.target(n.template())
		}
		if path.IsAbs(target) {
			return target, withInstance(path.Base(target), asked.instance), true
		}
		name = target
	}
	return "", "", false
}

// Names returns the names of the services that there are: those with a unit file,
// and the instances of templates that other units want or require. Aliases and
// masked units are left out. The names are sorted.
func (u *Units) Names() []string {
	found := map[string]bool{}
	for name := range u.places {
		found[name] = true
	}
	for _, f := range u.folders {
		for name := range f.entries {
			if path.Ext(name) != ".d" {
				u.addWanted(found, path.Join(f.path, name))
			}
		}
	}
	ids := map[string]bool{}
	masked := map[string]bool{} // by file: there may be thousands of instances of one
	for name := range found {
		file, id, ok := u.resolve(name)
		if n, _ := parseName(id); !ok || n.isTemplate() {
			continue
		}
		if _, known := masked[file]; !known {
			masked[file] = isMask(u.fsys, file)
		}
		if !masked[file] {
			ids[id] = true
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// IsWanted reports whether another unit wants or requires a service by one of its
// names, as the targets of a start of the machine do. It goes by what Names read.
func (u *Units) IsWanted(id string) bool {
	for name := range u.wanted {
		if name == id {
			return true
		}
		if _, other, ok := u.resolve(name); ok && other == id {
			return true
		}
	}
	return false
}

// addWanted adds the names of the instances in a folder like multi-user.target.wants.
func (u *Units) addWanted(found map[string]bool, dir string) {
	list, err := u.fsys.List(dir, maxUnits)
	if err != nil {
		return // it is no setting of the units themselves
	}
	for _, e := range list.Entries {
		n, ok := parseName(e.Name)
		if ok {
			u.wanted[e.Name] = true
		}
		if ok && n.isInstance() {
			found[e.Name] = true
		}
	}
}

// isMask reports whether a file is in its place only so that no other is taken:
// empty, or a link to /dev/null, be that there or not.
func isMask(fsys *hostfs.FS, file string) bool {
	info, err := fsys.Stat(file)
	if e, ok := errors.AsType[*hostfs.Error](err); ok {
		return e.Reason == hostfs.DanglingLink && path.Clean(e.Detail) == "/dev/null"
	}
	return info.Mode&fs.ModeDevice != 0 || info.Mode.IsRegular() && info.Size == 0
}

// isAbsent reports whether an error says that there is no file.
func isAbsent(err error) bool {
	e, ok := errors.AsType[*hostfs.Error](err)
	return ok && (e.Reason == hostfs.NotExist || e.Reason == hostfs.NotDirectory)
}

// unreadable is the fault of what gave no content; file and line say why it was read.
func unreadable(file string, line int, err error) Fault {
	f := Fault{File: file, Line: line, Path: file, Detail: err.Error()}
	if e, ok := errors.AsType[*hostfs.Error](err); ok {
		f.Path, f.Reason, f.Detail = e.Path, e.Reason, e.Detail
	}
	return f
}
