package manifests

import "fmt"

// manifest is what one file of a manifest folder gave.
type manifest struct {
	pod        string // namespace/name; empty where the file defines no pod
	kubeadm    bool
	components []Component
	unreadable []Unreadable
}

// parseManifest reads one file of a manifest folder as the kubelet does: one
// object, in YAML or JSON, whatever the name of the file.
func parseManifest(file string, data []byte) manifest {
	m := manifest{}
	doc, err := parseYAML(data)
	if err != nil {
		m.report(namedIn(file), file, err.Error(), Whole)
		return m
	}
	p, detail := podIn(&doc, file, data)
	if detail != "" {
		m.report(namedIn(file), file, detail, Whole)
	}
	if p != nil {
		m.pod, m.kubeadm = p.fullName(), p.isKubeadm()
		for _, c := range p.Spec.Containers {
			m.addContainer(file, p, c)
		}
	}
	for _, note := range doc.notes() {
		m.report(m.component(file), file, note, Part)
	}
	return m
}

// podIn decodes the pod of a document. Where there is none it says why, unless
// the file has nothing to do with the components.
func podIn(doc *document, file string, data []byte) (*pod, string) {
	switch {
	case doc.root == nil && doc.extra > 0:
		return nil, "the first YAML document is empty, and the kubelet reads no other"
	case doc.root == nil:
		return nil, "holds no object"
	case doc.kind() == "Pod":
		p := new(pod)
		if err := doc.decode(p); err != nil {
			return nil, err.Error()
		}
		return p, ""
	case namedIn(file) == "" && mentioned(string(data)) == "":
		return nil, ""
	case !doc.isObject():
		return nil, "holds no object"
	}
	return nil, fmt.Sprintf("is of kind %.40q; the kubelet takes only a Pod", doc.kind())
}

// addContainer adds the component that a container runs, if it is one.
func (m *manifest) addContainer(file string, p *pod, c podContainer) {
	env := environmentOf(c.Env)
	run := programOf(env.expandAll(c.Command), env.expandAll(c.Args), c.Image, env.values)
	switch {
	case run.component == "":
		return
	case run.shell:
		m.unreadable = append(m.unreadable, Unreadable{
			Component: run.component, Path: file, Source: Source{File: file, Line: run.at.Line},
			Detail: fmt.Sprintf("the container %q starts %s from a shell, whose text is not understood", c.Name.Text, run.component),
			Extent: Unread,
		})
		return
	}
	given, open := parseCommandLine(run.component, file, run.arguments)
	if detail, extent := openArguments(run.component, open); detail != "" {
		m.report(run.component, file, detail, extent)
	}
	uids, gids := owners(p.Spec.SecurityContext, c.SecurityContext)
	arguments := environmentArguments(run.component, file, c.Env, env)
	m.components = append(m.components, Component{
		Name:      run.component,
		Image:     c.Image.Text,
		Source:    Source{File: file, Line: run.at.Line},
		Arguments: append(arguments, given...),
		UIDs:      uids,
		GIDs:      gids,
		container: &container{
			workingDir: c.WorkingDir.Text,
			mounts:     mountsOf(c.VolumeMounts, p.Spec.Volumes, env),
		},
	})
}

// component returns the component that the file is about, as far as known.
func (m *manifest) component(file string) string {
	if len(m.components) > 0 {
		return m.components[0].Name
	}
	return namedIn(file)
}

func (m *manifest) report(component, file, detail string, extent Extent) {
	m.unreadable = append(m.unreadable, Unreadable{
		Component: component, Path: file, Source: Source{File: file}, Detail: detail, Extent: extent,
	})
}
