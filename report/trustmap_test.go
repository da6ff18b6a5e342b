package report

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/audit"
	"kube-cert-audit/rules"
)

// TestTrustMap: each connection has a line of its own from the box of who presents to
// the row of the file that decides, and no two boxes of a column overlap.
func TestTrustMap(t *testing.T) {
	r := fixture()
	m := newTrustMap(r)
	if len(m.Lines) != len(r.Connections) || m.Left != 0 {
		t.Fatalf("%d lines, %d left out, of %d connections", len(m.Lines), m.Left, len(r.Connections))
	}
	rows := map[string]int{}
	for side, boxes := range map[string][]*mapBox{"from ": m.Presenters, "to ": m.Verifiers, "": m.Issuers} {
		for i, b := range boxes {
			if i > 0 && b.Y < boxes[i-1].Y+boxes[i-1].Height || b.Y+b.Height > m.Height || b.X+b.Width > m.Width {
				t.Errorf("%s is not in its place: %+v", b.Name.Full, b)
			}
			for _, row := range b.Rows {
				if row.Y < b.Y || row.Y > b.Y+b.Height {
					t.Errorf("%s of %s stands at %d, outside of its box", row.Name.Full, b.Name.Full, row.Y)
				}
				rows[side+b.key+" "+row.key] = row.Y
			}
		}
	}
	taken := map[int]bool{}
	for i, l := range m.Lines {
		from, to := rows["from "+l.Presenter.Component+" "+l.Presenter.Path], rows["to "+l.Verifier.Component+" "+l.Verifier.Path]
		if l.Number != i+1 || l.In != curve(sideWidth, from, issuerX, l.Y) || l.Out != curve(issuerX+issuerWidth, l.Y, verifierX, to) || taken[l.Y] {
			t.Errorf("line %d at %d: %s and %s, want from %d to %d", l.Number, l.Y, l.In, l.Out, from, to)
		}
		taken[l.Y] = true
	}
	if got := m.Lines[1].Label.Full; got != "2 ✕ fails: client" {
		t.Errorf("what fails is told as %q", got)
	}
	if newTrustMap(new(audit.Report)) != nil {
		t.Error("a map of nothing")
	}
}

// TestTrustMapMarksWhatFails: also where the user thinks little of it.
func TestTrustMapMarksWhatFails(t *testing.T) {
	for _, tt := range []struct {
		outcome      audit.Outcome
		status, want rules.Status
	}{
		{audit.Fails, "error", "error"}, {audit.Fails, "warning", "error"}, {audit.Fails, "info", "error"}, {audit.Unknown, "info", "info"},
		{audit.Succeeds, "warning", "warning"}, {audit.Succeeds, "info", rules.OK}, {audit.Succeeds, rules.OK, rules.OK},
	} {
		if got := look(&audit.Connection{Outcome: tt.outcome, Status: tt.status}); got != tt.want {
			t.Errorf("%s with status %s is drawn as %s, want %s", tt.outcome, tt.status, got, tt.want)
		}
	}
}

// TestTrustMapHasRoom: of too many connections, those that fail are in the map.
func TestTrustMapHasRoom(t *testing.T) {
	r := new(audit.Report)
	for i := range maxMapped + 10 {
		r.Connections = append(r.Connections, audit.Connection{Name: fmt.Sprint(i), Outcome: audit.Succeeds, Status: "ok"})
	}
	r.Connections[maxMapped+5].Outcome = audit.Fails
	m := newTrustMap(r)
	if last := m.Lines[len(m.Lines)-1]; len(m.Lines) != maxMapped || m.Left != 10 || last.Number != maxMapped+6 {
		t.Errorf("%d lines, %d left out, the last is %d", len(m.Lines), m.Left, last.Number)
	}
}

func TestHeadAndTail(t *testing.T) {
	for _, tt := range []struct {
		s          string
		width      int
		head, tail string
	}{
		{"abc", 3, "abc", "abc"}, {"abcd", 3, "ab…", "…cd"}, {"", 3, "", ""}, {"証明書", 6, "証明書", "証明書"}, {"証明書", 5, "証明…", "…明書"}, {"証明書", 4, "証…", "…書"}, {"証a", 2, "…", "…a"},
	} {
		if h, e := head(tt.s, tt.width), tail(tt.s, tt.width); h != tt.head || e != tt.tail {
			t.Errorf("%q in %d columns is %q and %q, want %q and %q", tt.s, tt.width, h, e, tt.head, tt.tail)
		}
	}
}

func TestIssuerNames(t *testing.T) {
	signed := func(path, by string, isCA bool) audit.Certificate {
		return audit.Certificate{Path: path, Issuer: audit.Name{CommonName: by}, IsCA: isCA}
	}
	got := issuerNames([]audit.Certificate{
		signed("/chain", "root", true), signed("/chain", "intermediate", false), signed("/chain", "another", false), signed("/leaf-is-ca", "ca", true), signed("/leaf-is-ca", "root", true),
	})
	if diff := cmp.Diff(map[string]string{"/chain": "intermediate", "/leaf-is-ca": "ca"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
