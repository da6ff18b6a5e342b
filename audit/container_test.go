package audit

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

func TestDecodeContainers(t *testing.T) {
	key := ecKey()
	certificate := newCertificate(t, "a")
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		t.Fatal(err)
	}
	issuer := &x509.Certificate{KeyUsage: x509.KeyUsageCRLSign, SubjectKeyId: []byte{1}}
	list, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), NextUpdate: time.Unix(1, 0)}, issuer, key)
	if err != nil {
		t.Fatal(err)
	}
	a := pemOf("CERTIFICATE", certificate)
	wide := func(text string, low, high int) string {
		var bytes strings.Builder
		for _, unit := range utf16.Encode([]rune(text)) {
			pair := [2]byte{}
			pair[low], pair[high] = byte(unit), byte(unit>>8)
			bytes.Write(pair[:])
		}
		return bytes.String()
	}
	once := base64.StdEncoding.EncodeToString
	pkcs7 := marshalled(t, struct{ Type asn1.ObjectIdentifier }{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}})
	indented := "  " + strings.ReplaceAll(a, "\n", "\n  ")
	tests := []struct {
		name, text, problem, hint string
	}{
		{"nothing", "", "holds nothing but white space", ""},
		{"blanks", " \n\t\r\n", "holds nothing but white space", ""},
		{"text", "hello\n", "holds no PEM block", ""},
		{"description", "Certificate:\n    Data:\n        Version: 3 (0x2)\n", "holds the description of a certificate, not the certificate", ""},
		{"DER certificate", string(certificate), "holds a certificate in DER, not PEM", "openssl x509 -inform der -in FILE -out FILE.pem"},
		{"DER key, SEC 1", string(sec1(key)), "holds a private key in DER, not PEM", "openssl pkey -inform der -in FILE -out FILE.pem"},
		{"DER key, PKCS#8", string(pkcs8(key)), "holds a private key in DER, not PEM", "openssl pkey -inform der -in FILE -out FILE.pem"},
		{"DER key, encrypted", string(encryptedKey(t)), "holds an encrypted private key in DER, not PEM", "openssl pkey -inform der -in FILE -out FILE.pem"},
		{"DER public key", string(spki(&key.PublicKey)), "holds a public key in DER, not PEM", "openssl pkey -pubin -inform der -in FILE -out FILE.pem"},
		{"DER request", string(request), "holds a certificate request in DER, not PEM", ""},
		{"DER public key, PKCS#1", string(x509.MarshalPKCS1PublicKey(&rsa.PublicKey{N: big.NewInt(15), E: 3})), "holds a public key in DER, not PEM", "openssl rsa -RSAPublicKey_in -inform der -in FILE -out FILE.pem"},
		{"DER revocation list", string(list), "holds a certificate revocation list in DER, not PEM", ""},
		{"DER certificate that Go refuses", string(patched(t, certificate, "\x02\x01\x01\x30", "\x02\x01\x81\x30")), "holds a certificate in DER, not PEM", "openssl x509 -inform der -in FILE -out FILE.pem"},
		{"DER of another kind", "\x30\x03\x0A\x01\x00", "holds DER, but neither a certificate nor a key", ""},
		{"DER cut off", string(certificate[:100]), "begins like DER, not PEM, and is damaged or cut off", ""},
		{"PKCS#7", string(pkcs7), "holds PKCS#7, not PEM", "openssl pkcs7 -inform der -print_certs -in FILE -out FILE.pem"},
		{"PKCS#7 in BER", "\x30\x80" + string(pkcs7[2:]), "holds PKCS#7, not PEM", "openssl pkcs7 -inform der -print_certs -in FILE -out FILE.pem"},
		{"PKCS#12", "\x30\x82\x09\x01\x02\x01\x03\x30\x82\x08\xC7" + string(pkcs7[2:]), "holds PKCS#12, not PEM", "openssl pkcs12 -nodes -in FILE -out FILE.pem"},
		{"JKS", "\xFE\xED\xFE\xED\x00\x00\x00\x02", "holds a Java keystore, not PEM", "keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype pkcs12"},
		{"JCEKS", "\xCE\xCE\xCE\xCE\x00\x00\x00\x02", "holds a Java keystore, not PEM", "keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype pkcs12"},
		{"UTF-16, little end first", wide("\uFEFF"+a, 0, 1), "is encoded in UTF-16", "iconv -f UTF-16 -t UTF-8 FILE > FILE.pem"},
		{"UTF-16, big end first", wide("\uFEFF"+a, 1, 0), "is encoded in UTF-16", "iconv -f UTF-16 -t UTF-8 FILE > FILE.pem"},
		{"UTF-16 without mark", wide(a, 0, 1), "is encoded in UTF-16", "iconv -f UTF-16 -t UTF-8 FILE > FILE.pem"},
		{"UTF-16 without mark, big end first", wide(a, 1, 0), "is encoded in UTF-16", "iconv -f UTF-16BE -t UTF-8 FILE > FILE.pem"},
		{"HTML", "\n<!DOCTYPE html>\n<pre>" + a, "holds an HTML page, not PEM", ""},
		{"JSON", `{"kind": "Secret", "data": {}}`, "holds JSON, not PEM", ""},
		{"kubeconfig", "apiVersion: v1\nclusters: []\nkind: Config\n", "holds a kubeconfig, not PEM", ""},
		{"YAML", "apiVersion: v1\nkind: Secret\nstringData:\n  tls.crt: |\n" + indented, "holds a Kubernetes object in YAML, not PEM", ""},
		{"base64 of PEM", once([]byte(a)), "holds PEM that is encoded in base64 once more", "base64 -d FILE > FILE.pem"},
		{"base64 of DER", once(certificate), "holds the base64 of a certificate, without BEGIN and END lines", ""},
		{"base64 of a key", once(sec1(key)), "holds the base64 of a private key, without BEGIN and END lines", ""},
		{"OpenSSH, Ed25519", "ssh-ed25519 AAAA a@b\n", "holds a public key in the form of OpenSSH", ""},
		{"OpenSSH", "ssh-rsa AAAA a@b\n", "holds a public key in the form of OpenSSH", "ssh-keygen -e -m PKCS8 -f FILE > FILE.pem"},
		{"binary", "\x7FELF\x00", "holds binary data, not PEM", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if c := decode([]byte(tt.text)); c.problem != tt.problem || c.hint != tt.hint || len(c.certificates)+len(c.keys) > 0 {
				t.Errorf("%q, want %q, %q", told(c), tt.problem, tt.hint)
			}
		})
	}
}

// Hints are run as they are shown.
func TestHintsMend(t *testing.T) {
	certificate := newCertificate(t, "a")
	a := pemOf("CERTIFICATE", certificate)
	tests := map[string]string{
		"byte order mark": "\uFEFF" + a,
		"blanks":          "  " + strings.ReplaceAll(a, "\n", "\n  "),
		"quotes":          `"` + strings.TrimSuffix(a, "\n") + `"`,
		"CR":              strings.ReplaceAll(a, "\n", "\r"),
		"one line":        strings.ReplaceAll(a, "\n", " "),
		"escaped":         strings.ReplaceAll(a, "\n", `\n`),
		"glued":           strings.TrimSuffix(a, "\n") + strings.TrimSuffix(a, "\n"),
		"text after END":  strings.TrimSuffix(a, "\n") + " # a",
		"DER":             string(certificate),
		"label":           pemOf("X509 CERTIFICATE", certificate),
		"base64":          base64.StdEncoding.EncodeToString([]byte(a)),
		"UTF-16":          "\xFF\xFE" + strings.Join(strings.Split(a, ""), "\x00") + "\x00",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			hint := decode([]byte(text)).hint
			path := filepath.Join(t.TempDir(), "a")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			program, _, _ := strings.Cut(hint, " ")
			if _, err := exec.LookPath(program); err != nil {
				t.Skip(err)
			}
			if output, err := exec.Command("sh", "-c", strings.ReplaceAll(hint, "FILE", path)).CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", hint, err, output)
			}
			mended, err := os.ReadFile(path + ".pem")
			if err != nil {
				t.Fatal(err)
			}
			if c := decode(mended); len(c.certificates) == 0 || len(c.faults) > 0 {
				t.Errorf("%s: %q", hint, told(c))
			}
		})
	}
}

func TestDecodeLimits(t *testing.T) {
	a := pemOf("CERTIFICATE", newCertificate(t, "a"))
	key := pemOf("EC PRIVATE KEY", sec1(ecKey()))
	lines := strings.Count(a, "\n")
	tests := []struct {
		name, text string
		want       int // blocks in the result
		fault      blockFault
	}{
		{"certificates", strings.Repeat(a, maxBlocks+2), maxBlocks + 1, blockFault{lines*maxBlocks + 1, "", "more than 1000 PEM blocks: the rest was not examined"}},
		{"as many as allowed", strings.Repeat(a, maxBlocks), maxBlocks, blockFault{}},
		{"BEGIN lines", strings.Repeat("-----BEGIN CERTIFICATE-----\n", maxBlocks+2), maxBlocks + 1, blockFault{maxBlocks + 1, "", "more than 1000 PEM blocks: the rest was not examined"}},
		{"skipped blocks", strings.Repeat(pemOf("EC PARAMETERS", nil), maxBlocks) + a, 1, blockFault{2*maxBlocks + 1, "", "more than 1000 PEM blocks: the rest was not examined"}},
		{"private keys", strings.Repeat(key, maxPrivateKeys+1) + a, maxPrivateKeys + 2, blockFault{strings.Count(key, "\n")*maxPrivateKeys + 1, "EC PRIVATE KEY", "not examined: 100 private keys stand before it"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := decode([]byte(tt.text))
			if got := len(c.certificates) + len(c.keys) + len(c.faults); got != tt.want {
				t.Errorf("%d blocks, want %d", got, tt.want)
			}
			var last blockFault
			if len(c.faults) > 0 {
				last = c.faults[len(c.faults)-1]
			}
			if last != tt.fault {
				t.Errorf("last fault %+v, want %+v", last, tt.fault)
			}
		})
	}
}

// Files made to take long: were the time quadratic, each would take minutes.
func TestDecodeIsLinear(t *testing.T) {
	const begin, end = "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n"
	fill := func(text string) string { return strings.Repeat(text, 4<<20/len(text)) }
	tests := map[string]string{
		"BEGIN lines":          fill(begin),
		"BEGIN lines, one END": fill(begin) + end,
		"BEGIN in one line":    fill("-----BEGIN "),
		"END lines":            "\n" + fill(end),
		"blocks with headers":  fill("-----BEGIN A:-----\n:\n-----END A:-----\n"),
		"wrong END":            fill(begin + "-----END A-----\n"),
		"bad base64":           begin + fill("?") + "\n" + end,
		"headers":              begin + fill("a:b\n") + end,
		"empty blocks":         fill(begin + end),
		"similar lines":        fill("----BEGIN CERTIFICATE----\n"),
		"large key":            pemOf("RSA PRIVATE KEY", largeKey(t, 1<<20)),
		"large key in PKCS#8":  pemOf("PRIVATE KEY", marshalled(t, pkcs8Key(largeKey(t, 1<<20)))),
		"base64":               fill("QUJD\n"),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			decode([]byte(text))
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			} else {
				t.Log(took)
			}
		})
	}
}
