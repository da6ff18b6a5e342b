package manifests

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whatever the file, parsing ends, and every component and argument says where
// it was written.
func FuzzStaticPod(f *testing.F) {
	f.Add([]byte(mountedPod))
	f.Add([]byte(managerPod))
	f.Add([]byte(podYAML("a", "etcd", "--cert-file", "/x", "-client-cert-auth")))
	f.Add([]byte("{\n\t\"kind\": \"Pod\", \"spec\": {\"containers\": [{\"command\": [\"etcd\"]}]}}"))
	f.Add([]byte(laughs()))
	f.Add([]byte("---\n---\nkind: Pod"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m := parseManifest("/m", data)
		for _, c := range m.components {
			if c.Name == "" || c.Source.File != "/m" || c.Source.Line <= 0 {
				t.Errorf("component %q of %+v", c.Name, c.Source)
			}
			for _, a := range c.Arguments {
				if _, ok := shapeOf(c.Name, a.Name); !ok || a.Source.File != "/m" || a.Source.Line <= 0 {
					t.Errorf("argument %+v of %s", a, c.Name)
				}
			}
		}
		for _, u := range m.unreadable {
			if u.Source.File != "/m" || u.Detail == "" {
				t.Errorf("unreadable %+v", u)
			}
		}
	})
}

// Only known arguments are kept, in order; writing them as one item each gives
// the same arguments again.
func FuzzArguments(f *testing.F) {
	f.Add(apiserver, "--client-ca-file\n/ca.crt\n--tls_cert_file=/x\n--password=s3cret")
	f.Add(etcd, "-cert-file=/x\n--client-cert-auth\nfalse\n--\n--key-file=/y")
	f.Add(kubelet, "--rotate-certificates=F\n--node-ip\n--")
	f.Fuzz(func(t *testing.T, component, text string) {
		got := parseArguments(component, "/f", words(strings.Split(text, "\n")...))
		var again []scalar
		line := 0
		for _, a := range got {
			if _, ok := shapeOf(component, a.Name); !ok || a.Source.File == "" || a.Source.Line <= line {
				t.Fatalf("argument %+v after line %d", a, line)
			}
			line = a.Source.Line
			again = append(again, scalar{Text: "--" + a.Name + "=" + a.Value, Line: line})
		}
		if diff := cmp.Diff(got, parseArguments(component, "/f", again)); diff != "" {
			t.Errorf("(-first +second):\n%s", diff)
		}
	})
}

// However a kubeconfig goes on, a token in it gets neither into the result nor
// into an error, and everything has a source.
func FuzzKubeconfig(f *testing.F) {
	const secret = "q7Zx0tOkEn"
	const head = "kind: Config\nusers:\n- name: a\n  user:\n    password: " + secret + "\n    exec: {env: [{value: " + secret + "}]}\n    token: " + secret
	for _, rest := range []string{
		"\n    client-key-data: AAAA\n",
		"\n    client-certificate: x\nclusters: [{name: c, cluster: {server: x, certificate-authority-data: '*'}}]\n",
		" [\n", ": x", "\n  name: {}\n", "\ncurrent-context: a\nusers: []\nclusters: x",
		"\ncurrent-context: a\ncontexts: [{name: a, context: {user: a}}]\n---\nx",
	} {
		f.Add(rest)
	}
	f.Fuzz(func(t *testing.T, rest string) {
		parsed, err := parseKubeconfig([]byte(head + strings.ReplaceAll(rest, secret, "")))
		k := parsed.kubeconfig("/k", native("/k"))
		if shown := fmt.Sprintf("%+v %+v %v", k, parsed, err); strings.Contains(shown, secret) {
			t.Errorf("the token got out: %s", shown)
		}
		for _, c := range k.Clusters {
			checkSources(t, c.Source, c.CA)
		}
		for _, u := range k.Users {
			checkSources(t, u.Source, u.Certificate, u.Key)
		}
	})
}

func checkSources(t *testing.T, source Source, materials ...Material) {
	t.Helper()
	if source.File != "/k" {
		t.Errorf("source %+v", source)
	}
	for _, m := range materials {
		set := 0
		for _, is := range []bool{len(m.Data) > 0, m.Location != Location{}, m.Unusable != ""} {
			if is {
				set++
			}
		}
		if set > 1 || (set == 1) != (m.Source.File == "/k" && m.Source.Line > 0) {
			t.Errorf("material %+v", m)
		}
	}
}

// Every field is a known argument of the kubelet, with its line; paths are absolute.
func FuzzKubeletConfiguration(f *testing.F) {
	f.Add([]byte("kind: KubeletConfiguration\nauthentication: {x509: {clientCAFile: a}, anonymous: {enabled: no}}"))
	f.Add([]byte("kind: KubeletConfiguration\ntlsCertFile: ../x\nserverTLSBootstrap: [x]"))
	f.Add([]byte("{\"kind\": \"KubeletConfiguration\", \"rotateCertificates\": true}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		arguments, _, _ := parseKubeletConfiguration(&configFile{component: kubelet, path: "/c", inside: "/c", data: data})
		checkFields(t, kubelet, arguments)
		for _, a := range arguments {
			s, _ := shapeOf(kubelet, a.Name)
			if s == onePath && a.Value != "" && !strings.HasPrefix(a.Value, "/") {
				t.Errorf("path %q", a.Value)
			}
		}
	})
}

// checkFields fails for an argument that is not known, or does not tell its line.
func checkFields(t *testing.T, component string, arguments []Argument) {
	t.Helper()
	for _, a := range arguments {
		if _, ok := shapeOf(component, a.Name); !ok || a.Source.File != "/c" || a.Source.Line <= 0 || a.Source.Argument == "" {
			t.Errorf("argument %+v", a)
		}
	}
}

// Whatever etcd's configuration file holds, its fields are known arguments; no
// password of a URL is kept.
func FuzzEtcdConfiguration(f *testing.F) {
	f.Add([]byte("name: a\nlisten-client-urls: https://u:s3cret@a:1,http://b\nclient-transport-security: {cert-file: x, client-cert-auth: yes}"))
	f.Add([]byte("peer-transport-security:\n  allowed-cn: [a, b]\n  allowed-hostname: c\n  auto-tls: 1\n"))
	f.Add([]byte("{\"data-dir\": \"/d\", \"peer-transport-security\": {\"allowed-cn\": [[]]}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		arguments, _, _ := parseEtcdConfiguration(&configFile{component: etcd, path: "/c", data: data})
		checkFields(t, etcd, arguments)
		for _, a := range arguments {
			if a.Value != withoutUser(a.Value) {
				t.Errorf("%s is %q", a.Name, a.Value)
			}
		}
	})
}

// fileParsers are the parsers of the files that components are told to read.
func fileParsers() []struct {
	component string
	parse     parser
} {
	return []struct {
		component string
		parse     parser
	}{
		{etcd, parseEtcdConfiguration},
		{kubelet, parseKubeletConfiguration},
		{kubelet, parseDropIn},
		{scheduler, parseSchedulerConfiguration},
		{proxy, parseProxyConfiguration},
		{apiserver, parseAuthenticationConfiguration},
		{apiserver, parseAuthorizationConfiguration},
		{apiserver, parseAdmissionConfiguration},
		{apiserver, parseWebhookAdmission},
		{apiserver, parseImagePolicy},
		{apiserver, parseEgressSelectorConfiguration},
	}
}

// Whatever a configuration file holds, and whoever reads it: its fields are known
// arguments and tell their line; a secret in a place where none of them stands does
// not get out, not even by an error; egress selections are complete.
func FuzzConfigurationFiles(f *testing.F) {
	const secret = "q7Zx0sEcReT"
	for _, seed := range []string{
		"kind: AdmissionConfiguration\nplugins: [{name: ImagePolicyWebhook, path: x}, {name: MutatingAdmissionWebhook, configuration: {kubeConfigFile: y}}]",
		"kind: WebhookAdmission\nkubeConfigFile: /x",
		"imagePolicy: {kubeConfigFile: ''}",
		"kind: AuthorizationConfiguration\nauthorizers: [{webhook: {connectionInfo: {kubeConfigFile: /x}}}]",
		"kind: AuthenticationConfiguration\njwt: [{issuer: {certificateAuthority: |\n x\n}}]",
		"kind: EgressSelectorConfiguration\negressSelections:\n- {name: a, connection: {transport: {tcp: {url: https://a, tlsConfig: {caBundle: x}}}}}\n- {connection: {transport: {tcp: {}}}}",
		"kind: KubeProxyConfiguration\nclientConnection: {kubeconfig: x}",
		"apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nclientConnection: {kubeconfig: [x]}",
		"plugins: [&a [*a]]\nkind: AdmissionConfiguration\n---\nx",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		data = append([]byte("token: "+secret+"\n"), bytes.ReplaceAll(data, []byte(secret), nil)...)
		for _, p := range fileParsers() {
			arguments, notes, err := p.parse(&configFile{component: p.component, path: "/c", inside: "/d/c", data: data})
			if err != nil && len(arguments)+len(notes) > 0 {
				t.Errorf("arguments %v, notes %q beside %v", arguments, notes, err)
			}
			if shown := fmt.Sprint(arguments, notes, err); strings.Contains(shown, secret) {
				t.Errorf("the secret got out: %s", shown)
			}
			var others []Argument
			count := map[string]int{}
			for _, a := range arguments {
				if count[a.Name]++; !strings.HasPrefix(a.Name, "egress-selector.") { // of which some are there to be counted
					others = append(others, a)
				}
			}
			checkFields(t, p.component, others)
			for _, name := range []string{"ca-bundle", "client-cert", "client-key", "tls-server-name"} {
				if count["egress-selector."+name] != count["egress-selector.url"] {
					t.Errorf("selections give %v", count)
				}
			}
		}
	})
}

// Whatever an environment file holds, its flags are known and have a line of it.
func FuzzKubeletFlags(f *testing.F) {
	f.Add([]byte("KUBELET_EXTRA_ARGS=\"--node-ip=1.1.1.1 \\\n--cert-dir='/x y'\"\n#A=\nA"))
	f.Fuzz(func(t *testing.T, data []byte) {
		root := tree{"/etc/default/kubelet": string(data), kubeletCertDir: "folder:"}.write(t)
		node := discover(t, root, Options{})
		for _, k := range node.Find(kubelet) {
			for _, a := range k.Arguments {
				isDefault := a.Source.File == kubeletCertDir
				if _, ok := shapeOf(kubelet, a.Name); !ok || !isDefault && (a.Source.Line <= 0 || a.Source.Line > strings.Count(string(data), "\n")+1) {
					t.Errorf("argument %+v", a)
				}
			}
		}
	})
}

// Whatever an argument or a server holds, no password of a URL is kept, and
// taking it out twice changes nothing.
func FuzzWithoutUser(f *testing.F) {
	f.Add("https://", "127.0.0.1:2379")
	f.Add("cp-1=http://", "[::1]:1,https://b")
	f.Add("a,://", "@")
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "q7Zx0pAsS"
		if strings.Contains(before+after, secret) {
			t.Skip("it stands elsewhere")
		}
		got := withoutUser(before + "://user:" + secret + "@" + after)
		if strings.Contains(got, secret) {
			t.Errorf("%q", got)
		}
		if again := withoutUser(got); again != got {
			t.Errorf("%q becomes %q", got, again)
		}
	})
}
