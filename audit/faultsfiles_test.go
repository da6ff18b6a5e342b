package audit

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io/fs"
	"math/big"
	"slices"
	"time"

	"kube-cert-audit/internal/pkitest"
)

func keyFaults() []fault {
	return []fault{
		{name: "foreign key", spec: func(s *pkitest.Spec) { s.Cert("apiserver").WrongKey = pkitest.NewKey() }, want: one("error key-mismatch " + pki + "apiserver.crt")},
		{name: "foreign key in a kubeconfig", spec: func(s *pkitest.Spec) { s.Cert("scheduler").WrongKey = pkitest.NewKey() }, want: one("error key-mismatch " + etc + "scheduler.conf")},
		respelled(),
		{
			name: "certificate of a CA made anew with another key",
			tree: func(t *pkitest.Tree) {
				t.Files[pki+"front-proxy-ca.crt"].Data = madeAgain("front-proxy-ca", pkitest.NewKey())
			},
			want: []string{"error key-mismatch " + pki + "front-proxy-ca.crt", "error untrusted " + pki + "front-proxy-client.crt"},
		},
		{name: "foreign key of a CA", spec: func(s *pkitest.Spec) { s.Cert("etcd-ca").WrongKey = pkitest.NewKey() }, want: one("error key-mismatch " + pki + "etcd/ca.crt")},
		{
			name: "key with a passphrase", tree: func(t *pkitest.Tree) {
				t.Files[pki+"apiserver.key"].Data = []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAg=\n-----END ENCRYPTED PRIVATE KEY-----\n")
			},
			want: one("error key-encrypted " + pki + "apiserver.key"),
		},
		{name: "1024 bits", spec: func(s *pkitest.Spec) { s.Cert("scheduler").Key = rsaKey(1024) }, want: one("warning weak-key " + etc + "scheduler.conf")},
		{
			name: "P-224", spec: func(s *pkitest.Spec) {
				s.Cert("scheduler").Key = must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
			},
			want: one("error weak-key " + etc + "scheduler.conf"),
		},
		{name: "one key for two roles", spec: func(s *pkitest.Spec) {
			s.Cert("scheduler").Key = pkitest.NewKey()
			s.Cert("controller-manager").Key = s.Cert("scheduler").Key
		}, want: one("warning key-reuse " + etc + "controller-manager.conf")},
		{
			name: "token keys that are not all here", spec: func(s *pkitest.Spec) {
				p := s.Pod("kube-apiserver")
				p.Mounts = append(p.Mounts, pkitest.Mount{Name: "more", MountPath: "/more"})
				p.AddFlag("service-account-key-file", "/more/sa.pub")
				s.ServiceAccount.VerificationKeys = append(s.ServiceAccount.VerificationKeys, pkitest.NewKey().Public())
			},
			want: one("info unverifiable /more/sa.pub"),
		},
		{
			name: "tokens signed with another key", spec: func(s *pkitest.Spec) {
				s.ServiceAccount.VerificationKeys = append(s.ServiceAccount.VerificationKeys, pkitest.NewKey().Public())
			},
			want: one("error sa-key-mismatch " + pki + "sa.key"),
		},
		{name: "tokens signed with Ed25519", spec: func(s *pkitest.Spec) { s.ServiceAccount.SigningKey = edKey() }, want: []string{"error unreadable " + pki + "sa.key", "error unreadable " + pki + "sa.pub"}},
		{name: "foreign key of the signing CA", spec: func(s *pkitest.Spec) { s.Cert("ca").WrongKey = pkitest.NewKey() }, want: one("error signer-mismatch " + etc + "manifests/kube-controller-manager.yaml")},
		{
			name: "signing CA that nobody trusts", spec: func(s *pkitest.Spec) {
				s.Pod("kube-controller-manager").SetFlag("cluster-signing-cert-file", pki+"etcd/ca.crt")
				s.Pod("kube-controller-manager").SetFlag("cluster-signing-key-file", pki+"etcd/ca.key")
			},
			want: []string{"error signer-mismatch " + etc + "manifests/kube-controller-manager.yaml", "info common-name " + pki + "etcd/ca.crt"},
		},
	}
}

func mode(path string, m fs.FileMode) func(*pkitest.Tree) {
	return func(t *pkitest.Tree) { t.Files[path].Mode = m }
}

func holds(path, text string) func(*pkitest.Tree) {
	return func(t *pkitest.Tree) { t.Files[path].Data = []byte(text) }
}

// copies makes a copy of a file, an hour later.
func copies(from, to string) func(*pkitest.Tree) {
	return func(t *pkitest.Tree) {
		f := *t.Files[from]
		f.ModTime = f.ModTime.Add(time.Hour)
		t.Files[to] = &f
	}
}

func remove(path string) func(*pkitest.Tree) {
	return func(t *pkitest.Tree) { delete(t.Files, path) }
}

func fileFaults() []fault {
	return []fault{
		{name: "left over", orphans: true, tree: copies(pki+"apiserver.crt", pki+"apiserver.crt.old.pem"), want: one("info orphan " + pki + "apiserver.crt.old.pem")},
		{name: "left-over key", orphans: true, tree: copies(pki+"sa.key", pki+"etcd/sa.key"), want: one("info orphan " + pki + "etcd/sa.key")},
		{
			name: "left-over copy of the same time", orphans: true, want: one("info orphan " + pki + "etcd/sa.key"),
			tree: func(t *pkitest.Tree) {
				f := t.Files[pki+"sa.key"]
				f.ModTime = made()
				t.Files[pki+"etcd/sa.key"] = &pkitest.File{Data: f.Data, Mode: f.Mode, ModTime: f.ModTime}
			},
		},
		{name: "key readable by all", tree: mode(pki+"apiserver.key", 0o644), want: one("error file-permissions " + pki + "apiserver.key")},
		{name: "kubeconfig readable by all", tree: mode(etc+"admin.conf", 0o644), want: one("error file-permissions " + etc + "admin.conf")},
		{name: "certificate writable by all", tree: mode(pki+"ca.crt", 0o666), want: one("error file-permissions " + pki + "ca.crt")},
		{name: "manifest writable by all", tree: mode(etc+"manifests/etcd.yaml", 0o666), want: one("error file-permissions " + etc + "manifests/etcd.yaml")},
		{
			name: "folder writable by all", tree: func(t *pkitest.Tree) { t.Files["/etc/kubernetes/pki"] = &pkitest.File{Mode: fs.ModeDir | 0o777} },
			want: one("error file-permissions /etc/kubernetes/pki"),
		},
		{
			name: "folder of the manifests writable by all", tree: func(t *pkitest.Tree) { t.Files[etc+"manifests"].Mode = fs.ModeDir | 0o777 },
			want: one("error file-permissions /etc/kubernetes/manifests"),
		},
		{name: "flags of the kubelet writable by all", tree: mode(vlk+"kubeadm-flags.env", 0o666), want: one("error file-permissions " + vlk + "kubeadm-flags.env")},
		{
			name: "encryption keys readable by all", spec: setFlag("kube-apiserver", "encryption-provider-config", pki+"encryption.yaml"),
			tree: func(t *pkitest.Tree) {
				t.Files[pki+"encryption.yaml"] = &pkitest.File{Data: []byte("kind: EncryptionConfiguration\n"), Mode: 0o644}
			},
			want: one("error file-permissions " + pki + "encryption.yaml"),
		},
		{name: "missing certificate", tree: remove(pki + "apiserver.crt"), want: one("error unreadable " + pki + "apiserver.crt")},
		{name: "missing key", tree: remove(pki + "apiserver.key"), want: one("error unreadable " + pki + "apiserver.key")},
		{name: "missing CA", tree: remove(pki + "front-proxy-ca.crt"), want: one("error unreadable " + pki + "front-proxy-ca.crt")},
		{name: "empty certificate", tree: holds(pki+"apiserver.crt", ""), want: one("error unreadable " + pki + "apiserver.crt")},
		{name: "no PEM", tree: holds(pki+"apiserver.crt", "hello\n"), want: one("error unreadable " + pki + "apiserver.crt")},
		{name: "cut off", tree: func(t *pkitest.Tree) { f := t.Files[pki+"apiserver.crt"]; f.Data = f.Data[:len(f.Data)/2] }, want: one("error unreadable " + pki + "apiserver.crt")},
		{
			name: "switched", tree: func(t *pkitest.Tree) {
				cert, key := t.Files[pki+"apiserver.crt"], t.Files[pki+"apiserver.key"]
				cert.Data, key.Data = key.Data, cert.Data
				cert.Mode = 0o600
			},
			want: []string{"error unreadable " + pki + "apiserver.crt", "error unreadable " + pki + "apiserver.key"},
		},
		{
			name: "bad block in a CA file", tree: func(t *pkitest.Tree) {
				t.Files[pki+"front-proxy-ca.crt"].Data = append(t.Files[pki+"front-proxy-ca.crt"].Data, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"...)
			},
			want: one("error unreadable " + pki + "front-proxy-ca.crt"),
		},
		{
			name: "a revocation list in a CA file, which nobody reads", tree: func(t *pkitest.Tree) {
				t.Files[pki+"front-proxy-ca.crt"].Data = append(t.Files[pki+"front-proxy-ca.crt"].Data, "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"...)
			},
		},
		{
			name: "in a Secret volume", spec: func(s *pkitest.Spec) {
				p := s.Pod("kube-apiserver")
				p.Mounts = append(p.Mounts, pkitest.Mount{Name: "front-proxy", MountPath: "/front-proxy"})
				p.SetFlag("requestheader-client-ca-file", "/front-proxy/ca.crt")
			},
			want: one("info unverifiable /front-proxy/ca.crt"),
		},
	}
}

// respelled has a CA file made anew by another tool: of the same name and key, but as
// another type of string, which no verification takes for the same name.
func respelled() fault {
	const name = "front-proxy-ca"
	key := pkitest.NewKey()
	return fault{
		name: "CA whose name is of another type of string",
		spec: func(s *pkitest.Spec) { s.Cert(name).Key = key },
		tree: func(t *pkitest.Tree) {
			t.Files[pki+name+".crt"].Data = madeAgain(asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: []byte(name)}, key)
		},
		want: one("error untrusted " + pki + "front-proxy-client.crt"),
	}
}

// madeAgain returns the file of a CA of a name and a key.
func madeAgain(name any, key crypto.Signer) []byte {
	commonName := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: name}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), RawSubject: must(asn1.Marshal(pkix.RDNSequence{{commonName}})),
		NotBefore: at().Add(-day), NotAfter: at().Add(3000 * day),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func setFlag(pod, name, value string) func(*pkitest.Spec) {
	return func(s *pkitest.Spec) { s.Pod(pod).SetFlag(name, value) }
}

func noFlag(pod, name string) func(*pkitest.Spec) {
	return func(s *pkitest.Spec) { s.Pod(pod).RemoveFlag(name) }
}

func configurationFaults() []fault {
	const (
		api     = etc + "manifests/kube-apiserver.yaml"
		etcd    = etc + "manifests/etcd.yaml"
		manager = etc + "manifests/kube-controller-manager.yaml"
	)
	return []fault{
		{
			name: "backup among the manifests", tree: func(t *pkitest.Tree) { f := *t.Files[etcd]; t.Files[etcd+".bak"] = &f },
			want: one("error duplicate-manifest " + etcd + ".bak"),
		},
		{
			name: "flag given twice", spec: func(s *pkitest.Spec) {
				p := s.Pod("kube-apiserver")
				p.Command = slices.Insert(p.Command, 1, "--tls-cert-file=/old/apiserver.crt")
			},
			want: one("warning duplicate-flag " + api),
		},
		{name: "no client CA", spec: noFlag("kube-apiserver", "client-ca-file"), want: []string{"error argument-missing " + api}},
		{name: "no etcd CA", spec: noFlag("kube-apiserver", "etcd-cafile"), want: one("error argument-missing " + api)},
		{name: "no service-account keys", spec: noFlag("kube-apiserver", "service-account-key-file"), want: one("warning argument-missing " + api)},
		{
			name: "no kubelet client", spec: func(s *pkitest.Spec) {
				s.Pod("kube-apiserver").RemoveFlag("kubelet-client-certificate")
				s.Pod("kube-apiserver").RemoveFlag("kubelet-client-key")
			},
			want: one("error argument-missing " + api),
		},
		{
			name: "etcd that asks for no certificates", spec: both(noFlag("etcd", "trusted-ca-file"), noFlag("etcd", "client-cert-auth")),
			want: one("error client-auth-disabled " + etcd),
		},
		{
			name: "etcd that asks its peers for none", spec: both(noFlag("etcd", "peer-trusted-ca-file"), setFlag("etcd", "peer-client-cert-auth", "false")),
			want: one("error client-auth-disabled " + etcd),
		},
		{name: "etcd that asks for certificates of nobody", spec: noFlag("etcd", "trusted-ca-file"), want: one("error argument-missing " + etcd)},
		{name: "etcd by another plain listener", spec: setFlag("etcd", "listen-client-http-urls", "http://0.0.0.0:2382"), want: one("error client-auth-disabled " + etcd)},
		{name: "etcd peers of other names", spec: setFlag("etcd", "peer-cert-allowed-cn", "etcd-peer"), want: one("error requestheader-names " + pki + "etcd/peer.crt")},
		{name: "certificate without key", spec: noFlag("kube-apiserver", "tls-private-key-file"), want: one("error argument-missing " + api)},
		{name: "key without certificate", spec: noFlag("etcd", "peer-cert-file"), want: one("error argument-missing " + etcd)},
		{name: "signing certificate without key", spec: noFlag("kube-controller-manager", "cluster-signing-key-file"), want: one("error argument-missing " + manager)},
		{
			name: "API server unknown to etcd", spec: both(noFlag("kube-apiserver", "etcd-certfile"), noFlag("kube-apiserver", "etcd-keyfile")),
			want: one("error argument-missing " + api),
		},
		{
			name: "front proxy without a certificate", spec: both(noFlag("kube-apiserver", "proxy-client-cert-file"), noFlag("kube-apiserver", "proxy-client-key-file")),
			want: one("warning argument-missing " + api),
		},
		{
			name: "two ways to sign", spec: both(setFlag("kube-controller-manager", "cluster-signing-kubelet-client-cert-file", pki+"ca.crt"),
				setFlag("kube-controller-manager", "cluster-signing-kubelet-client-key-file", pki+"ca.key")),
			want: one("error argument-missing " + manager),
		},
		{name: "kubeconfig without a server", spec: func(s *pkitest.Spec) { s.Kubeconfig("scheduler.conf").Server = "" }, want: one("error argument-missing " + etc + "scheduler.conf")},
		{name: "kubeconfig without credentials", spec: func(s *pkitest.Spec) { s.Kubeconfig("scheduler.conf").Cert = "" }, want: one("error argument-missing " + etc + "scheduler.conf")},
		{
			name: "kubeconfig without a current context", tree: func(t *pkitest.Tree) {
				f := t.Files[etc+"scheduler.conf"]
				f.Data = bytes.ReplaceAll(f.Data, []byte("current-context:"), []byte("former-context:"))
			},
			want: one("error argument-missing " + etc + "scheduler.conf"),
		},
		{
			name: "etcd by plain HTTP", spec: func(s *pkitest.Spec) {
				s.Pod("etcd").SetFlag("listen-client-urls", "https://127.0.0.1:2379,http://192.0.2.11:2379")
			},
			want: one("error client-auth-disabled " + etcd),
		},
		{name: "client-cert-auth off, with a CA", spec: setFlag("etcd", "client-cert-auth", "false")},
		{name: "insecure port", spec: setFlag("kube-apiserver", "insecure-port", "8080"), want: one("error client-auth-disabled " + api)},
		{
			name: "kubeconfig that skips verification", spec: func(s *pkitest.Spec) {
				k := s.Kubeconfig("scheduler.conf")
				k.Insecure, k.CA = true, ""
			},
			want: one("warning tls-verify-disabled " + etc + "scheduler.conf"),
		},
		{
			name: "verified kubelet that signed its certificate itself", base: pkitest.Kubeadm,
			spec: setFlag("kube-apiserver", "kubelet-certificate-authority", pki+"ca.crt"),
			want: []string{"error untrusted /var/lib/kubelet/pki/kubelet.crt", "info unverifiable " + pki + "apiserver-kubelet-client.crt"},
		},
		{name: "unverified kubelets", spec: noFlag("kube-apiserver", "kubelet-certificate-authority"), want: one("info tls-verify-disabled " + api)},
		{name: "front proxy of another name", spec: setFlag("kube-apiserver", "requestheader-allowed-names", "aggregator"), want: one("error requestheader-names " + pki + "front-proxy-client.crt")},
		{name: "any front proxy", spec: setFlag("kube-apiserver", "requestheader-allowed-names", "")},
		{
			name: "etcd trusts the cluster CA too", spec: func(s *pkitest.Spec) { s.Cert("etcd-ca").Chain = []string{"ca"} },
			want: one("warning shared-ca " + etcd),
		},
		{
			name: "front proxy of the client CA", spec: func(s *pkitest.Spec) {
				s.Pod("kube-apiserver").SetFlag("requestheader-client-ca-file", pki+"ca.crt")
				s.Pod("kube-controller-manager").SetFlag("requestheader-client-ca-file", pki+"ca.crt")
				s.Cert("front-proxy-client").Issuer = "ca"
				s.RemoveCert("front-proxy-ca")
			},
			want: []string{"warning shared-ca " + api, "info common-name " + pki + "ca.crt"},
		},
		{
			name: "two certificates to sign with", spec: func(s *pkitest.Spec) {
				old := *template(s, "ca")
				s.Certificates = append(s.Certificates, &pkitest.Certificate{Name: "old-ca", Template: &old})
				s.Cert("ca").Chain = []string{"old-ca"}
			},
			want: []string{"error signer-mismatch " + manager},
		},
	}
}

func kubeletFaults() []fault {
	const link = vlk + "pki/kubelet-client-current.pem"
	return []fault{
		{name: "dangling link", tree: remove(vlk + "pki/kubelet-client-2026-11-24-10-20-30.pem"), want: one("error rotation " + link)},
		{
			name: "plain file for a link", tree: func(t *pkitest.Tree) { t.Files[link] = t.Files[t.Files[link].Link] },
			want: one("warning rotation " + link),
		},
		{
			name: "certificate in kubelet.conf", spec: func(s *pkitest.Spec) {
				k := s.Kubeconfig("kubelet.conf")
				k.CertPath, k.KeyPath, k.Cert = "", "", "kubelet-client"
			},
			want: one("warning rotation " + etc + "kubelet.conf"),
		},
		{name: "overdue", spec: ends("kubelet-client", 30*day), want: one("warning rotation " + link)},
		{name: "long overdue", spec: ends("kubelet-client", 3*day), want: one("error rotation " + link)},
		{name: "in time", spec: ends("kubelet-client", 60*day)},
		{name: "no serving certificate", tree: remove(vlk + "pki/kubelet-server-current.pem"), want: one("warning rotation " + link)},
		{
			name: "rotation off", spec: func(s *pkitest.Spec) {
				s.Kubelet.Config["rotateCertificates"] = false
				ends("kubelet-client", 20*day)(s)
			},
			want: one("warning expires-soon " + link),
		},
	}
}
