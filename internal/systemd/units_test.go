package systemd

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"kube-cert-audit/internal/hostfs"
)

func TestLoad(t *testing.T) {
	tests := []struct {
		name, unit string
		files      map[string]string
		want       []string // the files; nil where there is no unit
		id         string   // where it is not the unit's name
	}{
		{"none", "a.service", map[string]string{etc + "b.service": exec1 + "/a"}, nil, ""},
		{"no folders", "a.service", nil, nil, ""},
		{"etc before run before lib", "a.service", map[string]string{etc + "a.service": exec1 + "/a", run + "a.service": exec1 + "/b", lib + "a.service": exec1 + "/c"},
			[]string{"/" + etc + "a.service"}, ""},
		{"run before local", "a.service", map[string]string{run + "a.service": exec1 + "/b", "usr/local/lib/systemd/system/a.service": exec1 + "/c"}, []string{"/" + run + "a.service"}, ""},
		{"lib without usr", "a.service", map[string]string{"lib/systemd/system/a.service": exec1 + "/a"}, []string{"/lib/systemd/system/a.service"}, ""},
		{"lib is a link", "a.service", map[string]string{"lib": "-> usr/lib", lib + "a.service": exec1 + "/a", lib + "a.service.d/1.conf": ""}, []string{"/" + lib + "a.service"}, ""},
		{"masked by a link", "a.service", map[string]string{etc + "a.service": "-> /dev/null", lib + "a.service": exec1 + "/c"}, nil, ""},
		{"masked by an empty file", "a.service", map[string]string{run + "a.service": "", lib + "a.service": exec1 + "/c"}, nil, ""},
		{"alias", "b.service", map[string]string{lib + "a.service": exec1 + "/a", etc + "b.service": "-> /usr/lib/systemd/system/a.service"}, []string{"/" + lib + "a.service"}, "a.service"},
		{"alias by a relative link", "b.service", map[string]string{lib + "a.service": exec1 + "/a", lib + "b.service": "-> a.service"}, []string{"/" + lib + "a.service"}, "a.service"},
		{"alias of an overridden unit", "b.service", map[string]string{lib + "a.service": exec1 + "/a", etc + "a.service": exec1 + "/a", lib + "b.service": "-> a.service"},
			[]string{"/" + etc + "a.service"}, "a.service"},
		{"alias of a masked unit", "b.service", map[string]string{lib + "a.service": exec1 + "/a", etc + "a.service": "-> /dev/null", lib + "b.service": "-> a.service"}, nil, ""},
		{"alias of nothing", "b.service", map[string]string{etc + "b.service": "-> /usr/lib/systemd/system/a.service"}, nil, ""},
		{"alias of another kind", "b.service", map[string]string{etc + "b.service": "-> a.socket", lib + "b.service": exec1 + "/b"}, []string{"/" + lib + "b.service"}, ""},
		{"alias of itself", "b.service", map[string]string{etc + "b.service": "-> /usr/lib/systemd/system/b.service", lib + "b.service": exec1 + "/b"}, []string{"/" + lib + "b.service"}, ""},
		{"aliases in a circle", "b.service", map[string]string{etc + "b.service": "-> /usr/lib/systemd/system/c.service", etc + "c.service": "-> /usr/lib/systemd/system/b.service", lib + "x": ""}, nil, ""},
		{"linked", "b.service", map[string]string{"opt/a.service": exec1 + "/a", etc + "b.service": "-> /opt/a.service"}, []string{"/" + etc + "b.service"}, ""},
		{"instance", "a@x.service", map[string]string{lib + "a@.service": exec1 + "/a"}, []string{"/" + lib + "a@.service"}, ""},
		{"instance with a file", "a@x.service", map[string]string{lib + "a@.service": exec1 + "/a", lib + "a@x.service": exec1 + "/x"}, []string{"/" + lib + "a@x.service"}, ""},
		{"instance by an alias", "b@x.service", map[string]string{lib + "a@.service": exec1 + "/a", etc + "b@.service": "-> /usr/lib/systemd/system/a@.service"},
			[]string{"/" + lib + "a@.service"}, "a@x.service"},
		{"instance of a masked template", "a@x.service", map[string]string{lib + "a@.service": exec1 + "/a", etc + "a@.service": "-> /dev/null"}, nil, ""},
		{"template", "a@.service", map[string]string{lib + "a@.service": exec1 + "/a"}, nil, ""},
		{"no name of a service", "a", map[string]string{lib + "a": exec1 + "/a"}, nil, ""},
		{"a path", "../system/a.service", map[string]string{lib + "a.service": exec1 + "/a"}, nil, ""},
		{"a link that dangles", "a.service", map[string]string{etc + "a.service": "-> /opt/a.service", lib + "a.service.d/1.conf": env("A=1")}, []string{"/" + lib + "a.service.d/1.conf"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, ok := Scan(tree(t, tt.files)).Load(tt.unit)
			if !ok {
				s = &Service{Name: tt.unit}
			}
			if diff := gocmp.Diff(tt.want, s.Files); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if want := cmp.Or(tt.id, tt.unit); s.Name != want {
				t.Errorf("it is named %s, not %s", s.Name, want)
			}
		})
	}
}

func TestUnitThatCannotBeRead(t *testing.T) {
	s := service(t, map[string]string{etc + "a.service": "-> /opt/a.service", etc + "b.service/x": "", etc + "b.service.d/1.conf": "-> gone"}, "a.service")
	want := []Fault{{File: "/" + etc + "a.service", Path: "/" + etc + "a.service", Reason: hostfs.DanglingLink, Detail: "/opt/a.service"}}
	if diff := gocmp.Diff(want, s.Faults); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s = service(t, map[string]string{etc + "b.service/x": "", etc + "b.service.d/1.conf": "-> gone"}, "b.service")
	want = []Fault{
		{File: "/" + etc + "b.service", Path: "/" + etc + "b.service", Reason: hostfs.NotRegular, Detail: "folder"},
		{File: "/" + etc + "b.service.d/1.conf", Path: "/" + etc + "b.service.d/1.conf", Reason: hostfs.DanglingLink, Detail: "gone"},
	}
	if diff := gocmp.Diff(want, s.Faults); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDropIns(t *testing.T) {
	tests := []struct {
		name, unit string
		files      []string // all drop-ins
		want       []string
	}{
		{"by name, not by folder", "a.service", []string{lib + "a.service.d/10.conf", etc + "a.service.d/20.conf", run + "a.service.d/15.conf"},
			[]string{lib + "a.service.d/10.conf", run + "a.service.d/15.conf", etc + "a.service.d/20.conf"}},
		{"one of a name", "a.service", []string{lib + "a.service.d/10.conf", etc + "a.service.d/10.conf"}, []string{etc + "a.service.d/10.conf"}},
		{"for all services", "a.service", []string{etc + "service.d/10.conf", lib + "a.service.d/10.conf", etc + "service.d/20.conf"}, []string{lib + "a.service.d/10.conf", etc + "service.d/20.conf"}},
		{"shorter names", "a-b-c.service", []string{etc + "a-.service.d/1.conf", etc + "a-b-.service.d/2.conf", etc + "a-b-c.service.d/3.conf", etc + "a-b.service.d/4.conf", etc + "a.service.d/5.conf"},
			[]string{etc + "a-.service.d/1.conf", etc + "a-b-.service.d/2.conf", etc + "a-b-c.service.d/3.conf"}},
		{"the higher folder, though for a shorter name", "a-b.service", []string{etc + "a-.service.d/1.conf", lib + "a-b.service.d/1.conf"}, []string{etc + "a-.service.d/1.conf"}},
		{"instance and template", "a-b@c.service", []string{etc + "a-b@c.service.d/3.conf", lib + "a-b@.service.d/2.conf", etc + "a-b@.service.d/3.conf", etc + "a-@c.service.d/1.conf", etc + "a-b@d.service.d/4.conf"},
			[]string{etc + "a-@c.service.d/1.conf", lib + "a-b@.service.d/2.conf", etc + "a-b@c.service.d/3.conf"}},
		{"of an alias", "a.service", []string{etc + "alias.service.d/1.conf"}, []string{etc + "alias.service.d/1.conf"}},
		{"masked", "a.service", []string{etc + "a.service.d/1.conf -> /dev/null", lib + "a.service.d/1.conf", etc + "a.service.d/2.conf -> empty", lib + "a.service.d/2.conf"}, nil},
		{"other files", "a.service", []string{etc + "a.service.d/1.txt", etc + "a.service.d/.2.conf", etc + "a.service.d/3.conf/x", etc + "a.service.d/4.conf~"}, nil},
		{"a link to a file", "a.service", []string{etc + "a.service.d/1.conf -> ../../../x", "etc/x"}, []string{etc + "a.service.d/1.conf"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{lib + "a.service": exec1 + "/a", lib + "alias.service": "-> a.service", etc + "a.service.d/empty": ""}
			if tt.unit != "a.service" {
				n, _ := parseName(tt.unit)
				files[lib+strings.Replace(tt.unit, n.instance+suffix, suffix, 1)] = exec1 + "/a"
			}
			for _, f := range tt.files {
				f, target, isLink := strings.Cut(f, " -> ")
				files[f] = env("A=1")
				if isLink {
					files[f] = "-> " + target
				}
			}
			s := service(t, files, tt.unit)
			var got []string
			for _, f := range s.Files[1:] {
				got = append(got, strings.TrimPrefix(f, "/"))
			}
			if diff := gocmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNames(t *testing.T) {
	got := Scan(tree(t, map[string]string{
		lib + "kubelet.service":                        exec1 + "/a",
		etc + "kubelet.service":                        exec1 + "/b",
		etc + "node.service":                           "-> /usr/lib/systemd/system/kubelet.service",
		lib + "masked.service":                         exec1 + "/a",
		etc + "masked.service":                         "-> /dev/null",
		run + "empty.service":                          "",
		lib + "etcd@.service":                          exec1 + "/etcd %i",
		lib + "other@.service":                         exec1 + "/other %i",
		etc + "multi-user.target.wants/etcd@a.service": "-> /usr/lib/systemd/system/etcd@.service",
		etc + "x.service.requires/etcd@b.service":      "-> /usr/lib/systemd/system/etcd@.service",
		etc + "x.service.requires/gone@b.service":      "-> /usr/lib/systemd/system/gone@.service",
		etc + "multi-user.target.wants/no.service":     "-> /usr/lib/systemd/system/no.service",
		etc + "a.socket":                               "",
		etc + "a.service.d/x.service":                  "",
		etc + "b ad.service":                           exec1 + "/a",
		etc + "@x.service":                             exec1 + "/a",
	})).Names()
	if diff := gocmp.Diff([]string{"etcd@a.service", "etcd@b.service", "kubelet.service"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A folder that cannot be listed may hide any unit.
func TestFolderThatCannotBeListed(t *testing.T) {
	u := Scan(tree(t, map[string]string{"etc/systemd/system": "-> loop", "etc/systemd/loop": "-> system", lib + "a.service": exec1 + "/a"}))
	if len(u.Faults) != 1 || u.Faults[0].Path != "/etc/systemd/system" || u.Faults[0].Reason != hostfs.LinkLoop {
		t.Errorf("%+v", u.Faults)
	}
	if _, ok := u.Load("a.service"); !ok {
		t.Error("the other folders are not looked at")
	}
}

func TestLimits(t *testing.T) {
	unit := func(body string) map[string]string { return map[string]string{etc + "a.service": "[Service]\n" + body} }
	manyFiles := unit("ExecStart=/a")
	for i := range maxDropIns + 1 {
		manyFiles[fmt.Sprintf("%sa.service.d/%03d.conf", etc, i)] = env("A=1")
	}
	bigFiles := unit("ExecStart=/a")
	for i := range 5 {
		bigFiles[fmt.Sprintf("%sa.service.d/%03d.conf", etc, i)] = "#" + strings.Repeat("x", 1<<20-1)
	}
	doubling := "Environment=V0=0123456789abcdef\nExecStart=/a"
	globs := unit("EnvironmentFile=/e/*\n" + strings.Repeat("EnvironmentFile=-/e/*\n", maxNames/100))
	for i := range 100 {
		globs[fmt.Sprintf("e/%d", i)] = "A=1"
	}
	tests := []struct {
		name  string
		files map[string]string
		want  string // in a fault
	}{
		{"drop-ins", manyFiles, "beyond the 200"},
		{"size of a file", unit(strings.Repeat("#\n", 1<<19)), "more than 1048576 bytes"},
		{"size of all files", bigFiles, "more than 4194304 bytes"},
		{"words", unit("ExecStart=/a" + strings.Repeat(" x", maxWords+1)), "more than 2000 words"},
		{"words of a variable", unit("ExecStart=/a $A\nEnvironment=\"A=" + strings.Repeat(" x", maxWords+1) + "\""), "more than 2000 words"},
		{"words of a setting", unit("UnsetEnvironment=" + strings.Repeat(" x", maxWords+1)), "more than 2000 words"},
		{"variables", unit("Environment=" + numbered("V%d=x\nEnvironment=", maxVariables+1)), "beyond the 1000 variables"},
		{"names", unit("PassEnvironment=" + numbered("V%d\nPassEnvironment=", maxVariables+1)), "beyond the 1000 names"},
		{"expansion of variables", unit(doubling + strings.Repeat(" ${V0}${V0}${V0}${V0}${V0}${V0}${V0}${V0}${V0}${V0}", 1900)), "more than 262144 bytes"},
		{"expansion of specifiers", unit("ExecStart=/a " + strings.Repeat("%n", 100_000)), "more than 262144 bytes"},
		{"faults", unit(strings.Repeat("x\n", 1000)), "more than 100 faults"},
		{"environment files", globs, "more than 50000 names"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := service(t, tt.files, "a.service")
			if !strings.Contains(strings.Join(faults(s), "\n"), tt.want) {
				t.Errorf("there is no fault of %q in %q", tt.want, faults(s))
			}
			if len(s.Faults) > maxFaults+1 || len(s.Files) > maxDropIns+1 || len(s.Command) > maxWords+1 || len(s.Environment) > maxVariables {
				t.Errorf("%d faults, %d files, %d words, %d variables", len(s.Faults), len(s.Files), len(s.Command), len(s.Environment))
			}
		})
	}
}

// numbered repeats a format with numbers.
func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}
