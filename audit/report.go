// Package audit joins what a node was configured to do with what must hold: it
// opens and decodes each file once, builds the connections, runs the checks and
// fills in a Report. It knows nothing of output formats and of the command line.
package audit

import (
	"strings"
	"time"

	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// APIVersion and Kind, or KindInspect, identify the JSON form of a Report. Fields
// may be added under the same version; none is removed and none changes its
// meaning.
const (
	APIVersion  = "kube-cert-audit/v1"
	Kind        = "AuditReport"   // of a node
	KindInspect = "InspectReport" // of files, of which nothing says what they are for
)

// Source is where the argument that led to an object was written.
type Source = manifests.Source

// Report is the outcome of one audit of one node at one instant, or of one
// inspection of files. An inspection knows neither of a node nor of connections;
// only it has Paths and Requests.
type Report struct {
	APIVersion   string        `json:"apiVersion"`
	Kind         string        `json:"kind"`
	At           time.Time     `json:"at"`             // the instant that validity was judged at, UTC
	Root         string        `json:"root"`           // the folder that stands for / of the node
	Paths        []string      `json:"paths,omitzero"` // what was to be inspected; nil in an audit
	Node         Node          `json:"node"`
	Coverage     Coverage      `json:"coverage"`
	Summary      Summary       `json:"summary"`
	Certificates []Certificate `json:"certificates"`
	Requests     []Request     `json:"requests,omitzero"` // nil in an audit
	Keys         []Key         `json:"keys"`
	Connections  []Connection  `json:"connections"`
	Findings     []Finding     `json:"findings"` // worst first
	Waived       []Waived      `json:"waived"`   // worst first; none of them is among the findings
}

// Node says which node was audited, as far as its files tell.
type Node struct {
	Name   string `json:"name"`   // empty when unknown
	Layout string `json:"layout"` // how it was set up: kubeadm, static-pods …
	// Evidence is the path that tells the layout, or --layout.
	Evidence string `json:"layoutEvidence"`
	Version  string `json:"version"` // of Kubernetes, from the images; empty when unknown
}

// Coverage counts what the configuration refers to. Every reference is
// examined, unreadable or unverifiable: the three add up. An audit with anything
// in one of the three below them is incomplete.
type Coverage struct {
	References   int `json:"references"`
	Examined     int `json:"examined"`
	Unreadable   int `json:"unreadable"`   // see the findings of the check unreadable
	Unverifiable int `json:"unverifiable"` // see the findings of the check unverifiable
	Denied       int `json:"denied"`       // of the unreadable, those that this process may not read
	TimedOut     int `json:"timedOut"`     // of the unreadable, those whose file system did not answer in time
	Unjudged     int `json:"unjudged"`     // certificates, keys, connections, files … that there was no time to judge
}

// Summary counts the objects and the findings of a report.
type Summary struct {
	Certificates int          `json:"certificates"`
	Requests     int          `json:"requests,omitzero"` // only files that are inspected hold them
	Keys         int          `json:"keys"`
	Connections  int          `json:"connections"`
	Error        int          `json:"error"`
	Warning      int          `json:"warning"`
	Info         int          `json:"info"`
	Waived       int          `json:"waived"`      // none of them counts as error, warning or info
	FirstExpiry  *FirstExpiry `json:"firstExpiry"` // null when there is no certificate
}

// FirstExpiry is the certificate that ends first.
type FirstExpiry struct {
	Component   string    `json:"component"`
	Path        string    `json:"path"`
	NotAfter    time.Time `json:"notAfter"`
	SecondsLeft int64     `json:"secondsLeft"`
}

// Name is a distinguished name, reduced to what Kubernetes reads of it, and to
// what metrics of certificates are labelled with: of those, the first values.
type Name struct {
	CommonName          string   `json:"commonName"`
	Organizations       []string `json:"organizations"`
	OrganizationalUnits []string `json:"organizationalUnits"`
	Country             string   `json:"country,omitzero"`
	Province            string   `json:"province,omitzero"`
	Locality            string   `json:"locality,omitzero"`
}

// Certificate is one certificate in one role. A file that two rows of the
// requirement table use, or that holds two certificates, gives two of them.
type Certificate struct {
	Component   string `json:"component"`
	Type        string `json:"type"`        // in the sheet's words: Server, Client (Etcd), Peer, CA …
	Requirement string `json:"requirement"` // the row of the requirement table; empty where no row applies
	Path        string `json:"path"`        // host path; of the kubeconfig where the certificate is embedded in one
	Embedded    string `json:"embedded"`    // the kubeconfig's entry ("user kubernetes-admin"); empty for a file
	Position    int    `json:"position"`    // 0-based place among the certificates of its file
	Source      Source `json:"source"`
	// References are all places that name the file, Source included.
	References []Reference `json:"references"`

	Subject            Name         `json:"subject"`
	Issuer             Name         `json:"issuer"`
	DNSNames           []string     `json:"dnsNames"`
	IPAddresses        []string     `json:"ipAddresses"`
	SerialNumber       string       `json:"serialNumber"` // decimal
	NotBefore          time.Time    `json:"notBefore"`
	NotAfter           time.Time    `json:"notAfter"`
	SecondsLeft        int64        `json:"secondsLeft"`  // until NotAfter; negative once it has passed
	KeyAlgorithm       string       `json:"keyAlgorithm"` // RSA-2048, ECDSA-P256, Ed25519 …
	SignatureAlgorithm string       `json:"signatureAlgorithm"`
	KeyUsages          []string     `json:"keyUsages"`    // RFC 5280 names: digitalSignature …
	ExtKeyUsages       []string     `json:"extKeyUsages"` // serverAuth, clientAuth … or an object identifier
	IsCA               bool         `json:"isCA"`
	FingerprintSHA256  string       `json:"fingerprintSHA256"` // of the DER form, lower-case hex
	PublicKeySHA256    string       `json:"publicKeySHA256"`   // of the SubjectPublicKeyInfo in DER, lower-case hex
	Status             rules.Status `json:"status"`
}

// TypeRequest is the type of all requests, in the words of the sheet.
const TypeRequest = "Request"

// Request is a certificate signing request. It has neither an issuer nor a
// validity: they are for the signer to decide.
type Request struct {
	Type               string       `json:"type"`
	Path               string       `json:"path"`
	Embedded           string       `json:"embedded"` // the object of Kubernetes that holds it ("request node-csr-x"); empty for a file
	Position           int          `json:"position"` // 0-based place among the requests of its file
	Source             Source       `json:"source"`
	Subject            Name         `json:"subject"`
	DNSNames           []string     `json:"dnsNames"`
	IPAddresses        []string     `json:"ipAddresses"`
	KeyAlgorithm       string       `json:"keyAlgorithm"`
	SignatureAlgorithm string       `json:"signatureAlgorithm"`
	KeyUsages          []string     `json:"keyUsages"`    // asked for by the request itself
	ExtKeyUsages       []string     `json:"extKeyUsages"` // the same
	IsCA               bool         `json:"isCA"`         // the same
	SignerName         string       `json:"signerName"`   // of the object of Kubernetes; empty for a file
	Usages             []string     `json:"usages"`       // the same
	Status             rules.Status `json:"status"`
}

// Reference is a component's argument that names a file.
type Reference struct {
	Component string `json:"component"`
	Source    Source `json:"source"`
}

// Key is one private or public key file. It never holds key material; the digest is
// that of the public half.
type Key struct {
	Component   string `json:"component"`
	Type        string `json:"type"`
	Path        string `json:"path"`
	Embedded    string `json:"embedded"`
	Source      Source `json:"source"`
	Algorithm   string `json:"algorithm"` // RSA, ECDSA, Ed25519
	Bits        int    `json:"bits"`
	Private     bool   `json:"private"`
	Mode        string `json:"mode"`        // octal permission bits, "0600"; empty of the standard input
	Certificate string `json:"certificate"` // path of the certificate it belongs to; empty where it has none
	// PublicKeySHA256 is that of a certificate with this key; empty where the public
	// half is not known, as of an encrypted key.
	PublicKeySHA256 string       `json:"publicKeySHA256"`
	Status          rules.Status `json:"status"`
}

// Connection is one TLS connection, or one verification of a signature, of the
// control plane.
type Connection struct {
	Name       string       `json:"name"` // the row of the connection table
	Presenter  Endpoint     `json:"presenter"`
	Verifier   Endpoint     `json:"verifier"`
	Usage      string       `json:"usage"`      // what the certificate is presented as: server or client
	ServerName string       `json:"serverName"` // the name or address that is dialled; empty where none is checked
	Outcome    Outcome      `json:"outcome"`    // what would come of it
	Status     rules.Status `json:"status"`     // how bad that is, by the severities and waivers of the user
	Reason     string       `json:"reason"`     // why it fails, or why it could not be judged; empty when ok
}

// Outcome is what would come of a connection. Severities and waivers do not change it.
type Outcome string

const (
	Succeeds Outcome = "succeeds" // the verifier takes the certificate
	Fails    Outcome = "fails"    // it refuses it
	Unknown  Outcome = "unknown"  // it could not be judged
)

// Endpoint is one side of a connection.
type Endpoint struct {
	Component string `json:"component"`
	Path      string `json:"path"` // of the certificate presented, or of the CA file that decides
	Source    Source `json:"source"`
}

// Finding is one fault: what is wrong, what stops because of it, and what mends it.
type Finding struct {
	Check     string         `json:"check"`
	Severity  rules.Severity `json:"severity"`
	Component string         `json:"component"`
	Path      string         `json:"path"`
	Source    Source         `json:"source"`
	Message   string         `json:"message"`
	Impact    string         `json:"impact"`
	Fix       string         `json:"fix"` // commands or the exact change; may span lines
	// Steps are the parts of Fix, with what a plan for several findings needs to know
	// about them.
	Steps []rules.Step `json:"steps,omitzero"`
}

// mendedBy says in both ways what mends the finding.
func (f *Finding) mendedBy(fix rules.Fix) { f.Fix, f.Steps = fix.String(), fix }

// Waived is a finding that the user put aside: neither a summary, nor a status, nor
// an exit code is the worse for it.
type Waived struct {
	Finding
	Waiver Waiver `json:"waiver"`
}

// Waiver is why a finding is put aside, and until when.
type Waiver struct {
	Reason  string `json:"reason"`
	Expires string `json:"expires"` // its last day, UTC, as 2027-01-31
	Source  Source `json:"source"`  // where it stands: a file of rules, and none of the node
}

// Identity returns what a finding has in common with that of the same fault in another
// audit: neither dates, of which messages are full, nor lines, which move. Findings of
// one audit may have it in common, too.
func (f *Finding) Identity() string {
	return strings.Join([]string{f.Check, f.Component, f.Path, f.Source.File, f.Source.Argument}, "\x00")
}
