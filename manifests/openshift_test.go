package manifests

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const apiServerConfig = "apiVersion: kubecontrolplane.config.openshift.io/v1\nkind: KubeAPIServerConfig\n"

func TestOpenShiftConfig(t *testing.T) {
	tests := []struct{ name, config, want string }{
		{"arguments", apiServerConfig + "apiServerArguments: {client-ca-file: [/a], etcd-servers: ['https://a:1', 'https://b:1']}",
			"client-ca-file=/a etcd-servers=https://a:1 etcd-servers=https://b:1"},
		{"what is not kept", apiServerConfig + "apiServerArguments: {oidc-client-secret: [hush], admission.webhook-config: [/a]}", ""},
		{"an argument before a field", apiServerConfig + "apiServerArguments: {tls-cert-file: [/a]}\nservingInfo: {certFile: /b, keyFile: /b.key}",
			"tls-cert-file=/a tls-private-key-file=/b.key"},
		{"the fields of the first releases", apiServerConfig + `servingInfo: {bindAddress: "0.0.0.0:6443", clientCA: /ca, certFile: /s, keyFile: /s.key}
kubeletClientInfo: {ca: /kca, certFile: /k, keyFile: /k.key}
storageConfig: {ca: /eca, certFile: /e, keyFile: /e.key, urls: ["https://e:2379"]}
aggregatorConfig: {proxyClientInfo: {certFile: /p, keyFile: /p.key}}
authConfig: {requestHeader: {clientCA: /rca, clientCommonNames: [a, b]}}
`, "secure-port=6443 tls-cert-file=/s tls-private-key-file=/s.key client-ca-file=/ca " +
			"kubelet-certificate-authority=/kca kubelet-client-certificate=/k kubelet-client-key=/k.key " +
			"etcd-cafile=/eca etcd-certfile=/e etcd-keyfile=/e.key proxy-client-cert-file=/p proxy-client-key-file=/p.key " +
			"requestheader-client-ca-file=/rca etcd-servers=https://e:2379 requestheader-allowed-names=a requestheader-allowed-names=b"},
		{"certificates for some names", apiServerConfig + "servingInfo: {namedCertificates: [{certFile: /a, keyFile: /b}, {certFile: /c, keyFile: /d, names: [x, '*.y']}]}",
			"tls-sni-cert-key=/a,/b tls-sni-cert-key=/c,/d:x,*.y"},
		{"a folder of keys", apiServerConfig + "serviceAccountPublicKeyFiles: [/keys, /other.pub]",
			"service-account-key-file=/keys/001.pub service-account-key-file=/keys/002.pub service-account-key-file=/other.pub"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := discover(t, tree{
				"/etc/kubernetes/manifests/a": strings.Replace(podYAML("a", "kube-apiserver", "--openshift-config=/c"), "  - name: main\n", "  - name: main\n    volumeMounts: [{name: v, mountPath: /}]\n", 1) + "  volumes: [{name: v, hostPath: {path: /}}]\n",
				"/c":                          tt.config, "/keys/002.pub": "x", "/keys/001.pub": "x", "/keys/.tmp": "x",
			}.write(t), Options{})
			var got []string
			for _, a := range node.Components[0].Arguments {
				if a.Name != "openshift-config" {
					got = append(got, a.Name+"="+a.Value)
				}
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(node.Unreadable) > 0 {
				t.Errorf("unreadable: %q", details(node.Unreadable))
			}
		})
	}
}

// A file that is not what it should be is told, and so is one that is not there.
func TestOpenShiftConfigThatIsNone(t *testing.T) {
	for name, config := range map[string]string{"another kind": "kind: KubeControllerManagerConfig", "no list": apiServerConfig + "apiServerArguments: {a: {b: c}}", "nothing": ""} {
		f := &configFile{component: apiserver, data: []byte(config)}
		if arguments, _, err := parseKubeAPIServerConfig(f); err == nil {
			t.Errorf("%s: %+v", name, arguments)
		}
	}
}

// An address that only the running pod knows leaves nothing else open; a file does.
func TestOpenArguments(t *testing.T) {
	tests := []struct {
		words  []scalar
		extent Extent
		want   string // what is told of; empty for nothing
	}{
		{[]scalar{{Text: "--v=", Open: true}, {Text: "--node-labels=", Open: true}}, Open, ""},
		{[]scalar{{Text: "--advertise-address=", Open: true}, {Text: "--v=", Open: true}}, Open, ": --advertise-address"},
		{[]scalar{{Text: "--advertise_address"}, {Open: true}, {Text: "--client_ca_file=", Open: true}}, Part, ": --advertise-address, --client-ca-file"},
		{[]scalar{{Text: "--client-ca-file"}, {Open: true}, {Text: "--tls-cert-file"}, {Text: "/x"}}, Part, ": --client-ca-file"},
	}
	for _, tt := range tests {
		arguments, open := parseCommandLine(apiserver, "/f", tt.words)
		detail, extent := openArguments(apiserver, open)
		if extent != tt.extent || !strings.HasSuffix(detail, tt.want) || (detail == "") != (tt.want == "") {
			t.Errorf("%+v: %q, extent %v", tt.words, detail, extent)
		}
		for _, a := range arguments {
			if a.Name != "tls-cert-file" || a.Value != "/x" {
				t.Errorf("%+v gives %+v", tt.words, a)
			}
		}
	}
}
