package bench

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"kube-cert-audit/internal/pkitest"
)

// certificateFiles returns the files of a node that hold a certificate.
func certificateFiles(b *testing.B, root string) []string {
	b.Helper()
	var files []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && slices.Contains([]string{".crt", ".pem"}, filepath.Ext(path)) {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return files
}

// certificates makes a folder of n certificates of one CA, a thousand to a subfolder.
func certificates(b *testing.B, dir string, n int) string {
	b.Helper()
	folder := filepath.Join(dir, fmt.Sprintf("certificates-%d", n))
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	ca, keys := pkitest.NewKey(), make([]crypto.Signer, 16)
	for i := range keys {
		keys[i] = pkitest.NewKey()
	}
	at := time.Now().Truncate(time.Second)
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "benchmark"}, NotBefore: at, NotAfter: at.AddDate(10, 0, 0),
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
	}
	for i := range n {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i) + 2), Subject: pkix.Name{CommonName: fmt.Sprintf("node-%06d", i)},
			DNSNames:  []string{fmt.Sprintf("node-%06d", i), "localhost"},
			NotBefore: at, NotAfter: at.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		}
		write(b, filepath.Join(folder, fmt.Sprintf("%03d", i/1000), fmt.Sprintf("node-%06d.crt", i)), template, authority, keys[i%len(keys)], ca)
	}
	return folder
}

func write(b *testing.B, file string, template, authority *x509.Certificate, key, ca crypto.Signer) {
	b.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, authority, key.Public(), ca)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err == nil {
		err = os.WriteFile(file, pkitest.CertPEM(&x509.Certificate{Raw: der}), 0o644)
	}
	if err != nil {
		b.Fatal(err)
	}
}
