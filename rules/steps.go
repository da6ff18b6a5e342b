package rules

import (
	"fmt"
	"slices"
	"strings"
)

// Phase is what a step does, and so when it has its turn where several problems are
// mended together.
type Phase string

// The phases, in the order of a plan.
const (
	PhaseFirst     Phase = "first"     // a person looks, decides or changes something, before the steps that follow
	PhaseByHand    Phase = "by-hand"   // only a person can do it: elsewhere, or with what has to be filled in
	PhaseStop      Phase = "stop"      // ends what must not run meanwhile
	PhaseCA        Phase = "ca"        // signs an authority again
	PhaseRepair    Phase = "repair"    // puts a file right that is used as it is
	PhaseRenew     Phase = "renew"     // issues a certificate again, into the files that are there
	PhaseIssue     Phase = "issue"     // takes files away, and has them made anew
	PhasePermit    Phase = "permit"    // sets modes and owners
	PhaseRemove    Phase = "remove"    // takes files away for good
	PhaseConfigure Phase = "configure" // changes by a command what components are told
	PhaseEdit      Phase = "edit"      // the same in an editor, as a comment
	PhaseStart     Phase = "start"     // starts again what was stopped
	PhaseRestart   Phase = "restart"   // has a component read its files again
	PhaseFinish    Phase = "finish"    // what can be done once the component is back
	PhaseAfter     Phase = "after"     // a person looks, or keeps in mind, in the end
)

// Everything is the component of a step that restarts all components at once.
const Everything = "*"

// Step is a part of a fix that is carried out, or left out, as a whole.
type Step struct {
	Phase     Phase    `json:"phase"`
	Component string   `json:"component"`      // that is restarted or finished, or *; empty for other phases
	Files     []string `json:"files,omitzero"` // that the step makes, changes or takes away, on the node
	Commands  string   `json:"commands"`       // and comments, in lines
}

// Fix is what mends a problem, in the order in which a person would do it for this
// problem alone.
type Fix []Step

// String returns the commands of all steps, in lines.
func (f Fix) String() string {
	commands := make([]string, len(f))
	for i, step := range f {
		commands[i] = step.Commands
	}
	return strings.Join(commands, "\n")
}

// steps joins what is done one after the other.
func steps(parts ...Fix) Fix { return slices.Concat(parts...) }

// step returns the fix of one step; the lines that are empty are left out, and so is
// a step without lines.
func step(phase Phase, files []string, commands ...string) Fix {
	text := lines(commands...)
	if text == "" {
		return nil
	}
	return Fix{{Phase: phase, Files: files, Commands: text}}
}

// ByHand returns the fix that only a person can carry out.
func ByHand(lines ...string) Fix { return step(PhaseByHand, nil, lines...) }

// first returns what a person looks at or does before the rest of a fix.
func first(lines ...string) Fix { return step(PhaseFirst, nil, lines...) }

// edit returns a change that takes an editor.
func edit(format string, args ...any) Fix {
	return step(PhaseEdit, nil, "# "+fmt.Sprintf(format, args...))
}

// of says which files the last step of a fix changes.
func (f Fix) of(files ...string) Fix {
	f[len(f)-1].Files = files
	return f
}

// elsewhere returns the fix for a node on which no command can run.
func (f Fix) elsewhere() Fix {
	f = slices.Clone(f)
	for i := range f {
		if isForPerson := slices.Contains([]Phase{PhaseFirst, PhaseEdit, PhaseAfter}, f[i].Phase); !isForPerson {
			f[i].Phase = PhaseByHand
		}
	}
	return f
}

// restarting returns the step by which a component reads its files again.
func restarting(component string, lines ...string) Fix {
	fix := step(PhaseRestart, nil, lines...)
	fix[0].Component = component
	return fix
}
