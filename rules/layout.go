package rules

import (
	"slices"
	"strings"
)

// Layout is what a way of setting up clusters has otherwise than the tables, and
// how its certificates are mended. The zero value has nothing of its own.
type Layout struct {
	Source string `yaml:"source"` // the page, or the source code, that it follows
	Like   string `yaml:"like"`   // the layout that it is like, but for what it says itself
	// Requirements and Connections stand in the place of rows of the same name, or
	// beside those of the tables.
	Requirements []Requirement   `yaml:"requirements"`
	Connections  []ConnectionRow `yaml:"connections"`
	// CommonNames and AllowedGroups are more of those of a row, by its name.
	CommonNames   map[string][]string `yaml:"commonNames"`
	AllowedGroups map[string][]string `yaml:"allowedGroups"`
	// AnyUsage are the rows whose certificates are made without an extended key usage.
	AnyUsage []string `yaml:"anyUsage"`
	// SignsServers tells that the controller-manager signs with the CA of the servers,
	// and that nobody there gets a client certificate from it.
	SignsServers bool `yaml:"signsServers"`
	// Rotates tells that operators issue all certificates and authorities anew, when
	// half to nine tenths of their life are over, and take former authorities out of
	// bundles with the next.
	Rotates bool `yaml:"rotates"`
	// Kubeadm tells that kubeadm makes and renews the certificates.
	Kubeadm bool `yaml:"kubeadm"`
	// Renew are the commands that issue the certificate of a row again, by its name,
	// and those for all other rows under *. What is about to be changed by hand
	// stands there as a comment. Under *, SERVICE stands for what the layout calls the
	// row; rows without such a name are then left out.
	Renew    map[string]string `yaml:"renew"`
	Services map[string]string `yaml:"services"`
	// Unit is the unit that the commands of Stop, Start and Restart name, and AgentUnit
	// that which nodes without a control plane have in its place.
	Unit      string `yaml:"unit"`
	AgentUnit string `yaml:"agentUnit"`
	// Stop and Start are the commands around those of Renew.
	Stop  string `yaml:"stop"`
	Start string `yaml:"start"`
	// ByHand are the names in Renew whose commands only a person can carry out: they
	// run on another host, have words in capitals to be filled in, or concern other
	// nodes. NoShell tells that the nodes have no shell where commands could run.
	ByHand  []string `yaml:"byHand"`
	NoShell bool     `yaml:"noShell"`
	// Hosts are the commands that give a serving certificate more names; NAMES
	// stands for them.
	Hosts string `yaml:"hosts"`
	// Restart are the commands that restart a component, by its name, and for all
	// others under *.
	Restart map[string]string `yaml:"restart"`
	// Arguments tells where the arguments of its components are written, and what has
	// to be done for a change of them.
	Arguments string `yaml:"arguments"`
}

// For returns the tables as they are for a layout. A row that the user replaced
// stays as it is.
func (t Tables) For(layout string) Tables { return t.laidOut(layoutNamed(layout)) }

// laidOut returns the tables with what a layout has otherwise.
func (t Tables) laidOut(l Layout) Tables {
	isOwn := func(name string) bool { return slices.Contains(t.own, name) }
	own := func(r Requirement) bool { return isOwn(r.Name) }
	ownConnection := func(c ConnectionRow) bool { return isOwn(c.Name) }
	t.Requirements = merge(t.Requirements, slices.DeleteFunc(l.Requirements, own), requirementName)
	t.Connections = merge(t.Connections, slices.DeleteFunc(l.Connections, ownConnection), connectionName)
	for i := range t.Requirements {
		r := &t.Requirements[i]
		if isOwn(r.Name) {
			continue
		}
		r.CommonNames = slices.Concat(r.CommonNames, l.CommonNames[r.Name])
		r.AllowedGroups = slices.Concat(r.AllowedGroups, l.AllowedGroups[r.Name])
	}
	for _, allowed := range t.allowed {
		t.Requirements = allowed.grant(t.Requirements)
	}
	t.Layout = l
	return t
}

// renewal returns the commands that issue the certificate of a row again; empty
// where the layout has none.
func (l *Layout) renewal(row *Requirement) string {
	if row == nil {
		return ""
	}
	if commands, ok := l.Renew[row.Name]; ok {
		return strings.TrimSpace(commands)
	}
	if row.Is(KindCA) {
		return "" // no installer renews them together with others
	}
	commands, service := l.Renew[everyRow], l.Services[row.Name]
	if strings.Contains(commands, "SERVICE") && service == "" {
		return ""
	}
	return strings.TrimSpace(strings.ReplaceAll(commands, "SERVICE", service))
}

// renew returns the commands of a layout for a certificate as a fix.
func (l *Layout) renew(c *Certificate, commands string) Fix {
	name := c.Row.Name
	if _, isOwn := l.Renew[name]; !isOwn {
		name = everyRow
	}
	phase := PhaseRenew
	if c.Role == Authority {
		phase = PhaseCA
	}
	files := filesOf(c)
	if slices.Contains(l.ByHand, name) {
		return ByHand(commands)
	}
	if l.restarts(c.Component) {
		if restart := l.restart(c.Component)[0]; strings.Contains(commands, restart.Commands) {
			return restarting(restart.Component, commands).of(files...) // which makes the certificate
		}
	}
	return steps(step(PhaseStop, nil, l.Stop), step(phase, files, commands), step(PhaseStart, nil, l.Start))
}

// OnAgent returns the layout with the unit of a node without a control plane. Packages
// may bring both units: there, the wrong one would set up a server.
func (l Layout) OnAgent() Layout {
	if l.AgentUnit == "" {
		return l
	}
	own := func(commands string) string {
		commands, _, _ = strings.Cut(commands, "    # on an agent")
		return strings.ReplaceAll(commands, " "+l.Unit, " "+l.AgentUnit)
	}
	l.Stop, l.Start = own(l.Stop), own(l.Start)
	l.Restart = map[string]string{everyRow: own(l.Restart[everyRow])}
	return l
}

// everyRow stands in a layout for all rows, or components, that it does not name.
const everyRow = "*"

// restarts reports whether the layout restarts a component in a way of its own.
func (l *Layout) restarts(component string) bool {
	return l.Restart[component]+l.Restart[everyRow] != ""
}

// restart returns how the layout restarts a component.
func (l *Layout) restart(component string) Fix {
	commands, isOwn := l.Restart[component]
	if !isOwn {
		component, commands = Everything, l.Restart[everyRow]
	}
	return restarting(component, strings.TrimSpace(commands))
}
