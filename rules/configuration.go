package rules

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// clientAuthDisabled fires when etcd, or an API server of old, lets in clients
// without a certificate.
func clientAuthDisabled(s *Subject, c *Component) []Problem {
	switch {
	case c.Name == "etcd" && !c.Partial:
		return slices.Concat(
			openListener(s, c, []string{"listen-client-urls", "listen-client-http-urls"}, "", "reads and writes every object and Secret of the cluster"),
			openListener(s, c, []string{"listen-peer-urls"}, "peer-", "joins the cluster as a member, with all its data"))
	case c.Name == "kube-apiserver":
		if port, _ := c.Values("insecure-port"); len(port) > 0 && port[0] != "0" {
			return []Problem{{
				Message: "--insecure-port=" + port[0] + " serves the API without TLS and without authentication",
				Impact:  "whoever reaches the port is cluster administrator",
				Fix:     edit("in %s: --insecure-port=0", s.manifest(c.Name)),
			}}
		}
	}
	return nil
}

// openListener judges one of etcd's two kinds of listeners. A trusted CA alone
// makes etcd demand certificates; --client-cert-auth then adds nothing, and
// without a CA it makes etcd refuse everybody.
func openListener(s *Subject, c *Component, arguments []string, prefix, can string) []Problem {
	var problems []Problem
	isTLS := false
	for _, argument := range arguments {
		urls, _ := c.Values(argument)
		isTLS = isTLS || c.servesTLS(argument)
		plain := slices.DeleteFunc(slices.Clone(urls), func(u string) bool { return !strings.HasPrefix(u, "http:") || isLoopback(u) })
		if len(plain) > 0 {
			problems = append(problems, Problem{
				Message: fmt.Sprintf("--%s serves plain HTTP beyond this node: %s", argument, list(plain)),
				Impact:  "whoever reaches the address " + can,
				Fix:     edit("in %s: https:// in --%s", s.manifest(c.Name), argument),
			})
		}
	}
	if !isTLS || c.has(prefix+"trusted-ca-file") || c.is(prefix+"client-cert-auth") {
		return problems
	}
	message := fmt.Sprintf("etcd accepts clients without a certificate: --%strusted-ca-file is not given", prefix)
	if c.is(prefix + "auto-tls") {
		message += fmt.Sprintf(", and --%sauto-tls encrypts without knowing anybody", prefix)
	}
	return append(problems, Problem{
		Message: message, Impact: "whoever reaches the port " + can,
		Fix: edit("in %s: --%strusted-ca-file=CA and --%sclient-cert-auth=true", s.manifest(c.Name), prefix, prefix),
	})
}

// isLoopback reports whether a URL is on this node alone.
func isLoopback(text string) bool {
	u, err := url.Parse(text)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// kubeletUnverified tells that the API server does not verify whom it connects
// to at the kubelets' port, which is kubeadm's default.
func kubeletUnverified(s *Subject, c *Component) []Problem {
	if c.Name != "kube-apiserver" {
		return nil
	}
	if values, given := c.Values("kubelet-certificate-authority"); given && len(values) > 0 {
		return nil
	}
	return []Problem{{
		Severity: Info,
		Message:  "the API server does not verify the certificates of the kubelets: --kubelet-certificate-authority is not given (kubeadm's default)",
		Impact:   "who can pose as a node sees what kubectl exec, logs and port-forward carry",
		Fix: steps(
			edit("set serverTLSBootstrap: true for the kubelets, approve their requests (kubectl certificate approve), then"),
			edit("in %s: --kubelet-certificate-authority=CA", s.manifest(c.Name))),
	}}
}

// serverUnverified fires when a client does not verify its server: the API
// server, or a webhook that the API server asks. Who answers on the loopback is
// on this node already.
func serverUnverified(s *Subject, k *Kubeconfig) []Problem {
	client, server := "the client", "the API server"
	p := Problem{Impact: "who can pose as the API server gets the credentials of this client, and decides what it believes"}
	if k.Webhook {
		client, server = "the API server", "the webhook"
		p.Impact = "who can pose as the webhook sees what it is asked, and decides in its place"
	}
	switch {
	case k.Webhook && isLoopback(k.Server):
		return nil
	case k.Insecure:
		p.Message = fmt.Sprintf("insecure-skip-tls-verify: %s does not verify %s", client, server)
		p.Fix = edit("in %s: remove insecure-skip-tls-verify and give certificate-authority-data", remark(s.Path)).of(s.Path)
	case strings.HasPrefix(k.Server, "http:"):
		p.Message = fmt.Sprintf("%s talks to %s without TLS: %s", client, server, k.Server)
		p.Fix = edit("in %s: server: https://…", remark(s.Path)).of(s.Path)
	default:
		return nil
	}
	return []Problem{p}
}

// sharedCA fires when one authority serves two purposes that must be apart: who
// holds a certificate for the one can act in the other.
func sharedCA(s *Subject, c *Component) []Problem {
	switch c.Name {
	case "kube-apiserver":
		return sharedProxyCA(s, c)
	case "etcd":
		return sharedEtcdCA(s, c)
	}
	return nil
}

func sharedProxyCA(s *Subject, c *Component) []Problem {
	common := sameKey(c.Certificates["requestheader-client-ca-file"], c.Certificates["client-ca-file"])
	if common == nil {
		return nil
	}
	p := Problem{
		Message: fmt.Sprintf("the front-proxy CA is the client CA as well: %s in %s", name(common.Certificate), place(common)),
		Impact:  "any client certificate of that CA with an allowed name may act as any user by request headers",
		Fix:     ByHand("# make a CA for the front proxy alone" + s.byKubeadm("front-proxy-ca and front-proxy-client") + " and name it in --requestheader-client-ca-file"),
	}
	if names, _ := c.Values("requestheader-allowed-names"); len(names) > 0 {
		p.Severity = Warning
		return []Problem{p}
	}
	p.Message += ", and --requestheader-allowed-names is empty"
	p.Impact = "any client certificate, such as a kubelet's, may act as any user, the administrators included, by request headers"
	return []Problem{p}
}

func sharedEtcdCA(s *Subject, c *Component) []Problem {
	api := s.Components["kube-apiserver"]
	if api == nil {
		return nil
	}
	common := sameKey(c.Certificates["trusted-ca-file"], api.Certificates["client-ca-file"])
	if common == nil {
		return nil
	}
	return []Problem{{
		Severity: Warning,
		Message:  fmt.Sprintf("etcd trusts the client CA of the API server: %s in %s", name(common.Certificate), place(common)),
		Impact:   "any client certificate of the cluster, such as a kubelet's, reads and writes all of etcd, Secrets included (CIS 2.7)",
		Fix:      ByHand("# make a CA for etcd alone" + s.byKubeadm("etcd-ca, and the certificates that it signs") + " and name it in etcd's --trusted-ca-file"),
	}}
}

// byKubeadm says in brackets which phases of kubeadm make certificates, where it does.
func (s *Subject) byKubeadm(phases string) string {
	if !s.Layout.Kubeadm {
		return ""
	}
	return " (kubeadm init phase certs " + phases + ")"
}

// sameKey returns a certificate of a that has the key of one of b.
func sameKey(a, b []*Certificate) *Certificate {
	for _, x := range a {
		for _, y := range b {
			if EqualKeys(x.PublicKey, y.PublicKey) {
				return x
			}
		}
	}
	return nil
}

// signerMismatch fires when what the controller-manager signs is not accepted,
// or when it cannot sign at all.
func signerMismatch(s *Subject, c *Component) []Problem {
	var problems []Problem
	for _, p := range c.Signers {
		if message, fix := s.signerFault(p); message != "" {
			problems = append(problems, Problem{
				Message: message,
				Impact:  "certificate requests are not signed, or signed for nothing: kubelets can neither join nor renew, and turn NotReady when their certificates end",
				Fix:     fix,
			})
		}
	}
	return problems
}

func (s *Subject) signerFault(p *Pair) (message string, fix Fix) {
	where := fmt.Sprintf("%s with %s", p.Certificate.Path, p.Key.Path)
	switch {
	case len(p.File) > 1:
		return fmt.Sprintf("the signing certificate %s holds %d certificates; the controller-manager takes exactly one", p.Certificate.Path, len(p.File)),
			ByHand(fmt.Sprintf("openssl x509 -in %s -out /root/signing-ca.crt    # the first one, for --cluster-signing-cert-file", sh(p.Certificate.Path)))
	case p.Key.Public != nil && !EqualKeys(p.Key.Public, p.Certificate.PublicKey):
		return "the signing key does not belong to the signing certificate: " + where,
			ByHand("# restore the key of this CA from a backup or from another control-plane node:",
				fmt.Sprintf("openssl x509 -in %s -noout -pubkey; openssl pkey -in %s -pubout    # must be the same", sh(p.Certificate.Path), sh(p.Key.Path)))
	case p.ClientSigner && !s.Layout.SignsServers && s.Components["kube-apiserver"] != nil &&
		sameKey([]*Certificate{p.Certificate}, s.Components["kube-apiserver"].Certificates["client-ca-file"]) == nil &&
		len(s.Components["kube-apiserver"].Certificates["client-ca-file"]) > 0:
		return fmt.Sprintf("the controller-manager signs with the CA %s in %s, which the API server does not trust for clients", name(p.Certificate.Certificate), p.Certificate.Path),
			edit("in %s: --cluster-signing-cert-file and -key-file of the CA in --client-ca-file", s.manifest("kube-controller-manager"))
	}
	return "", nil
}
