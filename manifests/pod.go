package manifests

import (
	"slices"
	"strconv"
	"strings"
)

// pod is what a static pod's manifest says that matters here.
type pod struct {
	Metadata struct {
		Name        scalar             `yaml:"name"`
		Namespace   scalar             `yaml:"namespace"`
		Annotations map[string]ignored `yaml:"annotations"`
	} `yaml:"metadata"`
	Spec struct {
		Containers      []podContainer  `yaml:"containers"`
		Volumes         []podVolume     `yaml:"volumes"`
		SecurityContext securityContext `yaml:"securityContext"`
	} `yaml:"spec"`
}

type podContainer struct {
	Name            scalar          `yaml:"name"`
	Image           scalar          `yaml:"image"`
	Command         []scalar        `yaml:"command"`
	Args            []scalar        `yaml:"args"`
	WorkingDir      scalar          `yaml:"workingDir"`
	Env             []podVariable   `yaml:"env"`
	VolumeMounts    []podMount      `yaml:"volumeMounts"`
	SecurityContext securityContext `yaml:"securityContext"`
}

type podVariable struct {
	Name      scalar  `yaml:"name"`
	Value     scalar  `yaml:"value"`
	ValueFrom ignored `yaml:"valueFrom"`
}

type podMount struct {
	Name        scalar `yaml:"name"`
	MountPath   scalar `yaml:"mountPath"`
	SubPath     scalar `yaml:"subPath"`
	SubPathExpr scalar `yaml:"subPathExpr"`
}

// podVolume is a volume; the key beside its name is its kind.
type podVolume struct {
	Name     scalar `yaml:"name"`
	HostPath *struct {
		Path scalar `yaml:"path"`
	} `yaml:"hostPath"`
	Others map[string]ignored `yaml:",inline"`
}

type securityContext struct {
	RunAsUser          scalar   `yaml:"runAsUser"`
	RunAsGroup         scalar   `yaml:"runAsGroup"`
	FSGroup            scalar   `yaml:"fsGroup"`
	SupplementalGroups []scalar `yaml:"supplementalGroups"`
}

// fullName is what the kubelet takes the pod for: two manifests of one name fight.
func (p *pod) fullName() string {
	namespace := p.Metadata.Namespace.Text
	if namespace == "" {
		namespace = "default"
	}
	return namespace + "/" + p.Metadata.Name.Text
}

// isKubeadm reports whether kubeadm wrote the manifest.
func (p *pod) isKubeadm() bool {
	for name := range p.Metadata.Annotations {
		if strings.HasPrefix(name, "kubeadm.kubernetes.io/") {
			return true
		}
	}
	return false
}

// owners returns the users and groups, other than root, that a container runs
// as. What the container says overrides what its pod says.
func owners(pod, container securityContext) (uids, gids []int64) {
	user, group := pod.RunAsUser, pod.RunAsGroup
	if container.RunAsUser.Text != "" {
		user = container.RunAsUser
	}
	if container.RunAsGroup.Text != "" {
		group = container.RunAsGroup
	}
	groups := append([]scalar{group, pod.FSGroup}, pod.SupplementalGroups...)
	return identities([]scalar{user}), identities(groups)
}

// identities returns the numbers above zero, sorted.
func identities(values []scalar) []int64 {
	var ids []int64
	for _, v := range values {
		if id, err := strconv.ParseInt(v.Text, 10, 64); err == nil && id > 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
