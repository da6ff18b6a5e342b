package audit

import (
	"context"
	"maps"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/rules"
)

// look looks ahead on the node below a folder.
func look(t *testing.T, root string, o Options, until time.Time) *Forecast {
	t.Helper()
	fsys, err := hostfs.New(root)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	return LookAhead(t.Context(), fsys, o, until)
}

// allFindings returns the findings of a date, those about its ends as well.
func allFindings(d *Date) []Finding {
	all := slices.Clone(d.Findings)
	for i := range d.Ends {
		all = append(all, d.Ends[i].Findings...)
	}
	return all
}

// What a forecast says of a date is what an audit of that moment finds, and all that
// it finds by then stands on some date, on nodes of every layout.
func TestForecastIsTheAuditOfEachDate(t *testing.T) {
	for _, n := range layoutNodes() {
		t.Run(n.name, func(t *testing.T) {
			t.Parallel()
			root := write(t, n.build(made()), unlinked)
			f := look(t, root, options(t), at().AddDate(120, 0, 0)) // kubeasz means it
			told := map[string]bool{}
			for i := range f.Dates {
				d := &f.Dates[i]
				if slices.ContainsFunc(d.Ends, func(e End) bool { return e.Renewal != "" }) {
					continue
				}
				o := options(t)
				o.At = d.Ends[len(d.Ends)-1].NotAfter.Add(time.Second)
				r := run(t, root, o)
				for _, x := range allFindings(d) {
					told[x.Path] = true
					if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return reflect.DeepEqual(f, x) }) {
						t.Errorf("%s: no audit finds %+v", d.Day, x)
					}
				}
				for _, x := range r.Findings {
					if x.Check == "expired" && !told[x.Path] {
						t.Errorf("%s: not in the forecast: %+v", d.Day, x)
					}
				}
			}
			if n.layout != "openshift" && len(told) == 0 {
				t.Errorf("nothing was compared: %+v", f)
			}
		})
	}
}

// unlinked makes files of the links by which kubelets exchange certificates, so that
// nothing renews them.
func unlinked(tree *pkitest.Tree) {
	for name, f := range tree.Files {
		if f.Link != "" && strings.HasSuffix(name, "-current.pem") {
			tree.Files[name] = tree.Files[path.Join(path.Dir(name), f.Link)]
			if path.IsAbs(f.Link) {
				tree.Files[name] = tree.Files[f.Link]
			}
		}
	}
}

func TestForecastDates(t *testing.T) {
	s := pkitest.Hardened(made())
	expiry := func(name string, end time.Time) { s.Cert(name).Template.NotAfter = end }
	midnight := time.Date(2027, 3, 2, 0, 0, 0, 0, time.UTC)
	expiry("scheduler", midnight.Add(-5*time.Minute))
	expiry("controller-manager", midnight.Add(5*time.Minute))
	expiry("admin", midnight.Add(2*time.Hour))
	expiry("etcd-server", at().Add(-48*time.Hour))
	f := look(t, write(t, s), options(t), at().AddDate(0, 6, 0))
	var got []string
	for _, d := range f.Dates {
		text := d.Day
		if d.Ended {
			text = "ended"
		}
		for _, e := range d.Ends {
			text += " " + e.Path[strings.LastIndex(e.Path, "/")+1:]
		}
		got = append(got, text)
	}
	want := []string{"ended server.crt", "2027-03-01 scheduler.conf controller-manager.conf", "2027-03-02 admin.conf"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("dates (-want +got):\n%s", diff)
	}
	if f.Next == nil || f.Next.Path != "/etc/kubernetes/pki/etcd/peer.crt" {
		t.Errorf("next %+v", f.Next)
	}
	if f.Errors != 0 || f.Dates[0].Status != "error" || f.Dates[1].Status != "error" || !strings.Contains(f.Dates[1].Fix, "scheduler") {
		t.Errorf("%d errors, dates %+v", f.Errors, f.Dates)
	}
	if e := f.Dates[0].Ends[0]; e.SecondsLeft != -48*3600 || len(e.Findings) != 1 || e.Findings[0].Check != "expired" {
		t.Errorf("end %+v", e)
	}
}

// The end of an authority stops what depends on it, though it is long renewed by then.
func TestForecastOfAuthority(t *testing.T) {
	f := look(t, write(t, pkitest.Hardened(made())), options(t), at().AddDate(11, 0, 0))
	last := f.Dates[len(f.Dates)-1]
	i := slices.IndexFunc(last.Ends, func(e End) bool { return e.Path == "/etc/kubernetes/pki/ca.crt" })
	if i < 0 || !last.Ends[i].IsCA || last.Ends[i].Status != "error" {
		t.Fatalf("ends %+v", last.Ends)
	}
	if impact := last.Ends[i].Findings[0].Impact; !strings.Contains(impact, "the kubelet cannot reach the API server") && !strings.Contains(impact, "more") {
		t.Errorf("impact %s", impact)
	}
	if f.Next != nil {
		t.Errorf("next %+v", f.Next)
	}
}

// endOf returns the end of the certificate at a path.
func endOf(t *testing.T, f *Forecast, file string) (*Date, *End) {
	t.Helper()
	for i := range f.Dates {
		for j := range f.Dates[i].Ends {
			if e := &f.Dates[i].Ends[j]; e.Path == file {
				return &f.Dates[i], e
			}
		}
	}
	t.Fatalf("no end of %s", file)
	return nil, nil
}

func TestForecastOfRenewals(t *testing.T) {
	const current = "/var/lib/kubelet/pki/kubelet-client-current.pem"
	tests := []struct {
		name    string
		build   func(time.Time) *pkitest.Spec
		edit    func(*pkitest.Tree)
		at      time.Duration // before the end of the kubelet's certificate
		renewal string
	}{
		{"rotating", pkitest.Hardened, nil, 200 * day, "the kubelet renews it by itself"},
		{"overdue", pkitest.Hardened, nil, 20 * day, ""},
		{"a plain file", pkitest.Hardened, unlinked, 200 * day, ""},
		{"without a serving certificate", pkitest.Hardened, func(tree *pkitest.Tree) {
			maps.DeleteFunc(tree.Files, func(name string, _ *pkitest.File) bool { return strings.Contains(name, "/kubelet-server-") })
		}, 200 * day, "the kubelet renews it by itself"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.build(made())
			o := options(t)
			o.At = s.Cert("kubelet-client").Template.NotAfter.Add(-tt.at)
			root := write(t, s, func(tree *pkitest.Tree) {
				if tt.edit != nil {
					tt.edit(tree)
				}
			})
			d, e := endOf(t, look(t, root, o, o.At.AddDate(1, 0, 0)), current)
			if e.Renewal != tt.renewal || (len(e.Findings) > 0) == (tt.renewal != "") {
				t.Errorf("end %+v", e)
			}
			if tt.renewal != "" && strings.Contains(d.Fix, "kubeconfig user") {
				t.Errorf("fix %s", d.Fix)
			}
		})
	}
}

// Where the operators work, nothing is expected to stop.
func TestForecastOfOperators(t *testing.T) {
	f := look(t, write(t, pkitest.OpenShift(made())), options(t), at().AddDate(30, 0, 0))
	if len(f.Dates) == 0 || f.Next != nil {
		t.Fatalf("forecast %+v", f)
	}
	for _, d := range f.Dates {
		for _, e := range d.Ends {
			if e.Renewal != "the operators renew it by themselves" || len(e.Findings) > 0 {
				t.Errorf("end %+v", e)
			}
		}
		if len(d.Findings) > 0 || d.Fix != "" {
			t.Errorf("date %+v", d)
		}
	}
}

// What the user put aside is told apart, and stays where it is when the waiver ends.
func TestForecastOfWaivers(t *testing.T) {
	const scheduler = "/etc/kubernetes/scheduler.conf"
	s := pkitest.Hardened(made())
	s.Cert("scheduler").Template.NotAfter = at().Add(10 * day)
	s.Cert("controller-manager").Template.NotAfter = at().Add(50 * day)
	o := options(t)
	tables, err := rules.Builtin().With("mine.yaml", waiverOf("expired", "path: "+scheduler, "2027-01-10"))
	if err != nil {
		t.Fatal(err)
	}
	o.Tables = tables
	f := look(t, write(t, s), o, at().AddDate(0, 3, 0))
	d, e := endOf(t, f, scheduler)
	if len(e.Waived) != 1 || len(e.Findings) != 0 || e.Status != rules.OK || d.Fix != "" {
		t.Errorf("end %+v", e)
	}
	if d, _ := endOf(t, f, "/etc/kubernetes/controller-manager.conf"); len(d.Findings) != 0 || len(d.Ends) != 1 {
		t.Errorf("date %+v", d)
	}
}

// Errors of another kind are counted, and on no date.
func TestForecastCountsOtherErrors(t *testing.T) {
	s := pkitest.Hardened(made())
	s.Cert("etcd-peer").Issuer = "ca"
	s.Cert("scheduler").Template.NotAfter = at().Add(3 * day)
	f := look(t, write(t, s), options(t), at().AddDate(2, 0, 0))
	if f.Errors != 1 {
		t.Errorf("%d errors", f.Errors)
	}
	for i := range f.Dates {
		for _, x := range allFindings(&f.Dates[i]) {
			if x.Check == "untrusted" {
				t.Errorf("%s: %+v", f.Dates[i].Day, x)
			}
		}
	}
}

// The node is read once: that it is gone by then changes nothing.
func TestForecastReadsOnce(t *testing.T) {
	root := write(t, pkitest.Hardened(made()))
	fsys, err := hostfs.New(root)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	now := confirmed(t.Context(), fsys, options(t))
	end := now.ends()[0].NotAfter.Add(time.Second)
	before := now.again(end)
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	after := now.again(end)
	if diff := cmp.Diff(before.report(), after.report()); diff != "" || len(before.found) == 0 {
		t.Errorf("%d findings; without the node (-before +after):\n%s", len(before.found), diff)
	}
}

// A date that there was no time for says so.
func TestForecastWithoutTime(t *testing.T) {
	root := write(t, pkitest.Hardened(made()))
	fsys, err := hostfs.New(root)
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	ctx, cancel := context.WithCancel(t.Context())
	now := confirmed(ctx, fsys, options(t))
	cancel()
	ends := dates(now.ends())[0]
	after := now.again(ends[0].NotAfter.Add(time.Second))
	if d := after.date(ends, now); d.Judged || after.passed == 0 || len(allFindings(&d)) > 0 {
		t.Errorf("date %+v, %d passed over", d, after.passed)
	}
	if f := LookAhead(ctx, fsys, options(t), at().AddDate(2, 0, 0)); f.Coverage.Unjudged == 0 {
		t.Errorf("coverage %+v", f.Coverage)
	}
}

func TestCommandsAreToldOnce(t *testing.T) {
	fix := func(lines ...string) Finding { return Finding{Fix: strings.Join(lines, "\n")} }
	tests := []struct {
		name  string
		fixes []Finding
		want  string
	}{
		{"none", nil, ""},
		{"one", []Finding{fix("a", "r")}, "a\nr"},
		{"the same", []Finding{fix("a", "r"), fix("a", "r")}, "a\nr"},
		{"one restart", []Finding{fix("a", "r"), fix("b", "r"), {}, fix("c")}, "a\nb\nr\nc"},
		{"two restarts", []Finding{fix("a", "r"), fix("b", "s"), fix("c", "r"), fix("d", "s")}, "a\nb\nc\nr\nd\ns"},
		{"what they begin with stays", []Finding{fix("x", "a", "r"), fix("x", "b", "r")}, "x\na\nx\nb\nr"},
		{"longer ends", []Finding{fix("a", "q", "r"), fix("b", "q", "r"), fix("c", "r")}, "a\nb\nq\nc\nr"},
	}
	for _, tt := range tests {
		if got := commands(tt.fixes); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
