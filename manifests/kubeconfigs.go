package manifests

import (
	"bytes"
	"errors"
	"path"
	"slices"
	"strings"
)

// handMadeAdmin is where the guide "Kubernetes the hard way" leaves the kubeconfig of
// the administrators.
const handMadeAdmin = "/root/admin.kubeconfig"

// kubeconfigUse is a kubeconfig to be read, with those who read it.
type kubeconfigUse struct {
	path     string // on the host
	audience Audience
	readers  []Reader
	locate   func(string) Location
	required bool // somebody named it
}

// kubeconfigs reads the kubeconfigs that arguments and the operator name, and
// those that lie in the usual places.
func (d *discovery) kubeconfigs() {
	var uses []*kubeconfigUse
	for i := range d.node.Components {
		uses = d.namedKubeconfigs(uses, &d.node.Components[i])
	}
	for _, use := range d.others {
		uses, _ = addUse(uses, use)
	}
	for _, file := range d.opts.Kubeconfigs {
		uses, _ = addUse(uses, kubeconfigUse{path: path.Join("/", file), required: true})
	}
	named, others := uses, d.furtherFiles()
	for _, file := range append(d.etcKubernetes(), "/root/.kube/config", handMadeAdmin) {
		isNamed := slices.ContainsFunc(named, func(u *kubeconfigUse) bool { return u.path == file })
		if !isNamed && !slices.Contains(others, file) {
			uses = append(uses, &kubeconfigUse{path: file})
		}
	}
	files := make([]string, len(uses))
	for i, use := range uses {
		files[i] = use.path
	}
	for i, f := range parseAll(d, files, func(_ string, data []byte) (parsedKubeconfig, error) { return parseKubeconfig(data) }) {
		d.kubeconfig(uses[i], f)
	}
}

// addUse adds a kubeconfig, or returns the like use of its path that is there already.
func addUse(uses []*kubeconfigUse, use kubeconfigUse) ([]*kubeconfigUse, *kubeconfigUse) {
	for _, u := range uses {
		if u.path == use.path && u.audience == use.audience {
			return uses, u
		}
	}
	return append(uses, &use), &use
}

// namedKubeconfigs adds the kubeconfigs that a component was told to use. One
// outside of the host's files is none that could be read here.
func (d *discovery) namedKubeconfigs(uses []*kubeconfigUse, c *Component) []*kubeconfigUse {
	for _, row := range knownArguments() {
		audience, isKubeconfig := row.shape.audience()
		if !isKubeconfig || !row.components.has(c.Name) {
			continue
		}
		for _, argument := range c.InForce(row.name) {
			location := c.HostPath(argument.Value)
			isNeeded := row.name != "bootstrap-kubeconfig" || d.exists(location.Path)
			switch {
			case location.Path == "" || !isNeeded:
				continue
			case location.Elsewhere != "":
				d.cannotUse(c.Name, argument.Source, location.Path, "the kubeconfig is "+location.Elsewhere, Unread)
				continue
			}
			var use *kubeconfigUse
			uses, use = addUse(uses, kubeconfigUse{
				path: location.Path, audience: audience, locate: locator(c, argument.Value), required: true,
			})
			use.readers = append(use.readers, Reader{Component: c.Name, Source: argument.Source})
		}
	}
	return uses
}

// etcKubernetes lists the files of /etc/kubernetes that may be kubeconfigs.
func (d *discovery) etcKubernetes() []string {
	const dir = "/etc/kubernetes"
	names, err := d.names(dir)
	if err != nil && !isAbsent(err) {
		d.cannotRead("", Source{File: dir}, err)
	}
	var files []string
	for _, name := range names {
		if !strings.HasPrefix(name, ".") {
			files = append(files, path.Join(dir, name))
		}
	}
	return files
}

// kubeconfig adds what one file gave. One that nobody named may well be something else.
func (d *discovery) kubeconfig(use *kubeconfigUse, f parsedFile[parsedKubeconfig]) {
	switch _, isOther := errors.AsType[otherContentError](f.fault); {
	case f.err != nil:
		if use.required || d.isWorthReporting(use.path, f.err) {
			d.eachReader(use, func(component string, source Source) { d.cannotRead(component, source, f.err) })
		}
		return
	case f.fault != nil:
		if use.required || !isOther && looksLikeKubeconfig(use.path, f.data) {
			d.eachReader(use, func(component string, source Source) {
				d.cannotUse(component, source, use.path, f.fault.Error(), Whole)
			})
		}
		return
	}
	for _, note := range f.content.notes {
		d.eachReader(use, func(component string, source Source) { d.cannotUse(component, source, use.path, note, Part) })
	}
	locate := use.locate
	if locate == nil {
		locate = locator(&Component{}, use.path)
	}
	result := f.content.kubeconfig(use.path, locate)
	result.Readers, result.For = use.readers, use.audience
	if result.For == AdmissionWebhooks {
		result.Clusters = nil
		for i := range result.Users {
			result.Users[i].Current = true
		}
	}
	d.addKubeconfig(result)
}

// eachReader calls f once for each component that reads a kubeconfig, or for
// none where nobody is known to.
func (d *discovery) eachReader(use *kubeconfigUse, f func(component string, source Source)) {
	seen := map[string]bool{}
	for _, r := range use.readers {
		if !seen[r.Component] {
			f(r.Component, r.Source)
		}
		seen[r.Component] = true
	}
	if len(use.readers) == 0 {
		f("", Source{File: use.path})
	}
}

// isWorthReporting reports whether a file that nobody named and that cannot be
// read should be mentioned: folders are no kubeconfigs.
func (d *discovery) isWorthReporting(file string, err error) bool {
	return hasKubeconfigName(file) && !isAbsent(err) && !d.isFolder(file)
}

func hasKubeconfigName(file string) bool {
	return file == "/root/.kube/config" || slices.Contains([]string{".conf", ".kubeconfig"}, path.Ext(file))
}

// looksLikeKubeconfig tells a damaged kubeconfig from a file of another format,
// such as the INI file that a cloud provider reads.
func looksLikeKubeconfig(file string, data []byte) bool {
	for line := range bytes.Lines(data) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' && line[0] != ';' {
			return hasKubeconfigName(file) && line[0] != '['
		}
	}
	return hasKubeconfigName(file)
}
