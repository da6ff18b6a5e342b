package rules

import (
	"crypto/x509"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// phases returns the phases of a fix, restarts with their components.
func phases(f Fix) string {
	var all []string
	for _, step := range f {
		all = append(all, strings.TrimSpace(string(step.Phase)+" "+step.Component))
	}
	return strings.Join(all, ", ")
}

// What a layout does about a certificate is for a shell, or for a person; what has to
// be stopped is stopped apart; and a command that restarts is a restart.
func TestLayoutSteps(t *testing.T) {
	tests := []struct{ layout, row, want string }{
		{"k3s", "kube-etcd", "stop, renew, start"},
		{"rke2", "kube-etcd", "stop, renew, start"},
		{"k3s", "kubernetes-ca", "by-hand"},
		{"k0s", "kube-apiserver", "restart *"},
		{"k0s", "kubelet", "by-hand"},
		{"kops", "kube-etcd", "restart etcd"},
		{"kops", "kube-apiserver", "by-hand"},
		{"microk8s", "kube-apiserver", "renew"},
		{"microk8s", "kubelet", "by-hand"},
		{"canonical", "kube-apiserver", "renew"},
		{"kubeasz", "kube-etcd", "by-hand"},
		{"kubespray", "kube-etcd", "by-hand"},
		{"openshift", "kube-etcd", "by-hand"},
	}
	for _, tt := range tests {
		tables := Builtin().For(tt.layout)
		row := tables.Requirement(tt.row)
		c := &Certificate{Row: row, Role: Leaf, Place: Place{Component: "kube-apiserver", Path: "/x.crt"}}
		switch {
		case row.Is(KindCA):
			c.Role = Authority
		case strings.HasPrefix(tt.row, "kube-etcd"):
			c.Component = "etcd"
		}
		s := &Subject{Node: &Node{Layout: tables.Layout}}
		if got := phases(s.renew(c)); got != tt.want {
			t.Errorf("%s of %s: %s, want %s", tt.row, tt.layout, got, tt.want)
		}
	}
}

// The packages of RKE2 bring the units of servers to agents, too: no command there may
// start a server.
func TestOnAgent(t *testing.T) {
	for name, unit := range map[string]string{"k3s": "k3s-agent", "rke2": "rke2-agent", "k0s": ""} {
		l := layoutNamed(name).OnAgent()
		for _, commands := range []string{l.Stop, l.Start, l.Restart[everyRow]} {
			words := strings.Fields(commands)
			if unit != "" && (len(words) != 3 || words[2] != unit) || unit == "" && strings.Contains(commands, "agent") {
				t.Errorf("%s: %q", name, commands)
			}
		}
	}
}

// Where no command can run, none is for a shell; what was for a person stays so.
func TestNoShell(t *testing.T) {
	c := Check{ID: "x", Severities: []Severity{Error}, key: func(*Subject, *Key) []Problem {
		return []Problem{{Fix: steps(first("# look"), step(PhaseRenew, nil, "renew"), edit("edit"), restarting("etcd", "restart"))}}
	}}
	for noShell, want := range map[bool]string{false: "first, renew, edit, restart etcd", true: "first, by-hand, edit, by-hand etcd"} {
		got := c.Apply(&Subject{Node: &Node{Layout: Layout{NoShell: noShell}}, Key: &Key{}})
		if phases(got[0].Fix) != want {
			t.Errorf("without a shell %v: %s, want %s", noShell, phases(got[0].Fix), want)
		}
	}
}

func TestFixString(t *testing.T) {
	fix := steps(first("# a", "", "b"), first(""), step(PhaseRenew, []string{"/x"}, "c").of("/y"))
	want := Fix{{Phase: PhaseFirst, Commands: "# a\nb"}, {Phase: PhaseRenew, Files: []string{"/y"}, Commands: "c"}}
	if diff := cmp.Diff(want, fix); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := fix.String(); got != "# a\nb\nc" {
		t.Errorf("got %q", got)
	}
	if ByHand("") != nil {
		t.Error("a step of nothing")
	}
}

// Whatever is wrong with the names of a certificate, it is issued with all of them.
func TestMissingHosts(t *testing.T) {
	leaf := &x509.Certificate{DNSNames: []string{"api.example"}}
	row := &Requirement{Name: "kube-apiserver"}
	c := &Certificate{Certificate: leaf, Place: Place{Path: "/x.crt"}, Row: row, Hosts: []string{"a", "api.example", "b"}}
	other := &Certificate{Certificate: leaf, Place: c.Place, Row: &Requirement{Name: "kube-etcd"}, Hosts: []string{"d"}}
	s := &Subject{Node: &Node{Connections: []*Connection{
		{Leaf: c, ServerName: "c", Verdict: Verdict{NameMissing: true}}, {Leaf: other, ServerName: "api.example"}, {Leaf: c, ServerName: "b"},
	}}}
	for _, role := range []*Certificate{c, other} {
		if got, want := s.missingHosts(role), []string{"c", "a", "b", "d"}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", role.Row.Name, got, want)
		}
	}
}

// To shells that do not know $'...', too, a word is one word.
func TestWordInAnyShell(t *testing.T) {
	for _, shell := range []string{"sh", "dash", "bash"} {
		if _, err := exec.LookPath(shell); err != nil {
			continue
		}
		for _, text := range []string{"/etc/x", "a b", "\x1b'; echo x; '", "x\\'; echo x #\n", "it's\n", "$(echo x y)\x01"} {
			out, err := exec.Command(shell, "-c", "set -- "+sh(text)+"; printf %s $#").Output()
			if err != nil || string(out) != "1" {
				t.Errorf("%s takes %s for %q words (%v)", shell, sh(text), out, err)
			}
		}
	}
}
