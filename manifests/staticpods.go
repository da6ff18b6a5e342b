package manifests

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"kube-cert-audit/internal/hostfs"
)

// staticPods finds the components that the kubelet runs from manifest files.
func (d *discovery) staticPods() {
	dirs, required := d.manifestDirs()
	for _, dir := range dirs {
		d.podsIn(dir, required)
	}
}

// podsIn finds the components that the manifests of a folder define.
func (d *discovery) podsIn(dir string, required bool) {
	parse := func(file string, data []byte) (manifest, error) { return parseManifest(file, data), nil }
	for _, f := range parseAll(d, d.manifestFiles(dir, required), parse) {
		d.manifest(f)
	}
}

// manifestDirs returns the folders to look in; required ones were named by the operator.
func (d *discovery) manifestDirs() (dirs []string, required bool) {
	for _, dir := range d.opts.ManifestDirs {
		dirs = append(dirs, path.Join("/", dir))
	}
	if len(dirs) > 0 {
		slices.Sort(dirs)
		return slices.Compact(dirs), true
	}
	for _, k := range d.node.Find(kubelet) {
		if dir, ok := k.Last("pod-manifest-path"); ok && dir.Value != "" {
			return []string{k.HostPath(dir.Value).Path}, false
		}
	}
	return []string{"/etc/kubernetes/manifests"}, false
}

// manifestFiles returns the files of a manifest folder that the kubelet reads:
// all but dot files. Instead of a folder it takes a single file as well.
func (d *discovery) manifestFiles(dir string, required bool) []string {
	names, err := d.names(dir)
	switch {
	case err != nil && reasonOf(err) == hostfs.NotDirectory && d.exists(dir):
		return []string{dir}
	case err != nil && (required || !isAbsent(err)):
		d.cannotRead("", Source{File: dir}, err)
		return nil
	case err != nil:
		return nil
	}
	var files []string
	for _, name := range names {
		if !strings.HasPrefix(name, ".") {
			files = append(files, path.Join(dir, name))
		}
	}
	return files
}

// manifest adds what one file of a manifest folder gave. The kubelet passes over what
// is not a regular file; of that, only a folder may be there on purpose.
func (d *discovery) manifest(f parsedFile[manifest]) {
	file, m := f.path, f.content
	if f.err != nil {
		if !d.isFolder(file) {
			d.cannotRead(namedIn(file), Source{File: file}, f.err)
		}
		return
	}
	d.addComponents(file, m.components)
	d.node.Unreadable = append(d.node.Unreadable, m.unreadable...)
	if m.kubeadm {
		d.kubeadm = cmp.Or(d.kubeadm, file)
	}
	if m.pod != "" {
		d.pods[m.pod] = append(d.pods[m.pod], file)
	}
}

// duplicatePods returns the pods that more than one file defines, sorted.
func (d *discovery) duplicatePods() []DuplicatePod {
	var duplicates []DuplicatePod
	for name, files := range d.pods {
		if len(files) > 1 {
			slices.Sort(files)
			duplicates = append(duplicates, DuplicatePod{Name: name, Files: files})
		}
	}
	slices.SortFunc(duplicates, func(a, b DuplicatePod) int { return strings.Compare(a.Name, b.Name) })
	return duplicates
}
