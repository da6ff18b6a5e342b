package manifests

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func value(name, text string) podVariable {
	return podVariable{Name: scalar{name, 1}, Value: scalar{text, 1}}
}

func TestExpand(t *testing.T) {
	env := environmentOf([]podVariable{
		value("HOST", "10.0.0.1"),
		value("URL", "https://$(HOST):2379"),
		value("LATE", "$(LATER)"),
		value("LATER", "x"),
		value("HIDDEN", "y"),
		{Name: scalar{"HIDDEN", 1}, ValueFrom: ignored{Present: true}},
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
		{Name: scalar{"ETCD_CERT_FILE", 3}, Value: scalar{"/pki/$(NAME).crt", 4}},
		{Name: scalar{"ETCD_CLIENT_CERT_AUTH", 5}, Value: scalar{"1", 6}},
		{Name: scalar{"ETCD_KEY_FILE", 7}, Value: scalar{"", 8}},
		{Name: scalar{"etcd_name", 9}, Value: scalar{"x", 9}},
		{Name: scalar{"ETCD_name", 9}, Value: scalar{"x", 9}},
		{Name: scalar{"ETCD_SNAPSHOT_COUNT", 9}, Value: scalar{"5", 9}},
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
