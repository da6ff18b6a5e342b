package audit

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"kube-cert-audit/rules"
)

// requestBlock is a certificate signing request, which no component reads.
type requestBlock struct {
	*x509.CertificateRequest
	line int
}

// isKubeconfig reports whether a file may be a kubeconfig. Parsing YAML takes
// long; nearly all files of an inspection hold PEM.
func isKubeconfig(data []byte) bool {
	return hasLine(data, "kind: Config") || hasLine(data, "clusters:") || hasLine(data, "users:") ||
		isObject(data) && (bytes.Contains(data, []byte(`"clusters"`)) || bytes.Contains(data, []byte(`"users"`)))
}

// calledKubeconfig reports whether a file that is no whole kubeconfig was meant to
// be one: other files have clusters and users as well.
func calledKubeconfig(file string, data []byte) bool {
	if !utf8.Valid(data) {
		return false
	}
	return hasLine(data, "kind: Config\n") || hasLine(data, "current-context:") || path.Ext(file) == ".kubeconfig"
}

// isSigningRequest does the same for signing requests of Kubernetes.
func isSigningRequest(data []byte) bool {
	return (isObject(data) || hasLine(data, "kind:")) && bytes.Contains(data, []byte("CertificateSigningRequest"))
}

// isObject reports whether a file may be an object in JSON.
func isObject(data []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) }

// material decodes PEM and DER.
func (r *reader) material(o *opened, data []byte) {
	if o.passed = !o.named && !soundsLikeMaterial(o.path) && !mayHold(data); o.passed {
		return
	}
	c, requests := decodeWithRequests(data)
	if der, hint := fromDER(data); c.problem != "" && der != nil {
		c, requests = decodeWithRequests(der)
		o.notes = append(o.notes, hint)
	}
	o.private = isPrivate(c)
	usable := len(c.certificates)+len(c.keys)+len(requests) > 0
	if !usable {
		o.passed = !o.named && isOther(o.path, data, c)
		o.fault("the file "+c.problem, c.hint)
		return
	}
	if text := brokenBlocks(c.faults, isMaterial); text != "" {
		o.faults = append(o.faults, materialFault{text: text, partial: true})
	}
	if text := unusable(c); text != "" {
		o.fault(text, "")
	}
	o.several = len(c.certificates)+len(c.keys)+len(requests) > 1
	r.add(o, c, requests, places{})
}

// mayHold reports whether a file that nobody named, and whose name tells nothing,
// may hold what isOther would not pass over. To find out what is wrong with a file
// that holds nothing takes longer than to read it.
func mayHold(data []byte) bool {
	return bytes.Contains(data, []byte(beginMark)) || data[0] == sequence || bytes.HasPrefix(data, []byte(keystore))
}

// The first bytes of DER and of a Java keystore.
const (
	sequence = 0x30
	keystore = "\xFE\xED\xFE\xED"
)

// decodeWithRequests decodes certificates, keys and, which no component reads,
// requests.
func decodeWithRequests(data []byte) (content, []requestBlock) {
	c := decodeGuarded(data)
	if !slices.ContainsFunc(c.faults, func(f blockFault) bool { return isRequestLabel(f.label) }) {
		return c, nil
	}
	var requests []requestBlock
	var faults []blockFault
	at := cursor{data, 1}
	for _, f := range c.faults {
		// Only what is a whole block has this for a fault.
		if reason, _ := foreign(f.label); !isRequestLabel(f.label) || f.reason != reason {
			faults = append(faults, f)
			continue
		}
		request, err := parseRequest(at.to(f.line))
		if err == nil {
			requests = append(requests, requestBlock{request, f.line})
			continue
		}
		f.reason = fmt.Sprintf("%.200s", err)
		if faults = append(faults, f); len(c.certificates)+len(c.keys) == 0 {
			c.problem, c.hint = fmt.Sprintf("holds no usable PEM block (line %d, %s): %s", f.line, f.label, f.reason), ""
		}
	}
	c.faults = faults
	if len(requests) > 0 {
		c.problem, c.hint = "", ""
	}
	return c, requests
}

func isRequestLabel(label string) bool {
	return label == "CERTIFICATE REQUEST" || label == "NEW CERTIFICATE REQUEST"
}

// cursor goes through the lines of a text, once.
type cursor struct {
	rest []byte
	line int
}

// to returns the text from a line on, which is not before that of the last call.
func (c *cursor) to(line int) []byte {
	for ; c.line < line; c.line++ {
		_, c.rest, _ = bytes.Cut(c.rest, []byte("\n"))
	}
	return c.rest
}

// parseRequest parses the request of which the block begins a text.
func parseRequest(text []byte) (request *x509.CertificateRequest, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a parser failed on it: %v", p)
		}
	}()
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("not a PEM block")
	}
	return x509.ParseCertificateRequest(block.Bytes)
}

// fromDER returns the PEM form of a certificate, key or request that a file holds
// in DER, and the command that makes it; nil for any other file.
func fromDER(data []byte) (text []byte, hint string) {
	if len(data) == 0 || data[0] != sequence {
		return nil, ""
	}
	form, hint := formOf(data)
	label := map[string]string{
		"a certificate":            "CERTIFICATE",
		"a certificate request":    "CERTIFICATE REQUEST",
		"a private key":            "PRIVATE KEY",
		"an encrypted private key": "ENCRYPTED PRIVATE KEY",
		"a public key":             "PUBLIC KEY",
	}[form]
	if label == "" {
		return nil, ""
	}
	if isRequestLabel(label) {
		hint = "openssl req -inform der -in FILE -out FILE.pem"
	}
	return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: data}), hint
}

// unusable says which key of a file cannot be used.
func unusable(c content) string {
	for _, k := range c.keys {
		if k.fault != "" && !k.encrypted {
			return fmt.Sprintf("the key at line %d cannot be used: %s", k.line, k.fault)
		}
	}
	return ""
}

// isMaterial reports whether a block was meant to be what an inspection is about,
// as far as its label tells.
func isMaterial(label string) bool {
	return isMeant(label) || isRequestLabel(label) || label == "PKCS7" || label == "CMS" || label == "PKCS #7 SIGNED DATA"
}

// isOther reports whether a file with nothing that can be used was not meant to
// hold anything of the kind: prose, a configuration, a list of revocations.
func isOther(file string, data []byte, c content) bool {
	if len(c.faults) > 0 {
		return !hasMaterial(c.faults, data, soundsLikeMaterial(file))
	}
	form, _ := formOf(data)
	switch {
	case form == "a certificate revocation list":
		return true
	case form != "", soundsLikeMaterial(file):
		return false
	}
	return !bytes.HasPrefix(data, []byte(keystore))
}

// hasMaterial reports whether a damaged block is one that an inspection is about.
// In prose and in the source of programs there are examples: unless the name of a
// file says that they were meant, it must begin like the output of openssl.
func hasMaterial(faults []blockFault, data []byte, meant bool) bool {
	text := bytes.TrimSpace(data)
	for _, start := range []string{beginMark, "Certificate:", "Certificate Request:", "Bag Attributes"} {
		meant = meant || bytes.HasPrefix(text, []byte(start))
	}
	return meant && slices.ContainsFunc(faults, func(f blockFault) bool { return isMaterial(f.label) })
}

// Object identifiers of what a request asks for.
const (
	oidKeyUsage         = "2.5.29.15"
	oidBasicConstraints = "2.5.29.19"
	oidExtKeyUsage      = "2.5.29.37"
	oidAnyUsage         = "2.5.29.37.0"
	oidUsages           = "1.3.6.1.5.5.7.3." // those with a name of their own
)

// askedFor returns the key of a request, and what its extensions ask for, in the
// fields that a certificate has for it. What is malformed is as good as absent.
func askedFor(q *x509.CertificateRequest) *x509.Certificate {
	c := &x509.Certificate{PublicKey: q.PublicKey, RawSubjectPublicKeyInfo: q.RawSubjectPublicKeyInfo}
	for _, e := range q.Extensions {
		switch e.Id.String() {
		case oidKeyUsage:
			var bits asn1.BitString
			if _, err := asn1.Unmarshal(e.Value, &bits); err == nil {
				for n := range min(bits.BitLength, 9) {
					c.KeyUsage |= x509.KeyUsage(bits.At(n) << n)
				}
			}
		case oidBasicConstraints:
			var constraints struct {
				IsCA bool `asn1:"optional"`
				Path int  `asn1:"optional"`
			}
			if _, err := asn1.Unmarshal(e.Value, &constraints); err == nil {
				c.IsCA = constraints.IsCA
			}
		case oidExtKeyUsage:
			var oids []asn1.ObjectIdentifier
			if _, err := asn1.Unmarshal(e.Value, &oids); err == nil {
				addUsages(c, oids)
			}
		}
	}
	return c
}

func addUsages(c *x509.Certificate, oids []asn1.ObjectIdentifier) {
	known := map[string]x509.ExtKeyUsage{
		"1": x509.ExtKeyUsageServerAuth, "2": x509.ExtKeyUsageClientAuth, "3": x509.ExtKeyUsageCodeSigning,
		"4": x509.ExtKeyUsageEmailProtection, "8": x509.ExtKeyUsageTimeStamping, "9": x509.ExtKeyUsageOCSPSigning,
		oidAnyUsage: x509.ExtKeyUsageAny,
	}
	for _, oid := range oids {
		number, _ := strings.CutPrefix(oid.String(), oidUsages)
		if usage, ok := known[number]; ok {
			c.ExtKeyUsage = append(c.ExtKeyUsage, usage)
		} else {
			c.UnknownExtKeyUsage = append(c.UnknownExtKeyUsage, oid)
		}
	}
}

// inspectedType returns the type of a certificate, in the words of the sheet, as
// far as the certificate itself tells.
func inspectedType(c *x509.Certificate, role rules.Role) string {
	server, client := slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth), slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
	switch {
	case role == rules.Authority:
		return "CA"
	case server && client:
		return "Server, Client"
	case server:
		return "Server"
	case client:
		return "Client"
	}
	return "Certificate"
}
