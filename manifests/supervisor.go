package manifests

import (
	"encoding/base64"
	"path"
)

// supervisor adds, to the API server, the certificate that k3s, or RKE2, itself
// serves: with k3s on the port of the cluster, in front of the API server. It stands
// in a Secret, of which its key is not read (dynamiclistener: storage/file/file.go).
func (r *rancher) supervisor() {
	servers := r.node.Find(apiserver)
	file := path.Join(r.dataDir, "server/tls/dynamic-cert.json")
	if len(servers) == 0 || !r.exists(file) {
		return // since 1.19; else it is made at the next start
	}
	source := r.source
	source.Argument = "dynamic-cert.json"
	onHost := Component{Name: apiserver} // the container of the API server may not have the file
	r.parse(&onHost, Argument{Value: file, Source: source}, parseSupervisorSecret)
	servers[0].Arguments = append(servers[0].Arguments, onHost.Arguments...)
}

func parseSupervisorSecret(f *configFile) ([]Argument, []string, error) {
	var secret struct {
		Data struct {
			Certificate scalar `yaml:"tls.crt"`
		} `yaml:"data"`
	}
	doc, err := decodeMapping(f.data, &secret)
	if err != nil {
		return nil, nil, err
	}
	certificate := secret.Data.Certificate
	text, err := base64.StdEncoding.DecodeString(certificate.Text)
	if err != nil {
		return nil, nil, otherContentError("holds no certificate in base64")
	}
	certificate.Text = string(text)
	return f.arguments([]field{{"supervisor.certificate", "data[tls.crt]", certificate}}), doc.notes(), nil
}
