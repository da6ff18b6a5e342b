package audit

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// newCertificate returns the DER form of a self-signed certificate.
func newCertificate(t testing.TB, name string) []byte {
	t.Helper()
	key := ecKey()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// patched replaces bytes that stand once in DER data by as many others.
func patched(t testing.TB, der []byte, from, to string) []byte {
	t.Helper()
	if bytes.Count(der, []byte(from)) != 1 || len(from) != len(to) {
		t.Fatalf("% x stands %d times", from, bytes.Count(der, []byte(from)))
	}
	return bytes.Replace(der, []byte(from), []byte(to), 1)
}

func marshalled(t testing.TB, value any) []byte {
	t.Helper()
	der, err := asn1.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func pemOf(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

func pemWithHeaders(label string, der []byte, headers map[string]string) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der, Headers: headers}))
}

// told renders content: a line for each thing in it, certificates first.
func told(c content) []string {
	var lines []string
	for _, b := range c.certificates {
		line := fmt.Sprintf("%d: certificate %s", b.line, b.Subject.CommonName)
		if b.headers {
			line += " with headers"
		}
		lines = append(lines, line)
	}
	for _, k := range c.keys {
		kind := "public"
		if k.private {
			kind = "private"
		}
		if k.encrypted {
			kind = "encrypted " + kind
		}
		line := strings.TrimSpace(fmt.Sprintf("%d: %s %s", k.line, kind, k.algorithm))
		if k.bits > 0 {
			line += fmt.Sprintf(" %d", k.bits)
		}
		if k.fault != "" {
			line += ": " + k.fault
		}
		lines = append(lines, line)
	}
	for _, f := range c.faults {
		lines = append(lines, fmt.Sprintf("%d: fault %s: %s", f.line, f.label, f.reason))
	}
	if c.problem != "" {
		lines = append(lines, "problem: "+c.problem)
	}
	if c.hint != "" {
		lines = append(lines, "hint: "+c.hint)
	}
	return lines
}

func compare(t *testing.T, text string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, told(decode([]byte(text)))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// None of these changes keeps a component from reading the certificate.
func TestDecodeToleratesNullChanges(t *testing.T) {
	a := pemOf("CERTIFICATE", newCertificate(t, "a"))
	lines := strings.Split(a, "\n")
	tests := []struct {
		name, text string
		line       int
	}{
		{"as it is", a, 1},
		{"text before", "Certificate:\n    Data:\n" + a, 3},
		{"text after", a + "\nkind: Config\n", 1},
		{"bag attributes", "Bag Attributes\n    localKeyID: 01\nsubject=CN = a\n\n" + a, 5},
		{"byte order mark before the text", "\uFEFFx\n" + a, 2},
		{"CR LF", strings.ReplaceAll(a, "\n", "\r\n"), 1},
		{"trailing blanks", strings.ReplaceAll(a, "\n", " \t\n"), 1},
		{"blank lines", strings.ReplaceAll(a, "\n", "\n\n"), 1},
		{"no last line end", strings.TrimSuffix(a, "\n"), 1},
		{"one long line", lines[0] + "\n" + strings.Join(lines[1:len(lines)-2], "") + "\n" + lines[len(lines)-2], 1},
		{"another one commented out", "# " + strings.ReplaceAll(a, "\n", "\n# ") + "\n" + a, len(lines) + 1},
		{"a decoration", "----- my certificate -----\n" + a, 2},
		{"EC PARAMETERS", pemOf("EC PARAMETERS", []byte{6, 0}) + a, 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			compare(t, tt.text, fmt.Sprintf("%d: certificate a", tt.line))
		})
	}
}

func TestDecodeBlocks(t *testing.T) {
	derA := newCertificate(t, "a")
	a, b := pemOf("CERTIFICATE", derA), pemOf("CERTIFICATE", newCertificate(t, "b"))
	next := strings.Count(a, "\n") + 1 // the line after a
	at := func(format string) string { return fmt.Sprintf(format, next) }
	key := ecKey()
	negative := pemOf("CERTIFICATE", patched(t, derA, "\x02\x01\x01\x30", "\x02\x01\x81\x30"))
	unknownKey := pemOf("CERTIFICATE", patched(t, derA, "\x2A\x86\x48\xCE\x3D\x02\x01", "\x2A\x86\x48\xCE\x3D\x02\x7F"))
	const unusable = "problem: holds no usable PEM block (line 1, "
	tests := []struct {
		name, text string
		want       []string
	}{
		{"two", a + b, []string{"1: certificate a", at("%d: certificate b")}},
		{"with its key", a + pemOf("EC PRIVATE KEY", sec1(key)), []string{"1: certificate a", at("%d: private ECDSA 256")}},
		{"headers", pemWithHeaders("CERTIFICATE", derA, map[string]string{"a": "b"}), []string{"1: certificate a with headers"}},
		{"unknown kind of key", unknownKey, []string{"1: certificate a"}},
		{"one that Go refuses", a + negative, []string{"1: certificate a", at("%d: fault CERTIFICATE: negative serial number")}},
		{"only one that Go refuses", negative, []string{"1: fault CERTIFICATE: negative serial number", unusable + "CERTIFICATE): negative serial number"}},
		{"key labelled as certificate", a + pemOf("CERTIFICATE", sec1(key)), []string{"1: certificate a", at("%d: fault CERTIFICATE: holds a private key under the label CERTIFICATE")}},
		{"no DER", pemOf("CERTIFICATE", []byte("hello")), []string{"1: fault CERTIFICATE: malformed certificate", unusable + "CERTIFICATE): malformed certificate"}},
		{"empty block", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", []string{"1: fault CERTIFICATE: malformed certificate", unusable + "CERTIFICATE): malformed certificate"}},
		{"trusted certificate", pemOf("TRUSTED CERTIFICATE", derA), []string{
			"1: fault TRUSTED CERTIFICATE: no component reads this label",
			unusable + "TRUSTED CERTIFICATE): no component reads this label",
			"hint: openssl x509 -in FILE -out FILE.pem"}},
		{"old label", b + pemOf("X509 CERTIFICATE", derA), []string{"1: certificate b", at("%d: fault X509 CERTIFICATE: no component reads this label")}},
		{"PKCS#7", pemOf("PKCS7", []byte("\x30")), []string{
			"1: fault PKCS7: PKCS#7, which no component reads", unusable + "PKCS7): PKCS#7, which no component reads",
			"hint: openssl pkcs7 -print_certs -in FILE -out FILE.pem"}},
		{"request", pemOf("CERTIFICATE REQUEST", nil), []string{
			"1: fault CERTIFICATE REQUEST: a certificate request, not a certificate",
			unusable + "CERTIFICATE REQUEST): a certificate request, not a certificate"}},
		{"revocation list", a + pemOf("X509 CRL", nil), []string{"1: certificate a", at("%d: fault X509 CRL: a certificate revocation list, not a certificate")}},
		{"misspelt label", a + pemOf("CERTIFCATE", derA), []string{"1: certificate a", at(`%d: fault CERTIFCATE: no component reads this label`)}},
		{"small letters", pemOf("certificate", derA), []string{
			"1: fault certificate: its label is not in capitals: no component reads it",
			unusable + "certificate): its label is not in capitals: no component reads it"}},
		{"a label that could be anything", a + pemOf("A"+strings.Repeat("b", 16), nil), []string{"1: certificate a", at("%d: fault : its label is not in capitals: no component reads it")}},
		{"the damaged certificate tells more than the request", pemOf("CERTIFICATE REQUEST", nil) + negative, []string{
			"1: fault CERTIFICATE REQUEST: a certificate request, not a certificate", "3: fault CERTIFICATE: negative serial number",
			"problem: holds no usable PEM block (line 3, CERTIFICATE): negative serial number"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { compare(t, tt.text, tt.want...) })
	}
}

// What encoding/pem passes over without a word.
func TestDecodeDamage(t *testing.T) {
	der := newCertificate(t, "a")
	a, b := pemOf("CERTIFICATE", der), pemOf("CERTIFICATE", newCertificate(t, "b"))
	negative := pemOf("CERTIFICATE", patched(t, der, "\x02\x01\x01\x30", "\x02\x01\x81\x30"))
	lines := strings.Split(strings.TrimSuffix(a, "\n"), "\n")
	last := len(lines) - 1
	with := func(i int, line string) string {
		changed := append([]string{}, lines...)
		changed[i] = line
		return strings.Join(changed, "\n") + "\n"
	}
	tests := []struct {
		name, text, reason, hint string
	}{
		{"byte order mark", "\uFEFF" + a, "a UTF-8 byte order mark stands before BEGIN", splitLines},
		{"blanks", "  " + strings.ReplaceAll(a, "\n", "\n  "), "blanks stand before BEGIN on the same line", splitLines},
		{"tab", "\t" + a, "blanks stand before BEGIN on the same line", splitLines},
		{"text", "ca: " + a, "text stands before BEGIN on the same line", splitLines},
		{"NUL", "\x00" + a, "text stands before BEGIN on the same line", splitLines},
		{"quoted", `"` + strings.TrimSuffix(a, "\n") + `"`, "text stands before BEGIN on the same line", splitLines},
		{"CR", strings.ReplaceAll(a, "\n", "\r"), "its lines end in CR without LF", `tr '\r' '\n' < FILE > FILE.pem`},
		{"CR CR LF", strings.ReplaceAll(a, "\n", "\r\r\n"), "its lines end in CR without LF", `tr '\r' '\n' < FILE > FILE.pem`},
		{"one line", strings.ReplaceAll(a, "\n", " "), "its line ends are lost: BEGIN and END stand on one line", splitLines},
		{"escaped", strings.ReplaceAll(a, "\n", `\n`), `its line ends are written as \n`, `printf '%b' "$(cat FILE)" > FILE.pem`},
		{"body on the BEGIN line", lines[0] + strings.Join(lines[1:], "\n"), "text stands after BEGIN on the same line", splitLines},
		{"four dashes at the end of BEGIN", with(0, "-----BEGIN CERTIFICATE----"), "its BEGIN line does not end in five dashes", ""},
		{"truncated", strings.Join(lines[:last], "\n"), "never ends: the file is truncated", ""},
		{"truncated after BEGIN", lines[0], "never ends: the file is truncated", ""},
		{"truncated in BEGIN", "-----BEGIN CERTIFICATE-", "its BEGIN line does not end in five dashes", ""},
		{"END of another", with(last, "-----END PRIVATE KEY-----"), "its END names another label", ""},
		{"END of something", with(last, "-----END "+strings.Repeat("x", 17)+"-----"), "its END names another label", ""},
		{"END without dashes", with(last, "-----END CERTIFICATE"), "its END line does not end in five dashes", ""},
		{"text after END", with(last, lines[last]+" # a"), "text stands after END on the same line", splitLines},
		{"blanks before END", with(last, "  "+lines[last]), "blanks stand before END on the same line", splitLines},
		{"body on the END line", strings.Join(lines[:last], "\n") + lines[last], "text stands before END on the same line", splitLines},
		{"another glued to it", strings.TrimSuffix(a, "\n") + a, "the BEGIN of the next block stands on the line of its END: a line end is missing between the two", splitLines},
		{"another before it ends", strings.Join(lines[:last-1], "\n") + "\n" + negative, cutOff, ""},
		{"bad base64", with(2, "?"+lines[2]), "bad base64 in line 3", ""},
		{"base64 of a wrong length", with(last-1, lines[last-1][1:]), fmt.Sprintf("bad base64 in line %d", last), ""},
		{"bad base64 after headers", with(1, "a: b\n\n!"), "bad base64 in line 4", ""},
		{"headers only", lines[0] + "\na: b\n" + lines[last] + "\n", "holds nothing but headers", ""},
		{"headers up to the end", lines[0] + "\na: b\n" + lines[last] + ":\nc: d", "text stands after END on the same line", splitLines},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			alone := decode([]byte(tt.text))
			want := "holds no usable PEM block (line 1, CERTIFICATE): " + tt.reason
			if len(alone.certificates) > 0 || alone.problem != want || alone.hint != tt.hint {
				t.Errorf("alone: %q, want %q, %q", told(alone), want, tt.hint)
			}
			after := decode([]byte(b + "\n" + tt.text))
			if len(after.certificates) != 1 || len(after.faults) == 0 || after.problem != "" || after.hint != "" {
				t.Fatalf("after another: %q", told(after))
			}
			reason, _, _ := strings.Cut(tt.reason, " in line ")
			if f := after.faults[0]; f.line != strings.Count(b, "\n")+2 || f.label != "CERTIFICATE" || !strings.HasPrefix(f.reason, reason) {
				t.Errorf("after another: %+v", f)
			}
		})
	}
}

func TestDecodeOddText(t *testing.T) {
	a := pemOf("CERTIFICATE", newCertificate(t, "a"))
	lines := strings.Split(strings.TrimSuffix(a, "\n"), "\n")
	body := strings.Join(lines[1:], "\n") + "\n"
	next := strings.Count(a, "\n") + 1
	stray := fmt.Sprintf("%d: fault CERTIFICATE: an END without a BEGIN before it, in capitals and with five dashes on both sides", next+strings.Count(body, "\n"))
	tests := []struct {
		name, text string
		want       []string
	}{
		{"no BEGIN", a + "\n" + body, []string{"1: certificate a", stray}},
		{"four dashes", a + "----BEGIN CERTIFICATE-----\n" + body, []string{"1: certificate a", stray}},
		{"typeset dashes", a + "\u2013\u2013BEGIN CERTIFICATE\u2013\u2013\n" + body, []string{"1: certificate a", stray}},
		{"a BEGIN that encoding/pem accepts", "\n-----END " + a, []string{"2: certificate a", "2: fault : an END without a BEGIN before it, in capitals and with five dashes on both sides"}},
		{"blanks lost", a + "-----BEGINCERTIFICATE-----\n" + body, []string{"1: certificate a", stray}},
		{"all in small letters", strings.ToLower(a), []string{"problem: has a BEGIN line that is not in capitals"}},
		{"all commented out", "# " + strings.ReplaceAll(a, "\n", "\n# "), []string{"problem: holds no PEM block but what is commented out"}},
		{"a title, not a block", "--- BEGIN CERTIFICATE of the CA ---\n" + a, []string{"2: certificate a"}},
		{"no block but EC PARAMETERS", pemOf("EC PARAMETERS", []byte{6, 0}), []string{"problem: holds nothing but EC PARAMETERS"}},
		// encoding/pem gives up where headers reach beyond the END.
		{"hidden", lines[0] + "\na: b\n-----END CERTIFICATE-----:\nc: d\n\n" + a, []string{
			"1: fault CERTIFICATE: text stands after END on the same line",
			"6: fault CERTIFICATE: hidden from every PEM reader by lines with a colon, which count as headers",
			"problem: holds no usable PEM block (line 1, CERTIFICATE): text stands after END on the same line", "hint: " + splitLines}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { compare(t, tt.text, tt.want...) })
	}
}
