package report

import (
	"strings"
	"testing"

	"kube-cert-audit/audit"
	"kube-cert-audit/rules"
)

func TestVerdict(t *testing.T) {
	type connections = []audit.Connection
	sound := audit.Connection{Status: rules.OK}
	unjudged := audit.Connection{Status: "info", Reason: "in a Secret"}
	broken := audit.Connection{
		Status: "error", Presenter: audit.Endpoint{Component: "etcd", Path: "/peer.crt"}, Verifier: audit.Endpoint{Component: "kubelet", Path: "/ca.crt"},
	}
	mode := audit.Finding{Severity: rules.Error, Path: "/x.key", Impact: "who has the key can act as its owner"}
	peer := audit.Finding{Severity: rules.Error, Path: "/peer.crt", Impact: "the member drops out"}
	soon := audit.Finding{Severity: rules.Warning, Path: "/peer.crt", Message: "it expires"}
	remark := audit.Finding{Severity: rules.Info, Impact: "none"}
	tests := []struct {
		name        string
		kind        string
		connections connections
		findings    []audit.Finding
		denied      int
		status      rules.Status
		want        string
	}{
		{"sound", audit.Kind, connections{sound, sound}, []audit.Finding{remark}, 0, rules.OK,
			"Yes: 2 of 2 TLS connections of this control plane would succeed at this time."},
		{"broken", audit.Kind, connections{sound, broken}, []audit.Finding{mode, peer}, 0, "error",
			"No: 1 of 2 TLS connections of this control plane would fail at this time; first of all, the member drops out."},
		{"broken without a finding", audit.Kind, connections{broken}, []audit.Finding{mode, soon}, 1, "error",
			"No: 1 of 1 TLS connection of this control plane would fail at this time; first of all, etcd is refused by kubelet."},
		{"sound, with an error", audit.Kind, connections{sound}, []audit.Finding{mode, soon}, 0, "error",
			"Yes: 1 of 1 TLS connection of this control plane would succeed at this time, but with 1 error and 1 warning; first of all, who has the key can act as its owner."},
		{"sound, with a warning", audit.Kind, connections{sound}, []audit.Finding{soon, remark}, 0, "warning",
			"Yes: 1 of 1 TLS connection of this control plane would succeed at this time, but with 1 warning; first of all, it expires."},
		{"not judged", audit.Kind, connections{sound, sound, unjudged}, nil, 0, rules.OK,
			"As far as can be told from here: 2 of 3 TLS connections of this control plane would succeed at this time, and 1 could not be judged in full."},
		{"not read", audit.Kind, connections{sound}, nil, 1, "warning",
			"Unknown: as far as was read, 1 of 1 TLS connection of this control plane would succeed at this time."},
		{"nothing", audit.Kind, nil, []audit.Finding{mode}, 0, "error",
			"Unknown: no TLS connection was found that could be judged."},
		{"files", audit.KindInspect, nil, []audit.Finding{remark}, 0, rules.OK,
			"Nothing is wrong with what was inspected, as far as files alone tell."},
		{"files not read", audit.KindInspect, nil, nil, 1, "warning",
			"Nothing is wrong with what could be read, as far as files alone tell."},
		{"broken files", audit.KindInspect, nil, []audit.Finding{peer, soon}, 0, "error",
			"Something is wrong with what was inspected: 1 error and 1 warning; first of all, the member drops out."},
	}
	for _, tt := range tests {
		r := &audit.Report{Kind: tt.kind, Connections: tt.connections, Findings: tt.findings, Coverage: audit.Coverage{Denied: tt.denied}}
		for _, f := range tt.findings {
			switch f.Severity {
			case rules.Error:
				r.Summary.Error++
			case rules.Warning:
				r.Summary.Warning++
			}
		}
		if got := verdictOf(r); got.Sentence != tt.want || got.Status != tt.status {
			t.Errorf("%s: %s, %s\nwant %s, %s", tt.name, got.Status, got.Sentence, tt.status, tt.want)
		}
		if strings.Count(tt.want, ". ") > 0 {
			t.Errorf("%s: more than one sentence", tt.name)
		}
	}
}
