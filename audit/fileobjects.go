package audit

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// fileObjects returns the files that references name, and the folders above them.
func (a *auditor) fileObjects() []*object {
	var all []*object
	seen := map[string]bool{}
	for _, r := range a.refs {
		key := fmt.Sprint(r.location.Path, "\x00", r.field, "\x00", r.part, "\x00", r.location.Elsewhere)
		if seen[key] {
			continue
		}
		seen[key] = true
		all = append(all, a.fileObject(r))
	}
	return append(all, a.folderObjects()...)
}

func (a *auditor) fileObject(r *reference) *object {
	f := &rules.File{Row: r.row, Key: r.part == keyPart, Embedded: r.field}
	o := &object{
		subject: rules.Subject{
			Place: rules.Place{Component: r.component, Path: r.location.Path, Source: rules.Source(r.source)}, File: f,
		},
		files: []string{r.location.Path}, idle: r.idle,
	}
	switch {
	case r.location.Elsewhere != "":
		f.Unverifiable = "the file is " + r.location.Elsewhere
	case r.unusable != "":
		f.Unreadable = "the field cannot be decoded: " + r.unusable
	default:
		a.describeFile(f, r, o)
	}
	return o
}

// describeFile fills in what is to be judged of a file that was to be read.
func (a *auditor) describeFile(f *rules.File, r *reference, o *object) {
	if r.field == "" {
		// The mode of a FIFO or a folder says nothing of a key that is not there.
		a.permissions(f, r.location.Path, r.file.info, r.file.known && r.file.info.Mode.IsRegular())
	}
	f.Private = r.part == keyPart || isPrivate(r.file.content)
	f.Unreadable, f.Hint = a.failure(r)
	if r.file.failure != nil {
		f.Denied, f.TimedOut = r.file.failure.Reason == hostfs.PermissionDenied, r.file.failure.Reason == hostfs.TimedOut
	}
	if f.Unreadable == "" {
		f.Partial, f.Refused = a.partial(r)
	}
	if e := a.entryOf(r); e != nil && r.part == certificatePart {
		f.Role, f.Certificates = e.leaf().Role, e.certificates
		for i := range e.statuses {
			o.statuses = append(o.statuses, &e.statuses[i])
		}
		if k := a.firstKey(r.partner); k != nil {
			f.Paired = k.Public
			o.files = append(o.files, k.Path)
		}
	}
	for _, e := range a.keys {
		if slices.Contains(e.refs, r) {
			o.statuses = append(o.statuses, &e.status)
		}
	}
}

// isPrivate reports whether a file holds a private key, be it a damaged one.
func isPrivate(c content) bool {
	return slices.ContainsFunc(c.keys, func(k keyBlock) bool { return k.private }) ||
		slices.ContainsFunc(c.faults, func(f blockFault) bool { return strings.HasSuffix(f.label, "PRIVATE KEY") })
}

// permissions fills in mode and owner. What belongs to the owner of the root
// folder may do so: a copy of a node that an ordinary user made is all theirs.
func (a *auditor) permissions(f *rules.File, path string, info hostfs.Info, known bool) {
	f.Known, f.UID, f.GID = known, info.UID, info.GID
	f.Mode = modeBits(info.Mode)
	f.UIDs, f.GIDs = append(f.UIDs, a.files.root.UID), append(f.GIDs, a.files.root.GID)
	f.UIDs, f.GIDs = appendIDs(f.UIDs, a.node.UIDs), appendIDs(f.GIDs, a.node.GIDs)
	for _, r := range a.refs {
		for _, c := range a.node.Find(r.component) {
			if r.location.Path == path {
				f.UIDs, f.GIDs = appendIDs(f.UIDs, c.UIDs), appendIDs(f.GIDs, c.GIDs)
			}
		}
	}
}

// modeBits returns the permission bits of a mode, with the sticky bit as chmod
// writes it.
func modeBits(mode fs.FileMode) uint32 {
	bits := uint32(mode.Perm())
	if mode&fs.ModeSticky != 0 {
		bits |= 0o1000
	}
	return bits
}

func appendIDs(ids []uint32, more []int64) []uint32 {
	for _, id := range more {
		ids = append(ids, uint32(id))
	}
	return ids
}

// failure says why a file gave not what it was named for; empty where it did.
func (a *auditor) failure(r *reference) (reason, hint string) {
	l := r.file
	switch {
	case l.failure != nil && a.isRotationFault(r):
		return "", ""
	case l.failure != nil:
		return failureText(l.failure), ""
	case l.content.problem != "":
		return "the file " + l.content.problem, l.content.hint
	}
	hasPrivate := slices.ContainsFunc(l.content.keys, func(k keyBlock) bool { return k.private })
	switch {
	case r.part == certificatePart && len(l.content.certificates) == 0:
		return "the file holds no certificate" + instead(l.content), ""
	case r.part == keyPart && !hasPrivate:
		return "the file holds no private key" + instead(l.content), ""
	case r.part == verificationPart && len(l.content.keys)+len(l.content.certificates) == 0:
		return "the file holds no key" + instead(l.content), ""
	}
	if why, all := passedOver(r); all {
		return "the file holds no certificate that can be used: " + why, "openssl x509 -in FILE -out FILE.pem"
	}
	for _, k := range usableKeys(r) {
		if r.part != certificatePart && k.Fault != "" && !k.Encrypted {
			return "the key cannot be used: " + k.Fault, ""
		}
	}
	return "", ""
}

// instead names what a file holds in place of what it was named for.
func instead(c content) string {
	switch {
	case len(c.certificates) > 0:
		return ", but a certificate: were the two files switched?"
	case len(c.keys) > 0 && c.keys[0].private:
		return ", but a private key: were the two files switched?"
	case len(c.keys) > 0:
		return ", but a public key"
	case len(c.faults) > 0:
		return fmt.Sprintf(" that can be used: line %d: %s", c.faults[0].line, c.faults[0].reason)
	}
	return ""
}

func failureText(e *hostfs.Error) string {
	text := "the file cannot be read: " + string(e.Reason)
	if e.Reason == hostfs.NotExist {
		text = "the file does not exist"
	}
	if e.Detail != "" {
		text += " (" + e.Detail + ")"
	}
	return text
}

// folderObjects returns the folders above all files that are judged, each once.
func (a *auditor) folderObjects() []*object {
	var all []*object
	seen := map[string]bool{}
	add := func(component, file string, source rules.Source) {
		for _, dir := range folders(file) {
			if seen[dir] {
				return
			}
			seen[dir] = true
			info, err := a.files.stat(dir)
			if err != nil {
				continue
			}
			f := &rules.File{Folder: true}
			a.permissions(f, dir, info, true)
			all = append(all, &object{subject: rules.Subject{Place: rules.Place{Component: component, Path: dir, Source: source}, File: f}})
		}
	}
	for _, r := range a.refs {
		if r.location.Elsewhere == "" {
			add(r.component, r.location.Path, rules.Source(r.source))
		}
	}
	for _, f := range a.settingsFiles() {
		add(f.component, f.path, rules.Source{File: f.path})
	}
	return all
}

// configurationFiles returns the manifests and kubeconfigs, and what of them
// could not be read or understood.
func (a *auditor) configurationFiles() []*object {
	var all []*object
	add := func(component, path string, private bool) {
		info, err := a.files.stat(path)
		if err != nil || !info.Mode.IsRegular() {
			return
		}
		f := &rules.File{Private: private}
		a.permissions(f, path, info, true)
		all = append(all, &object{
			subject:  rules.Subject{Place: rules.Place{Component: component, Path: path, Source: rules.Source{File: path}}, File: f},
			statuses: a.statusesAt(path),
		})
	}
	for _, f := range a.settingsFiles() {
		add(f.component, f.path, f.private)
	}
	for i := range a.node.Kubeconfigs {
		k := &a.node.Kubeconfigs[i]
		add(a.kubeconfigUser(k), k.Path, holdsCredentials(k))
	}
	for _, u := range a.node.Unreadable {
		all = append(all, leftOut(u))
	}
	return all
}

// settingsFile is a file that decides what a component does.
type settingsFile struct {
	component, path string
	private         bool
}

// settingsFiles returns the files that components take their settings from, each
// once, and those that hold secrets other than certificates' keys.
func (a *auditor) settingsFiles() []settingsFile {
	var all []settingsFile
	add := func(f settingsFile) {
		if !slices.ContainsFunc(all, func(o settingsFile) bool { return o.path == f.path }) {
			all = append(all, f)
		}
	}
	for i := range a.node.Components {
		c := &a.node.Components[i]
		add(settingsFile{c.Name, c.Source.File, false})
		for _, argument := range c.Arguments {
			if argument.Source.Line > 0 {
				add(settingsFile{c.Name, argument.Source.File, false})
			}
		}
		for _, name := range []string{"encryption-provider-config", "token-auth-file"} {
			if argument, ok := c.Last(name); ok && argument.Value != "" {
				if location := c.HostPath(argument.Value); location.Elsewhere == "" {
					add(settingsFile{c.Name, location.Path, true})
				}
			}
		}
	}
	return all
}

// statusesAt returns the statuses of the keys that a kubeconfig holds.
func (a *auditor) statusesAt(path string) []*rules.Status {
	var all []*rules.Status
	for _, e := range a.keys {
		if e.file.path == path && e.refs[0].field != "" {
			all = append(all, &e.status)
		}
	}
	return all
}

// holdsCredentials reports whether reading a kubeconfig is enough to act as its user.
func holdsCredentials(k *manifests.Kubeconfig) bool {
	return slices.ContainsFunc(k.Users, func(u manifests.User) bool {
		return len(u.Key.Data) > 0 || u.Other != "" && u.Other != "exec" && u.Other != "tokenFile"
	})
}

// leftOut makes an object of a configuration file that was not taken into account.
func leftOut(u manifests.Unreadable) *object {
	f := &rules.File{Denied: u.Reason == hostfs.PermissionDenied, TimedOut: u.Reason == hostfs.TimedOut}
	detail := u.Detail
	if u.Reason != "" {
		detail = failureText(&hostfs.Error{Reason: u.Reason, Detail: u.Detail})
	}
	switch u.Extent {
	case manifests.Whole:
		f.Unreadable = detail
		if u.Reason == "" {
			f.Unreadable = "the file cannot be used: " + detail
		}
	case manifests.Part:
		f.Partial = detail
	case manifests.Unread, manifests.Open:
		f.Unverifiable = detail
	}
	return &object{
		subject: rules.Subject{Place: rules.Place{Component: u.Component, Path: u.Path, Source: rules.Source(u.Source)}, File: f},
		files:   []string{u.Path},
	}
}
