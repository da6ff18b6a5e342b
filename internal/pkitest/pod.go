package pkitest

import (
	"slices"
	"strings"
)

// Pod is a static pod with one container.
type Pod struct {
	Name        string // the component, as in Spec.Pod
	File        string // path of its manifest
	Image       string
	Command     []string // program and flags
	InArgs      bool     // the flags stand in args
	Mounts      []Mount
	Annotations map[string]string
	Requests    map[string]string // resources asked for
	Probes      Probes
}

// Mount is a volume and where the container sees it.
type Mount struct {
	Name      string
	HostPath  string // empty: an emptyDir, which does not stand on the host
	Type      string // of the hostPath: DirectoryOrCreate, FileOrCreate
	MountPath string
	ReadOnly  bool
}

// Probes says how the kubelet asks the container for its health; an empty path means no such probe.
type Probes struct {
	Scheme, Host       string
	Port               int
	Live, Ready, Start string // paths
}

// Flag returns the value of a flag, named without dashes; of a repeated one the last, which counts; of a missing one "".
func (p *Pod) Flag(name string) string {
	for _, arg := range slices.Backward(p.Command) {
		if value, ok := strings.CutPrefix(arg, "--"+name+"="); ok {
			return value
		}
	}
	return ""
}

// SetFlag gives a flag this value, once, in the place of its first occurrence, or at the end if it is new.
func (p *Pod) SetFlag(name, value string) {
	i := slices.IndexFunc(p.Command, isFlag(name))
	p.RemoveFlag(name)
	if i < 0 {
		i = len(p.Command)
	}
	p.Command = slices.Insert(p.Command, i, "--"+name+"="+value)
}

// AddFlag appends a flag, though it may be there already.
func (p *Pod) AddFlag(name, value string) {
	p.Command = append(p.Command, "--"+name+"="+value)
}

// RemoveFlag takes every occurrence of a flag away.
func (p *Pod) RemoveFlag(name string) {
	p.Command = slices.DeleteFunc(p.Command, isFlag(name))
}

func isFlag(name string) func(string) bool {
	return func(arg string) bool {
		return arg == "--"+name || strings.HasPrefix(arg, "--"+name+"=")
	}
}
