package manifests

import (
	"cmp"
	"path"

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

// maxEnvironmentFile bounds a file of environment variables.
const maxEnvironmentFile = 64 << 10

// kubelet finds the kubelet as kubeadm's systemd drop-in runs it: a
// configuration file, and flags in environment files that override its fields.
func (d *discovery) kubelet() {
	evidence := d.kubeletEvidence()
	if evidence == "" {
		return
	}
	if d.exists(kubeletFlagsFile) {
		d.kubeadm = kubeletFlagsFile
	}
	flags := d.kubeletFlags()
	given := Component{Name: kubelet, Arguments: flags}
	k := Component{Name: kubelet, Source: Source{File: evidence}, Arguments: d.kubeletDefaults(given)}
	d.kubeletFields(&k, given)
	d.dropIns(&k, given)
	k.Arguments = append(k.Arguments, flags...)
	d.node.Components = append(d.node.Components, k)
	_, isNamed := k.Last("kubeconfig")
	_, isBootstrapped := k.Last("bootstrap-kubeconfig")
	if d.kubeadm != "" && !isNamed && !isBootstrapped {
		d.cannotRead(kubelet, Source{File: kubeletFlagsFile},
			&hostfs.Error{Path: kubeletKubeconfig, Reason: hostfs.NotExist, Detail: "nor " + kubeletBootstrapConfig})
	}
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
		isFile := d.exists(fallback.value) && !d.isOtherKind(fallback.value)
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

// kubeletFlags returns the flags of the environment files that kubeadm's
// drop-in uses, in the order of its command line.
func (d *discovery) kubeletFlags() []Argument {
	var flags []Argument
	for _, source := range []struct{ file, variable string }{
		{kubeletFlagsFile, "KUBELET_KUBEADM_ARGS"},
		{"/etc/default/kubelet", "KUBELET_EXTRA_ARGS"},
		{"/etc/sysconfig/kubelet", "KUBELET_EXTRA_ARGS"},
	} {
		f, err := d.read(source.file, maxEnvironmentFile)
		if err != nil {
			if !isAbsent(err) && reasonOf(err) != hostfs.Empty { // an empty one sets nothing, and is fine
				d.cannotRead(kubelet, Source{File: source.file}, err)
			}
			continue
		}
		flags = append(flags, parseKubeletFlags(source.file, source.variable, f.Data)...)
	}
	return flags
}

// parseKubeletFlags returns the flags in a variable of an environment file.
func parseKubeletFlags(file, variable string, data []byte) []Argument {
	var words []scalar
	for _, a := range parseEnvironmentFile(data) {
		if a.name != variable {
			continue
		}
		words = nil // a later assignment replaces an earlier one
		for _, w := range splitWords(a.value, " \t") {
			words = append(words, scalar{Text: w, Line: a.line})
		}
	}
	return parseArguments(kubelet, file, words)
}

// kubeletFields adds what the kubelet's configuration file says.
func (d *discovery) kubeletFields(k *Component, flags Component) {
	config, isGiven := flags.Last("config")
	if file := path.Join("/", cmp.Or(config.Value, kubeletConfigFile)); !isGiven {
		config = Argument{Value: file, Source: Source{File: file}}
	}
	// kubeadm's drop-in names the file, so that its kubelet cannot do without.
	if isGiven || d.kubeadm != "" || d.exists(config.Value) {
		d.parse(k, config, parseKubeletConfiguration)
	}
}
