package rules

import (
	"fmt"
	"slices"
	"strings"
)

// needed is an argument that trust rests on.
type needed struct {
	component, argument string
	severity            Severity
	when                func(s *Subject, c *Component) bool // nil: always
	impact              string
}

// neededArguments is the table of the arguments whose absence breaks or weakens
// the control plane (reference pages of the components).
func neededArguments() []needed {
	without := func(argument string) func(*Subject, *Component) bool {
		return func(_ *Subject, c *Component) bool { return !c.has(argument) }
	}
	const noKubelet = "the API server is anonymous to the kubelets: kubectl logs, exec, attach and port-forward fail"
	return []needed{
		{"kube-apiserver", "client-ca-file", Error, nil, "the API server accepts no client certificates: kubelets, controller-manager, scheduler and administrators are strangers to it"},
		{"kube-apiserver", "tls-cert-file", Error, without("cert-dir"), "the API server makes a certificate of its own at every start, which no kubeconfig trusts"},
		{"kube-apiserver", "etcd-cafile", Error, dialsTLS, "the API server verifies etcd against the roots of its image, which did not sign etcd's certificate"},
		{"kube-apiserver", "etcd-certfile", Error, etcdAsks, "etcd refuses the API server, which has no certificate for it: the Kubernetes API does not answer"},
		{"kube-apiserver", "service-account-key-file", Warning, without("service-account-signing-endpoint"), "the API server verifies tokens with its TLS key: the next renewal of that invalidates every token"},
		{"kube-apiserver", "service-account-signing-key-file", Error, without("service-account-signing-endpoint"), "the API server does not start (since 1.20)"},
		{"kube-apiserver", "kubelet-client-certificate", Error, nil, noKubelet},
		{"kube-apiserver", "proxy-client-cert-file", Warning, func(_ *Subject, c *Component) bool { return c.has("requestheader-client-ca-file") }, "the API server cannot prove itself to extension API servers: aggregated APIs fail"},
		{"kube-apiserver", "requestheader-client-ca-file", Warning, func(_ *Subject, c *Component) bool { return c.has("proxy-client-cert-file") }, "extension API servers do not learn whom to trust: aggregated APIs fail"},
		{"kube-controller-manager", "service-account-private-key-file", Warning, nil, "no tokens are made for Secrets of service accounts"},
		{"kubelet", "client-ca-file", Error, nil, "the kubelet accepts no client certificates: kubectl logs, exec, attach and port-forward fail for its pods"},
		{"etcd", "cert-file", Error, func(_ *Subject, c *Component) bool { return c.servesTLS("listen-client-urls") && !c.is("auto-tls") }, "etcd does not start: it has no certificate for https"},
		{"etcd", "peer-cert-file", Error, func(_ *Subject, c *Component) bool { return c.servesTLS("listen-peer-urls") && !c.is("peer-auto-tls") }, "etcd does not start: it has no certificate for https"},
		{"etcd", "trusted-ca-file", Error, func(_ *Subject, c *Component) bool { return c.is("client-cert-auth") }, "etcd verifies its clients against the roots of its image: it refuses all, the API server included"},
		{"etcd", "peer-trusted-ca-file", Error, func(_ *Subject, c *Component) bool { return c.is("peer-client-cert-auth") }, "etcd verifies its peers against the roots of its image: it refuses all"},
	}
}

// halves are the arguments that must be given together: a certificate and its key.
func halves() []struct{ component, certificate, key string } {
	return []struct{ component, certificate, key string }{
		{"kube-apiserver", "tls-cert-file", "tls-private-key-file"},
		{"kube-apiserver", "etcd-certfile", "etcd-keyfile"},
		{"kube-apiserver", "kubelet-client-certificate", "kubelet-client-key"},
		{"kube-apiserver", "proxy-client-cert-file", "proxy-client-key-file"},
		{"kube-controller-manager", "tls-cert-file", "tls-private-key-file"},
		{"kube-controller-manager", "cluster-signing-cert-file", "cluster-signing-key-file"},
		{"kube-controller-manager", "cluster-signing-kubelet-serving-cert-file", "cluster-signing-kubelet-serving-key-file"},
		{"kube-controller-manager", "cluster-signing-kubelet-client-cert-file", "cluster-signing-kubelet-client-key-file"},
		{"kube-controller-manager", "cluster-signing-kube-apiserver-client-cert-file", "cluster-signing-kube-apiserver-client-key-file"},
		{"kube-controller-manager", "cluster-signing-legacy-unknown-cert-file", "cluster-signing-legacy-unknown-key-file"},
		{"kube-scheduler", "tls-cert-file", "tls-private-key-file"},
		{"kubelet", "tls-cert-file", "tls-private-key-file"},
		{"etcd", "cert-file", "key-file"},
		{"etcd", "client-cert-file", "client-key-file"},
		{"etcd", "peer-cert-file", "peer-key-file"},
		{"etcd", "peer-client-cert-file", "peer-client-key-file"},
		{"konnectivity-server", "server-cert", "server-key"},
		{"konnectivity-server", "cluster-cert", "cluster-key"},
		{"konnectivity-agent", "agent-cert", "agent-key"},
	}
}

// has reports whether an argument is given, and not empty.
func (c *Component) has(argument string) bool {
	values, _ := c.Values(argument)
	return len(values) > 0
}

// is reports whether a boolean argument is true.
func (c *Component) is(argument string) bool {
	values, _ := c.Values(argument)
	return len(values) > 0 && values[0] == "true"
}

// servesTLS reports whether one of the URLs of an argument is https.
func (c *Component) servesTLS(argument string) bool {
	urls, _ := c.Values(argument)
	return slices.ContainsFunc(urls, func(u string) bool { return strings.HasPrefix(u, "https:") })
}

// dialsTLS reports whether an API server reaches etcd by TLS.
func dialsTLS(_ *Subject, c *Component) bool { return c.servesTLS("etcd-servers") }

// etcdAsks reports whether the etcd of this node asks the API server for a certificate.
func etcdAsks(s *Subject, c *Component) bool {
	etcd := s.Components["etcd"]
	return dialsTLS(s, c) && etcd != nil && !etcd.Partial && etcd.has("trusted-ca-file")
}

// argumentMissing fires for arguments that trust rests on and that are absent.
// Of a component whose arguments are not all known, none is.
func argumentMissing(s *Subject, c *Component) []Problem {
	if c.Partial {
		return nil // what was not read is a finding
	}
	var problems []Problem
	missing := func(argument string, severity Severity, message, impact string) {
		problems = append(problems, Problem{
			Severity: severity, Message: message, Impact: impact,
			Fix: edit("in %s: --%s=FILE", s.manifest(c.Name), argument),
		})
	}
	for _, n := range neededArguments() {
		if n.component == c.Name && !c.has(n.argument) && (n.when == nil || n.when(s, c)) {
			missing(n.argument, n.severity, fmt.Sprintf("--%s is not given", n.argument), n.impact)
		}
	}
	for _, pair := range halves() {
		given, absent := pair.certificate, pair.key
		if c.has(absent) {
			given, absent = absent, given
		}
		isTold := slices.ContainsFunc(problems, func(p Problem) bool { return strings.HasPrefix(p.Message, "--"+absent+" ") })
		if pair.component == c.Name && c.has(given) && !c.has(absent) && !isTold {
			missing(absent, Error, fmt.Sprintf("--%s is given, and --%s is not", given, absent), c.Name+" does not start, or goes without the pair")
		}
	}
	return append(problems, mixedSigners(s, c)...)
}

// mixedSigners fires where the controller-manager is given the general signing
// pair and one for a single signer: it then refuses to start.
func mixedSigners(s *Subject, c *Component) []Problem {
	const general = "cluster-signing-cert-file"
	for _, signer := range []string{"kubelet-serving", "kubelet-client", "kube-apiserver-client", "legacy-unknown"} {
		if own := "cluster-signing-" + signer + "-cert-file"; c.has(general) && c.has(own) {
			return []Problem{{
				Message: fmt.Sprintf("--%s and --%s exclude one another", general, own),
				Impact:  "the controller-manager does not start",
				Fix:     edit("in %s: remove one of the two, and its key", s.manifest(c.Name)),
			}}
		}
	}
	return nil
}

// fieldMissing fires for a kubeconfig that a component reads and cannot work with.
func fieldMissing(s *Subject, k *Kubeconfig) []Problem {
	if k.Lacks == "" {
		return nil
	}
	impact := user(s.Place.Component)
	if k.Webhook {
		impact = "the API server does not start, or cannot ask the webhook"
	}
	return []Problem{{
		Message: k.Lacks,
		Impact:  impact,
		Fix:     ByHand(fmt.Sprintf("kubectl config view --kubeconfig %s    # what is there, without the secrets", sh(s.Path))),
	}}
}
