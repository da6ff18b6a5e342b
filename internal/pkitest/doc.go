// Package pkitest makes sample nodes: the files of a healthy control-plane node as kubeadm 1.37 leaves them, or as other
// installers do, with fresh keys and certificates, for tests and for the program's demonstration.
//
// Work goes in two phases. A [Spec] says what is to be made; it is changed before anything is signed. [Spec.Build] turns it
// into a [Tree], the files of the node; those are changed after signing, and written with [Tree.Write]. [Spec.Write] does it all.
//
// The package knows what installers write. It does not know what an audit expects of it: no rule, no finding, no report, and it
// imports none of the packages that do. It never reads a clock: the instant at which a node was made is a parameter.
package pkitest
