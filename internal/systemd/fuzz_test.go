package systemd

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whatever the files of a unit hold, loading it ends, and all that comes of it
// names one of them, and a line that is in it.
func FuzzService(f *testing.F) {
	node := kubeadmNode()
	f.Add(node[lib+"kubelet.service"], node[lib+"kubelet.service.d/10-kubeadm.conf"], node["var/lib/kubelet/kubeadm-flags.env"])
	f.Add("[Service]\nExecStart=-@:/a \\\n# c\n  'b' $A ${B} %n %v \\; ; /c\nEnvironment=A=\"1 2\"", "[Service]\r\nEnvironment=\nUnsetEnvironment=A B=1 \\\n\n", "A='1\n2' \\\nB=\"\\\n\"")
	f.Add("\ufeff[Service]\x00ExecStart=/a b\\\\\n[x\n", "ExecStart=/a\n[Service]\n=\nx\nExecStart=\nEnvironment=%H=%%", "# \\\nA=\n=\n\r\n\r\r\n=b=c")
	f.Fuzz(func(t *testing.T, unit, dropIn, environment string) {
		const (
			unitFile, dropInFile, environmentFile = "/" + etc + "a.service", "/" + etc + "a.service.d/1.conf", "/e"
		)
		lines := map[string]int{
			unitFile: strings.Count(unit, "\n") + 1, dropInFile: strings.Count(dropIn, "\n") + 2, environmentFile: strings.Count(environment, "\n") + 1,
		}
		s, ok := Scan(tree(t, map[string]string{
			unitFile: "[Service]\n" + unit, dropInFile: "[Service]\nEnvironmentFile=/e\n" + dropIn, environmentFile: environment,
		})).Load("a.service")
		lines[unitFile]++
		lines[dropInFile]++
		if !ok {
			t.Fatal("the unit is not there")
		}
		check := func(file string, line int, what any) {
			if most, ok := lines[file]; !ok || line < 1 || line > most {
				t.Errorf("%s:%d does not exist: %+v", file, line, what)
			}
		}
		for _, w := range s.Command {
			check(w.File, w.Line, w)
		}
		names := map[string]bool{}
		for _, v := range s.Environment {
			check(v.File, v.Line, v)
			if names[v.Name] || !isVariableName(v.Name) {
				t.Errorf("variable %+v", v)
			}
			names[v.Name] = true
		}
		for _, fault := range s.Faults {
			if fault.Line != 0 {
				check(fault.File, fault.Line, fault)
			}
			if fault.File == "" || fault.Reason == "" && fault.Detail == "" || fault.Reason != "" && fault.Path == "" {
				t.Errorf("fault %+v", fault)
			}
		}
	})
}

// Every setting that a unit file gives stands in it: key and value are in the line
// of which it has the number.
func FuzzUnitFile(f *testing.F) {
	f.Add("[Service]\nExecStart=/a \\\n  # c\n b\nx\n[Unit]\nA=1\n[Service]\r\n A = 2 \\")
	f.Add("\ufeff[Service]\n\\\n\\\nA\\\n=\\\n1\n\x00\n\r\n\rB=2")
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Split(text, "\n")
		isThere := func(number int, part string) bool {
			return number >= 1 && number <= len(lines) && strings.Contains(lines[number-1], part)
		}
		parseUnit("/f", []byte(text), func(a assignment) {
			for i, word := range splitPlain(a.value) {
				if !isThere(a.at(i), strings.TrimRight(word, `\`)) {
					t.Errorf("%q of %q is not in line %d", word, a.key, a.at(i))
				}
			}
			if a.key != strings.Trim(a.key, whitespace) || a.value != strings.Trim(a.value, whitespace) {
				t.Errorf("%q = %q", a.key, a.value)
			}
		}, func(fault Fault) {
			if fault.Line < 1 || fault.Line > len(lines) || fault.File != "/f" || fault.Detail == "" {
				t.Errorf("%+v", fault)
			}
		})
	})
}

// splitPlain splits a text at white space, and returns the words by their places.
func splitPlain(text string) map[int]string {
	found := map[int]string{}
	for i := 0; i < len(text); {
		if strings.IndexByte(whitespace, text[i]) >= 0 {
			i++
			continue
		}
		end := strings.IndexAny(text[i:], whitespace)
		if end < 0 {
			end = len(text) - i
		}
		found[i] = text[i : i+end]
		i += end
	}
	return found
}

// quote writes a word in such a way that systemd takes it for one, whatever is in it.
func quote(word string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(word) {
		switch c := word[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// Words that are quoted are the same after splitting, through a whole unit file as well.
func FuzzQuoting(f *testing.F) {
	f.Add("a", "")
	f.Add(`a "b" 'c' \`, "%n $A ${A} $$ ;")
	f.Add("\n\t\r ä\xff\x7f", ";")
	f.Fuzz(func(t *testing.T, first, second string) {
		if strings.Contains(first+second, "\x00") {
			t.Skip("no word of a command line can have it")
		}
		want := []string{first, second}
		var got []string
		for s := newSplitter(" " + quote(first) + "\t" + quote(second) + "\n"); !s.done(); {
			word, err := s.next(cEscapes)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, word)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if len(first)+len(second) > 1<<10 {
			return
		}
		literal := strings.ReplaceAll(quote(first)+" \\\n"+quote(second), "%", "%%")
		s := service(t, map[string]string{etc + "a.service": exec1 + ":/a " + literal}, "a.service")
		if diff := cmp.Diff(append([]string{"/a"}, want...), words(s)); diff != "" || len(s.Faults) > 0 {
			t.Errorf("%v (-want +got):\n%s", s.Faults, diff)
		}
	})
}

// Splitting without errors never loses a byte that stands outside of white space,
// quotes and backslashes.
func FuzzSplitRelaxed(f *testing.F) {
	f.Add(`a "b 'c' d\" e`)
	f.Add("\\ ' \" \t\n\\")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > maxWords {
			t.Skip("too long to be split to the end")
		}
		plain := func(s string) string {
			return string(slices.DeleteFunc([]byte(s), func(c byte) bool { return isOneOf(whitespace+`"'\`, c) }))
		}
		if got := plain(strings.Join(splitRelaxed(text), "")); got != plain(text) {
			t.Errorf("%q becomes %q", text, got)
		}
	})
}

// What an environment file assigns can be written again, and is then the same.
func FuzzEnvironmentFile(f *testing.F) {
	f.Add("A=\"--node-ip=1.1.1.1 \\\n--cert-dir='/x y'\"\n#A=\nA")
	f.Add("A='1\n2' 3\\\n 4 \nB =\\\r\n=\n==\n; \\\nC=\"\\x\\$\\")
	f.Fuzz(func(t *testing.T, text string) {
		var first, second []Variable
		var again strings.Builder
		line := 0
		for v := range environmentFileVariables("/e", []byte(text)) {
			if v.Line < line || v.Line > strings.Count(text, "\n")+1 || v.Name == "" {
				t.Errorf("%+v after line %d", v, line)
			}
			line = v.Line
			first = append(first, Variable{Name: v.Name, Value: v.Value})
			value := strings.NewReplacer(`"`, `\"`, `\`, `\\`, "`", "\\`", "$", `\$`).Replace(v.Value)
			fmt.Fprintf(&again, "%s=\"%s\"\n", v.Name, value)
		}
		for v := range environmentFileVariables("/e", []byte(again.String())) {
			second = append(second, Variable{Name: v.Name, Value: v.Value})
		}
		if !slices.Equal(first, second) {
			t.Errorf("%+v becomes %+v", first, second)
		}
	})
}

// A name that is taken apart can be put together again, and so can those of its
// drop-ins, the first of which is the name itself.
func FuzzName(f *testing.F) {
	f.Add("a-b-c@d\\x2de.service")
	f.Add("-.service")
	f.Add("a--b-@.service")
	f.Fuzz(func(t *testing.T, name string) {
		n, ok := parseName(name)
		if !ok {
			return
		}
		if n.String() != name {
			t.Errorf("%q becomes %q", name, n)
		}
		names := dropInNames(name)
		if names[0] != name {
			t.Errorf("%q", names)
		}
		for _, d := range names {
			if _, ok := parseName(d); !ok {
				t.Errorf("drop-ins of %q may be for %q", name, d)
			}
		}
	})
}
