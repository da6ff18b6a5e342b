package audit

import (
	"fmt"
	"strings"
	"testing"

	"kube-cert-audit/internal/pkitest"
)

// Where not all files were looked at, the folder has a finding that says so.
func TestOrphansLeftOut(t *testing.T) {
	tests := []struct {
		name        string
		files       int
		suffix      string
		want        int // findings
		path, words string
	}{
		{"no more than there may be", maxOrphans, ".pem", maxOrphans, "", ""},
		{"too many", maxOrphans + 2, ".pem", maxOrphans + 1, pki + "etcd", "further files"},
		{"too many to list", 20_001, ".txt", 1, pki + "etcd", "not looked through: too large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := fault{tree: func(tree *pkitest.Tree) {
				for n := range tt.files {
					tree.Files[fmt.Sprintf("%setcd/old-%05d%s", pki, n, tt.suffix)] = &pkitest.File{Data: []byte("old"), Mode: 0o600}
				}
			}}.write(t)
			o := options(t)
			o.Orphans = true
			found, told := run(t, root, o).Findings, 0
			for _, f := range found {
				if f.Check != "orphan" {
					t.Errorf("%+v", f)
				}
				if f.Path == tt.path && strings.Contains(f.Message, tt.words) {
					told++
				}
			}
			if want := min(1, len(tt.words)); len(found) != tt.want || told != want {
				t.Errorf("%d findings, %d of them on the folder; want %d and %d", len(found), told, tt.want, want)
			}
		})
	}
}
