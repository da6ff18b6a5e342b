package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"kube-cert-audit/audit"
)

// nothingFound reports whether there was nothing to audit: neither a file that a
// component refers to, nor a configuration that could not be understood.
func nothingFound(r *audit.Report) bool {
	return r.Coverage.References == 0 && len(r.Findings)+len(r.Waived) == 0
}

func notFound(root string) error {
	return &failure{
		fault: fmt.Sprintf("nothing to audit below %s: no static-pod manifests, kubeconfigs, configuration of a kubelet, "+
			"or certificates in the places of kubeadm", root),
		hints: []string{
			programName + " --root DIR, where DIR is / of the node",
			programName + " --manifests DIR, where DIR is the node's folder of static pods",
		},
	}
}

// denied is the error for an audit that was refused files, nil for others: what
// it did not see may be anything.
func (p *process) denied(c audit.Coverage, flags []cli.Flag) error {
	if c.Denied == 0 {
		return nil
	}
	f := &failure{fault: fmt.Sprintf("%d of %d files could not be read for lack of permission: the audit is incomplete",
		c.Denied, c.References)}
	if p.uid == 0 {
		f.hints = []string{"root reads the files of others by the capability CAP_DAC_READ_SEARCH: grant it to this container or unit"}
		return f
	}
	command := []string{"sudo"}
	if variables := p.variables(flags); len(variables) > 0 {
		command = append(append(command, "env"), variables...) // sudo would drop them
	}
	f.hints = []string{shellCommand(slices.Concat(command, p.again(), p.args))}
	return f
}

// late is the error for an audit that did not get to everything in time, nil for
// others.
func late(c audit.Coverage) error {
	var faults []string
	if c.TimedOut > 0 {
		faults = append(faults, fmt.Sprintf("%d of %d files were not read in time: the audit is incomplete", c.TimedOut, c.References))
	}
	if c.Unjudged > 0 {
		objects := "objects"
		if c.Unjudged == 1 {
			objects = "object"
		}
		faults = append(faults, fmt.Sprintf("%d %s not judged in time (certificates, connections, folders …): the audit is incomplete",
			c.Unjudged, objects))
	}
	if len(faults) == 0 {
		return nil
	}
	return &failure{fault: strings.Join(faults, "\n"), hints: []string{
		"findmnt lists the mounts, of which one may not answer",
		fmt.Sprintf("%s --timeout 5m waits longer in all, though only %v for a file", programName, perFile),
	}}
}
