package manifests

import (
	"fmt"
	"path"
)

// admissionConfiguration is what an AdmissionConfiguration says that matters here.
type admissionConfiguration struct {
	Plugins []struct {
		Name          scalar               `yaml:"name"`
		Path          scalar               `yaml:"path"`
		Configuration *pluginConfiguration `yaml:"configuration"`
	} `yaml:"plugins"`
}

// pluginConfiguration is what the configuration of a plugin says that calls
// webhooks: that of the general ones, and that of ImagePolicyWebhook.
type pluginConfiguration struct {
	KubeConfigFile scalar `yaml:"kubeConfigFile"`
	ImagePolicy    struct {
		KubeConfigFile scalar `yaml:"kubeConfigFile"`
	} `yaml:"imagePolicy"`
}

// admissionConfig adds the kubeconfigs that the plugins of an API server use,
// whether their configuration stands in the AdmissionConfiguration or in a file.
func (d *discovery) admissionConfig(c *Component) {
	d.follow(c, "admission-control-config-file", parseAdmissionConfiguration)
	for _, named := range c.All("admission.webhook-config") {
		d.parse(c, named, parseWebhookAdmission)
	}
	for _, named := range c.All("admission.image-policy-config") {
		d.parse(c, named, parseImagePolicy)
	}
}

// parseAdmissionConfiguration returns the kubeconfigs that the file names, and the
// files of plugins that may name some. Those are taken from its folder.
func parseAdmissionConfiguration(f *configFile) ([]Argument, []string, error) {
	const kind = "AdmissionConfiguration"
	var config admissionConfiguration
	doc, err := decodeObject(f.data, &config, objectKind{kind, "apiserver.config.k8s.io"}, objectKind{kind, "apiserver.k8s.io"})
	if err != nil {
		return nil, nil, err
	}
	f.folder = path.Dir(f.inside)
	var fields []field
	for _, p := range config.Plugins {
		name, isWebhook := "image-policy", false
		switch p.Name.Text {
		case "ValidatingAdmissionWebhook", "MutatingAdmissionWebhook":
			name, isWebhook = "webhook", true
		case "ImagePolicyWebhook":
		default:
			continue
		}
		spelled := fmt.Sprintf("plugins[%s].", p.Name.Text)
		switch {
		case p.Configuration == nil:
			fields = append(fields, field{"admission." + name + "-config", spelled + "path", p.Path})
		case isWebhook:
			fields = append(fields, p.Configuration.webhook(spelled+"configuration."))
		default:
			fields = append(fields, p.Configuration.imagePolicy(spelled+"configuration."))
		}
	}
	return f.arguments(fields), doc.notes(), nil
}

func (p *pluginConfiguration) webhook(section string) field {
	return field{"admission.webhook-kubeconfig", section + "kubeConfigFile", p.KubeConfigFile}
}

func (p *pluginConfiguration) imagePolicy(section string) field {
	return field{"admission.image-policy-kubeconfig", section + "imagePolicy.kubeConfigFile", p.ImagePolicy.KubeConfigFile}
}

// parseWebhookAdmission returns the kubeconfig that the configuration of the
// plugins for validating and mutating webhooks names.
func parseWebhookAdmission(f *configFile) ([]Argument, []string, error) {
	const group = "apiserver.config.k8s.io"
	var config pluginConfiguration
	doc, err := decodeObject(f.data, &config, objectKind{"WebhookAdmissionConfiguration", group}, objectKind{"WebhookAdmission", group})
	if err != nil {
		return nil, nil, err
	}
	return f.arguments([]field{config.webhook("")}), doc.notes(), nil
}

// parseImagePolicy returns the kubeconfig that the configuration of the plugin
// ImagePolicyWebhook names. It has neither apiVersion nor kind.
func parseImagePolicy(f *configFile) ([]Argument, []string, error) {
	var config pluginConfiguration
	doc, err := decodeMapping(f.data, &config)
	if err != nil {
		return nil, nil, err
	}
	return f.arguments([]field{config.imagePolicy("")}), doc.notes(), nil
}
