package manifests

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kube-cert-audit/internal/systemd"
)

// maxServices bounds the services that are read because of their names.
const maxServices = 200

// unitDir is where administrators keep units.
const unitDir = "/etc/systemd/system"

// serviceRun is a component that a service runs.
type serviceRun struct {
	Component
	service string
	wanted  bool // something wants the service to run
}

// services finds the components that systemd runs, the kubelet among them, whose
// command line is kept for kubelet.
func (d *discovery) services() {
	d.unitFaults("", d.units.Faults, Part)
	read := 0
	for _, name := range d.units.Names() {
		if !mayRunComponent(name) {
			continue
		}
		if read++; read > maxServices {
			d.cannotUse("", Source{File: unitDir}, unitDir, fmt.Sprintf("more than %d services may run a component: the rest was not looked at", maxServices), Part)
			return
		}
		service, ok := d.units.Load(name)
		if !ok {
			continue
		}
		if c := d.runBy(service); c.Name != "" {
			d.natives = append(d.natives, serviceRun{c, service.Name, d.units.IsWanted(service.Name)})
		}
	}
	if kubelets := d.running(kubelet); len(kubelets) > 0 {
		d.kubeletService = &kubelets[0].Component
	}
}

// loadUnit returns the unit of a program that is no component itself, and notes what
// of it could not be understood.
func (d *discovery) loadUnit(name string) (*systemd.Service, bool) {
	service, ok := d.units.Load(name)
	if ok {
		d.unitFaults("", service.Faults, Part)
	}
	return service, ok
}

// addServices adds the components that services run, once it is known which of them
// static pods run.
func (d *discovery) addServices() {
	for _, component := range podComponents() {
		for _, n := range d.running(component) {
			d.addComponents(n.Source.File, []Component{n.Component})
		}
	}
}

// running returns the services of a component. Packages bring units that nobody
// starts: where something else runs the component, such a one is told, and left out.
func (d *discovery) running(component string) []serviceRun {
	var all []serviceRun
	others := len(d.node.Find(component))
	for _, n := range d.natives {
		if n.Name == component {
			all = append(all, n)
			if n.wanted {
				others++
			}
		}
	}
	return slices.DeleteFunc(all, func(n serviceRun) bool {
		isIdle := !n.wanted && others > 0
		if isIdle {
			d.cannotUse(n.Name, n.Source, n.Source.File, "nothing wants "+n.service+", and another one runs "+n.Name+": the unit was left out", Unread)
		}
		return isIdle
	})
}

// mayRunComponent reports whether the name of a service says that it may run a
// component: to read all services of a host takes longer than the rest of an audit.
func mayRunComponent(name string) bool {
	return slices.ContainsFunc([]string{"kube", "etcd", "konnectivity", "apiserver", "controller-manager", "scheduler", "k8s"},
		func(part string) bool { return strings.Contains(name, part) })
}

// runBy returns the component that a service runs, without a name where it runs
// none that can be made out.
func (d *discovery) runBy(s *systemd.Service) Component {
	env := map[string]string{}
	for _, v := range s.Environment {
		env[v.Name] = v.Value
	}
	run := runs(scalars(s.Command), env)
	source := Source{File: run.at.File, Line: run.at.Line}
	switch {
	case run.component == "":
		if len(s.Command) == 0 { // or none that systemd can make out, or that can be read
			d.unitFaults(componentOfUnit(s.Name), s.Faults, Whole)
		}
		return Component{}
	case run.shell:
		d.unitFaults(run.component, s.Faults, Part)
		d.cannotUse(run.component, source, source.File, s.Name+" starts "+run.component+" from a shell, whose text is not understood", Unread)
		return Component{}
	}
	given, open := parseCommandLine(run.component, source.File, run.arguments)
	if detail, extent := openArguments(run.component, open); detail != "" {
		d.cannotUse(run.component, source, source.File, detail, extent)
	}
	d.unitFaults(run.component, s.Faults, Part)
	return Component{
		Name: run.component, Source: source, workingDir: s.WorkingDirectory,
		Arguments: slices.Concat(serviceVariables(run.component, s.Environment), given),
		UIDs:      d.identity("/etc/passwd", s.User),
		GIDs:      d.identity("/etc/group", s.Group),
	}
}

func scalars(words []systemd.Word) []scalar {
	all := make([]scalar, len(words))
	for i, w := range words {
		all[i] = scalar{Text: w.Text, File: w.File, Line: w.Line, Open: w.Open}
	}
	return all
}

// serviceVariables returns the arguments that etcd takes from the environment of
// its service.
func serviceVariables(component string, variables []systemd.Variable) []Argument {
	if component != etcd {
		return nil
	}
	var arguments []Argument
	for _, v := range variables {
		at := Source{File: v.File, Line: v.Line, Argument: v.Name}
		if a, ok := etcdVariable(v.Name, v.Value, at); ok {
			arguments = append(arguments, a)
		}
	}
	return arguments
}

// unitFaults notes what of units could not be read or understood. The extent is that
// of a line; a file that systemd would read and cannot is as good as not there.
func (d *discovery) unitFaults(component string, faults []systemd.Fault, extent Extent) {
	for _, f := range faults {
		u := Unreadable{
			Component: component, Source: Source{File: f.File, Line: f.Line}, Path: cmp.Or(f.Path, f.File),
			Reason: f.Reason, Detail: f.Detail, Extent: extent,
		}
		if f.Reason != "" {
			u.Extent = Whole
		}
		d.node.Unreadable = append(d.node.Unreadable, u)
	}
}

// componentOfUnit returns the component that a service is named for.
func componentOfUnit(name string) string {
	if strings.HasPrefix(name, kubelet) {
		return kubelet
	}
	return namedIn(name)
}

// identity returns the number of a user or group that a unit names, or gives as a
// number; none where it names nobody but root, or nobody who is known here.
func (d *discovery) identity(file, name string) []int64 {
	if name == "" || name == "root" {
		return nil
	}
	if id, err := strconv.ParseUint(name, 10, 32); err == nil {
		return []int64{int64(id)}
	}
	f, err := d.read(file, maxFile)
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(f.Data)) {
		fields := strings.Split(strings.TrimSpace(line), ":")
		if len(fields) < 3 || fields[0] != name {
			continue
		}
		if id, err := strconv.ParseUint(fields[2], 10, 32); err == nil {
			return []int64{int64(id)}
		}
	}
	return nil
}
