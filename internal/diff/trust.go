package diff

import (
	"fmt"
	"slices"
	"strings"

	"kube-cert-audit/audit"
	"kube-cert-audit/rules"
)

// TrustChange is a change of what trust in the cluster rests on: of an authority, or of
// the keys that sign the tokens of service accounts.
type TrustChange struct {
	Kind       string         `json:"kind"` // CA or ServiceAccountKey
	Change     Change         `json:"change"`
	Severity   rules.Severity `json:"severity"` // info where nothing follows from it
	Key        KeyIdentity    `json:"key"`      // of an authority that changed; else empty
	CommonName string         `json:"commonName"`
	Paths      []string       `json:"paths"`
	Message    string         `json:"message"`
	Impact     string         `json:"impact"`
}

// The kinds of what trust rests on.
const (
	KindCA                = "CA"
	KindServiceAccountKey = "ServiceAccountKey"
)

func trustChanges(older, newer *audit.Report, moved places) []TrustChange {
	all := append([]TrustChange{}, authorityChanges(older, newer, moved)...)
	return append(all, serviceAccountChanges(older, newer)...)
}

// authorities returns the certificates of a report that others are verified with.
func authorities(r *audit.Report) []audit.Certificate {
	var all []audit.Certificate
	for i := range r.Certificates {
		if c := &r.Certificates[i]; strings.HasPrefix(c.Type, "CA") && c.Type != "CA (Chain)" {
			all = append(all, *c)
		}
	}
	return all
}

// authorityChanges tells of the authorities that changed, each once, wherever it lies.
func authorityChanges(older, newer *audit.Report, moved places) []TrustChange {
	before, after := authorities(older), authorities(newer)
	known, left := trusted(before), trusted(after)
	var all []TrustChange
	seen := map[string]int{} // where in all what became of an authority is told
	for _, p := range certificatePairs(before, after, moved) {
		t, shown := TrustChange{Kind: KindCA, Change: p.change()}, p.newer
		if newer.Kind == audit.KindInspect && t.Change != Changed {
			continue // nobody says who trusts what lies in a folder
		}
		former := ""
		switch t.Change {
		case New:
			if known[key(p.newer.Component, anchor(p.newer))] || known[key(p.newer.Component, p.newer.FingerprintSHA256)] {
				continue // in another file
			}
		case Gone:
			shown = p.older
			if left[key(p.older.Component, anchor(p.older))] || left[key(p.older.Component, p.older.FingerprintSHA256)] {
				continue
			}
		case Changed:
			former = p.older.FingerprintSHA256
			if former == p.newer.FingerprintSHA256 {
				continue
			}
			t.Key = certificateKey(p.older, p.newer)
		}
		id := key(string(t.Change), former, shown.FingerprintSHA256)
		if i, ok := seen[id]; ok {
			if !slices.Contains(all[i].Paths, shown.Path) {
				all[i].Paths = append(all[i].Paths, shown.Path)
			}
			continue
		}
		seen[id] = len(all)
		t.CommonName, t.Paths = shown.Subject.CommonName, []string{shown.Path}
		all = append(all, t)
	}
	for i := range all {
		all[i].explainAuthority()
	}
	return all
}

// trusted returns the authorities of each component, by their keys and as they are.
func trusted(authorities []audit.Certificate) map[string]bool {
	all := map[string]bool{}
	for i := range authorities {
		c := &authorities[i]
		all[key(c.Component, anchor(c))], all[key(c.Component, c.FingerprintSHA256)] = true, true
	}
	return all
}

// anchor returns what makes an authority the same one: its name and its key.
func anchor(c *audit.Certificate) string {
	if c.PublicKeySHA256 == "" {
		return c.FingerprintSHA256
	}
	return key(distinguished(&c.Subject), c.PublicKeySHA256)
}

// explainAuthority says what a change of an authority means.
func (t *TrustChange) explainAuthority() {
	where := fmt.Sprintf("the CA %q in %s", t.CommonName, list(t.Paths))
	t.Severity = rules.Warning
	switch {
	case t.Change == New:
		t.Message = where + " was not trusted before"
		t.Impact = "who has its key is trusted from now on; if nobody put it there on purpose, somebody else did"
	case t.Change == Gone:
		t.Message = where + " is not trusted any more"
		t.Impact = "what it signed is refused"
	case t.Key == SameKey:
		t.Severity = rules.Info
		t.Message = where + " was signed again, with the same key"
		t.Impact = "none: what it signed stays valid"
	case t.Key == OtherKey:
		t.Message = where + " is another one: its key changed"
		t.Impact = "what the former one signed has to be issued again, and every node and kubeconfig needs the new one"
	default:
		t.Message = where + " changed; whether its key did could not be told, since one of the reports has no digest of it"
		t.Impact = "if the key changed, what the former one signed has to be issued again, and every node and kubeconfig needs the new one"
	}
}

// serviceAccountKeys returns the keys that tokens of service accounts are signed and
// verified with: by the argument that names them, --service-account-key-file or
// serviceAccountPublicKeyFiles.
func serviceAccountKeys(r *audit.Report) []audit.Key {
	return slices.DeleteFunc(slices.Clone(r.Keys), func(k audit.Key) bool {
		argument := strings.ToLower(strings.ReplaceAll(k.Source.Argument, "-", ""))
		return !strings.Contains(argument, "serviceaccount")
	})
}

func hasServiceAccountKeys(r *audit.Report) bool { return len(serviceAccountKeys(r)) > 0 }

// digestsServiceAccountKeys reports whether a report has the digest of each of them.
func digestsServiceAccountKeys(r *audit.Report) bool {
	return !slices.ContainsFunc(serviceAccountKeys(r), func(k audit.Key) bool { return k.PublicKeySHA256 == "" })
}

// serviceAccountChanges tells of the keys by which tokens are known. That the former key
// is still one of them keeps the tokens valid which it signed.
func serviceAccountChanges(older, newer *audit.Report) []TrustChange {
	if !digestsServiceAccountKeys(older) || !digestsServiceAccountKeys(newer) {
		return nil // which is noted
	}
	gone := missing(serviceAccountKeys(older), serviceAccountKeys(newer))
	added := missing(serviceAccountKeys(newer), serviceAccountKeys(older))
	t := TrustChange{Kind: KindServiceAccountKey, Severity: rules.Warning, Paths: added}
	switch {
	case len(gone) > 0 && len(added) > 0:
		t.Change, t.Message = Changed, fmt.Sprintf("the service-account key in %s is another one", list(added))
		t.Impact = "tokens signed with the former key are refused: pods and controllers fail until they have new ones"
	case len(gone) > 0:
		t.Change, t.Paths, t.Message = Gone, gone, fmt.Sprintf("a service-account key in %s is not in use any more", list(gone))
		t.Impact = "tokens signed with it are refused: pods and controllers that have one fail until they have a new one"
	case len(added) > 0:
		t.Change, t.Severity, t.Message = New, rules.Info, fmt.Sprintf("a service-account key in %s was added", list(added))
		t.Impact = "tokens signed with it are accepted as well; those of before stay valid"
	default:
		return nil
	}
	return []TrustChange{t}
}

// missing returns the paths of keys that are not among others.
func missing(keys, others []audit.Key) []string {
	known := map[string]bool{}
	for _, k := range others {
		known[k.PublicKeySHA256] = true
	}
	var paths []string
	for _, k := range keys {
		if !known[k.PublicKeySHA256] && !slices.Contains(paths, k.Path) {
			paths = append(paths, k.Path)
		}
	}
	return paths
}
