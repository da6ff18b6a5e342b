package audit

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/internal/pkitest"
)

// odd is a node with something that is rare, be it healthy or not, and all that
// it must give.
type odd struct {
	name string
	spec func(*pkitest.Spec)
	tree func(*pkitest.Tree)
	want []string
	says string // in one of the messages
}

func date(year int) time.Time { return time.Date(year, 12, 31, 23, 59, 59, 0, time.UTC) }

// lasts gives a certificate this validity.
func lasts(name string, from, to time.Time) func(*pkitest.Spec) {
	return func(s *pkitest.Spec) { template(s, name).NotBefore, template(s, name).NotAfter = from, to }
}

func oddTimes() []odd {
	scheduler := etc + "scheduler.conf"
	return []odd{
		{name: "no end, as of RFC 5280", spec: func(s *pkitest.Spec) {
			lasts("front-proxy-ca", made(), date(9999))(s)
			lasts("front-proxy-client", made(), date(9999))(s)
		}},
		{name: "years 1 to 9999", spec: func(s *pkitest.Spec) {
			lasts("front-proxy-ca", date(1), date(9999))(s)
		}},
		{name: "before 1950", spec: lasts("scheduler", date(1901), date(1949)), want: one("error expired " + scheduler), says: "1949-12-31"},
		{name: "end before start, past", spec: lasts("scheduler", made(), made().Add(-time.Hour)), want: one("error expired " + scheduler)},
		{name: "end before start, future", spec: lasts("scheduler", at().Add(2*time.Hour), at().Add(time.Hour)), want: one("error not-yet-valid " + scheduler)},
		{name: "one second", spec: lasts("scheduler", at(), at())},
		{name: "first second", spec: lasts("scheduler", at(), at().Add(365*day))},
		{name: "a second too early", spec: lasts("scheduler", at().Add(time.Second), at().Add(365*day)), want: one("error not-yet-valid " + scheduler)},
	}
}

func oddCertificates() []odd {
	serial := func(n *big.Int) func(*pkitest.Spec) {
		return func(s *pkitest.Spec) { template(s, "scheduler").SerialNumber = n }
	}
	critical := pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}}
	return []odd{
		{name: "serial number 1", spec: serial(big.NewInt(1))},
		{name: "serial number of 20 octets", spec: serial(new(big.Int).Lsh(big.NewInt(1), 158))},
		{name: "unknown critical extension", spec: func(s *pkitest.Spec) {
			template(s, "scheduler").ExtraExtensions = []pkix.Extension{critical}
		}, want: one("error untrusted " + etc + "scheduler.conf")},
		{name: "a name that the CA may not vouch for", spec: func(s *pkitest.Spec) {
			template(s, "front-proxy-ca").PermittedDNSDomains = []string{"example.org"}
			template(s, "front-proxy-client").DNSNames = []string{"front.example.com"}
		}, want: one("error untrusted " + pki + "front-proxy-client.crt")},
		{name: "twenty thousand name constraints", spec: func(s *pkitest.Spec) {
			for i := range 20_000 {
				template(s, "front-proxy-ca").PermittedDNSDomains = append(template(s, "front-proxy-ca").PermittedDNSDomains, fmt.Sprintf("n%d.example", i))
				template(s, "front-proxy-client").DNSNames = append(template(s, "front-proxy-client").DNSNames, fmt.Sprintf("n%d.example", i))
			}
		}},
		{name: "addresses and groups without end", spec: func(s *pkitest.Spec) {
			for i := range 5000 {
				template(s, "apiserver").IPAddresses = append(template(s, "apiserver").IPAddresses, net.IPv4(10, 1, byte(i>>8), byte(i)))
				template(s, "scheduler").Subject.OrganizationalUnit = append(template(s, "scheduler").Subject.OrganizationalUnit, fmt.Sprint("unit", i))
			}
		}},
		{name: "a leaf among the CAs", tree: func(t *pkitest.Tree) {
			t.Files[pki+"front-proxy-ca.crt"].Data = append(t.Files[pki+"front-proxy-ca.crt"].Data, t.Files[pki+"front-proxy-client.crt"].Data...)
		}, want: one("error not-a-ca " + pki + "front-proxy-ca.crt")},
		{name: "Ed25519", spec: func(s *pkitest.Spec) { s.Cert("apiserver").Key = edKey() }},
		{name: "a chain of CAs that sign each other", spec: func(s *pkitest.Spec) {
			a, b := *template(s, "front-proxy-ca"), *template(s, "front-proxy-ca")
			s.Certificates = append(s.Certificates,
				&pkitest.Certificate{Name: "a", Template: &a, Issuer: "front-proxy-ca"}, &pkitest.Certificate{Name: "b", Template: &b, Issuer: "a"})
			s.Cert("front-proxy-client").Chain = []string{"front-proxy-ca", "a", "b"}
		}},
	}
}

func oddFiles() []odd {
	copyOf := func(from string, to ...string) func(*pkitest.Tree) {
		return func(t *pkitest.Tree) {
			for _, name := range to {
				f := *t.Files[from]
				t.Files[name] = &f
			}
		}
	}
	return []odd{
		{name: "left behind by kubeadm and by administrators", tree: func(t *pkitest.Tree) {
			copyOf(pki+"apiserver.crt", pki+"expired/apiserver.crt", pki+"apiserver.crt.old", etc+"tmp/kubeadm-backup-2026-01-01/apiserver.crt")(t)
			t.Files[pki+"broken.crt"] = &pkitest.File{Data: []byte("x"), Mode: 0o666}
		}},
		{name: "a key in a certificate that all can read", tree: func(t *pkitest.Tree) {
			f := t.Files[pki+"apiserver.crt"]
			f.Data = append(f.Data, t.Files[pki+"apiserver.key"].Data...)
		}, want: one("error file-permissions " + pki + "apiserver.crt")},
		{name: "a key in a certificate that root can read", tree: func(t *pkitest.Tree) {
			f := t.Files[pki+"apiserver.crt"]
			f.Data, f.Mode = append(f.Data, t.Files[pki+"apiserver.key"].Data...), 0o600
		}},
	}
}

// What is rare and healthy gives nothing; what is broken, its finding.
func TestOddNodes(t *testing.T) {
	for _, tt := range slices.Concat(oddTimes(), oddCertificates(), oddFiles()) {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := pkitest.Hardened(made())
			if tt.spec != nil {
				tt.spec(s)
			}
			r := run(t, write(t, s, tt.tree), options(t))
			noPanic(t, r)
			checkFindings(t, r, tt.want)
			said := tt.says == ""
			for _, f := range r.Findings {
				said = said || strings.Contains(f.Message, tt.says)
			}
			if !said {
				t.Errorf("no finding says %q: %+v", tt.says, r.Findings)
			}
		})
	}
}

// Hard links are files like others: a name is what the configuration refers to.
func TestHardLinks(t *testing.T) {
	root := write(t, pkitest.Hardened(made()))
	healthy := run(t, root, options(t))
	for _, name := range []string{"apiserver.crt", "apiserver.key", "ca.crt"} {
		if err := os.Link(root+pki+name, root+pki+name+".link"); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(healthy, run(t, root, options(t))); diff != "" {
		t.Errorf("(-without +with links):\n%s", diff)
	}
}
