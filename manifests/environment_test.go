package manifests

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func value(name, text string) podVariable {
	return podVariable{Name: scalar{Text: name, Line: 1}, Value: scalar{Text: text, Line: 1}}
}

func TestExpand(t *testing.T) {
	env := environmentOf([]podVariable{
		value("HOST", "10.0.0.1"),
		value("URL", "https://$(HOST):2379"),
		value("LATE", "$(LATER)"),
		value("LATER", "x"),
		value("HIDDEN", "y"),
		{Name: scalar{Text: "HIDDEN", Line: 1}, ValueFrom: ignored{Present: true}},
		value("TWICE", "a"),
		value("TWICE", "$(TWICE)b"),
	})
	tests := []struct{ text, want string }{
		{"", ""},
		{"plain", "plain"},
		{"$(HOST)", "10.0.0.1"},
		{"--a=$(URL)/x", "--a=https://10.0.0.1:2379/x"},
		{"$(LATE)", "$(LATER)"},
		{"$(UNKNOWN)", "$(UNKNOWN)"},
		{"$(HIDDEN)", "$(HIDDEN)"},
		{"$(TWICE)", "ab"},
		{"$$(HOST)", "$(HOST)"},
		{"$$$(HOST)", "$10.0.0.1"},
		{"$HOST ${HOST}", "$HOST ${HOST}"},
		{"$(HOST", "$(HOST"},
		{"$", "$"},
		{"a$(HOST)$(HOST)", "a10.0.0.110.0.0.1"},
	}
	for _, tt := range tests {
		if got := env.expand(tt.text); got != tt.want {
			t.Errorf("expand(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

// Variables that double one another must not grow without bound.
func TestExpandIsBounded(t *testing.T) {
	entries := []podVariable{value("V", strings.Repeat("x", 1000))}
	for range 64 {
		entries = append(entries, value("V", "$(V)$(V)"))
	}
	env := environmentOf(entries)
	if got := len(env.expand("$(V)")); got > 2*maxExpansion {
		t.Errorf("expanded to %d bytes", got)
	}
}

func TestEnvironmentArguments(t *testing.T) {
	entries := []podVariable{
		{Name: scalar{Text: "ETCD_CERT_FILE", Line: 3}, Value: scalar{Text: "/pki/$(NAME).crt", Line: 4}},
		{Name: scalar{Text: "ETCD_CLIENT_CERT_AUTH", Line: 5}, Value: scalar{Text: "1", Line: 6}},
		{Name: scalar{Text: "ETCD_KEY_FILE", Line: 7}, Value: scalar{Line: 8}},
		{Name: scalar{Text: "etcd_name", Line: 9}, Value: scalar{Text: "x", Line: 9}},
		{Name: scalar{Text: "ETCD_name", Line: 9}, Value: scalar{Text: "x", Line: 9}},
		{Name: scalar{Text: "ETCD_SNAPSHOT_COUNT", Line: 9}, Value: scalar{Text: "5", Line: 9}},
	}
	env := environmentOf(append([]podVariable{value("NAME", "server")}, entries...))
	want := []Argument{
		{"cert-file", "/pki/server.crt", Source{"/m", 3, "ETCD_CERT_FILE"}},
		{"client-cert-auth", "true", Source{"/m", 5, "ETCD_CLIENT_CERT_AUTH"}},
	}
	if diff := cmp.Diff(want, environmentArguments(etcd, "/m", entries, env)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := environmentArguments(apiserver, "/m", entries, env); got != nil {
		t.Errorf("kube-apiserver takes %+v from its environment", got)
	}
}
