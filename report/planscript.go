package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

// A plan is a script of fixed lines, comments, and the commands of its steps. It
// goes on from one section to the next only as long as everything succeeds.

// WritePlan writes, as a script, what an operator would do about the findings of an
// audit, in the order that keeps the control plane up.
func WritePlan(w io.Writer, r *audit.Report) error {
	s := &script{}
	findings := planned(r.Findings)
	all := tasks(findings)
	s.head(r, findings)
	if len(findings) > 0 {
		s.frame(r.Node.Name, all)
		for n, section := range planSections() {
			s.section(n, section, all)
		}
	}
	shell := "#!/bin/sh\n"
	if strings.Contains(s.text.String(), "$'") { // words that only some shells know
		shell = "#!/usr/bin/env bash\n"
	}
	_, err := io.WriteString(w, shell+s.text.String())
	return err
}

// planSection is a part of a plan: steps of some phases, and fixed lines before or
// after them.
type planSection struct {
	title  string
	phases []rules.Phase
	note   string                 // on what stands there
	before func(*script, []*task) // nil where there are none
	after  string
}

func planSections() []planSection {
	return []planSection{
		{
			title: "Before anything else, by a person", phases: []rules.Phase{rules.PhaseFirst, rules.PhaseByHand},
			note: "What is done here is not in the backup of section 1: keep the files that it changes.",
		},
		{title: "Backup", phases: []rules.Phase{rules.PhaseStop}, before: (*script).backup},
		{title: "Certificate authorities", phases: []rules.Phase{rules.PhaseCA}},
		{title: "Certificates and keys", phases: []rules.Phase{rules.PhaseRepair, rules.PhaseRenew, rules.PhaseIssue, rules.PhasePermit}},
		{title: "Configuration", phases: []rules.Phase{rules.PhaseRemove, rules.PhaseConfigure, rules.PhaseEdit}},
		{title: "Restarts", phases: restartPhases(), note: "Of several control-plane nodes, one after the other."},
		{title: "Audit again", phases: []rules.Phase{rules.PhaseAfter}, after: "trap - EXIT\nkube-cert-audit --root /"},
	}
}

// script collects the lines of a plan.
type script struct{ text strings.Builder }

// line writes a line that is no comment.
func (s *script) line(format string, args ...any) { fmt.Fprintf(&s.text, format+"\n", args...) }

// comment writes a text into a comment of one line, whatever it holds.
func (s *script) comment(format string, args ...any) {
	s.line("%s", strings.TrimRight("# "+display.Text(fmt.Sprintf(format, args...)), " "))
}

// head says for which node the plan is, and what is wrong with it.
func (s *script) head(r *audit.Report, findings []*audit.Finding) {
	s.comment("Plan of kube-cert-audit for the node %s.", planNode(r))
	s.comment("Nothing was executed. Read it to the end before you run it, as root, on that node.")
	if r.Root != "/" {
		s.comment("All paths are those of the node that runs: nothing below %s is mended.", r.Root)
	}
	if c := r.Coverage; c.Denied+c.TimedOut+c.Unjudged > 0 {
		s.comment("The audit is incomplete: there may be more to mend in what it did not get to see.")
	}
	s.comment("")
	for _, f := range findings {
		s.comment("%-7s  %s", strings.ToUpper(f.Severity.String()), sentence(f))
	}
	if len(findings) == 0 {
		s.comment("Nothing to do: there is no error and no warning.")
	}
	if r.Summary.Info > 0 {
		s.comment("Without %s at info, which ask for nothing.", count(r.Summary.Info, "finding"))
	}
	if r.Summary.Waived > 0 {
		s.comment("Without %s that waivers put aside.", count(r.Summary.Waived, "finding"))
	}
}

// planNode returns what is known of the node that was audited.
func planNode(r *audit.Report) string {
	text := r.Node.Name
	if text == "" {
		text = "of unknown name"
	}
	text += fmt.Sprintf(" (%s), judged at %s", strings.TrimSpace(r.Node.Layout+" "+r.Node.Version), r.At.UTC().Format(time.RFC3339))
	if r.Root != "/" {
		text += ", audited below " + r.Root
	}
	return text
}

// frame writes what the sections rest upon.
func (s *script) frame(node string, all []*task) {
	stopped := ""
	if slices.ContainsFunc(all, func(t *task) bool { return t.Phase == rules.PhaseStop }) {
		stopped = "; section 5 starts what section 1 stopped"
	}
	s.line("%s", strings.Replace(planFrame, "STOPPED", stopped, 1))
	if node != "" {
		s.line("")
		s.line(`[ "$(uname -n)" = %s ] || confirm 'This host has another name than the node of the plan. Is it that node?'`, rules.Word(node))
	}
}

// planFrame ends the script at the first command that fails.
const planFrame = `
# It ends at the first command that fails; lists of && stand in ( ) for that.
set -eu
section=0
told='Do not run it again. Put back from /root what has no successor in its place, then make a new planSTOPPED.'
trap '[ $? = 0 ] || echo "The plan ended in section $section. $told" >&2' EXIT
trap 'exit 1' INT TERM
trap '' HUP    # a connection that is lost must not end it between two commands

# confirm QUESTION goes on for y alone.
confirm() {
    printf '%s [y/N] ' "$1"
    read -r answer || answer=
    [ "$answer" = y ]
}

# running NAME waits until the program NAME runs, and still does ten seconds later.
running() {
    seen=0 left=12
    until [ "$seen" = 2 ]; do
        [ "$left" -gt 0 ] || { echo "$1 does not keep running" >&2; return 1; }
        left=$((left - 1))
        sleep 10
        if pgrep -f "^([^ ]*/)?$1( |\$)" > /dev/null; then seen=$((seen + 1)); else seen=0; fi
    done
}`

// section writes the steps of some phases.
func (s *script) section(n int, section planSection, all []*task) {
	var own []*task
	for _, phase := range section.phases {
		for _, t := range all {
			if t.Phase == phase {
				own = append(own, t)
			}
		}
	}
	if slices.Contains(section.phases, rules.PhaseRestart) {
		byComponent(own)
	}
	hasBefore := section.before != nil && slices.ContainsFunc(all, func(t *task) bool { return !t.isManual() })
	s.line("")
	if len(own) == 0 && !hasBefore && section.after == "" {
		s.comment("%d. %s: nothing", n, section.title)
		return
	}
	s.comment("%d. %s", n, section.title)
	if section.note != "" {
		s.comment("%s", section.note)
	}
	s.line("section=%d", n)
	if hasBefore {
		section.before(s, all)
	}
	isKubelet := func(t *task) bool { return t.Component == "kubelet" }
	if slices.ContainsFunc(own, isOfKubelet) && !slices.ContainsFunc(own, isKubelet) {
		s.line("running kubelet    # else no static pod restarts")
	}
	isLeft := false
	for _, t := range own {
		s.task(t)
		isLeft = isLeft || t.isManual()
	}
	if isLeft && section.after == "" {
		s.line("confirm 'Is all of section %d done that its comments ask for?'", n)
	}
	if section.after != "" {
		s.line("%s", section.after)
	}
}

// isOfKubelet reports whether a restart is one by the kubelet, which is told by files.
func isOfKubelet(t *task) bool {
	return t.Phase == rules.PhaseRestart && len(t.Files) > 0 && slices.Contains(restartOrder(), t.Component)
}

// task writes a step, with what it is for.
func (s *script) task(t *task) {
	s.line("")
	s.heads(t)
	commands := strings.Split(display.Lines(t.Commands), "\n")
	if t.isManual() {
		for _, line := range commands {
			s.comment("    %s", strings.TrimPrefix(line, "# "))
		}
		return
	}
	for _, line := range commands {
		s.command(line)
	}
	if t.Phase == rules.PhaseRestart && slices.Contains(restartOrder(), t.Component) {
		s.line("running %s", t.Component)
	}
}

// command writes a command, or a comment among commands. Where one of a list of &&
// fails, and is not the last, a shell does not end, even with -e; where a subshell
// fails, it does. It is not interrupted: a manifest that was moved away is moved back.
func (s *script) command(line string) {
	if strings.HasPrefix(line, "#") || !strings.Contains(line, " && ") {
		s.line("%s", line)
		return
	}
	s.line("(\n    trap '' INT TERM\n    %s\n)", line)
}

// heads tells which findings a step is for, but for those of a step that is around
// others, if there are many: they stand there.
func (s *script) heads(t *task) {
	var heads []string
	for _, f := range t.findings {
		about := strings.TrimSpace(fmt.Sprintf("%s: %s %s", f.Check, f.Component, cmp.Or(f.Path, f.Source.File)))
		if t.Phase == rules.PhaseByHand {
			about = "cannot be planned: " + about
		}
		heads = union(heads, []string{about})
	}
	const most = 4
	isForAll := t.Phase == rules.PhaseStop || t.Phase == rules.PhaseStart
	if isForAll && len(heads) > most {
		heads = append(heads[:most-1], fmt.Sprintf("and %d more, which section 3 names", len(heads)-most+1))
	}
	for _, head := range heads {
		s.comment("%s", head)
	}
}

// isManual reports whether the commands of a task are for a person.
func (t *task) isManual() bool {
	if slices.Contains([]rules.Phase{rules.PhaseFirst, rules.PhaseByHand, rules.PhaseEdit, rules.PhaseAfter}, t.Phase) {
		return true
	}
	for line := range strings.SplitSeq(t.Commands, "\n") {
		if !strings.HasPrefix(line, "#") {
			return false
		}
	}
	return true
}

// backup copies what the plan changes, and what usually goes with it, with all modes.
// Where a folder is a link, its files are copied from where they lie; no folder is
// copied whole of which a mode alone is wrong. What has the name of a file in /root is
// copied as well: that file may be moved there.
func (s *script) backup(all []*task) {
	var files []string
	for _, t := range all {
		files = union(files, t.Files)
		for _, f := range t.findings {
			files = union(files, []string{f.Path})
			if t.Phase == rules.PhaseEdit {
				files = union(files, []string{f.Source.File})
			}
		}
	}
	files = slices.DeleteFunc(files, func(file string) bool { return file == "" })
	words := make([]string, len(files))
	for i, file := range files {
		words[i] = rules.Word(file)
	}
	s.line("%s", planBackup)
	if len(words) > 0 {
		s.line(`for path in %s; do for file in "$path" "/root/${path##*/}"; do [ -d "$file" ] || keep "$file"; done; done`, strings.Join(words, " "))
	}
	s.line(`echo "what was there before is in $backup"`)
}

// planBackup begins the backup. With --parents, some versions of cp fail.
const planBackup = `backup=/root/kube-cert-audit-backup-$(date -u +%Y%m%dT%H%M%SZ)
mkdir -m 0700 "$backup"
keep() {
    kept=$(readlink -f "$1") && [ -e "$kept" ] && [ ! -e "$backup$kept" ] || return 0
    mkdir -p "$backup${kept%/*}"
    cp -a "$kept" "$backup${kept%/*}/"
}
keep /etc/kubernetes
keep /var/lib/kubelet/pki`
