package audit

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
)

// The limits of one file. They are far above what any real one needs, and bound
// the time that a hostile one takes: checking an RSA key can take milliseconds.
const (
	maxBlocks      = 1000
	maxPrivateKeys = 100
)

// content is what one file, or one embedded field, holds. Private keys are
// reduced to their public half at once: no content holds key material.
type content struct {
	certificates []certificateBlock // that parse, in the order of the file
	keys         []keyBlock         // private and public keys, in the order of the file
	faults       []blockFault       // blocks that no component, or not every component, can use
	problem      string             // why there is neither a certificate nor a key, in words for the report; empty when there is one
	stray        *blockFault        // the first block that is no certificate, whatever its label; nil where all are
	hint         string             // the command that mends problem, where there is one; FILE stands for the path
}

type certificateBlock struct {
	*x509.Certificate
	line    int  // 1-based, of its BEGIN line
	headers bool // the block has PEM headers: client-go and CertPool skip it, tls.X509KeyPair does not
}

type keyBlock struct {
	public    crypto.PublicKey // nil when encrypted or of an unsupported kind
	private   bool
	encrypted bool   // legacy Proc-Type header or ENCRYPTED PRIVATE KEY
	algorithm string // as keyAlgorithm names it, or what can be said of an unsupported one: a name or an object identifier
	bits      int    // RSA modulus, curve size, 256 for Ed25519; 0 unknown
	line      int    // 1-based, of its BEGIN line
	fault     string // why it cannot be used, without any byte of the key; empty when usable
}

type blockFault struct {
	line   int    // of its BEGIN line, or of an END line that has none
	label  string // of the PEM block; empty where it has none that is fit to be shown
	reason string
}

// decoder collects the content of one file.
type decoder struct {
	content
	line    int        // the 1-based line that the search has come to
	blocks  int        // so far, usable or not
	private int        // private keys so far
	open    *remains   // the damaged block that the search is in
	telling blockFault // the fault that best explains why nothing is usable
	mend    string     // the command that mends it
}

// decode reads PEM as the components do, with encoding/pem, and then looks at
// what this passes over in silence, to say why.
func decode(data []byte) content {
	d := decoder{line: 1}
	for rest := data; len(rest) > 0 && d.blocks <= maxBlocks; {
		block, after := pem.Decode(rest)
		if block == nil {
			d.explain(rest, "never ends: the file is truncated")
			break
		}
		read := rest[:len(rest)-len(after)]
		begin := lastBegin(read) // encoding/pem pairs an END with the last BEGIN before it
		d.explain(read[:begin], cutOff)
		if d.another(d.line) {
			d.add(block)
		}
		d.line += bytes.Count(read[begin:], []byte("\n"))
		rest = after
	}
	if len(d.certificates)+len(d.keys) == 0 {
		d.problem, d.hint = d.nothingUsable(data)
	}
	return d.content
}

// lastBegin returns where the last BEGIN of a text is. It is bytes.LastIndex, which
// is slow where the only one stands at the start.
func lastBegin(text []byte) int {
	last := -1
	for {
		next := bytes.Index(text[last+1:], []byte(beginMark))
		if next < 0 {
			return last
		}
		last += 1 + next
	}
}

// another counts the block that begins on a line, and reports whether it is to be examined.
func (d *decoder) another(line int) bool {
	if d.blocks++; d.blocks == maxBlocks+1 {
		d.faults = append(d.faults, blockFault{line: line, reason: fmt.Sprintf("more than %d PEM blocks: the rest was not examined", maxBlocks)})
	}
	return d.blocks <= maxBlocks
}

// fault records a block that cannot be used. A damaged certificate or key tells
// more about a file than a block that would be of no use anyway.
func (d *decoder) fault(line int, label, reason, mend string) {
	// Parsers may quote a certificate at length.
	fault := blockFault{line, printable(label), fmt.Sprintf("%.200s", reason)}
	d.faults = append(d.faults, fault)
	wanted := func(label string) bool { return label == "CERTIFICATE" || strings.HasSuffix(label, "KEY") }
	if d.telling.reason == "" || wanted(label) && !wanted(d.telling.label) {
		d.telling, d.mend = fault, mend
	}
}

// add sorts a block that encoding/pem accepts.
func (d *decoder) add(block *pem.Block) {
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil && d.stray == nil {
		d.stray = &blockFault{d.line, printable(block.Type), "is no certificate"}
	}
	switch label := block.Type; {
	case label == "CERTIFICATE" && err == nil:
		d.certificates = append(d.certificates, certificateBlock{certificate, d.line, len(block.Headers) > 0})
	case label == "CERTIFICATE":
		d.notCertificate(block, err)
	case label == "PRIVATE KEY" || strings.HasSuffix(label, " PRIVATE KEY"): // what tls.X509KeyPair tries
		if d.private++; d.private > maxPrivateKeys {
			d.fault(d.line, label, fmt.Sprintf("not examined: %d private keys stand before it", maxPrivateKeys), "")
			return
		}
		d.keys = append(d.keys, privateKey(block, d.line))
	case label == "PUBLIC KEY" || strings.HasSuffix(label, " PUBLIC KEY"):
		d.keys = append(d.keys, publicKey(block, d.line))
	case label == "EC PARAMETERS": // openssl writes it before an EC key; all loaders of keys skip it
	default:
		reason, mend := foreign(label)
		d.fault(d.line, label, reason, mend)
	}
}

// notCertificate says why a block with the label of a certificate is none.
func (d *decoder) notCertificate(block *pem.Block, err error) {
	reason := strings.ReplaceAll(err.Error(), "x509: ", "")
	if name, _ := formOf(block.Bytes); name != "" && name != "a certificate" {
		reason = "holds " + name + " under the label CERTIFICATE"
	}
	d.fault(d.line, block.Type, reason, "")
}

// foreign explains a label that no component reads.
func foreign(label string) (reason, mend string) {
	switch label {
	case "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST":
		return "a certificate request, not a certificate", ""
	case "X509 CRL":
		return "a certificate revocation list, not a certificate", ""
	case "PKCS7", "CMS", "PKCS #7 SIGNED DATA":
		return "PKCS#7, which no component reads", "openssl pkcs7 -print_certs -in FILE -out FILE.pem"
	case "TRUSTED CERTIFICATE", "X509 CERTIFICATE":
		return "no component reads this label", "openssl x509 -in FILE -out FILE.pem"
	case strings.ToUpper(label):
		return "no component reads this label", ""
	}
	return "its label is not in capitals: no component reads it", ""
}

// printable returns a label that consists of words, and nothing for any other
// text: where line ends or dashes are lost, a key can stand in its place.
func printable(label string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.#-"
	for _, word := range strings.Split(label, " ") {
		if len(word) > 16 || strings.Trim(word, letters) != "" || len(label) > 60 {
			return ""
		}
	}
	return label
}
