package audit

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// kubeconfigOf returns a kubeconfig with one cluster and one user.
func kubeconfigOf(ca, certificate, key string) string {
	return fmt.Sprintf(`apiVersion: v1
kind: Config
clusters:
- name: prod
  cluster:
    server: https://192.0.2.1:6443
    certificate-authority-data: %s
users:
- name: jane
  user:
    client-certificate-data: %s
    client-key-data: %s
`, encoded(ca), encoded(certificate), encoded(key))
}

func TestInspectKubeconfigs(t *testing.T) {
	ca := issue(t, "ca", nil, isCA)
	jane := issue(t, "jane", ca)
	whole := kubeconfigOf(ca.pem(), jane.pem(), jane.key())
	tests := []struct {
		name, text     string
		rows, findings []string
	}{
		{"whole", whole, []string{"CA x:7 cluster prod ca", "Server x:11 user jane jane", "Private Key x:12 user jane x"}, nil},
		{"without a kind", strings.Replace(whole, "kind: Config\n", "", 1), []string{"CA x:6 cluster prod ca", "Server x:10 user jane jane", "Private Key x:11 user jane x"}, nil},
		{
			"another key", kubeconfigOf(ca.pem(), jane.pem(), issue(t, "x", nil).key()),
			[]string{"CA x:7 cluster prod ca", "Server x:11 user jane jane error", "Private Key x:12 user jane x error"},
			[]string{"error key-mismatch x: the private key in x does not belong to the certificate"},
		},
		{
			"broken base64", strings.Replace(whole, "client-certificate-data: ", "client-certificate-data: =", 1),
			[]string{"CA x:7 cluster prod ca", "Private Key x:12 user jane error"},
			[]string{"error unreadable x: users[jane].client-certificate-data cannot be decoded: illegal base64 at byte 0"},
		},
		{
			"no certificate", kubeconfigOf("hello", jane.pem(), jane.key()),
			[]string{"Server x:11 user jane jane", "Private Key x:12 user jane x"},
			[]string{"error unreadable x: clusters[prod].certificate-authority-data holds no PEM block"},
		},
		{
			"files", "clusters:\n- name: prod\n  cluster: {certificate-authority: /etc/ca.crt}\n", nil,
			[]string{"error unreadable x: the kubeconfig holds no certificate and no key; it names /etc/ca.crt"},
		},
		{
			"tokens", "users:\n- name: jane\n  user: {token: secret}\n", nil,
			[]string{"error file-permissions x: the mode 0644 lets every user read", "error unreadable x: the kubeconfig holds no certificate and no key"},
		},
		{
			"broken", "kind: Config\nclusters: [\n", nil,
			[]string{"error unreadable x: the file cannot be used as a kubeconfig: "},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := plantFiles(t, map[string]string{"x": tt.text})
			checkInspection(t, inspected(t, inspectOptions(), filepath.Join(root, "x")), root, tt.rows, tt.findings)
		})
	}
	for _, text := range []string{"users:\n- name: jane\n  user: {exec: {command: x}}\n", "users:\n- jane\n"} {
		root := plantFiles(t, map[string]string{"x": text})
		checkInspection(t, inspected(t, inspectOptions(), root), root, nil, nil)
	}
}

// TestInspectKubeconfigPlaces: what is embedded is found again by its source.
func TestInspectKubeconfigPlaces(t *testing.T) {
	jane := issue(t, "jane", nil)
	root := plantFiles(t, map[string]string{"x": kubeconfigOf(jane.pem(), jane.pem(), jane.key())})
	r := inspected(t, inspectOptions(), root)
	want := Source{File: filepath.Join(root, "x"), Line: 11, Argument: "users[jane].client-certificate-data"}
	if diff := cmp.Diff(want, r.Certificates[1].Source); diff != "" {
		t.Errorf("source (-want +got):\n%s", diff)
	}
}

func TestInspectSigningRequests(t *testing.T) {
	leaf := issue(t, "leaf", nil)
	text := pemOf("CERTIFICATE REQUEST", request(t, leaf.private))
	object := func(name, request, certificate string) string {
		return fmt.Sprintf("kind: CertificateSigningRequest\nmetadata: {name: %s}\nspec:\n  signerName: kubernetes.io/kubelet-serving\n"+
			"  usages: [digital signature, server auth]\n  request: %s\nstatus: {certificate: %s}\n", name, encoded(request), encoded(certificate))
	}
	item := func(text string) string {
		return "- " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ") + "\n"
	}
	tests := []struct {
		name, text     string
		rows, findings []string
	}{
		{"YAML", object("a", text, ""), []string{"Request x:6 request a node-1"}, nil},
		{"JSON", fmt.Sprintf(`{"kind": "CertificateSigningRequest", "spec": {"request": %q}}`, encoded(text)), []string{"Request x:1 request node-1"}, nil},
		{"issued", object("a", text, leaf.pem()), []string{"Server x:7 request a leaf", "Request x:6 request a node-1"}, nil},
		{
			"a list", "kind: List\nitems:\n" + item(object("a", text, "")) + item(object("b", text, "")),
			[]string{"Request x:8 request a node-1", "Request x:15 request b node-1"}, nil,
		},
		{
			"a typed list", "kind: CertificateSigningRequestList\nitems:\n" + item(strings.Replace(object("a", text, ""), "kind: CertificateSigningRequest\n", "", 1)),
			[]string{"Request x:7 request a node-1"}, nil,
		},
		{
			"no request", object("a", leaf.pem(), ""), []string{"Server x:6 request a leaf error"},
			[]string{"error unreadable x: spec.request holds no certificate request"},
		},
		{"prose", object("a", "hello", ""), nil, []string{"error unreadable x: spec.request holds no PEM block"}},
		{
			"another list", "kind: List\nitems:\n" + item(object("a", text, "")) + "- kind: Pod\n  spec: []\n", nil,
			[]string{"error unreadable x: the file "},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := plantFiles(t, map[string]string{"x": tt.text})
			checkInspection(t, inspected(t, inspectOptions(), filepath.Join(root, "x")), root, tt.rows, tt.findings)
		})
	}
}

// TestInspectRequest: a request is shown with what it asks for, and with nothing
// that only a certificate has.
func TestInspectRequest(t *testing.T) {
	key := ecKey()
	root := plantFiles(t, map[string]string{
		"csr.yaml": fmt.Sprintf("kind: CertificateSigningRequest\nmetadata: {name: a}\nspec: {signerName: s, usages: [client auth], request: %s}\n",
			encoded(pemOf("CERTIFICATE REQUEST", request(t, key)))),
	})
	r := inspected(t, inspectOptions(), root)
	want := []Request{{
		Type: "Request", Path: filepath.Join(root, "csr.yaml"), Embedded: "request a",
		Source:  Source{File: filepath.Join(root, "csr.yaml"), Line: 3, Argument: "spec.request"},
		Subject: Name{CommonName: "node-1"}, DNSNames: []string{"node-1"}, IPAddresses: []string{"192.0.2.1"},
		KeyAlgorithm: "ECDSA-P256", SignatureAlgorithm: "ECDSA-SHA256", KeyUsages: []string{"digitalSignature", "keyEncipherment"},
		ExtKeyUsages: []string{"serverAuth", "anyExtendedKeyUsage", "1.2.3.4"}, IsCA: true,
		SignerName: "s", Usages: []string{"client auth"}, Status: "ok",
	}}
	if diff := cmp.Diff(want, r.Requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if r.Kind != KindInspect || r.Summary.Requests != 1 || r.Summary.FirstExpiry != nil {
		t.Errorf("%s, %+v", r.Kind, r.Summary)
	}
}

// askingFor are the extensions of the requests of the tests.
func askingFor(t testing.TB) []pkix.Extension {
	t.Helper()
	return []pkix.Extension{
		{Id: []int{2, 5, 29, 15}, Value: []byte{3, 2, 5, 0xA0}},
		{Id: []int{2, 5, 29, 19}, Value: marshalled(t, struct{ IsCA bool }{true})},
		{Id: []int{2, 5, 29, 37}, Value: marshalled(t, []asn1.ObjectIdentifier{
			{1, 3, 6, 1, 5, 5, 7, 3, 1}, {2, 5, 29, 37, 0}, {1, 2, 3, 4},
		})},
	}
}
