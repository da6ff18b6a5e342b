package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Allow is what a file of rules allows beside the rows, which need not be written
// out again for it.
type Allow struct {
	// Groups are privileged groups that a certificate of any row may carry.
	Groups []string `yaml:"groups,omitempty"`
	// CommonNames are more names that a certificate may have, by row.
	CommonNames map[string][]string `yaml:"commonNames,omitempty"`
}

// privilegedGroups are the groups that privileged-group tells of.
func privilegedGroups() []string { return []string{systemMasters} }

// grant returns the rows with what is allowed beside them.
func (a Allow) grant(rows []Requirement) []Requirement {
	granted := slices.Clone(rows)
	for i := range granted {
		r := &granted[i]
		r.AllowedGroups = union(r.AllowedGroups, a.Groups)
		if len(r.CommonNames) > 0 { // else it allows all of them
			r.CommonNames = union(r.CommonNames, a.CommonNames[r.Name])
		}
	}
	return granted
}

// union returns a list with those of more that it has not.
func union(list, more []string) []string {
	all := slices.Clip(list)
	for _, item := range more {
		if !slices.Contains(all, item) {
			all = append(all, item)
		}
	}
	return all
}

// faults returns what of it cannot be granted to the rows.
func (a Allow) faults(t *Tables) []fault {
	var all []fault
	for i, group := range a.Groups {
		if !slices.Contains(privilegedGroups(), group) {
			all = append(all, fault{at: fmt.Sprintf("allow/groups/%d", i), text: fmt.Sprintf("allow: the group %q is none of the privileged ones: %s", group, strings.Join(privilegedGroups(), ", "))})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.CommonNames)) {
		for _, text := range nameAllowanceFaults(t.anywhere(name), a.CommonNames[name]) {
			all = append(all, fault{at: "allow/commonNames/" + name, text: fmt.Sprintf("allow: %q: %s", name, text)})
		}
	}
	return all
}

// anywhere returns the row of that name, of the tables or of any layout; nil where
// there is none.
func (t *Tables) anywhere(name string) *Requirement {
	if r := t.Requirement(name); r != nil {
		return r
	}
	for _, layout := range layoutNames() {
		rows := layoutNamed(layout).Requirements
		if i := slices.IndexFunc(rows, func(r Requirement) bool { return r.Name == name }); i >= 0 {
			return &rows[i]
		}
	}
	return nil
}

// nameAllowanceFaults returns why names cannot be allowed to a row.
func nameAllowanceFaults(row *Requirement, names []string) []string {
	switch {
	case row == nil:
		return []string{"is no row of the requirements"}
	case len(row.CommonNames) == 0:
		return []string{"allows every common name already"}
	case len(names) == 0:
		return []string{"has no common names here"}
	}
	var faults []string
	for _, name := range names {
		faults = append(faults, placeholderFaults(name)...)
	}
	return faults
}
