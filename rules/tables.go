package rules

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

//go:embed requirements.yaml
var builtinRequirements string

//go:embed connections.yaml
var builtinConnections string

// Tables are the two tables that a node is held against.
type Tables struct {
	Source       string          `json:"source,omitempty"`     // the page that the rows follow
	Kubernetes   string          `json:"kubernetes,omitempty"` // the version that it was compared with
	Compared     string          `json:"compared,omitempty"`   // the day of the comparison
	Requirements []Requirement   `json:"requirements,omitempty"`
	Connections  []ConnectionRow `json:"connections,omitempty"`
}

// Requirement is what must hold for one certificate, or pair of keys.
type Requirement struct {
	Name          string        `json:"name"`
	Type          string        `json:"type"`                // in the words of the health-check sheet
	Component     string        `json:"component,omitempty"` // who uses it where no argument tells
	CommonNames   []string      `json:"commonNames,omitempty"`
	Identity      bool          `json:"identity,omitempty"`
	Organizations []string      `json:"organizations,omitempty"`
	AllowedGroups []string      `json:"allowedGroups,omitempty"`
	Kinds         []string      `json:"kinds,omitempty"`
	Hosts         []string      `json:"hosts,omitempty"`
	Parent        string        `json:"parent,omitempty"`
	Named         []Named       `json:"named,omitempty"`
	Path          Paths         `json:"path,omitzero"`
	Default       Paths         `json:"default,omitzero"`
	Kubeconfig    KubeconfigUse `json:"kubeconfig,omitzero"`
	When          Condition     `json:"when,omitzero"`
	Rotated       string        `json:"rotated,omitempty"` // the kubelet's argument that makes it renew the certificate itself
	Kubeadm       string        `json:"kubeadm,omitempty"`
}

// Named is a component and the arguments that tell it the files of a row.
type Named struct {
	Component       string `json:"component"`
	Certificate     string `json:"certificate,omitempty"`
	Key             string `json:"key,omitempty"`
	Pair            string `json:"pair,omitempty"`            // takes CERTIFICATE,KEY[:NAME,…]
	VerificationKey string `json:"verificationKey,omitempty"` // of service-account tokens
}

// Paths are the recommended places of the files of a row.
type Paths struct {
	Certificate     string `json:"certificate,omitempty"`
	Key             string `json:"key,omitempty"`
	VerificationKey string `json:"verificationKey,omitempty"`
}

func (p Paths) all() []string { return []string{p.Certificate, p.Key, p.VerificationKey} }

// KubeconfigUse tells the kubeconfigs whose current user a row is about: those
// that a component reads, and those at a path.
type KubeconfigUse struct {
	Readers []string `json:"readers,omitempty"`
	Paths   []string `json:"paths,omitempty"`
}

// Condition is a boolean argument of the row's component and the value at which the row is in force.
type Condition struct {
	Argument string `json:"argument"`
	Value    string `json:"value"`
}

// ConnectionRow is one kind of connection of the control plane.
type ConnectionRow struct {
	Name       string   `json:"name"`
	Usage      string   `json:"usage"`
	Presenters []string `json:"presenters"`
	Verifier   Verifier `json:"verifier"`
	Names      string   `json:"names,omitempty"`
	Allowed    string   `json:"allowed,omitempty"`
	Unless     string   `json:"unless,omitempty"`
	Strict     bool     `json:"strict,omitempty"`
}

// Verifier is who decides on a connection: a component with the CA file that an
// argument names, or whoever uses a kubeconfig.
type Verifier struct {
	Component  string `json:"component,omitempty"`
	CA         string `json:"ca,omitempty"`
	Kubeconfig bool   `json:"kubeconfig,omitempty"`
}

// The kinds of use of a certificate.
const (
	KindCA     = "ca"
	KindServer = "server"
	KindClient = "client"
)

// The places that the dialled names of a connection come from.
const (
	NamesEtcdServers      = "etcd-servers"
	NamesEtcdPeerURLs     = "etcd-peer-urls"
	NamesKubeconfigServer = "kubeconfig-server"
	NamesServiceIP        = "service-ip"
	NamesKubelet          = "kubelet-addresses"
)

// Builtin returns the tables of this release. They are parts of the program: an
// error is a fault of the program, which its tests find.
func Builtin() (Tables, error) {
	tables, err := parse("requirements.yaml", builtinRequirements)
	if err != nil {
		return Tables{}, err
	}
	connections, err := parse("connections.yaml", builtinConnections)
	if err != nil {
		return Tables{}, err
	}
	tables.Connections = connections.Connections
	return tables, tables.validate()
}

// With returns the tables with the rows of a file in the same form added. A row
// of a known name replaces that row whole. All faults of the file are reported
// at once; name is for them.
func (t Tables) With(name, text string) (Tables, error) {
	more, err := parse(name, text)
	if err != nil {
		return Tables{}, err
	}
	t.Requirements = merge(t.Requirements, more.Requirements, func(r Requirement) string { return r.Name })
	t.Connections = merge(t.Connections, more.Connections, func(c ConnectionRow) string { return c.Name })
	if err := t.validate(); err != nil {
		return Tables{}, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

// merge replaces the rows of a known name, and appends the others.
func merge[T any](rows, more []T, name func(T) string) []T {
	merged := slices.Clone(rows)
	for _, row := range more {
		i := slices.IndexFunc(merged, func(r T) bool { return name(r) == name(row) })
		if i < 0 {
			merged = append(merged, row)
			continue
		}
		merged[i] = row
	}
	return merged
}

// parse decodes a table strictly: an unknown key, a key given twice and a second
// document are errors.
func parse(name, text string) (Tables, error) {
	var t Tables
	for line := range strings.Lines(text) {
		if strings.TrimRight(line, " \r\n") == "---" && strings.TrimSpace(text[:strings.Index(text, line)]) != "" {
			return t, fmt.Errorf("%s: holds more than one YAML document", name)
		}
	}
	if err := yaml.UnmarshalStrict([]byte(text), &t); err != nil {
		text := strings.TrimPrefix(err.Error(), "error unmarshaling JSON: while decoding JSON: ")
		return t, fmt.Errorf("%s: %s", name, strings.TrimPrefix(text, "json: "))
	}
	return t, nil
}

// Requirement returns the row of that name, nil where there is none.
func (t *Tables) Requirement(name string) *Requirement {
	for i := range t.Requirements {
		if t.Requirements[i].Name == name {
			return &t.Requirements[i]
		}
	}
	return nil
}

// Is reports whether certificates of the row are used as the given kind.
func (r *Requirement) Is(kind string) bool { return slices.Contains(r.Kinds, kind) }
