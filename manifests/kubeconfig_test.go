package manifests

import (
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func encoded(text string) string {
	return base64.StdEncoding.EncodeToString([]byte(text))
}

// native is how paths are found that nobody in a container reads.
func native(file string) func(string) Location {
	return locator(&Component{}, file)
}

func TestParseKubeconfig(t *testing.T) {
	const file = "/etc/kubernetes/x.conf"
	parsed, err := parseKubeconfig([]byte(`kind: Config
current-context: two
contexts:
- {name: one, context: {cluster: c1, user: u1}}
- {name: two, context: {cluster: c2, user: u2}}
clusters:
- name: c1
  cluster:
    server: https://a:6443
    certificate-authority: pki/ca.crt
    insecure-skip-tls-verify: true
- name: c2
  cluster:
    server: https://b:6443
    tls-server-name: b.example
    certificate-authority: /ignored.crt
    certificate-authority-data: ` + encoded("CA") + `
users:
- name: u1
  user: {client-certificate-data: "AAA*", client-key: ../k.pem}
- name: u2
  user:
    client-certificate-data: "` + encoded("CERT")[:4] + `\r\n` + encoded("CERT")[4:] + `"
    client-key-data: "\n"
- name: u3
  user: {token: s3cret, tokenFile: /t, exec: {command: x}, auth-provider: {name: x}, username: a, password: b}
- name: u4
  user: {token: ""}
`))
	if err != nil {
		t.Fatal(err)
	}
	got := parsed.kubeconfig(file, native(file))
	at := func(line int, argument string) Source { return Source{file, line, argument} }
	want := Kubeconfig{
		Path: file, CurrentContext: "two",
		Clusters: []Cluster{
			{
				Name: "c2", Current: true, Server: "https://b:6443", TLSServerName: "b.example", Source: at(12, "clusters[c2]"),
				CA: Material{Data: []byte("CA"), Source: at(17, "clusters[c2].certificate-authority-data")},
			},
			{
				Name: "c1", Server: "https://a:6443", Insecure: true, Source: at(7, "clusters[c1]"),
				CA: Material{Location: Location{Path: "/etc/kubernetes/pki/ca.crt"}, Source: at(10, "clusters[c1].certificate-authority")},
			},
		},
		Users: []User{
			{
				Name: "u2", Current: true, Source: at(21, "users[u2]"),
				Certificate: Material{Data: []byte("CERT"), Source: at(23, "users[u2].client-certificate-data")},
				Key:         Material{Unusable: "no data", Source: at(24, "users[u2].client-key-data")},
			},
			{
				Name: "u1", Source: at(19, "users[u1]"),
				Certificate: Material{Unusable: "illegal base64 at byte 3", Source: at(20, "users[u1].client-certificate-data")},
				Key:         Material{Location: Location{Path: "/etc/k.pem"}, Source: at(20, "users[u1].client-key")},
			},
			{Name: "u3", Other: "token, tokenFile, exec, auth-provider, username", Source: at(25, "users[u3]")},
			{Name: "u4", Source: at(27, "users[u4]")},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseKubeconfigForms(t *testing.T) {
	tests := []struct {
		name, data string
		current    bool
		want       string
	}{
		{"JSON", "{\n\t\"kind\": \"Config\", \"users\": [{\"name\": \"a\"}]}", false, ""},
		{"without a kind", "users: [{name: a}]", false, ""},
		{"no current context", "contexts: [{context: {user: a}}]\nusers: [{name: a}]", false, ""},
		{"the last context of a name", "current-context: c\ncontexts: [{name: c, context: {user: b}}, {name: c, context: {user: a}}]\nusers: [{name: a}]", true, ""},
		{"another kind", "kind: KubeletConfiguration", false, `is of kind "KubeletConfiguration", not a kubeconfig`},
		{"no content", "kind: Config", false, "is not a kubeconfig: it holds no clusters and no users"},
		{"no object", "hello", false, "holds no object"},
		{"damaged", "kind: [", false, "line 1: did not find expected node content"},
		{"wrong type", "users: s3cret", false, "line 1: unexpected !!str"},
		{"wrong type of a secret", "users: [{name: a, user: {client-key-data: [s3cret]}}]", false, "line 1: a plain value is expected"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			parsed, err := parseKubeconfig([]byte(tt.data))
			if err != nil || tt.want != "" {
				if err == nil || err.Error() != tt.want {
					t.Errorf("got %v, want %q", err, tt.want)
				}
				return
			}
			if got := parsed.kubeconfig("/f", native("/f")); got.Users[0].Current != tt.current {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestMergeBombIsRefused(t *testing.T) {
	data := "m0: &m0 {a: b}\n"
	for i := 1; i < 12; i++ {
		prev := string(rune('a'+i-1)) + "x"
		if i == 1 {
			prev = "m0"
		}
		list := "*" + prev
		for range 9 {
			list += ", *" + prev
		}
		data += "m" + string(rune('a'+i)) + ": &" + string(rune('a'+i)) + "x {<<: [" + list + "]}\n"
	}
	m := parseManifest("/m/etcd.yaml", []byte(data+"kind: Pod\nmetadata: *lx\n"))
	if diff := cmp.Diff([]string{"etcd /m/etcd.yaml: document contains excessive aliasing"}, details(m.unreadable)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
