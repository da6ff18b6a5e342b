package main

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/internal/pkitest"
	"kube-cert-audit/report"
)

const pki = "/etc/kubernetes/pki/"

// oddNode returns a node with what GODEBUG makes Go accept: a negative serial
// number, a wrong value in an RSA key, and an RSA key of 768 bits.
func oddNode(t *testing.T) string {
	t.Helper()
	s := pkitest.Hardened(made())
	key := func(bits int) *rsa.PrivateKey {
		t.Setenv("GODEBUG", "rsa1024min=0")
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	crt, short := key(2048), key(768)
	s.Cert("apiserver-etcd-client").Key, s.Cert("front-proxy-client").Key = crt, short
	serial := big.NewInt(0x4142434445464748) // of which the sign can be flipped: not of each, in its shortest form
	s.Cert("apiserver").Template.SerialNumber = serial
	return writeNode(t, s, func(tree *pkitest.Tree) {
		flip(tree, pki+"apiserver.crt", serial.Bytes(), 0, 0x80)
		flip(tree, pki+"apiserver-etcd-client.key", crt.Precomputed.Dp.Bytes(), -1, 2)
	})
}

// flip flips bits of a byte of a number that stands in the DER of a file.
func flip(tree *pkitest.Tree, path string, number []byte, at int, bits byte) {
	f := tree.Files[path]
	block, _ := pem.Decode(f.Data)
	start := strings.Index(string(block.Bytes), string(number))
	if at < 0 {
		at += len(number)
	}
	block.Bytes[start+at] ^= bits
	f.Data = pem.EncodeToMemory(block)
}

// Nothing in the environment but the program's own variables changes a verdict.
func TestInheritedEnvironment(t *testing.T) {
	root := oddNode(t)
	run := func(environment ...string) result {
		command := program(t, "audit", "--root", root, "--output", "json")
		command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "GORACE=" + os.Getenv("GORACE")}, environment...)
		return finish(t, command)
	}
	want := run()
	if want.code != exitError || !strings.Contains(want.stdout, "negative serial number") {
		t.Fatalf("exit code %d, %s", want.code, want.stderr)
	}
	for _, environment := range []string{
		"GODEBUG=x509negativeserial=1", "GODEBUG=x509rsacrt=0", "GODEBUG=rsa1024min=0",
		"GODEBUG=x509negativeserial=1,x509rsacrt=0,rsa1024min=0,x509usepolicies=0,tlsmaxrsasize=100000,x509sha256skid=0",
		"SSL_CERT_FILE=" + root + pki + "ca.crt", "SSL_CERT_DIR=" + root + pki, "HTTPS_PROXY=http://127.0.0.1:1",
		"KUBECONFIG=" + root + "/etc/kubernetes/admin.conf", "NO_COLOR=1", "TERM=dumb", "HOME=/nonexistent", "GOMAXPROCS=1", "GOMEMLIMIT=20MiB", "GOGC=off",
	} {
		t.Run(environment, func(t *testing.T) {
			if diff := cmp.Diff(want, run(environment), cmp.AllowUnexported(result{})); diff != "" {
				t.Errorf("(-without +with):\n%s", diff)
			}
		})
	}
}

// Wherever the user is, and whatever the language, the output is the same in
// every byte.
func TestZoneAndLocale(t *testing.T) {
	root := writeNode(t, pkitest.Kubeadm(made()))
	places := []struct{ zone, locale string }{
		{"UTC", "C"}, {"America/New_York", "de_DE.UTF-8"}, {"Asia/Kathmandu", "zh_CN.UTF-8"},
		{"Pacific/Kiritimati", "ja_JP.UTF-8"}, {"Australia/Lord_Howe", "tr_TR.UTF-8"},
	}
	for _, place := range places {
		if _, err := time.LoadLocation(place.zone); err != nil {
			t.Fatalf("the program would take the zone for UTC: %v", err)
		}
	}
	for _, format := range report.Formats() {
		var want result
		for i, place := range places {
			// A quarter of an hour after the clocks were put forward in New York.
			command := program(t, "audit", "--root", root, "--at", "2027-03-14T02:15:00-05:00", "--output", format.Name)
			command.Env = []string{"GORACE=" + os.Getenv("GORACE"), "TZ=" + place.zone, "LC_ALL=" + place.locale, "LANG=" + place.locale}
			got := finish(t, command)
			if i == 0 {
				want = got
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(result{})); diff != "" || got.code != exitOK {
				t.Errorf("%s in %s: exit code %d (-UTC +there):\n%s", format.Name, place.zone, got.code, diff)
			}
		}
	}
}
