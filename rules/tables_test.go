package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestBuiltinTables(t *testing.T) {
	tables := Builtin()
	if tables.Source == "" || tables.Kubernetes == "" || tables.Compared == "" {
		t.Errorf("the header is incomplete: %+v", tables)
	}
	for _, r := range tables.Requirements {
		for _, name := range r.CommonNames {
			if strings.Contains(name, "system:") && r.Is(KindClient) && !r.Identity {
				t.Errorf("%s: the common name %s is an identity, and the row does not say so", r.Name, name)
			}
		}
		if len(r.Kinds) == 0 && r.Path.VerificationKey == "" {
			t.Errorf("%s: of no kind", r.Name)
		}
		if r.Component == "" && len(r.Named) == 0 {
			t.Errorf("%s: of no component", r.Name)
		}
	}
}

// The rows of the Kubernetes page, in its order, with its names.
func TestTableFollowsThePage(t *testing.T) {
	tables := Builtin()
	page := []struct{ name, commonName, parent, kinds, certificate string }{
		{"kubernetes-ca", "kubernetes-ca", "", "ca", "<pki>/ca.crt"},
		{"etcd-ca", "etcd-ca", "", "ca", "<pki>/etcd/ca.crt"},
		{"kubernetes-front-proxy-ca", "kubernetes-front-proxy-ca", "", "ca", "<pki>/front-proxy-ca.crt"},
		{"kube-etcd", "kube-etcd", "etcd-ca", "server client", "<pki>/etcd/server.crt"},
		{"kube-etcd-peer", "kube-etcd-peer", "etcd-ca", "server client", "<pki>/etcd/peer.crt"},
		{"kube-etcd-healthcheck-client", "kube-etcd-healthcheck-client", "etcd-ca", "client", "<pki>/etcd/healthcheck-client.crt"},
		{"kube-apiserver-etcd-client", "kube-apiserver-etcd-client", "etcd-ca", "client", "<pki>/apiserver-etcd-client.crt"},
		{"kube-apiserver", "kube-apiserver", "kubernetes-ca", "server", "<pki>/apiserver.crt"},
		{"kube-apiserver-kubelet-client", "kube-apiserver-kubelet-client", "kubernetes-ca", "client", "<pki>/apiserver-kubelet-client.crt"},
		{"front-proxy-client", "front-proxy-client", "kubernetes-front-proxy-ca", "client", "<pki>/front-proxy-client.crt"},
	}
	for i, want := range page {
		r := tables.Requirements[i]
		got := struct{ name, commonName, parent, kinds, certificate string }{
			r.Name, r.CommonNames[0], r.Parent, strings.Join(r.Kinds, " "), r.Path.Certificate,
		}
		if got != want {
			t.Errorf("row %d is %+v, want %+v", i, got, want)
		}
	}
}

func TestTablesRoundTrip(t *testing.T) {
	tables := Builtin()
	text, err := tables.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Tables{}.With("again", text)
	if err != nil {
		t.Fatal(err)
	}
	again.Source, again.Kubernetes, again.Compared = tables.Source, tables.Kubernetes, tables.Compared
	if diff := cmp.Diff(tables, again, cmpopts.IgnoreUnexported(Tables{})); diff != "" {
		t.Errorf("after a round trip (-want +got):\n%s", diff)
	}
}

func TestUserTables(t *testing.T) {
	const row = "{name: kube-scheduler, type: Client, kinds: [client], kubeconfig: {paths: [/srv/scheduler.conf]}}"
	tables := Builtin()
	merged, err := tables.With("mine.yaml", "requirements:\n- "+row+"\n- {name: mine, type: Client, path: {certificate: /srv/mine.crt}}\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := merged.Requirement("kube-scheduler"); got.Identity || got.Kubeadm != "" || got.Kubeconfig.Paths[0] != "/srv/scheduler.conf" {
		t.Errorf("the row is not replaced whole: %+v", got)
	}
	if len(merged.Requirements) != len(tables.Requirements)+1 || merged.Requirement("mine") == nil {
		t.Error("the new row is not added")
	}
	if len(merged.Connections) != len(tables.Connections) || tables.Requirement("kube-scheduler").Kubeadm == "" {
		t.Error("more than the named rows changed")
	}
}

func TestBadTables(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"all faults at once", `
requirements:
- {name: Bad Name, type: "", kinds: [serving], parent: kube-apiserver, hosts: ["<ip>"]}
- {name: none, type: x}
- type: nameless
- {name: unspelled, type: x, named: [{component: kubelet, certificate: tls-cert-file}, {certificate: --x}, {component: kubelet}]}
- {name: conditional, type: x, path: {certificate: /x}, when: {argument: --x, value: maybe}}
connections:
- {name: c, usage: both, presenters: [nobody], verifier: {component: kubelet}, names: dns}
- {name: d, usage: client, presenters: [], verifier: {kubeconfig: true, ca: --x}, unless: x}
`, []string{
			`mine.yaml: line 3: requirement "Bad Name": the name is not`, `mine.yaml: line 3: requirement "Bad Name": has no type`, `"Bad Name": kind "serving" is none of`,
			`"Bad Name": parent "kube-apiserver" is no row of an authority`, `"Bad Name": <ip> is none of`,
			`mine.yaml: line 5: requirement "": the name is not`,
			`"none": names no argument, no path and no kubeconfig`, `"unspelled": "tls-cert-file" is not spelled as an argument`,
			`"unspelled": names arguments of no component`, `"unspelled": names no argument of kubelet`, `"conditional": the value "maybe"`,
			`connection "c": usage "both"`, `"c": presenter "nobody" is no row`, `"c": the verifier is either kubeconfig`, `"c": names "dns" is none of`,
			`mine.yaml: line 10: connection "d": has no presenter`, `"d": "x" is not spelled as an argument`,
		}},
		{"twice", "requirements:\n- {name: a, type: x, path: {key: /x}}\n- {name: a, type: x, path: {key: /y}}\n", nil},
		{"unknown key", "requirements:\n- {name: a, type: x, pfad: /x}\n", []string{`mine.yaml: line 2: unknown key "pfad"`, `mine.yaml: line 2: requirement "a": names no argument`}},
		{"key twice", "requirements:\n- {name: a, type: x, type: y}\n", []string{`mine.yaml: line 2: mapping key "type" already defined`}},
		{"types", "requirements:\n- {name: a, type: [], kinds: ca, identity: perhaps, path: /x}\nconnections: none\n", []string{
			"mine.yaml: line 2: a text should stand here\n", `mine.yaml: line 2: a list should stand here, not "ca"`,
			`mine.yaml: line 2: true or false should stand here, not "perhaps"`, `mine.yaml: line 2: keys with values should stand here, not "/x"`,
			`mine.yaml: line 3: a list should stand here, not "none"`,
		}},
		{"a row that spoils others", "requirements:\n- {name: etcd-ca, type: CA, path: {certificate: /x}}\n", []string{
			`mine.yaml: requirement "kube-etcd": parent "etcd-ca" is no row of an authority`,
		}},
		{"no YAML", "requirements: [", []string{"mine.yaml: "}},
		{"two documents", "requirements: []\n---\nrequirements: []\n", []string{"mine.yaml: holds more than one YAML document"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Builtin().With("mine.yaml", tt.text)
			if (err != nil) != (tt.want != nil) {
				t.Fatalf("error %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q:\n%v", want, err)
				}
			}
		})
	}
}
