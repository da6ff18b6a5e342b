package audit

import (
	"fmt"
	"slices"

	"kube-cert-audit/rules"
)

// takesHeaders reports whether the reader of a CA file takes certificates in PEM
// blocks with headers. The loader of etcd does, which the API server uses for
// etcd's CA; those of client-go and of crypto/x509 pass over them.
func takesHeaders(component, argument string) bool {
	return component == "etcd" || bare(argument) == "etcd-cafile"
}

// passedOver says which certificate of a CA file its reader passes over for its
// headers, and whether that leaves none.
func passedOver(r *reference) (why string, all bool) {
	blocks := r.file.content.certificates
	hasHeaders := func(b certificateBlock) bool { return b.headers }
	first := slices.IndexFunc(blocks, hasHeaders)
	if r.part != certificatePart || !r.row.Is(rules.KindCA) || takesHeaders(r.component, r.argument) || first < 0 {
		return "", false
	}
	return fmt.Sprintf("the CERTIFICATE block at line %d has headers, for which its reader passes over it", blocks[first].line),
		!slices.ContainsFunc(blocks, func(b certificateBlock) bool { return !b.headers })
}
