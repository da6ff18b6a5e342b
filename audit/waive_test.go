package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/rules"
)

// waiverOf returns a file of rules with one waiver.
func waiverOf(check, at, expires string) string {
	return fmt.Sprintf("waivers:\n- {check: %s, %s, reason: a reason, expires: %s}\n", check, at, expires)
}

func waiverFaults() []fault {
	const peer = "path: " + pki + "etcd/peer.crt"
	return []fault{
		{name: "waiver of what is not found", rules: waiverOf("untrusted", peer, "2026-12-15"), want: one("info waiver-unused mine.yaml")},
		{name: "waiver that has ended, of what is mended", rules: waiverOf("untrusted", peer, "2026-12-14"), want: one("warning waiver-expired mine.yaml")},
		{
			name: "waiver that has ended", rules: waiverOf("untrusted", peer, "2026-12-14"),
			spec: func(s *pkitest.Spec) { s.Cert("etcd-peer").Issuer = "ca" },
			want: []string{"error untrusted " + pki + "etcd/peer.crt", "warning waiver-expired mine.yaml"},
		},
	}
}

func TestWaivers(t *testing.T) {
	const lastDay = "2026-12-15" // that of the audit
	foreignPeer := func(s *pkitest.Spec) { s.Cert("etcd-peer").Issuer = "ca" }
	wrongCA := setFlag("kube-apiserver", "etcd-cafile", pki+"ca.crt")
	tests := []struct {
		name   string
		spec   func(*pkitest.Spec)
		rules  string
		want   []string // findings
		waived []string
		status string // of the worst row
	}{
		{"on the last day", foreignPeer, waiverOf("untrusted", "path: "+pki+"etcd/peer.crt", lastDay), nil, one("error untrusted " + pki + "etcd/peer.crt"), "info"},
		{"of another path", foreignPeer, waiverOf("untrusted", "path: "+pki+"etcd/server.crt", lastDay), []string{"error untrusted " + pki + "etcd/peer.crt", "info waiver-unused mine.yaml"}, nil, "error"},
		{"of another check", foreignPeer, waiverOf("expired", "path: "+pki+"etcd/peer.crt", lastDay), []string{"error untrusted " + pki + "etcd/peer.crt", "info waiver-unused mine.yaml"}, nil, "error"},
		{"blamed on a CA file", wrongCA, waiverOf("untrusted", "path: "+pki+"ca.crt", lastDay), one("info common-name " + pki + "ca.crt"), one("error untrusted " + pki + "ca.crt"), "info"},
		{"expired authority", ends("etcd-ca", -day), waiverOf("expired", "path: "+pki+"etcd/ca.crt", lastDay), nil, one("error expired " + pki + "etcd/ca.crt"), "info"},
		{
			"one of two faults",
			func(s *pkitest.Spec) { foreignPeer(s); ends("etcd-peer", -day)(s) }, waiverOf("expired", "path: "+pki+"etcd/peer.crt", lastDay),
			one("error untrusted " + pki + "etcd/peer.crt"), one("error expired " + pki + "etcd/peer.crt"), "error",
		},
		{"with a severity of its own", foreignPeer, "severities: {untrusted: warning}\n" + waiverOf("untrusted", "path: "+pki+"etcd/peer.crt", lastDay), nil, one("warning untrusted " + pki + "etcd/peer.crt"), "info"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, fault{spec: tt.spec}.write(t), withRules(t, tt.rules))
			requireWaived(t, r, tt.want, tt.waived)
			if got := worstStatus(r); string(got) != tt.status {
				t.Errorf("the worst status is %s, want %s", got, tt.status)
			}
		})
	}
}

// requireWaived holds a report to its findings and to those that are waived.
func requireWaived(t *testing.T, r *Report, want, wantWaived []string) {
	t.Helper()
	checkFindings(t, r, want)
	var aside []Finding
	for _, w := range r.Waived {
		aside = append(aside, w.Finding)
		if w.Waiver.Reason != "a reason" || w.Waiver.Source.File != "mine.yaml" || w.Waiver.Source.Line == 0 {
			t.Errorf("waived by %+v", w.Waiver)
		}
	}
	if diff := cmp.Diff(wantWaived, brief(aside)); diff != "" || r.Summary.Waived != len(wantWaived) {
		t.Errorf("%d waived (-want +got):\n%s", r.Summary.Waived, diff)
	}
	if n := r.Summary.Error + r.Summary.Warning + r.Summary.Info; n != len(want) {
		t.Errorf("%d findings are counted: %+v", n, r.Summary)
	}
}

func worstStatus(r *Report) rules.Status {
	worst := rules.OK
	add := func(s rules.Status) {
		if v, ok := severityOf(s); ok {
			worst = worst.Worse(v)
		}
	}
	for _, c := range r.Certificates {
		add(c.Status)
	}
	for _, k := range r.Keys {
		add(k.Status)
	}
	for _, c := range r.Connections {
		add(c.Status)
	}
	return worst
}

// A connection that fails for what is waived says that it does.
func TestWaivedConnectionTellsWhy(t *testing.T) {
	f := fault{spec: ends("apiserver", -day)}
	r := run(t, f.write(t), withRules(t, waiverOf("expired", "path: "+pki+"apiserver.crt", "2027-01-31")))
	failing := 0
	for _, c := range r.Connections {
		if c.Presenter.Path == pki+"apiserver.crt" {
			failing++
			if c.Status != "info" || !strings.HasSuffix(c.Reason, " (waived)") {
				t.Errorf("%s: %s, %q", c.Name, c.Status, c.Reason)
			}
		}
	}
	if failing == 0 {
		t.Error("no connection presents the certificate")
	}
}

// The fingerprint is that of the report, and holds wherever the certificate lies.
func TestWaiverByFingerprint(t *testing.T) {
	root := fault{spec: ends("admin", -day)}.write(t)
	sum := ""
	for _, c := range run(t, root, options(t)).Certificates {
		if c.Path == etc+"admin.conf" {
			sum = c.FingerprintSHA256
		}
	}
	want := []string{"error expired " + etc + "admin.conf", "error expired /root/.kube/config"}
	requireWaived(t, run(t, root, withRules(t, waiverOf("expired", "fingerprint: "+sum, "2027-01-31"))), nil, want)
	other := strings.Repeat("0", 64)
	slices.Sort(want)
	requireWaived(t, run(t, root, withRules(t, waiverOf("expired", "fingerprint: \""+other+"\"", "2027-01-31"))), append(want, "info waiver-unused mine.yaml"), nil)
}

// That a waiver is not used is told only where it could have been.
func TestUnusedWaiverIsSure(t *testing.T) {
	const peer = "path: " + pki + "etcd/peer.crt"
	gone := fault{tree: func(t *pkitest.Tree) { t.Files[pki+"etcd/peer.crt"].Data = nil }}
	without := withRules(t, waiverOf("expired", peer, "2027-01-31"))
	without.Checks = slices.DeleteFunc(rules.Checks(), func(c rules.Check) bool { return c.ID == "expired" })
	tests := []struct {
		name string
		root string
		opts Options
	}{
		{"check not run", fault{}.write(t), without},
		{"file not read", gone.write(t), withRules(t, waiverOf("expired", peer, "2027-01-31"))},
		{"left-overs not asked for", fault{}.write(t), withRules(t, waiverOf("orphan", "path: "+pki+"old.crt", "2027-01-31"))},
		{"nothing there", t.TempDir(), withRules(t, waiverOf("expired", peer, "2026-01-31"))},
	}
	for _, tt := range tests {
		for _, f := range run(t, tt.root, tt.opts).Findings {
			if strings.HasPrefix(f.Check, "waiver-") {
				t.Errorf("%s: %+v", tt.name, f)
			}
		}
	}
	late, cancel := context.WithCancel(t.Context())
	cancel()
	fsys, err := hostfs.New(fault{}.write(t))
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	for _, f := range Run(late, fsys, withRules(t, waiverOf("expired", peer, "2027-01-31"))).Findings {
		if strings.HasPrefix(f.Check, "waiver-") {
			t.Errorf("late: %+v", f)
		}
	}
}
