package systemd

import (
	"io/fs"
	"maps"
	"path"
	"slices"
)

// dropIns returns the drop-ins of the unit in the order in which they are merged:
// by file name, whatever the folder. Of several with the same name the first one
// counts, in the order of dropInFolders, even if all that it does is to mask.
func (l *loader) dropIns() []string {
	files := map[string]string{} // by name
	for _, dir := range l.dropInFolders() {
		list, err := l.units.fsys.List(dir, maxUnits)
		if err != nil {
			l.fault(unreadable(dir, 0, err))
			continue
		}
		for _, e := range list.Entries {
			isFile := e.Type == 0 || e.Type == fs.ModeSymlink || e.Type == fs.ModeIrregular
			if _, known := files[e.Name]; !known && isFile && e.Name[0] != '.' && path.Ext(e.Name) == ".conf" {
				files[e.Name] = path.Join(dir, e.Name)
			}
		}
	}
	var dropIns []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if len(dropIns) == maxDropIns {
			l.faultf(files[name], 0, "this and the drop-ins after it are beyond the %d that are read of one unit", maxDropIns)
			break
		}
		if !isMask(l.units.fsys, files[name]) {
			dropIns = append(dropIns, files[name])
		}
	}
	return dropIns
}

// dropInFolders returns the folders of drop-ins that there are: those for any of
// the unit's names go before those for all services, and among these the order of
// the search path goes before how specific a name is.
func (l *loader) dropInFolders() []string {
	u, id := l.units, l.service.Name
	dirs := u.dropInFolders(id)
	n, _ := parseName(id)
	for _, name := range u.links {
		if name = withInstance(name, n.instance); name == id {
			continue
		}
		if more := u.dropInFolders(name); len(more) > 0 {
			if _, other, ok := u.resolve(name); ok && other == id {
				dirs = append(dirs, more...)
			}
		}
	}
	for _, f := range u.folders {
		dirs = f.addDropIns(dirs, "service")
	}
	return dirs
}

// dropInFolders returns the folders of drop-ins for one of a unit's names.
func (u *Units) dropInFolders(name string) []string {
	var dirs []string
	names := slices.DeleteFunc(dropInNames(name), func(n string) bool { return !u.configured[n] })
	for _, f := range u.folders {
		for _, n := range names {
			dirs = f.addDropIns(dirs, n)
		}
	}
	return dirs
}

// addDropIns appends the folder of drop-ins for a name, if it is there.
func (f folder) addDropIns(dirs []string, name string) []string {
	if f.entries[name+".d"] {
		dirs = append(dirs, path.Join(f.path, name+".d"))
	}
	return dirs
}
