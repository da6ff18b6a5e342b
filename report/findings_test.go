package report

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/audit"
	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

func TestFinding(t *testing.T) {
	const file = "/etc/kubernetes/pki/apiserver.crt"
	tests := []struct {
		name    string
		finding audit.Finding
		want    string
	}{
		{
			"whole", audit.Finding{
				Check: "expired", Severity: rules.Error, Component: "kubelet", Path: file, Message: "expired", Impact: "all",
				Source: manifests.Source{File: "/a.yaml", Line: 7, Argument: "--x"}, Fix: "one\n\n  two\n",
			},
			"ERROR  expired  kubelet  " + file + "\n  expired\n  at /a.yaml:7 --x\n  impact: all\n  fix:\n    one\n\n      two\n",
		},
		{
			"least", audit.Finding{Check: "shared-ca", Severity: rules.Warning, Message: "one CA"},
			"WARNING  shared-ca  -\n  one CA\n",
		},
		{
			"source is the object", audit.Finding{
				Check: "expired", Severity: rules.Error, Component: "kubectl", Path: file, Message: "m",
				Source: manifests.Source{File: file},
			},
			"ERROR  expired  kubectl  " + file + "\n  m\n",
		},
		{
			"info", audit.Finding{
				Check: "unverifiable", Severity: rules.Info, Component: "etcd", Path: file, Message: "in the image",
				Source: manifests.Source{File: "/a.yaml", Line: 7, Argument: "--x"},
			},
			"INFO  unverifiable  etcd  " + file + "\n  in the image (at /a.yaml:7 --x)\n",
		},
	}
	for _, tt := range tests {
		p := newPage(Options{})
		p.findings([]audit.Finding{tt.finding})
		if diff := cmp.Diff(tt.want, p.text.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestSummary(t *testing.T) {
	first := func(left int64) *audit.FirstExpiry {
		end := at().Add(time.Duration(left) * time.Second)
		return &audit.FirstExpiry{Path: "/pki/apiserver.crt", NotAfter: end, SecondsLeft: left}
	}
	tests := []struct {
		name     string
		summary  audit.Summary
		coverage audit.Coverage
		want     string
	}{
		{
			"nothing", audit.Summary{}, audit.Coverage{},
			"0 certificates, 0 keys, 0 connections: 0 errors, 0 warnings, 0 info; " +
				"0 references: 0 examined, 0 unreadable, 0 unverifiable",
		},
		{
			"one of each", audit.Summary{
				Certificates: 1, Keys: 1, Connections: 1, Error: 1, Warning: 1, Info: 1, FirstExpiry: first(343 * day),
			}, audit.Coverage{References: 1, Examined: 1},
			"1 certificate, 1 key, 1 connection: 1 error, 1 warning, 1 info; first to expire: /pki/apiserver.crt in 343d; " +
				"1 reference: 1 examined, 0 unreadable, 0 unverifiable",
		},
		{
			"expired", audit.Summary{Certificates: 21, Keys: 14, Connections: 16, Error: 2, FirstExpiry: first(-3 * day)},
			audit.Coverage{References: 41, Examined: 40, Unverifiable: 1},
			"21 certificates, 14 keys, 16 connections: 2 errors, 0 warnings, 0 info; " +
				"first to expire: /pki/apiserver.crt expired 3d ago; 41 references: 40 examined, 0 unreadable, 1 unverifiable",
		},
		{
			"never", audit.Summary{FirstExpiry: &audit.FirstExpiry{
				Path: "/x.crt", NotAfter: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), SecondsLeft: day,
			}}, audit.Coverage{},
			"0 certificates, 0 keys, 0 connections: 0 errors, 0 warnings, 0 info; first to expire: /x.crt never; " +
				"0 references: 0 examined, 0 unreadable, 0 unverifiable",
		},
	}
	for _, tt := range tests {
		p := newPage(Options{})
		p.summary(&audit.Report{Summary: tt.summary, Coverage: tt.coverage})
		if diff := cmp.Diff(tt.want+"\n", p.text.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestHeading(t *testing.T) {
	tests := []struct {
		node audit.Node
		want string
	}{
		{audit.Node{Name: "cp-1", Layout: "kubeadm", Version: "v1.37.2"}, "node cp-1 (kubeadm, v1.37.2)"},
		{audit.Node{Name: "cp-1", Layout: "static-pods"}, "node cp-1 (static-pods)"},
		{audit.Node{Name: "cp-1"}, "node cp-1"},
		{audit.Node{Version: "v1.37.2"}, "node of unknown name (v1.37.2)"},
		{audit.Node{Name: "x\n\x1b[2J"}, `node x\n\x1b[2J`},
	}
	for _, tt := range tests {
		p := newPage(Options{})
		p.heading(&audit.Report{Node: tt.node, At: at(), Root: "/host"})
		want := tt.want + " at 2026-12-15T00:00:00Z, root /host\n"
		if got := p.text.String(); got != want {
			t.Errorf("heading of %+v is %q, want %q", tt.node, got, want)
		}
	}
}
