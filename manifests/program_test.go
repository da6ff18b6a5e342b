package manifests

import "testing"

func TestProgramOf(t *testing.T) {
	tests := []struct {
		name          string
		command, args []scalar
		image         string
		component     string
		arguments     int
		shell         bool
	}{
		{"in command", words("kube-apiserver", "--a"), nil, "", apiserver, 1, false},
		{"by path", words("/usr/local/bin/etcd", "--a", "--b"), nil, "", etcd, 2, false},
		{"command and args", words("kube-apiserver"), words("--a", "--b"), "", apiserver, 2, false},
		{"in args alone", nil, words("kube-scheduler", "--a"), "", scheduler, 1, false},
		{"hyperkube", words("/hyperkube", "kube-controller-manager", "--a"), nil, "", manager, 1, false},
		{"go-runner", words("/go-runner", "--log-file=/var/log/kube-apiserver", "/usr/local/bin/kube-apiserver", "--a"), nil, "", apiserver, 1, false},
		{"wrapper of something else", words("/go-runner", "/bin/true"), nil, "", "", 0, false},
		{"by image", nil, words("--a"), "registry.k8s.io/kube-scheduler:v1.37.2", scheduler, 1, false},
		{"by image with digest", nil, nil, "registry:5000/etcd@sha256:00", etcd, 0, false},
		{"an image alone does not tell", words("/usr/bin/etcdctl"), nil, "registry.k8s.io/etcd:3", "", 0, false},
		{"shell", words("/bin/sh", "-c"), words("umask 077; exec /usr/bin/kube-apiserver --a"), "", apiserver, 1, false},
		{"shell that is not understood", words("/bin/sh", "-c"), words("for c in kube-apiserver etcd; do start $c; done"), "", apiserver, 0, true},
		{"shell of something else", words("/bin/sh", "-c", "exec etcdctl --endpoints x"), nil, "registry.k8s.io/etcd:3", "", 0, false},
		{"kube-proxy", words("/usr/local/bin/kube-proxy", "--a"), nil, "", proxy, 1, false},
		{"konnectivity server", words("/proxy-server"), words("--a"), "", tunnel, 1, false},
		{"konnectivity agent by image", nil, words("--a"), "registry.k8s.io/kas-network-proxy/proxy-agent:v0.34.0", agent, 1, false},
		{"OpenShift's watcher", words("/bin/bash", "-ec", "exec watch-termination --graceful-termination-duration=135s -- hyperkube kube-apiserver --a"), nil, "", apiserver, 1, false},
		{"OpenShift's etcd", words("/bin/sh", "-c", "exec nice -n -19 ionice -c2 -n0 etcd --a || mv /x /y"), nil, "", etcd, 1, false},
		{"a proxy before etcd", words("/bin/sh", "-c", "exec nice -n -18 etcd grpc-proxy start --cert-file=a"), nil, "", "", 0, false},
		{"a gateway to etcd", words("etcd", "gateway", "start"), nil, "", "", 0, false},
		{"another program", words("/kube-vip", "manager"), nil, "ghcr.io/kube-vip/kube-vip:v1", "", 0, false},
		{"nothing", nil, nil, "", "", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := programOf(tt.command, tt.args, scalar{Text: tt.image, Line: 9}, map[string]string{"CA": "/ca.crt"})
			if got.component != tt.component || len(got.arguments) != tt.arguments || got.shell != tt.shell {
				t.Errorf("got %+v", got)
			}
			if tt.component != "" && got.at.Line == 0 {
				t.Error("no line")
			}
		})
	}
}

func TestMentioned(t *testing.T) {
	tests := []struct{ text, want string }{
		{"exec kube-apiserver --v=2", apiserver},
		{`{"image":"registry/etcd:3"}`, etcd},
		{"--etcd-servers=https://x", ""},
		{"kube-apiserver.log", ""},
		{"etcd2", ""},
		{"", ""},
	}
	for _, tt := range tests {
		if got := mentioned(tt.text); got != tt.want {
			t.Errorf("mentioned(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}
