package systemd

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// loaded is what systemd tells of a unit that it has loaded.
type loaded struct {
	Files            []string
	Command          []string // before variables are put in
	SeveralCommands  bool
	Environment      []string // of Environment= alone
	EnvironmentFiles []string // as they are set
	Passed, Unset    []string
}

// analyze has the real systemd load units from the folders of units below root,
// without running it: checking units for faults, it tells what it has loaded.
func analyze(t *testing.T, root string, names []string) map[string]loaded {
	t.Helper()
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("there is no systemd-analyze to compare with")
	}
	var dirs []string
	for _, dir := range searchPath() {
		dirs = append(dirs, root+dir)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, tool, append([]string{"verify", "--man=no", "--generators=no"}, names...)...)
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TMPDIR=" + t.TempDir(),
		"SYSTEMD_UNIT_PATH=" + strings.Join(dirs, ":"), "SYSTEMD_LOG_LEVEL=debug", "SYSTEMD_LOG_TARGET=console",
	}
	var log bytes.Buffer
	command.Stderr = &log
	out, err := command.Output() // it fails for programs that do not exist
	if !bytes.Contains(out, []byte("\t-> Unit ")) {
		t.Skipf("systemd-analyze tells nothing of the units here: %v\n%.2000s", err, log.Bytes())
	}
	return parseDump(root, string(out))
}

// parseDump reads what systemd tells: a list of units, each with its properties,
// and lists of commands by the names of their settings.
func parseDump(root, out string) map[string]loaded {
	units := map[string]loaded{}
	name, setting := "", ""
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		if unit, ok := strings.CutPrefix(line, "-> Unit "); ok {
			name, setting = strings.TrimSuffix(unit, ":"), ""
			units[name] = loaded{}
			continue
		}
		if strings.HasPrefix(line, "-> ") {
			setting = line
			continue
		}
		key, value, _ := strings.Cut(line, ": ")
		u := units[name]
		switch key {
		case "Fragment Path", "DropIn Path":
			u.Files = append(u.Files, strings.TrimPrefix(value, root))
		case "Command Line":
			if setting != "-> ExecStart:" {
				break
			}
			u.SeveralCommands = u.Command != nil
			if u.Command == nil {
				u.Command = unquote(value)
			}
		case "Environment":
			u.Environment = append(u.Environment, value)
		case "EnvironmentFile":
			u.EnvironmentFiles = append(u.EnvironmentFiles, value)
		case "PassEnvironment":
			u.Passed = append(u.Passed, value)
		case "UnsetEnvironment":
			u.Unset = append(u.Unset, value)
		}
		units[name] = u
	}
	return units
}

// unquote splits a command line as systemd shows it.
func unquote(text string) []string {
	var words []string
	for text != "" {
		var word strings.Builder
		quoted := text[0] == '"'
		i := 0
		if quoted {
			i++
		}
		for ; i < len(text) && (quoted && text[i] != '"' || !quoted && text[i] != ' '); i++ {
			if quoted && text[i] == '\\' {
				i++
			}
			word.WriteByte(text[i])
		}
		if quoted {
			i++
		}
		words = append(words, word.String())
		text = strings.TrimPrefix(text[i:], " ")
	}
	return words
}

// ours is what this package makes of the same unit.
func ours(l *loader) loaded {
	u := loaded{Files: l.service.Files, SeveralCommands: len(l.commands) > 1, Unset: l.unset}
	if len(l.commands) > 0 {
		c := l.commands[0]
		u.Command = append(u.Command, c.path.Text)
		for _, w := range c.arguments {
			u.Command = append(u.Command, w.Text)
		}
		if c.hasArgv0 { // systemd shows argv[0], not the path
			u.Command = u.Command[1:]
		}
	}
	for _, v := range l.environment.variables {
		u.Environment = append(u.Environment, v.Name+"="+v.Value)
	}
	for _, f := range l.files {
		file := f.pattern
		if f.optional {
			file = "-" + file
		}
		u.EnvironmentFiles = append(u.EnvironmentFiles, file)
	}
	u.Passed = slices.Sorted(maps.Keys(l.passed))
	return u
}

// realTree has a unit for each rule of loading that systemd can be asked about.
func realTree() map[string]string {
	tree := map[string]string{
		"lib": "-> usr/lib",
		// Merging.
		lib + "merge-me.service":                 exec1 + "/bin/lib",
		etc + "merge-me.service":                 exec1 + "/bin/etc",
		lib + "merge-me.service.d/10-a.conf":     env("A=lib10"),
		run + "merge-me.service.d/10-a.conf":     env("A=run10"),
		etc + "merge-me.service.d/20-b.conf":     env("A=etc20"),
		lib + "merge-me.service.d/30-c.conf":     env("A=lib30"),
		lib + "merge-.service.d/15.conf":         env("B=prefix"),
		etc + "merge-.service.d/30-c.conf":       env("A=prefix30"),
		etc + "service.d/05-all.conf":            env("ALL=1"),
		etc + "service.d/30-c.conf":              env("ALL=30"),
		etc + "merge-me.service.d/not.txt":       env("A=no"),
		etc + "merge-me.service.d/.40.conf":      env("A=no"),
		lib + "once.service":                     exec1 + "/bin/once",
		lib + "once.service.d/10.conf":           env("X=1"),
		lib + "alias-target.service":             exec1 + "/bin/target %n",
		etc + "alias.service":                    "-> ../../../usr/lib/systemd/system/alias-target.service",
		etc + "alias.service.d/10.conf":          env("BY=alias"),
		etc + "alias-target.service.d/10.conf":   env("BY=target"),
		etc + "alias-target.service":             exec1 + "/bin/etc-target",
		etc + "linked.service":                   "-> ../../../opt/other-name.service",
		"opt/other-name.service":                 exec1 + "/bin/linked %N",
		etc + "linked.service.d/10.conf":         env("X=linked"),
		lib + "tpl-a@.service":                   exec1 + "/bin/tpl %n|%N|%p|%P|%i|%I|%j|%J|%%|%t|%S|%C|%L|%E",
		lib + "tpl-a@x-y\\x2d.service.d/10.conf": env("D=instance"),
		etc + "tpl-a@.service.d/10.conf":         env("D=template"),
		etc + "tpl-a@.service.d/20.conf":         env("D2=template"),
		etc + "tpl-@.service.d/20.conf":          env("D2=prefix"),
		lib + "tpl-@x-y\\x2d.service.d/30.conf":  env("D3=prefix"),
		etc + "tpl-.service.d/40.conf":           env("D4=template"),
		etc + "other@.service":                   "-> tpl-a@.service",
		lib + "own@.service":                     exec1 + "/bin/template",
		etc + "own@one.service":                  exec1 + "/bin/own",
		etc + "dash-.service":                    exec1 + "/bin/dash",
		etc + "dash-.service.d/1.conf":           env("A=1"),
		etc + "a--b-.service":                    exec1 + "/bin/dashes",
		etc + "a-.service.d/1.conf":              env("A=1"),
		etc + "a--.service.d/2.conf":             env("A=2"),
		lib + "masked.service":                   exec1 + "/bin/masked",
		etc + "masked.service":                   "-> /dev/null",
		lib + "empty.service":                    exec1 + "/bin/empty",
		run + "empty.service":                    "",
	}
	for i, body := range realBodies() {
		tree[fmt.Sprintf("%scase%02d.service", etc, i)] = body
	}
	return tree
}

// realBodies are unit files of which systemd tells how it reads them.
func realBodies() []string {
	bodies := []string{
		"# x\n; y\n[Service]\n  ExecStart = /bin/a b  \n",
		"[Service]\nExecStart=/bin/a \\\n# c\n  ; d\n  b \\\n  c\n",
		"[Service]\nExecStart=/bin/a \\\n\nExecStart=\nExecStart=/bin/b\n",
		"[Service]\nExecStart=/bin/a b\\\\\nEnvironment=A=1",
		"[Service]\r\nExecStart=/bin/a b \\\r\n c\r\n",
		"\ufeff[Service]\nExecStart=/bin/a\n",
		"ExecStart=/bin/no\n[Unit]\nExecStart=/bin/no\n[X-Y]\nExecStart=/bin/no\n[Service]\nExecStart=/bin/a\n[Other]\nExecStart=/bin/no\n[Service]\nEnvironment=A=1",
		"[Service]\nExecStart=/bin/a\nnothing\n=x\nexecstart=/bin/no\nEnvironment=B=2",
		"[Service]\nExecStart=/bin/a\x00Environment=B=2",
		"[Service]\nExecStart=/bin/a\nEnvironment=A=\xff\nEnvironment=B=2",
		"[Service]\nExecStart=/bin/a\nEnvironment=\"A=1 2\" 'B=x y' C=\\x41\\u00e4 D=a\"b c\"d E\nEnvironment=A=3 1F=no F-G=no G= H=\\q\nEnvironment=I=2",
		"[Service]\nExecStart=/bin/a\nEnvironment=A=1\nEnvironment=\nEnvironment=B=%n%% C=%p",
		"[Service]\nExecStart=/bin/a\nEnvironment=A=1 \"B=2",
		"[Service]\nExecStart=/bin/a\nEnvironmentFile=/etc/a b\nEnvironmentFile=-/etc/%n*\nEnvironmentFile=no\n",
		"[Service]\nExecStart=/bin/a\nEnvironmentFile=/etc/a\nEnvironmentFile=\nEnvironmentFile=-/etc/b",
		"[Service]\nExecStart=/bin/a\nPassEnvironment=A \"B\"\nUnsetEnvironment=C D=1 'E=2 3'\nUnsetEnvironment=F",
		"[Service]\nExecStart=/bin/a\nPassEnvironment=A\nPassEnvironment=\nUnsetEnvironment=C\nUnsetEnvironment=",
		"[Service]\nType=oneshot\nExecStart=/bin/a x ; /bin/b y\nExecStart=/bin/c",
		"[Service]\nType=oneshot\nExecStart=/bin/a\nExecStart=\nExecStart=/bin/c",
		"[Service]\nExecStartPre=/bin/no\nExecStart=/bin/a\nExecStartPost=/bin/no",
	}
	for _, line := range []string{
		`-/bin/a b`, `@/bin/a zero b`, `:/bin/a $B`, `+/bin/a`, `!/bin/a`, `!!/bin/a`, `-@:/bin/a zero`, `@-!!:/bin/a zero`, `--/bin/a`, `+!/bin/a`,
		`@/bin/a`, `-`, `sh b`, `./a b`, `/bin/ b`, `/`, `/bin/a"b"c d"e f"g`, `"/bin/a" 'b c' "d 'e'" 'f "g"'`, `/bin/a \"x\" \x41\101\u00e4\s.`,
		`/bin/a \q x\`, `/bin/a "b c`, `/bin/a 'b\'c'`, `/bin/a "" x`, `/bin/a ; `, `; /bin/a`, `/bin/a \; b`, `/bin/a ";" b`, `/bin/a b; c`,
		`/bin/a %%n %n %N %p %P %i. %I. %j %t %S %C %L %E %- %`, `/bin/%p`, `/bin/a $$ ${A} $A a$A`, `/bin/a a;b`, `"/bin/a b"`, `/bin//a/./b`, `/bin/a\x20b`, `'-/bin/a' b`,
		`/bin/a 	 b`, `/bin/a\\b`, `.. x`, `/bin/../a`,
	} {
		bodies = append(bodies, "[Service]\nExecStart="+line+"\n")
	}
	return bodies
}

// TestAgainstSystemdAnalyze compares, for many units, what systemd loads with what
// this package reads: which files, in which order, the words of the command line
// before variables are put in, and the settings of the environment. systemd refuses
// some units wholly, and then tells nothing of the command: these must have a fault.
func TestAgainstSystemdAnalyze(t *testing.T) {
	root := t.TempDir()
	tree := realTree()
	plant(t, root, tree)
	names := []string{"alias.service", `tpl-a@x-y\x2d.service`, "other@z.service", "own@two.service"}
	for file := range tree {
		if n, ok := parseName(filepath.Base(file)); ok && !n.isTemplate() {
			names = append(names, n.String())
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	// A unit is loaded by the first of its names that is asked for.
	names = slices.DeleteFunc(names, func(name string) bool { return name == "alias-target.service" })
	all := analyze(t, root, names)
	for _, name := range names {
		l, ok := Scan(view(t, root)).read(name)
		if !ok {
			if _, isLoaded := all[name]; isLoaded {
				t.Errorf("systemd loads %s, which is not found", name)
			}
			continue
		}
		want, isLoaded := all[l.service.Name]
		if !isLoaded {
			if len(l.service.Faults) == 0 {
				t.Errorf("systemd refuses %s, which has no fault", name)
			}
			continue
		}
		got := ours(l)
		slices.Sort(want.Passed)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-systemd +got):\n%s\n%q", name, diff, fmt.Sprint(l.service.Faults))
		}
	}
}
