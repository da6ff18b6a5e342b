package rules

import (
	"fmt"
	"slices"
	"strings"
)

// stops says what stops, and for whom, when a connection fails.
func stops(c *Connection) string {
	switch c.Row.Name {
	case "apiserver-to-etcd", "etcd-from-apiserver":
		return "the API server cannot reach etcd: the Kubernetes API stops answering on this node"
	case "etcd-from-healthcheck":
		return "etcdctl and health checks with this certificate are refused by etcd"
	case "etcd-gateway", "etcd-gateway-client":
		return "etcd's own gateway is refused by etcd: its log fills with TLS errors, and its HTTP API fails"
	case "etcd-to-peer", "etcd-from-peer", "etcd-from-peer-client":
		return "this etcd member and its peers refuse one another: the member drops out, and without a majority the cluster stops"
	case "pods-to-apiserver":
		return "pods cannot reach the API server: controllers, DNS and network add-ons in the cluster stop working"
	case "kubelet-from-apiserver", "apiserver-to-kubelet":
		return "kubectl logs, exec, attach, port-forward and top fail for pods on this node"
	case "apiserver-from-front-proxy":
		return "extension API servers refuse what the API server forwards: kubectl top, metrics for autoscaling and other aggregated APIs fail"
	case "apiserver-to-apiserver":
		return "the API servers cannot forward requests to one another"
	case "apiserver-to-konnectivity", "konnectivity-from-apiserver":
		return "the API server reaches neither nodes nor pods through its egress proxy: kubectl logs and exec, webhooks and aggregated APIs fail"
	case "agent-to-konnectivity", "konnectivity-from-agent":
		return "konnectivity's agents and its server refuse one another: the API server does not reach the nodes and pods behind them"
	case "etcd-manager-to-peer", "etcd-manager-from-peer":
		return "the etcd-managers refuse one another: they elect no leader, make no backups, and start no etcd that has stopped"
	case "apiserver-from-kubeconfig":
		return user(c.Presenter.Component)
	case "kubeconfig-to-apiserver", "kubeconfig-to-supervisor":
		if c.Verifier.Component == "kubectl" && c.ServerName == "" {
			return "kubectl fails with this kubeconfig"
		}
		if c.Verifier.Component == "kubectl" {
			return fmt.Sprintf("who dials %s fails: kubectl with this kubeconfig, and the kubelets of nodes that joined by this name", c.ServerName)
		}
		return user(c.Verifier.Component)
	}
	return fmt.Sprintf("%s and %s cannot talk to each other", shownComponent(c.Presenter.Component), shownComponent(c.Verifier.Component))
}

// user says what stops when a client of the API server cannot use it.
func user(component string) string {
	switch component {
	case "kubelet":
		return "the kubelet cannot reach the API server: the node turns NotReady, its pods are evicted, and none starts on it"
	case "kube-controller-manager":
		return "the controller-manager of this node cannot reach the API server: where it leads, deployments, node health, certificates and tokens stand still"
	case "kube-scheduler":
		return "the scheduler of this node cannot reach the API server: where it leads, new pods stay Pending"
	case "kube-proxy":
		return "the kube-proxy of this node cannot reach the API server: it learns of no change, and services lead to pods that are gone"
	case "cloud-controller-manager":
		return "the cloud-controller-manager of this node cannot reach the API server: new nodes are not made ready, and load balancers stand still"
	case "supervisor":
		return "the supervisor of this node cannot reach the API server: what comes with the distribution is not deployed"
	case "agent":
		return "the agent of this node cannot reach the API server: it learns neither of other servers nor of the network"
	case "konnectivity-server":
		return "konnectivity's server cannot reach the API server to check the tokens of its agents, and refuses them"
	case "konnectivity-agent":
		return "konnectivity's agent cannot reach the API server, and does not find its servers"
	}
	return onlyKubectl
}

// onlyKubectl is what stops when people cannot use a kubeconfig.
const onlyKubectl = "kubectl with this kubeconfig fails"

// maxStops bounds what is told of consequences: the first ones are the gravest.
const maxStops = 4

// allStops says what stops when all of some connections fail.
func allStops(connections []*Connection) string {
	var all []string
	for _, c := range connections {
		if text := stops(c); !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	if len(all) == 1 && all[0] == onlyKubectl {
		return onlyKubectl + "; the cluster itself goes on"
	}
	if len(all) > maxStops {
		all = append(all[:maxStops], fmt.Sprintf("and %d more", len(all)-maxStops))
	}
	return strings.Join(all, "; ")
}

// impact says what stops when a certificate is refused.
func (s *Subject) impact(c *Certificate) string {
	var uses []*Connection
	for _, each := range append([]*Certificate{c}, c.Dependents...) {
		if each.Lowered == "" {
			uses = append(uses, each.Uses...)
		}
	}
	switch text := allStops(uses); {
	case text != "":
		return text
	case c.Row != nil && c.Row.Kubeconfig.Webhooks:
		return "the API server cannot ask the webhook: what depends on its answer is refused, or goes unchecked"
	case c.Lowered != "":
		return "little: " + c.Lowered
	case c.Role == Authority:
		return "whoever verifies certificates with it refuses them"
	}
	return "whoever verifies it refuses " + shownComponent(c.Component)
}

func shownComponent(component string) string {
	if component == "" {
		return "its user"
	}
	return component
}
