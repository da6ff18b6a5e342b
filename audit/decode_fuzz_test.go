package audit

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// Whatever surrounds a private key, or breaks it in two, decoding ends, and
//   - every certificate stands in the file, in base64;
//   - every line number is that of a BEGIN or END line of the file;
//   - there are at most maxBlocks blocks, and one fault that says so;
//   - a file with neither certificate nor key has a problem, any other has none;
//   - no text of the result has a part of the key in it.
func FuzzDecode(f *testing.F) {
	seed := sha256.Sum256([]byte("FuzzDecode"))
	key := pemOf("PRIVATE KEY", pkcs8(ed25519.NewKeyFromSeed(seed[:])))
	a := pemOf("CERTIFICATE", newCertificate(f, "a"))
	for _, text := range []string{
		"", a, "\uFEFF", "  ", "x ", strings.TrimSuffix(a, "\n"), strings.ReplaceAll(a, "\n", "\r\n"), "# " + a, a[:len(a)/2] + "\n", "\x30\x82",
		"-----BEGIN ", "-----END ", "\n-----END ", "-----BEGIN CERTIFICATE-----\na: b\n", "-----END PRIVATE KEY-----\n", "----BEGIN PRIVATE KEY----\n", "{", "kind: Config\n",
		strings.Repeat("-----BEGIN X-----\n", maxBlocks), strings.Repeat(a, 3), base64.StdEncoding.EncodeToString([]byte(a)),
	} {
		f.Add([]byte(text), []byte(""), []byte(""), uint16(0))
		f.Add([]byte(a), []byte(text), []byte(a), uint16(28))
		f.Add([]byte(""), []byte(""), []byte(text), uint16(len(key)-1))
	}
	f.Fuzz(func(t *testing.T, before, within, after []byte, at uint16) {
		cut := int(at) % (len(key) + 1)
		data := bytes.Join([][]byte{before, []byte(key[:cut]), within, []byte(key[cut:]), after}, nil)
		c := decode(data)
		checkCertificates(t, c, data)
		checkLines(t, c, data)
		if n := len(c.certificates) + len(c.keys) + len(c.faults); n > maxBlocks+1 {
			t.Errorf("%d blocks", n)
		}
		if (len(c.certificates)+len(c.keys) == 0) != (c.problem != "") || c.hint != "" && c.problem == "" {
			t.Errorf("problem %q, hint %q of %q", c.problem, c.hint, told(c))
		}
		secret := strings.Split(key, "\n")[1]
		for text := strings.Join(told(c), "\n"); len(secret) >= 20; secret = secret[1:] {
			if strings.Contains(text, secret[:20]) {
				t.Fatalf("the key got out: %s", text)
			}
		}
	})
}

func checkCertificates(t *testing.T, c content, data []byte) {
	t.Helper()
	packed := bytes.Join(bytes.Fields(data), nil)
	for _, b := range c.certificates {
		// The last character of base64 may have bits that do not count.
		raw := b.Raw[:len(b.Raw)/3*3]
		if !bytes.Contains(packed, []byte(base64.StdEncoding.EncodeToString(raw))) {
			t.Errorf("certificate %s does not stand in the file", b.Subject)
		}
	}
}

func checkLines(t *testing.T, c content, data []byte) {
	t.Helper()
	lines := strings.Split(string(data), "\n")
	check := func(line int, marks ...string) {
		for _, mark := range marks {
			if line > 0 && line <= len(lines) && strings.Contains(lines[line-1], mark) {
				return
			}
		}
		t.Errorf("line %d of %d has none of %q", line, len(lines), marks)
	}
	for _, b := range c.certificates {
		check(b.line, beginMark)
	}
	for _, k := range c.keys {
		check(k.line, beginMark)
	}
	for _, fault := range c.faults {
		check(fault.line, beginMark, endMark)
		if fault.reason == "" {
			t.Errorf("fault without reason: %+v", fault)
		}
	}
}

// A private key has the same public half in every form and under every label
// that ends as those of private keys do.
func FuzzKey(f *testing.F) {
	seed := sha256.Sum256([]byte("FuzzKey"))
	for _, label := range []string{"", "EC", "RSA", "ENCRYPTED", "OPENSSH", "DSA", "a\tb"} {
		f.Add(seed[:], label)
	}
	f.Add(bytes.Repeat([]byte{0}, 32), "EC")
	f.Fuzz(func(t *testing.T, seed []byte, label string) {
		if strings.ContainsAny(label, "\n\r:") || strings.Contains(label, "---") {
			t.Skip("not a label")
		}
		label = strings.TrimLeft(label+" PRIVATE KEY", " \t")
		scalar := sha256.Sum256(seed)
		ec, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
		if err != nil {
			t.Skip(err)
		}
		ed := ed25519.NewKeyFromSeed(scalar[:])
		for _, tt := range []struct {
			der  []byte
			want any
		}{{sec1(ec), &ec.PublicKey}, {pkcs8(ec), &ec.PublicKey}, {pkcs8(ed), ed.Public()}} {
			text := pemOf(label, tt.der)
			if block, _ := pem.Decode([]byte(text)); block == nil || block.Type != label {
				t.Skip("not a label")
			}
			c := decode([]byte(text))
			if len(c.keys) != 1 || !c.keys[0].private || c.keys[0].fault != "" || !reflect.DeepEqual(c.keys[0].public, tt.want) {
				t.Errorf("%q: %s", label, fmt.Sprint(told(c)))
			}
		}
	})
}
