package corpus

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/report"
	"kube-cert-audit/rules"
)

// file is the one file of a node that changes. Links lead to it from wherever it
// is to be found, so that it is written once.
const file = "/file"

// part is one kind of file that an audit reads.
type part struct {
	name, path string
	material   bool // certificates and keys, which a report lists
}

// material returns the parts of files with certificates and keys, and
// configuration those of files that say where these are.
func material() []part {
	return []part{
		{"certificate", "/etc/kubernetes/pki/x.crt", true},
		{"CA", "/etc/kubernetes/pki/ca.crt", true},
		{"key", "/etc/kubernetes/pki/x.key", true},
		{"token key", "/etc/kubernetes/pki/sa.pub", true},
	}
}

func configuration() []part {
	return []part{
		{"kubeconfig", "/etc/kubernetes/scheduler.conf", false},
		{"manifest", "/etc/kubernetes/manifests/x", false},
		{"kubelet", "/var/lib/kubelet/config.yaml", false},
		{"flags", "/etc/default/kubelet", false},
	}
}

const (
	apiserver = `{"kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"command": ["kube-apiserver",
"--tls-cert-file=/etc/kubernetes/pki/x.crt", "--tls-private-key-file=/etc/kubernetes/pki/x.key", "--client-ca-file=/etc/kubernetes/pki/ca.crt",
"--service-account-key-file=/etc/kubernetes/pki/sa.pub"], "volumeMounts": [{"name": "v", "mountPath": "/etc"}]}],
"volumes": [{"name": "v", "hostPath": {"path": "/etc"}}]}}`
	scheduler = `{"kind": "Pod", "metadata": {"name": "s"}, "spec": {"containers": [{"command": ["kube-scheduler",
"--kubeconfig=/etc/kubernetes/scheduler.conf"], "volumeMounts": [{"name": "v", "mountPath": "/etc"}]}],
"volumes": [{"name": "v", "hostPath": {"path": "/etc"}}]}}`
)

// node is a small node of which one file stands for many.
type node struct {
	root    string
	fsys    *hostfs.FS
	options audit.Options
	parts   []part
	turn    int // of the formats
}

func newNode(t *testing.T, parts []part) *node {
	t.Helper()
	tree := &pkitest.Tree{Files: map[string]*pkitest.File{
		"/etc/kubernetes/manifests/kube-apiserver": {Data: []byte(apiserver), Mode: 0o600},
		"/etc/kubernetes/manifests/kube-scheduler": {Data: []byte(scheduler), Mode: 0o600},
		"/var/lib/kubelet/kubeadm-flags.env":       {Data: []byte("A=b\n"), Mode: 0o600},
		file:                                       {Data: []byte("x"), Mode: 0o600},
	}}
	for _, p := range parts {
		tree.Files[p.path] = &pkitest.File{Link: file}
	}
	n := &node{parts: parts, root: filepath.Join(folder(t), "node")}
	if err := tree.Write(n.root); err != nil {
		t.Fatal(err)
	}
	fsys, err := hostfs.New(n.root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fsys.Close() })
	n.fsys = fsys
	n.options = audit.Options{
		Root: "/", At: time.Date(2026, 12, 15, 0, 0, 0, 0, time.UTC), Limits: rules.DefaultLimits(), Tables: rules.Builtin(), Checks: rules.Checks(),
	}
	return n
}

// folder returns a new folder, in memory where that is possible.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "kube-cert-audit-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// outcome is what came of a file.
type outcome struct {
	parts  map[string]string // what became of it in each part
	faults []string
	panics int
	took   time.Duration
	work   time.Duration // of all processors, on this and whatever else is replayed meanwhile
}

// replay audits nodes with another content of their file.
func replay(nodes []*node, data []byte) (outcome, error) {
	o := outcome{parts: map[string]string{}}
	for _, n := range nodes {
		if err := os.Remove(n.root + file); err != nil {
			return o, err
		}
		if err := os.WriteFile(n.root+file, data, 0o600); err != nil {
			return o, err
		}
		if r := n.audit(&o); r != nil {
			o.judge(r, n.parts)
		}
	}
	return o, nil
}

// audit runs an audit and writes its report as JSON, which is what is timed, and
// in one more format each time.
func (n *node) audit(o *outcome) (r *audit.Report) {
	defer func() {
		if p := recover(); p != nil {
			o.panics++
			o.faults = append(o.faults, fmt.Sprintf("panic: %v", p))
		}
	}()
	start, before := time.Now(), worked()
	r = audit.Run(context.Background(), n.fsys, n.options)
	o.write(r, "json")
	o.took, o.work = max(o.took, time.Since(start)), max(o.work, worked()-before)
	formats := report.Formats()
	n.turn++
	o.write(r, formats[n.turn%len(formats)].Name)
	return r
}

// write writes a report, which must hold nothing that is not to be seen.
func (o *outcome) write(r *audit.Report, format string) {
	f, err := report.Lookup(format)
	if err != nil {
		o.faults = append(o.faults, err.Error())
		return
	}
	var b strings.Builder
	if err := f.Write(&b, r, report.Options{Width: 100}); err != nil {
		o.faults = append(o.faults, err.Error())
	}
	if text := b.String(); display.Lines(text) != text {
		o.faults = append(o.faults, "hidden characters in the format "+format)
	}
}

// judge finds out what became of the file in each part.
func (o *outcome) judge(r *audit.Report, parts []part) {
	listed, found := map[string]int{}, map[string][]audit.Finding{}
	for _, c := range r.Certificates {
		listed[c.Path]++
	}
	for _, k := range r.Keys {
		listed[k.Path]++
	}
	for _, f := range r.Findings {
		found[f.Path] = append(found[f.Path], f)
		if strings.Contains(f.Message, "failed on") {
			o.panics++
			o.faults = append(o.faults, f.Check+": "+f.Message)
		}
	}
	for _, p := range parts {
		o.parts[p.name] = o.part(p, listed[p.path], found[p.path])
	}
	if c := r.Coverage; c.Examined+c.Unreadable+c.Unverifiable != c.References {
		o.faults = append(o.faults, fmt.Sprintf("%+v do not add up", c))
	}
}

// part returns the one outcome of a file in a part: it was read, wholly or partly,
// or it was refused.
func (o *outcome) part(p part, listed int, findings []audit.Finding) string {
	refusals := 0
	for _, f := range findings {
		if f.Check == "unreadable" || f.Check == "key-encrypted" {
			refusals++
		}
	}
	switch {
	case p.material && listed == 0 && refusals == 0:
		o.faults = append(o.faults, fmt.Sprintf("the file was lost as %s: %d findings", p.name, len(findings)))
		return "lost"
	case listed > 0 && refusals > 0:
		return "partly"
	case refusals > 0:
		return "refused"
	}
	return "read"
}
