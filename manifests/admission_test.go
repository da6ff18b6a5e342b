package manifests

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// apiserverPod runs an API server that sees /srv/c as /c.
func apiserverPod(flags ...string) string {
	return "kind: Pod\nspec:\n  volumes: [{name: c, hostPath: {path: /srv/c}}]\n  containers:\n  - command: [kube-apiserver, " +
		strings.Join(flags, ", ") + "]\n    volumeMounts: [{name: c, mountPath: /c}]\n"
}

// fieldsOf returns the arguments that files gave, each as "name=value file:argument".
func fieldsOf(c *Component) []string {
	var all []string
	for _, a := range c.Arguments {
		if isFieldName(a.Name) {
			all = append(all, a.Name+"="+a.Value+" "+a.Source.File+" "+a.Source.Argument)
		}
	}
	return all
}

func TestFilesOfTheAPIServer(t *testing.T) {
	const head = "apiVersion: apiserver.config.k8s.io/v1\nkind: "
	tests := []struct {
		name       string
		flag       string
		tree       tree
		want       []string
		unreadable []string
	}{
		{
			"authorization", "--authorization-config=/c/a", tree{"/srv/c/a": head + `AuthorizationConfiguration
authorizers:
- {type: Node, name: node}
- type: Webhook
  name: one
  webhook: {connectionInfo: {type: KubeConfigFile, kubeConfigFile: /c/one}}
- type: Webhook
  webhook: {connectionInfo: {type: KubeConfigFile, kubeConfigFile: /c/two}}
- {type: Webhook, name: three, webhook: {connectionInfo: {type: InClusterConfig}}}
`, "/srv/c/one": userByPath, "/srv/c/two": userByPath},
			[]string{
				"authorization.webhook-kubeconfig=/c/one /srv/c/a authorizers[one].webhook.connectionInfo.kubeConfigFile",
				"authorization.webhook-kubeconfig=/c/two /srv/c/a authorizers[2].webhook.connectionInfo.kubeConfigFile",
			}, nil,
		},
		{
			"admission", "--admission-control-config-file=/c/d/a", tree{"/srv/c/d/a": head + `AdmissionConfiguration
plugins:
- {name: MutatingAdmissionWebhook, path: hooks.yaml}
- {name: ImagePolicyWebhook, path: /c/images.json}
- {name: EventRateLimit, path: events.yaml}
- name: ValidatingAdmissionWebhook
  path: not-read.yaml
  configuration: {kubeConfigFile: /c/inline}
`,
				"/srv/c/d/hooks.yaml": "apiVersion: apiserver.config.k8s.io/v1alpha1\nkind: WebhookAdmission\nkubeConfigFile: /c/hooks",
				"/srv/c/images.json":  `{"imagePolicy": {"kubeConfigFile": "/c/images"}}`,
				"/srv/c/hooks":        userByPath, "/srv/c/images": userByPath, "/srv/c/inline": userByPath,
			},
			[]string{
				"admission.webhook-config=/c/d/hooks.yaml /srv/c/d/a plugins[MutatingAdmissionWebhook].path",
				"admission.image-policy-config=/c/images.json /srv/c/d/a plugins[ImagePolicyWebhook].path",
				"admission.webhook-kubeconfig=/c/inline /srv/c/d/a plugins[ValidatingAdmissionWebhook].configuration.kubeConfigFile",
				"admission.webhook-kubeconfig=/c/hooks /srv/c/d/hooks.yaml kubeConfigFile",
				"admission.image-policy-kubeconfig=/c/images /srv/c/images.json imagePolicy.kubeConfigFile",
			}, nil,
		},
		{
			"egress", "--egress-selector-config-file=/c/e", tree{"/srv/c/e": `apiVersion: apiserver.k8s.io/v1beta1
kind: EgressSelectorConfiguration
egressSelections:
- {name: controlplane, connection: {proxyProtocol: Direct}}
- name: cluster
  connection: {proxyProtocol: HTTPConnect, transport: {tcp: {url: "https://a:1", tlsConfig: {caBundle: /c/ca, clientCert: /c/crt, clientKey: /c/key}}}}
- name: etcd
  connection: {transport: {tcp: {url: "https://u:p@b:2", tlsConfig: {caBundle: rel/ca, tlsServerName: n}}}}
- {name: x, connection: {transport: {uds: {udsName: /s}}}}
`},
			[]string{
				"egress-selector.url=https://a:1 /srv/c/e egressSelections[cluster].connection.transport.tcp.url",
				"egress-selector.ca-bundle=/c/ca /srv/c/e egressSelections[cluster].connection.transport.tcp.tlsConfig.caBundle",
				"egress-selector.client-cert=/c/crt /srv/c/e egressSelections[cluster].connection.transport.tcp.tlsConfig.clientCert",
				"egress-selector.client-key=/c/key /srv/c/e egressSelections[cluster].connection.transport.tcp.tlsConfig.clientKey",
				"egress-selector.tls-server-name= /srv/c/e egressSelections[cluster].connection.transport.tcp.tlsConfig.tlsServerName",
				"egress-selector.url=https://b:2 /srv/c/e egressSelections[etcd].connection.transport.tcp.url",
				"egress-selector.ca-bundle=rel/ca /srv/c/e egressSelections[etcd].connection.transport.tcp.tlsConfig.caBundle",
				"egress-selector.client-cert= /srv/c/e egressSelections[etcd].connection.transport.tcp.tlsConfig.clientCert",
				"egress-selector.client-key= /srv/c/e egressSelections[etcd].connection.transport.tcp.tlsConfig.clientKey",
				"egress-selector.tls-server-name=n /srv/c/e egressSelections[etcd].connection.transport.tcp.tlsConfig.tlsServerName",
			}, nil,
		},
		{
			"authentication", "--authentication-config=/c/j", tree{"/srv/c/j": head + `AuthenticationConfiguration
jwt:
- {issuer: {url: "https://a"}}
- issuer:
    url: https://b
    certificateAuthority: |
      -----BEGIN CERTIFICATE-----
      ://x@y
`},
			[]string{"authentication.issuer-ca=-----BEGIN CERTIFICATE-----\n://x@y\n /srv/c/j jwt[1].issuer.certificateAuthority"}, nil,
		},
		{
			"of another kind", "--admission-control-config-file=/c/a", tree{"/srv/c/a": head + "AuthorizationConfiguration"},
			nil, []string{`kube-apiserver /srv/c/a: is of kind "AuthorizationConfiguration", not AdmissionConfiguration`},
		},
		{
			"of another group", "--authorization-config=/c/a", tree{"/srv/c/a": "apiVersion: v1\nkind: AuthorizationConfiguration"},
			nil, []string{`kube-apiserver /srv/c/a: is of the group "v1", not of apiserver.config.k8s.io`},
		},
		{
			"a plugin's file is missing", "--admission-control-config-file=/c/a",
			tree{"/srv/c/a": head + "AdmissionConfiguration\nplugins: [{name: ImagePolicyWebhook, path: gone}]"},
			[]string{"admission.image-policy-config=/c/gone /srv/c/a plugins[ImagePolicyWebhook].path"},
			[]string{"kube-apiserver /srv/c/gone: missing"},
		},
		{
			"a kubeconfig in the image", "--audit-webhook-config-file=/image", tree{}, nil,
			[]string{"kube-apiserver /image: the kubeconfig is in the container image"},
		},
		{"a name that only a field has", "--admission.webhook-kubeconfig=/c/a", tree{}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.tree["/etc/kubernetes/manifests/a"] = apiserverPod(tt.flag)
			node := discover(t, tt.tree.write(t), Options{})
			if diff := cmp.Diff(tt.want, fieldsOf(node.Find(apiserver)[0])); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.unreadable, details(node.Unreadable)); diff != "" {
				t.Errorf("unreadable (-want +got):\n%s", diff)
			}
		})
	}
}

// A kubeconfig of webhooks is told from one of the API server by who names it.
func TestKubeconfigsOfWebhooks(t *testing.T) {
	files := tree{
		"/etc/kubernetes/manifests/a": apiserverPod("--authentication-token-webhook-config-file=/c/w", "--admission-control-config-file=/c/a"),
		"/srv/c/w":                    "clusters: [{name: w, cluster: {server: 'https://w'}}]\nusers: [{name: u}]\n",
		"/srv/c/a":                    "kind: AdmissionConfiguration\nplugins: [{name: ValidatingAdmissionWebhook, configuration: {kubeConfigFile: /c/h}}]",
		"/srv/c/h":                    "clusters: [{name: unused, cluster: {server: 'https://h'}}]\nusers: [{name: '*.example.com', user: {client-certificate: a.crt}}, {name: b}]\n",
	}
	node := discover(t, files.write(t), Options{})
	type seen struct {
		Path     string
		For      Audience
		Clusters int
		Current  []bool
	}
	var got []seen
	for _, k := range node.Kubeconfigs {
		s := seen{Path: k.Path, For: k.For, Clusters: len(k.Clusters)}
		for _, u := range k.Users {
			s.Current = append(s.Current, u.Current)
		}
		got = append(got, s)
	}
	want := []seen{{"/srv/c/w", Webhook, 1, []bool{false}}, {"/srv/c/h", AdmissionWebhooks, 0, []bool{true, true}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
