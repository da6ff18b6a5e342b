// Package rules says what must hold for the certificates and connections of a
// Kubernetes control plane: a table of requirements, a table of connections, and
// the checks, each a pure function of a subject. What a check finds it tells
// with its impact and the commands that mend it.
//
// The package does not know where things lie: it opens no file, reads no flag
// and no clock, and knows nothing of how its findings are shown.
package rules
