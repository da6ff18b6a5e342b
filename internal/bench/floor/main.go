// Floor is the least that any program of this kind does: it reads files and
// parses the certificates in them. The benchmark holds kube-cert-audit against it.
//
//	floor PATH…    files, or folders of them
package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

func main() {
	count := 0
	for _, root := range os.Args[1:] {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			count += certificates(data)
			return err
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	fmt.Println(count)
}

// certificates returns the number of certificates in a file that parse.
func certificates(data []byte) int {
	count := 0
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		if _, err := x509.ParseCertificate(block.Bytes); err == nil {
			count++
		}
	}
	return count
}
