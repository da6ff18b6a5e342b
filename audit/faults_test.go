package audit

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/rules"
)

const (
	day = 24 * time.Hour
	pki = "/etc/kubernetes/pki/"
	etc = "/etc/kubernetes/"
	vlk = "/var/lib/kubelet/"
)

// fault is one thing that is wrong with a sample node.
type fault struct {
	name  string
	base  func(time.Time) *pkitest.Spec // the hardened node where it is nil
	spec  func(s *pkitest.Spec)         // before signing
	tree  func(t *pkitest.Tree)         // after it
	rules string                        // of the user; empty for none
	want  []string

	orphans bool // are asked for
}

// one returns the expectation of a single finding.
func one(finding string) []string { return []string{finding} }

func template(s *pkitest.Spec, name string) *x509.Certificate { return s.Cert(name).Template }

// faults are single faults, each with all that it must give. A check that only
// comes with others has not proved that it stands on its own feet: see
// TestEveryCheckFiresAlone.
func faults() []fault {
	return slices.Concat(expiryFaults(), nameFaults(), trustFaults(), keyFaults(), fileFaults(), configurationFaults(), kubeletFaults(), waiverFaults(), configFileFaults())
}

// ends makes a certificate of the usual lifetime that ends so long after the audit.
func ends(cert string, after time.Duration) func(*pkitest.Spec) {
	return func(s *pkitest.Spec) {
		t := template(s, cert)
		lifetime := t.NotAfter.Sub(t.NotBefore)
		t.NotAfter = at().Add(after)
		t.NotBefore = t.NotAfter.Add(-lifetime)
	}
}

func expiryFaults() []fault {
	return []fault{
		{name: "expired server", spec: ends("apiserver", -time.Second), want: one("error expired " + pki + "apiserver.crt")},
		{name: "last second", spec: ends("scheduler", 0), want: one("error expires-soon " + etc + "scheduler.conf")},
		{name: "expired in a kubeconfig", spec: ends("scheduler", -day), want: one("error expired " + etc + "scheduler.conf")},
		{
			name: "expired administrator, in both kubeconfigs", spec: ends("admin", -day),
			want: []string{"error expired " + etc + "admin.conf", "error expired /root/.kube/config"},
		},
		{name: "expired kubelet client", spec: ends("kubelet-client", -day), want: one("error expired " + vlk + "pki/kubelet-client-current.pem")},
		{name: "expired CA", spec: ends("etcd-ca", -day), want: one("error expired " + pki + "etcd/ca.crt")},
		{
			name: "expired CA that a leaf brings along", spec: both(ends("etcd-ca", -day), func(s *pkitest.Spec) { s.Cert("etcd-peer").Chain = []string{"etcd-ca"} }),
			want: one("error expired " + pki + "etcd/ca.crt"),
		},
		{name: "29 days", spec: ends("apiserver", 29*day), want: one("warning expires-soon " + pki + "apiserver.crt")},
		{name: "30 days", spec: ends("apiserver", 30*day), want: nil},
		{name: "6 days", spec: ends("apiserver", 6*day), want: one("error expires-soon " + pki + "apiserver.crt")},
		{
			name: "CA of 179 days", spec: ends("front-proxy-ca", 179*day),
			want: []string{"warning expires-soon " + pki + "front-proxy-ca.crt", "warning outlives-ca " + pki + "front-proxy-client.crt"},
		},
		{
			name: "CA of 29 days, client of less",
			spec: func(s *pkitest.Spec) { ends("front-proxy-ca", 29*day)(s); ends("front-proxy-client", 29*day)(s) },
			want: []string{"error expires-soon " + pki + "front-proxy-ca.crt", "warning expires-soon " + pki + "front-proxy-client.crt"},
		},
		{
			name: "short-lived, a third not yet reached",
			spec: func(s *pkitest.Spec) {
				template(s, "apiserver").NotBefore, template(s, "apiserver").NotAfter = at().Add(-13*time.Hour), at().Add(11*time.Hour)
			},
		},
		{
			name: "not yet valid", spec: func(s *pkitest.Spec) { template(s, "scheduler").NotBefore = at().Add(time.Hour) },
			want: one("error not-yet-valid " + etc + "scheduler.conf"),
		},
		{
			name: "outlives its CA",
			spec: func(s *pkitest.Spec) {
				ends("front-proxy-ca", 200*day)(s)
				ends("front-proxy-client", 201*day+time.Second)(s)
			},
			want: one("warning outlives-ca " + pki + "front-proxy-client.crt"),
		},
		{
			name: "made together with its CA",
			spec: func(s *pkitest.Spec) { ends("front-proxy-ca", 200*day)(s); ends("front-proxy-client", 201*day)(s) },
		},
	}
}

func nameFaults() []fault {
	return []fault{
		{
			name: "wrong user", spec: func(s *pkitest.Spec) { template(s, "scheduler").Subject.CommonName = "scheduler" },
			want: one("error common-name " + etc + "scheduler.conf"),
		},
		{
			name: "another node", spec: func(s *pkitest.Spec) { template(s, "kubelet-client").Subject.CommonName = "system:node:cp-2" },
			want: one("error common-name " + vlk + "pki/kubelet-client-current.pem"),
		},
		{
			name: "a name that nobody decides by", spec: func(s *pkitest.Spec) { template(s, "apiserver-etcd-client").Subject.CommonName = "etcd-client" },
			want: one("info common-name " + pki + "apiserver-etcd-client.crt"),
		},
		{
			name: "group in OU", spec: func(s *pkitest.Spec) {
				subject := &template(s, "super-admin").Subject
				subject.Organization, subject.OrganizationalUnit = nil, subject.Organization
			},
			want: one("error organization " + etc + "super-admin.conf"),
		},
		{
			name: "kubelet in another group", spec: func(s *pkitest.Spec) { template(s, "kubelet-client").Subject.Organization = []string{"nodes"} },
			want: one("error organization " + vlk + "pki/kubelet-client-current.pem"),
		},
		{
			name: "privileged scheduler", spec: func(s *pkitest.Spec) { template(s, "scheduler").Subject.Organization = []string{"system:masters"} },
			want: one("warning privileged-group " + etc + "scheduler.conf"),
		},
		{
			name: "endpoint not in the SANs", spec: func(s *pkitest.Spec) {
				t := template(s, "apiserver")
				t.DNSNames = slices.DeleteFunc(t.DNSNames, func(n string) bool { return n == "api.example.internal" })
			},
			want: one("error san-missing " + pki + "apiserver.crt"),
		},
		{
			name: "etcd server without 127.0.0.1", spec: func(s *pkitest.Spec) { t := template(s, "etcd-server"); t.IPAddresses = t.IPAddresses[:1] },
			want: one("error san-missing " + pki + "etcd/server.crt"),
		},
		{
			name: "etcd peer without its address", spec: func(s *pkitest.Spec) { t := template(s, "etcd-peer"); t.IPAddresses = t.IPAddresses[1:] },
			want: one("error san-missing " + pki + "etcd/peer.crt"),
		},
		{
			name: "short service name", spec: func(s *pkitest.Spec) {
				t := template(s, "apiserver")
				t.DNSNames = slices.DeleteFunc(t.DNSNames, func(n string) bool { return n == "kubernetes.default" })
			},
			want: one("warning san-missing " + pki + "apiserver.crt"),
		},
		{
			name: "kubelet server without its address", spec: func(s *pkitest.Spec) {
				template(s, "kubelet-serving").IPAddresses = nil
				s.Kubelet.Flags = append(s.Kubelet.Flags, "--node-ip=192.0.2.11")
			},
			want: one("error san-missing " + vlk + "pki/kubelet-server-current.pem"),
		},
	}
}

func trustFaults() []fault {
	client := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	server := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	return []fault{
		{name: "peer of the cluster CA", spec: func(s *pkitest.Spec) { s.Cert("etcd-peer").Issuer = "ca" }, want: one("error untrusted " + pki + "etcd/peer.crt")},
		{name: "apiserver of etcd's CA", spec: func(s *pkitest.Spec) { s.Cert("apiserver").Issuer = "etcd-ca" }, want: one("error untrusted " + pki + "apiserver.crt")},
		{
			name: "kubeconfig with the CA of another cluster", spec: func(s *pkitest.Spec) {
				old := *template(s, "ca")
				s.Certificates = append(s.Certificates, &pkitest.Certificate{Name: "old-ca", Template: &old})
				s.Kubeconfig("scheduler.conf").CA = "old-ca"
			},
			want: one("error untrusted " + etc + "scheduler.conf"),
		},
		{name: "etcd verified with the cluster CA", spec: setFlag("kube-apiserver", "etcd-cafile", pki+"ca.crt"), want: []string{"error untrusted " + pki + "ca.crt", "info common-name " + pki + "ca.crt"}},
		{
			name: "clients verified with etcd's CA", spec: setFlag("kube-apiserver", "client-ca-file", pki+"etcd/ca.crt"),
			want: []string{
				"error untrusted " + pki + "etcd/ca.crt", "warning shared-ca " + etc + "manifests/etcd.yaml",
				"info common-name " + pki + "etcd/ca.crt", "error signer-mismatch " + etc + "manifests/kube-controller-manager.yaml",
			},
		},
		{name: "scheduler of the front-proxy CA", spec: func(s *pkitest.Spec) { s.Cert("scheduler").Issuer = "front-proxy-ca" }, want: one("error untrusted " + etc + "scheduler.conf")},
		{name: "front proxy of the cluster CA", spec: func(s *pkitest.Spec) { s.Cert("front-proxy-client").Issuer = "ca" }, want: one("error untrusted " + pki + "front-proxy-client.crt")},
		{name: "server for clients only", spec: func(s *pkitest.Spec) { template(s, "apiserver").ExtKeyUsage = client }, want: one("error ext-key-usage " + pki + "apiserver.crt")},
		{name: "etcd server for servers only", spec: func(s *pkitest.Spec) { template(s, "etcd-server").ExtKeyUsage = server }, want: one("error ext-key-usage " + pki + "etcd/server.crt")},
		{name: "client for servers only", spec: func(s *pkitest.Spec) { template(s, "apiserver-kubelet-client").ExtKeyUsage = server }, want: one("error ext-key-usage " + pki + "apiserver-kubelet-client.crt")},
		{name: "no extended key usage", spec: func(s *pkitest.Spec) { template(s, "scheduler").ExtKeyUsage = nil }, want: one("warning ext-key-usage " + etc + "scheduler.conf")},
		{name: "key usage of a CA", spec: func(s *pkitest.Spec) { template(s, "scheduler").KeyUsage = x509.KeyUsageCRLSign }, want: one("warning key-usage " + etc + "scheduler.conf")},
		{name: "CA:FALSE", spec: func(s *pkitest.Spec) { template(s, "front-proxy-ca").IsCA = false }, want: one("error not-a-ca " + pki + "front-proxy-ca.crt")},
		{
			name: "CA without keyCertSign", spec: func(s *pkitest.Spec) { template(s, "etcd-ca").KeyUsage = x509.KeyUsageDigitalSignature },
			want: one("error not-a-ca " + pki + "etcd/ca.crt"),
		},
		{name: "leaf with CA:TRUE", spec: func(s *pkitest.Spec) { template(s, "scheduler").IsCA = true }, want: one("warning leaf-is-ca " + etc + "scheduler.conf")},
		{name: "damaged root", tree: flipSerial(pki + "front-proxy-ca.crt"), want: one("error self-signature " + pki + "front-proxy-ca.crt")},
		{
			name: "CA first in the file of a leaf", spec: func(s *pkitest.Spec) { s.Cert("apiserver").Chain = []string{"ca"} }, tree: swapFirstTwo(pki + "apiserver.crt"),
			want: one("error chain-order " + pki + "apiserver.crt"),
		},
		{name: "companion of another chain", spec: func(s *pkitest.Spec) { s.Cert("apiserver").Chain = []string{"etcd-ca"} }, want: one("warning chain-order " + pki + "apiserver.crt")},
		{name: "whole chain", spec: func(s *pkitest.Spec) { s.Cert("apiserver").Chain = []string{"ca"} }},
		{name: "SHA-1", spec: func(s *pkitest.Spec) { template(s, "scheduler").SignatureAlgorithm = x509.ECDSAWithSHA1 }, want: one("error weak-signature " + etc + "scheduler.conf")},
		{
			name: "two certificates of one serial number",
			spec: func(s *pkitest.Spec) {
				template(s, "apiserver").SerialNumber, template(s, "scheduler").SerialNumber = big.NewInt(7), big.NewInt(7)
			},
			want: one("warning duplicate-serial " + etc + "scheduler.conf"),
		},
	}
}

// flipSerial changes a bit of the serial number of a certificate, which only its
// signature notices.
func flipSerial(path string) func(*pkitest.Tree) {
	return changeSerial(path, func(serial []byte) { serial[len(serial)-1] ^= 1 })
}

// changeSerial changes the serial number of a certificate where it stands.
func changeSerial(path string, change func(serial []byte)) func(*pkitest.Tree) {
	return func(t *pkitest.Tree) {
		block, _ := pem.Decode(t.Files[path].Data)
		serial := must(x509.ParseCertificate(block.Bytes)).SerialNumber.Bytes()
		i := bytes.Index(block.Bytes, serial)
		change(block.Bytes[i : i+len(serial)])
		t.Files[path].Data = pem.EncodeToMemory(block)
	}
}

func swapFirstTwo(path string) func(*pkitest.Tree) {
	return func(t *pkitest.Tree) {
		first, rest := pem.Decode(t.Files[path].Data)
		t.Files[path].Data = append(slices.Clone(rest), pem.EncodeToMemory(first)...)
	}
}

// Each fault gives its findings and no others, in the words of the golden file.
func TestSingleFaults(t *testing.T) {
	all := faults()
	texts := make([]string, len(all))
	t.Run("faults", func(t *testing.T) { // beside each other: most of the time they wait for a second look
		for i, f := range all {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				o := withRules(t, f.rules)
				o.Orphans = f.orphans
				r := run(t, f.write(t), o)
				checkFindings(t, r, f.want)
				requireToldFailures(t, r)
				for _, found := range r.Findings {
					if found.Message == "" || found.Impact == "" || found.Component == "" || found.Source.File == "" || found.Fix == "" && found.Severity > rules.Info {
						t.Errorf("incomplete: %+v", found)
					}
				}
				texts[i] = faultText(f, r)
			})
		}
	})
	if isWhole := !slices.Contains(texts, ""); isWhole { // not one of them by -run
		checkTexts(t, strings.Join(texts, ""))
	}
}

func (f fault) write(t testing.TB) string {
	t.Helper()
	base := f.base
	if base == nil {
		base = pkitest.Hardened
	}
	s := base(made())
	if f.spec != nil {
		f.spec(s)
	}
	return write(t, s, f.tree)
}

// Every check fires in at least one of the single faults, and there alone.
func TestEveryCheckFiresAlone(t *testing.T) {
	alone := map[string]bool{}
	for _, f := range faults() {
		checks := map[string]bool{}
		for _, want := range f.want {
			checks[strings.Fields(want)[1]] = true
		}
		if len(checks) == 1 {
			alone[strings.Fields(f.want[0])[1]] = true
		}
	}
	for _, c := range rules.Checks() {
		if !alone[c.ID] {
			t.Errorf("no single fault gives %s alone", c.ID)
		}
	}
}
