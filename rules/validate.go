package rules

import (
	"fmt"
	"slices"
	"strings"
)

// faults returns every fault of the rows, each with the name of its row.
func (t *Tables) faults() []fault {
	var all []fault
	seen := map[string]bool{}
	add := func(table, kind, name string, texts []string) {
		path := join(table, name)
		if seen[path] {
			texts = append(texts, "stands in the table twice")
		}
		seen[path] = true
		for _, text := range texts {
			all = append(all, fault{at: path, text: fmt.Sprintf("%s %q: %s", kind, name, text)})
		}
	}
	for i := range t.Requirements {
		add("requirements", "requirement", t.Requirements[i].Name, t.Requirements[i].faults(t))
	}
	for i := range t.Connections {
		add("connections", "connection", t.Connections[i].Name, t.Connections[i].faults(t))
	}
	return all
}

// placeholders returns what may stand in names and paths.
func placeholders() []string {
	return []string{"<nodename>", "<advertise-ip>", "<service-ip>", "<pki>", "<cert-dir>", "<data-dir>"}
}

func (r *Requirement) faults(t *Tables) []string {
	faults := nameFaults(r.Name)
	if r.Type == "" {
		faults = append(faults, "has no type")
	}
	for _, kind := range r.Kinds {
		if !slices.Contains([]string{KindCA, KindServer, KindClient}, kind) {
			faults = append(faults, fmt.Sprintf("kind %q is none of ca, server, client", kind))
		}
	}
	if r.Parent != "" {
		if parent := t.Requirement(r.Parent); parent == nil || !parent.Is(KindCA) {
			faults = append(faults, fmt.Sprintf("parent %q is no row of an authority", r.Parent))
		}
	}
	for _, n := range r.Named {
		faults = append(faults, n.faults()...)
	}
	if len(r.Named) == 0 && r.Path == (Paths{}) && r.Default == (Paths{}) && r.Kubeconfig.isEmpty() {
		faults = append(faults, "names no argument, no path and no kubeconfig")
	}
	if r.When != (Condition{}) {
		faults = append(faults, argumentFaults(r.When.Argument)...)
		if r.When.Value != "true" && r.When.Value != "false" {
			faults = append(faults, fmt.Sprintf("the value %q of its condition is neither true nor false", r.When.Value))
		}
	}
	if r.Unless != "" {
		faults = append(faults, argumentFaults(r.Unless)...)
	}
	for _, text := range slices.Concat(r.CommonNames, r.Hosts, r.Path.all(), r.Default.all()) {
		faults = append(faults, placeholderFaults(text)...)
	}
	return faults
}

func (n Named) faults() []string {
	var faults []string
	if n.Component == "" {
		faults = append(faults, "names arguments of no component")
	}
	given := 0
	for _, argument := range []string{n.Certificate, n.Key, n.Pair, n.VerificationKey} {
		if argument != "" {
			given++
			faults = append(faults, argumentFaults(argument)...)
		}
	}
	if given == 0 {
		faults = append(faults, fmt.Sprintf("names no argument of %s", n.Component))
	}
	return faults
}

func (c *ConnectionRow) faults(t *Tables) []string {
	faults := nameFaults(c.Name)
	if c.Usage != KindServer && c.Usage != KindClient {
		faults = append(faults, fmt.Sprintf("usage %q is neither server nor client", c.Usage))
	}
	if len(c.Presenters) == 0 {
		faults = append(faults, "has no presenter")
	}
	for _, name := range c.Presenters {
		if t.Requirement(name) == nil {
			faults = append(faults, fmt.Sprintf("presenter %q is no row of the requirements", name))
		}
	}
	switch v := c.Verifier; {
	case v.Kubeconfig && (v.Component != "" || v.CA != ""), !v.Kubeconfig && (v.Component == "" || v.CA == ""):
		faults = append(faults, "the verifier is either kubeconfig, or a component and its argument")
	case !v.Kubeconfig:
		faults = append(faults, argumentFaults(v.CA)...)
	}
	names := []string{"", NamesEtcdServers, NamesEtcdPeerURLs, NamesKubeconfigServer, NamesServiceIP, NamesKubelet, NamesEgress, NamesProxyServer}
	if !slices.Contains(names, c.Names) {
		faults = append(faults, fmt.Sprintf("names %q is none of %s", c.Names, strings.Join(names[1:], ", ")))
	}
	if port := []string{"", PortOwn, PortOther}; !slices.Contains(port, c.Port) {
		faults = append(faults, fmt.Sprintf("port %q is none of %s", c.Port, strings.Join(port[1:], ", ")))
	}
	if strict := []string{"", StrictCertificates, StrictBlocks}; !slices.Contains(strict, c.Strict) {
		faults = append(faults, fmt.Sprintf("strict %q is none of %s", c.Strict, strings.Join(strict[1:], ", ")))
	}
	for _, argument := range []string{c.Allowed, c.Unless} {
		if argument != "" {
			faults = append(faults, argumentFaults(argument)...)
		}
	}
	return faults
}

func nameFaults(name string) []string {
	if isWords(name) {
		return nil
	}
	return []string{"the name is not made of lower-case words with dashes between them"}
}

func argumentFaults(argument string) []string {
	name, found := strings.CutPrefix(argument, "--")
	file, field, isField := strings.Cut(name, ".") // of a configuration file, where there is no flag
	if found && isWords(file) && (isWords(field) || !isField) {
		return nil
	}
	return []string{fmt.Sprintf("%q is not spelled as an argument, such as --tls-cert-file", argument)}
}

// isWords reports whether a name is made of lower-case words with dashes between
// them. The tables are validated at every start: a regular expression would take
// more time than the rest of it.
func isWords(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789-"
	return strings.Trim(name, letters) == "" && strings.Trim(name, "-") == name && name != "" && !strings.Contains(name, "--")
}

func placeholderFaults(text string) []string {
	var faults []string
	for {
		_, rest, found := strings.Cut(text, "<")
		name, after, closed := strings.Cut(rest, ">")
		if !found || !closed {
			return faults
		}
		if found := "<" + name + ">"; !slices.Contains(placeholders(), found) {
			faults = append(faults, fmt.Sprintf("%s is none of %s", found, strings.Join(placeholders(), " ")))
		}
		text = after
	}
}
