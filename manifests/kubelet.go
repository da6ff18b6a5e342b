package manifests

import (
	"slices"

	"kube-cert-audit/internal/hostfs"
)

// Where kubeadm and the packages of the kubelet put its files.
const (
	kubeletConfigFile      = "/var/lib/kubelet/config.yaml"
	kubeletFlagsFile       = "/var/lib/kubelet/kubeadm-flags.env"
	kubeletCertDir         = "/var/lib/kubelet/pki"
	kubeletKubeconfig      = "/etc/kubernetes/kubelet.conf"
	kubeletBootstrapConfig = "/etc/kubernetes/bootstrap-kubelet.conf"
)

// kubeadmUnit is what starts a kubelet of kubeadm, less what names its files: of
// these, some may not be there, and all have their usual places.
const kubeadmUnit = `[Service]
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
EnvironmentFile=-/etc/sysconfig/kubelet
ExecStart=/usr/bin/kubelet $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`

// kubelet finds the kubelet as systemd runs it, or, where its unit is not there,
// as kubeadm does: a configuration file, and flags that override its fields.
func (d *discovery) kubelet() {
	given, isSetUp := d.kubeletCommand()
	if !isSetUp {
		return
	}
	if d.exists(kubeletFlagsFile) {
		d.kubeadm = kubeletFlagsFile
	}
	k := d.configured(given, d.kubeletDefaults(given), d.kubeletConfig(given))
	d.node.Components = append(d.node.Components, k)
	_, isNamed := k.Last("kubeconfig")
	_, isBootstrapped := k.Last("bootstrap-kubeconfig")
	if d.kubeadm != "" && d.kubeletService == nil && !isNamed && !isBootstrapped {
		d.cannotRead(kubelet, Source{File: kubeletFlagsFile},
			&hostfs.Error{Path: kubeletKubeconfig, Reason: hostfs.NotExist, Detail: "nor " + kubeletBootstrapConfig})
	}
}

// configured returns a kubelet with all that it is told: its flags, which are what it
// has so far, override the drop-ins, these its configuration file, and that the
// defaults.
func (d *discovery) configured(k Component, defaults []Argument, config Argument) Component {
	flags := k
	k.Arguments = defaults
	d.parse(&k, config, parseKubeletConfiguration)
	d.dropIns(&k, flags)
	k.Arguments = append(k.Arguments, flags.Arguments...)
	return k
}

// kubeletCommand returns the kubelet with the flags that it is started with, and
// whether it is set up: its package has a unit for kubeadm, without the files that
// this names.
func (d *discovery) kubeletCommand() (c Component, isSetUp bool) {
	evidence := d.kubeletEvidence()
	if d.kubeletService == nil && evidence == "" {
		return c, false
	}
	if d.kubeletService == nil {
		c = d.runBy(d.units.Assume("kubelet.service", evidence, kubeadmUnit))
		c.Source = Source{File: evidence}
		return c, true
	}
	c = *d.kubeletService
	if d.isBootstrapping(&c) {
		c.Arguments = slices.DeleteFunc(c.Arguments, func(a Argument) bool { return a.Name == "kubeconfig" })
	}
	isOwn := func(a Argument) bool {
		return a.Name == "kubeconfig" && a.Value != kubeletKubeconfig || a.Name == "config" && a.Value != kubeletConfigFile
	}
	return c, evidence != "" || slices.ContainsFunc(c.Arguments, isOwn)
}

// isBootstrapping reports whether the kubelet has yet to write its kubeconfig, with
// what the one for its first start lets it do.
func (d *discovery) isBootstrapping(c *Component) bool {
	conf, isNamed := c.Last("kubeconfig")
	first, isGiven := c.Last("bootstrap-kubeconfig")
	return isNamed && isGiven && !d.exists(c.HostPath(conf.Value).Path) && d.exists(c.HostPath(first.Value).Path)
}

// kubeletDefaults returns what the kubelet, and kubeadm's drop-in, say where no
// flag does. They come first, so that they never hide what was written.
func (d *discovery) kubeletDefaults(flags Component) []Argument {
	var arguments []Argument
	for _, fallback := range []struct{ name, value string }{
		{"cert-dir", kubeletCertDir},
		{"kubeconfig", kubeletKubeconfig},
		{"bootstrap-kubeconfig", kubeletBootstrapConfig},
	} {
		_, isGiven := flags.Last(fallback.name)
		isFile := d.kubeletService == nil && d.exists(fallback.value) && !d.isOtherKind(fallback.value)
		if !isGiven && (isFile || fallback.name == "cert-dir") {
			arguments = append(arguments, Argument{
				Name: fallback.name, Value: fallback.value,
				Source: Source{File: fallback.value, Argument: "--" + fallback.name},
			})
		}
	}
	return arguments
}

// kubeletEvidence returns the file that tells that a kubelet runs on this node.
func (d *discovery) kubeletEvidence() string {
	for _, file := range []string{kubeletConfigFile, kubeletFlagsFile, kubeletKubeconfig, kubeletCertDir} {
		if d.exists(file) && !(file == kubeletKubeconfig && d.isOtherKind(file)) {
			return file
		}
	}
	return ""
}

// isOtherKind reports whether a file certainly holds something other than a
// kubeconfig, such as the KubeletConfiguration that OpenShift keeps in kubelet.conf.
func (d *discovery) isOtherKind(file string) bool {
	f, err := d.read(file, maxFile)
	if err != nil {
		return false
	}
	doc, err := parseYAML(f.Data)
	return err == nil && doc.kind() != "" && doc.kind() != kubeconfigKind
}

// kubeletConfig returns the argument that names the kubelet's configuration file; the
// zero value where it has none.
func (d *discovery) kubeletConfig(flags Component) Argument {
	config, isGiven := flags.Last("config")
	// kubeadm's drop-in names the file, so that its kubelet cannot do without.
	isUsual := d.kubeletService == nil && (d.kubeadm != "" || d.exists(kubeletConfigFile))
	if !isGiven && isUsual {
		return Argument{Value: kubeletConfigFile, Source: Source{File: kubeletConfigFile}}
	}
	return config
}
