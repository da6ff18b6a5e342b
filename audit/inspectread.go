package audit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// reader reads and decodes files one after the other; several work at once.
type reader struct {
	bench
	fsys   *hostfs.FS
	*batch // that it adds to
	intern *interner
	each   func(certificateBlock) // unless nil, sees each certificate before it is reduced
}

// opened is a file on its way through a reader.
type opened struct {
	target
	info    hostfs.Info
	private bool // it holds a private key or another credential
	faults  []materialFault
	notes   []string // what is no fault: how it was decoded all the same
	passed  bool     // it holds something else, and nobody asked for it by name
	several bool     // certificates, keys and requests: they are told apart by their lines

	// What the batch had before: all behind that is of this file.
	certificates, requests, keys int
}

// materialFault says what of a file cannot be used.
type materialFault struct {
	text, hint string
	partial    bool          // the rest of the file can be used
	reason     hostfs.Reason // empty where the file was read
	entry      string        // of the object, which alone it concerns; empty where it concerns the file
	source     Source
}

func newReader(i *inspection, fsys *hostfs.FS, in *interner) *reader {
	return &reader{bench: i.newBench(), fsys: fsys, batch: newBatch(), intern: in}
}

// read reads one file.
func (r *reader) read(t target) {
	o := &opened{
		target: t, certificates: len(r.batch.certificates), requests: len(r.batch.requests), keys: len(r.batch.keys),
	}
	var file *hostfs.File
	if o.failure == nil {
		var err error
		file, err = t.open(r.fsys)
		o.failure, _ = errors.AsType[*hostfs.Error](err)
	}
	r.batch.states = append(r.batch.states, r.digests.ofOutcome(file, o.failure))
	if o.failure == nil {
		o.info = file.Info
		r.decode(o, file.Data)
	} else {
		o.notRead()
	}
	r.conclude(o)
}

// open reads the file.
func (t target) open(fsys *hostfs.FS) (*hostfs.File, error) {
	if t.input != nil {
		return t.input, nil
	}
	if t.listed {
		return fsys.ReadListed(t.path, maxFile)
	}
	return fsys.ReadFile(t.path, maxFile)
}

// decode decodes what a file holds: an object of Kubernetes, else PEM or DER.
func (r *reader) decode(o *opened, data []byte) {
	switch {
	case isKubeconfig(data) && r.kubeconfig(o, data):
	case isSigningRequest(data) && r.signingRequests(o, data):
	default:
		r.material(o, data)
	}
}

// notRead says why there is nothing to be decoded. What cannot even be looked at
// may be anything; of the rest, what is found in a folder concerns an inspection
// only if its name says so.
func (o *opened) notRead() {
	e := o.failure
	fault := materialFault{text: failureText(e), reason: e.Reason}
	switch {
	case o.path == StandardInput:
		fault.text = strings.Replace(fault.text, "the file", "the standard input", 1)
	case o.folder:
		fault.text = strings.Replace(fault.text, "the file", "the folder", 1)
		if e.Reason == hostfs.TooLarge {
			fault.text = "the folder was not examined whole: " + e.Detail
		}
	}
	o.faults = append(o.faults, fault)
	switch e.Reason {
	case hostfs.NotExist: // removed since the folder was listed
		o.passed = !o.named
	case hostfs.DanglingLink, hostfs.LinkLoop, hostfs.NotRegular, hostfs.NotDirectory, hostfs.Empty, hostfs.TooLarge:
		o.passed = !o.named && !o.folder && !soundsLikeMaterial(o.path)
	}
}

// conclude counts a file and judges it as such.
func (r *reader) conclude(o *opened) {
	if o.passed {
		return
	}
	r.batch.coverage.References++
	if isLost := func(f materialFault) bool { return !f.partial }; slices.ContainsFunc(o.faults, isLost) {
		r.batch.coverage.Unreadable++
	} else {
		r.batch.coverage.Examined++
	}
	f := &rules.File{Private: o.private, Known: o.private, UID: o.info.UID, GID: o.info.GID, Mode: modeBits(o.info.Mode)}
	f.UIDs = []uint32{o.info.UID} // whoever has a file may have it for themselves
	if o.info.GID == o.info.UID {
		f.GIDs = []uint32{o.info.GID} // the group of one user
	}
	at := rules.Place{Path: o.path, Source: rules.Source{File: o.path}}
	r.apply("file-permissions", &rules.Subject{Place: at, File: f}, func(rank int, p rules.Problem) {
		r.batch.found = append(r.batch.found, r.finding(rank, p, at))
		worsen(r.batch.keys[o.keys:], p.Severity, func(k *Key) *rules.Status { return &k.Status })
	})
	for _, fault := range o.faults {
		r.unreadable(o, fault)
	}
	for _, note := range o.notes {
		r.note(o, note)
	}
}

// unreadable reports what of a file cannot be used.
func (r *reader) unreadable(o *opened, fault materialFault) {
	f := &rules.File{
		Denied: fault.reason == hostfs.PermissionDenied, TimedOut: fault.reason == hostfs.TimedOut, Hint: fault.hint,
	}
	if fault.partial {
		f.Partial = fault.text
	} else {
		f.Unreadable = fault.text
	}
	r.batch.coverage.count(fault.reason)
	at := rules.Place{Path: o.path, Source: rules.Source(fault.source)}
	if at.Source.File == "" {
		at.Source.File = o.path
	}
	r.apply("unreadable", &rules.Subject{Place: at, File: f}, func(rank int, p rules.Problem) {
		switch {
		case o.path == StandardInput:
			p.Fix = rules.ByHand("# look at what the command before the pipe prints")
		case f.Denied:
			p.Fix = rules.ByHand("# run it as root: sudo kube-cert-audit inspect PATH")
		}
		r.batch.found = append(r.batch.found, r.finding(rank, p, at))
		r.concern(o, fault.entry, p.Severity)
	})
}

// concern makes the statuses of what a file holds, or one entry in it, as bad as a finding.
func (r *reader) concern(o *opened, entry string, severity rules.Severity) {
	var elsewhere rules.Status
	of := func(embedded string, status *rules.Status) *rules.Status {
		if entry != "" && embedded != entry {
			return &elsewhere
		}
		return status
	}
	worsen(r.batch.certificates[o.certificates:], severity, func(c *Certificate) *rules.Status { return of(c.Embedded, &c.Status) })
	worsen(r.batch.requests[o.requests:], severity, func(q *Request) *rules.Status { return of(q.Embedded, &q.Status) })
	worsen(r.batch.keys[o.keys:], severity, func(k *Key) *rules.Status { return of(k.Embedded, &k.Status) })
}

// note reports what of a file was decoded although no component would read it.
func (r *reader) note(o *opened, hint string) {
	rank := r.rank("unreadable")
	if rank < 0 {
		return
	}
	p := rules.Problem{
		Severity: rules.Info, Message: "the file is in DER, not in PEM: it was decoded here, but no component of Kubernetes reads it",
		Impact: "none, unless a component is told to use it: it then does not start with it",
		Fix:    rules.ByHand(rules.WithFile(hint, o.path)),
	}
	r.batch.found = append(r.batch.found, r.finding(rank, p, rules.Place{Path: o.path, Source: rules.Source{File: o.path}}))
	r.concern(o, "", rules.Info)
}

// worsen makes the statuses of rows as bad as a finding.
func worsen[T any](rows []T, severity rules.Severity, status func(*T) *rules.Status) {
	for n := range rows {
		s := status(&rows[n])
		*s = s.Worse(severity)
	}
}

// fault records what of a file cannot be used.
func (o *opened) fault(text, hint string) {
	o.faults = append(o.faults, materialFault{text: text, hint: hint})
}

// kubeconfig decodes a kubeconfig, and reports whether the file is one.
func (r *reader) kubeconfig(o *opened, data []byte) bool {
	k, notes, err := manifests.ParseKubeconfig(o.path, data)
	switch {
	case manifests.IsOtherContent(err), err != nil && !o.named && !calledKubeconfig(o.path, data):
		return false
	case err != nil:
		o.fault("the file cannot be used as a kubeconfig: "+err.Error(), "")
		return true
	}
	for _, note := range notes {
		o.faults = append(o.faults, materialFault{text: note, partial: true})
	}
	o.private = holdsCredentials(&k)
	for _, c := range k.Clusters {
		r.fields(o, "cluster "+c.Name, c.CA)
	}
	for _, u := range k.Users {
		r.fields(o, "user "+u.Name, u.Certificate, u.Key)
	}
	if nothing := len(r.batch.certificates) == o.certificates && len(r.batch.keys) == o.keys; nothing && o.named && len(o.faults) == 0 {
		o.fault("the kubeconfig holds no certificate and no key"+elsewhere(&k), "")
	}
	return true
}

// elsewhere tells which files a kubeconfig names instead of holding anything.
func elsewhere(k *manifests.Kubeconfig) string {
	var files []string
	add := func(m manifests.Material) {
		if p := m.Location.Path; p != "" && !slices.Contains(files, p) {
			files = append(files, p)
		}
	}
	for _, c := range k.Clusters {
		add(c.CA)
	}
	for _, u := range k.Users {
		add(u.Certificate)
		add(u.Key)
	}
	if len(files) == 0 {
		return ""
	}
	return "; it names " + strings.Join(files, ", ")
}

// fields decodes the fields of one entry of an object, which belong together.
func (r *reader) fields(o *opened, entry string, fields ...manifests.Material) {
	var all content
	var requests []requestBlock
	at := places{entry: strings.TrimSpace(entry)}
	for _, m := range fields {
		c, q := decodeField(m.Data)
		for _, text := range faultsOf(m, c) {
			o.faults = append(o.faults, materialFault{text: text, entry: at.entry, source: m.Source})
		}
		if len(c.certificates)+len(q) > 0 {
			at.certificates = m.Source
		}
		if len(c.keys) > 0 {
			at.keys = m.Source
		}
		all.certificates, all.keys = append(all.certificates, c.certificates...), append(all.keys, c.keys...)
		requests = append(requests, q...)
	}
	if len(all.certificates)+len(all.keys)+len(requests) > 0 {
		r.add(o, all, requests, at)
	}
}

func decodeField(data []byte) (content, []requestBlock) {
	if len(data) == 0 {
		return content{}, nil
	}
	return decodeWithRequests(data)
}

// faultsOf says what is wrong with a field, of which c is the content.
func faultsOf(m manifests.Material, c content) []string {
	var faults []string
	field := m.Source.Argument
	if m.Unusable != "" {
		faults = append(faults, fmt.Sprintf("%s cannot be decoded: %s", field, m.Unusable))
	}
	if c.problem != "" {
		faults = append(faults, field+" "+c.problem)
	}
	if text := unusable(c); text != "" {
		faults = append(faults, field+": "+text)
	}
	return faults
}

// signingRequests decodes objects of Kubernetes, and reports whether the file
// holds some.
func (r *reader) signingRequests(o *opened, data []byte) bool {
	all, err := manifests.ParseSigningRequests(o.path, data)
	switch {
	case manifests.IsOtherContent(err), err != nil && !o.named:
		return false
	case err != nil:
		o.fault("the file cannot be used: "+err.Error(), "")
		return true
	}
	for _, q := range all {
		n := len(r.batch.requests)
		r.fields(o, "request "+q.Name, q.Request)
		for m := range r.batch.requests[n:] {
			row := &r.batch.requests[n+m]
			row.SignerName, row.Usages = q.Signer, q.Usages
		}
		if len(r.batch.requests) == n && len(o.faults) == 0 {
			o.fault(q.Request.Source.Argument+" holds no certificate request", "")
		}
		r.fields(o, "request "+q.Name, q.Certificate)
	}
	return true
}
