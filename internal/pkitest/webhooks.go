package pkitest

import (
	"crypto/x509"
	"time"
)

// webhookDir is where the sample node has the configuration of its webhooks.
const webhookDir = "/etc/kubernetes/webhooks"

// Webhooks returns the hardened sample node with an API server that asks webhooks: for authentication, authorization, audit,
// admission and images. They have a CA of their own, which also signed the API server's certificate for them.
func Webhooks(at time.Time) *Spec {
	s := Hardened(at)
	s.Certificates = append(s.Certificates,
		&Certificate{Name: "webhook-ca", Template: caTemplate(s.Node, "webhooks")},
		&Certificate{
			Name: "webhook-client", Issuer: "webhook-ca", Template: leafTemplate(s.Node, "kube-apiserver", "", x509.ExtKeyUsageClientAuth),
			CertPath: pkiDir + "/webhook.crt", KeyPath: pkiDir + "/webhook.key",
		})
	for _, name := range []string{"authn", "authz", "audit", "admission", "images"} {
		k := &Kubeconfig{
			Name: name, Path: webhookDir + "/" + name + ".conf", Server: "https://" + name + ".example.com",
			ClusterName: name, UserName: "kube-apiserver", CA: "webhook-ca",
		}
		switch name {
		case "audit":
			k.CertPath, k.KeyPath = pkiDir+"/webhook.crt", pkiDir+"/webhook.key"
		case "images":
			k.Token = "abcdef.0123456789abcdef"
		default:
			k.Cert = "webhook-client"
		}
		s.Kubeconfigs = append(s.Kubeconfigs, k)
	}
	s.Kubeconfig("admission").UserName = "*.example.com"
	s.Kubeconfig("admission").Server = ""
	s.nameWebhooks()
	return s
}

// nameWebhooks writes the files that name the kubeconfigs, and the flags that name those.
func (s *Spec) nameWebhooks() {
	const group = "apiserver.config.k8s.io/v1"
	files := map[string]map[string]any{
		"authorization.yaml": {
			"apiVersion": group, "kind": "AuthorizationConfiguration",
			"authorizers": []any{
				map[string]any{"type": "Node", "name": "node"},
				map[string]any{"type": "Webhook", "name": "hook", "webhook": map[string]any{
					"connectionInfo": map[string]any{"type": "KubeConfigFile", "kubeConfigFile": webhookDir + "/authz.conf"},
				}},
			},
		},
		"admission.yaml": {
			"apiVersion": group, "kind": "AdmissionConfiguration",
			"plugins": []any{
				map[string]any{"name": "ValidatingAdmissionWebhook", "path": "plugins/webhooks.yaml"},
				map[string]any{"name": "MutatingAdmissionWebhook", "configuration": map[string]any{
					"apiVersion": group, "kind": "WebhookAdmissionConfiguration", "kubeConfigFile": webhookDir + "/admission.conf",
				}},
				map[string]any{"name": "ImagePolicyWebhook", "configuration": map[string]any{
					"imagePolicy": map[string]any{"kubeConfigFile": webhookDir + "/images.conf", "allowTTL": 50},
				}},
				map[string]any{"name": "PodSecurity", "configuration": map[string]any{"defaults": map[string]any{"enforce": "baseline"}}},
			},
		},
		"plugins/webhooks.yaml": {
			"apiVersion": group, "kind": "WebhookAdmissionConfiguration", "kubeConfigFile": webhookDir + "/admission.conf",
		},
	}
	for name, fields := range files {
		s.Files[webhookDir+"/"+name] = &File{Data: mustYAML(fields), Mode: 0o600}
	}
	p := s.Pod("kube-apiserver")
	p.Mounts = append(p.Mounts, Mount{Name: "webhooks", HostPath: webhookDir, Type: "Directory", MountPath: webhookDir, ReadOnly: true})
	p.RemoveFlag("authorization-mode")
	p.SetFlag("authorization-config", webhookDir+"/authorization.yaml")
	p.SetFlag("authentication-token-webhook-config-file", webhookDir+"/authn.conf")
	p.SetFlag("audit-webhook-config-file", webhookDir+"/audit.conf")
	p.SetFlag("admission-control-config-file", webhookDir+"/admission.yaml")
}
