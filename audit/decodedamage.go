package audit

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
)

// The lines that enclose a PEM block begin with a mark and end with the dashes.
const (
	beginMark = "-----BEGIN "
	endMark   = "-----END "
	dashes    = "-----"
)

const cutOff = "never ends: another block begins before its END"

// splitLines puts every BEGIN and END on a line of its own.
const splitLines = `sed -E 's/-----(BEGIN|END) [A-Z0-9 ]+-----/\n&\n/g' FILE > FILE.pem`

// remains is a block that encoding/pem passed over.
type remains struct {
	line   int
	label  string
	body   []byte // all that follows the BEGIN line
	reason string // what is wrong with the BEGIN line; empty when nothing is
	mend   string // the command that mends it
}

// explain records a fault for every block of a text in which encoding/pem found
// none, and moves on to the line after the text. unended is the fault of a block
// that reaches up to there. However many BEGIN lines there are, each byte is
// looked at a bounded number of times.
func (d *decoder) explain(text []byte, unended string) {
	for len(text) > 0 && d.blocks <= maxBlocks {
		line, rest, ended := bytes.Cut(text, []byte("\n"))
		if !bytes.HasPrefix(bytes.TrimSpace(line), []byte("#")) { // what is commented out is meant to be passed over
			d.marks(text, line, rest)
		}
		if text = rest; ended { // encoding/pem accepts a BEGIN after an END on the same line
			d.line++
		}
	}
	d.close(nil, unended, "")
}

// marks takes in a BEGIN and an END in the first line of text.
func (d *decoder) marks(text, line, rest []byte) {
	begin, end := bytes.Index(line, []byte(beginMark)), bytes.Index(line, []byte(endMark))
	if end >= 0 && (begin < 0 || end < begin) {
		d.end(text, line, end)
	}
	if begin >= 0 {
		d.close(text, cutOff, "")
		d.begin(line, rest, begin)
	}
	if begin >= 0 && end > begin {
		d.close(rest, "", "")
	}
}

// begin opens a block at a BEGIN in a line.
func (d *decoder) begin(line, body []byte, at int) {
	before, after := line[:at], bytes.TrimRight(bytes.TrimSuffix(line[at+len(beginMark):], []byte("\r")), " \t")
	reason, mend := "", splitLines
	switch {
	case bytes.IndexByte(after, '\r') >= 0:
		reason, mend = "its lines end in CR without LF", `tr '\r' '\n' < FILE > FILE.pem`
	case bytes.Contains(after, []byte(`\n`)):
		reason, mend = `its line ends are written as \n`, `printf '%b' "$(cat FILE)" > FILE.pem`
	case bytes.Contains(after, []byte(endMark)):
		reason = "its line ends are lost: BEGIN and END stand on one line"
	case string(before) == "\uFEFF":
		reason = "a UTF-8 byte order mark stands before BEGIN"
	case bytes.Contains(before, []byte(endMark)):
		reason = "the END of the block before it stands on the same line: a line end is missing between the two"
	case at > 0:
		reason = blanksOrText(before) + " before BEGIN on the same line"
	case !bytes.Contains(after, []byte(dashes)):
		reason, mend = "its BEGIN line does not end in five dashes", ""
	case !bytes.HasSuffix(after, []byte(dashes)):
		reason = "text stands after BEGIN on the same line"
	}
	d.open = &remains{d.line, labelAt(after), body, reason, mend}
}

// end closes the open block at an END in a line, the first one of text.
func (d *decoder) end(text, line []byte, at int) {
	before, after := line[:at], bytes.TrimSpace(line[at+len(endMark):])
	label := labelAt(after)
	if d.open == nil {
		d.open = &remains{line: d.line, label: label, reason: "an END without a BEGIN before it, in capitals and with five dashes on both sides"}
	}
	reason, mend := "", splitLines
	switch {
	case bytes.Contains(after, []byte(beginMark)):
		reason = "the BEGIN of the next block stands on the line of its END: a line end is missing between the two"
	case at > 0:
		reason = blanksOrText(before) + " before END on the same line"
	case label != d.open.label:
		reason, mend = "its END names another label", ""
	case !bytes.Contains(after, []byte(dashes)):
		reason, mend = "its END line does not end in five dashes", ""
	case string(after) != label+dashes:
		reason = "text stands after END on the same line"
	}
	d.close(text, reason, mend)
}

func blanksOrText(before []byte) string {
	if len(bytes.TrimSpace(before)) == 0 {
		return "blanks stand"
	}
	return "text stands"
}

// labelAt returns the label that a text begins with.
func labelAt(text []byte) string {
	label, _, _ := bytes.Cut(text, []byte(dashes))
	return string(bytes.TrimRight(bytes.TrimSpace(label), "-"))
}

// close records the fault of the open block, if there is one. What is wrong with
// its BEGIN line goes before the reason given, and that before what is wrong with
// its body, which reaches up to rest.
func (d *decoder) close(rest []byte, reason, mend string) {
	r := d.open
	if d.open = nil; r == nil || !d.another(r.line) {
		return
	}
	switch {
	case r.reason != "":
		reason, mend = r.reason, r.mend
	case reason == "":
		reason, mend = badBody(r.body[:len(r.body)-len(rest)], r.line+1), ""
	}
	d.fault(r.line, r.label, reason, mend)
}

// badBody says why a block with faultless BEGIN and END lines was passed over.
func badBody(body []byte, line int) string {
	for {
		header, rest, _ := bytes.Cut(body, []byte("\n"))
		if !bytes.Contains(header, []byte(":")) {
			break
		}
		body, line = rest, line+1
	}
	packed := bytes.TrimRight(bytes.ReplaceAll(bytes.ReplaceAll(body, []byte(" "), nil), []byte("\t"), nil), "\r\n")
	_, err := base64.StdEncoding.Decode(make([]byte, len(packed)), packed)
	offset, ok := errors.AsType[base64.CorruptInputError](err)
	switch {
	case ok:
		good := packed[:min(int(offset), len(packed))]
		return fmt.Sprintf("bad base64 in line %d", line+bytes.Count(good, []byte("\n")))
	case len(packed) == 0:
		return "holds nothing but headers"
	}
	return "hidden from every PEM reader by lines with a colon, which count as headers"
}
