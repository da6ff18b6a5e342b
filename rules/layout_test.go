package rules

import (
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What layouts say is read strictly, names rows that there are, and makes tables
// without faults.
func TestLayouts(t *testing.T) {
	for _, name := range layoutNames() {
		l := readLayout(t, name)
		tables := Builtin().For(name)
		if err := (places{}).tell(name, tables.faults()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if l.Source == "" {
			t.Errorf("%s: follows no source", name)
		}
		for _, rows := range []map[string][]string{l.CommonNames, l.AllowedGroups} {
			for row := range rows {
				if tables.Requirement(row) == nil {
					t.Errorf("%s: there is no row %s", name, row)
				}
			}
		}
		for _, row := range l.AnyUsage {
			if tables.Requirement(row) == nil {
				t.Errorf("%s: there is no row %s without usages", name, row)
			}
		}
		for _, row := range l.ByHand {
			if _, ok := l.Renew[row]; !ok {
				t.Errorf("%s: nothing renews %s, by hand or otherwise", name, row)
			}
		}
		for _, rows := range []map[string]string{l.Renew, l.Services} {
			for row := range rows {
				if row != "*" && tables.Requirement(row) == nil {
					t.Errorf("%s: there is no row %s to renew", name, row)
				}
			}
		}
	}
}

// A layout changes neither the tables that it is applied to nor what the user wrote.
func TestForLayout(t *testing.T) {
	before := Builtin()
	if diff := cmp.Diff(before.Requirements, before.For("none").Requirements); diff != "" {
		t.Errorf("a layout without a file (-before +after):\n%s", diff)
	}
	own, err := before.With("mine.yaml", "requirements: [{name: kube-apiserver, type: Mine, kinds: [server], path: {certificate: /x}}]")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range layoutNames() {
		tables := own.For(name)
		if got := tables.Requirement("kube-apiserver").Type; got != "Mine" {
			t.Errorf("%s: the row of the user became one of type %s", name, got)
		}
	}
	if diff := cmp.Diff(Builtin().Requirements, before.Requirements); diff != "" {
		t.Errorf("the tables changed (-want +got):\n%s", diff)
	}
}

func TestRenewal(t *testing.T) {
	tables := Builtin()
	l := Layout{Renew: map[string]string{"kube-etcd": "a\n", "etcd-ca": "b", "*": "c"}, Restart: map[string]string{"etcd": "d", "*": "e"}}
	for row, want := range map[string]string{"kube-etcd": "a", "etcd-ca": "b", "kubernetes-ca": "", "kubelet": "c"} {
		if got := l.renewal(tables.Requirement(row)); got != want {
			t.Errorf("%s is renewed by %q, want %q", row, got, want)
		}
	}
	if got := []string{l.restart("etcd").String(), l.restart("kubelet").String(), l.renewal(nil)}; !slices.Equal(got, []string{"d", "e", ""}) {
		t.Errorf("restarts %q", got)
	}
}

// A layout that is like another says what that says, but for what it says itself.
func TestLikeAnotherLayout(t *testing.T) {
	k3s, rke2 := Builtin().For("k3s"), Builtin().For("rke2")
	if diff := cmp.Diff(k3s.Requirements, rke2.Requirements); diff != "" {
		t.Errorf("requirements (-k3s +rke2):\n%s", diff)
	}
	for row, want := range map[string]string{"kube-etcd": "--service etcd", "agent": "--service rke2-controller", "kubeconfig-user": ""} {
		got := rke2.Layout.renewal(rke2.Requirement(row))
		if !strings.Contains(got, want) || (want == "") != (got == "") || strings.Contains(got, "k3s") {
			t.Errorf("%s is renewed with %q, want %q", row, got, want)
		}
	}
}

// The page on adding a layout names every field of its file, and files that there are.
func TestLayoutPage(t *testing.T) {
	text, err := os.ReadFile("../docs/adding-a-layout.md")
	if err != nil {
		t.Fatal(err)
	}
	for i := range reflect.TypeFor[Layout]().NumField() {
		if field := reflect.TypeFor[Layout]().Field(i).Tag.Get("yaml"); !strings.Contains(string(text), "`"+field+"`") {
			t.Errorf("the page does not tell of %s", field)
		}
	}
	for i, word := range strings.Split(string(text), "`") {
		isFile := slices.Contains([]string{".go", ".yaml", ".md"}, path.Ext(word)) && !strings.Contains(word, "LAYOUT")
		if i%2 == 0 || !isFile {
			continue
		}
		if _, err := os.Stat("../" + word); err != nil {
			t.Errorf("the page names %s, which is not there", word)
		}
	}
}
