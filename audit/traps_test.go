package audit

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"kube-cert-audit/internal/pkitest"
)

// trap is one of the traps that make healthy nodes look broken, or broken ones
// healthy, by its number in the list of the project's reference.
type trap struct {
	number int
	name   string
	base   func(time.Time) *pkitest.Spec // the hardened node where it is nil
	spec   func(s *pkitest.Spec)
	tree   func(t *pkitest.Tree)
	want   []string
	check  func(t *testing.T, r *Report)
}

func traps() []trap {
	return slices.Concat(certificateTraps(), configurationTraps(), encodingTraps())
}

func certificateTraps() []trap {
	return []trap{
		{1, "a CA with its name as SAN and without cRLSign", nil, nil, nil, nil, func(t *testing.T, r *Report) {
			ca := r.Certificates[0]
			if !slices.Equal(ca.DNSNames, []string{"kubernetes"}) || slices.Contains(ca.KeyUsages, "cRLSign") {
				t.Errorf("the sample CA has no such shape: %+v", ca)
			}
		}},
		{2, "etcd named for the host", nil, nil, nil, nil, func(t *testing.T, r *Report) {
			for _, c := range r.Certificates {
				if strings.HasPrefix(c.Requirement, "kube-etcd") && c.ExtKeyUsages[0] == "serverAuth" && c.Subject.CommonName != "cp-1" {
					t.Errorf("%s is named %s", c.Path, c.Subject.CommonName)
				}
			}
		}},
		{2, "etcd named as in the documents", nil, func(s *pkitest.Spec) {
			template(s, "etcd-server").Subject.CommonName, template(s, "etcd-peer").Subject.CommonName = "kube-etcd", "kube-etcd-peer"
		}, nil, nil, nil},
		{3, "an API server without localhost", nil, nil, nil, nil, func(t *testing.T, r *Report) {
			for _, c := range r.Certificates {
				if c.Requirement == "kube-apiserver" && (slices.Contains(c.IPAddresses, "127.0.0.1") || slices.Contains(c.DNSNames, "localhost")) {
					t.Error("the sample certificate has them")
				}
			}
		}},
		{4, "a kubelet client without a group", nil, func(s *pkitest.Spec) { template(s, "apiserver-kubelet-client").Subject.Organization = nil }, nil, one("info unverifiable " + pki + "apiserver-kubelet-client.crt"), nil},
		{5, "a CA without a common name", nil, func(s *pkitest.Spec) { template(s, "ca").Subject = pkix.Name{Organization: []string{"kubernetes"}} }, nil, one("info common-name " + pki + "ca.crt"), nil},
		{5, "a CA with a time stamp in its name", nil, func(s *pkitest.Spec) { template(s, "ca").Subject.CommonName = "k3s-server-ca@1700000000" }, nil, one("info common-name " + pki + "ca.crt"), nil},
		{5, "an API server named kubernetes", nil, func(s *pkitest.Spec) { template(s, "apiserver").Subject.CommonName = "kubernetes" }, nil, nil, nil},
		{13, "two CAs in one file", nil, secondCA, nil, one("error signer-mismatch " + etc + "manifests/kube-controller-manager.yaml"), nil},
		{13, "two CAs, and another file to sign with", nil, func(s *pkitest.Spec) {
			secondCA(s)
			s.Pod("kube-controller-manager").SetFlag("cluster-signing-cert-file", pki+"signing.crt")
		}, func(t *pkitest.Tree) {
			first, _ := pem.Decode(t.Files[pki+"ca.crt"].Data)
			t.Files[pki+"signing.crt"] = &pkitest.File{Data: pem.EncodeToMemory(first), Mode: 0o644}
		}, nil, nil},
		{14, "two CAs of one name", nil, func(s *pkitest.Spec) {
			template(s, "front-proxy-ca").Subject.CommonName = "kubernetes"
		}, nil, one("info common-name " + pki + "front-proxy-ca.crt"), nil},
		{18, "a leaf that starts with its CA, years ago", nil, func(s *pkitest.Spec) {
			template(s, "ca").NotBefore = at().Add(-5 * 365 * day)
			template(s, "apiserver").NotBefore = at().Add(-5 * 365 * day)
			template(s, "apiserver").NotAfter = at().Add(40 * day)
		}, nil, nil, nil},
		{25, "key identifiers that differ though the signature holds", nil, func(s *pkitest.Spec) {
			template(s, "ca").SubjectKeyId = []byte{1, 2, 3}
		}, nil, nil, nil},
	}
}

// secondCA appends an earlier CA of the same name to the file of the CA.
func secondCA(s *pkitest.Spec) {
	old := *template(s, "ca")
	s.Certificates = append(s.Certificates, &pkitest.Certificate{Name: "old-ca", Template: &old})
	s.Cert("ca").Chain = []string{"old-ca"}
}

// unverifiedKubelets is what kubeadm's default gives.
const unverifiedKubelets = "info tls-verify-disabled " + etc + "manifests/kube-apiserver.yaml"

func configurationTraps() []trap {
	expired := func(s *pkitest.Spec) {
		old := *s.Cert("kubelet-client")
		template := *old.Template
		template.NotBefore, template.NotAfter = at().Add(-800*day), at().Add(-435*day)
		old.Name, old.Template, old.Key = "old", &template, nil
		old.CertPath = vlk + "pki/kubelet-client-2024-10-01-00-00-00.pem"
		old.KeyPath = old.CertPath
		s.Certificates = append(s.Certificates, &old)
	}
	return []trap{
		{6, "verification by the private key", nil, nil, func(t *pkitest.Tree) { t.Files[pki+"sa.pub"].Data = t.Files[pki+"sa.key"].Data }, nil, nil},
		{6, "verification by a certificate", nil, nil, tokenCertificate, nil, nil},
		{7, "keys of the CAs elsewhere", pkitest.ExternalCA, nil, nil, []string{"info unverifiable " + pki + "apiserver-kubelet-client.crt", unverifiedKubelets}, nil},
		{7, "no super-admin.conf", nil, func(s *pkitest.Spec) { s.RemoveKubeconfig("super-admin.conf"); s.RemoveCert("super-admin") }, nil, nil, nil},
		{8, "quotes in the kubelet's flags", nil, func(s *pkitest.Spec) {
			s.Kubelet.Flags = append(s.Kubelet.Flags, `--node-labels='a=b c'`, "--node-ip 192.0.2.11")
		}, nil, nil, nil},
		{9, "an earlier certificate of the kubelet", nil, expired, nil, nil, nil},
		{10, "the folder of the certificates behind an absolute link", nil, nil, func(t *pkitest.Tree) {
			for name, f := range t.Files {
				if below, found := strings.CutPrefix(name, pki); found {
					t.Files["/etc/kubernetes/ssl/"+below] = f
					delete(t.Files, name)
				}
			}
			t.Files["/etc/kubernetes/pki"] = &pkitest.File{Link: "/etc/kubernetes/ssl"}
		}, nil, nil},
		{11, "drop-ins of the kubelet's configuration", pkitest.KubeletDropIns, nil, nil, nil, nil},
		{12, "kubelet.conf that is no kubeconfig", nil, func(s *pkitest.Spec) {
			s.Kubeconfig("kubelet.conf").Path = vlk + "kubeconfig"
			s.Kubelet.Flags = append(s.Kubelet.Flags, "--kubeconfig="+vlk+"kubeconfig")
		}, func(t *pkitest.Tree) {
			t.Files[etc+"kubelet.conf"] = &pkitest.File{Data: t.Files[vlk+"config.yaml"].Data, Mode: 0o600}
		}, nil, nil},
		{15, "etcd without TLS on the loopback", nil, plainEtcd, nil, nil, nil},
		{15, "etcd on other hosts", pkitest.ExternalEtcd, nil, nil, []string{
			unverifiedKubelets, "info unverifiable " + pki + "apiserver-etcd-client.crt", "info unverifiable " + pki + "apiserver-kubelet-client.crt", "info unverifiable " + pki + "etcd/ca.crt",
		}, nil},
		{16, "a token in a kubeconfig", nil, func(s *pkitest.Spec) {
			k := s.Kubeconfig("scheduler.conf")
			k.Cert, k.Token = "", "abcdef.0123456789abcdef"
			s.RemoveCert("scheduler")
		}, nil, nil, nil},
		{17, "a worker", pkitest.Worker, nil, nil, []string{
			"info unverifiable " + etc + "kubelet.conf", "info unverifiable " + vlk + "pki/kubelet-client-current.pem", "info unverifiable " + vlk + "pki/kubelet.crt",
		}, nil},
		{21, "two service ranges", nil, func(s *pkitest.Spec) {
			s.Pod("kube-apiserver").SetFlag("service-cluster-ip-range", "10.96.0.0/12,fd00:10::/108")
		}, nil, nil, nil},
		{21, "no service range", nil, func(s *pkitest.Spec) {
			s.Pod("kube-apiserver").RemoveFlag("service-cluster-ip-range")
			template(s, "apiserver").IPAddresses = append(template(s, "apiserver").IPAddresses, net.IPv4(10, 0, 0, 1))
		}, nil, nil, nil},
		{22, "IPv6 spelled in two ways", nil, func(s *pkitest.Spec) {
			s.Kubeconfig("admin.conf").Server = "https://[fd00:0:0:0::1]:6443"
			template(s, "apiserver").IPAddresses = append(template(s, "apiserver").IPAddresses, net.ParseIP("fd00::1"))
		}, nil, nil, nil},
		{23, "a load balancer that the certificate lacks", nil, func(s *pkitest.Spec) { s.Kubeconfig("admin.conf").Server = "https://lb.example.net" }, nil, one("error san-missing " + pki + "apiserver.crt"), nil},
		{23, "tls-server-name instead of the address", nil, func(s *pkitest.Spec) {
			s.Kubeconfig("admin.conf").Server, s.Kubeconfig("admin.conf").TLSServerName = "https://198.51.100.7", "kubernetes"
		}, nil, nil, nil},
	}
}

// plainEtcd gives etcd no TLS at all, and lets it listen on the loopback alone.
func plainEtcd(s *pkitest.Spec) {
	p := s.Pod("etcd")
	for _, name := range []string{
		"cert-file", "key-file", "trusted-ca-file", "client-cert-auth", "peer-cert-file", "peer-key-file", "peer-trusted-ca-file", "peer-client-cert-auth",
	} {
		p.RemoveFlag(name)
	}
	p.SetFlag("listen-client-urls", "http://127.0.0.1:2379")
	p.SetFlag("advertise-client-urls", "http://127.0.0.1:2379")
	p.SetFlag("listen-peer-urls", "http://127.0.0.1:2380")
	p.SetFlag("initial-advertise-peer-urls", "http://127.0.0.1:2380")
	api := s.Pod("kube-apiserver")
	api.SetFlag("etcd-servers", "http://127.0.0.1:2379")
	for _, name := range []string{"etcd-cafile", "etcd-certfile", "etcd-keyfile"} {
		api.RemoveFlag(name)
	}
	s.RemoveCert("etcd-server", "etcd-peer", "etcd-healthcheck-client", "apiserver-etcd-client", "etcd-ca")
}

// tokenCertificate puts a certificate for the key of the tokens in place of its public half.
func tokenCertificate(t *pkitest.Tree) {
	block, _ := pem.Decode(t.Files[pki+"sa.key"].Data)
	key := must(x509.ParseECPrivateKey(block.Bytes))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "service-accounts"}, NotBefore: made(), NotAfter: made().Add(365 * day),
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	t.Files[pki+"sa.pub"].Data = []byte(pemOf("CERTIFICATE", der))
}

func encodingTraps() []trap {
	unreadable := one("error unreadable " + pki + "apiserver.crt")
	says := func(words string) func(*testing.T, *Report) {
		return func(t *testing.T, r *Report) {
			if len(r.Findings) == 0 || !strings.Contains(r.Findings[0].Message, words) {
				t.Errorf("no finding says %q: %+v", words, r.Findings)
			}
		}
	}
	return []trap{
		{19, "text, CRLF and junk around PEM", nil, nil, func(t *pkitest.Tree) {
			f := t.Files[pki+"apiserver.crt"]
			f.Data = []byte("Certificate:\r\n    Data:\r\n" + strings.ReplaceAll(string(f.Data), "\n", "\r\n") + "junk\r\n")
		}, nil, nil},
		{19, "a byte order mark before PEM, which no component reads", nil, nil, func(t *pkitest.Tree) {
			f := t.Files[pki+"apiserver.crt"]
			f.Data = append([]byte("\ufeff"), f.Data...)
		}, unreadable, says("byte order mark")},
		{20, "RSA keys in PKCS#1", nil, func(s *pkitest.Spec) { s.Cert("scheduler").Key = rsaKey(2048) }, nil, nil, nil},
		{20, "RSA keys in PKCS#8", nil, func(s *pkitest.Spec) { s.Cert("apiserver").Key = rsaKey(2048) }, func(t *pkitest.Tree) {
			block, _ := pem.Decode(t.Files[pki+"apiserver.key"].Data)
			key := must(x509.ParsePKCS1PrivateKey(block.Bytes))
			t.Files[pki+"apiserver.key"].Data = []byte(pemOf("PRIVATE KEY", pkcs8(key)))
		}, nil, nil},
		{24, "DER for PEM", nil, nil, func(t *pkitest.Tree) {
			block, _ := pem.Decode(t.Files[pki+"apiserver.crt"].Data)
			t.Files[pki+"apiserver.crt"].Data = block.Bytes
		}, unreadable, says("DER")},
		{24, "PKCS#12 for PEM", nil, nil, func(t *pkitest.Tree) { t.Files[pki+"apiserver.crt"].Data = pkcs12() }, unreadable, says("PKCS#12")},
		{26, "a negative serial number", nil, nil, negativeSerial(pki + "apiserver.crt"), unreadable, says("negative serial number")},
		{27, "an RSA key with a wrong CRT value", nil, func(s *pkitest.Spec) { s.Cert("apiserver").Key = rsaKey(2048) }, wrongCRT(pki + "apiserver.key"), one("error unreadable " + pki + "apiserver.key"), says("invalid CRT")},
	}
}

// pkcs12 returns the outer shape of a PFX file (RFC 7292, section 4).
func pkcs12() []byte {
	type content struct {
		Type asn1.ObjectIdentifier
		Data []byte `asn1:"explicit,tag:0"`
	}
	return must(asn1.Marshal(struct {
		Version int
		Auth    content
	}{3, content{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}, []byte("secret")}}))
}

// negativeSerial sets the sign bit of a serial number.
func negativeSerial(path string) func(*pkitest.Tree) {
	return changeSerial(path, func(serial []byte) { serial[0] = 0x80 }) // whatever follows, in the shortest form
}

// wrongCRT changes the exponent of the first prime of an RSA key.
func wrongCRT(path string) func(*pkitest.Tree) {
	return func(t *pkitest.Tree) {
		block, _ := pem.Decode(t.Files[path].Data)
		key := must(x509.ParsePKCS1PrivateKey(block.Bytes))
		i := strings.Index(string(block.Bytes), string(key.Precomputed.Dp.Bytes()))
		block.Bytes[i+len(key.Precomputed.Dp.Bytes())-1] ^= 2
		t.Files[path].Data = pem.EncodeToMemory(block)
	}
}

func TestTraps(t *testing.T) {
	for _, tt := range traps() {
		t.Run(fmt.Sprint(tt.number, " ", tt.name), func(t *testing.T) {
			t.Parallel()
			base := tt.base
			if base == nil {
				base = pkitest.Hardened
			}
			s := base(made())
			if tt.spec != nil {
				tt.spec(s)
			}
			r := run(t, write(t, s, tt.tree), options(t))
			checkFindings(t, r, tt.want)
			if tt.check != nil {
				tt.check(t, r)
			}
		})
	}
}

// Each of the 27 traps has a test.
func TestEveryTrapHasATest(t *testing.T) {
	for number := 1; number <= 27; number++ {
		if !slices.ContainsFunc(traps(), func(tt trap) bool { return tt.number == number }) {
			t.Errorf("trap %d has none", number)
		}
	}
}
