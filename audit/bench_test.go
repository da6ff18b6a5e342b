package audit

import (
	"testing"

	"kube-cert-audit/internal/hostfs"
)

// BenchmarkRun audits a real node, without starting the program and without
// writing the report.
func BenchmarkRun(b *testing.B) {
	for _, archive := range []string{"kubeadm-1.37-rsa.tar.gz", "kubeadm-1.37-ecdsa.tar.gz"} {
		b.Run(archive, func(b *testing.B) {
			fsys, err := hostfs.New(unpack(b, archive))
			if err != nil {
				b.Fatal(err)
			}
			defer fsys.Close()
			o := options(b)
			for b.Loop() {
				Run(b.Context(), fsys, o)
			}
		})
	}
}
