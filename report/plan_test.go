package report

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

// mendedBy returns an error that steps mend.
func mendedBy(check string, steps ...rules.Step) audit.Finding {
	return audit.Finding{Check: check, Severity: rules.Error, Steps: steps}
}

// on returns a step about files.
func on(phase rules.Phase, commands string, files ...string) rules.Step {
	return rules.Step{Phase: phase, Files: files, Commands: commands}
}

func restart(component string) rules.Step {
	return rules.Step{Phase: rules.PhaseRestart, Component: component, Commands: "restart " + component}
}

// planOf returns the plan for findings.
func planOf(t *testing.T, r *audit.Report) string {
	t.Helper()
	var b strings.Builder
	if err := WritePlan(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// commandsOf returns the lines of a plan that are commands of its steps, with those
// that are for a person as comments.
func commandsOf(plan string) []string {
	_, body, _ := strings.Cut(plan, "\n# 0. ")
	_, body, _ = strings.Cut(body, "\n")
	var all []string
	for line := range strings.SplitSeq(body, "\n") {
		manual, isManual := strings.CutPrefix(line, "#     ")
		switch line = strings.TrimSpace(line); {
		case isManual:
			all = append(all, "# "+manual)
		case line != "" && !strings.HasPrefix(line, "#") && !isFrame(line):
			all = append(all, line)
		}
	}
	return all
}

// isFrame reports whether a line is one that every plan may have.
func isFrame(line string) bool {
	known := append(strings.Split(planFrame+"\n"+planBackup, "\n"),
		`echo "what was there before is in $backup"`, "(", "trap '' INT TERM", ")", "running kubelet    # else no static pod restarts", "trap - EXIT", "kube-cert-audit --root /")
	for n := range planSections() {
		known = append(known, fmt.Sprintf("section=%d", n), fmt.Sprintf("confirm 'Is all of section %d done that its comments ask for?'", n))
	}
	for _, component := range restartOrder() {
		known = append(known, "running "+component)
	}
	isKnown := func(k string) bool { return strings.TrimSpace(k) == strings.TrimSpace(line) }
	return slices.ContainsFunc(known, isKnown) || strings.HasPrefix(line, "told=") || strings.HasPrefix(line, "for path in ") || strings.HasPrefix(line, `[ "$(uname -n)" = `)
}

// What one step makes needless, what must not follow another, and in which order the
// rest is done.
func TestPlanOrder(t *testing.T) {
	const crt, key, conf = "/pki/x.crt", "/pki/x.key", "/etc/x.conf"
	renew, issue := on(rules.PhaseRenew, "renew", crt, key), on(rules.PhaseIssue, "issue", crt, key)
	stop, start := on(rules.PhaseStop, "stop"), rules.Step{Phase: rules.PhaseStart, Commands: "start"}
	whole := restart(rules.Everything)
	tests := []struct {
		name     string
		findings []audit.Finding
		want     []string
	}{
		{"expired and a name missing: a renewal would copy the names", []audit.Finding{mendedBy("expired", renew), mendedBy("san-missing", issue)}, []string{"issue"}},
		{"the other way round", []audit.Finding{mendedBy("san-missing", issue), mendedBy("expired", renew)}, []string{"issue"}},
		{"expired and due", []audit.Finding{mendedBy("expired", renew), mendedBy("key-mismatch", renew)}, []string{"renew"}},
		{"a pair that is made anew needs neither a passphrase nor a mode", []audit.Finding{
			mendedBy("key-encrypted", on(rules.PhaseRepair, "decrypt", key)), mendedBy("file-permissions", on(rules.PhasePermit, "chmod", key)), mendedBy("san-missing", issue),
		}, []string{"issue"}},
		{"a renewal keeps the mode of the file, and the key is there before", []audit.Finding{
			mendedBy("file-permissions", on(rules.PhasePermit, "chmod", key)), mendedBy("expired", renew), mendedBy("key-encrypted", on(rules.PhaseRepair, "decrypt", key)),
		}, []string{"decrypt", "renew", "chmod"}},
		{"a kubeconfig that is made anew has the right CA", []audit.Finding{
			mendedBy("untrusted", on(rules.PhaseConfigure, "set-cluster", conf)), mendedBy("organization", on(rules.PhaseIssue, "init", conf)),
		}, []string{"init"}},
		{"a kubeconfig that is renewed has not", []audit.Finding{
			mendedBy("untrusted", on(rules.PhaseConfigure, "set-cluster", conf)), mendedBy("expired", on(rules.PhaseRenew, "renew", conf)),
		}, []string{"renew", "set-cluster"}},
		{"two pairs with one key", []audit.Finding{
			mendedBy("key-reuse", issue), mendedBy("key-reuse", on(rules.PhaseIssue, "issue y", "/pki/y.crt", key)),
		}, []string{"issue", "# by hand, since another step takes away a file of this one:", "# issue y"}},
		{"a manifest that is taken away restarts nothing", []audit.Finding{
			mendedBy("expired", renew, rules.Step{Phase: rules.PhaseRestart, Component: "etcd", Files: []string{"/m/etcd.old"}, Commands: "mv /m/etcd.old"}),
			mendedBy("duplicate-manifest", on(rules.PhaseRemove, "remove", "/m/etcd.old")),
		}, []string{"renew", "remove", "# by hand, since another step takes away a file of this one:", "# mv /m/etcd.old"}},
		{"each component once, in the order of who depends on whom", []audit.Finding{
			mendedBy("a", restart("kube-scheduler")), mendedBy("b", restart("konnectivity-server")), mendedBy("c", restart("kube-apiserver")),
			mendedBy("d", restart("etcd"), restart("kube-apiserver")), mendedBy("e", restart("kube-controller-manager")),
			mendedBy("f", restart("kubelet"), rules.Step{Phase: rules.PhaseFinish, Component: "kubelet", Commands: "finish"}),
		}, []string{"restart kubelet", "finish", "restart etcd", "restart kube-apiserver", "restart kube-controller-manager", "restart kube-scheduler", "restart konnectivity-server"}},
		{"what is stopped for several is stopped once", []audit.Finding{
			mendedBy("a", stop, on(rules.PhaseRenew, "rotate a"), start), mendedBy("b", stop, on(rules.PhaseRenew, "rotate b"), start), mendedBy("c", whole),
		}, []string{"stop", "rotate a", "rotate b", "start"}},
		{"a restart of everything is one of each", []audit.Finding{mendedBy("a", restart("etcd")), mendedBy("b", whole), mendedBy("c", whole)}, []string{"restart *"}},
		{"what is for a person is in its place", []audit.Finding{
			mendedBy("a", on(rules.PhaseFirst, "# right?"), renew, on(rules.PhaseAfter, "# remember")), mendedBy("b", on(rules.PhaseEdit, "# in x: y"), restart("etcd")),
			mendedBy("c", on(rules.PhaseByHand, "elsewhere")), mendedBy("d"),
		}, []string{"# right?", "# elsewhere", "# there is no command for it", "renew", "# in x: y", "restart etcd", "# remember"}},
		{"authorities come first, modes last", []audit.Finding{
			mendedBy("a", on(rules.PhasePermit, "chmod", "/a")), mendedBy("b", renew), mendedBy("c", on(rules.PhaseCA, "sign", "/root/ca.crt")),
		}, []string{"sign", "renew", "chmod"}},
		{"two authorities of one name", []audit.Finding{
			mendedBy("a", on(rules.PhaseCA, "sign a", "/root/ca.crt")), mendedBy("b", on(rules.PhaseCA, "sign b", "/root/ca.crt")),
		}, []string{"sign a", "# by hand, since another step takes away a file of this one:", "# sign b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &audit.Report{Root: "/", At: at(), Findings: tt.findings}
			plan := planOf(t, r)
			if diff := cmp.Diff(tt.want, commandsOf(plan)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, f := range tt.findings {
				if !strings.Contains(plan[strings.Index(plan, "# 0. "):], f.Check+":") {
					t.Errorf("no step is for %s:\n%s", f.Check, plan)
				}
			}
			checkPlan(t, r)
		})
	}
}

// Each phase has its turn, and only once.
func TestPlanHasAllPhases(t *testing.T) {
	var all []rules.Phase
	for _, s := range planSections() {
		all = append(all, s.phases...)
	}
	want := []rules.Phase{
		rules.PhaseFirst, rules.PhaseByHand, rules.PhaseStop, rules.PhaseCA, rules.PhaseRepair, rules.PhaseRenew, rules.PhaseIssue, rules.PhasePermit,
		rules.PhaseRemove, rules.PhaseConfigure, rules.PhaseEdit, rules.PhaseStart, rules.PhaseRestart, rules.PhaseFinish, rules.PhaseAfter,
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPlanGolden(t *testing.T) {
	r := fixture()
	golden(t, "plan", planOf(t, r))
	checkPlan(t, r)
}

func TestPlanOfCleanNode(t *testing.T) {
	r := fixture()
	r.Findings = r.Findings[3:] // infos
	plan := planOf(t, r)
	if !strings.Contains(plan, "# Nothing to do: ") || strings.Contains(plan, "set -eu") {
		t.Errorf("got\n%s", plan)
	}
	checkPlan(t, r)
}

func TestPlanOfIncompleteAudit(t *testing.T) {
	r := fixture()
	r.Coverage.Denied = 1
	if plan := planOf(t, r); !strings.Contains(plan, "# The audit is incomplete: ") {
		t.Errorf("got\n%s", plan)
	}
}

// A plan says who reads its words: only some shells know $'...'.
func TestPlanNamesItsShell(t *testing.T) {
	for file, want := range map[string]string{"/x y": "#!/bin/sh\n", "/x\ny": "#!/usr/bin/env bash\n"} {
		r := &audit.Report{Root: "/", Findings: []audit.Finding{mendedBy("a", on(rules.PhasePermit, "chmod 0600 "+rules.Word(file), file))}}
		if plan := planOf(t, r); !strings.HasPrefix(plan, want) {
			t.Errorf("%q: the plan begins with %.30q", file, plan)
		}
	}
}

// checkPlan holds what is true of every plan: whatever its lines hold, they are
// fixed ones, comments, or those of a step; and nothing is restarted twice.
func checkPlan(t *testing.T, r *audit.Report) {
	t.Helper()
	plan := planOf(t, r)
	if display.Lines(plan) != plan {
		t.Errorf("hidden characters:\n%s", display.Lines(plan))
	}
	var known []string
	for _, f := range r.Findings {
		for _, step := range f.Steps {
			for line := range strings.SplitSeq(display.Lines(step.Commands), "\n") {
				known = append(known, strings.TrimSpace(line))
			}
		}
	}
	for line := range strings.SplitSeq(plan, "\n") {
		isComment := strings.HasPrefix(line, "#") || line == ""
		if !isComment && !isFrame(line) && !slices.Contains(known, strings.TrimSpace(line)) {
			t.Errorf("the line %q stems from no step", line)
		}
	}
	restarted := map[string]int{}
	for _, task := range tasks(planned(r.Findings)) {
		if task.Phase == rules.PhaseRestart {
			restarted[task.Component]++
		}
	}
	for component, times := range restarted {
		if times > 1 {
			t.Errorf("%q is restarted %d times", component, times)
		}
	}
}

// The frame is what shells read, whichever reads it.
func TestShellsReadPlan(t *testing.T) {
	r := &audit.Report{Root: "/", Findings: []audit.Finding{mendedBy("a", on(rules.PhaseStop, "true"), on(rules.PhaseRenew, "true && true    # x", "/x'y"))}}
	for _, shell := range []string{"sh", "dash", "bash"} {
		if _, err := exec.LookPath(shell); err != nil {
			continue
		}
		command := exec.Command(shell, "-n")
		command.Stdin = strings.NewReader(planOf(t, r))
		if out, err := command.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v %s", shell, err, out)
		}
	}
}
