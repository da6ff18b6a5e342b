package manifests

import (
	"encoding/base64"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// kubeconfigKind is the kind of a kubeconfig, which it may leave out.
const kubeconfigKind = "Config"

// kubeconfigFile is what a kubeconfig says that matters here. Of credentials
// other than certificates only the presence is kept.
type kubeconfigFile struct {
	CurrentContext scalar `yaml:"current-context"`
	Clusters       []struct {
		Name    scalar       `yaml:"name"`
		Cluster clusterEntry `yaml:"cluster"`
	} `yaml:"clusters"`
	Contexts []struct {
		Name    scalar       `yaml:"name"`
		Context contextEntry `yaml:"context"`
	} `yaml:"contexts"`
	Users []struct {
		Name scalar    `yaml:"name"`
		User userEntry `yaml:"user"`
	} `yaml:"users"`
}

type clusterEntry struct {
	Server        scalar `yaml:"server"`
	TLSServerName scalar `yaml:"tls-server-name"`
	Insecure      scalar `yaml:"insecure-skip-tls-verify"`
	CA            scalar `yaml:"certificate-authority"`
	CAData        scalar `yaml:"certificate-authority-data"`
}

type contextEntry struct {
	Cluster scalar `yaml:"cluster"`
	User    scalar `yaml:"user"`
}

type userEntry struct {
	Certificate     scalar  `yaml:"client-certificate"`
	CertificateData scalar  `yaml:"client-certificate-data"`
	Key             scalar  `yaml:"client-key"`
	KeyData         scalar  `yaml:"client-key-data"`
	Token           ignored `yaml:"token"`
	TokenFile       ignored `yaml:"tokenFile"`
	Exec            ignored `yaml:"exec"`
	AuthProvider    ignored `yaml:"auth-provider"`
	Username        ignored `yaml:"username"`
	Password        ignored `yaml:"password"`
}

// parsedKubeconfig is the content of a file that may be a kubeconfig.
type parsedKubeconfig struct {
	kubeconfigFile
	notes []string
}

// parseKubeconfig parses a kubeconfig; a file of other content gives an otherContentError.
func parseKubeconfig(data []byte) (parsedKubeconfig, error) {
	var p parsedKubeconfig
	doc, err := parseYAML(data)
	switch {
	case err != nil:
		return p, err
	case !doc.isObject():
		return p, otherContentError("holds no object")
	case doc.kind() != "" && doc.kind() != kubeconfigKind:
		return p, otherContentError(fmt.Sprintf("is of kind %.40q, not a kubeconfig", doc.kind()))
	}
	if err := doc.decode(&p.kubeconfigFile); err != nil {
		return p, err
	}
	if len(p.Clusters)+len(p.Users) == 0 {
		return p, otherContentError("is not a kubeconfig: it holds no clusters and no users")
	}
	p.notes = doc.notes()
	return p, nil
}

// kubeconfig makes the result out of a file. The paths in it are found by locate.
func (k *kubeconfigFile) kubeconfig(file string, locate func(string) Location) Kubeconfig {
	result := Kubeconfig{Path: file, CurrentContext: k.CurrentContext.Text}
	current := k.current()
	for _, c := range k.Clusters {
		e := entry{file: file, name: "clusters[" + c.Name.Text + "]", line: c.Name.Line, locate: locate}
		result.Clusters = append(result.Clusters, Cluster{
			Name:          c.Name.Text,
			Current:       current != nil && current.Cluster.Text == c.Name.Text,
			Server:        withoutUser(c.Cluster.Server.Text),
			TLSServerName: c.Cluster.TLSServerName.Text,
			Insecure:      c.Cluster.Insecure.isTrue(),
			CA:            e.material("certificate-authority", c.Cluster.CA, c.Cluster.CAData),
			Source:        e.source(),
		})
	}
	for _, u := range k.Users {
		e := entry{file: file, name: "users[" + u.Name.Text + "]", line: u.Name.Line, locate: locate}
		result.Users = append(result.Users, User{
			Name:        u.Name.Text,
			Current:     current != nil && current.User.Text == u.Name.Text,
			Certificate: e.material("client-certificate", u.User.Certificate, u.User.CertificateData),
			Key:         e.material("client-key", u.User.Key, u.User.KeyData),
			Other:       u.User.other(),
			Source:      e.source(),
		})
	}
	slices.SortStableFunc(result.Clusters, func(a, b Cluster) int { return firstTrue(a.Current, b.Current) })
	slices.SortStableFunc(result.Users, func(a, b User) int { return firstTrue(a.Current, b.Current) })
	return result
}

// current returns the current context, nil where there is none.
func (k *kubeconfigFile) current() *contextEntry {
	var current *contextEntry
	for i, c := range k.Contexts {
		if c.Name.Text == k.CurrentContext.Text && c.Name.Text != "" {
			current = &k.Contexts[i].Context
		}
	}
	return current
}

// firstTrue orders what is true before what is not.
func firstTrue(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// other names the credentials of a user that are not certificates.
func (u *userEntry) other() string {
	var names []string
	for _, credential := range []struct {
		name    string
		present bool
	}{
		{"token", u.Token.Present},
		{"tokenFile", u.TokenFile.Present},
		{"exec", u.Exec.Present},
		{"auth-provider", u.AuthProvider.Present},
		{"username", u.Username.Present || u.Password.Present},
	} {
		if credential.present {
			names = append(names, credential.name)
		}
	}
	return strings.Join(names, ", ")
}

// entry is a cluster or a user of a kubeconfig.
type entry struct {
	file, name string
	line       int
	locate     func(string) Location
}

func (e entry) source() Source {
	return Source{File: e.file, Line: e.line, Argument: e.name}
}

// material reads one field, and its *-data twin, which wins.
func (e entry) material(field string, file, data scalar) Material {
	switch {
	case data.Text != "":
		return e.encoded(field+"-data", data)
	case file.Text != "":
		return Material{
			Location: e.locate(file.Text),
			Source:   Source{File: e.file, Line: file.Line, Argument: e.name + "." + field},
		}
	}
	return Material{}
}

// encoded reads a field that holds base64.
func (e entry) encoded(field string, data scalar) Material {
	if data.Text == "" {
		return Material{}
	}
	m := Material{Source: Source{File: e.file, Line: data.Line, Argument: e.name + "." + field}}
	decoded, err := base64.StdEncoding.DecodeString(data.Text)
	offset, _ := errors.AsType[base64.CorruptInputError](err)
	switch {
	case err != nil:
		m.Unusable = fmt.Sprintf("illegal base64 at byte %d", int64(offset))
	case len(decoded) == 0:
		m.Unusable = "no data"
	default:
		m.Data = decoded
	}
	return m
}

// locator returns how the paths in a kubeconfig are found: relative ones from
// the folder of the path by which its reader knows the kubeconfig.
func locator(reader *Component, file string) func(string) Location {
	folder := path.Dir(reader.absolute(file))
	return func(p string) Location {
		if !path.IsAbs(p) {
			p = path.Join(folder, p)
		}
		return reader.HostPath(p)
	}
}
