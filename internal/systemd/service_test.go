package systemd

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/internal/hostfs"
)

// kubeadmNode is what kubeadm and its packages leave on a node for the kubelet.
func kubeadmNode() map[string]string {
	return map[string]string{
		lib + "kubelet.service": "[Unit]\nDescription=kubelet\n\n[Service]\nExecStart=/usr/bin/kubelet\nRestart=always\n\n[Install]\nWantedBy=multi-user.target\n",
		lib + "kubelet.service.d/10-kubeadm.conf": `# Note: This dropin only works with kubeadm and kubelet v1.11+
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`,
		"var/lib/kubelet/kubeadm-flags.env": "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/c.sock --node-ip=192.0.2.1\"\n",
	}
}

func TestKubeadm(t *testing.T) {
	const (
		unit   = "/" + lib + "kubelet.service"
		dropIn = unit + ".d/10-kubeadm.conf"
		flags  = "/var/lib/kubelet/kubeadm-flags.env"
	)
	want := &Service{
		Name:  "kubelet.service",
		Files: []string{unit, dropIn},
		Command: []Word{
			{Text: "/usr/bin/kubelet", File: dropIn, Line: 8},
			{Text: "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf", File: dropIn, Line: 3},
			{Text: "--kubeconfig=/etc/kubernetes/kubelet.conf", File: dropIn, Line: 3},
			{Text: "--config=/var/lib/kubelet/config.yaml", File: dropIn, Line: 4},
			{Text: "--container-runtime-endpoint=unix:///run/c.sock", File: flags, Line: 1},
			{Text: "--node-ip=192.0.2.1", File: flags, Line: 1},
		},
		Environment: []Variable{
			{"KUBELET_KUBECONFIG_ARGS", "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf", dropIn, 3},
			{"KUBELET_CONFIG_ARGS", "--config=/var/lib/kubelet/config.yaml", dropIn, 4},
			{"KUBELET_KUBEADM_ARGS", "--container-runtime-endpoint=unix:///run/c.sock --node-ip=192.0.2.1", flags, 1},
		},
	}
	if diff := cmp.Diff(want, service(t, kubeadmNode(), "kubelet.service")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// etcd as it is often installed: all of it in an environment file.
func TestOnlyEnvironment(t *testing.T) {
	s := service(t, map[string]string{
		etc + "etcd.service": "[Service]\nType=notify\nUser=root\nEnvironmentFile=/etc/etcd.env\nExecStart=/usr/local/bin/etcd\n",
		"etc/etcd.env":       "# Environment file for etcd\nETCD_DATA_DIR=/var/lib/etcd\n\n# TLS settings\nETCD_CERT_FILE=/etc/ssl/etcd/ssl/member-a.pem\nETCD_CLIENT_CERT_AUTH=true\n",
	}, "etcd.service")
	want := []Variable{
		{"ETCD_DATA_DIR", "/var/lib/etcd", "/etc/etcd.env", 2},
		{"ETCD_CERT_FILE", "/etc/ssl/etcd/ssl/member-a.pem", "/etc/etcd.env", 5},
		{"ETCD_CLIENT_CERT_AUTH", "true", "/etc/etcd.env", 6},
	}
	if diff := cmp.Diff(want, s.Environment); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Word{{Text: "/usr/local/bin/etcd", File: "/" + etc + "etcd.service", Line: 5}}, s.Command); diff != "" || len(s.Faults) > 0 {
		t.Errorf("%v (-want +got):\n%s", s.Faults, diff)
	}
}

// Every word has the line in which it is written, however the line goes on.
func TestLines(t *testing.T) {
	s := service(t, map[string]string{
		etc + "a.service": "# one\n[Service]\nExecStart=/a \\\n  --b \\\n  # comment --no\n\t--c=\"d \\\n e\" \\\n; comment\n  $F --g\nEnvironment=A=1 \\\nB=2 \\\n\n\r\nEnvironment=F=f\n",
	}, "a.service")
	want := []Word{{Text: "/a", File: "/" + etc + "a.service", Line: 3}, {Text: "--b", File: "/" + etc + "a.service", Line: 4}, {Text: "--c=d   e", File: "/" + etc + "a.service", Line: 6}, {Text: "f", File: "/" + etc + "a.service", Line: 14}, {Text: "--g", File: "/" + etc + "a.service", Line: 9}}
	if diff := cmp.Diff(want, s.Command); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if a, b := s.Environment[0], s.Environment[1]; a.Line != 10 || b.Line != 11 {
		t.Errorf("%+v %+v", a, b)
	}
}

func TestUnitFile(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string // the command
		faults     string   // the lines and details of the faults
	}{
		{"spaces", "  [Service]  \n  ExecStart  =  /a b  \n", []string{"/a", "b"}, ""},
		{"comments", "#[Service]\n;x\n[Service]\n #ExecStart=/no\nExecStart=/a # b", []string{"/a", "#", "b"}, ""},
		{"no line end", "[Service]\nExecStart=/a", []string{"/a"}, ""},
		{"CR LF", "[Service]\r\nExecStart=/a \\\r\n b\r\n", []string{"/a", "b"}, ""},
		{"byte order mark", "\ufeff[Service]\nExecStart=/a", []string{"/a"}, ""},
		{"other sections", "[Unit]\nExecStart=/no\n[X-Service]\nExecStart=/no\n[Service]\nExecStart=/a\n[Install]\nExecStart=/no\nx", []string{"/a"}, ""},
		{"twice the section", "[Service]\nExecStart=/no\n[Unit]\n[Service]\nExecStart=\nExecStart=/a", []string{"/a"}, ""},
		{"no section", "ExecStart=/no\n[Service]\nExecStart=/a", []string{"/a"}, "1 outside"},
		{"no assignment", "[Service]\nExecStart=/a\nx\n=x", []string{"/a"}, "3 not an assignment, 4 not an assignment"},
		{"case", "[Service]\nexecstart=/no\n[service]\nExecStart=/no", nil, ""},
		{"head without an end", "[Service]\nExecStart=/a\n[Service\nExecStart=/no", []string{"/a"}, "3 not the head"},
		{"not UTF-8", "[Service]\nExecStart=/no\xff\nExecStart=/a", []string{"/a"}, "2 not UTF-8"},
		{"NUL ends a line", "[Service]\nExecStart=/a\x00b", []string{"/a"}, "2 not an assignment"},
		{"backslashes that escape one another", "[Service]\nExecStart=/a b\\\\\nEnvironment=A=1", []string{"/a", `b\`}, ""},
		{"empty line ends what continues", "[Service]\nExecStart=/a \\\n\nb=c", []string{"/a"}, ""},
		{"continued to the end", "[Service]\nExecStart=/a b\\", []string{"/a", "b"}, ""},
		{"a continued line is one line", "[Service]\nExecStart=/a \\\nExecStart=/b", []string{"/a", "ExecStart=/b"}, ""},
		{"several commands", "[Service]\nType=oneshot\nExecStart=/a\nExecStart=/b", []string{"/a"}, ""},
		{"several where one may be", "[Service]\nExecStart=/a\nExecStart=/b", []string{"/a"}, "3 ExecStart: several"},
		{"no command", "[Service]\nType=oneshot\nExecStop=/no", nil, ""},
		{"reset", "[Service]\nExecStart=/no\nExecStart=\n", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := service(t, map[string]string{etc + "a.service": tt.text}, "a.service")
			checkService(t, s, tt.want, tt.faults)
		})
	}
}

// checkService compares the words of a command, and the beginnings of the faults.
func checkService(t *testing.T, s *Service, want []string, wantFaults string) {
	t.Helper()
	if diff := cmp.Diff(want, words(s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got := faults(s)
	var wanted []string
	if wantFaults != "" {
		wanted = strings.Split(wantFaults, ", ")
	}
	ok := len(got) == len(wanted)
	for i, f := range wanted {
		line, detail, _ := strings.Cut(f, " ")
		ok = ok && strings.Contains(got[i], ":"+line+" ") && strings.Contains(got[i], detail)
	}
	if !ok {
		t.Errorf("faults %q, want %q", got, wanted)
	}
}

func TestCommand(t *testing.T) {
	tests := []struct {
		line   string
		want   []string
		faults string
	}{
		{`/a b  c`, []string{"/a", "b", "c"}, ""},
		{`a b`, []string{"a", "b"}, ""},
		{`"/a b" 'c d' "e 'f'" 'g "h"' i"j k"l`, []string{"/a b", "c d", "e 'f'", `g "h"`, "ij kl"}, ""},
		{`/a "" ''`, []string{"/a", "", ""}, ""},
		{`/a \"b\" "\x41\101\u00e4\U0001F600" '\n\t\s\\'`, []string{"/a", `"b"`, "AAä😀", "\n\t \\"}, ""},
		{`/a \q b`, []string{"/a", `\q`, "b"}, "2 ExecStart: a backslash"},
		{`/a \x0 \u12 \400 \000`, []string{"/a", `\x0`, `\u12`, `\400`, `\000`}, "2 a backslash, 2 a backslash, 2 a backslash, 2 a backslash"},
		{`/a "b`, nil, "2 ExecStart: quotes"},
		{`"/a`, nil, "2 ExecStart: quotes"},
		{`-/a b`, []string{"/a", "b"}, ""},
		{`@/a zero b`, []string{"/a", "b"}, ""},
		{`-@:+/a zero $B`, []string{"/a", "$B"}, ""},
		{`!!/a`, []string{"/a"}, ""},
		{`!/a`, []string{"/a"}, ""},
		{`|/a b`, []string{"/a", "b"}, ""},
		{`@|/a b`, []string{"/a", "b"}, ""},
		{`:/a ${B} $$`, []string{"/a", "${B}", "$$"}, ""},
		{`--/a`, nil, "2 not the name"},
		{`@/a`, nil, "2 the name to run"},
		{`@/a $UNSET b`, []string{"/a"}, ""},
		{`- b`, nil, "2 not the name"},
		{`./a`, nil, "2 not the name"},
		{`/a/`, nil, "2 not the name"},
		{`..`, nil, "2 not the name"},
		{`/a\x01`, nil, "2 not the name"},
		{`/a b ; /c d`, []string{"/a", "b"}, "2 several"},
		{`; /a b ;`, []string{"/a", "b"}, ""},
		{`/a b; c;d \; ";" "\;"`, []string{"/a", "b;", "c;d", ";", ";", `\;`}, "2 a backslash"},
		{`/a %n %N %p %i. %% %t %S %E %C %L %h %- %`, []string{"/a", "a.service", "a", "a", ".", "%", "/run", "/var/lib", "/etc", "/var/cache", "/var/log", "/root", "%-", "%"}, ""},
		{`/a %v %d/x %%v`, []string{"/a", "%v", "%d/x", "%v"}, "2 specifier %v, 2 specifier %d"},
		{`/a %H %l %m`, []string{"/a", "%H", "%l", "%m"}, "2 %H, 2 %l, 2 %m"},
		{`%p`, []string{"a"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			s := service(t, map[string]string{etc + "a.service": exec1 + tt.line}, "a.service")
			checkService(t, s, tt.want, tt.faults)
		})
	}
}

func TestSpecifiersOfAnInstance(t *testing.T) {
	s := service(t, map[string]string{
		"etc/hostname":             "# a comment\n\n cp-1.example \n",
		"etc/machine-id":           "0123456789abcdef0123456789abcdef\n",
		etc + "a-b\\x2dc@.service": exec1 + `/a %n %N %p %P %i %I %j %J %H %l %m`,
	}, `a-b\x2dc@d-e.service`)
	want := []string{"/a", `a-b\x2dc@d-e.service`, `a-b\x2dc@d-e`, `a-b\x2dc`, "a/b-c", "d-e", "d/e", `b\x2dc`, "b-c", "cp-1.example", "cp-1", "0123456789abcdef0123456789abcdef"}
	checkService(t, s, want, "")

	s = service(t, map[string]string{etc + "a@.service": exec1 + `/a %I`}, `a@b\y.service`)
	checkService(t, s, []string{"/a", "%I"}, "2 %I")
}

func TestExpansion(t *testing.T) {
	tests := []struct {
		words  string
		want   []string
		faults string
	}{
		{"$TWO", []string{"b", "c"}, ""},
		{"${TWO}", []string{"b  c"}, ""},
		{"--x=${TWO}", []string{"--x=b  c"}, ""},
		{"--x=$TWO", []string{"--x=$TWO"}, ""},
		{"$QUOTED", []string{"d e", "f g", "hi", `"j`}, ""},
		{"${QUOTED}", []string{`"d e" 'f g' h"i" \"j`}, ""},
		{"$TWO/x", nil, ""},
		{"$EMPTY ${EMPTY}", []string{""}, ""},
		{"$UNSET ${UNSET} x${UNSET}y", []string{"", "xy"}, ""},
		{"$$TWO $${TWO} a$$", []string{"$TWO", "${TWO}", "a$"}, ""},
		{"${TWO:-x} ${TWO", []string{"${TWO:-x}", "${TWO"}, ""},
		{"$ a$ ${}", []string{"a$", ""}, ""},
		{"${DOLLAR} $DOLLAR", []string{"$TWO", "$TWO"}, ""},
		{"$HOME x${PATH}", []string{"$HOME", "x${PATH}"}, "2 HOME, 2 PATH"},
		{"${PASSED} $PASSED", []string{"${PASSED}", "$PASSED"}, "2 PASSED, 2 PASSED"},
		{"$LANG", []string{"de"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			s := service(t, map[string]string{etc + "a.service": exec1 + "/a " + tt.words + `
Environment="TWO=b  c" EMPTY= DOLLAR=$TWO LANG=de
EnvironmentFile=/e
PassEnvironment=PASSED
`, "e": `QUOTED='"d e" '"'f g'"' h"i" \"j'` + "\n"}, "a.service")
			checkService(t, s, append([]string{"/a"}, tt.want...), tt.faults)
		})
	}
}

// A word that a variable stands for was written where the variable was assigned; one
// that has a variable in it, in the command line.
func TestPlacesOfExpandedWords(t *testing.T) {
	s := service(t, map[string]string{
		etc + "a.service":          "[Service]\nExecStart=/a $A ${A} x${A} $B ${N}\nEnvironment=A=1 B=2\n",
		etc + "a.service.d/1.conf": "[Service]\nEnvironmentFile=/e\n",
		"e":                        "\n\nB=3\n",
	}, "a.service")
	const unit = "/" + etc + "a.service"
	want := []Word{{Text: "/a", File: unit, Line: 2}, {Text: "1", File: unit, Line: 3}, {Text: "1", File: unit, Line: 3}, {Text: "x1", File: unit, Line: 2}, {Text: "3", File: "/e", Line: 3}, {Text: "", File: unit, Line: 2}}
	if diff := cmp.Diff(want, s.Command); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEnvironment(t *testing.T) {
	tests := []struct {
		name, settings string
		want           []string
		faults         string
	}{
		{"several", `Environment="A=1 2" 'B=3' C=4"5 6"7 D= E=a=b`, []string{"A=1 2", "B=3", "C=45 67", "D=", "E=a=b"}, ""},
		{"later wins", "Environment=A=1 B=2\nEnvironment=A=3", []string{"A=3", "B=2"}, ""},
		{"reset", "Environment=A=1\nEnvironment=\nEnvironment=B=2", []string{"B=2"}, ""},
		{"no names", "Environment=A 1B=2 C-D=3 =4 E=5", []string{"E=5"}, "2 not the assignment, 2 not the assignment, 2 not the assignment, 2 not the assignment"},
		{"not UTF-8", `Environment=A=\xff B=1`, []string{"B=1"}, "2 not the assignment"},
		{"quotes", `Environment=A=1 "B=2`, []string{"A=1"}, "2 the rest is ignored"},
		{"unknown escape", `Environment=A=1 B=\q C=1`, []string{"A=1"}, "2 the rest is ignored"},
		{"specifiers", `Environment=A=%n B=%v`, []string{"A=a.service", "B=%v"}, "2 %v"},
		{"no variables of variables", "Environment=A=1 B=$A", []string{"A=1", "B=$A"}, ""},
		{"files go before", "EnvironmentFile=/e1\nEnvironment=A=9 X=9", []string{"A=1", "X=9", "B=1"}, ""},
		{"later files win", "EnvironmentFile=/e1\nEnvironmentFile=/e2", []string{"A=2", "B=1"}, ""},
		{"files are reset", "EnvironmentFile=/gone\nEnvironmentFile=\nEnvironmentFile=/e2", []string{"A=2"}, ""},
		{"absent", "EnvironmentFile=/gone\nEnvironmentFile=/e2", []string{"A=2"}, "2 missing"},
		{"absent but optional", "EnvironmentFile=-/gone\nEnvironmentFile=-/dangles\nEnvironmentFile=-/e1/x", nil, ""},
		{"dangling", "EnvironmentFile=/dangles", nil, "2 dangling"},
		{"a folder", "EnvironmentFile=-/etc", nil, "2 not a regular file"},
		{"relative", "EnvironmentFile=e1\nEnvironmentFile=-e1\nEnvironmentFile=\"/e1\"", nil, "2 not an absolute, 3 not an absolute, 4 not an absolute"},
		{"spaces are part of the path", "EnvironmentFile=/e1 /e2", nil, "2 missing"},
		{"pattern", "EnvironmentFile=/e?", []string{"A=2", "B=1"}, ""},
		{"pattern of folders", "EnvironmentFile=/*/[!a-c]*.env", []string{"D=1"}, ""},
		{"pattern without match", "EnvironmentFile=/e/*\nEnvironmentFile=-/f*/*", nil, "2 missing"},
		{"hidden files", "EnvironmentFile=/d/.*.env\nEnvironmentFile=-/d/*hidden.env", []string{"H=1"}, ""},
		{"malformed pattern", "EnvironmentFile=-/d/[", nil, ""},
		{"specifier in a path", "EnvironmentFile=/d/%p.env", []string{"N=1"}, ""},
		{"empty file", "EnvironmentFile=/empty", nil, ""},
		{"NUL", "EnvironmentFile=/nul", nil, "2 NUL"},
		{"not UTF-8 in a file", "EnvironmentFile=/latin1", nil, "2 not UTF-8"},
		{"not UTF-8 in a comment", "EnvironmentFile=/comment", []string{"A=1"}, ""},
		{"export", "EnvironmentFile=/export", []string{"B=1"}, "1 not the assignment"},
		{"unset", "Environment=A=1 B=2 C=3 D=4\nUnsetEnvironment=A \"B=2\" C=9\nUnsetEnvironment=Z\nEnvironmentFile=/e2", []string{"C=3", "D=4"}, ""},
		{"unset nothing", "Environment=A=1\nUnsetEnvironment=A\nUnsetEnvironment=", []string{"A=1"}, ""},
		{"pass nothing", "Environment=A=1\nPassEnvironment=B\nPassEnvironment=", []string{"A=1"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := service(t, map[string]string{
				etc + "a.service": "[Service]\n" + tt.settings,
				"e1":              "A=1\nB=1\n", "e2": "A=2\n", "dangles": "-> gone", "empty": "", "nul": "A=1\x00",
				"latin1": "A=1\nB=\xe4\n", "comment": "# \xe4\nA=1\n", "export": "export A=1\nB=1\n",
				"d/a.env": "N=1\n", "d/d.env": "D=1\n", "d/.hidden.env": "H=1\n",
			}, "a.service")
			if diff := cmp.Diff(tt.want, variables(s)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkService(t, s, nil, tt.faults)
		})
	}
}

func TestEnvironmentFile(t *testing.T) {
	tests := []struct {
		name, text string
		want       []Variable
	}{
		{"plain", "A=1\nB=2", []Variable{{"A", "1", "", 1}, {"B", "2", "", 2}}},
		{"comments", "# A=1\n; B=2\n\n  #C=3\nD=4#5", []Variable{{"D", "4#5", "", 5}}},
		{"spaces", "  A  =  1  2  \n", []Variable{{"A", "1  2", "", 1}}},
		{"double quotes", `A="1 \"2\" \$ \\ \x 'y'"`, []Variable{{"A", `1 "2" $ \ \x 'y'`, "", 1}}},
		{"single quotes", `A='1 \ "2"'`, []Variable{{"A", `1 \ "2"`, "", 1}}},
		{"quotes within", `A=--x="1 2"`, []Variable{{"A", `--x="1 2"`, "", 1}}},
		{"quotes one after the other", `A="1"'2' 3"4"`, []Variable{{"A", `123"4"`, "", 1}}},
		{"escapes", `A=\"1\ \\2\n`, []Variable{{"A", `"1 \2n`, "", 1}}},
		{"continued", "A=1 \\\n 2\nB=\"3 \\\n4\"\nC=5", []Variable{{"A", "1  2", "", 1}, {"B", "3 4", "", 3}, {"C", "5", "", 5}}},
		{"over lines", "A='1\n2'\nB=3", []Variable{{"A", "1\n2", "", 1}, {"B", "3", "", 3}}},
		{"CR LF", "A=1\r\nB=2\r\n", []Variable{{"A", "1", "", 1}, {"B", "2", "", 2}}},
		{"quotes that do not end", "A=\"1\nB=2", []Variable{{"A", "1\nB=2", "", 1}}},
		{"backslash at the end", `A=1 \`, []Variable{{"A", "1 ", "", 1}}},
		{"backslash at the end of quotes", `A="1 \`, []Variable{{"A", "1 ", "", 1}}},
		{"no assignment", "nothing\nA=1", []Variable{{"A", "1", "", 2}}},
		{"empty", "A=\nB=''\n", []Variable{{"A", "", "", 1}, {"B", "", "", 2}}},
		{"comment with a backslash", "# A \\\nB=1", []Variable{{"B", "1", "", 2}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []Variable
			for v := range environmentFileVariables("", []byte(tt.text)) {
				got = append(got, v)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A fault of a file that a setting names has the place of the setting as well.
func TestPlaceOfAFault(t *testing.T) {
	s := service(t, map[string]string{etc + "a.service": "[Service]\n\nEnvironmentFile=/gone\n"}, "a.service")
	if diff := cmp.Diff([]Fault{{File: "/" + etc + "a.service", Line: 3, Path: "/gone", Reason: hostfs.NotExist}}, s.Faults); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Whatever is wrong around it, a secret gets into no fault.
func TestSecretsStayOut(t *testing.T) {
	const secret = "q7Zx0tOkEn"
	s := service(t, map[string]string{
		etc + "a.service": strings.ReplaceAll("SECRET=1\n[Service]\nSECRET\nEnvironment=SECRET 1SECRET=SECRET \"A=SECRET\nEnvironment=A=SECRET%v B=\\qSECRET\n"+
			"ExecStart=/a --token=SECRET ${HOME}SECRET \\qSECRET %vSECRET\nExecStart=SECRET/x SECRET\nExecStart=/a 'SECRET\nEnvironmentFile=/e\nPassEnvironment='SECRET\n[SECRET", "SECRET", secret),
		"e": "export A=" + secret + "\n" + secret + "=\xff",
	}, "a.service")
	if len(s.Faults) < 8 {
		t.Errorf("only %d faults: %q", len(s.Faults), faults(s))
	}
	if text := strings.Join(faults(s), "\n"); strings.Contains(text, secret) {
		t.Errorf("the secret got out: %s", text)
	}
}
