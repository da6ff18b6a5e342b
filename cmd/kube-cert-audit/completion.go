package main

import (
	_ "embed"
	"fmt"
	"io"
	"strings"
)

// What makes a shell ask for completions.
//
//go:embed completion/kube-cert-audit.bash
var bashCompletion string

//go:embed completion/kube-cert-audit.zsh
var zshCompletion string

//go:embed completion/kube-cert-audit.fish
var fishCompletion string

const completionHelp = `
Examples:
  source <(kube-cert-audit completion bash)  for this shell alone
  kube-cert-audit completion zsh | head      how to install it for good
`

func (p *process) completionCommand() command {
	scripts := []struct{ shell, text string }{
		{"bash", bashCompletion}, {"zsh", zshCompletion}, {"fish", fishCompletion},
	}
	var shells []string
	for _, s := range scripts {
		shells = append(shells, s.shell)
	}
	return command{
		name:    "completion",
		title:   "print what makes a shell complete commands and flags",
		usage:   "completion " + strings.Join(shells, "|"),
		help:    completionHelp,
		maxArgs: 1,
		args:    values{words: shells},
		run: func(out io.Writer, args []string) (int, error) {
			shell, err := oneArgument("completion", args, shells)
			if err != nil {
				return exitNotAudited, err
			}
			for _, s := range scripts {
				if s.shell == shell {
					_, err = io.WriteString(out, s.text)
				}
			}
			return exitOK, err
		},
	}
}

// oneArgument returns the argument of a command that needs one of a few words.
func oneArgument(command string, args, allowed []string) (string, error) {
	choice := oneOf(allowed...)
	if len(args) > 0 && choice.Set(args[0]) == nil {
		return choice.value, nil
	}
	f := &failure{
		fault: fmt.Sprintf("%s needs one of %s", command, strings.Join(allowed, ", ")),
		hints: []string{fmt.Sprintf("%s %s --help", programName, command)},
	}
	if len(args) > 0 {
		f.fault += fmt.Sprintf(", not %q%s", args[0], didYouMean(args[0], allowed, ""))
	}
	return "", f
}
