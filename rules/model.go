package rules

import (
	"crypto"
	"crypto/x509"
	"time"
)

// Subject is one object to be judged, with all that a check may look at. One of
// the pointers below Place is set.
type Subject struct {
	*Node
	Place

	Certificate *Certificate
	Connection  *Connection
	File        *File
	Pair        *Pair
	TokenSigner *TokenSigner
	Key         *Key
	Argument    *Repeated
	Ignored     *Ignored
	Manifest    *DuplicateManifest
	Settings    *Component
	Kubeconfig  *Kubeconfig
	Rotation    *Rotation
	Waiver      *WaiverUse
}

// Node is what the checks know of the node as a whole.
type Node struct {
	At     time.Time
	Limits Limits
	Layout Layout // how the node was set up
	// Version is that of Kubernetes, from the images; empty when unknown.
	Version string
	Name    string // empty when unknown
	// NameCertain tells a name that was configured from one that is only likely.
	NameCertain bool

	PKI              string // folder of the cluster's certificates
	AdvertiseAddress string // of the API server; empty when unknown
	Port             string // of the API server; empty when unknown
	Endpoint         string // host:port of the control plane, as admin.conf has it; empty when unknown
	ServiceRange     string // the first one; empty when unknown
	DNSDomain        string // of the cluster, as the kubelet tells pods; empty when unknown

	Components map[string]*Component // those of this node, by name
	// Authorities are all certificates of the node that are used as one, and
	// Companions those that accompany a leaf in its file.
	Authorities, Companions []*Certificate
	Connections             []*Connection
	// Signatures is how many signatures of usual keys may still be verified: a
	// hostile bundle must not keep the audit busy.
	Signatures int
}

// Limits are how long before its end a certificate is reported.
type Limits struct {
	Warn, Error     time.Duration // of leaf certificates
	CAWarn, CAError time.Duration // of certificate authorities
}

// DefaultLimits returns the limits that the field agrees upon: a month and a
// week for certificates of a year; half a year and a month for authorities,
// which nothing renews and whose exchange takes long.
func DefaultLimits() Limits {
	const day = 24 * time.Hour
	return Limits{Warn: 30 * day, Error: 7 * day, CAWarn: 180 * day, CAError: 30 * day}
}

// Place is where an object lies and who was told to use it.
type Place struct {
	Component string
	Path      string // on the host; of the kubeconfig where the object is embedded in one
	Source    Source
}

// Source is the place where a setting was written.
type Source struct {
	File     string
	Line     int
	Argument string
}

// Role is what a certificate is in its file.
type Role int

// The roles.
const (
	Leaf      Role = iota + 1 // presented by a component
	Authority                 // decides whether others are trusted, or signs them
	Companion                 // follows a leaf in its file
)

// Certificate is one certificate in one role.
type Certificate struct {
	*x509.Certificate
	Place
	Row  *Requirement
	Role Role
	// Position is the 0-based place among the certificates of its file, Of their number.
	Position, Of int
	Embedded     string // the entry of the kubeconfig that holds it; empty for a file
	KeyPath      string // of its private key; empty when unknown
	KeyKind      string // names the algorithm of its key, or gives its object identifier

	CommonNames []string // of the row, with the values of the node
	Hosts       []string // of the row, with the values of the node; those that are unknown left out

	Rotates bool   // the kubelet renews it by itself
	Lowered string // why it is judged one level lower; empty where it is not

	CA         *Certificate   // the authority that it depends on; nil when none is known
	Dependents []*Certificate // of an authority
	Uses       []*Connection  // in which it is presented
	Copied     bool           // a companion that a CA file of this node holds as well, where its validity is told
	SameSerial *Certificate   // an earlier one of the same issuer and serial number

	examined, damaged bool // isDamaged knows the answer, and which
}

// Connection is one connection of the control plane, whether it succeeds or not.
type Connection struct {
	Row        *ConnectionRow
	Presenter  Place
	Verifier   Place
	Leaf       *Certificate        // nil where it is not to be had here
	Chain      []*x509.Certificate // what follows the leaf in its file
	Roots      []*Certificate      // what the CA file of the verifier holds
	ServerName string              // the name or address dialled; empty where none is checked
	Allowed    []string            // the common names that are accepted; empty for all
	// Unjudged says why the connection cannot be judged; empty where it was.
	Unjudged string
	// WrongCA marks a connection that fails for its verifier's CA file, and not for
	// the certificate that is presented.
	WrongCA bool
	// Told marks an unjudged connection whose reason is a finding already.
	Told    bool
	Verdict Verdict
}

// File is a file that was to be read, or a folder on the way to one.
type File struct {
	Private bool // holds a private key or another credential
	Folder  bool

	Known    bool   // Mode, UID and GID are known
	Mode     uint32 // permission bits, with the sticky bit at 01000
	UID, GID uint32
	UIDs     []uint32 // users that may own it
	GIDs     []uint32 // groups that may read it

	Unreadable   string // why it gave nothing usable; empty where it did
	Denied       bool   // this process may not read it
	TimedOut     bool   // its file system did not answer in time
	Partial      string // what of it cannot be used; empty where all can
	Refused      bool   // for what is Partial, its reader refuses the whole file
	Hint         string // the command that mends that, with FILE for the path; empty where there is none
	Unverifiable string // why it cannot be judged from here
	Orphan       string // what it holds, though nothing refers to it; empty for all that something refers to
	Unlisted     string // of a folder: what in it was not looked at, and why

	Row          *Requirement   // nil for configuration files and folders
	Key          bool           // named as a private key
	Embedded     string         // the entry of the kubeconfig that holds it; empty for a file
	Role         Role           // of its first certificate
	Certificates []*Certificate // in the order of the file
	Paired       crypto.PublicKey
}

// Pair is a certificate and the private key that goes with it.
type Pair struct {
	Certificate *Certificate
	File        []*Certificate // all certificates of its file
	Key         *Key
	Signing     bool // the controller-manager signs with it
	// ClientSigner: what it signs with the pair is presented to the API server.
	ClientSigner bool
}

// TokenSigner is a private key that signs service-account tokens.
type TokenSigner struct {
	Key          *Key
	Verification []*Key // the keys that the API server verifies tokens with
	Incomplete   bool   // there are more, which could not be read here
}

// Key is a private or public key.
type Key struct {
	Place
	Row       *Requirement
	Public    crypto.PublicKey // nil when encrypted or of an unsupported kind
	Private   bool
	Encrypted bool
	Algorithm string
	Bits      int
	Fault     string // why it cannot be used
	Embedded  string
	// Certificate is the one that the key was given with; nil where there is none.
	Certificate *Certificate
	// Others are the certificates and keys of other roles with the same key.
	Others []Place
	// Tokens tells that tokens of service accounts are one of those roles.
	Tokens bool
}

// Repeated is an argument that was given more than once with different values.
type Repeated struct {
	Name   string
	Values []string // in the order given; the last one is in force
}

// Ignored are arguments that are given, and that a configuration file puts out of
// force.
type Ignored struct {
	Arguments []string // as they are spelled
	File      string
}

// DuplicateManifest is a pod that several files of a manifest folder define.
type DuplicateManifest struct {
	Pod   string
	Files []string
}

// Component is a component as it is configured.
type Component struct {
	Name string
	// Manifest is the host path of its static-pod manifest, or of its unit or a drop-in
	// of that; empty where another program runs it.
	Manifest string
	// ConfigFile is the host path of the file that takes the place of its arguments;
	// empty where none does.
	ConfigFile string
	// Values returns the values of an argument that are in force, named without
	// dashes, and whether the argument is given.
	Values func(argument string) (values []string, given bool)
	// Partial says that a file that may give arguments was not, or not wholly,
	// read: one that is not known may be given all the same.
	Partial bool
	// Certificates are those in the file that an argument names, by the
	// argument's name without dashes.
	Certificates map[string][]*Certificate
	Signers      []*Pair // that the controller-manager signs certificates with
}

// Kubeconfig is what a kubeconfig says about its server.
type Kubeconfig struct {
	Server   string
	Insecure bool
	Webhook  bool   // its server is a webhook, and not the API server
	Lacks    string // what its reader cannot do without; empty where nothing is missing
}

// Rotation is how the kubelet keeps the certificates that it renews itself.
type Rotation struct {
	Enabled   bool         // the client certificate is to be rotated
	Link      string       // kubelet-client-current.pem
	Dangling  string       // the target of Link that does not exist
	PlainFile bool         // Link is no link
	Embedded  bool         // the kubelet's kubeconfig holds the certificate itself
	Pending   string       // kubelet-server-current.pem, where it should be and is not
	Current   *Certificate // the client certificate in use; nil when unknown
}
