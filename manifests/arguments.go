package manifests

import "strings"

// The components, in the order of every report.
const (
	apiserver = "kube-apiserver"
	etcd      = "etcd"
	manager   = "kube-controller-manager"
	scheduler = "kube-scheduler"
	proxy     = "kube-proxy"
	tunnel    = "konnectivity-server"
	agent     = "konnectivity-agent"
	kubelet   = "kubelet"
)

// podComponents returns the components that static pods run.
func podComponents() []string {
	return []string{apiserver, etcd, manager, scheduler, proxy, tunnel, agent}
}

// shape says how the value of an argument is written and read.
type shape int

const (
	oneText       shape = iota // taken as it is
	onePath                    // of a file or folder
	oneKubeconfig              // path of a kubeconfig that the component reads as a client
	oneWebhook                 // path of a kubeconfig of which the server is a webhook
	oneList                    // separated by commas
	boolean                    // may stand without a value
	manyTexts                  // one text for each time that it is given
	manyPaths                  // one path for each time that it is given
	manyLists                  // separated by commas, and each time that it is given adds to it
	manyContents               // what a file would hold otherwise, one for each time
	manyWebhooks               // like oneWebhook, one for each time
	manyAdmission              // paths of kubeconfigs of which the users are for admission webhooks
)

// isPath reports whether the values are paths of files or folders.
func (s shape) isPath() bool {
	_, isKubeconfig := s.audience()
	return s == onePath || s == manyPaths || isKubeconfig
}

// audience returns what the servers are in the kubeconfigs that the values name,
// and whether they name kubeconfigs.
func (s shape) audience() (audience Audience, isKubeconfig bool) {
	switch s {
	case oneKubeconfig:
		return APIServer, true
	case oneWebhook, manyWebhooks:
		return Webhook, true
	case manyAdmission:
		return AdmissionWebhooks, true
	}
	return APIServer, false
}

// accumulates reports whether an argument given again adds to the earlier
// values rather than replacing them.
func (s shape) accumulates() bool {
	return s >= manyTexts
}

// known is an argument that is kept. All others are dropped where they are
// read, so that no secret in one of them is ever stored.
type known struct {
	components set
	name       string
	shape      shape
}

// set is a set of components.
type set uint8

const (
	api set = 1 << iota
	db
	km
	sched
	node
	kproxy
	konn  // konnectivity's server
	konna // and its agent

	serving    = api | km | sched // secure serving
	delegating = km | sched       // of authentication and authorization
	servers    = serving | node
)

// has reports whether a component is in the set.
func (s set) has(component string) bool {
	switch component {
	case apiserver:
		return s&api != 0
	case etcd:
		return s&db != 0
	case manager:
		return s&km != 0
	case scheduler:
		return s&sched != 0
	case kubelet:
		return s&node != 0
	case proxy:
		return s&kproxy != 0
	case tunnel:
		return s&konn != 0
	case agent:
		return s&konna != 0
	}
	return false
}

// knownCount is the number of rows of the table: an array stays off the heap,
// and the table is asked for every argument.
const knownCount = 138

// knownArguments is the table of the arguments that are kept, in the order of
// the components' reference pages: secure serving, kube-apiserver,
// kube-controller-manager, kube-scheduler, kubelet, etcd, konnectivity. Fields of configuration
// files for which there is no flag have a dot in their name.
func knownArguments() [knownCount]known {
	return [knownCount]known{
		{servers, "tls-cert-file", onePath},
		{servers, "tls-private-key-file", onePath},
		{servers, "cert-dir", onePath},
		{serving, "tls-sni-cert-key", manyTexts},
		{servers, "client-ca-file", onePath},
		{serving, "requestheader-client-ca-file", onePath},
		{serving, "requestheader-allowed-names", manyLists},
		{delegating, "authentication-kubeconfig", oneKubeconfig},
		{delegating, "authorization-kubeconfig", oneKubeconfig},
		{serving, "bind-address", oneText},
		{serving, "secure-port", oneText},

		{api, "kubelet-client-certificate", onePath},
		{api, "kubelet-client-key", onePath},
		{api, "kubelet-certificate-authority", onePath},
		{api, "kubelet-preferred-address-types", manyLists},
		{api, "etcd-cafile", onePath},
		{api, "etcd-certfile", onePath},
		{api, "etcd-keyfile", onePath},
		{api, "etcd-servers", manyLists},
		{api, "etcd-servers-overrides", manyLists},
		{api, "proxy-client-cert-file", onePath},
		{api, "proxy-client-key-file", onePath},
		{api, "service-account-key-file", manyPaths},
		{api, "service-account-signing-key-file", onePath},
		{api, "service-account-signing-endpoint", onePath},
		{api, "service-account-issuer", manyTexts},
		{api, "oidc-ca-file", onePath},
		{api, "authentication-config", onePath},
		{api, "authorization-config", onePath},
		{api, "authentication-token-webhook-config-file", oneWebhook},
		{api, "authorization-webhook-config-file", oneWebhook},
		{api, "audit-webhook-config-file", oneWebhook},
		{api, "admission-control-config-file", onePath},
		{api, "admission.webhook-config", manyPaths},
		{api, "admission.webhook-kubeconfig", manyAdmission},
		{api, "admission.image-policy-config", manyPaths},
		{api, "admission.image-policy-kubeconfig", manyWebhooks},
		{api, "authorization.webhook-kubeconfig", manyWebhooks},
		{api, "authentication.issuer-ca", manyContents},
		{api, "supervisor.certificate", manyContents},
		{api, "egress-selector.url", manyTexts},
		{api, "egress-selector.ca-bundle", manyPaths},
		{api, "egress-selector.client-cert", manyPaths},
		{api, "egress-selector.client-key", manyPaths},
		{api, "egress-selector.tls-server-name", manyTexts},
		{api, "egress-selector-config-file", onePath},
		{api, "encryption-provider-config", onePath},
		{api, "peer-ca-file", onePath},
		{api, "token-auth-file", onePath},
		{api, "advertise-address", oneText},
		{api | km, "service-cluster-ip-range", oneList},
		{api | km, "openshift-config", onePath},
		{api | node, "anonymous-auth", boolean},
		{api, "authorization-mode", manyLists},
		{api, "insecure-port", oneText},
		{api, "insecure-bind-address", oneText},

		{km, "cluster-signing-cert-file", onePath},
		{km, "cluster-signing-key-file", onePath},
		{km, "cluster-signing-kubelet-serving-cert-file", onePath},
		{km, "cluster-signing-kubelet-serving-key-file", onePath},
		{km, "cluster-signing-kubelet-client-cert-file", onePath},
		{km, "cluster-signing-kubelet-client-key-file", onePath},
		{km, "cluster-signing-kube-apiserver-client-cert-file", onePath},
		{km, "cluster-signing-kube-apiserver-client-key-file", onePath},
		{km, "cluster-signing-legacy-unknown-cert-file", onePath},
		{km, "cluster-signing-legacy-unknown-key-file", onePath},
		{km, "cluster-signing-duration", oneText},
		{km, "root-ca-file", onePath},
		{km, "service-account-private-key-file", onePath},

		{sched | node | kproxy, "config", onePath},

		{km | sched | node | kproxy | konn | konna, "kubeconfig", oneKubeconfig},
		{node, "bootstrap-kubeconfig", oneKubeconfig},
		{node, "config-dir", onePath},
		{node, "rotate-certificates", boolean},
		{node, "rotate-server-certificates", boolean},
		{node, "pod-manifest-path", onePath},
		{node, "hostname-override", oneText},
		{node, "node-ip", oneList},
		{node, "cloud-provider", oneText},
		{node, "cluster-domain", oneText},

		{db, "cert-file", onePath},
		{db, "key-file", onePath},
		{db, "client-cert-file", onePath},
		{db, "client-key-file", onePath},
		{db, "trusted-ca-file", onePath},
		{db, "client-cert-auth", boolean},
		{db, "client-crl-file", onePath},
		{db, "client-cert-allowed-hostname", oneList},
		{db, "auto-tls", boolean},
		{db, "peer-cert-file", onePath},
		{db, "peer-key-file", onePath},
		{db, "peer-client-cert-file", onePath},
		{db, "peer-client-key-file", onePath},
		{db, "peer-trusted-ca-file", onePath},
		{db, "peer-client-cert-auth", boolean},
		{db, "peer-auto-tls", boolean},
		{db, "peer-crl-file", onePath},
		{db, "peer-cert-allowed-cn", oneList},
		{db, "peer-cert-allowed-hostname", oneList},
		{db, "peer-skip-client-san-verification", boolean},
		{db, "self-signed-cert-validity", oneText},
		{db, "discovery-cert", onePath},
		{db, "discovery-key", onePath},
		{db, "discovery-cacert", onePath},
		{db, "ca-file", onePath},
		{db, "peer-ca-file", onePath},
		{db, "config-file", onePath},
		{db, "name", oneText},
		{db, "data-dir", onePath},
		{db, "listen-client-urls", oneList},
		{db, "listen-client-http-urls", oneList},
		{db, "listen-peer-urls", oneList},
		{db, "listen-metrics-urls", oneList},
		{db, "advertise-client-urls", oneList},
		{db, "initial-advertise-peer-urls", oneList},
		{db, "initial-cluster", oneList},
		{db, "etcd-manager.ca", onePath},
		{db, "etcd-manager.ca-key", onePath},
		{db, "etcd-manager.peers-ca", onePath},
		{db, "etcd-manager.peers-ca-key", onePath},
		{db, "etcd-manager.clients-ca", onePath},
		{db, "etcd-manager.clients-ca-key", onePath},
		{db, "etcd-manager.server-cert", manyPaths},
		{db, "etcd-manager.server-key", manyPaths},
		{db, "etcd-manager.client-cert", manyPaths},
		{db, "etcd-manager.client-key", manyPaths},
		{db, "etcdctl.cert", onePath},
		{db, "etcdctl.key", onePath},

		{konn, "server-cert", onePath},
		{konn, "server-key", onePath},
		{konn, "server-ca-cert", onePath},
		{konn, "cluster-cert", onePath},
		{konn, "cluster-key", onePath},
		{konn, "cluster-ca-cert", onePath},
		{konna, "agent-cert", onePath},
		{konna, "agent-key", onePath},
		{konna, "ca-cert", onePath},
		{konna, "proxy-server-host", oneText},
	}
}

// isFieldName tells the name of a field from that of a flag.
func isFieldName(name string) bool { return strings.Contains(name, ".") }

// shapeOf returns the shape of an argument of a component, if it is one that is kept.
func shapeOf(component, name string) (shape, bool) {
	for _, row := range knownArguments() {
		if row.name == name && row.components.has(component) {
			return row.shape, true
		}
	}
	return oneText, false
}

// Accumulates reports whether giving an argument again adds to its earlier
// values. Of all other arguments the last one is in force.
func Accumulates(component, argument string) bool {
	s, ok := shapeOf(component, argument)
	return ok && s.accumulates()
}

// IsContent reports whether the values of an argument are what otherwise a file
// would hold, and not its path.
func IsContent(component, argument string) bool {
	s, _ := shapeOf(component, argument)
	return s == manyContents
}

// Values returns the values of an argument that are in force: of one that
// accumulates those of every occurrence, of any other that of the last. Comma
// lists are taken apart; empty values are left out.
func (c *Component) Values(name string) []string {
	s, _ := shapeOf(c.Name, name)
	var values []string
	for _, a := range c.InForce(name) {
		parts := []string{a.Value}
		if s == oneList || s == manyLists {
			parts = strings.Split(a.Value, ",")
		}
		for _, part := range parts {
			if part = strings.TrimSpace(part); part != "" {
				values = append(values, part)
			}
		}
	}
	return values
}
