package audit

import (
	"testing"

	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/rules"
)

// withRules returns the options of a user with rules of his own.
func withRules(t testing.TB, text string) Options {
	t.Helper()
	o := options(t)
	var err error
	if o.Tables, err = o.Tables.With("mine.yaml", text); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestOwnRules(t *testing.T) {
	privileged := func(s *pkitest.Spec) { template(s, "scheduler").Subject.Organization = []string{"system:masters"} }
	renamed := func(s *pkitest.Spec) { template(s, "scheduler").Subject.CommonName = "scheduler" }
	shortLived := ends("apiserver", 29*day)
	tests := []struct {
		name  string
		spec  func(*pkitest.Spec)
		rules string
		want  []string
	}{
		{"a privileged group that is allowed", privileged, "allow: {groups: [system:masters]}", nil},
		{"a common name that is allowed", renamed, "allow: {commonNames: {kube-scheduler: [scheduler]}}", nil},
		{"another one", renamed, "allow: {commonNames: {kube-controller-manager: [scheduler]}}", one("error common-name " + etc + "scheduler.conf")},
		{"a severity of its own", renamed, "severities: {common-name: info}", one("info common-name " + etc + "scheduler.conf")},
		{"for the milder findings of a check too", shortLived, "severities: {expires-soon: error}", one("error expires-soon " + pki + "apiserver.crt")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, fault{spec: tt.spec}.write(t), withRules(t, tt.rules))
			checkFindings(t, r, tt.want)
		})
	}
}

// Rows have the status of their findings, also where the user thinks less of them.
func TestStatusesFollowSeverities(t *testing.T) {
	tests := []struct {
		name  string
		spec  func(*pkitest.Spec)
		rules string
		path  string // of the certificate at fault
		want  string
	}{
		{"error", func(s *pkitest.Spec) { s.Cert("etcd-peer").Issuer = "ca" }, "", pki + "etcd/peer.crt", "error"},
		{"untrusted", func(s *pkitest.Spec) { s.Cert("etcd-peer").Issuer = "ca" }, "severities: {untrusted: info}", pki + "etcd/peer.crt", "info"},
		{"expired", ends("apiserver", -day), "severities: {expired: warning}", pki + "apiserver.crt", "warning"},
		{"expired authority", ends("etcd-ca", -day), "severities: {expired: warning}", pki + "etcd/ca.crt", "warning"},
		{"another check", ends("apiserver", -day), "severities: {untrusted: warning}", pki + "apiserver.crt", "error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, fault{spec: tt.spec}.write(t), withRules(t, tt.rules))
			for _, c := range r.Certificates {
				if c.Path == tt.path && string(c.Status) != tt.want {
					t.Errorf("the certificate has the status %s, want %s", c.Status, tt.want)
				}
			}
			if worst := worstStatus(r); string(worst) != tt.want {
				t.Errorf("the worst status is %s, want %s", worst, tt.want)
			}
		})
	}
}

func severityOf(s rules.Status) (v rules.Severity, found bool) {
	err := v.UnmarshalText([]byte(s))
	return v, err == nil
}
