package diff

import (
	"slices"
	"strings"

	"kube-cert-audit/audit"
)

// places tells under which paths the files of the older report are found in the newer
// one: a file that was moved is the same file, and so is one in the next revision of a
// static pod.
type places map[string]string

// findPlaces finds the files of the older report that lie elsewhere now: those of which
// the path is named no more, where a path that was not named holds the same certificates
// and keys.
func findPlaces(older, newer *audit.Report) places {
	before, after := contents(older), contents(newer)
	free := map[string][]string{} // new paths, by what they hold
	for _, f := range after.files {
		if !before.named[f] {
			id := after.id(f)
			free[id] = append(free[id], f)
		}
	}
	p := places{}
	for _, f := range before.files {
		if after.named[f] {
			continue
		}
		if id := before.id(f); len(free[id]) > 0 {
			p[f], free[id] = free[id][0], free[id][1:]
		}
	}
	return p
}

// of returns what a path of the older report is known by.
func (p places) of(path string) string {
	path = place(path)
	if now, ok := p[path]; ok {
		return now
	}
	return path
}

// place returns what a path is known by: itself, without the number in which a static
// pod of OpenShift differs from the one before, as static-pod-resources/NAME-pod-7.
func place(path string) string {
	const folder = "/static-pod-resources/"
	above, rest, found := strings.Cut(path, folder)
	if !found {
		return path
	}
	pod, below, _ := strings.Cut(rest, "/")
	name, number, found := strings.Cut(pod, "-pod-")
	if !found || strings.Trim(number, "0123456789") != "" {
		return path
	}
	return above + folder + name + "-pod-N/" + below
}

// content is what the files of a report hold.
type content struct {
	files []string            // in the order of the report
	of    map[string][]string // the digests of the certificates and keys in each
	named map[string]bool     // all paths in the report, also of what could not be read
}

func contents(r *audit.Report) content {
	c := content{of: make(map[string][]string, len(r.Certificates)), named: make(map[string]bool, len(r.Certificates))}
	name := func(paths ...string) {
		for _, path := range paths {
			c.named[place(path)] = true
		}
	}
	add := func(path string, digest ...string) {
		path = place(path)
		if c.of[path] == nil {
			c.files = append(c.files, path)
			name(path)
		}
		c.of[path] = append(c.of[path], key(digest...))
	}
	for i := range r.Certificates {
		add(r.Certificates[i].Path, r.Certificates[i].FingerprintSHA256)
	}
	for i := range r.Keys {
		digest := r.Keys[i].PublicKeySHA256
		if digest == "" { // any key may be another one
			digest = r.Keys[i].Path
		}
		add(r.Keys[i].Path, r.Keys[i].Type, digest)
		name(r.Keys[i].Certificate)
	}
	for i := range r.Requests {
		name(r.Requests[i].Path)
	}
	for _, s := range statedFindings(r) {
		name(s.finding.Path, s.finding.Source.File)
	}
	for i := range r.Connections {
		name(r.Connections[i].Presenter.Path, r.Connections[i].Verifier.Path)
	}
	return c
}

// id identifies what a file holds, however many components use it.
func (c content) id(file string) string {
	all := slices.Clone(c.of[file])
	slices.Sort(all)
	return key(slices.Compact(all)...)
}
