package audit

import (
	"slices"
	"testing"

	"kube-cert-audit/internal/hostfs"
	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// The accounts that a layout gives files to may read them, as its components may.
func TestAccountsOfTheLayout(t *testing.T) {
	fsys, err := hostfs.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer fsys.Close()
	a := &auditor{files: newStore(fsys), node: manifests.Node{UIDs: []int64{998}, GIDs: []int64{996}}}
	var f rules.File
	a.permissions(&f, "/etc/ssl/etcd/ssl/ca-key.pem", hostfs.Info{UID: 998, GID: 996, Mode: 0o640}, true)
	if !slices.Contains(f.UIDs, 998) || !slices.Contains(f.GIDs, 996) {
		t.Errorf("users %v, groups %v", f.UIDs, f.GIDs)
	}
}
