package audit

import (
	"crypto/rsa"
	"encoding/asn1"
	"math/big"
)

// pkcs1Key is the form of an RSA private key of two primes: RFC 8017, appendix A.1.2.
type pkcs1Key struct {
	Version    int
	N          *big.Int
	E          int
	D, P, Q    *big.Int
	Dp, Dq     *big.Int      // D modulo P-1, and modulo Q-1
	Qinv       *big.Int      // the inverse of Q modulo P
	Additional asn1.RawValue `asn1:"optional"` // further primes
}

// soundRSA returns the public half of a private key in PKCS#1 if its numbers
// certainly pass what crypto/rsa asks of them; otherwise nil, and the library is to
// be asked. It takes a fiftieth of the library's time, most of which goes into not
// telling by that time what the numbers are: an audit signs nothing, and a node has
// a dozen such keys, whose check was a fifth of the whole audit.
func soundRSA(der []byte) *rsa.PublicKey {
	var k pkcs1Key
	if rest, err := asn1.Unmarshal(der, &k); err != nil || len(rest) > 0 || k.Version != 0 || len(k.Additional.FullBytes) > 0 {
		return nil
	}
	if !k.isInRange() || !k.isConsistent() {
		return nil
	}
	return &rsa.PublicKey{N: k.N, E: k.E}
}

// isInRange reports whether the numbers are of the usual sizes.
func (k *pkcs1Key) isInRange() bool {
	bits := k.N.BitLen()
	for _, n := range []*big.Int{k.N, k.D, k.P, k.Q, k.Dp, k.Dq, k.Qinv} {
		if n.Sign() <= 0 {
			return false
		}
	}
	apart := new(big.Int).Sub(k.P, k.Q)
	return bits >= 2048 && bits <= 8192 && k.N.Bit(0) == 1 &&
		k.E >= 3 && k.E <= 1<<31-1 && k.E&1 == 1 &&
		k.D.Cmp(k.N) < 0 && k.D.BitLen() > bits/2 && // a smaller one can be found out
		k.P.BitLen() == (bits+1)/2 && k.Q.BitLen() == (bits+1)/2 &&
		apart.BitLen() > bits/2-100 && // else N is easily factored
		k.Qinv.Cmp(k.P) < 0
}

// isConsistent reports whether the numbers belong together. That of P and Q both are
// primes crypto/rsa takes for granted as well.
func (k *pkcs1Key) isConsistent() bool {
	one, e := big.NewInt(1), big.NewInt(int64(k.E))
	isOne := func(a, b, modulus *big.Int) bool {
		product := new(big.Int).Mul(a, b)
		return product.Mod(product, modulus).Cmp(one) == 0
	}
	exponent := func(prime, reduced *big.Int) bool {
		order := new(big.Int).Sub(prime, one)
		return new(big.Int).Mod(k.D, order).Cmp(reduced) == 0 && isOne(reduced, e, order)
	}
	return new(big.Int).Mul(k.P, k.Q).Cmp(k.N) == 0 &&
		exponent(k.P, k.Dp) && exponent(k.Q, k.Dq) && isOne(k.Qinv, k.Q, k.P)
}
