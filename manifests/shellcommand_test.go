package manifests

import (
	"strings"
	"testing"
)

func TestComponentIn(t *testing.T) {
	env := map[string]string{"CA": "/pki/ca.crt", "EMPTY": ""}
	tests := []struct{ name, text, want string }{
		{"plain", "kube-apiserver --a --b=c", "kube-apiserver|--a|--b=c"},
		{"exec and path", "exec /usr/local/bin/kube-apiserver --a", "/usr/local/bin/kube-apiserver|--a"},
		{"after others", "umask 077; mkdir -p /x && exec etcd --a", "etcd|--a"},
		{"redirected, as by kOps", "mkfifo /tmp/pipe; (tee -a /var/log/x.log < /tmp/pipe & ) ; exec kube-apiserver --a=b > /tmp/pipe 2>&1", "kube-apiserver|--a=b"},
		{"both streams", "kube-apiserver --a &> /dev/null", "kube-apiserver|--a"},
		{"quotes", `kube-apiserver --a="b c" '--d=$CA' "--e=\"f\"" g\ h`, `kube-apiserver|--a=b c|--d=$CA|--e="f"|g h`},
		{"lines", "exec kube-apiserver \\\n  --a=b \\\n  --c=d\n", "kube-apiserver|--a=b|--c=d"},
		{"a comment", "# kube-apiserver --old\nkube-apiserver --a # --b\n", "kube-apiserver|--a"},
		{"variables", "kube-apiserver --a=$CA --b=${CA}.old --c=$EMPTY", "kube-apiserver|--a=/pki/ca.crt|--b=/pki/ca.crt.old|--c="},
		{"unknown values", "kube-apiserver --a=$(hostname -i) --b=`date; x` --c=${D:-1} --d=$E --f", "kube-apiserver|?--a=|?--b=|?--c=|?--d=|--f"},
		{"brackets in brackets", "kube-apiserver --a=$(x $(y)) --b", "kube-apiserver|?--a=|--b"},
		{"without an end", "kube-apiserver --a=$(x", "kube-apiserver|?--a="},
		{"an assignment", "GOGC=50 exec kube-apiserver --a", "kube-apiserver|--a"},
		{"a word of another command", "cp kube-apiserver /x; echo etcd", ""},
		{"hyperkube", "exec hyperkube kube-apiserver --a", "kube-apiserver|--a"},
		{"in a test", "if [ -e /x ]; then exec etcd --a; fi", "etcd|--a"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var words []string
			for _, w := range componentIn(tt.text, env) {
				if w.open {
					w.text = "?" + w.text
				}
				words = append(words, w.text)
			}
			if got := strings.Join(words, "|"); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// The text of a shell ends, whatever it is, and gives back a word that is quoted.
func FuzzShellText(f *testing.F) {
	for _, text := range []string{"", "a b", "it's", `\`, `"$(`, "${A", "`", "2>&1 >x", "&>", "a&&b;;", "$A$A$A", "# x", "\\\n", "\x00\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		componentIn(text, map[string]string{"A": strings.Repeat("a", 1000)})
		if strings.Contains(text, "'") {
			return
		}
		got := componentIn("exec etcd --name='"+text+"' --b", nil)
		if len(got) != 3 || got[1].text != "--name="+text || got[1].open || got[2].text != "--b" {
			t.Errorf("%q gives %+v", text, got)
		}
	})
}
