package manifests

import (
	"strings"
	"testing"
)

// mountedPod is a container with mounts of every kind.
const mountedPod = `
kind: Pod
metadata: {name: kube-apiserver}
spec:
  volumes:
  - {name: pki, hostPath: {path: /srv/pki/}}
  - {name: etcd, hostPath: {path: /srv/etcd}}
  - {name: conf, hostPath: {path: /srv/admin.conf, type: FileOrCreate}}
  - {name: secret, secret: {secretName: x}}
  - {name: map, configMap: {name: x}}
  - {name: empty, emptyDir: {}}
  - {name: none}
  - {name: null-dir, emptyDir: null}
  - {name: projected, projected: {sources: []}}
  - {name: csi, csi: {driver: x}}
  - {name: "im age", image: {reference: x}}
  containers:
  - name: main
    command: [kube-apiserver]
    workingDir: /pki
    env:
    - {name: POD, value: p1}
    - {name: FAR, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
    volumeMounts:
    - {name: pki, mountPath: /pki}
    - {name: etcd, mountPath: /pki/etcd/}
    - {name: conf, mountPath: /etc/kubernetes/admin.conf}
    - {name: pki, mountPath: /sub, subPath: a/./b}
    - {name: pki, mountPath: /up, subPath: ../..}
    - {name: pki, mountPath: /down-up, subPath: a/../b}
    - {name: pki, mountPath: /rooted, subPath: /etc}
    - {name: pki, mountPath: /expr, subPathExpr: $(POD)/x}
    - {name: pki, mountPath: /far, subPathExpr: $(FAR)/x}
    - {name: pki, mountPath: relative}
    - {name: secret, mountPath: /secret}
    - {name: map, mountPath: /map}
    - {name: empty, mountPath: /empty}
    - {name: none, mountPath: /none}
    - {name: null-dir, mountPath: /null}
    - {name: projected, mountPath: /projected}
    - {name: csi, mountPath: /csi}
    - {name: im age, mountPath: /image}
    - {name: nowhere, mountPath: /nowhere}
`

func TestHostPath(t *testing.T) {
	m := parseManifest("/m.yaml", []byte(mountedPod))
	if len(m.components) != 1 || len(m.unreadable) > 0 {
		t.Fatalf("got %+v", m)
	}
	tests := []struct{ path, want, elsewhere string }{
		{"/pki/ca.crt", "/srv/pki/ca.crt", ""},
		{"/pki", "/srv/pki", ""},
		{"/pki/", "/srv/pki", ""},
		{"/pki//x/./y", "/srv/pki/x/y", ""},
		{"/pki/etcd/ca.crt", "/srv/etcd/ca.crt", ""},
		{"/pki/etcd-old/ca.crt", "/srv/pki/etcd-old/ca.crt", ""},
		{"/pkix/ca.crt", "/pkix/ca.crt", "in the container image"},
		{"/pki/../../../etc/shadow", "/etc/shadow", "in the container image"},
		{"/secret/../pki/x", "/srv/pki/x", ""},
		{"/etc/kubernetes/admin.conf", "/srv/admin.conf", ""},
		{"/etc/kubernetes/other.conf", "/etc/kubernetes/other.conf", "in the container image"},
		{"ca.crt", "/srv/pki/ca.crt", ""},
		{"../etc/x", "/etc/x", "in the container image"},
		{"/sub/x", "/srv/pki/a/b/x", ""},
		{"/up/x", "/up/x", "outside its mount"},
		{"/down-up/x", "/srv/pki/b/x", ""},
		{"/rooted/x", "/srv/pki/etc/x", ""},
		{"/expr/x", "/srv/pki/p1/x/x", ""},
		{"/far/x", "/far/x", `below the subPathExpr "$(FAR)/x", whose variables are not known here`},
		{"/relative/x", "/srv/pki/x", ""},
		{"/secret/x", "/secret/x", `in the Secret volume "secret"`},
		{"/map/x", "/map/x", `in the ConfigMap volume "map"`},
		{"/empty/x", "/empty/x", `in the emptyDir volume "empty"`},
		{"/none/x", "/none/x", `in the emptyDir volume "none"`},
		{"/null/x", "/null/x", `in the emptyDir volume "null-dir"`},
		{"/projected/x", "/projected/x", `in the projected volume "projected"`},
		{"/csi/x", "/csi/x", `in the csi volume "csi"`},
		{"/image/x", "/image/x", `in the image volume "im age"`},
		{"/nowhere/x", "/nowhere/x", `in the volume "nowhere", which the pod does not define`},
		{"", "", ""},
	}
	for _, tt := range tests {
		want := Location{Path: tt.want, Elsewhere: tt.elsewhere}
		if got := m.components[0].HostPath(tt.path); got != want {
			t.Errorf("HostPath(%q) = %+v, want %+v", tt.path, got, want)
		}
	}
}

func TestHostPathOfRootMount(t *testing.T) {
	c := Component{container: &container{mounts: []mount{{path: "/", host: "/srv"}}}}
	if got := c.HostPath("x/../y"); got != (Location{Path: "/srv/y"}) {
		t.Errorf("got %+v", got)
	}
}

func TestHostPathOfNativeService(t *testing.T) {
	var c Component
	for given, want := range map[string]string{"/a/../b": "/b", "c/d": "/c/d", "../x": "/x", "": ""} {
		if got := c.HostPath(given); got != (Location{Path: want}) {
			t.Errorf("HostPath(%q) = %+v, want %q", given, got, want)
		}
	}
}

// Whatever the mounts and the path, a file of the host is found only at or
// below what is mounted.
func FuzzHostPath(f *testing.F) {
	f.Add("/pki", "/srv/pki", "", "/pki/ca.crt")
	f.Add("/pki", "/srv/pki", "../..", "/pki/ca.crt")
	f.Add("pki/..", "..", "a/../../b", "../../etc/shadow")
	f.Add("/", "/", ".", "//x/..//y")
	f.Fuzz(func(t *testing.T, mountPath, hostPath, subPath, p string) {
		volume := podVolume{Name: scalar{Text: "v"}}
		volume.HostPath = &struct {
			Path scalar `yaml:"path"`
		}{scalar{Text: hostPath}}
		mounts := mountsOf([]podMount{
			{Name: scalar{Text: "v"}, MountPath: scalar{Text: mountPath}, SubPath: scalar{Text: subPath}},
			{Name: scalar{Text: "v"}, MountPath: scalar{Text: mountPath + "/x"}},
		}, []podVolume{volume}, environmentOf(nil))
		c := Component{container: &container{mounts: mounts, workingDir: subPath}}
		got := c.HostPath(p)
		if p == "" || got.Elsewhere != "" {
			return
		}
		for _, m := range mounts {
			root, _ := volumeSource("v", []podVolume{volume})
			if m.elsewhere == "" && isWithin(got.Path, m.host) && isWithin(m.host, root) {
				return
			}
		}
		t.Errorf("HostPath(%q) = %+v lies outside of %+v", p, got, mounts)
	})
}

func TestOwners(t *testing.T) {
	m := parseManifest("/m.yaml", []byte(strings.Replace(podYAML("etcd", "etcd"), "spec:", `spec:
  securityContext: {runAsUser: 1000, runAsGroup: 0, fsGroup: 30, supplementalGroups: [20, 30, x]}`, 1)+"    securityContext: {runAsUser: 2379, runAsGroup: 40}\n"))
	if len(m.components) != 1 {
		t.Fatalf("got %+v", m)
	}
	c := m.components[0]
	if len(c.UIDs) != 1 || c.UIDs[0] != 2379 || len(c.GIDs) != 3 || c.GIDs[0] != 20 || c.GIDs[2] != 40 {
		t.Errorf("UIDs %v, GIDs %v", c.UIDs, c.GIDs)
	}
}
