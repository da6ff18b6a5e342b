package audit

import (
	"testing"

	"kube-cert-audit/internal/pkitest"
)

// Every instance of a component is judged, whichever comes first.
func TestEveryInstanceIsJudged(t *testing.T) {
	const unit = "/etc/systemd/system/etcd.service"
	s := pkitest.Hardened(made())
	s.Files[unit] = &pkitest.File{Mode: 0o644, Data: []byte("[Service]\nExecStart=/usr/bin/etcd --listen-client-urls=http://192.0.2.11:12379\n")}
	s.Files["/etc/systemd/system/multi-user.target.wants/etcd.service"] = &pkitest.File{Link: unit}
	r := run(t, write(t, s), options(t))
	checkFindings(t, r, one("error client-auth-disabled "+unit))

	pod := s.Pod("etcd")
	pod.RemoveFlag("client-cert-auth")
	pod.RemoveFlag("trusted-ca-file")
	r = run(t, write(t, s), options(t))
	for _, path := range []string{unit, "/etc/kubernetes/manifests/etcd.yaml"} {
		if finding(r, "client-auth-disabled", path).Check == "" {
			t.Errorf("nothing is found in %s: %q", path, brief(r.Findings))
		}
	}
}
