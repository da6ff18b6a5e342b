package main

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"kube-cert-audit/internal/pkitest"
)

// fakeNode is the variable by which the stand-ins below learn where the node lies.
const fakeNode = "FAKE_NODE"

// installer stands in for kubeadm: it does what plans ask of it as kubeadm would,
// with the CAs that lie in the folder of certificates.
type installer struct {
	root  string
	flags map[string]string
}

// fakeKubeadm is the program kubeadm of the tests.
func fakeKubeadm() {
	k := &installer{root: os.Getenv(fakeNode), flags: map[string]string{}}
	var words []string
	for i := 1; i < len(os.Args); i++ {
		name, value, hasValue := strings.Cut(os.Args[i], "=")
		switch {
		case !strings.HasPrefix(name, "--"):
			words = append(words, name)
			continue
		case !hasValue:
			i++
			value = os.Args[i]
		}
		k.flags[name] = value
	}
	if err := k.run(words); err != nil {
		fmt.Fprintln(os.Stderr, "kubeadm:", err)
		os.Exit(1)
	}
}

func (k *installer) run(words []string) error {
	switch command, name := strings.Join(words[:len(words)-1], " "), words[len(words)-1]; command {
	case "certs renew":
		if strings.HasSuffix(name, ".conf") {
			return k.renewConf(k.root + "/etc/kubernetes/" + name)
		}
		return k.renewCertificate(name)
	case "init phase certs":
		return k.initCertificate(name)
	case "init phase kubeconfig":
		return k.initConf(name)
	}
	return fmt.Errorf("unknown command %q", words)
}

// pkiFile returns where kubeadm has the file of a certificate, and of its CA.
func (k *installer) pkiFile(name string) (file, ca string) {
	dir := k.root + "/etc/kubernetes/pki"
	if given := k.flags["--cert-dir"]; given != "" {
		dir = given
	}
	inEtcd, isEtcd := strings.CutPrefix(name, "etcd-")
	switch {
	case isEtcd:
		return dir + "/etcd/" + inEtcd, dir + "/etcd/ca"
	case name == "apiserver-etcd-client":
		return dir + "/" + name, dir + "/etcd/ca"
	case name == "front-proxy-client":
		return dir + "/" + name, dir + "/front-proxy-ca"
	}
	return dir + "/" + name, dir + "/ca"
}

func (k *installer) renewCertificate(name string) error {
	file, ca := k.pkiFile(name)
	old, err := readCertificate(file + ".crt")
	if err != nil {
		return err
	}
	return writePair(file, ca, again(old))
}

// again returns what kubeadm copies of a certificate into the next one.
func again(old *x509.Certificate) *x509.Certificate {
	return &x509.Certificate{
		Subject:  pkix.Name{CommonName: old.Subject.CommonName, Organization: old.Subject.Organization},
		DNSNames: old.DNSNames, IPAddresses: old.IPAddresses, ExtKeyUsage: old.ExtKeyUsage,
	}
}

func (k *installer) initCertificate(name string) error {
	file, ca := k.pkiFile(name)
	for _, half := range []string{".crt", ".key"} {
		if _, err := os.Lstat(file + half); err == nil {
			return fmt.Errorf("%s%s exists", file, half)
		}
	}
	template := &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	template.Subject.CommonName = "kube-" + name
	switch name {
	case "front-proxy-client":
		template.Subject.CommonName = name
	case "apiserver":
		template.ExtKeyUsage[0] = x509.ExtKeyUsageServerAuth
		k.addNames(template)
	case "etcd-server", "etcd-peer":
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
		if err := k.addEtcdNames(template); err != nil {
			return err
		}
	}
	return writePair(file, ca, template)
}

// addNames gives the API server's certificate the names that the flags tell.
func (k *installer) addNames(template *x509.Certificate) {
	endpoint, _, _ := net.SplitHostPort(k.flags["--control-plane-endpoint"])
	_, services, err := net.ParseCIDR(k.flags["--service-cidr"])
	if err != nil {
		panic(err)
	}
	services.IP[len(services.IP)-1]++
	domain := "kubernetes.default.svc." + k.flags["--service-dns-domain"]
	names := []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc", domain, k.flags["--apiserver-advertise-address"], endpoint, services.IP.String()}
	addHosts(template, append(names, strings.Split(k.flags["--apiserver-cert-extra-sans"], ",")...))
}

// addEtcdNames gives a certificate of etcd the names that the configuration tells.
func (k *installer) addEtcdNames(template *x509.Certificate) error {
	text, err := os.ReadFile(k.flags["--config"])
	if err != nil {
		return err
	}
	field := func(pattern string) string {
		m := regexp.MustCompile(pattern).FindSubmatch(text)
		if m == nil {
			return ""
		}
		return string(m[1])
	}
	node := field(`name: "([^"]+)"`)
	template.Subject.CommonName = node
	extra := strings.FieldsFunc(field(`CertSANs: \[([^]]*)\]`), func(r rune) bool { return strings.ContainsRune(`", `, r) })
	addHosts(template, append([]string{node, "localhost", "127.0.0.1", "::1", field(`advertiseAddress: "([^"]+)"`)}, extra...))
	return nil
}

func addHosts(template *x509.Certificate, names []string) {
	for _, name := range slices.DeleteFunc(names, func(n string) bool { return n == "" }) {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
}

// initConf makes a kubeconfig that is not there.
func (k *installer) initConf(name string) error {
	file := k.root + "/etc/kubernetes/" + name + ".conf"
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s exists", file)
	}
	subject := map[string]pkix.Name{
		"admin":              {CommonName: "kubernetes-admin", Organization: []string{"kubeadm:cluster-admins"}},
		"super-admin":        {CommonName: "kubernetes-super-admin", Organization: []string{"system:masters"}},
		"controller-manager": {CommonName: "system:kube-controller-manager"},
		"scheduler":          {CommonName: "system:kube-scheduler"},
		"kubelet":            {CommonName: "system:node:" + k.flags["--node-name"], Organization: []string{"system:nodes"}},
	}[name]
	_, ca := k.pkiFile("")
	trusted, err := os.ReadFile(ca + ".crt")
	if err != nil {
		return err
	}
	crt, key, err := signed(ca, &x509.Certificate{Subject: subject, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		return err
	}
	server := k.flags["--control-plane-endpoint"]
	if server == "" {
		server = k.flags["--apiserver-advertise-address"] + ":6443"
	}
	text := fmt.Sprintf("apiVersion: v1\nkind: Config\nclusters:\n- name: kubernetes\n  cluster:\n    server: https://%[1]s\n    certificate-authority-data: %[2]s\n"+
		"contexts:\n- name: %[3]s@kubernetes\n  context: {cluster: kubernetes, user: '%[3]s'}\ncurrent-context: %[3]s@kubernetes\n"+
		"users:\n- name: %[3]s\n  user:\n    client-certificate-data: %[4]s\n    client-key-data: %[5]s\n", server, encoded(trusted), subject.CommonName, encoded(crt), encoded(key))
	return os.WriteFile(file, []byte(text), 0o600)
}

// renewConf renews the certificate in a kubeconfig.
func (k *installer) renewConf(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	old, err := x509.ParseCertificate(dataOf(text, "client-certificate-data"))
	if err != nil {
		return err
	}
	_, ca := k.pkiFile("")
	crt, key, err := signed(ca, again(old))
	if err != nil {
		return err
	}
	for field, data := range map[string][]byte{"client-certificate-data": crt, "client-key-data": key} {
		text = regexp.MustCompile(field+": .*").ReplaceAllLiteral(text, []byte(field+": "+encoded(data)))
	}
	return os.WriteFile(file, text, 0o600)
}

func encoded(data []byte) string { return base64.StdEncoding.EncodeToString(data) }

// dataOf returns the first PEM block in a field of a kubeconfig; nil where it has none.
func dataOf(kubeconfig []byte, field string) []byte {
	_, rest, _ := bytes.Cut(kubeconfig, []byte(field+": "))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	text, err := base64.StdEncoding.DecodeString(string(line))
	block, _ := pem.Decode(text)
	if err != nil || block == nil {
		return nil
	}
	return block.Bytes
}

func readCertificate(file string) (*x509.Certificate, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New(file + " holds no PEM block")
	}
	return x509.ParseCertificate(block.Bytes)
}

func writePair(file, ca string, template *x509.Certificate) error {
	crt, key, err := signed(ca, template)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(file+".crt", crt, 0o644), os.WriteFile(file+".key", key, 0o600))
}

// signed issues a certificate of a CA for a new key, both in PEM.
func signed(ca string, template *x509.Certificate) (crt, key []byte, err error) {
	issuer, err := readCertificate(ca + ".crt")
	if err != nil {
		return nil, nil, err
	}
	text, err := os.ReadFile(ca + ".key")
	if err != nil {
		return nil, nil, err
	}
	block, _ := pem.Decode(text)
	signer, err := parseKey(block)
	if err != nil {
		return nil, nil, err
	}
	template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	if err != nil {
		return nil, nil, err
	}
	template.NotBefore, template.NotAfter = now().Add(-5*time.Minute), now().AddDate(1, 0, 0)
	template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
	own := pkitest.NewKey()
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, own.Public(), signer)
	if err != nil {
		return nil, nil, err
	}
	key, err = pkitest.KeyPEM(own)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), key, err
}

func parseKey(block *pem.Block) (crypto.Signer, error) {
	if block == nil {
		return nil, errors.New("the key of the CA is not in PEM")
	}
	if key, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	return key.(crypto.Signer), nil
}

// fakeSystemctl stands in for systemd and for the kubelet that it starts: that one
// takes the pair of its kubeconfig for its own, where it has none.
func fakeSystemctl() {
	root := os.Getenv(fakeNode)
	dir := root + "/var/lib/kubelet/pki/"
	conf, err := os.ReadFile(root + "/etc/kubernetes/kubelet.conf")
	crt, key := dataOf(conf, "client-certificate-data"), dataOf(conf, "client-key-data")
	_, missing := os.Stat(dir + "kubelet-client-current.pem")
	if err != nil || crt == nil || key == nil || missing == nil || !slices.Equal(os.Args[1:], []string{"restart", "kubelet"}) {
		return
	}
	pair := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: crt}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: key})...)
	name := "kubelet-client-" + now().Format("2006-01-02-15-04-05") + ".pem"
	if err := errors.Join(os.WriteFile(filepath.Join(dir, name), pair, 0o600), os.Symlink(name, dir+"kubelet-client-current.pem")); err != nil {
		panic(err)
	}
}
