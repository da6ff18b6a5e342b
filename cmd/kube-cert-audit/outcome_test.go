package main

import (
	"errors"
	"slices"
	"testing"

	"kube-cert-audit/audit"
)

func TestExitCode(t *testing.T) {
	tests := []struct {
		summary audit.Summary
		want    map[string]int // by --fail-on
	}{
		{audit.Summary{}, map[string]int{failOnWarning: 0, failOnError: 0, failOnNever: 0}},
		{audit.Summary{Info: 9}, map[string]int{failOnWarning: 0, failOnError: 0, failOnNever: 0}},
		{audit.Summary{Warning: 1, Info: 9}, map[string]int{failOnWarning: 1, failOnError: 0, failOnNever: 0}},
		{audit.Summary{Error: 1, Warning: 9}, map[string]int{failOnWarning: 2, failOnError: 2, failOnNever: 0}},
	}
	for _, tt := range tests {
		for failOn, want := range tt.want {
			if got := exitCode(tt.summary, failOn); got != want {
				t.Errorf("%+v, --fail-on %s: %d, want %d", tt.summary, failOn, got, want)
			}
		}
	}
}

func TestNothingFound(t *testing.T) {
	for want, report := range map[bool]*audit.Report{
		true:  {},
		false: {Findings: []audit.Finding{{Check: "unreadable"}}}, // a manifest that gives no reference is something
	} {
		if got := nothingFound(report); got != want {
			t.Errorf("nothingFound(%+v) = %v", report, got)
		}
	}
	if nothingFound(&audit.Report{Coverage: audit.Coverage{References: 1}}) {
		t.Error("a reference is something")
	}
}

func TestDeniedHintsAtTheSameCommand(t *testing.T) {
	tests := []struct {
		uid       int
		args      []string
		variables map[string]string
		want      string
	}{
		{1000, nil, nil, "sudo kube-cert-audit"},
		{1000, []string{"--root", "my node", "--at=+90d"}, nil, "sudo kube-cert-audit --root 'my node' --at=+90d"},
		{1000, []string{"--node-name", "it's"}, nil, `sudo kube-cert-audit --node-name 'it'\''s'`},
		{1000, []string{"audit"}, map[string]string{"KUBE_CERT_AUDIT_ROOT": "/mnt/$x", "KUBE_CERT_AUDIT_AT": ""},
			"sudo env 'KUBE_CERT_AUDIT_ROOT=/mnt/$x' kube-cert-audit audit"},
		{0, nil, nil, "root reads the files of others by the capability CAP_DAC_READ_SEARCH: grant it to this container or unit"},
	}
	for _, tt := range tests {
		p := &process{name: programName, uid: tt.uid, args: tt.args, getenv: getenv(tt.variables)}
		err := p.denied(audit.Coverage{References: 30, Denied: 2}, p.auditCommand().flags)
		f, ok := errors.AsType[*failure](err)
		if !ok || f.fault != "2 of 30 files could not be read for lack of permission: the audit is incomplete" {
			t.Fatalf("denied: %v", err)
		}
		if !slices.Equal(f.hints, []string{tt.want}) {
			t.Errorf("uid %d, %q: hints %q, want %q", tt.uid, tt.args, f.hints, tt.want)
		}
	}
}
