package main

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/audit"
	"kube-cert-audit/report"
)

func TestOutputs(t *testing.T) {
	tests := []struct {
		given string // blank between the items
		want  string // format>file
		err   string
	}{
		{"", "table>/dev/stdout", ""},
		{"json", "json>/dev/stdout", ""},
		{"json=a.json", "json>a.json", ""},
		{"json=a=b,c:d", "json>a=b,c:d", ""},
		{"json=a csv table yaml=b", "", "csv and table cannot both"},
		{"json=a csv yaml=b", "csv>/dev/stdout json>a yaml>b", ""},
		{"json=- csv=a", "json>/dev/stdout csv>a", ""},
		{"json=/dev/stdout csv", "", "json and csv cannot both go to the standard output: write csv=FILE"},
		{"json=a/../b csv=b", "", "json and csv cannot both go to b"},
		{"json=a json=a", "", "json and json cannot both go to a"},
		{"json=", "", `"json=" names no file`},
		{"jsno=a", "", `"jsno" is none of`},
		{"=a", "", `"" is none of`},
	}
	for _, tt := range tests {
		o := outputsOf(report.Formats())
		var err error
		for _, item := range strings.Fields(tt.given) {
			err = errors.Join(err, o.Set(item))
		}
		if !fails(err, tt.err) {
			t.Errorf("%s: %v, want %q", tt.given, err, tt.err)
		}
		var got []string
		for _, d := range o.destinations() {
			got = append(got, d.format+">"+d.file)
		}
		if tt.err == "" && strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %q, want %q", tt.given, got, tt.want)
		}
	}
}

// TestOthersAreWritten: an output that fails does not cost the others.
func TestOthersAreWritten(t *testing.T) {
	o := outputsOf(report.Formats())
	for _, item := range []string{"json=" + t.TempDir(), "csv=/dev/stderr", "table"} {
		if err := o.Set(item); err != nil {
			t.Fatal(err)
		}
	}
	var stdout, stderr strings.Builder
	p := &process{stdout: &stdout, stderr: &stderr, getenv: getenv(nil)}
	err := p.deliver(p.stdout, &o, colorNever, func(w io.Writer, format string, _ report.Options) error {
		_, err := io.WriteString(w, format)
		return err
	})
	if !fails(err, "was not written: it is a folder") || stdout.String() != "table" || stderr.String() != "csv" {
		t.Errorf("%v, stdout %q, stderr %q", err, stdout.String(), stderr.String())
	}
}

// TestAllFaultsAreTold: one that is told must not hide another one.
func TestAllFaultsAreTold(t *testing.T) {
	var stderr strings.Builder
	p := &process{name: programName, stderr: &stderr, getenv: getenv(nil), uid: 1000}
	p.complain(errors.Join(
		errors.New("x was not written: disk full"),
		p.denied(audit.Coverage{References: 9, Denied: 1}, nil),
		late(audit.Coverage{References: 9, TimedOut: 2, Unjudged: 1})))
	want := `kube-cert-audit: x was not written: disk full
kube-cert-audit: 1 of 9 files could not be read for lack of permission: the audit is incomplete
kube-cert-audit: 2 of 9 files were not read in time: the audit is incomplete
kube-cert-audit: 1 object not judged in time (certificates, connections, folders …): the audit is incomplete
hint: sudo kube-cert-audit
hint: findmnt lists the mounts, of which one may not answer
hint: kube-cert-audit --timeout 5m waits longer in all, though only 5s for a file
`
	if diff := cmp.Diff(want, stderr.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if late(audit.Coverage{References: 9, Denied: 9}) != nil || p.denied(audit.Coverage{TimedOut: 1}, nil) != nil {
		t.Error("an error without a reason")
	}
}

func TestTimeout(t *testing.T) {
	for text, want := range map[string]string{"60s": "1m", "1h": "1h0m", "90s": "1m30s", "1d": "24h0m", "500ms": "500ms"} {
		var got timeout
		if err := got.Set(text); err != nil || got.String() != want {
			t.Errorf("%s is %s, %v, want %s", text, got.String(), err, want)
		}
	}
	for _, text := range []string{"0s", "", "60", "-1s"} {
		if err := new(timeout).Set(text); err == nil {
			t.Errorf("%q is taken for a length of time", text)
		}
	}
}
