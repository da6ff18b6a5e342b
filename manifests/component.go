package manifests

// Last returns the occurrence of an argument that is in force: the last one. Its
// value may be empty.
func (c *Component) Last(name string) (Argument, bool) {
	for i := len(c.Arguments) - 1; i >= 0; i-- {
		if c.Arguments[i].Name == name {
			return c.Arguments[i], true
		}
	}
	return Argument{}, false
}

// All returns every occurrence of an argument, in the order of the configuration.
func (c *Component) All(name string) []Argument {
	var all []Argument
	for _, a := range c.Arguments {
		if a.Name == name {
			all = append(all, a)
		}
	}
	return all
}

// InForce returns the occurrences of an argument that count: of one that
// accumulates all, of any other the last one.
func (c *Component) InForce(name string) []Argument {
	all := c.All(name)
	if len(all) > 1 && !Accumulates(c.Name, name) {
		return all[len(all)-1:]
	}
	return all
}

// Find returns every instance of a component.
func (n *Node) Find(component string) []*Component {
	var found []*Component
	for i := range n.Components {
		if n.Components[i].Name == component {
			found = append(found, &n.Components[i])
		}
	}
	return found
}
