package manifests

import (
	"path"

	"kube-cert-audit/internal/hostfs"
)

// configFile is a configuration file that a component was told to read.
type configFile struct {
	component string
	path      string // on the host
	inside    string // by which the component knows it
	data      []byte
	// folder is where relative paths in the file are taken from; empty where that
	// is the working folder of the component.
	folder string
}

// field is a field of a configuration file.
type field struct {
	argument string // that it stands for
	spelled  string // as in authentication.x509.clientCAFile
	value    scalar
}

// arguments spells the fields that are given as the arguments that they stand for.
func (f *configFile) arguments(fields []field) []Argument {
	var arguments []Argument
	for _, each := range fields {
		if each.value.Line > 0 {
			arguments = append(arguments, f.argument(each))
		}
	}
	return arguments
}

func (f *configFile) argument(given field) Argument {
	return Argument{
		Name:   given.argument,
		Value:  f.value(given),
		Source: Source{File: f.path, Line: given.value.Line, Argument: given.spelled},
	}
}

// value spells the value of a field as a flag would.
func (f *configFile) value(given field) string {
	s, _ := shapeOf(f.component, given.argument)
	text := given.value.Text
	switch {
	case s == boolean && given.value.isTrue():
		return "true"
	case s == boolean:
		return "false"
	case s == manyContents:
		return text
	case s.isPath() && f.folder != "" && text != "" && !path.IsAbs(text):
		return path.Join(f.folder, text)
	}
	return withoutUser(text)
}

// parser takes a configuration file apart into arguments, and notes on what of it
// is not in force.
type parser func(f *configFile) (arguments []Argument, notes []string, err error)

// follow adds to a component what the file says that one of its arguments names.
func (d *discovery) follow(c *Component, name string, parse parser) {
	named, _ := c.Last(name)
	d.parse(c, named, parse)
}

// parse does the same for the file that an occurrence of an argument, or of a
// field, names.
func (d *discovery) parse(c *Component, named Argument, parse parser) {
	if named.Value == "" {
		return
	}
	location := c.HostPath(named.Value)
	if location.Elsewhere != "" {
		d.cannotUse(c.Name, named.Source, location.Path, "the file, which may name further files, is "+location.Elsewhere, Unread)
		return
	}
	f := &configFile{component: c.Name, path: location.Path, inside: c.absolute(named.Value)}
	d.decode(c.Name, f.path, named.Source, true, func(data []byte) ([]string, error) {
		f.data = data
		arguments, notes, err := parse(f)
		if err == nil {
			d.addArguments(c, f.path, arguments)
		}
		return notes, err
	})
}

// decode has a configuration file taken apart, and notes what of it is not in force,
// or why it is of no use. One that is not needed may be missing, or empty.
func (d *discovery) decode(component, file string, at Source, needed bool, take func(data []byte) (notes []string, err error)) {
	read, err := d.read(file, maxFile)
	if err != nil {
		if needed || !isAbsent(err) && reasonOf(err) != hostfs.Empty {
			d.cannotRead(component, at, err)
		}
		return
	}
	notes, err := take(read.Data)
	if err != nil {
		d.cannotUse(component, at, file, err.Error(), Whole)
		return
	}
	for _, note := range notes {
		d.cannotUse(component, at, file, note, Part)
	}
}
