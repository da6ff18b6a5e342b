package audit

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The first fields of what is found in DER, as fieldsOf abbreviates them.
const (
	pkcs1Fields     = "iii"
	publicFields    = "ii"
	pkcs8Fields     = "iso"
	encryptedFields = "so"
	pkixFields      = "sb"
	sec1Fields      = "io" // and what follows
	signedFields    = "ssb"
)

// fieldsOf returns the first three fields of an ASN.1 sequence, and a letter for the type of each.
func fieldsOf(der []byte) (types string, fields []asn1.RawValue) {
	var sequence asn1.RawValue
	if _, err := asn1.Unmarshal(der, &sequence); err != nil || sequence.Tag != asn1.TagSequence {
		return "", nil
	}
	letters := map[int]string{asn1.TagInteger: "i", asn1.TagBitString: "b", asn1.TagOctetString: "o", asn1.TagSequence: "s"}
	for rest := sequence.Bytes; len(rest) > 0 && len(fields) < 3; {
		var field asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &field); err != nil {
			break // what a parser may not look at either
		}
		letter, ok := letters[field.Tag]
		if !ok || field.Class != asn1.ClassUniversal {
			letter = "?"
		}
		types, fields = types+letter, append(fields, field)
	}
	return types, fields
}

// formOf recognises DER by its outermost fields, so that damage inside does not
// matter. It returns words for it, and the command that makes PEM of it.
func formOf(der []byte) (name, mend string) {
	// The content type of PKCS#7 stands near the start, also in BER, which PKCS#12 files may be in.
	start := der[:min(len(der), 40)]
	if at := bytes.Index(start, []byte("\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07")); at > 0 && der[0] == sequence {
		if bytes.Contains(start[:at], []byte("\x02\x01\x03")) {
			return "PKCS#12", "openssl pkcs12 -nodes -in FILE -out FILE.pem"
		}
		return "PKCS#7", "openssl pkcs7 -inform der -print_certs -in FILE -out FILE.pem"
	}
	switch types, fields := fieldsOf(der); {
	case types == signedFields:
		return signedForm(der, fields[0])
	case types == pkcs1Fields, types == pkcs8Fields, strings.HasPrefix(types, sec1Fields):
		return "a private key", "openssl pkey -inform der -in FILE -out FILE.pem"
	case types == encryptedFields:
		return "an encrypted private key", "openssl pkey -inform der -in FILE -out FILE.pem"
	case types == pkixFields:
		return "a public key", "openssl pkey -pubin -inform der -in FILE -out FILE.pem"
	case types == publicFields:
		return "a public key", "openssl rsa -RSAPublicKey_in -inform der -in FILE -out FILE.pem"
	}
	return "", ""
}

// signedForm tells apart what is signed.
func signedForm(der []byte, inner asn1.RawValue) (name, mend string) {
	_, certificateErr := x509.ParseCertificate(der)
	_, requestErr := x509.ParseCertificateRequest(der)
	_, listErr := x509.ParseRevocationList(der)
	types, _ := fieldsOf(inner.FullBytes)
	switch {
	case certificateErr == nil, types == "?is": // begins with a tagged version, as only certificates do
		return "a certificate", "openssl x509 -inform der -in FILE -out FILE.pem"
	case requestErr == nil:
		return "a certificate request", ""
	case listErr == nil:
		return "a certificate revocation list", ""
	}
	return "", ""
}

// nothingUsable says why a file holds neither a certificate nor a key, and which command mends that.
func (d *decoder) nothingUsable(data []byte) (problem, mend string) {
	if problem, mend = container(data); problem != "" {
		return problem, mend
	}
	switch t := d.telling; {
	case t.reason != "":
		where := strings.TrimSuffix(fmt.Sprintf("line %d, %s", t.line, t.label), ", ")
		return fmt.Sprintf("holds no usable PEM block (%s): %s", where, t.reason), d.mend
	case d.blocks > 0:
		return "holds nothing but EC PARAMETERS", ""
	}
	return withoutPEM(data)
}

// container recognises what is found in the place of PEM, or wrapped around it.
func container(data []byte) (problem, mend string) {
	text := bytes.TrimSpace(data)
	start := strings.ToLower(string(text[:min(len(text), 20)]))
	types, _ := fieldsOf(data)
	switch name, mend := formOf(data); {
	case strings.HasPrefix(name, "PKCS"):
		return "holds " + name + ", not PEM", mend
	case name != "":
		return "holds " + name + " in DER, not PEM", mend
	case bytes.HasPrefix(data, []byte(keystore)), bytes.HasPrefix(data, []byte("\xCE\xCE\xCE\xCE")):
		return "holds a Java keystore, not PEM", "keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype pkcs12"
	case types != "":
		return "holds DER, but neither a certificate nor a key", ""
	case len(data) > 1 && data[0] == sequence && data[1] >= 0x80: // no text begins so
		return "begins like DER, not PEM, and is damaged or cut off", ""
	case isUTF16(data) && data[0] == 0: // in the order that iconv does not take for granted, without a mark that tells it
		return "is encoded in UTF-16", "iconv -f UTF-16BE -t UTF-8 FILE > FILE.pem"
	case isUTF16(data):
		return "is encoded in UTF-16", "iconv -f UTF-16 -t UTF-8 FILE > FILE.pem"
	case strings.HasPrefix(start, "<!doctype html"), strings.HasPrefix(start, "<html"):
		return "holds an HTML page, not PEM", ""
	case strings.HasPrefix(start, "{") && json.Valid(text):
		return "holds JSON, not PEM", ""
	case hasLine(data, "apiVersion:") && hasLine(data, "kind: Config\n"):
		return "holds a kubeconfig, not PEM", ""
	case hasLine(data, "apiVersion:") && hasLine(data, "kind:"):
		return "holds a Kubernetes object in YAML, not PEM", ""
	}
	return "", ""
}

func isUTF16(data []byte) bool {
	mark := []byte(beginMark)
	return !bytes.Contains(data, mark) && bytes.Contains(bytes.ReplaceAll(data, []byte{0}, nil), mark)
}

// hasLine reports whether a line of a text begins so.
func hasLine(data []byte, start string) bool {
	return bytes.HasPrefix(data, []byte(start)) || bytes.Contains(data, []byte("\n"+start))
}

// withoutPEM describes a file without any trace of PEM.
func withoutPEM(data []byte) (problem, mend string) {
	packed := bytes.Join(bytes.Fields(data), nil)
	decoded, err := base64.StdEncoding.AppendDecode(nil, packed)
	name, _ := formOf(decoded)
	switch {
	case len(packed) == 0:
		return "holds nothing but white space", ""
	case err == nil && bytes.Contains(decoded, []byte(beginMark)):
		return "holds PEM that is encoded in base64 once more", "base64 -d FILE > FILE.pem"
	case err == nil && name != "":
		return "holds the base64 of " + name + ", without BEGIN and END lines", ""
	case bytes.Contains(data, []byte(beginMark)):
		return "holds no PEM block but what is commented out", ""
	case bytes.Contains(bytes.ToUpper(data), []byte(beginMark)):
		return "has a BEGIN line that is not in capitals", ""
	case bytes.HasPrefix(data, []byte("ssh-ed25519 ")): // which ssh-keygen does not convert
		return "holds a public key in the form of OpenSSH", ""
	case bytes.HasPrefix(data, []byte("ssh-rsa ")), bytes.HasPrefix(data, []byte("ecdsa-sha2-")):
		return "holds a public key in the form of OpenSSH", "ssh-keygen -e -m PKCS8 -f FILE > FILE.pem"
	case bytes.HasPrefix(data, []byte("Certificate:\n")):
		return "holds the description of a certificate, not the certificate", ""
	case bytes.IndexByte(data, 0) >= 0 || !utf8.Valid(data):
		return "holds binary data, not PEM", ""
	}
	return "holds no PEM block", ""
}
