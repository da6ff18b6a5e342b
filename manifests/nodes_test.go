package manifests

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// flagsOf reads the flags of a kubeadm manifest by its text alone: an
// independent reading to hold the parser against.
func flagsOf(t *testing.T, root, file string) []brief {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	var flags []brief
	for i, line := range strings.Split(string(data), "\n") {
		if item, found := strings.CutPrefix(line, "    - --"); found {
			name, value, _ := strings.Cut(item, "=")
			flags = append(flags, brief{name, value, i + 1})
		}
	}
	return flags
}

// passedOver are the flags of the real nodes that have nothing to do with certificates.
func passedOver(f brief) bool {
	return slices.Contains([]string{
		"allow-privileged", "enable-admission-plugins", "enable-bootstrap-token-auth",
		"requestheader-extra-headers-prefix", "requestheader-group-headers", "requestheader-username-headers",
		"allocate-node-cidrs", "cluster-cidr", "cluster-name", "controllers", "leader-elect",
		"use-service-account-credentials", "feature-gates", "snapshot-count", "watch-progress-notify-interval",
	}, f.Name)
}

func realNodes() []struct{ archive, name, domain, user string } {
	return []struct{ archive, name, domain, user string }{
		{"kubeadm-1.37-rsa.tar.gz", "cp-1", "cluster.local", "system:node:cp-1"},
		{"kubeadm-1.37-ecdsa.tar.gz", "cp-ec", "prod.local", "system:node:cp-ec"},
	}
}

func TestRealNodesArguments(t *testing.T) {
	for _, tt := range realNodes() {
		t.Run(tt.archive, func(t *testing.T) {
			root := unpack(t, tt.archive)
			node := discover(t, root, Options{})
			var names []string
			for _, c := range node.Components {
				names = append(names, c.Name)
				if c.Name == kubelet {
					continue
				}
				if want := path.Join("/etc/kubernetes/manifests", c.Name+".yaml"); c.Source.File != want || c.Source.Line == 0 {
					t.Errorf("%s comes from %+v, want a line of %s", c.Name, c.Source, want)
				}
				want := slices.DeleteFunc(flagsOf(t, root, c.Source.File), passedOver)
				if diff := cmp.Diff(want, briefly(c.Arguments)); diff != "" {
					t.Errorf("arguments of %s (-want +got):\n%s", c.Name, diff)
				}
				for _, a := range c.Arguments {
					if a.Source.File != c.Source.File || a.Source.Argument != "--"+a.Name {
						t.Errorf("%s %s has the source %+v", c.Name, a.Name, a.Source)
					}
				}
			}
			want := []string{apiserver, etcd, manager, scheduler, kubelet}
			if diff := cmp.Diff(want, names); diff != "" {
				t.Errorf("components (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRealNodesPathsLieOnTheHost(t *testing.T) {
	for _, tt := range realNodes() {
		root := unpack(t, tt.archive)
		node := discover(t, root, Options{})
		count := 0
		for _, c := range node.Components {
			for _, a := range c.Arguments {
				s, _ := shapeOf(c.Name, a.Name)
				if (s != onePath && s != manyPaths && s != oneKubeconfig) || a.Name == "data-dir" {
					continue
				}
				count++
				location := c.HostPath(a.Value)
				_, err := os.Lstat(filepath.Join(root, location.Path))
				if location.Elsewhere != "" || err != nil {
					t.Errorf("%s --%s=%s lies at %+v: %v", c.Name, a.Name, a.Value, location, err)
				}
			}
		}
		if count < 30 {
			t.Errorf("only %d paths were found", count)
		}
	}
}

func TestRealNodesKubelet(t *testing.T) {
	for _, tt := range realNodes() {
		node := discover(t, unpack(t, tt.archive), Options{})
		const config = "/var/lib/kubelet/config.yaml"
		want := []Argument{
			{"cert-dir", "/var/lib/kubelet/pki", Source{"/var/lib/kubelet/pki", 0, "--cert-dir"}},
			{"kubeconfig", "/etc/kubernetes/kubelet.conf", Source{"/etc/kubernetes/kubelet.conf", 0, "--kubeconfig"}},
			{"client-ca-file", "/etc/kubernetes/pki/ca.crt", Source{config, 9, "authentication.x509.clientCAFile"}},
			{"anonymous-auth", "false", Source{config, 4, "authentication.anonymous.enabled"}},
			{"rotate-certificates", "true", Source{config, 41, "rotateCertificates"}},
			{"pod-manifest-path", "/etc/kubernetes/manifests", Source{config, 45, "staticPodPath"}},
			{"cluster-domain", tt.domain, Source{config, 18, "clusterDomain"}},
			{"hostname-override", tt.name, Source{"/var/lib/kubelet/kubeadm-flags.env", 1, "--hostname-override"}},
		}
		if diff := cmp.Diff(want, node.Find(kubelet)[0].Arguments); diff != "" {
			t.Errorf("kubelet (-want +got):\n%s", diff)
		}
		if node.Layout != "kubeadm" || node.Name.Value != tt.name || !node.Name.Certain {
			t.Errorf("layout %q, name %+v", node.Layout, node.Name)
		}
		if len(node.Unreadable) > 0 || len(node.DuplicatePods) > 0 {
			t.Errorf("unreadable %+v, duplicates %+v", node.Unreadable, node.DuplicatePods)
		}
	}
}

func TestRealNodesKubeconfigs(t *testing.T) {
	for _, tt := range realNodes() {
		node := discover(t, unpack(t, tt.archive), Options{})
		got := map[string]string{}
		readers := map[string]int{}
		for _, k := range node.Kubeconfigs {
			got[path.Base(k.Path)] = k.Users[0].Name
			readers[path.Base(k.Path)] = len(k.Readers)
			if !k.Users[0].Current || !k.Clusters[0].Current || len(k.Clusters[0].CA.Data) == 0 {
				t.Errorf("%s: %+v", k.Path, k.Clusters)
			}
			if k.Path == kubeletKubeconfig {
				want := Location{Path: "/var/lib/kubelet/pki/kubelet-client-current.pem"}
				if k.Users[0].Certificate.Location != want || k.Users[0].Key.Location != want {
					t.Errorf("%s names %+v", k.Path, k.Users[0])
				}
			} else if len(k.Users[0].Certificate.Data) == 0 || len(k.Users[0].Key.Data) == 0 {
				t.Errorf("%s lacks data", k.Path)
			}
		}
		want := map[string]string{
			"admin.conf": "kubernetes-admin", "super-admin.conf": "kubernetes-super-admin", "kubelet.conf": tt.user,
			"controller-manager.conf": "system:kube-controller-manager", "scheduler.conf": "system:kube-scheduler",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("kubeconfigs (-want +got):\n%s", diff)
		}
		wantReaders := map[string]int{"admin.conf": 0, "super-admin.conf": 0, "kubelet.conf": 1, "controller-manager.conf": 3, "scheduler.conf": 3}
		if diff := cmp.Diff(wantReaders, readers); diff != "" {
			t.Errorf("readers (-want +got):\n%s", diff)
		}
	}
}
