package main

import (
	"kube-cert-audit/audit"
	"kube-cert-audit/rules"
)

// The exit codes, the same for every output format. Monitoring plugins use the
// same numbers, so that cron, CI and Nagios understand them alike.
const (
	exitOK         = 0 // nothing at or above --fail-on
	exitWarning    = 1 // the worst finding is a warning
	exitError      = 2 // the worst finding is an error
	exitNotAudited = 3 // bad usage, nothing to audit, or not all of it could be read
)

// The values of --fail-on.
const (
	failOnWarning = "warning"
	failOnError   = "error"
	failOnNever   = "never"
)

// exitCode returns the code for the worst finding, unless it is milder than what
// the user asked to fail on.
func exitCode(s audit.Summary, failOn string) int {
	switch {
	case s.Error > 0 && failOn != failOnNever:
		return exitError
	case s.Warning > 0 && failOn == failOnWarning:
		return exitWarning
	}
	return exitOK
}

// mildest returns the mildest severity that counts as a failure.
func mildest(failOn string) rules.Severity {
	switch failOn {
	case failOnWarning:
		return rules.Warning
	case failOnError:
		return rules.Error
	}
	return rules.Error + 1
}
