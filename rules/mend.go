package rules

import (
	"maps"
	"slices"
	"strings"
)

// way is a way of mending for which layouts have commands of their own. One that has
// none does as kubeadm does.
type way struct {
	name     string // in the line "Other layouts" of an explanation
	title    string
	commands func(l *Layout, t Tables) string
}

func ways() []way {
	return []way{
		{"renew", "Issue a certificate again", (*Layout).renewals},
		{"kubelet", "Give the kubelet new credentials", func(l *Layout, t Tables) string { return l.renewal(t.Requirement("kubelet")) }},
		{"authority", "Exchange a CA", (*Layout).exchanges},
		{"names", "Issue it again with more NAMES", (*Layout).moreNames},
		{"restart", "Restart a component", (*Layout).restartTexts},
		{"arguments", "Change an argument", func(l *Layout, _ Tables) string { return strings.TrimSpace(l.Arguments) }},
	}
}

// Layouts returns the layouts that have commands of their own, in which they differ
// from kubeadm and from what is made by hand.
func Layouts() []string {
	return slices.DeleteFunc(layoutNames(), func(name string) bool {
		l := layoutNamed(name)
		return !l.mends()
	})
}

func (l *Layout) mends() bool { return len(l.Renew) > 0 }

// On returns the text with what mends on a layout in the place of kubeadm's commands,
// where the layout has commands of its own.
func (e Explanation) On(layout string) string {
	before, rest, _ := strings.Cut(e.Text, "**Mend**")
	_, sources, _ := strings.Cut(rest, "**Sources**")
	commands := e.commandsOn(layout)
	if commands == "" {
		return e.Text
	}
	return before + "**Mend** on " + layout + "\n\n```\n" + commands + "\n```\n\n**Sources**" + sources
}

// commandsOn returns the commands of a layout for the ways of the explanation, each
// with its title; empty where the layout has none of its own.
func (e Explanation) commandsOn(layout string) string {
	l := layoutNamed(layout)
	if !l.mends() {
		return ""
	}
	tables := Builtin().laidOut(l)
	var parts []string
	for _, w := range ways() {
		if text := w.commands(&l, tables); text != "" && slices.Contains(e.Ways, w.name) {
			parts = append(parts, "# "+w.title+":\n"+text)
		}
	}
	return strings.Join(parts, "\n\n")
}

// renewals returns the commands that issue certificates of components again.
func (l *Layout) renewals(t Tables) string {
	whole := maps.Clone(l.Renew)
	for name, commands := range whole {
		if !slices.Contains(l.ByHand, name) {
			whole[name] = lines(l.Stop, strings.TrimSpace(commands), l.Start)
		}
	}
	text := grouped(whole, func(row string) bool { return t.isLeaf(row) })
	if _, ok := l.Renew["*"]; !ok && l.Kubeadm {
		text = lines(text, "# all others:", "kubeadm certs renew NAME")
	}
	if !strings.Contains(text, "SERVICE") {
		return text
	}
	services := slices.Compact(slices.Sorted(maps.Values(l.Services)))
	return lines("# SERVICE is one of "+strings.Join(services[:len(services)/2], ", ")+",",
		"# "+strings.Join(services[len(services)/2:], ", "), text)
}

// exchanges returns the commands for authorities, and for keys that all nodes share.
func (l *Layout) exchanges(t Tables) string {
	text := grouped(l.Renew, func(row string) bool { return row != "*" && !t.isLeaf(row) })
	if text != "" {
		return text
	}
	return lines("# there is no command for it: sign the CA again with its own key, so that all that it signed stays",
		"# valid, and put it in the place of every copy, kubeconfigs and other nodes included",
		"openssl x509 -in CA.crt -signkey CA.key -days 3650 -set_serial 0x$(openssl rand -hex 8) -out /root/CA.crt")
}

// moreNames returns how the certificate of the API server gets more names.
func (l *Layout) moreNames(t Tables) string {
	again := l.renewal(t.Requirement("kube-apiserver"))
	if again == "" {
		again = "kubeadm init phase certs apiserver --config kubeadm.yaml"
	}
	return lines(strings.TrimSpace(l.Hosts), again)
}

// restartTexts returns the commands that restart components.
func (l *Layout) restartTexts(Tables) string {
	text := grouped(l.Restart, func(string) bool { return true })
	if _, ok := l.Restart["*"]; ok {
		return text
	}
	if text != "" {
		text = lines(text, "# all others:")
	}
	return lines(text, "systemctl restart UNIT    # or, of a static pod, move its manifest away for 20 seconds")
}

// isLeaf reports whether a row, or all others than those that are named, stands for
// certificates of components.
func (t Tables) isLeaf(row string) bool {
	r := t.Requirement(row)
	return row == "*" || r != nil && (r.Is(KindServer) || r.Is(KindClient))
}

// grouped returns the commands of those names that are wanted: each once, with the
// names that it is for above it. Those for all others come last.
func grouped(commands map[string]string, wanted func(name string) bool) string {
	var order []string
	names := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(commands)) {
		if name == "*" || !wanted(name) {
			continue
		}
		text := strings.TrimSpace(commands[name])
		if names[text] == nil {
			order = append(order, text)
		}
		names[text] = append(names[text], name)
	}
	var parts []string
	for _, text := range order {
		parts = append(parts, "# "+strings.Join(names[text], ", ")+":\n"+text)
	}
	if rest, ok := commands["*"]; ok && wanted("*") {
		text := strings.TrimSpace(rest)
		if len(parts) > 0 {
			text = "# all others:\n" + text
		}
		parts = append(parts, text)
	}
	if strings.Count(strings.Join(parts, ""), "\n") > len(parts) { // more than a line for each
		return strings.Join(parts, "\n\n")
	}
	return strings.Join(parts, "\n")
}
