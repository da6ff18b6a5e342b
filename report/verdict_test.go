package report

import (
	"strings"
	"testing"

	"kube-cert-audit/audit"
	"kube-cert-audit/rules"
)

func TestVerdict(t *testing.T) {
	type connections = []audit.Connection
	sound := audit.Connection{Outcome: audit.Succeeds, Status: rules.OK}
	unjudged := audit.Connection{Outcome: audit.Unknown, Status: "info", Reason: "in a Secret"}
	broken := audit.Connection{
		Outcome: audit.Fails, Status: "error", Presenter: audit.Endpoint{Component: "etcd", Path: "/peer.crt"}, Verifier: audit.Endpoint{Component: "kubelet", Path: "/ca.crt"},
	}
	milder, waived := broken, broken
	milder.Status, waived.Status = "warning", "info"
	mode := audit.Finding{Check: "file-permissions", Severity: rules.Error, Path: "/x.key", Message: "its mode is 0644", Impact: "who has the key can act as its owner"}
	peer := audit.Finding{Check: "untrusted", Severity: rules.Error, Path: "/peer.crt", Message: "it expired", Impact: "the member drops out"}
	soon := audit.Finding{Check: "expires-soon", Severity: rules.Warning, Path: "/peer.crt", Message: "it expires"}
	pairs := audit.Finding{Check: "key-mismatch", Severity: rules.Error, Path: "/peer.crt", Impact: "it does not start again"}
	proxy := audit.Finding{Check: "requestheader-names", Severity: rules.Error, Path: "/peer.crt", Message: "not among the names", Impact: "aggregated APIs fail"}
	soonStops := soon
	soonStops.Check, soonStops.Impact = "expired", "from then on it fails"
	remark := audit.Finding{Severity: rules.Info, Impact: "none"}
	tests := []struct {
		name        string
		kind        string
		connections connections
		findings    []audit.Finding
		coverage    audit.Coverage
		waived      []audit.Waived
		status      rules.Status
		want        string
	}{
		{"sound", audit.Kind, connections{sound, sound}, []audit.Finding{remark}, audit.Coverage{}, nil, rules.OK,
			"Yes: 2 of 2 TLS connections of this control plane would succeed at this time."},
		{"broken", audit.Kind, connections{sound, broken}, []audit.Finding{mode, peer}, audit.Coverage{}, nil, "error",
			"No: 1 of 2 TLS connections of this control plane would fail at this time; first of all, the member drops out; the cause is /peer.crt: it expired."},
		{"broken without a finding", audit.Kind, connections{broken}, []audit.Finding{mode, soon}, audit.Coverage{Denied: 1}, nil, "error",
			"No: 1 of 1 TLS connection of this control plane would fail at this time; first of all, etcd is refused by kubelet."},
		{"sound, with an error", audit.Kind, connections{sound}, []audit.Finding{mode, soon}, audit.Coverage{}, nil, "error",
			"Yes: 1 of 1 TLS connection of this control plane would succeed at this time, but with 1 error and 1 warning; first of all, who has the key can act as its owner; the cause is /x.key: its mode is 0644."},
		{"sound, with a warning", audit.Kind, connections{sound}, []audit.Finding{soon, remark}, audit.Coverage{}, nil, "warning",
			"Yes: 1 of 1 TLS connection of this control plane would succeed at this time, but with 1 warning; first of all, /peer.crt: it expires."},
		{"not judged", audit.Kind, connections{sound, sound, unjudged}, nil, audit.Coverage{}, nil, rules.OK,
			"As far as can be told from here: 2 of 3 TLS connections of this control plane would succeed at this time, and 1 could not be judged in full."},
		{"not read", audit.Kind, connections{sound}, nil, audit.Coverage{Denied: 1}, nil, "warning",
			"Unknown: as far as was read, 1 of 1 TLS connection of this control plane would succeed at this time."},
		{"broken, and at fault in other ways", audit.Kind, connections{broken}, []audit.Finding{pairs, peer}, audit.Coverage{}, nil, "error",
			"No: 1 of 1 TLS connection of this control plane would fail at this time; first of all, the member drops out; the cause is /peer.crt: it expired."},
		{"refused by name", audit.Kind, connections{broken}, []audit.Finding{proxy}, audit.Coverage{}, nil, "error",
			"No: 1 of 1 TLS connection of this control plane would fail at this time; first of all, aggregated APIs fail; the cause is /peer.crt: not among the names."},
		{"rated milder", audit.Kind, connections{sound, milder}, []audit.Finding{soonStops}, audit.Coverage{}, nil, "warning",
			"No: 1 of 2 TLS connections of this control plane would fail at this time, 1 of them waived or rated milder; first of all, from then on it fails; the cause is /peer.crt: it expires."},
		{"waived", audit.Kind, connections{broken, waived}, nil, audit.Coverage{}, []audit.Waived{{Finding: peer}}, "error",
			"No: 2 of 2 TLS connections of this control plane would fail at this time, 1 of them waived or rated milder; first of all, the member drops out; the cause is /peer.crt: it expired."},
		{"all waived", audit.Kind, connections{waived}, nil, audit.Coverage{}, []audit.Waived{{Finding: peer}}, "warning",
			"No: 1 of 1 TLS connection of this control plane would fail at this time, 1 of them waived or rated milder; first of all, the member drops out; the cause is /peer.crt: it expired."},
		{"sound, but for what is waived", audit.Kind, connections{sound}, nil, audit.Coverage{}, []audit.Waived{{Finding: mode}}, rules.OK,
			"Yes: 1 of 1 TLS connection of this control plane would succeed at this time, but with 1 waived finding."},
		{"a damaged file", audit.Kind, connections{sound, unjudged}, []audit.Finding{mode}, audit.Coverage{Unreadable: 1}, nil, "error",
			"Unknown: as far as was read, 1 of 2 TLS connections of this control plane would succeed at this time, and 1 could not be judged in full, but with 1 error; first of all, who has the key can act as its owner; the cause is /x.key: its mode is 0644."},
		{"a file elsewhere", audit.Kind, connections{sound}, nil, audit.Coverage{Unverifiable: 1}, nil, rules.OK,
			"As far as can be told from here: 1 of 1 TLS connection of this control plane would succeed at this time."},
		{"nothing", audit.Kind, nil, []audit.Finding{mode}, audit.Coverage{}, nil, "error",
			"Unknown: no TLS connection was found that could be judged."},
		{"files", audit.KindInspect, nil, []audit.Finding{remark}, audit.Coverage{}, nil, rules.OK,
			"Nothing is wrong with what was inspected, as far as files alone tell."},
		{"files, but for what is waived", audit.KindInspect, nil, nil, audit.Coverage{}, []audit.Waived{{Finding: peer}, {Finding: mode}}, rules.OK,
			"Nothing is wrong with what was inspected, but for 2 waived findings, as far as files alone tell."},
		{"files not read", audit.KindInspect, nil, nil, audit.Coverage{Denied: 1}, nil, "warning",
			"Nothing is wrong with what could be read, as far as files alone tell."},
		{"broken files", audit.KindInspect, nil, []audit.Finding{peer, soon}, audit.Coverage{}, nil, "error",
			"Something is wrong with what was inspected: 1 error and 1 warning; first of all, the member drops out; the cause is /peer.crt: it expired."},
	}
	for _, tt := range tests {
		r := &audit.Report{Kind: tt.kind, Connections: tt.connections, Findings: tt.findings, Waived: tt.waived, Coverage: tt.coverage}
		r.Summary.Waived = len(tt.waived)
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
