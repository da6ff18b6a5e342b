package manifests

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kube-cert-audit/internal/hostfs"
)

// Every limit of a node is held, and whoever meets it is told so.
func TestLimits(t *testing.T) {
	const dir = "/etc/kubernetes/manifests/"
	many := func(n int, name, content string) tree {
		all := tree{}
		for i := range n {
			all[fmt.Sprintf(name, i)] = strings.ReplaceAll(content, "NUMBER", fmt.Sprint(i))
		}
		return all
	}
	kubeconfig := func(users int) string {
		return "kind: Config\nusers:\n" + strings.Repeat("- {name: a, user: {token: b}}\n", users)
	}
	arguments := append([]string{"kube-apiserver"}, slices.Repeat([]string{"--service-account-key-file=/x"}, 1500)...)
	tests := []struct {
		name  string
		tree  tree
		holds bool // something that is looked at
		says  string
	}{
		{"files of a folder", many(maxFiles+1, dir+"x%04d", "kind: ConfigMap"), false, "more than 1000 entries: the rest was not looked at"},
		{"components", many(maxComponents+2, dir+"x%02d", podYAML("NUMBER", "etcd", "--name=x")), true, "defines more than the 50 components"},
		{"arguments", many(2, dir+"x%d", podYAML("NUMBER", arguments...)), true, "defines more than the 50 components, or more than the 2000 arguments"},
		{"kubeconfigs", many(maxKubeconfigs+1, "/etc/kubernetes/%03d.conf", kubeconfig(1)), true, "is beyond the 250 kubeconfigs"},
		{"entries of kubeconfigs", many(2, "/etc/kubernetes/%d.conf", kubeconfig(1500)), true, "is beyond the 250 kubeconfigs, or the 2000 clusters and users"},
		{"bytes", many(8, "/etc/kubernetes/%d.conf", strings.Repeat("\n", 9<<20)), false, "too large (more than 67108864 bytes of configuration"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fsys, err := hostfs.New(tt.tree.write(t))
			if err != nil {
				t.Fatal(err)
			}
			defer fsys.Close()
			node := Discover(fsys, Options{})
			arguments, entries := 0, 0
			for _, c := range node.Components {
				arguments += len(c.Arguments)
			}
			for _, k := range node.Kubeconfigs {
				entries += len(k.Clusters) + len(k.Users)
			}
			if len(node.Components) > maxComponents || arguments > maxArguments || len(node.Kubeconfigs) > maxKubeconfigs || entries > maxEntries {
				t.Errorf("%d components, %d arguments, %d kubeconfigs, %d entries", len(node.Components), arguments, len(node.Kubeconfigs), entries)
			}
			if len(node.Components)+len(node.Kubeconfigs) == 0 && tt.holds {
				t.Error("nothing of it was looked at")
			}
			told := false
			for _, u := range node.Unreadable {
				told = told || strings.Contains(fmt.Sprintf("%s (%s) %s", u.Reason, u.Detail, u.Detail), tt.says)
			}
			if !told {
				t.Errorf("nothing says %q: %+v", tt.says, node.Unreadable)
			}
		})
	}
}
