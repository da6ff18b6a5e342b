package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v3"
)

//go:embed config.schema.json
var configSchemaText string

// configName is the flag that names a file of settings.
const configName = "config"

func configOption(file *text) cli.Flag {
	return option(configName, "`FILE` with values of flags, as YAML", file)
}

// defaults gives the flags that are not on the command line the values of their
// environment variables, and those that are not there either the values of the file
// of --config.
func (p *process) defaults(c *cli.Context) error {
	if err := p.environment(c); err != nil {
		return err
	}
	file, ok := c.Generic(configName).(*text)
	if !ok || *file == "" {
		return nil
	}
	settings, err := p.readConfig(string(*file))
	if err != nil {
		return err
	}
	given, own := c.LocalFlagNames(), flagNames(c.Command.Flags)
	for _, s := range settings {
		if slices.Contains(given, s.flag) || !slices.Contains(own, s.flag) || !isShared(c.Command.Name, s.flag) {
			continue
		}
		for _, v := range s.values {
			if err := c.Set(s.flag, v); err != nil {
				return fmt.Errorf("%s: %s: %w", *file, s.flag, err)
			}
		}
	}
	return nil
}

// setting is what a file of settings says about a flag.
type setting struct {
	flag   string
	values []string // as on a command line
}

// readConfig reads a file of settings, which one for several commands may share. All
// faults are reported at once: unknown flags, and whatever the flags of the command
// line would refuse.
func (p *process) readConfig(file string) ([]setting, error) {
	content, err := readOwn(file)
	if err != nil {
		return nil, err
	}
	settings, faults := p.parseConfig(content)
	if len(faults) == 0 {
		return settings, nil
	}
	var all []string
	for _, fault := range faults {
		all = append(all, fmt.Sprintf("%s: %s", file, fault))
	}
	return nil, &failure{fault: strings.Join(all, "\n"), hints: []string{programName + " schema config describes the file"}}
}

// parseConfig returns the settings of a file, in its order, and what is wrong with it.
func (p *process) parseConfig(content string) (settings []setting, faults []string) {
	root, err := mapping(content)
	if err != nil {
		return nil, []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	}
	known := p.configurable()
	seen := map[string]bool{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		if seen[key.Value] {
			faults = append(faults, faultAt(key, "%q stands here a second time", key.Value))
			continue
		}
		seen[key.Value] = true
		if flag := known[key.Value]; flag != nil {
			s, problems := readSetting(key.Value, value, flag)
			settings, faults = append(settings, s), append(faults, problems...)
			continue
		}
		faults = append(faults, faultAt(key, "%s", unknownSetting(key.Value, slices.Sorted(maps.Keys(known)))))
	}
	return settings, faults
}

// faultAt tells of something wrong at a place of the file.
func faultAt(n *yaml.Node, format string, args ...any) string {
	return fmt.Sprintf("line %d: %s", n.Line, fmt.Sprintf(format, args...))
}

func unknownSetting(flag string, known []string) string {
	if flag == configName {
		return "config: a file of settings cannot name another"
	}
	return fmt.Sprintf("unknown flag %q%s", flag, didYouMean(flag, known, ""))
}

// mapping returns the mapping that a file holds, an empty one where it holds nothing
// but comments.
func mapping(content string) (*yaml.Node, error) {
	d := yaml.NewDecoder(strings.NewReader(content))
	var document yaml.Node
	switch err := d.Decode(&document); {
	case errors.Is(err, io.EOF):
		return new(yaml.Node), nil
	case err != nil:
		return nil, err
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("holds more than one YAML document")
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: names of flags with values should stand here", root.Line)
	}
	return root, nil
}

// readSetting reads one setting, and tries it on a flag.
func readSetting(name string, value *yaml.Node, flag cli.Generic) (s setting, faults []string) {
	s.flag = name
	values := []*yaml.Node{value}
	if value.Kind == yaml.SequenceNode && isRepeatable(flag) {
		values = value.Content
	}
	if len(values) == 0 {
		faults = append(faults, faultAt(value, "%s: the list is empty", name))
	}
	for _, v := range values {
		if v.Kind != yaml.ScalarNode || v.ShortTag() == "!!null" {
			faults = append(faults, faultAt(v, "%s: one value should stand here", name))
			continue
		}
		s.values = append(s.values, v.Value)
		if err := flag.Set(v.Value); err != nil {
			faults = append(faults, faultAt(v, "%s: %v", name, err))
		}
	}
	return s, faults
}

// isRepeatable reports whether a flag may be given several times.
func isRepeatable(flag cli.Generic) bool {
	switch flag.(type) {
	case *pathList, *idList, *outputs:
		return true
	}
	return false
}

// configurable returns the flags that may stand in a file of settings, to be tried.
func (p *process) configurable() map[string]cli.Generic {
	known := map[string]cli.Generic{}
	for _, c := range p.commands() {
		if !slices.Contains(flagNames(c.flags), configName) {
			continue
		}
		for _, f := range c.flags {
			name := f.Names()[0]
			if g, ok := f.(*cli.GenericFlag); ok && known[name] == nil && name != configName && isShared(c.name, name) {
				known[name] = g.Value
			}
		}
	}
	return known
}
