package audit

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"testing"
)

// numbers returns the numbers of a key in the order of their form.
func numbers(k *pkcs1Key) []*big.Int {
	return []*big.Int{big.NewInt(int64(k.Version)), k.N, big.NewInt(int64(k.E)), k.D, k.P, k.Q, k.Dp, k.Dq, k.Qinv}
}

// inPKCS1 encodes numbers as a private key, whatever they are.
func inPKCS1(t testing.TB, numbers []*big.Int) []byte {
	t.Helper()
	var content []byte
	for _, n := range numbers {
		field, err := asn1.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		content = append(content, field...)
	}
	der, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: content})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func newRSA(t testing.TB, bits int) (*rsa.PrivateKey, *pkcs1Key) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	var k pkcs1Key
	if _, err := asn1.Unmarshal(x509.MarshalPKCS1PrivateKey(key), &k); err != nil {
		t.Fatal(err)
	}
	return key, &k
}

// neighbours returns a key of a prime and the next one, in order but that whoever
// has N finds them.
func neighbours(p *big.Int) *pkcs1Key {
	one, e := big.NewInt(1), big.NewInt(65537)
	order := func(prime *big.Int) *big.Int { return new(big.Int).Sub(prime, one) }
	q := new(big.Int).Set(p)
	for q.Cmp(p) == 0 || !q.ProbablyPrime(20) || new(big.Int).GCD(nil, nil, e, order(q)).Cmp(one) != 0 {
		q.Add(q, big.NewInt(2))
	}
	d := new(big.Int).ModInverse(e, new(big.Int).Mul(order(p), order(q)))
	return &pkcs1Key{
		N: new(big.Int).Mul(p, q), E: 65537, D: d, P: p, Q: q,
		Dp: new(big.Int).Mod(d, order(p)), Dq: new(big.Int).Mod(d, order(q)), Qinv: new(big.Int).ModInverse(q, p),
	}
}

// Keys as people make them need not be shown to the library.
func TestSoundRSA(t *testing.T) {
	for _, bits := range []int{2048, 3072, 4096} {
		key, k := newRSA(t, bits)
		if pub := soundRSA(inPKCS1(t, numbers(k))); pub == nil || !pub.Equal(&key.PublicKey) {
			t.Errorf("%d bits: %v", bits, pub)
		}
	}
}

// Nothing passes for sound that the library refuses, and each of its checks has a
// key here that fails it.
func TestUnsoundRSA(t *testing.T) {
	_, k := newRSA(t, 2048)
	_, other := newRSA(t, 2048)
	one := big.NewInt(1)
	names := []string{"version", "n", "e", "d", "p", "q", "dp", "dq", "qinv"}
	type fault struct {
		name    string
		numbers []*big.Int
	}
	with := func(name string, i int, n *big.Int) fault {
		changed := numbers(k)
		changed[i] = n
		return fault{name, changed}
	}
	var faults []fault
	for i, name := range names {
		n, foreign := numbers(k)[i], numbers(other)[i]
		faults = append(faults,
			with(name+" larger by one", i, new(big.Int).Add(n, one)),
			with(name+" smaller by one", i, new(big.Int).Sub(n, one)),
			with(name+" negative", i, new(big.Int).Sub(new(big.Int).Neg(n), one)),
			with(name+" with another length", i, new(big.Int).Lsh(new(big.Int).Add(n, one), 9)))
		if name != "version" && name != "e" {
			faults = append(faults, with(name+" of another key", i, foreign), with(name+" of 0", i, new(big.Int)))
		}
	}
	order := new(big.Int).Sub(k.P, one)
	faults = append(faults,
		with("dp not reduced", 6, new(big.Int).Add(k.Dp, order)),
		with("qinv not reduced", 8, new(big.Int).Add(k.Qinv, k.P)),
		with("d not reduced", 3, new(big.Int).Add(k.D, new(big.Int).Mul(order, new(big.Int).Sub(k.Q, one)))),
		fault{"a tenth number", append(numbers(k), one)},
		fault{"primes side by side", numbers(neighbours(k.P))})
	for _, f := range faults {
		der := inPKCS1(t, f.numbers)
		if soundRSA(der) != nil {
			_, err := x509.ParsePKCS1PrivateKey(der)
			t.Errorf("%s: passes for sound; the library says %v", f.name, err)
		}
	}
	if soundRSA(append(inPKCS1(t, numbers(k)), 0)) != nil {
		t.Error("bytes behind the key")
	}
}

// What passes for sound is what the library takes, with the same public half.
func FuzzRSA(f *testing.F) {
	_, k := newRSA(f, 2048)
	key := numbers(k)
	for i := range key {
		f.Add(i, 0, []byte{1}, false)
		f.Add(i, 300, []byte{0xff, 0}, true)
	}
	f.Fuzz(func(t *testing.T, which, shift int, change []byte, more bool) {
		changed := append([]*big.Int{}, key...)
		at := ((which % len(key)) + len(key)) % len(key)
		delta := new(big.Int).Lsh(new(big.Int).SetBytes(change[:min(len(change), 1024)]), uint(shift&0xfff))
		if more {
			delta.Mul(delta, key[(at+1)%len(key)]) // what is a multiple of another number may well belong together
		}
		changed[at] = new(big.Int).Add(key[at], delta)
		der := inPKCS1(t, changed)
		pub := soundRSA(der)
		if pub == nil {
			return
		}
		want, err := x509.ParsePKCS1PrivateKey(der)
		if err != nil || !pub.Equal(&want.PublicKey) {
			t.Errorf("%s: %v", fmt.Sprint(changed), err)
		}
	})
}
