package rules

import (
	"fmt"
	"slices"
	"strings"
)

// unreadable fires when a file gave nothing usable, or not all that it holds.
func unreadable(s *Subject, f *File) []Problem {
	switch {
	case f.Unreadable != "":
		fix := ByHand(WithFile(f.Hint, s.Path))
		switch {
		case f.Denied:
			fix = ByHand("# run the audit as root: sudo kube-cert-audit")
		case f.TimedOut:
			fix = ByHand("findmnt    # the mount that holds " + remark(s.Path) + " does not answer")
		case fix == nil:
			fix = s.remake(f)
		}
		return []Problem{{Message: f.Unreadable, Impact: fileImpact(s.Component, f), Fix: fix}}
	case f.Partial != "" && f.Refused:
		return []Problem{{
			Message: f.Partial + "; " + shownComponent(s.Component) + " refuses the whole file for it",
			Impact:  "a running component goes on with what it read before; it does not start again with this file",
			Fix:     edit("take the block out of %s, or put it right", remark(s.Path)),
		}}
	case f.Partial != "":
		return []Problem{{
			Severity: Warning, Message: f.Partial, Impact: "what stands there is not in force",
			Fix: edit("correct it in %s", remark(s.Path)),
		}}
	}
	return nil
}

func fileImpact(component string, f *File) string {
	if f.Denied || f.TimedOut {
		return "unknown: what the file holds was not judged"
	}
	if f.Row != nil && f.Row.Name == "etcdctl-client" {
		return "etcdctl fails where it takes its settings from the variables of etcd's service"
	}
	return shownComponent(component) + " does not start with it; where it runs, it goes on with what it read before"
}

// orphan tells of a file with a certificate or key that nothing on the node refers to,
// and of a folder in which there may be more of them.
func orphan(s *Subject, f *File) []Problem {
	if f.Unlisted != "" {
		return []Problem{{Message: f.Unlisted, Impact: "unknown: there may be certificates and keys that nothing refers to"}}
	}
	if f.Orphan == "" {
		return nil
	}
	return []Problem{{
		Message: "nothing that was found on this node refers to the file; it holds " + f.Orphan,
		Impact:  "none for the connections of this node; but a private key that nobody needs can be stolen all the same",
		Fix:     step(PhaseRemove, []string{s.Path}, "mv "+sh(s.Path)+" /root/    # if nobody else uses it"),
	}}
}

// unverifiable tells what cannot be judged from this node's files.
func unverifiableFile(s *Subject, f *File) []Problem {
	if f.Unverifiable == "" {
		return nil
	}
	return []Problem{{Message: f.Unverifiable, Impact: "unknown: the file was not judged"}}
}

func unverifiableConnection(s *Subject, c *Connection) []Problem {
	if c.Unjudged == "" || c.Told {
		return nil
	}
	return []Problem{{
		Message: fmt.Sprintf("the connection %s was not judged: %s", c.Row.Name, c.Unjudged),
		Impact:  "unknown: if it fails, " + stops(c),
	}}
}

// unverifiableGroup tells of groups whose authorization lies in the cluster: it
// cannot be seen from a node's files.
func unverifiableGroup(s *Subject, c *Certificate) []Problem {
	if c.Role != Leaf || c.Row == nil {
		return nil
	}
	groups := c.Subject.Organization
	switch {
	case c.Row.Name == "kube-apiserver-kubelet-client" && len(groups) == 0:
		since, fix := "", "kubectl get clusterrolebindings -o wide | grep system:kubelet-api-admin    # one must name the user"
		if s.Layout.Kubeadm {
			since, fix = ", as kubeadm makes it since May 2026", "kubectl get clusterrolebinding kubeadm:apiserver-kubelet-client    # must exist"
		}
		return []Problem{{
			Message: fmt.Sprintf("whether the kubelets authorize the user %q cannot be seen from here: the certificate has no group%s", c.Subject.CommonName, since),
			Impact:  "without a binding, kubectl logs, exec and top are forbidden",
			Fix:     ByHand(fix),
		}}
	case needsNoGroup(c), len(groups) == 0, hasAny(groups, c.Row.Organizations), slices.ContainsFunc(c.Row.Organizations, isBuiltIn):
		return nil
	}
	return []Problem{{
		Message: "whether the group " + list(groups) + " is authorized cannot be seen from here",
		Impact:  "without a binding, the API server forbids everything to this user",
		Fix:     ByHand("kubectl get clusterrolebindings -o wide    # one must name the group"),
	}}
}

// Permission bits.
const (
	othersRead  = 0o004
	othersWrite = 0o002
	groupRead   = 0o040
	groupWrite  = 0o020
	sticky      = 0o1000
)

// firstUser is the first number that systems give to people. Folders may belong to
// a service account: kubespray gives its folders to the user kube.
const firstUser = 1000

// filePermissions fires when others than root and the component can read a
// private key, or change what trust rests on.
func filePermissions(s *Subject, f *File) []Problem {
	if !f.Known {
		return nil
	}
	foreignGroup := f.GID != 0 && !slices.Contains(f.GIDs, f.GID)
	foreignOwner := f.UID != 0 && !slices.Contains(f.UIDs, f.UID)
	mode := fmt.Sprintf("the mode %04o", f.Mode)
	switch {
	case f.Folder && f.Mode&othersWrite != 0 && f.Mode&sticky == 0:
		return permission(s, f, Error, mode+" lets every user replace the files in this folder")
	case f.Folder && f.Mode&groupWrite != 0 && foreignGroup && f.Mode&sticky == 0:
		return permission(s, f, Warning, fmt.Sprintf("%s lets the group %d replace the files in this folder", mode, f.GID))
	case f.Folder && foreignOwner && f.UID >= firstUser:
		return permission(s, f, Warning, fmt.Sprintf("the owner is the user %d, who can replace the files in this folder", f.UID))
	case f.Folder:
		return nil
	case f.Mode&othersWrite != 0:
		return permission(s, f, Error, mode+" lets every user write the file")
	case f.Private && f.Mode&othersRead != 0:
		return permission(s, f, Error, mode+" lets every user read the private key or credential in it")
	case f.Mode&groupWrite != 0 && foreignGroup:
		return permission(s, f, Warning, fmt.Sprintf("%s lets the group %d write the file", mode, f.GID))
	case f.Private && f.Mode&groupRead != 0 && foreignGroup:
		return permission(s, f, Warning, fmt.Sprintf("%s lets the group %d read the private key or credential in it", mode, f.GID))
	case foreignOwner:
		return permission(s, f, Warning, fmt.Sprintf("the owner is the user %d, who is neither root nor the user that %s runs as", f.UID, shownComponent(s.Component)))
	}
	return nil
}

func permission(s *Subject, f *File, severity Severity, message string) []Problem {
	impact := "who can write it decides whom the control plane trusts"
	commands := []string{fmt.Sprintf("chmod go-w %s", sh(s.Path))}
	if f.Private {
		impact = "who has the key or credential can act as its owner; if others could read it, renew it as well"
		commands[0] = fmt.Sprintf("chmod 0600 %s", sh(s.Path))
	}
	if f.UID != 0 && !slices.Contains(f.UIDs, f.UID) {
		commands = append(commands, fmt.Sprintf("chown root:root %s", sh(s.Path)))
	}
	return []Problem{{Severity: severity, Message: message, Impact: impact, Fix: step(PhasePermit, []string{s.Path}, commands...)}}
}

// duplicateManifest fires when the kubelet is told to run one pod twice: it
// reads every file of the folder, whatever its name.
func duplicateManifest(s *Subject, d *DuplicateManifest) []Problem {
	spares := slices.DeleteFunc(slices.Clone(d.Files), func(f string) bool { return base(f) == s.Component+".yaml" })
	away := func(files []string) string {
		words := make([]string, len(files))
		for i, f := range files {
			words[i] = sh(f)
		}
		return "mv " + strings.Join(words, " ") + " /root/    # or whichever is the old one"
	}
	fix := step(PhaseRemove, spares, away(spares))
	if len(spares) != len(d.Files)-1 { // no name tells which one is meant to run
		fix = ByHand(away(d.Files[len(d.Files)-1:]))
	}
	return []Problem{{
		Message: fmt.Sprintf("%d files define the pod %s: %s", len(d.Files), d.Pod, list(d.Files)),
		Impact:  "which of them runs is chance, and may change with every restart of the kubelet; the kubelet reads files of any name, backups too",
		Fix:     fix,
	}}
}

// duplicateFlag fires when an argument is given more than once: the last one
// is in force, and the others mislead.
func duplicateFlag(s *Subject, r *Repeated) []Problem {
	return []Problem{{
		Message: fmt.Sprintf("%s is given %d times, as %s; the last one is in force and was audited", s.Source.Argument, len(r.Values), list(r.Values)),
		Impact:  "none now; who changes one of the others changes nothing",
		Fix:     edit("in %s: leave one", remark(s.Source.File)),
	}}
}

// ignoredFlags tells of arguments that a configuration file puts out of force.
func ignoredFlags(s *Subject, i *Ignored) []Problem {
	return []Problem{{
		Severity: Info,
		Message:  fmt.Sprintf("%s takes all its settings from %s and ignores what else it is given: %s", s.Component, i.File, list(i.Arguments)),
		Impact:   "none now; who changes one of them changes nothing",
		Fix:      edit("in %s: leave %s alone", remark(s.Source.File), s.Source.Argument),
	}}
}

// duplicateSerial fires when an authority gave one serial number to two
// certificates, which RFC 5280, section 4.1.2.2 forbids.
func duplicateSerial(s *Subject, c *Certificate) []Problem {
	if c.SameSerial == nil {
		return nil
	}
	return []Problem{{
		Message: fmt.Sprintf("the certificate has the serial number %s, as has %s of the same issuer", c.SerialNumber, place(c.SameSerial)),
		Impact:  "none now: Go does not compare them; other clients refuse the second of two such certificates, and one cannot be revoked alone",
		Fix:     s.renew(c),
	}}
}
