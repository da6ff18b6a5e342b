package rules

import (
	"slices"
	"strings"
	"testing"
)

func TestAllow(t *testing.T) {
	before := Builtin()
	tables, err := before.With("mine.yaml", `
allow:
  groups: [system:masters]
  commonNames:
    etcd-ca: [our-etcd, etcd-ca]
    mine: [other]
requirements:
- {name: mine, type: Client, commonNames: [one], path: {certificate: /srv/mine.crt}}
`)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range tables.Requirements {
		if !slices.Contains(r.AllowedGroups, "system:masters") {
			t.Errorf("%s does not allow the group", r.Name)
		}
	}
	for name, want := range map[string]string{"etcd-ca": "etcd-ca our-etcd", "mine": "one other", "kubernetes-ca": "kubernetes-ca kubernetes"} {
		if got := strings.Join(tables.Requirement(name).CommonNames, " "); got != want {
			t.Errorf("%s may have the names %s, want %s", name, got, want)
		}
	}
	if slices.Contains(before.Requirement("etcd-ca").CommonNames, "our-etcd") || len(before.Requirement("etcd-ca").AllowedGroups) > 0 {
		t.Error("the tables that it is added to changed")
	}
}

// What is allowed is allowed in the rows of a layout as well.
func TestAllowInALayout(t *testing.T) {
	tables, err := Builtin().With("mine.yaml", "allow: {groups: [system:masters], commonNames: {etcd-ca: [our-etcd]}}")
	if err != nil {
		t.Fatal(err)
	}
	tables = tables.laidOut(Layout{Requirements: []Requirement{{Name: "etcd-ca", CommonNames: []string{"etcd-server-ca"}}}})
	row := tables.Requirement("etcd-ca")
	if !slices.Equal(row.CommonNames, []string{"etcd-server-ca", "our-etcd"}) || !slices.Equal(row.AllowedGroups, []string{"system:masters"}) {
		t.Errorf("got %+v", row)
	}
}

// A row that only a layout has can be named, and is let alone where there is none of it.
func TestAllowRowOfALayout(t *testing.T) {
	tables, err := Builtin().With("mine.yaml", "allow: {commonNames: {k0s-api: [our-api]}}")
	if err != nil {
		t.Fatal(err)
	}
	if r := tables.Requirement("k0s-api"); r != nil {
		t.Errorf("a node of no layout has %+v", r)
	}
	k0s := tables.For("k0s")
	if r := k0s.Requirement("k0s-api"); !slices.Contains(r.CommonNames, "our-api") {
		t.Errorf("got %+v", r)
	}
}

func TestBadAllow(t *testing.T) {
	_, err := Builtin().With("mine.yaml", `allow:
  groups: [system:masters, system:master]
  commonNames:
    nowhere: [x]
    service-account: [x]
    etcd-ca: []
    kube-etcd: ["<node>"]
  users: [x]
`)
	want := []string{
		`mine.yaml: line 2: allow: the group "system:master" is none of the privileged ones: system:masters`,
		`mine.yaml: line 4: allow: "nowhere": is no row of the requirements`,
		`mine.yaml: line 5: allow: "service-account": allows every common name already`,
		`mine.yaml: line 6: allow: "etcd-ca": has no common names here`,
		`mine.yaml: line 7: allow: "kube-etcd": <node> is none of <nodename> <advertise-ip> <service-ip> <pki> <cert-dir> <data-dir>`,
		`mine.yaml: line 8: unknown key "users"`,
	}
	if err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("got\n%v\nwant\n%s", err, strings.Join(want, "\n"))
	}
}
