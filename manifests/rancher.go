package manifests

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"kube-cert-audit/internal/systemd"
)

// rancher is a node of k3s, or of RKE2, which is made of k3s: both take the same
// settings (docs.k3s.io/installation/configuration, docs.rke2.io/install/configuration).
type rancher struct {
	*discovery
	program  string     // k3s or rke2
	settings []Argument // in the order in which they take effect
	dataDir  string
	source   Source // where it is decided in which folder all files are
}

// newRancher reads the settings of a node: the environment and the command line of
// its unit, and between them the configuration files, which override the one and
// yield to the other.
func newRancher(d *discovery, program string) *rancher {
	r := &rancher{discovery: d, program: program}
	service := r.service()
	r.settings = r.fromEnvironment(service)
	flags := r.fromFlags(service)
	config := cmp.Or(last(flags, "config"), last(r.settings, "config"), "/etc/rancher/"+program+"/config.yaml")
	r.fromFiles(config)
	r.settings = append(r.settings, flags...)

	r.dataDir, r.source = path.Join("/var/lib/rancher", program), Source{File: config}
	if len(service.Files) > 0 {
		r.source.File = service.Files[0]
	} else if !d.exists(config) {
		r.source.File = r.dataDir
	}
	if given, ok := r.setting("data-dir"); ok {
		r.dataDir, r.source = path.Join("/", given.Value), given.Source
	}
	return r
}

// service returns the unit of the node; one without files where there is none. The
// packages of RKE2 bring the units of servers and agents: the enabled one counts.
func (r *rancher) service() *systemd.Service {
	names := []string{r.program + "-server.service", r.program + ".service", r.program + "-agent.service"}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(r.rankOfUnit(a), r.rankOfUnit(b)) })
	r.unitFaults("", r.units.Faults, Part)
	for _, name := range names {
		if service, ok := r.loadUnit(name); ok {
			return service
		}
	}
	return &systemd.Service{}
}

func (r *rancher) rankOfUnit(name string) int {
	if r.exists("/etc/systemd/system/multi-user.target.wants/" + name) {
		return 0
	}
	return 1
}

// rancherSettings is the table of the settings that are kept, with the short flag
// and the environment variable, less its prefix, where there are such.
func rancherSettings() []struct{ name, short, variable string } {
	return []struct{ name, short, variable string }{
		{"config", "c", "CONFIG_FILE"},
		{"data-dir", "d", "DATA_DIR"},
		{"node-name", "", "NODE_NAME"},
		{"node-ip", "i", ""},
		{"advertise-address", "", ""},
		{"https-listen-port", "", ""},
		{"service-cidr", "", ""},
		{"cluster-domain", "", ""},
		{"write-kubeconfig", "o", "KUBECONFIG_OUTPUT"},
		{"disable-apiserver", "", ""},
		{"disable-controller-manager", "", ""},
		{"disable-scheduler", "", ""},
		{"disable-etcd", "", ""},
		{"disable-kube-proxy", "", ""},
		{"datastore-endpoint", "", "DATASTORE_ENDPOINT"},
		{"datastore-cafile", "", "DATASTORE_CAFILE"},
		{"datastore-certfile", "", "DATASTORE_CERTFILE"},
		{"datastore-keyfile", "", "DATASTORE_KEYFILE"},
		{"kube-apiserver-arg", "", ""},
		{"kube-controller-manager-arg", "", ""},
		{"kube-scheduler-arg", "", ""},
		{"kubelet-arg", "", ""},
		{"kube-proxy-arg", "", ""},
	}
}

// isList tells settings of which every occurrence counts.
func isList(setting string) bool {
	return strings.HasSuffix(setting, "-arg") || setting == "node-ip" || setting == "service-cidr"
}

// isSwitch tells settings that may stand without a value.
func isSwitch(setting string) bool { return strings.HasPrefix(setting, "disable-") }

// otherDatabase stands for the endpoint of a database that is no etcd.
const otherDatabase = "database"

// keep makes an argument of a setting. The endpoint of a database may have a password
// in it: only that of an etcd is kept.
func keep(name, value string, source Source) Argument {
	if name == "datastore-endpoint" && value != "" && !strings.HasPrefix(value, "https://") {
		value = otherDatabase
	}
	if !strings.HasSuffix(name, "-arg") {
		value = withoutUser(value)
	}
	return Argument{Name: name, Value: value, Source: source}
}

func (r *rancher) fromEnvironment(service *systemd.Service) []Argument {
	var settings []Argument
	for _, v := range service.Environment {
		for _, row := range rancherSettings() {
			if row.variable != "" && v.Name == strings.ToUpper(r.program)+"_"+row.variable {
				settings = append(settings, keep(row.name, v.Value, Source{File: v.File, Line: v.Line, Argument: v.Name}))
			}
		}
	}
	return settings
}

func (r *rancher) fromFlags(service *systemd.Service) []Argument {
	var settings []Argument
	for i := 1; i < len(service.Command); i++ {
		word := service.Command[i]
		spelled, value, hasValue := strings.Cut(word.Text, "=")
		name := settingOf(spelled)
		switch {
		case name == "":
			continue
		case !hasValue && isSwitch(name):
			value = "true"
		case !hasValue && i+1 < len(service.Command):
			i++
			value = service.Command[i].Text
		}
		settings = append(settings, keep(name, value, Source{File: word.File, Line: word.Line, Argument: spelled}))
	}
	return settings
}

// settingOf returns the setting that a flag gives, empty where it is none that is kept.
func settingOf(flag string) string {
	for _, row := range rancherSettings() {
		if flag == "--"+row.name || row.short != "" && flag == "-"+row.short {
			return row.name
		}
	}
	return ""
}

// fromFiles reads the configuration file, and the drop-ins in the folder beside it.
func (r *rancher) fromFiles(config string) {
	files := []string{config}
	names, err := r.names(config + ".d")
	if err != nil && !isAbsent(err) {
		r.cannotRead("", Source{File: config + ".d"}, err)
	}
	for _, name := range names {
		if file := path.Join(config+".d", name); path.Ext(name) == ".yaml" && !r.isFolder(file) {
			files = append(files, file)
		}
	}
	for _, file := range files {
		r.fromFile(file)
	}
}

// fromFile reads one configuration file. A setting takes the place of what earlier
// files say, unless its name ends in a plus sign.
func (r *rancher) fromFile(file string) {
	var config map[string]items
	r.decode("", file, Source{File: file}, false, func(data []byte) ([]string, error) {
		doc, err := decodeMapping(data, &config)
		if err != nil {
			config = nil // of what does not parse, nothing counts
		}
		return doc.notes(), err
	})
	for _, row := range rancherSettings() {
		if given, ok := config[row.name]; ok {
			r.settings = slices.DeleteFunc(r.settings, func(a Argument) bool { return a.Name == row.name })
			r.addItems(file, row.name, given)
		}
		r.addItems(file, row.name, config[row.name+"+"])
	}
}

func (r *rancher) addItems(file, name string, given items) {
	for _, item := range given {
		r.settings = append(r.settings, keep(name, item.Text, Source{File: file, Line: item.Line, Argument: name}))
	}
}

// setting returns the setting of a name that is in force.
func (r *rancher) setting(name string) (Argument, bool) {
	c := Component{Arguments: r.settings}
	return c.Last(name)
}

// isOff reports whether a component is switched off.
func (r *rancher) isOff(setting string) bool {
	given, ok := r.setting(setting)
	return ok && normalBoolean(given.Value) == "true"
}

// last returns the value of a setting, empty where it is not among them.
func last(settings []Argument, name string) string {
	c := Component{Arguments: settings}
	given, _ := c.Last(name)
	return given.Value
}
