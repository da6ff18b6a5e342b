package audit

import (
	"cmp"
	"fmt"
	"slices"

	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

// found is a finding with what it was found on.
type found struct {
	Finding
	own    rules.Severity // without what the user decided about the check
	waiver *rules.Waiver  // that puts it aside; nil where none does
	rank   int            // of its check
	about  string         // what tells two objects at one path apart
	raw    string         // the DER form of the certificate that it is about; empty where it is about none
	files  []string       // whose bytes it rests on
}

// object is a subject with what the report says about it.
type object struct {
	subject  rules.Subject
	about    string
	files    []string
	statuses []*rules.Status // to be made worse by what is found
	lowered  string          // why it is judged one level lower
	idle     string          // why it is not in use, and what is found on it no more than worth knowing
	told     func(string)    // takes the first message
}

// judge runs the checks on every object of the node, and then on the waivers.
func (a *auditor) judge() {
	a.apply(a.objects())
	a.apply(a.waiverObjects())
	a.tellExhaustion()
	slices.SortStableFunc(a.found, func(x, y found) int {
		return cmp.Or(-cmp.Compare(x.Severity, y.Severity), cmp.Compare(x.rank, y.rank))
	})
}

// apply runs the checks on objects.
func (a *auditor) apply(objects []*object) {
	for _, o := range objects {
		if a.isLate() {
			a.passOver(o)
			continue
		}
		o.subject.Node = a.facts
		for rank, check := range a.opts.Checks {
			for _, p := range check.Apply(&o.subject) {
				a.stamp(o, rank, check.ID, p)
			}
		}
	}
}

// objects returns all that is judged, in the order of the report.
func (a *auditor) objects() []*object {
	return slices.Concat(
		a.fileObjects(), a.configurationFiles(), a.certificateObjects(), a.pairObjects(), a.keyObjects(),
		a.connectionObjects(), a.tokenSigners(), a.componentObjects(), a.argumentObjects(),
		a.manifestObjects(), a.kubeconfigObjects(), a.rotationObjects(), a.orphanObjects())
}

func (a *auditor) certificateObjects() []*object {
	copies := map[string][]*rules.Status{} // of companions that are authorities of this node
	for _, e := range a.entries {
		for i, c := range e.certificates {
			if c.Copied {
				copies[string(c.Raw)] = append(copies[string(c.Raw)], &e.statuses[i])
			}
		}
	}
	var all []*object
	for _, e := range a.entries {
		for i, c := range e.certificates {
			o := &object{
				subject: rules.Subject{Place: c.Place, Certificate: c},
				about:   fmt.Sprintf("certificate %s %s %d", e.row.Name, c.Embedded, i), files: []string{c.Path},
				statuses: []*rules.Status{&e.statuses[i]}, lowered: c.Lowered, idle: a.idle(c),
			}
			if c.Role == rules.Authority {
				o.statuses = append(o.statuses, copies[string(c.Raw)]...)
			}
			all = append(all, o)
		}
	}
	return all
}

func (a *auditor) pairObjects() []*object {
	var all []*object
	for _, p := range a.pairs {
		o := &object{
			subject: rules.Subject{Place: p.Certificate.Place, Pair: p},
			files:   []string{p.Certificate.Path, p.Key.Path}, idle: a.idle(p.Certificate),
			statuses: []*rules.Status{a.statusOf(p.Certificate)},
		}
		for _, e := range a.keys {
			if slices.Contains(e.keys, p.Key) {
				o.statuses = append(o.statuses, &e.status)
			}
		}
		all = append(all, o)
	}
	return all
}

// statusesOfSource returns where the statuses of the certificates are kept that
// an argument names.
func (a *auditor) statusesOfSource(source manifests.Source) []*rules.Status {
	var all []*rules.Status
	for _, e := range a.entries {
		if slices.ContainsFunc(e.refs, func(r *reference) bool { return r.source == source }) {
			for i := range e.statuses {
				all = append(all, &e.statuses[i])
			}
		}
	}
	return all
}

// idle returns why a certificate is not in use; empty where it is.
func (a *auditor) idle(c *rules.Certificate) string {
	for _, e := range a.entries {
		if slices.Contains(e.certificates, c) {
			return e.refs[0].idle
		}
	}
	return ""
}

// statusOf returns where the status of a certificate is kept.
func (a *auditor) statusOf(c *rules.Certificate) *rules.Status {
	for _, e := range a.entries {
		if i := slices.Index(e.certificates, c); i >= 0 {
			return &e.statuses[i]
		}
	}
	return new(rules.Status)
}

func (a *auditor) keyObjects() []*object {
	var all []*object
	for _, e := range a.keys {
		for i, k := range e.keys {
			all = append(all, &object{
				subject: rules.Subject{Place: k.Place, Key: k}, about: fmt.Sprintf("key %s %d", k.Embedded, i),
				files: []string{k.Path}, statuses: []*rules.Status{&e.status}, idle: e.refs[0].idle,
			})
		}
	}
	return all
}

func (a *auditor) connectionObjects() []*object {
	var all []*object
	for _, c := range a.connections {
		o := &object{
			subject: rules.Subject{Place: c.Presenter, Connection: c.Connection},
			about:   "connection " + c.Row.Name + " " + c.ServerName, files: []string{c.Presenter.Path, c.Verifier.Path},
			statuses: []*rules.Status{&c.status},
			told: func(message string) {
				if c.reason == "" {
					c.reason = message
				}
			},
		}
		if c.Leaf == nil || c.Unjudged != "" && c.Row.Verifier.Kubeconfig {
			o.subject.Place = c.Verifier
		}
		if c.Leaf != nil && c.Unjudged == "" {
			o.statuses = append(o.statuses, a.statusOf(c.Leaf))
		}
		all = append(all, o)
	}
	return all
}

func (a *auditor) tokenSigners() []*object {
	var verification []*rules.Key
	var files []string
	for _, e := range a.keys {
		if e.refs[0].part == verificationPart && slices.ContainsFunc(e.refs, func(r *reference) bool { return r.argument != "" }) {
			verification = append(verification, e.keys...)
			files = append(files, e.file.path)
		}
	}
	incomplete := slices.ContainsFunc(a.refs, func(r *reference) bool { return r.part == verificationPart && a.isUnreadable(r) })
	var all []*object
	for _, e := range a.keys {
		if e.row.Path.VerificationKey == "" || e.refs[0].part != keyPart {
			continue
		}
		for _, r := range e.refs {
			if r.argument == "" {
				continue
			}
			key := *e.keys[0]
			key.Component = r.component
			all = append(all, &object{
				subject:  rules.Subject{Place: rules.Place{Component: r.component, Path: key.Path, Source: rules.Source(r.source)}, TokenSigner: &rules.TokenSigner{Key: &key, Verification: verification, Incomplete: incomplete}},
				about:    "signer",
				files:    append([]string{key.Path}, files...),
				statuses: []*rules.Status{&e.status},
			})
		}
	}
	return all
}

func (a *auditor) componentObjects() []*object {
	var all []*object
	for i := range a.node.Components {
		c := &a.node.Components[i]
		settings := a.settings[c]
		place := rules.Place{Component: c.Name, Path: c.Source.File, Source: rules.Source(c.Source)}
		if settings.ConfigFile != "" {
			place.Path, place.Source = settings.ConfigFile, rules.Source{File: settings.ConfigFile}
		}
		o := &object{subject: rules.Subject{Place: place, Settings: settings}}
		for _, p := range settings.Signers {
			o.files = append(o.files, p.Certificate.Path, p.Key.Path)
		}
		all = append(all, o)
	}
	return all
}

// argumentObjects returns the arguments that are not in force: those that were
// given more than once with different values, and do not add up, and those that a
// configuration file makes void.
func (a *auditor) argumentObjects() []*object {
	var all []*object
	for i := range a.node.Components {
		c := &a.node.Components[i]
		if o := ignored(c); o != nil {
			all = append(all, o)
		}
		seen := map[string]bool{}
		for _, argument := range c.Arguments {
			if seen[argument.Name] || manifests.Accumulates(c.Name, argument.Name) {
				continue
			}
			seen[argument.Name] = true
			if o := repeated(c, argument.Name); o != nil {
				all = append(all, o)
			}
		}
	}
	return all
}

// repeated returns an argument that was given by one means more than once: a
// flag that overrides a field of a configuration file is as it should be.
func repeated(c *manifests.Component, name string) *object {
	var values []string
	occurrences := c.All(name)
	last := occurrences[len(occurrences)-1]
	for _, argument := range occurrences {
		if argument.Source.File == last.Source.File && argument.Source.Argument == last.Source.Argument {
			values = append(values, argument.Value)
		}
	}
	if len(slices.Compact(slices.Clone(values))) < 2 {
		return nil
	}
	return &object{subject: rules.Subject{
		Place:    rules.Place{Component: c.Name, Path: last.Source.File, Source: rules.Source(last.Source)},
		Argument: &rules.Repeated{Name: name, Values: values},
	}}
}

// ignored returns the arguments that the configuration file of a component makes
// void, nil where there are none.
func ignored(c *manifests.Component) *object {
	named, _ := c.Last("config-file")
	var spelled []string
	for _, argument := range c.Ignored {
		spelled = append(spelled, argument.Source.Argument)
	}
	if len(spelled) == 0 {
		return nil
	}
	return &object{subject: rules.Subject{
		Place:   rules.Place{Component: c.Name, Path: named.Source.File, Source: rules.Source(named.Source)},
		Ignored: &rules.Ignored{Arguments: spelled, File: c.HostPath(named.Value).Path},
	}}
}

func (a *auditor) manifestObjects() []*object {
	var all []*object
	for _, d := range a.node.DuplicatePods {
		o := &object{subject: rules.Subject{
			Place:    rules.Place{Path: d.Files[len(d.Files)-1], Source: rules.Source{File: d.Files[len(d.Files)-1]}},
			Manifest: &rules.DuplicateManifest{Pod: d.Name, Files: d.Files},
		}}
		for _, c := range a.node.Components {
			if slices.Contains(d.Files, c.Source.File) {
				o.subject.Place.Component = c.Name
			}
		}
		all = append(all, o)
	}
	return all
}

func (a *auditor) kubeconfigObjects() []*object {
	var all []*object
	for i := range a.node.Kubeconfigs {
		k := &a.node.Kubeconfigs[i]
		if k.For == manifests.AdmissionWebhooks {
			continue // it says nothing of a server
		}
		current := slices.DeleteFunc(slices.Clone(k.Clusters), func(c manifests.Cluster) bool { return !c.Current })
		if len(current) == 0 {
			current = []manifests.Cluster{{Source: manifests.Source{File: k.Path}}}
		}
		for _, c := range current[:1] {
			all = append(all, &object{subject: rules.Subject{
				Place: rules.Place{
					Component: a.kubeconfigUser(k), Path: k.Path, Source: rules.Source(c.Source),
				},
				Kubeconfig: &rules.Kubeconfig{Server: c.Server, Insecure: c.Insecure, Webhook: k.For != manifests.APIServer, Lacks: lacks(k)},
			}})
		}
	}
	return all
}

// lacks says what a kubeconfig that a component reads does not have, and the
// component cannot do without; empty where nothing is missing.
func lacks(k *manifests.Kubeconfig) string {
	if len(k.Readers) == 0 {
		return "" // people may keep what they like
	}
	cluster := slices.IndexFunc(k.Clusters, func(c manifests.Cluster) bool { return c.Current })
	user := slices.IndexFunc(k.Users, func(u manifests.User) bool { return u.Current })
	switch {
	case k.CurrentContext == "":
		return "the kubeconfig has no current-context"
	case cluster < 0 || user < 0:
		return fmt.Sprintf("the current context %q leads to no cluster, or to no user", k.CurrentContext)
	case k.Clusters[cluster].Server == "":
		return fmt.Sprintf("the cluster %q has no server", k.Clusters[cluster].Name)
	}
	u := k.Users[user]
	switch {
	case isSet(u.Certificate) && !isSet(u.Key):
		return fmt.Sprintf("the user %q has a client certificate and no client key", u.Name)
	case !isSet(u.Certificate) && isSet(u.Key):
		return fmt.Sprintf("the user %q has a client key and no client certificate", u.Name)
	case !isSet(u.Certificate) && u.Other == "" && k.For == manifests.APIServer:
		return fmt.Sprintf("the user %q has no credentials", u.Name)
	}
	return ""
}
