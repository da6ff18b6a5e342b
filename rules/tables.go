package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Tables are the two tables that a node is held against, and what the user decided
// about the checks.
type Tables struct {
	Source       string          `yaml:"source,omitempty"`     // the page that the rows follow
	Kubernetes   string          `yaml:"kubernetes,omitempty"` // the version that it was compared with
	Compared     string          `yaml:"compared,omitempty"`   // the day of the comparison
	Requirements []Requirement   `yaml:"requirements,omitempty"`
	Connections  []ConnectionRow `yaml:"connections,omitempty"`
	// Severities are those that the user gave to checks: error, warning, info or off.
	Severities map[string]string `yaml:"severities,omitempty"`
	Waivers    []Waiver          `yaml:"waivers,omitempty"`

	Layout  Layout   `yaml:"-"` // that For set
	own     []string // the names of the rows that the user wrote
	allowed []Allow  // beside the rows, by the user; the rows have it, but for those of a layout
}

// Requirement is what must hold for one certificate, or pair of keys.
type Requirement struct {
	Name          string        `yaml:"name"`
	Type          string        `yaml:"type"`                // in the words of the health-check sheet
	Component     string        `yaml:"component,omitempty"` // who uses it where no argument tells
	CommonNames   []string      `yaml:"commonNames,omitempty"`
	Identity      bool          `yaml:"identity,omitempty"`
	Organizations []string      `yaml:"organizations,omitempty"`
	AllowedGroups []string      `yaml:"allowedGroups,omitempty"`
	Kinds         []string      `yaml:"kinds,omitempty"`
	Hosts         []string      `yaml:"hosts,omitempty"`
	Parent        string        `yaml:"parent,omitempty"`
	Named         []Named       `yaml:"named,omitempty"`
	Path          Paths         `yaml:"path,omitempty"`
	Default       Paths         `yaml:"default,omitempty"`
	Kubeconfig    KubeconfigUse `yaml:"kubeconfig,omitempty"`
	When          Condition     `yaml:"when,omitempty"`
	Unless        string        `yaml:"unless,omitempty"`   // the argument that, when it is given, puts the row out of force
	Pinnable      bool          `yaml:"pinnable,omitempty"` // of a CA: the server's own certificate may stand for it
	SelfMade      bool          `yaml:"selfMade,omitempty"` // what lies at the default place the component made itself
	Rotated       string        `yaml:"rotated,omitempty"`  // the kubelet's argument that makes it renew the certificate itself
	Kubeadm       string        `yaml:"kubeadm,omitempty"`
}

// Named is a component and the arguments that tell it the files of a row.
type Named struct {
	Component       string `yaml:"component"`
	Certificate     string `yaml:"certificate,omitempty"`
	Key             string `yaml:"key,omitempty"`
	Pair            string `yaml:"pair,omitempty"`            // takes CERTIFICATE,KEY[:NAME,…]
	VerificationKey string `yaml:"verificationKey,omitempty"` // of service-account tokens
}

// Paths are the recommended places of the files of a row.
type Paths struct {
	Certificate     string `yaml:"certificate,omitempty"`
	Key             string `yaml:"key,omitempty"`
	VerificationKey string `yaml:"verificationKey,omitempty"`
}

func (p Paths) all() []string { return []string{p.Certificate, p.Key, p.VerificationKey} }

// KubeconfigUse tells the kubeconfigs whose current user a row is about: those
// that a component reads, and those at a path.
type KubeconfigUse struct {
	Readers []string `yaml:"readers,omitempty"`
	Paths   []string `yaml:"paths,omitempty"`
	// Webhooks stands for those whose servers are webhooks: for the CA of the row, or
	// its client, as the row is about one or the other.
	Webhooks bool `yaml:"webhooks,omitempty"`
}

func (k KubeconfigUse) isEmpty() bool { return len(k.Readers)+len(k.Paths) == 0 && !k.Webhooks }

// Condition is a boolean argument of the row's component and the value at which the row is in force.
type Condition struct {
	Argument string `yaml:"argument"`
	Value    string `yaml:"value"`
}

// ConnectionRow is one kind of connection of the control plane.
type ConnectionRow struct {
	Name       string   `yaml:"name"`
	Usage      string   `yaml:"usage"`
	Presenters []string `yaml:"presenters"`
	Verifier   Verifier `yaml:"verifier"`
	Names      string   `yaml:"names,omitempty"`
	Allowed    string   `yaml:"allowed,omitempty"`
	Unless     string   `yaml:"unless,omitempty"`
	Strict     string   `yaml:"strict,omitempty"`
	Port       string   `yaml:"port,omitempty"`
}

// Verifier is who decides on a connection: a component with the CA file that an
// argument names, or whoever uses a kubeconfig.
type Verifier struct {
	Component  string `yaml:"component,omitempty"`
	CA         string `yaml:"ca,omitempty"`
	Kubeconfig bool   `yaml:"kubeconfig,omitempty"`
}

// The kinds of use of a certificate.
const (
	KindCA     = "ca"
	KindServer = "server"
	KindClient = "client"
)

// What a strict verifier wants all of its CA file to be. It refuses the whole file
// for one block that is not: the loaders of client-go for a certificate that cannot
// be parsed, that of etcd (client/pkg/tlsutil/tlsutil.go) for any block that is none.
const (
	StrictCertificates = "certificates"
	StrictBlocks       = "blocks"
)

// The ports of kubeconfigs for which a row holds: that of the API server, and any
// other, where something else may answer for it.
const (
	PortOwn   = "own"
	PortOther = "other"
)

// The places that the dialled names of a connection come from.
const (
	NamesEtcdServers      = "etcd-servers"
	NamesEtcdPeerURLs     = "etcd-peer-urls"
	NamesKubeconfigServer = "kubeconfig-server"
	NamesServiceIP        = "service-ip"
	NamesKubelet          = "kubelet-addresses"
	NamesEgress           = "egress-url"
	NamesProxyServer      = "proxy-server-host"
)

// With returns the tables with what a file in the same form adds. A row of a known
// name replaces that row whole; then the rows get what the file allows beside them.
// Severities replace those given to the same checks, and waivers are added. All
// faults of the file are reported at once, one in each line of the error, with the
// name of the file and the line in it.
func (t Tables) With(name, text string) (Tables, error) {
	more, faults, err := parse(text)
	if err != nil {
		return Tables{}, fmt.Errorf("%s: %w", name, err)
	}
	t.Requirements = merge(t.Requirements, more.Requirements, requirementName)
	t.Connections = merge(t.Connections, more.Connections, connectionName)
	for _, row := range more.Requirements {
		t.own = append(t.own, row.Name)
	}
	for _, row := range more.Connections {
		t.own = append(t.own, row.Name)
	}
	faults = slices.Concat(faults, t.faults(), more.Allow.faults(&t), severityFaults(more.Severities), waiverFaults(more.Waivers))
	lines := findPlaces(text)
	if len(faults) > 0 {
		return Tables{}, lines.tell(name, faults)
	}
	t.allowed = append(slices.Clip(t.allowed), more.Allow)
	t.Requirements = more.Allow.grant(t.Requirements)
	t.Severities = override(t.Severities, more.Severities)
	for i, w := range more.Waivers {
		w.Source = Source{File: name, Line: lines[fmt.Sprintf("waivers/%d", i)]}
		t.Waivers = append(slices.Clip(t.Waivers), w)
	}
	return t, nil
}

func requirementName(r Requirement) string { return r.Name }

func connectionName(c ConnectionRow) string { return c.Name }

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

// override returns the severities with others in place of those for the same checks.
func override(severities, more map[string]string) map[string]string {
	if len(more) == 0 {
		return severities
	}
	all := map[string]string{}
	maps.Copy(all, severities)
	maps.Copy(all, more)
	return all
}

// YAML returns the tables in the form that With reads.
func (t Tables) YAML() (string, error) {
	var b strings.Builder
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(t); err != nil {
		return "", fmt.Errorf("tables: %w", err)
	}
	return b.String(), nil
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

// IsPair reports whether an argument, without its dashes, names a certificate for
// several names together with its key.
func (r *Requirement) IsPair(argument string) bool {
	return slices.ContainsFunc(r.Named, func(n Named) bool { return n.Pair != "" && n.Pair == "--"+argument })
}
