package manifests

import (
	"fmt"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const units = "/etc/systemd/system/"

// shown returns what of components is to be compared.
func shown(components []Component) []string {
	var all []string
	for _, c := range components {
		all = append(all, fmt.Sprintf("%s %s:%d %v %v", c.Name, c.Source.File, c.Source.Line, c.UIDs, c.GIDs))
		for _, a := range c.Arguments {
			all = append(all, fmt.Sprintf("  %s=%s %s:%d %s", a.Name, a.Value, a.Source.File, a.Source.Line, a.Source.Argument))
		}
	}
	return all
}

// The unit and drop-in of the kubelet's package, for kubeadm.
const (
	kubeletUnit   = "[Service]\nExecStart=/usr/bin/kubelet\nRestart=always\n"
	kubeadmDropIn = `[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/sysconfig/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`
	kubeletDropIn = "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf"
)

// kubeadmUnits returns a tree with the kubelet's units, and more.
func kubeadmUnits(more tree) tree {
	all := tree{"/usr/lib/systemd/system/kubelet.service": kubeletUnit, kubeletDropIn: kubeadmDropIn}
	maps.Copy(all, more)
	return all
}

func TestKubeletService(t *testing.T) {
	const (
		kind = "kind: KubeletConfiguration\n"
		at   = "kubelet " + kubeletDropIn + ":7 [] []"
		dir  = "  cert-dir=/var/lib/kubelet/pki /var/lib/kubelet/pki:0 --cert-dir"
	)
	tests := []struct {
		name       string
		tree       tree
		want       []string
		unreadable []string
	}{
		{"not set up", kubeadmUnits(nil), nil, nil},
		{"of kubeadm", kubeadmUnits(tree{
			kubeletConfigFile: kind + "rotateCertificates: true\n", kubeletKubeconfig: kubeletConf,
			kubeletFlagsFile: "KUBELET_KUBEADM_ARGS=\"--node-ip=192.0.2.1\"\n", "/etc/sysconfig/kubelet": "KUBELET_EXTRA_ARGS=--hostname-override=n1\n",
		}), []string{
			at, dir,
			"  rotate-certificates=true " + kubeletConfigFile + ":2 rotateCertificates",
			"  bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf " + kubeletDropIn + ":2 --bootstrap-kubeconfig",
			"  kubeconfig=/etc/kubernetes/kubelet.conf " + kubeletDropIn + ":2 --kubeconfig",
			"  config=/var/lib/kubelet/config.yaml " + kubeletDropIn + ":3 --config",
			"  node-ip=192.0.2.1 " + kubeletFlagsFile + ":1 --node-ip",
			"  hostname-override=n1 /etc/sysconfig/kubelet:1 --hostname-override",
		}, nil},
		{"of kubeadm, without its kubeconfig", kubeadmUnits(tree{kubeletConfigFile: kind}), []string{
			at, dir,
			"  bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf " + kubeletDropIn + ":2 --bootstrap-kubeconfig",
			"  kubeconfig=/etc/kubernetes/kubelet.conf " + kubeletDropIn + ":2 --kubeconfig",
			"  config=/var/lib/kubelet/config.yaml " + kubeletDropIn + ":3 --config",
		}, []string{"kubelet /etc/kubernetes/kubelet.conf: missing"}},
		{"of kubeadm, about to join", kubeadmUnits(tree{kubeletConfigFile: kind, kubeletBootstrapConfig: kubeletConf}), []string{
			at, dir,
			"  bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf " + kubeletDropIn + ":2 --bootstrap-kubeconfig",
			"  config=/var/lib/kubelet/config.yaml " + kubeletDropIn + ":3 --config",
		}, nil},
		{"the hard way, without its files", tree{
			units + "kubelet.service": "[Service]\nExecStart=/usr/local/bin/kubelet --config=/var/lib/kubelet/kubelet-config.yaml --kubeconfig=/var/lib/kubelet/kubeconfig\n",
		}, []string{
			"kubelet " + units + "kubelet.service:2 [] []", dir,
			"  config=/var/lib/kubelet/kubelet-config.yaml " + units + "kubelet.service:2 --config",
			"  kubeconfig=/var/lib/kubelet/kubeconfig " + units + "kubelet.service:2 --kubeconfig",
		}, []string{"kubelet /var/lib/kubelet/kubelet-config.yaml: missing", "kubelet /var/lib/kubelet/kubeconfig: missing"}},
		{"standalone", tree{units + "kubelet.service": kubeletUnit, kubeletCertDir: "folder:", kubeletConfigFile: kind, kubeletKubeconfig: kubeletConf},
			[]string{"kubelet " + units + "kubelet.service:2 [] []", dir}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := discover(t, tt.tree.write(t), Options{})
			if diff := cmp.Diff(tt.want, shown(node.Components)); diff != "" {
				t.Errorf("components (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.unreadable, details(node.Unreadable)); diff != "" {
				t.Errorf("unreadable (-want +got):\n%s", diff)
			}
		})
	}
}

// A unit that nothing wants is left out where something else runs its component: a
// package may have brought it. Where it is all that there is, it is taken.
func TestIdleServices(t *testing.T) {
	const (
		pod     = "/etc/kubernetes/manifests/etcd.yaml"
		unit    = units + "etcd.service"
		another = units + "etcd-events.service"
		wants   = units + "multi-user.target.wants/"
	)
	service := func(name string) string { return "[Service]\nExecStart=/usr/bin/etcd --name=" + name + "\n" }
	idle := "etcd " + unit + ": nothing wants etcd.service, and another one runs etcd: the unit was left out"
	tests := []struct {
		name       string
		tree       tree
		want       []string // the files of the components
		unreadable []string
	}{
		{"beside a pod", tree{pod: podYAML("etcd", "etcd"), unit: service("a")}, []string{pod}, []string{idle}},
		{"beside a pod, and wanted", tree{pod: podYAML("etcd", "etcd"), unit: service("a"), wants + "etcd.service": "link:" + unit}, []string{pod, unit}, nil},
		{"beside another", tree{another: service("b"), unit: service("a"), wants + "etcd-events.service": "link:" + another}, []string{another}, []string{idle}},
		{"two that nothing wants", tree{another: service("b"), unit: service("a")}, []string{another, unit}, nil},
		{"alone", tree{unit: service("a")}, []string{unit}, nil},
	}
	for _, tt := range tests {
		node := discover(t, tt.tree.write(t), Options{})
		var got []string
		for _, c := range node.Components {
			got = append(got, c.Source.File)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: components (-want +got):\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(tt.unreadable, details(node.Unreadable)); diff != "" {
			t.Errorf("%s: unreadable (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestServices(t *testing.T) {
	tests := []struct {
		name       string
		tree       tree
		want       []string
		unreadable []string
	}{
		{"the hard way", tree{
			units + "kube-apiserver.service": "[Service]\nExecStart=/usr/local/bin/kube-apiserver \\\n  --tls-cert-file=/var/lib/kubernetes/api.pem \\\n  # --client-ca-file=/old \\\n  --client-ca-file /var/lib/kubernetes/ca.pem\n",
		}, []string{
			"kube-apiserver " + units + "kube-apiserver.service:2 [] []",
			"  tls-cert-file=/var/lib/kubernetes/api.pem " + units + "kube-apiserver.service:3 --tls-cert-file",
			"  client-ca-file=/var/lib/kubernetes/ca.pem " + units + "kube-apiserver.service:5 --client-ca-file",
		}, nil},
		{"etcd by its environment alone, as another user", tree{
			units + "etcd.service": "[Service]\nUser=etcd\nGroup=certs\nEnvironmentFile=-/etc/etcd.env\nExecStart=/usr/local/bin/etcd\n",
			"/etc/etcd.env":        "# of kubespray\nETCD_CERT_FILE=/etc/ssl/etcd/ssl/member.pem\nETCD_CLIENT_CERT_AUTH=true\nETCD_KEY_FILE=\nSECRET=x\n",
			"/etc/passwd":          "root:x:0:0::/:/bin/sh\netcd:x:998:997::/:/bin/false\n",
			"/etc/group":           "root:x:0:\ncerts:x:997:\n",
		}, []string{
			"etcd " + units + "etcd.service:5 [998] [997]",
			"  cert-file=/etc/ssl/etcd/ssl/member.pem /etc/etcd.env:2 ETCD_CERT_FILE",
			"  client-cert-auth=true /etc/etcd.env:3 ETCD_CLIENT_CERT_AUTH",
		}, nil},
		{"arguments of a file of variables", tree{
			units + "kube-scheduler.service": "[Service]\nEnvironmentFile=/etc/kubernetes/scheduler\nExecStart=/usr/bin/kube-scheduler $ARGS\n",
			"/etc/kubernetes/scheduler":      "ARGS=\"--tls-cert-file=/a --kubeconfig=/b\"\n",
			"/b":                             kubeletConf,
		}, []string{
			"kube-scheduler " + units + "kube-scheduler.service:3 [] []",
			"  tls-cert-file=/a /etc/kubernetes/scheduler:1 --tls-cert-file",
			"  kubeconfig=/b /etc/kubernetes/scheduler:1 --kubeconfig",
		}, nil},
		{"wrappers", tree{
			units + "kube-controller-manager.service": "[Service]\nExecStart=/usr/bin/numactl --cpunodebind=0 /usr/bin/hyperkube kube-controller-manager --root-ca-file=/ca\n",
			units + "etcd.service":                    "[Service]\nEnvironment=DIR=/srv\nExecStart=/bin/sh -c 'exec etcd --cert-file=$${DIR}/a --key-file=$$(cat /x) >> /var/log/etcd.log 2>&1'\n",
		}, []string{
			"etcd " + units + "etcd.service:3 [] []",
			"  cert-file=/srv/a " + units + "etcd.service:3 --cert-file",
			"kube-controller-manager " + units + "kube-controller-manager.service:2 [] []",
			"  root-ca-file=/ca " + units + "kube-controller-manager.service:2 --root-ca-file",
		}, []string{"etcd " + units + "etcd.service: the values of some arguments are not known here, and they were left out: --key-file"}},
		{"relative paths", tree{
			units + "etcd.service": "[Service]\nWorkingDirectory=-/srv/etcd\nExecStart=/usr/bin/etcd --config-file=pki/x\n",
		}, []string{"etcd " + units + "etcd.service:3 [] []", "  config-file=pki/x " + units + "etcd.service:3 --config-file"},
			[]string{"etcd /srv/etcd/pki/x: missing"}},
		{"files that name further ones", tree{
			units + "etcd.service":                "[Service]\nEnvironment=ETCD_CONFIG_FILE=/etc/etcd/etcd.yml ETCD_NAME=void\nExecStart=/usr/bin/etcd --key-file=/void\n",
			"/etc/etcd/etcd.yml":                  "client-transport-security:\n  cert-file: /a\n",
			units + "kube-proxy.service":          "[Service]\nWorkingDirectory=/srv\nExecStart=/usr/bin/kube-proxy --config=proxy.yaml\n",
			"/srv/proxy.yaml":                     "kind: KubeProxyConfiguration\nclientConnection: {kubeconfig: b}\n",
			"/srv/b":                              kubeletConf,
			units + "konnectivity-server.service": "[Service]\nExecStart=/usr/bin/proxy-server --cluster-cert=/c\n",
		}, []string{
			"etcd " + units + "etcd.service:3 [] []",
			"  config-file=/etc/etcd/etcd.yml " + units + "etcd.service:2 ETCD_CONFIG_FILE",
			"  cert-file=/a /etc/etcd/etcd.yml:2 client-transport-security.cert-file",
			"kube-proxy " + units + "kube-proxy.service:3 [] []",
			"  config=proxy.yaml " + units + "kube-proxy.service:3 --config",
			"  kubeconfig=b /srv/proxy.yaml:2 clientConnection.kubeconfig",
			"konnectivity-server " + units + "konnectivity-server.service:2 [] []",
			"  cluster-cert=/c " + units + "konnectivity-server.service:2 --cluster-cert",
		}, nil},
		{"a file of variables that is not there", tree{
			units + "etcd.service": "[Service]\nEnvironmentFile=/etc/etcd.env\nExecStart=/usr/bin/etcd\n",
		}, []string{"etcd " + units + "etcd.service:3 [] []"}, []string{"etcd /etc/etcd.env: missing"}},
		{"a unit that cannot be made out", tree{
			units + "kube-apiserver.service": "[Service]\nExecStart=/usr/bin/kube-apiserver --tls-cert-file='/x\n",
			units + "etcd.service":           "link:/gone",
			units + "kubelet.service":        "folder:",
			units + "my-kube.service":        "[Service]\nExecStart=\n",
		}, nil, []string{
			"etcd " + units + "etcd.service: dangling link /gone",
			"kube-apiserver " + units + "kube-apiserver.service: ExecStart: quotes that do not end: the command line is ignored",
			"kubelet " + units + "kubelet.service: not a regular file folder",
		}},
		{"what systemd alone knows", tree{
			units + "etcd.service": "[Service]\nExecStart=/usr/bin/etcd --cert-file=${CREDENTIALS_DIRECTORY}/x --key-file %d/y --trusted-ca-file=/ca\n",
		}, []string{"etcd " + units + "etcd.service:2 [] []", "  trusted-ca-file=/ca " + units + "etcd.service:2 --trusted-ca-file"}, []string{
			"etcd " + units + "etcd.service: the values of some arguments are not known here, and they were left out: --cert-file, --key-file",
			"etcd " + units + "etcd.service: the specifier %d is not known here: it is left as it is",
			"etcd " + units + "etcd.service: the variable CREDENTIALS_DIRECTORY comes from systemd itself: it is left as it is",
		}},
		{"masked, and others", tree{
			units + "etcd.service":         "link:/dev/null",
			units + "kube-proxy-x.service": "[Service]\nExecStart=/usr/bin/true\n",
			units + "sshd.service":         "[Service]\nExecStart=/usr/bin/etcd\n",
		}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := discover(t, tt.tree.write(t), Options{})
			if diff := cmp.Diff(tt.want, shown(node.Components)); diff != "" {
				t.Errorf("components (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.unreadable, details(node.Unreadable)); diff != "" {
				t.Errorf("unreadable (-want +got):\n%s", diff)
			}
			if len(tt.want) > 0 && node.Layout != "native" {
				t.Errorf("layout %q", node.Layout)
			}
		})
	}
}
