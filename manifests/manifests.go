// Package manifests finds out how the components of a control plane were
// configured on one node: which arguments kube-apiserver, etcd, the
// kube-controller-manager, the kube-scheduler, the kubelet, kube-proxy and the
// parts of konnectivity were given, which kubeconfigs they use, and which file of
// the host is meant by each path. Every
// setting keeps the file and line where it was written. The package knows
// nothing of certificates and judges nothing.
package manifests

import "kube-cert-audit/internal/hostfs"

// Source is the place where a setting was written.
type Source struct {
	File     string `json:"file"`               // host path inside the root
	Line     int    `json:"line,omitempty"`     // 1-based; 0 where the file is named as a whole
	Argument string `json:"argument,omitempty"` // as its component spells it: --tls-cert-file, authentication.x509.clientCAFile
}

// Argument is one setting of a component.
type Argument struct {
	Name   string // canonical: no leading dashes, no underscores
	Value  string
	Source Source
}

// Component is one component as it is configured to run on this node.
type Component struct {
	Name      string // kube-apiserver, etcd, kube-controller-manager, kube-scheduler, kubelet …
	Image     string // as in the manifest; empty for a native service
	Source    Source // the manifest, unit or configuration file
	Arguments []Argument
	// Ignored are arguments that are given and not in force, since a configuration
	// file takes the place of all of them.
	Ignored []Argument

	// UIDs and GIDs are the users and groups that its securityContext makes it
	// run as, beside root.
	UIDs, GIDs []int64

	container  *container // its view of the file system; nil for a native service
	workingDir string     // of a native service, from which it takes relative paths; empty for /
}

// Location is where a path that a component was told lies on the host.
type Location struct {
	Path string // the host path; the component's own path where Elsewhere is set
	// Elsewhere says why the path is not a file of the host that can be read
	// here (in the image, in a Secret volume …); empty when it is one.
	Elsewhere string
}

// Kubeconfig is one kubeconfig file of the node.
type Kubeconfig struct {
	Path           string
	For            Audience
	Readers        []Reader // the components told to use it; empty when only its place or content gave it away
	CurrentContext string
	Clusters       []Cluster // that of the current context first
	Users          []User    // that of the current context first
}

// Audience is what the servers of a kubeconfig are.
type Audience int

// The audiences.
const (
	APIServer Audience = iota // that of a cluster
	Webhook                   // one that the API server asks; the current context leads to it
	// AdmissionWebhooks are chosen by their host names: each user is for those of one
	// name, and clusters and contexts mean nothing.
	AdmissionWebhooks
)

// Reader is a component that was told to use a kubeconfig.
type Reader struct {
	Component string
	Source    Source
}

// Cluster is an entry of a kubeconfig's clusters.
type Cluster struct {
	Name          string
	Current       bool // the current context leads to it
	Server        string
	TLSServerName string
	Insecure      bool // insecure-skip-tls-verify
	CA            Material
	Source        Source
}

// User is an entry of a kubeconfig's users.
type User struct {
	Name        string
	Current     bool // the current context leads to it
	Certificate Material
	Key         Material
	// Other names a credential that is not a certificate (token, tokenFile,
	// exec, auth-provider, username); empty where there is none. Its value is
	// never kept.
	Other  string
	Source Source
}

// Material is a certificate or a key that a kubeconfig holds or names. At most
// one of Data, Location and Unusable is set; none is where the field is absent.
type Material struct {
	Data     []byte   // decoded from the *-data field
	Location Location // of the file that the field names
	Unusable string   // why the *-data field cannot be decoded; never the data itself
	Source   Source
}

// Unreadable is a configuration file that could not be taken into account, or not whole.
type Unreadable struct {
	Component string // as far as known
	Source    Source
	Path      string
	Reason    hostfs.Reason // empty where the file was read but not understood
	Detail    string
	Extent    Extent
}

// Extent is how much of a configuration file was left out of account.
type Extent int

// The extents.
const (
	Whole  Extent = iota // nothing of the file could be used
	Part                 // something in it is not in force
	Unread               // this program does not read files of this kind
	Open                 // an argument that names no file has a value that is known at run time alone
)

// DuplicatePod is a pod that more than one file of a manifest folder defines.
type DuplicatePod struct {
	Name  string // namespace/name
	Files []string
}

// Node is everything that was found out about one node.
type Node struct {
	Name     NodeName
	Layout   string // one of Layouts; empty when nothing was found
	Evidence string // the path that tells the layout, or the flag that gives it
	// UIDs and GIDs are the accounts, beside root's, that the layout gives files to.
	UIDs, GIDs []int64

	Components    []Component
	Kubeconfigs   []Kubeconfig
	Unreadable    []Unreadable
	DuplicatePods []DuplicatePod
}

// NodeName is the name under which the kubelet registers its node.
type NodeName struct {
	Value string
	// Certain tells a name that the operator or the kubelet's configuration
	// gives from one that is only likely, such as the host name.
	Certain bool
	Source  Source
}

// Options say where to look when the usual places are not the right ones.
type Options struct {
	ManifestDirs []string // instead of the kubelet's staticPodPath and /etc/kubernetes/manifests
	Kubeconfigs  []string // in addition to those found
	NodeName     string   // instead of the one found
	Layout       string   // one of Layouts, instead of the one found
}
