package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"kube-cert-audit/audit"
)

// nothingFound reports whether there was nothing to audit: neither a file that a
// component refers to, nor a configuration that could not be understood.
func nothingFound(r *audit.Report) bool {
	return r.Coverage.References == 0 && len(r.Findings) == 0
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

// denied is the error for an audit that was refused files: what it did not see
// may be anything.
func (p *process) denied(c audit.Coverage, flags []cli.Flag) error {
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
	f.hints = []string{shellCommand(append(append(command, p.name), p.args...))}
	return f
}
