package report

import (
	"strings"
	"time"

	"kube-cert-audit/audit"
	"kube-cert-audit/manifests"
	"kube-cert-audit/rules"
)

const pki = "/etc/kubernetes/pki/"

// The texts of the fixture that somebody hostile wrote.
var (
	hostileName    = "x\x1b[2J\x1b[31mok\nERROR  forged\u202egnp.exe\u200b\u00ad\x7f\u0085\U000e0041\u2028end"
	hostileFormula = `=cmd|' /C calc'!A0`
	hostileBytes   = "cut\xff\xfeoff"
	hostilePath    = pki + strings.Repeat("a-rather-long-folder/", 10) + strings.Repeat("n", 60) + "/" + hostileName + ".crt"
)

func at() time.Time { return time.Date(2026, 12, 15, 0, 0, 0, 0, time.UTC) }

// fixture returns the one report that all golden files show.
func fixture() *audit.Report {
	return &audit.Report{
		APIVersion:   audit.APIVersion,
		Kind:         audit.Kind,
		At:           at(),
		Root:         "/",
		Node:         audit.Node{Name: "cp-1", Layout: "kubeadm", Evidence: "/var/lib/kubelet/kubeadm-flags.env", Version: "v1.37.2"},
		Coverage:     audit.Coverage{References: 41, Examined: 38, Unreadable: 1, Unverifiable: 2},
		Summary:      fixtureSummary(),
		Certificates: append(fixtureCertificates(), hostileCertificates()...),
		Keys:         fixtureKeys(),
		Connections:  fixtureConnections(),
		Findings:     fixtureFindings(),
		Waived:       fixtureWaived(),
	}
}

func fixtureSummary() audit.Summary {
	return audit.Summary{
		Certificates: 10, Keys: 4, Connections: 3, Error: 2, Warning: 1, Info: 2, Waived: 2,
		FirstExpiry: &audit.FirstExpiry{
			Component: "kubelet", Path: "/var/lib/kubelet/pki/kubelet-client-current.pem",
			NotAfter: at().Add(-3 * 24 * time.Hour), SecondsLeft: -3 * 24 * 3600,
		},
	}
}

// certificate returns a healthy server certificate of the cluster's CA.
func certificate(component, kind, path, name string, left time.Duration) audit.Certificate {
	from := manifest(component, 42, "--tls-cert-file")
	return audit.Certificate{
		Component: component, Type: kind, Requirement: name, Path: path, Source: from,
		References:   []audit.Reference{{Component: component, Source: from}},
		Subject:      audit.Name{CommonName: name},
		Issuer:       audit.Name{CommonName: "kubernetes"},
		SerialNumber: "6723849571203948571",
		NotBefore:    at().Add(left - 365*24*time.Hour), NotAfter: at().Add(left), SecondsLeft: int64(left / time.Second),
		KeyAlgorithm: "RSA-2048", SignatureAlgorithm: "SHA256-RSA",
		KeyUsages:         []string{"digitalSignature", "keyEncipherment"},
		ExtKeyUsages:      []string{"serverAuth"},
		FingerprintSHA256: strings.Repeat("9f86d081884c7d65", 4),
		PublicKeySHA256:   strings.Repeat("2c26b46b68ffc68f", 4),
		Status:            rules.OK,
	}
}

func manifest(component string, line int, argument string) manifests.Source {
	return manifests.Source{File: "/etc/kubernetes/manifests/" + component + ".yaml", Line: line, Argument: argument}
}

func fixtureCertificates() []audit.Certificate {
	const days = 24 * time.Hour
	ca := certificate("kube-apiserver", "CA", pki+"ca.crt", "kubernetes", 3558*days)
	ca.IsCA, ca.KeyUsages, ca.ExtKeyUsages = true, []string{"digitalSignature", "keyEncipherment", "keyCertSign"}, nil
	ca.References = append(ca.References, audit.Reference{
		Component: "kube-controller-manager", Source: manifest("kube-controller-manager", 17, "--client-ca-file"),
	})

	server := certificate("kube-apiserver", "Server", pki+"apiserver.crt", "kube-apiserver", 343*days+5*time.Hour)
	server.DNSNames = []string{
		"cp-1", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
	}
	server.IPAddresses = []string{"10.96.0.1", "192.168.1.10", "fd00:10:96::1", "2001:db8:85a3:8d3:1319:8a2e:370:7348"}
	server.Status = "error"

	etcd := certificate("etcd", "Server", pki+"etcd/server.crt", "cp-1", 18*time.Hour)
	etcd.DNSNames, etcd.IPAddresses = []string{"cp-1", "localhost"}, []string{"192.168.1.10", "127.0.0.1", "::1"}
	etcd.Issuer, etcd.Status = audit.Name{CommonName: "etcd-ca"}, "warning"

	admin := certificate("kubectl", "Client (Admin)", "/etc/kubernetes/admin.conf", "kubernetes-admin", 12*time.Minute)
	admin.Embedded = "user kubernetes-admin"
	admin.Subject.Organizations = []string{"kubeadm:cluster-admins", "Platform, Team 7"}
	admin.Subject.OrganizationalUnits = []string{"system:masters"}
	admin.Source = manifests.Source{File: "/etc/kubernetes/admin.conf"}
	admin.References, admin.ExtKeyUsages = nil, []string{"clientAuth"}

	kubelet := certificate("kubelet", "Client (Kubelet)", "/var/lib/kubelet/pki/kubelet-client-current.pem", "system:node:cp-1", -3*days)
	kubelet.Subject.Organizations, kubelet.Status = []string{"system:nodes"}, "error"
	kubelet.Position = 1

	return []audit.Certificate{ca, server, etcd, admin, kubelet}
}

func hostileCertificates() []audit.Certificate {
	const days = 24 * time.Hour
	noName := certificate("kube-apiserver", "Client (Etcd)", pki+"apiserver-etcd-client.crt", "", 5*days)
	noName.Issuer = audit.Name{
		Organizations: []string{"Public Authority"}, OrganizationalUnits: []string{"Web"},
		Country: "US", Province: "Oregon", Locality: `Portland "PDX" \n`,
	}

	escape := certificate("kube-apiserver", "Server", hostilePath, hostileName, 700*days)
	escape.DNSNames = []string{hostileName, hostileFormula, strings.Repeat("l", 250) + ".example.com"}

	formula := certificate("kube-scheduler", "Client", "/etc/kubernetes/scheduler.conf", hostileFormula, 30*time.Second)
	formula.Subject.Organizations = []string{"@SUM(1+1)", `says "no", twice`}

	bytes := certificate("kube-controller-manager", "Client", "/etc/kubernetes/controller-manager.conf", hostileBytes, 800*days)
	bytes.Subject.Organizations = []string{"证书颁发机构有限公司", "a  ok", " padded "}
	bytes.Issuer.CommonName = "認証局 <テスト> & 'Söhne'"
	bytes.Status = "info"

	never := certificate("kube-apiserver", "CA (Front Proxy)", pki+"front-proxy-ca.crt", "front-proxy-ca", 0)
	never.NotAfter = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	never.SecondsLeft = int64(never.NotAfter.Unix() - at().Unix())
	never.IsCA = true
	return []audit.Certificate{noName, escape, formula, bytes, never}
}

func fixtureKeys() []audit.Key {
	return []audit.Key{
		{
			Component: "kube-apiserver", Type: "Private Key", Path: pki + "apiserver.key",
			Source:    manifest("kube-apiserver", 43, "--tls-private-key-file"),
			Algorithm: "RSA", Bits: 2048, Private: true, Mode: "0600", Certificate: pki + "apiserver.crt",
			PublicKeySHA256: strings.Repeat("2c26b46b68ffc68f", 4), Status: rules.OK,
		},
		{
			Component: "kube-apiserver", Type: "Public Key", Path: pki + "sa.pub",
			Source:    manifest("kube-apiserver", 40, "--service-account-key-file"),
			Algorithm: "ECDSA", Bits: 256, Mode: "0644", Status: "info",
		},
		{
			Component: "kubectl", Type: "Private Key", Path: "/etc/kubernetes/admin.conf", Embedded: "user kubernetes-admin",
			Source: manifests.Source{File: "/etc/kubernetes/admin.conf"}, Algorithm: "Ed25519", Bits: 256, Private: true,
			Mode: "0644", Certificate: "/etc/kubernetes/admin.conf", Status: "error",
		},
		{Component: "etcd", Type: "Private Key", Path: hostilePath, Private: true, Mode: "0600", Status: "error"},
	}
}

func fixtureConnections() []audit.Connection {
	etcd := audit.Endpoint{Component: "etcd", Path: pki + "etcd/server.crt", Source: manifest("etcd", 18, "--cert-file")}
	api := audit.Endpoint{
		Component: "kube-apiserver", Path: pki + "etcd/ca.crt", Source: manifest("kube-apiserver", 22, "--etcd-cafile"),
	}
	return []audit.Connection{
		{Name: "apiserver-to-etcd", Presenter: etcd, Verifier: api, Usage: "server", ServerName: "127.0.0.1", Outcome: audit.Succeeds, Status: rules.OK},
		{
			Name: "kubelet-to-apiserver", Usage: "client", Outcome: audit.Fails, Status: "error",
			Presenter: audit.Endpoint{Component: "kubelet", Path: "/var/lib/kubelet/pki/kubelet-client-current.pem"},
			Verifier:  audit.Endpoint{Component: "kube-apiserver", Path: pki + "ca.crt"},
			Reason:    "certificate expired 3d ago",
		},
		{
			Name: "hostile", Presenter: audit.Endpoint{Component: "etcd", Path: hostilePath}, Usage: "server",
			Verifier: audit.Endpoint{Component: "kube-apiserver"}, ServerName: hostileName, Outcome: audit.Unknown, Status: "info",
			Reason: "the CA is in a Secret volume",
		},
	}
}

func fixtureWaived() []audit.Waived {
	waiver := func(line int, reason string) audit.Waiver {
		return audit.Waiver{Reason: reason, Expires: "2027-01-31", Source: manifests.Source{File: "rules.yaml", Line: line}}
	}
	return []audit.Waived{
		{
			Finding: audit.Finding{
				Check: "key-mismatch", Severity: rules.Error, Component: "kube-apiserver", Path: pki + "front-proxy-client.crt",
				Source:  manifest("kube-apiserver", 48, "--proxy-client-cert-file"),
				Message: "certificate and private key do not belong together", Impact: "metrics and other extensions of the API fail", Fix: "kubeadm certs renew front-proxy-client",
			},
			Waiver: waiver(3, "the aggregation layer is not in use before the move to the new data centre in January"),
		},
		{
			Finding: audit.Finding{Check: "duplicate-serial", Severity: rules.Warning, Path: hostilePath, Message: "of " + hostileName},
			Waiver:  waiver(9, hostileName),
		},
	}
}

// hostileFix is a command with a name that no rule would leave unquoted like that.
func hostileFix() string { return "mv '" + strings.ReplaceAll(hostileName, "\n", "") + "' /root/" }

func fixtureFindings() []audit.Finding {
	return []audit.Finding{
		{
			Check: "expired", Severity: rules.Error, Component: "kubelet",
			Path:   "/var/lib/kubelet/pki/kubelet-client-current.pem",
			Source: manifests.Source{File: "/etc/kubernetes/kubelet.conf", Line: 19, Argument: "users[0].user.client-certificate"},
			Message: "the certificate expired at 2026-12-12T00:00:00Z, 3 days before the audit, " +
				"and the kubelet has not rotated it",
			Impact: "the API server refuses the kubelet of cp-1: the node turns NotReady, no pod starts or stops on it",
			Fix: "rm /var/lib/kubelet/pki/kubelet-client-*.pem\n" +
				"kubeadm kubeconfig user --org system:nodes --client-name system:node:cp-1 > /etc/kubernetes/kubelet.conf\n" +
				"systemctl restart kubelet",
			Steps: []rules.Step{
				{Phase: rules.PhaseIssue, Files: []string{"/etc/kubernetes/kubelet.conf"}, Commands: "rm /var/lib/kubelet/pki/kubelet-client-*.pem\n" +
					"kubeadm kubeconfig user --org system:nodes --client-name system:node:cp-1 > /etc/kubernetes/kubelet.conf"},
				{Phase: rules.PhaseRestart, Component: "kubelet", Commands: "systemctl restart kubelet"},
			},
		},
		{
			Check: "untrusted", Severity: rules.Error, Component: "kube-apiserver", Path: hostilePath,
			Source:  manifest("kube-apiserver", 42, "--tls-cert-file"),
			Message: "the certificate of " + hostileName + " does not verify", Impact: "nobody reaches it: " + hostileBytes,
			Fix:   hostileFix(),
			Steps: []rules.Step{{Phase: rules.PhaseIssue, Files: []string{hostilePath}, Commands: hostileFix()}},
		},
		{
			Check: "duplicate-manifest", Severity: rules.Warning, Component: "", Path: "",
			Source:  manifests.Source{File: "/etc/kubernetes/manifests/kube-apiserver.yaml.bak"},
			Message: "two files define the pod kube-apiserver", Impact: "which of them runs is chance",
			Fix: "mv /etc/kubernetes/manifests/kube-apiserver.yaml.bak /root/",
			Steps: []rules.Step{{
				Phase: rules.PhaseRemove, Files: []string{"/etc/kubernetes/manifests/kube-apiserver.yaml.bak"},
				Commands: "mv /etc/kubernetes/manifests/kube-apiserver.yaml.bak /root/",
			}},
		},
		{
			Check: "unverifiable", Severity: rules.Info, Component: "kube-controller-manager", Path: "/etc/ssl/certs",
			Source:  manifest("kube-controller-manager", 60, "--root-ca-file"),
			Message: "the folder is part of the image: its certificates cannot be judged from here",
		},
		{
			Check: "common-name", Severity: rules.Info, Component: "etcd", Path: pki + "etcd/server.crt",
			Source:  manifests.Source{File: pki + "etcd/server.crt"},
			Message: "the name is cp-1, the documents say kube-etcd", Impact: "none: etcd reads no name of a server",
		},
	}
}
