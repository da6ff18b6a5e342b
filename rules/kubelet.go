package rules

import (
	"fmt"
	"time"
)

// overdue is the part of its life after which a certificate that the kubelet
// rotates is late: rotation is due at 70 to 90 %.
const overdue = 10 // one tenth left

// rotation fires when the kubelet cannot renew its client certificate, or did
// not in time (kubernetes/client-go: util/certificate).
func rotation(s *Subject, r *Rotation) []Problem {
	var problems []Problem
	if r.Dangling != "" {
		problems = append(problems, Problem{
			Message: fmt.Sprintf("%s leads to %s, which does not exist", r.Link, r.Dangling),
			Impact:  user("kubelet"),
			Fix: steps(
				first(fmt.Sprintf("ls -l %s    # is there a dated file that is still valid?", sh(parent(r.Link))),
					fmt.Sprintf("ln -sfn NEWEST %s && systemctl restart kubelet    # else:", sh(r.Link))),
				s.renewKubelet(&Certificate{})),
		})
	}
	if r.Enabled && r.PlainFile {
		problems = append(problems, Problem{
			Severity: Warning,
			Message:  r.Link + " is a regular file and not a link, so that the kubelet cannot exchange it",
			Impact:   "the certificate is not renewed; when it ends, " + user("kubelet"),
			Fix: steps(
				step(PhaseConfigure, []string{r.Link}, fmt.Sprintf("mv %s %s && ln -s %s %s", sh(r.Link), sh(dated(r)), sh(dated(r)), sh(r.Link))),
				s.restart("kubelet")),
		})
	}
	if r.Enabled && r.Embedded {
		problems = append(problems, Problem{
			Severity: Warning,
			Message:  "the kubelet's kubeconfig holds the certificate itself, which rotation never replaces",
			Impact:   "the kubelet does not start again once that certificate has ended: the node then turns NotReady, and its pods are evicted",
			Fix: steps(
				edit("in %s: client-certificate: %s and client-key: %s instead of the -data fields", remark(s.Path), remark(r.Link), remark(r.Link)).of(s.Path),
				s.restart("kubelet")),
		})
	}
	if r.Pending != "" {
		problems = append(problems, Problem{
			Severity: Warning,
			Message:  "serverTLSBootstrap is on, and the kubelet has no serving certificate: " + r.Pending + " does not exist",
			Impact:   "the kubelet answers with a TLS error: kubectl logs, exec and top fail for its pods",
			Fix:      ByHand("kubectl get csr    # then kubectl certificate approve NAME: nothing in Kubernetes approves these by itself"),
		})
	}
	return append(problems, late(s, r)...)
}

// IsOverdue reports whether a certificate that the kubelet rotates should have been
// rotated by then.
func (c *Certificate) IsOverdue(at time.Time) bool {
	return c.NotAfter.Sub(at) < c.NotAfter.Sub(c.NotBefore)/overdue
}

// late judges the time that a rotating certificate has left.
func late(s *Subject, r *Rotation) []Problem {
	if r.Current == nil || !r.Current.Rotates || !isValidAt(r.Current.Certificate, s.At) || !r.Current.IsOverdue(s.At) {
		return nil
	}
	left, lifetime := r.Current.NotAfter.Sub(s.At), r.Current.NotAfter.Sub(r.Current.NotBefore)
	p := Problem{
		Severity: Warning,
		Message: fmt.Sprintf("the certificate of the kubelet ends on %s, in %s, and was due for rotation at 70 to 90 %% of its life",
			r.Current.NotAfter.UTC().Format(time.RFC3339), span(s.At, r.Current.NotAfter)),
		Impact: "if rotation does not succeed until then, " + user("kubelet"),
		Fix: steps(
			first("journalctl -u kubelet | grep -i certificate    # why does it not rotate?",
				"kubectl get csr    # is a request pending? does kube-controller-manager sign?"),
			s.restart("kubelet")),
	}
	if left < min(s.Limits.Error, lifetime/30) {
		p.Severity = Error
	}
	return []Problem{p}
}

// dated returns the name that the kubelet gives to the file behind its link.
func dated(r *Rotation) string {
	const stamp = "-2006-01-02-15-04-05.pem"
	at := "-DATE.pem"
	if r.Current != nil {
		at = r.Current.NotBefore.UTC().Format(stamp)
	}
	return parent(r.Link) + "/kubelet-client" + at
}
