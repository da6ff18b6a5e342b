package main

import (
	"fmt"
	"maps"
	"slices"

	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

// tablesText returns the tables for people: the certificates in the columns of
// the Kubernetes page, then the connections, and what the user decided about checks.
func tablesText(t rules.Tables, width int) string {
	source := fmt.Sprintf("%s (Kubernetes %s, compared %s)", t.Source, t.Kubernetes, t.Compared)
	certificates, connections := certificateListing(t.Requirements), connectionListing(t.Connections)
	text := fmt.Sprintf("Certificates and keys, after %s\n\n%s\nConnections\n\n%s",
		display.Text(source), certificates.text(width), connections.text(width))
	if len(t.Severities) > 0 {
		text += "\nSeverities\n\n" + severityListing(t.Severities).text(width)
	}
	if len(t.Waivers) > 0 {
		text += "\nWaivers\n\n" + waiverListing(t.Waivers).text(width)
	}
	return text
}

func severityListing(severities map[string]string) *listing {
	l := &listing{titles: []string{"CHECK", "SEVERITY"}}
	for _, id := range slices.Sorted(maps.Keys(severities)) {
		l.add([]string{id}, []string{severities[id]})
	}
	return l
}

func certificateListing(rows []rules.Requirement) *listing {
	l := &listing{titles: []string{"NAME", "COMMON NAMES", "ORGANIZATIONS", "PARENT CA", "KIND", "HOSTS", "RECOMMENDED PATHS", "ARGUMENTS"}}
	for i := range rows {
		r := &rows[i]
		l.add([]string{r.Name}, r.CommonNames, organizations(r), present(r.Parent), r.Kinds, r.Hosts, recommended(r), arguments(r))
	}
	return l
}

func waiverListing(waivers []rules.Waiver) *listing {
	l := &listing{titles: []string{"CHECK", "PATH OR FINGERPRINT", "EXPIRES", "REASON"}}
	for _, w := range waivers {
		l.add([]string{w.Check}, present(w.Path, w.Fingerprint), []string{w.Expires}, []string{w.Reason})
	}
	return l
}

// organizations returns the groups of a row, and those that are merely allowed.
func organizations(r *rules.Requirement) []string {
	all := slices.Clone(r.Organizations)
	for _, group := range r.AllowedGroups {
		if !slices.Contains(r.Organizations, group) {
			all = append(all, group+" (allowed)")
		}
	}
	return all
}

// recommended returns the places of the files of a row, each once.
func recommended(r *rules.Requirement) []string {
	all := append(present(r.Path.Certificate, r.Path.Key, r.Path.VerificationKey), r.Kubeconfig.Paths...)
	all = append(all, present(r.Default.Certificate, r.Default.Key)...)
	return slices.Compact(all)
}

// arguments returns what tells the components the files of a row, and the
// arguments that put it in force, or out of it.
func arguments(r *rules.Requirement) []string {
	var all []string
	for _, n := range r.Named {
		for _, argument := range present(n.Certificate, n.Key, n.Pair, n.VerificationKey) {
			all = append(all, n.Component+" "+argument)
		}
	}
	for _, reader := range r.Kubeconfig.Readers {
		all = append(all, reader+" --kubeconfig")
	}
	if r.Kubeconfig.Webhooks {
		all = append(all, "kubeconfigs of webhooks")
	}
	if r.When.Argument != "" {
		all = append(all, fmt.Sprintf("(if %s %s=%s)", r.Component, r.When.Argument, r.When.Value))
	}
	if r.Unless != "" {
		all = append(all, fmt.Sprintf("(unless %s %s)", r.Component, r.Unless))
	}
	return all
}

func connectionListing(rows []rules.ConnectionRow) *listing {
	l := &listing{titles: []string{"NAME", "USAGE", "CERTIFICATES", "VERIFIED BY", "DIALLED NAME", "CONDITIONS"}}
	for _, c := range rows {
		verifier := c.Verifier.Component + " " + c.Verifier.CA
		if c.Verifier.Kubeconfig {
			verifier = "each kubeconfig"
		}
		var conditions []string
		if c.Allowed != "" {
			conditions = append(conditions, "common name in "+c.Allowed)
		}
		if c.Unless != "" {
			conditions = append(conditions, "unless "+c.Unless)
		}
		l.add([]string{c.Name}, []string{c.Usage}, c.Presenters, []string{verifier}, present(c.Names), conditions)
	}
	return l
}

// present returns the texts that are not empty.
func present(texts ...string) []string {
	return slices.DeleteFunc(texts, func(s string) bool { return s == "" })
}
