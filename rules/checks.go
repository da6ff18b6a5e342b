package rules

// Checks returns all checks, in the order of the report. Not among them, since
// no requirement of the Kubernetes documents or of X.509 states them: long
// validity, a CA without cRLSign or with subject alternative names, the
// algorithm of a key beyond its strength.
func Checks() []Check {
	both := []Severity{Error, Warning}
	return []Check{
		{
			ID: "expired", Title: "the end of the certificate has passed",
			Judges: "certificate", Severities: []Severity{Error, Warning, Info}, certificate: expired,
		},
		{
			ID: "expires-soon", Title: "little time is left until the end of the certificate",
			Judges: "certificate", Severities: []Severity{Warning, Error}, certificate: expiresSoon,
		},
		{
			ID: "not-yet-valid", Title: "the certificate starts in the future",
			Judges: "certificate", Severities: []Severity{Error}, certificate: notYetValid,
		},
		{
			ID: "outlives-ca", Title: "the certificate ends after its CA",
			Judges: "certificate", Severities: []Severity{Warning}, certificate: outlivesCA,
		},
		{
			ID: "common-name", Title: "the common name is not one that the table allows",
			Judges: "certificate", Severities: []Severity{Error, Info}, certificate: commonName,
		},
		{
			ID: "organization", Title: "a group that authorization needs is absent",
			Judges: "certificate", Severities: []Severity{Error}, certificate: organization,
		},
		{
			ID: "privileged-group", Title: "system:masters where no row allows it",
			Judges: "certificate", Severities: []Severity{Warning}, certificate: privilegedGroup,
		},
		{
			ID: "san-missing", Title: "a name that is dialled or required is not among the SANs",
			Judges: "certificate, connection", Severities: both, connection: dialledName, certificate: requiredHosts,
		},
		{
			ID: "key-usage", Title: "the key usage lacks what TLS needs",
			Judges: "certificate", Severities: []Severity{Warning}, certificate: keyUsage,
		},
		{
			ID: "ext-key-usage", Title: "the extended key usage is refused, or absent",
			Judges: "certificate, connection", Severities: both, connection: extKeyUsageDenied, certificate: extKeyUsageAbsent,
		},
		{
			ID: "not-a-ca", Title: "a CA that may not sign certificates",
			Judges: "certificate", Severities: []Severity{Error}, certificate: notCA,
		},
		{
			ID: "leaf-is-ca", Title: "a component's certificate that may sign others",
			Judges: "certificate", Severities: []Severity{Warning}, certificate: leafIsCA,
		},
		{
			ID: "untrusted", Title: "the certificate does not verify against its verifier's CA file",
			Judges: "connection", Severities: []Severity{Error}, connection: untrusted,
		},
		{
			ID: "self-signature", Title: "a root whose own signature does not hold",
			Judges: "certificate", Severities: []Severity{Error}, certificate: selfSignature,
		},
		{
			ID: "chain-order", Title: "the leaf is not first, or an intermediate is missing",
			Judges: "file, connection", Severities: both, file: chainOrder, connection: intermediateMissing,
		},
		{
			ID: "key-mismatch", Title: "certificate and private key do not belong together",
			Judges: "pair", Severities: []Severity{Error}, pair: keyMismatch,
		},
		{
			ID: "key-encrypted", Title: "a private key that needs a passphrase",
			Judges: "key", Severities: []Severity{Error}, key: keyEncrypted,
		},
		{
			ID: "weak-key", Title: "a key that is too short, or too long for TLS",
			Judges: "certificate, key", Severities: both, certificate: weakCertificateKey, key: weakKey,
		},
		{
			ID: "weak-signature", Title: "SHA-1 or MD5 on anything but a root",
			Judges: "certificate", Severities: []Severity{Error}, certificate: weakSignature,
		},
		{
			ID: "key-reuse", Title: "one key in two roles that should not share it",
			Judges: "key", Severities: []Severity{Warning}, key: keyReuse,
		},
		{
			ID: "sa-key-mismatch", Title: "tokens are signed with a key that they are not verified with",
			Judges: "pair", Severities: []Severity{Error}, signer: tokenKeyMismatch,
		},
		{
			ID: "file-permissions", Title: "others can read private material, or change what trust rests on",
			Judges: "file", Severities: both, file: filePermissions,
		},
		{
			ID: "unreadable", Title: "a file that gives nothing usable, or not all of it",
			Judges: "file", Severities: both, file: unreadable,
		},
		{
			ID: "duplicate-serial", Title: "two certificates of one issuer share a serial number",
			Judges: "certificate", Severities: []Severity{Warning}, certificate: duplicateSerial,
		},
		{
			ID: "duplicate-manifest", Title: "two files define the same static pod",
			Judges: "manifest", Severities: []Severity{Error}, manifest: duplicateManifest,
		},
		{
			ID: "duplicate-flag", Title: "an argument is given that is not in force",
			Judges: "argument", Severities: []Severity{Warning, Info}, argument: duplicateFlag, ignored: ignoredFlags,
		},
		{
			ID: "argument-missing", Title: "an argument that trust rests on is absent",
			Judges: "configuration", Severities: both, settings: argumentMissing, kubeconfig: fieldMissing,
		},
		{
			ID: "client-auth-disabled", Title: "clients are let in without a certificate",
			Judges: "configuration", Severities: []Severity{Error}, settings: clientAuthDisabled,
		},
		{
			ID: "tls-verify-disabled", Title: "a client does not verify its server",
			Judges: "configuration", Severities: []Severity{Warning, Info}, kubeconfig: serverUnverified, settings: kubeletUnverified,
		},
		{
			ID: "requestheader-names", Title: "the front-proxy client's name is not allowed",
			Judges: "connection", Severities: []Severity{Error}, connection: requestheaderNames,
		},
		{
			ID: "shared-ca", Title: "one CA serves two purposes that must be apart",
			Judges: "configuration", Severities: both, settings: sharedCA,
		},
		{
			ID: "signer-mismatch", Title: "the controller-manager cannot sign, or signs for nothing",
			Judges: "configuration", Severities: []Severity{Error}, settings: signerMismatch,
		},
		{
			ID: "rotation", Title: "the kubelet cannot renew its certificate, or is late",
			Judges: "kubelet", Severities: both, rotation: rotation,
		},
		{
			ID: "orphan", Title: "a certificate or key that nothing refers to",
			Judges: "file", Severities: []Severity{Info}, file: orphan,
		},
		{
			ID: "unverifiable", Title: "what cannot be judged from this node's files",
			Judges: "file, connection, certificate", Severities: []Severity{Info, Warning}, file: unverifiableFile, connection: unverifiableConnection, certificate: unverifiableGroup,
		},
		{
			ID: waiverExpiredID, Title: "a waiver that has come to its end",
			Judges: "waiver", Severities: []Severity{Warning}, waiver: waiverExpired,
		},
		{
			ID: waiverUnusedID, Title: "a waiver of what is not found",
			Judges: "waiver", Severities: []Severity{Info}, waiver: waiverUnused,
		},
	}
}
