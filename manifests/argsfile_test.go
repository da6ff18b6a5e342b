package manifests

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestArgsFile(t *testing.T) {
	const text = `# --client-ca-file=/old.crt
--tls-cert-file=${SNAP_DATA}/certs/server.crt   # of this node
  --tls-private-key-file   "$SNAP_DATA/certs/server key"
--service-account-issuer='https://${SNAP_DATA}' --bind_address=::1` + "\r" + `
--etcd-servers="unix://${SNAP_DATA}/kine.sock:12379"
--etcd-cafile \
/etcd.crt
--audit-log-path=${UNKNOWN}/log
--etcd-certfile=${UNKNOWN}/client.crt
--etcd-keyfile=$(cat /key)
--token=s3cret
--eviction-hard="memory.available<100Mi"
--anonymous-auth
--client-ca-file=/ca#1.crt`
	arguments, open := parseArgsFile(apiserver, "/a", []byte(text), map[string]string{"SNAP_DATA": "/data"})
	want := []brief{
		{"tls-cert-file", "/data/certs/server.crt", 2},
		{"tls-private-key-file", "/data/certs/server key", 3},
		{"service-account-issuer", "https://${SNAP_DATA}", 4},
		{"bind-address", "::1", 4},
		{"etcd-servers", "unix:///data/kine.sock:12379", 5},
		{"etcd-cafile", "/etcd.crt", 6},
		{"anonymous-auth", "true", 13},
		{"client-ca-file", "/ca#1.crt", 14},
	}
	if diff := cmp.Diff(want, briefly(arguments)); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
	if want := []string{"etcd-certfile", "etcd-keyfile"}; !slices.Equal(open, want) {
		t.Errorf("open: %q, want %q", open, want)
	}
}

// Whatever an args file holds, what is kept is known, stands on a line of the file,
// and comes to the same when it is written as one flag on each line.
func FuzzArgsFile(f *testing.F) {
	f.Add(apiserver, "--tls-cert-file=${A}/x # c\n--etcd-cafile \"$A\" \\\n--secure-port 1\n#--client-ca-file=/x")
	f.Add(kubelet, "--config='a b'\n--rotate-certificates\n--cert-dir=$(x)${B}`y`\r\n--node-ip 1 --node-ip=2")
	f.Add(etcd, "-cert-file=/x\n--listen-client-urls=https://u:p@a:1\n--\n--key-file=/y")
	f.Fuzz(func(t *testing.T, component, text string) {
		env := map[string]string{"A": "/a"}
		isKept := func(name string) bool {
			_, ok := shapeOf(component, name)
			return ok
		}
		got, open := parseArgsFile(component, "/f", []byte(text), env)
		var again []string
		for _, a := range got {
			if !isKept(a.Name) || a.Source.Line <= 0 || a.Source.Line > strings.Count(text, "\n")+1 {
				t.Fatalf("argument %+v", a)
			}
			again = append(again, "--"+a.Name+"='"+strings.ReplaceAll(a.Value, "'", `'\''`)+"'")
		}
		for _, flag := range open {
			if !isKept(flag) {
				t.Errorf("%q is told, though it is not kept", flag)
			}
		}
		second, open := parseArgsFile(component, "/f", []byte(strings.Join(again, "\n")), env)
		if len(open) > 0 {
			t.Errorf("open: %q", open)
		}
		for i := range second {
			second[i].Source.Line = got[min(i, len(got)-1)].Source.Line
		}
		if diff := cmp.Diff(got, second); diff != "" {
			t.Errorf("(-first +second):\n%s", diff)
		}
	})
}
