package pkitest

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// profile is what a certificate of one role has in common from node to node.
type profile struct {
	CommonName, Issuer string
	Organization       []string
	KeyUsage           x509.KeyUsage
	ExtKeyUsage        []x509.ExtKeyUsage
	DNSNames           []string
	IPAddresses        []string
	IsCA, BasicValid   bool
	MaxPathLen         int
	HasSKI, HasAKI     bool
	Critical           []string // extensions
	Lifetime           time.Duration
	BeginsBefore       time.Duration // the instant at which the node was made
}

func profileOf(c *x509.Certificate, made time.Time) profile {
	p := profile{
		CommonName: withoutStamp(c.Subject.CommonName), Issuer: withoutStamp(c.Issuer.CommonName),
		Organization: c.Subject.Organization, KeyUsage: c.KeyUsage, ExtKeyUsage: c.ExtKeyUsage, DNSNames: c.DNSNames,
		IsCA: c.IsCA, BasicValid: c.BasicConstraintsValid, MaxPathLen: c.MaxPathLen,
		HasSKI: len(c.SubjectKeyId) > 0, HasAKI: len(c.AuthorityKeyId) > 0,
		// A real node takes some seconds to make.
		Lifetime:     c.NotAfter.Sub(c.NotBefore).Round(time.Minute),
		BeginsBefore: made.Sub(c.NotBefore).Round(time.Minute),
	}
	for _, ip := range c.IPAddresses {
		p.IPAddresses = append(p.IPAddresses, ip.String())
	}
	for _, e := range c.Extensions {
		if e.Critical {
			p.Critical = append(p.Critical, e.Id.String())
		}
	}
	return p
}

// withoutStamp cuts off the time that the kubelet puts into the names of its self-signed pair.
func withoutStamp(name string) string {
	name, _, _ = strings.Cut(name, "@")
	return name
}

func TestCertificateProfilesAreKubeadms(t *testing.T) {
	for _, tt := range realNodes() {
		t.Run(tt.name, func(t *testing.T) {
			s := New(tt.node)
			tt.edit(s)
			got := profiles(t, build(t, s), tt.node.At)
			want := profiles(t, unpack(t, tt.archive), tt.node.At)
			if len(want) < 17 {
				t.Errorf("found only %d certificates on kubeadm's node", len(want))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("kubeadm's (-), ours (+):\n%s", diff)
			}
		})
	}
}

func profiles(t *testing.T, tree *Tree, made time.Time) map[string][]profile {
	t.Helper()
	found := map[string][]profile{}
	for name, text := range certTexts(t, tree) {
		for _, c := range parseCerts(t, text) {
			found[name] = append(found[name], profileOf(c, made))
		}
	}
	return found
}

// certTexts returns every PEM text of a tree: files, and what kubeconfigs embed under their path and the field's name.
func certTexts(t *testing.T, tree *Tree) map[string][]byte {
	t.Helper()
	texts := map[string][]byte{}
	for name, f := range tree.Files {
		switch {
		case bytes.Contains(f.Data, []byte("kind: Config\n")):
			for field, text := range embedded(t, f.Data) {
				texts[name+" "+field] = text
			}
		case bytes.Contains(f.Data, []byte("-----BEGIN CERTIFICATE")):
			texts[name] = f.Data
		}
	}
	return texts
}

// embedded returns the PEM texts in a kubeconfig by field.
func embedded(t *testing.T, text []byte) map[string][]byte {
	t.Helper()
	var config struct {
		Clusters []struct {
			Cluster struct {
				CA []byte `json:"certificate-authority-data"`
			}
		}
		Users []struct {
			User struct {
				Cert []byte `json:"client-certificate-data"`
				Key  []byte `json:"client-key-data"`
			}
		}
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	found := map[string][]byte{"ca": config.Clusters[0].Cluster.CA}
	if user := config.Users[0].User; user.Cert != nil {
		found["pair"] = slices.Concat(user.Cert, user.Key)
	}
	return found
}

func parseCerts(t *testing.T, text []byte) []*x509.Certificate {
	t.Helper()
	var certs []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		certs = append(certs, c)
	}
	return certs
}
