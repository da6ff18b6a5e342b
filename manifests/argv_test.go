package manifests

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseArguments(t *testing.T) {
	tests := []struct {
		name      string
		component string
		words     []scalar
		want      []brief
	}{
		{"one item", apiserver, words("--client-ca-file=/ca.crt"), []brief{{"client-ca-file", "/ca.crt", 1}}},
		{"two items", apiserver, words("--client-ca-file", "/ca.crt"), []brief{{"client-ca-file", "/ca.crt", 1}}},
		{"underscores", manager, words("--client_ca_file=/a_b.crt"), []brief{{"client-ca-file", "/a_b.crt", 1}}},
		{"underscores are not etcd's", etcd, words("--cert_file=/x"), nil},
		{"one dash is etcd's", etcd, words("-cert-file=/x", "-key-file", "/y"), []brief{{"cert-file", "/x", 1}, {"key-file", "/y", 2}}},
		{"one dash is not the others'", apiserver, words("-client-ca-file=/x"), nil},
		{"bare boolean", etcd, words("--client-cert-auth", "--auto-tls"), []brief{{"client-cert-auth", "true", 1}, {"auto-tls", "true", 2}}},
		{"a boolean takes no second item", etcd, words("--client-cert-auth", "false"), []brief{{"client-cert-auth", "true", 1}}},
		{"boolean spellings", etcd, words("--client-cert-auth=1", "--auto-tls=F", "--peer-auto-tls=maybe"),
			[]brief{{"client-cert-auth", "true", 1}, {"auto-tls", "false", 2}, {"peer-auto-tls", "maybe", 3}}},
		{"repeated", apiserver, words("--service-account-key-file=/a", "--service-account-key-file=/b"),
			[]brief{{"service-account-key-file", "/a", 1}, {"service-account-key-file", "/b", 2}}},
		{"empty value", manager, words("--cluster-signing-cert-file=", "--root-ca-file=/r"),
			[]brief{{"cluster-signing-cert-file", "", 1}, {"root-ca-file", "/r", 2}}},
		{"value is missing", apiserver, words("--client-ca-file"), []brief{{"client-ca-file", "", 1}}},
		{"a value may look like a flag", apiserver, words("--client-ca-file", "--tls-cert-file"), []brief{{"client-ca-file", "--tls-cert-file", 1}}},
		{"value with equals", etcd, words("--initial-cluster=a=https://a:2380"), []brief{{"initial-cluster", "a=https://a:2380", 1}}},
		{"the end of flags", apiserver, words("--", "--client-ca-file=/x"), nil},
		{"others are dropped", apiserver, words("--password=hunter2", "--v=2", "-v", "2", "stray", "", "--=x", "-"), nil},
		{"those of another component are dropped", scheduler, words("--etcd-cafile=/x", "--kubeconfig=/k"), []brief{{"kubeconfig", "/k", 2}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := parseArguments(tt.component, "/m.yaml", tt.words)
			if diff := cmp.Diff(tt.want, briefly(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestComponentArguments(t *testing.T) {
	c := Component{Name: apiserver, Arguments: parseArguments(apiserver, "/m.yaml", words(
		"--service-account-key-file=/a,b", "--service-account-key-file=/c",
		"--etcd-servers=https://a:2379, https://b:2379", "--etcd-servers=https://c:2379",
		"--service-cluster-ip-range=10.0.0.0/16", "--service-cluster-ip-range=10.1.0.0/16,fd00::/108",
		"--client-ca-file=/x", "--client-ca-file=",
	))}
	tests := []struct {
		argument string
		want     []string
	}{
		{"service-account-key-file", []string{"/a,b", "/c"}},
		{"etcd-servers", []string{"https://a:2379", "https://b:2379", "https://c:2379"}},
		{"service-cluster-ip-range", []string{"10.1.0.0/16", "fd00::/108"}},
		{"client-ca-file", nil},
		{"tls-cert-file", nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, c.Values(tt.argument)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.argument, diff)
		}
	}
	if last, ok := c.Last("client-ca-file"); !ok || last.Value != "" || last.Source.Line != 8 {
		t.Errorf("Last = %+v, %v", last, ok)
	}
	if _, ok := c.Last("tls-cert-file"); ok {
		t.Error("Last found an argument that is not there")
	}
	if got := len(c.All("client-ca-file")); got != 2 {
		t.Errorf("All found %d", got)
	}
}

func TestAccumulates(t *testing.T) {
	tests := []struct {
		component, argument string
		want                bool
	}{
		{apiserver, "service-account-key-file", true},
		{apiserver, "tls-sni-cert-key", true},
		{apiserver, "etcd-servers", true},
		{apiserver, "etcd-servers-overrides", true},
		{apiserver, "requestheader-allowed-names", true},
		{apiserver, "service-cluster-ip-range", false},
		{apiserver, "client-ca-file", false},
		{apiserver, "peer-ca-file", false},
		{etcd, "peer-ca-file", false},
		{etcd, "listen-client-urls", false},
		{etcd, "service-account-key-file", false},
		{"nobody", "client-ca-file", false},
	}
	for _, tt := range tests {
		if got := Accumulates(tt.component, tt.argument); got != tt.want {
			t.Errorf("Accumulates(%q, %q) = %v", tt.component, tt.argument, got)
		}
	}
}

// Two rows for one argument of one component would make the second one dead, and
// a row of no component, or a place of the table left empty, all of it.
func TestKnownArgumentsAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range knownArguments() {
		if row.name == "" || row.components == 0 {
			t.Errorf("the row %+v is for nothing", row)
		}
		for _, c := range append(podComponents(), kubelet) {
			key := c + " " + row.name
			if row.components.has(c) && seen[key] {
				t.Errorf("%s has two rows", key)
			}
			seen[key] = seen[key] || row.components.has(c)
		}
	}
}

func TestWithoutUser(t *testing.T) {
	for value, want := range map[string]string{
		"":                                "",
		"/etc/a@b,c":                      "/etc/a@b,c",
		"https://127.0.0.1:2379":          "https://127.0.0.1:2379",
		"https://a:1,http://u:p@b:2/c":    "https://a:1,http://b:2/c",
		"cp-1=https://u@192.0.2.1:2380":   "cp-1=https://192.0.2.1:2380",
		"https://u:p@ss@w/ord@host:1,@,x": "https://host:1,@,x",
	} {
		if got := withoutUser(value); got != want {
			t.Errorf("withoutUser(%q) = %q, want %q", value, got, want)
		}
	}
}
