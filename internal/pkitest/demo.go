package pkitest

import (
	"slices"
	"time"
)

const day = 24 * time.Hour

// Demo returns a node to be audited at this instant: it was healthy when kubeadm made it a hundred days before, and has since
// got one instructive fault in each of six certificates. It returns one sentence for each fault.
func Demo(at time.Time) (*Tree, []string, error) {
	at = at.UTC().Truncate(time.Second)
	s := Kubeadm(at.Add(-100 * day))
	var told []string
	for _, fault := range demoFaults() {
		fault.apply(s, at)
		told = append(told, fault.sentence)
	}
	t, err := s.Build()
	return t, told, err
}

// demoFault is one fault; apply is given the instant of the audit.
type demoFault struct {
	sentence string
	apply    func(s *Spec, at time.Time)
}

func demoFaults() []demoFault {
	return []demoFault{
		{
			sentence: "The API server's certificate lacks the name of the control-plane endpoint.",
			apply: func(s *Spec, _ time.Time) {
				t := s.Cert("apiserver").Template
				t.DNSNames = slices.DeleteFunc(t.DNSNames, func(name string) bool { return name == s.endpointHost() })
			},
		},
		{
			sentence: "The etcd peer certificate is signed by the cluster's CA instead of etcd's.",
			apply:    func(s *Spec, _ time.Time) { s.Cert("etcd-peer").Issuer = "ca" },
		},
		{
			sentence: "The certificate in admin.conf carries its group as organizational unit (OU) instead of organization (O).",
			apply: func(s *Spec, _ time.Time) {
				subject := &s.Cert("admin").Template.Subject
				subject.OrganizationalUnit, subject.Organization = subject.Organization, nil
			},
		},
		{
			sentence: "The private key of the front-proxy client does not belong to its certificate.",
			apply:    func(s *Spec, _ time.Time) { s.Cert("front-proxy-client").WrongKey = NewKey() },
		},
		{
			sentence: "The scheduler's client certificate expires in 5 days.",
			apply:    func(s *Spec, at time.Time) { s.Cert("scheduler").Template.NotAfter = at.Add(5 * day) },
		},
		{
			sentence: "The kubelet's client certificate expired 3 days ago and was not rotated.",
			apply:    func(s *Spec, at time.Time) { s.Cert("kubelet-client").Template.NotAfter = at.Add(-3 * day) },
		},
	}
}
