package audit

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/internal/pkitest"
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
	tests := []struct {
		name  string
		spec  func(*pkitest.Spec)
		rules string
		want  []string
	}{
		{"a privileged group that is allowed", privileged, "allow: {groups: [system:masters]}", nil},
		{"a common name that is allowed", renamed, "allow: {commonNames: {kube-scheduler: [scheduler]}}", nil},
		{"another one", renamed, "allow: {commonNames: {kube-controller-manager: [scheduler]}}", one("error common-name " + etc + "scheduler.conf")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, fault{spec: tt.spec}.write(t), withRules(t, tt.rules))
			got := brief(r.Findings)
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}
