package pkitest

import (
	"crypto/x509"
	"fmt"
	"io/fs"
	"net"
	"strconv"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

const (
	kubeletDir        = "/var/lib/kubelet"
	kubeletPKI        = kubeletDir + "/pki"
	kubeletClientLink = kubeletPKI + "/kubelet-client-current.pem"
	kubeletServerLink = kubeletPKI + "/kubelet-server-current.pem"
)

// Kubelet is the configuration of the kubelet.
type Kubelet struct {
	Config map[string]any // the KubeletConfiguration, config.yaml
	Flags  []string       // what kubeadm-flags.env adds to the command line
}

func kubeadmKubelet(n Node) Kubelet {
	unbuffered := map[string]any{"infoBufferSize": "0"}
	logging := map[string]any{"json": unbuffered, "text": unbuffered}
	config := map[string]any{
		"apiVersion":               "kubelet.config.k8s.io/v1beta1",
		"kind":                     "KubeletConfiguration",
		"cgroupDriver":             "systemd",
		"clusterDNS":               []any{n.serviceIP(10).String()},
		"clusterDomain":            n.DNSDomain,
		"containerRuntimeEndpoint": runtimeEndpoint,
		"crashLoopBackOff":         map[string]any{},
		"healthzBindAddress":       "127.0.0.1",
		"healthzPort":              10248,
		"logging":                  map[string]any{"flushFrequency": 0, "options": logging, "verbosity": 0},
		"memorySwap":               map[string]any{},
		"rotateCertificates":       true,
		"staticPodPath":            manifestDir,
	}
	config["authentication"] = map[string]any{
		"anonymous": map[string]any{"enabled": false},
		"webhook":   map[string]any{"cacheTTL": "0s", "enabled": true},
		"x509":      map[string]any{"clientCAFile": pkiDir + "/ca.crt"},
	}
	config["authorization"] = map[string]any{
		"mode":    "Webhook",
		"webhook": map[string]any{"cacheAuthorizedTTL": "0s", "cacheUnauthorizedTTL": "0s"},
	}
	for name := range strings.FieldsSeq(unsetDurations) {
		config[name] = "0s"
	}
	return Kubelet{Config: config, Flags: []string{"--hostname-override=" + n.NodeName}}
}

const (
	runtimeEndpoint = "unix:///run/containerd/containerd.sock"

	// unsetDurations are the fields that kubeadm writes with their zero value.
	unsetDurations = `cpuManagerReconcilePeriod evictionPressureTransitionPeriod fileCheckFrequency httpCheckFrequency
		imageMaximumGCAge imageMinimumGCAge nodeStatusReportFrequency nodeStatusUpdateFrequency runtimeRequestTimeout
		shutdownGracePeriod shutdownGracePeriodCriticalPods streamingConnectionIdleTimeout syncFrequency volumeStatsAggPeriod`
)

// kubeletCertificates returns what the kubelet obtains (its client certificate) or makes (its serving certificate) when it
// first starts.
func kubeletCertificates(n Node) []*Certificate {
	client := leafTemplate(n, "system:node:"+n.NodeName, "system:nodes", x509.ExtKeyUsageClientAuth)
	client.KeyUsage = x509.KeyUsageDigitalSignature
	pair := datedFile(n, "kubelet-client")
	return append(
		[]*Certificate{{Name: "kubelet-client", Template: client, Issuer: "ca", CertPath: pair, KeyPath: pair}},
		selfSigned(n, "kubelet-serving", n.NodeName, kubeletPKI+"/kubelet")...)
}

// selfSigned returns the serving certificate that a component makes itself, and the throwaway CA that follows it in its file.
// They start an hour early, and end a year after that.
func selfSigned(n Node, name, host, file string) []*Certificate {
	stamp := "@" + strconv.FormatInt(n.At.Unix(), 10)
	hourBefore := n
	hourBefore.At = n.At.Add(-time.Hour)
	authority := caTemplate(hourBefore, host+"-ca"+stamp)
	authority.DNSNames = nil
	serving := leafTemplate(hourBefore, host+stamp, "", x509.ExtKeyUsageServerAuth)
	serving.DNSNames = []string{host}
	for _, t := range []*x509.Certificate{authority, serving} {
		t.NotBefore, t.NotAfter = hourBefore.At, hourBefore.At.Add(leafLifetime)
	}
	return []*Certificate{
		{Name: name + "-ca", Template: authority},
		{Name: name, Template: serving, Issuer: name + "-ca", Chain: []string{name + "-ca"}, CertPath: file + ".crt", KeyPath: file + ".key"},
	}
}

// bootstrappedServing returns the serving certificate that the cluster CA signs under serverTLSBootstrap.
func bootstrappedServing(n Node) *Certificate { return servingIn(n, kubeletPKI) }

// servingIn does the same for a kubelet that keeps its certificates in another folder.
func servingIn(n Node, folder string) *Certificate {
	t := leafTemplate(n, "system:node:"+n.NodeName, "system:nodes", x509.ExtKeyUsageServerAuth)
	t.KeyUsage = x509.KeyUsageDigitalSignature
	t.DNSNames = []string{n.NodeName}
	t.IPAddresses = []net.IP{net.ParseIP(n.AdvertiseAddress)}
	pair := folder + "/" + datedName(n, "kubelet-server")
	return &Certificate{Name: "kubelet-serving", Template: t, Issuer: "ca", CertPath: pair, KeyPath: pair}
}

// datedFile returns the path under which the kubelet stores a pair that it obtained when the node was made.
func datedFile(n Node, prefix string) string { return kubeletPKI + "/" + datedName(n, prefix) }

func datedName(n Node, prefix string) string {
	return prefix + n.At.Format("-2006-01-02-15-04-05") + ".pem"
}

func kubeletFiles(n Node) map[string]*File {
	return map[string]*File{
		kubeletDir:                           {Mode: fs.ModeDir | 0o700},
		kubeletDir + "/instance-config.yaml": {Data: []byte("containerRuntimeEndpoint: \"" + runtimeEndpoint + "\"\n"), Mode: 0o644},
		kubeletClientLink:                    {Link: datedFile(n, "kubelet-client")},
	}
}

func (k Kubelet) render(t *Tree) error {
	if k.Config == nil {
		return nil // another program runs it
	}
	config, err := yaml.Marshal(k.Config)
	if err != nil {
		return fmt.Errorf("kubelet configuration: %w", err)
	}
	env := "KUBELET_KUBEADM_ARGS=\"" + strings.Join(k.Flags, " ") + "\"\n"
	t.Files[kubeletDir+"/config.yaml"] = &File{Data: config, Mode: 0o644}
	t.Files[kubeletDir+"/kubeadm-flags.env"] = &File{Data: []byte(env), Mode: 0o644}
	return nil
}
