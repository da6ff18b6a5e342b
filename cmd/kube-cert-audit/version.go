package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// version and commit are set by the linker (-X main.version=…); a build without
// that finds them in what the Go tool records.
var version, commit string

const versionHelp = `
Examples:
  kube-cert-audit version
  kube-cert-audit --version    the same
`

func (p *process) versionCommand() command {
	return command{
		name:  "version",
		title: "print the versions of the program and of its Go",
		usage: "version",
		help:  versionHelp,
		run: func(out io.Writer, _ []string) (int, error) {
			info, ok := debug.ReadBuildInfo()
			if !ok {
				info = new(debug.BuildInfo)
			}
			_, err := io.WriteString(out, versionText(version, commit, info))
			return exitOK, err
		},
	}
}

func versionText(version, commit string, info *debug.BuildInfo) string {
	if version == "" {
		version = info.Main.Version
	}
	if version == "" {
		version = "(devel)"
	}
	modified := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && commit == "":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = ", with changes"
		}
	}
	text := fmt.Sprintf("%s %s\n%s %s/%s\n", programName, version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if commit != "" {
		text += fmt.Sprintf("commit %s%s\n", commit, modified)
	}
	return text
}
