package manifests

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKubeconfigAlone(t *testing.T) {
	const file = "/home/jane/config"
	k, notes, err := ParseKubeconfig(file, []byte("clusters:\n- name: a\n  cluster: {certificate-authority: ca.crt}\nusers:\n- name: b\n  user: {client-key-data: aGk=}\nusers: []\n"))
	if err != nil || len(notes) != 1 {
		t.Fatalf("notes %q, %v", notes, err)
	}
	want := []Cluster{{
		Name: "a", Source: Source{File: file, Line: 2, Argument: "clusters[a]"},
		CA: Material{Location: Location{Path: "/home/jane/ca.crt"}, Source: Source{File: file, Line: 3, Argument: "clusters[a].certificate-authority"}},
	}}
	if diff := cmp.Diff(want, k.Clusters); diff != "" || len(k.Users) != 0 {
		t.Errorf("users %v, clusters (-want +got):\n%s", k.Users, diff)
	}
}

func TestOtherContent(t *testing.T) {
	tests := []struct {
		text                string
		isConfig, isRequest bool // or other content
	}{
		{"", true, true},
		{"hello", true, true},
		{"kind: Pod\n", true, true},
		{"kind: List\nitems: []\n", true, true},
		{"kind: List\nitems:\n- kind: Pod\n", true, true},
		{"kind: Config\n", true, true},
		{"users: [1]\n", false, true},
		{"kind: CertificateSigningRequest\nspec: []\n", true, false},
		{"a: [\n", false, false},
	}
	for _, tt := range tests {
		if _, _, err := ParseKubeconfig("/x", []byte(tt.text)); err == nil || IsOtherContent(err) != tt.isConfig {
			t.Errorf("kubeconfig %q: %v, other content: %v", tt.text, err, IsOtherContent(err))
		}
		if _, err := ParseSigningRequests("/x", []byte(tt.text)); err == nil || IsOtherContent(err) != tt.isRequest {
			t.Errorf("request %q: %v, other content: %v", tt.text, err, IsOtherContent(err))
		}
	}
}

func TestParseSigningRequests(t *testing.T) {
	const one = `kind: CertificateSigningRequest
metadata: {name: a}
spec:
  signerName: s
  usages: [client auth]
  request: aGk=
status:
  certificate: "=="
`
	want := SigningRequest{
		Name: "a", Signer: "s", Usages: []string{"client auth"},
		Request:     Material{Data: []byte("hi"), Source: Source{File: "/x", Line: 6, Argument: "spec.request"}},
		Certificate: Material{Unusable: "illegal base64 at byte 0", Source: Source{File: "/x", Line: 8, Argument: "status.certificate"}},
	}
	got, err := ParseSigningRequests("/x", []byte(one))
	if diff := cmp.Diff([]SigningRequest{want}, got); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	item := "- " + strings.ReplaceAll(strings.TrimSpace(one), "\n", "\n  ") + "\n"
	for _, kind := range []string{"List", "CertificateSigningRequestList"} {
		got, err := ParseSigningRequests("/x", []byte("kind: "+kind+"\nitems:\n"+item+item))
		if err != nil || len(got) != 2 || got[1].Request.Source != (Source{File: "/x", Line: 16, Argument: "items[a].spec.request"}) {
			t.Errorf("%s: %+v, %v", kind, got, err)
		}
	}
}
