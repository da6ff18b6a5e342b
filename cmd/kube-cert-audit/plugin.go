package main

import (
	"path/filepath"
	"strings"

	"kube-cert-audit/internal/display"
)

// pluginPrefix begins the name of a file that kubectl takes for a plugin of its own.
const pluginPrefix = "kubectl-"

// called returns what people type to call the program. As a plugin of kubectl it is
// found by the name of its file, in which a dash parts words, and a low line is a dash:
// kubectl-cert_audit is kubectl cert-audit.
func (p *process) called() string {
	plugin, ok := strings.CutPrefix(filepath.Base(p.name), pluginPrefix)
	if !ok {
		return programName
	}
	return "kubectl " + display.Text(strings.NewReplacer("-", " ", "_", "-").Replace(plugin))
}

// again returns the words that call the program as it was called.
func (p *process) again() []string {
	if called := p.called(); called != programName {
		return strings.Fields(called)
	}
	return []string{p.name}
}

// asCalled returns a text of this program, with the commands in it as people type them.
func (p *process) asCalled(text string) string {
	return strings.ReplaceAll(text, programName+" ", p.called()+" ")
}
