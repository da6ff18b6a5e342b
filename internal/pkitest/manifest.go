package pkitest

import (
	"cmp"
	"fmt"
	"slices"

	"sigs.k8s.io/yaml"
)

const manifestDir = "/etc/kubernetes/manifests"

func (p *Pod) manifest() ([]byte, error) {
	metadata := map[string]any{
		"name":      p.Name,
		"namespace": "kube-system",
		"labels":    map[string]any{"component": p.Name, "tier": "control-plane"},
	}
	if len(p.Annotations) > 0 {
		metadata["annotations"] = p.Annotations
	}
	text, err := yaml.Marshal(map[string]any{
		"apiVersion": "v1",
		"kind":       "Pod",
		"metadata":   metadata,
		"spec": map[string]any{
			"containers":        []any{p.container()},
			"hostNetwork":       true,
			"priority":          2000001000,
			"priorityClassName": "system-node-critical",
			"securityContext":   map[string]any{"seccompProfile": map[string]any{"type": "RuntimeDefault"}},
			"volumes":           p.volumes(),
		},
		"status": map[string]any{},
	})
	if err != nil {
		return nil, fmt.Errorf("manifest of %s: %w", p.Name, err)
	}
	return text, nil
}

func (p *Pod) container() map[string]any {
	container := map[string]any{
		"name":            p.Name,
		"image":           p.Image,
		"imagePullPolicy": "IfNotPresent",
		"command":         p.Command,
		"ports":           []any{map[string]any{"name": "probe-port", "protocol": "TCP", "containerPort": p.Probes.Port}},
		"resources":       map[string]any{"requests": p.Requests},
		"volumeMounts":    p.volumeMounts(),
	}
	if p.InArgs {
		container["command"], container["args"] = p.Command[:1], p.Command[1:]
	}
	if path := p.Probes.Live; path != "" {
		container["livenessProbe"] = p.Probes.probe(path, 8, 10)
	}
	if path := p.Probes.Ready; path != "" {
		probe := p.Probes.probe(path, 3, 1)
		delete(probe, "initialDelaySeconds")
		container["readinessProbe"] = probe
	}
	if path := p.Probes.Start; path != "" {
		container["startupProbe"] = p.Probes.probe(path, 24, 10)
	}
	return container
}

func (p Probes) probe(path string, failures, period int) map[string]any {
	return map[string]any{
		"failureThreshold":    failures,
		"httpGet":             map[string]any{"host": p.Host, "path": path, "port": "probe-port", "scheme": p.Scheme},
		"initialDelaySeconds": 10,
		"periodSeconds":       period,
		"timeoutSeconds":      15,
	}
}

func (p *Pod) volumeMounts() []any {
	var mounts []any
	for _, m := range p.Mounts {
		mount := map[string]any{"name": m.Name, "mountPath": m.MountPath}
		if m.ReadOnly {
			mount["readOnly"] = true
		}
		mounts = append(mounts, mount)
	}
	return mounts
}

// volumes lists the volumes by name, which is how kubeadm orders them whatever the order of the mounts.
func (p *Pod) volumes() []any {
	var volumes []any
	for _, m := range slices.SortedFunc(slices.Values(p.Mounts), func(a, b Mount) int { return cmp.Compare(a.Name, b.Name) }) {
		volume := map[string]any{"name": m.Name}
		if m.HostPath == "" {
			volume["emptyDir"] = map[string]any{}
		} else {
			source := map[string]any{"path": m.HostPath}
			if m.Type != "" {
				source["type"] = m.Type
			}
			volume["hostPath"] = source
		}
		volumes = append(volumes, volume)
	}
	return volumes
}
