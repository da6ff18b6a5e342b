package manifests

import (
	"errors"
	"fmt"
	"slices"
)

// ParseKubeconfig parses a kubeconfig that lies at a path. Notes tell what of it
// is not in force. For a file of other content, IsOtherContent knows the error.
func ParseKubeconfig(file string, data []byte) (k Kubeconfig, notes []string, err error) {
	parsed, err := parseKubeconfig(data)
	if err != nil {
		return Kubeconfig{}, nil, err
	}
	return parsed.kubeconfig(file, locator(&Component{}, file)), parsed.notes, nil
}

// IsOtherContent reports whether an error says that a file, which parses well, is
// not of the kind that it was taken for.
func IsOtherContent(err error) bool {
	_, is := errors.AsType[otherContentError](err)
	return is
}

// SigningRequest is a CertificateSigningRequest object of Kubernetes.
type SigningRequest struct {
	Name        string
	Signer      string   // spec.signerName: who is asked to sign
	Usages      []string // spec.usages: what the certificate is to be for
	Request     Material // spec.request, PEM
	Certificate Material // status.certificate, PEM, once it is issued
}

// signingRequestKind is the kind of a certificate signing request, and with
// "List" behind it, as "List" alone is, of several.
const signingRequestKind = "CertificateSigningRequest"

type signingRequestFile struct {
	Kind     scalar `yaml:"kind"`
	Metadata struct {
		Name scalar `yaml:"name"`
	} `yaml:"metadata"`
	Spec struct {
		Request scalar   `yaml:"request"`
		Signer  scalar   `yaml:"signerName"`
		Usages  []scalar `yaml:"usages"`
	} `yaml:"spec"`
	Status struct {
		Certificate scalar `yaml:"certificate"`
	} `yaml:"status"`
}

// ParseSigningRequests parses certificate signing requests, as kubectl prints and
// takes them: one, or a list. For a file of other content, IsOtherContent knows
// the error.
func ParseSigningRequests(file string, data []byte) ([]SigningRequest, error) {
	doc, err := parseYAML(data)
	if err != nil {
		return nil, err
	}
	var objects []signingRequestFile
	switch kind := doc.kind(); kind {
	case signingRequestKind:
		objects = make([]signingRequestFile, 1)
		err = doc.decode(&objects[0])
	case "List", signingRequestKind + "List":
		objects, err = doc.signingRequests(kind)
	default:
		err = otherContentError(fmt.Sprintf("is of kind %.40q, not a %s", kind, signingRequestKind))
	}
	if err != nil {
		return nil, err
	}
	var all []SigningRequest
	for i := range objects {
		all = append(all, objects[i].request(file, doc.kind() != signingRequestKind))
	}
	return all, nil
}

// signingRequests returns those items of a list that are signing requests.
func (d *document) signingRequests(kind string) ([]signingRequestFile, error) {
	// Items of other kinds need not have the form of a signing request.
	var kinds struct {
		Items []struct {
			Kind scalar `yaml:"kind"`
		} `yaml:"items"`
	}
	if err := d.decode(&kinds); err != nil {
		return nil, err
	}
	isOther := func(item struct {
		Kind scalar `yaml:"kind"`
	}) bool {
		return item.Kind.Text != signingRequestKind && (kind == "List" || item.Kind.Text != "")
	}
	if len(kinds.Items) == 0 || slices.ContainsFunc(kinds.Items, isOther) {
		return nil, otherContentError("is not a list of nothing but " + signingRequestKind)
	}
	var list struct {
		Items []signingRequestFile `yaml:"items"`
	}
	err := d.decode(&list)
	return list.Items, err
}

// request makes the result out of an object; one of several is told by its name.
func (s *signingRequestFile) request(file string, several bool) SigningRequest {
	name := s.Metadata.Name.Text
	read := func(part, field string, data scalar) Material {
		if several {
			part = "items[" + name + "]." + part
		}
		return entry{file: file, name: part}.encoded(field, data)
	}
	r := SigningRequest{
		Name:        name,
		Signer:      s.Spec.Signer.Text,
		Request:     read("spec", "request", s.Spec.Request),
		Certificate: read("status", "certificate", s.Status.Certificate),
	}
	for _, usage := range s.Spec.Usages {
		r.Usages = append(r.Usages, usage.Text)
	}
	return r
}
