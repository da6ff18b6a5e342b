/*
Kube-cert-audit audits the certificates of a Kubernetes control-plane node, from
the files of that node alone. It answers one question: would every TLS connection
of this control plane succeed, now or on a given day, and if not, what stops and
what mends it?

# Usage

	kube-cert-audit [audit] [--root DIR] [--at TIME] [--output FORMAT[=FILE]]...
	                [--fail-on LEVEL] [--warn-within SPAN] [--error-within SPAN]
	                [--ca-warn-within SPAN] [--ca-error-within SPAN]
	                [--manifests DIR]... [--kubeconfig FILE]... [--node-name NAME]
	                [--layout NAME] [--orphans] [--check ID,...] [--skip ID,...]
	                [--rules FILE] [--timeout SPAN] [--color WHEN] [--config FILE]
	kube-cert-audit inspect [--at TIME] [--output FORMAT[=FILE]]... [--fail-on LEVEL]
	                [--warn-within SPAN] [--error-within SPAN]
	                [--ca-warn-within SPAN] [--ca-error-within SPAN]
	                [--check ID,...] [--skip ID,...] [--timeout SPAN]
	                [--color WHEN] [--config FILE] PATH...
	kube-cert-audit plan [--root DIR] [--at TIME] [--fail-on LEVEL]
	                [--warn-within SPAN] [--error-within SPAN]
	                [--ca-warn-within SPAN] [--ca-error-within SPAN]
	                [--manifests DIR]... [--kubeconfig FILE]... [--node-name NAME]
	                [--layout NAME] [--orphans] [--check ID,...] [--skip ID,...]
	                [--rules FILE] [--timeout SPAN] [--config FILE]
	kube-cert-audit forecast [--root DIR] [--at TIME] [--horizon TIME]
	                [--output FORMAT[=FILE]]... [--manifests DIR]...
	                [--kubeconfig FILE]... [--node-name NAME] [--layout NAME]
	                [--rules FILE] [--timeout SPAN] [--color WHEN] [--config FILE]
	kube-cert-audit diff [--output FORMAT[=FILE]]... [--fail-on LEVEL]
	                [--color WHEN] [--config FILE] OLD NEW
	kube-cert-audit rules [--output table|yaml] [--rules FILE] [--config FILE]
	kube-cert-audit explain [--layout NAME] [CHECK]
	kube-cert-audit schema KIND
	kube-cert-audit completion bash|zsh|fish
	kube-cert-audit demo [--keep DIR] [--output FORMAT[=FILE]]... [--color WHEN]
	kube-cert-audit version
	kube-cert-audit help [COMMAND]

Flags stand behind their command and before its argument. Without a command it is
audit.

# audit

audit finds the certificates, keys and kubeconfigs that the components of the node
were told to use, holds them against the tables of requirements and connections,
and prints a report. Keys belong to root, so that it is usually run with sudo.

	--root DIR
		DIR stands for / of the node; symbolic links and the paths in
		manifests resolve inside of it. Default: /
	--at TIME
		Judge validity as of TIME instead of now: a time of RFC 3339, a
		day (2027-06-01, midnight UTC), or a distance from now (+90d).
	--output FORMAT[=FILE]
		What to write: table, the default, or another one of Formats.
		Without FILE, or with -, it goes to the standard output. May be
		given several times, of which one goes there; see Output.
	--fail-on warning|error|never
		The mildest severity that makes the exit code other than 0.
		It never hides exit code 3. Default: warning
	--warn-within SPAN, --error-within SPAN
		How long before its end a certificate is a warning (30d) and an
		error (7d). For short-lived certificates, it is at most a third
		and a tenth of the lifetime.
	--ca-warn-within SPAN, --ca-error-within SPAN
		The same for certificate authorities (180d, 30d).
	--manifests DIR
		Read static pods from DIR, a path on the node, instead of the
		folder of the kubelet. May be given several times.
	--kubeconfig FILE
		Audit FILE, a path on the node, beside the kubeconfigs that are
		found. May be given several times.
	--node-name NAME
		The name under which the node is registered, where its files do
		not tell or tell another.
	--layout NAME
		How the node was set up, instead of what its files tell. The
		report names the layout, and the path that tells it.
	--orphans
		Tell, at info, of certificates and keys that nothing refers to, in
		the folders of those that something refers to.
	--check ID,..., --skip ID,...
		Run only these checks, or all but these.
	--rules FILE
		Add the rows of FILE to the tables, or replace those of the same
		name, and do what else FILE says; see Rules. It is a path here,
		not on the node.
	--timeout SPAN
		Stop after SPAN (1m), and report what is known by then: reading
		ends after nine tenths of it, so that there is time left to judge.
		Apart from that, a file that does not answer, as on a mount of
		which the server is gone, is given up after 5 seconds.
	--config FILE
		Take the values of flags that are not given from FILE; see
		Environment. It is a path here, not on the node.
	--color auto|always|never
		auto colours the output on a terminal, unless NO_COLOR is set or
		TERM is dumb.

A SPAN is written as 30d, 12h, 1w, 1d12h or 30s.

# inspect

inspect decodes any files, as openssl x509 -text would one after the other, and prints
the report of audit: certificates, private and public keys, certificate requests,
kubeconfigs with embedded data, and CertificateSigningRequest objects of Kubernetes;
PEM, or DER, which is told, as no component reads it. A PATH is one of this system;
symbolic links are followed. - stands for the standard input, of which 4 MiB are read,
as of a file; it has no mode, and --timeout begins behind it. A folder is looked
through with all below it, each folder once, at most 64 deep and 1,000,000 files and
folders in all. What is found there and holds nothing of the kind is passed over; what
is named must hold something.

Nothing says what the files are for, so that only those checks are run that need no
node: expired, expires-soon, not-yet-valid, outlives-ca (if the CA is among the
files), self-signature, chain-order, key-mismatch, key-encrypted, weak-key,
weak-signature, file-permissions (of private keys), unreadable, duplicate-serial.
Certificate and key are a pair in one file or one user of a kubeconfig, and as x.crt
or x.pem with x.key or x-key.pem. The flags are those of audit that concern files.
Of one check, the first 1,000 findings tell what mends them. On a terminal, a line
on the standard error shows the progress.

# plan

plan audits the node, and prints a script for a shell of all that would mend its errors
and warnings. Nothing is executed: the script is to be read, then run as root on the
node, or in parts. Findings at info, and those that are waived, are left out. Its
sections are, in this order:

	0	what a person looks at, decides or does first, and what cannot be planned
	1	a backup; then what must not run meanwhile is stopped
	2	certificate authorities
	3	certificates, keys, and modes of files
	4	configuration
	5	restarts, of each component once, with a look whether it keeps running
	6	the audit again

What only a person can do stands there as comments: in an editor, on another host, or
where something has to be filled in. Of a section with such comments, the script asks
whether they are done. It asks as well where the host has another name than the node. It
ends at the first command that fails. Then the next plan takes it from there, since it
is made of what is found; the old one is not to be run again. The kubelet is restarted
first, since static pods restart by it alone; then each component before those that
depend on it. A step that makes a file anew stands for all others that would mend the
file. The steps are those of the findings, which the JSON has as well. The flags are
those of audit, but for what is about its output; so are the exit codes, of what the
audit found. No plan is made from a saved report: the steps in it are commands, and who
can write the file would choose what root runs.

# forecast

forecast prints the calendar of a node: for each date on which certificates end, what
stops then and for whom, and the commands that prevent it. It reads the node once and
judges it as audit would after each date, as if nobody did anything until then. Ends on
one day, UTC, or less than an hour apart are one date. What has ended already comes
first; what is the next to end beyond the horizon comes last, with the number of errors
that no end of a certificate is the cause of, and what could not be looked at.

What is renewed by itself, by a kubelet or by the operators of OpenShift, is expected to
be, and stops nothing; unless it is overdue, or has ended. k3s, RKE2 and k0s renew only
as they start: what they keep is in the calendar.

	--horizon TIME
		How far to look ahead: a time from --at on (90d), a day, or a time
		of RFC 3339. The default, 400d, has everything in sight that is
		issued for a year.

The formats are its own:

	table	for people: the calendar, fitted to the terminal
	json	the whole forecast, as schema forecast describes it
	csv	a row for each certificate that ends
	ics	a calendar (RFC 5545): an event for each certificate that somebody has
		to renew, at the instant of its end, with reminders 30 and 7 days
		before, of a CA 180 and 30 days. An event is named after the SHA-256
		of its certificate, so that importing again makes no second one

The exit code is 0 for a calendar that is whole, and 3 otherwise: that certificates end
is no fault. What fails when something ends soon is audit, with --warn-within.

# diff

diff compares two reports that --output json wrote, of audit or both of inspect, of any
release of this form; - stands for the standard input. It tells what is new, gone and
changed: first authorities and service-account keys, on which all trust rests, then
findings, connections, certificates and keys. An authority that was signed again with
its key is told from another one by the digest of its public key; so is a service-account
key. Where a report of an earlier release has none, diff says what could not be told.

Findings are the same if check, component, path and argument are; what their texts say
about days is no difference. Certificates and keys are known by component, type and
path. A file that was moved with what it holds is the same file, with the faults that it
had; so is one in the next revision of a static pod of OpenShift. A report may have
512 MiB, and 500,000 certificates, keys, findings and so on.

What makes things worse is a finding that is new, graver than before, or not waived any
more; a connection that fails and did not, or not as badly; and, as warnings, an
authority with another key, one that is new or not trusted any more, and a
service-account key that is not in use any more. The exit code is 0 where nothing got
worse, 1 where a warning and 2 where an error is the gravest of that, less what
--fail-on leaves out; and 3 where the reports could not be compared, or where NEW is of
an audit that did not see everything, so that what is gone may only not have been seen.

Its formats are table, json (as schema diff describes it), and markdown for pull
requests. table and markdown have no commands that mend anything: a report is a file
that others may have written. audit tells them.

# The other commands

rules prints the tables that are in force, for people or as YAML that --rules reads.
explain prints what a check finds, why it matters and what mends it, with the
commands of kubeadm or, by --layout, those of another layout; or the list of all
checks. schema prints the JSON Schema (draft 2020-12) of a kind of file: report is
what --output json and yaml write, forecast and diff what these commands write, rules
what --rules reads, config what --config reads. completion prints a script that makes
a shell complete commands, flags and their values; its head tells where it belongs.
demo makes a sample node with several faults in a temporary folder, audits it, tells
the faults, and removes the folder; --keep leaves the node in DIR, which must be new
or empty.

Under a name as kubectl-cert_audit, to which a link in PATH will do, it is a plugin of
kubectl, and its messages and help texts say "kubectl cert-audit". A second link,
kubectl_complete-cert_audit, has kubectl complete its flags. --kubeconfig and the other
flags are those of this program: it connects to no cluster.

# Rules

The FILE of --rules is YAML of at most 1 MiB, in the form of rules --output yaml, with
any of these keys. One that is unknown, or would have no effect, is an error; all
errors are told at once, each with its line. schema rules prints the schema.

	requirements, connections
		Rows of the two tables. A row replaces that of the same name as a
		whole.
	allow
		What is allowed beside the rows: groups are privileged groups,
		such as system:masters, that any certificate may carry;
		commonNames are more common names, by the name of the row.
	severities
		By check, the severity of all that it finds: error, warning,
		info, or off, which counts as --skip. What is not in use, or
		verified by nobody, is still judged lower. Exit code 3 does not
		depend on it: what could not be read for lack of permission or
		time is told all the same. Missing and damaged files are findings.
	waivers
		A list of what is put aside: check; either path, as the finding
		shows it, or fingerprint, the SHA-256 of the certificate as the
		report shows it; reason; and expires, the last day, UTC. What is
		waived is in the report, apart from the findings, and counts for
		no status and no exit code. A waiver that has ended is a warning
		(waiver-expired), and one that is for nothing is told
		(waiver-unused), unless its check was not run or not all that it
		may be for could be read.

# Environment

Each flag has a variable, which counts where the flag is not given:
KUBE_CERT_AUDIT_ROOT for --root, KUBE_CERT_AUDIT_FAIL_ON for --fail-on, and so on.
An empty variable counts as absent. Several paths are separated by colons, and the
items of KUBE_CERT_AUDIT_OUTPUT by blanks, as in "table json=/var/lib/audit.json": a
path with a blank in it takes the flag. The variables are those of all commands with
the flag, but for --output of forecast, diff and rules, which have formats of their own.

A flag that has neither is taken from the FILE of --config, or KUBE_CERT_AUDIT_CONFIG:
YAML of at most 1 MiB with a value for any flag of audit, inspect, forecast, diff and
rules, by the name of the flag without dashes before it. A flag that may be given
several times takes a list as well. Each command takes what it has a flag for. Paths
mean what they mean on the command line. All errors are told at once, each with its
line.

NO_COLOR and TERM decide on colours, and COLUMNS on the width of a terminal that
does not tell it or is to be taken for another.

# Formats

	table	for people: the sheet of certificates, fitted to the terminal, the
		findings, a summary
	wide	the sheet with all columns, keys and connections, never wrapped
	json	the whole report, as schema report describes it
	yaml	the same as YAML
	csv	the sheet for spreadsheets
	prometheus
		metrics for the textfile collector of node_exporter: certificates by
		the names and labels of x509-certificate-exporter; findings,
		connections and what was read as kube_cert_audit_…
	nagios	the lines of a monitoring plugin: the state, what was counted, what
		expires first, with performance data; then the findings. Without a
		report, as where there is nothing to audit, it is one line with the
		fault; wrong flags are told on the standard error alone
	junit	test results for CI systems: a suite for each component, a test for each
		object in order and for each finding; what is below --fail-on passes
		with a remark. Skipped is what is waived, a connection that could not
		be judged, and what is not in order for what was not looked for
	sarif	the findings for code scanning, in SARIF 2.1.0, with what explain says
		about their checks; what is waived is suppressed. Paths are relative
		to the root
	html	one page for the browser: the verdict in a sentence, findings by what
		stops, what expires when, a map of the connections with the table of
		them, the sheet, keys. It loads nothing, sends nothing, and is
		readable without scripts; they sort, filter, copy a fix and choose
		between the light and the dark theme. Of more than 120 connections,
		the map has those that fail, and as many of the others as there is
		room for
	markdown
		findings, what is waived and the sheet, for summaries of CI jobs and
		for tickets; at most 1 MiB, and what is left out is told
	github	commands that make annotations of a job in GitHub Actions: a summary,
		then the worst first, of which ten of each kind are shown
	gitlab	a Code Quality report of GitLab: errors are critical, warnings minor
	csv-findings
		the findings for spreadsheets, the waived ones behind the others

None shows what is waived as a fault, and all but csv tell of it. What --fail-on does
not count is no failure in nagios and junit.

# Output

The standard output carries the report alone, or what nagios says where there is none.
Everything else goes to the standard error: messages with the prefix
"kube-cert-audit: ", then hints of what to type.

A FILE of --output is replaced as a whole: whoever reads it finds the old report or
the new one, also after a crash or on a full disk. Its mode is 0644 whatever the
umask, since the report holds no secrets, and it has no colours and lines of any
length. A symbolic link is replaced, not followed; a folder, FIFO, socket or device
is refused, but for /dev/stdout and /dev/stderr, which mean the streams. Where one
output cannot be written, the others are, and the exit code is 3.

# Exit codes

They are the same for every output format, and those of monitoring plugins:

	0	nothing at or above --fail-on
	1	the worst finding is a warning
	2	the worst finding is an error
	3	not audited: bad usage, an unreadable root or file of rules, nothing
		found to audit, or output that could not be written. Also where files
		of the node could not be read for lack of permission, or where there
		was not enough time: the report is printed, but is not complete.

forecast knows 0 and 3 alone; to diff, 1 and 2 are by what things got worse. demo exits
with 0 when it could do its work, and tells the code of the audit.

SIGINT and SIGTERM end the program at once, as they end most others: a shell sees 130
and 143. What was learnt is not printed. Each FILE of --output is the old or the new
one; a temporary file, hidden and of a name that ends in .tmp, may stay behind, and so
may the folder of demo. For a reader that closes the standard output early, as head
does, the exit code is 3 without a message.

# Limits

The program reads files. It opens no connection, asks no API server, runs no other
program and writes nothing but its report, demo aside; nor does plan. So it does not see what a
running component has loaded: one that was not restarted after a renewal still
presents the old certificate. What lies in images, Secrets or on other hosts is
reported as unverifiable. It runs on Linux only. Where the kernel itself hangs on a
file, the report is printed in time, but the process may stay until the kernel lets
go of it.
*/
package main
