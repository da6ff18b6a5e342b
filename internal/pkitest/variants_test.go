package pkitest

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVariantsDifferAsTheyShould(t *testing.T) {
	healthy := slices.Collect(maps.Keys(build(t, Kubeadm(made())).Files))
	dated := "/var/lib/kubelet/pki/kubelet-server-2026-11-24-10-20-30.pem"
	tests := []struct {
		name          string
		spec          *Spec
		added, absent []string
	}{
		{"hardened", Hardened(made()),
			[]string{dated, kubeletServerLink, "/root", "/root/.kube/config"},
			[]string{kubeletPKI + "/kubelet.crt", kubeletPKI + "/kubelet.key"}},
		{"external CA", ExternalCA(made()), nil, []string{pkiDir + "/ca.key", pkiDir + "/front-proxy-ca.key", pkiDir + "/etcd/ca.key"}},
		{"external etcd", ExternalEtcd(made()), nil, []string{
			manifestDir + "/etcd.yaml", pkiDir + "/etcd/ca.key", pkiDir + "/etcd/server.crt", pkiDir + "/etcd/server.key",
			pkiDir + "/etcd/peer.crt", pkiDir + "/etcd/peer.key",
			pkiDir + "/etcd/healthcheck-client.crt", pkiDir + "/etcd/healthcheck-client.key",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := slices.Sorted(maps.Keys(build(t, tt.spec).Files))
			want := slices.Concat(healthy, tt.added)
			want = slices.DeleteFunc(want, func(name string) bool { return slices.Contains(tt.absent, name) })
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWorkerHasOnlyKubeletFiles(t *testing.T) {
	got := slices.Sorted(maps.Keys(build(t, Worker(made())).Files))
	want := []string{
		"/etc/hostname", "/etc/kubernetes/kubelet.conf", manifestDir, "/etc/kubernetes/pki/ca.crt",
		"/var/lib/kubelet", "/var/lib/kubelet/config.yaml", "/var/lib/kubelet/instance-config.yaml",
		"/var/lib/kubelet/kubeadm-flags.env", "/var/lib/kubelet/pki/kubelet-client-2026-11-24-10-20-30.pem",
		kubeletClientLink, "/var/lib/kubelet/pki/kubelet.crt", "/var/lib/kubelet/pki/kubelet.key",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestVariantFlags(t *testing.T) {
	tests := []struct {
		name, pod, flag, want string
		spec                  *Spec
	}{
		{"default kubelet CA", "kube-apiserver", "kubelet-certificate-authority", "", Kubeadm(made())},
		{"hardened kubelet CA", "kube-apiserver", "kubelet-certificate-authority", pkiDir + "/ca.crt", Hardened(made())},
		{"external CA certificate", "kube-controller-manager", "cluster-signing-cert-file", "", ExternalCA(made())},
		{"external CA key", "kube-controller-manager", "cluster-signing-key-file", "", ExternalCA(made())},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.spec.Pod(tt.pod).Flag(tt.flag); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if command := ExternalCA(made()).Pod("kube-controller-manager").Command; !slices.Contains(command, "--cluster-signing-key-file=") {
		t.Errorf("external CA: no empty signing flag in %q", command)
	}
}
