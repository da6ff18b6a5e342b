package rules

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const checksPage = "../docs/checks.md"

// docs/checks.md is what explain.md and the layouts say.
func TestChecksPage(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# The checks

Written by ` + "`make golden`" + ` from [rules/explain.md](../rules/explain.md) and
[rules/layouts](../rules/layouts), as is what ` + "`kube-cert-audit explain CHECK`" + ` prints;
` + "`explain --layout NAME CHECK`" + ` has the commands of that layout in it. The commands under "Mend" are
those of kubeadm; those of other layouts stand [below](#layouts). The report has, with each finding, the
commands for that very file and node.

| check | judges | severity | what it finds |
|---|---|---|---|
`)
	for _, c := range Checks() {
		var severities []string
		for _, s := range c.Severities {
			severities = append(severities, s.String())
		}
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s |\n", c.ID, c.ID, c.Judges, strings.Join(severities, ", "), c.Title)
	}
	for _, e := range Explanations() {
		text := strings.Replace(e.Text, "**Sources**", onOtherLayouts(e)+"**Sources**", 1)
		fmt.Fprintf(&b, "\n## %s\n\n*%s*\n\n%s", e.ID, e.Title, text)
	}
	b.WriteString("\n## Layouts\n\nWords in capitals stand for what is yours. kubeadm, kind and what is made by hand are told with each check.\n")
	for _, name := range Layouts() {
		l := layoutNamed(name)
		fmt.Fprintf(&b, "\n### %s\n\nAfter <%s>.\n", name, strings.ReplaceAll(l.Source, " and ", "> and <"))
		for _, w := range ways() {
			if text := w.commands(&l, Builtin().laidOut(l)); text != "" {
				fmt.Fprintf(&b, "\n**%s**\n\n```\n%s\n```\n", w.title, text)
			}
		}
	}
	if *update {
		if err := os.WriteFile(checksPage, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if readFile(t, checksPage) != b.String() {
		t.Errorf("%s is not what explain.md and the layouts say: make golden", checksPage)
	}
}

// onOtherLayouts returns where the commands of other layouts stand, by what they do.
func onOtherLayouts(e Explanation) string {
	if len(e.Ways) == 0 {
		return ""
	}
	var titles, links []string
	for _, w := range ways() {
		if slices.Contains(e.Ways, w.name) {
			titles = append(titles, w.title)
		}
	}
	for _, name := range Layouts() {
		links = append(links, fmt.Sprintf("[%s](#%s)", name, name))
	}
	return fmt.Sprintf("On other layouts, *%s*:\n%s.\n\n", strings.Join(titles, "*, *"), strings.Join(links, ", "))
}

// What explanations ask of layouts, those have, unless kubeadm does it for them.
func TestWays(t *testing.T) {
	known := map[string]bool{}
	for _, w := range ways() {
		known[w.name] = true
		for _, name := range Layouts() {
			l := layoutNamed(name)
			text := w.commands(&l, Builtin().laidOut(l))
			if (text == "" && !l.Kubeadm) || strings.TrimSpace(text) != text {
				t.Errorf("%s does not tell how to %s: %q", name, w.name, text)
			}
		}
	}
	used := map[string]bool{}
	for _, e := range Explanations() {
		for _, w := range e.Ways {
			used[w] = true
			if !known[w] {
				t.Errorf("%s: there is no way %q", e.ID, w)
			}
		}
		isAlike := slices.Contains([]string{"orphan", "unverifiable", "waiver-expired", "waiver-unused"}, e.ID)
		if isAlike != (len(e.Ways) == 0) {
			t.Errorf("%s: other layouts mend it by %q", e.ID, e.Ways)
		}
		for _, name := range Layouts() {
			on := e.On(name)
			if on == e.Text {
				if len(e.Ways) > 0 && !layoutNamed(name).Kubeadm {
					t.Errorf("%s is mended by nothing on %s", e.ID, name)
				}
				continue
			}
			if len(e.Ways) == 0 || (!strings.Contains(on, "**Mend** on "+name+"\n") || !strings.Contains(on, "\n\n**Sources**\n") || strings.Contains(on, "Hand-made PKI")) {
				t.Errorf("%s on %s:\n%s", e.ID, name, on)
			}
		}
		for _, name := range []string{"", "auto", "kubeadm", "kind", "native", "static-pods"} {
			if e.On(name) != e.Text {
				t.Errorf("%s has commands of %q", e.ID, name)
			}
		}
	}
	if len(used) != len(known) {
		t.Errorf("of the ways %v, %v are used", known, used)
	}
}

// Each layout tells its own commands, each once.
func TestOn(t *testing.T) {
	expired, _ := Explain("expired")
	for layout, want := range map[string][]string{
		"k3s":       {"k3s certificate rotate --service SERVICE\n", "# SERVICE is one of ", "k3s certificate rotate-ca ", "systemctl restart k3s "},
		"kubespray": {"\nkubeadm certs renew NAME\n", "# etcdctl-client, kube-apiserver-etcd-client, kube-etcd, kube-etcd-peer:\n", "systemctl restart UNIT "},
		"k0s":       {"openssl x509 -in CA.crt -signkey CA.key ", "k0s stop && k0s start"},
	} {
		text := expired.On(layout)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q in\n%s", layout, w, text)
			}
		}
	}
}

// What is to be typed is what a shell understands.
func TestCommandsAreForAShell(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash in PATH to judge the commands by")
	}
	for i, block := range strings.Split(readFile(t, checksPage), "\n```\n") {
		if i%2 == 0 {
			continue
		}
		check := exec.Command(bash, "-n")
		check.Stdin = strings.NewReader(block)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%v: %s\n%s", err, out, block)
		}
	}
}
