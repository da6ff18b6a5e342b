package report

import (
	"io"
	"sync"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/parallel"
)

// A document is written in pieces: the frame, which is the report without what
// there may be many of, and into it, one after the other, the items of its lists.
// So only a few of them are in memory as text at a time.

// frame returns the report with its lists left empty. Readers get [], never null.
func frame(r *audit.Report) *audit.Report {
	f := *r
	f.Certificates, f.Keys, f.Connections = []audit.Certificate{}, []audit.Key{}, []audit.Connection{}
	f.Findings, f.Waived = []audit.Finding{}, []audit.Waived{}
	if f.Requests != nil {
		f.Requests = []audit.Request{}
	}
	return &f
}

// items is a list of the report.
type items struct {
	field string
	count int
	item  func(int) any
}

// lists returns the lists of a report, in the order of their fields.
func lists(r *audit.Report) []items {
	return []items{
		{"certificates", len(r.Certificates), func(i int) any { return filledCertificate(r.Certificates[i]) }},
		{"requests", len(r.Requests), func(i int) any { return filledRequest(r.Requests[i]) }},
		{"keys", len(r.Keys), func(i int) any { return &r.Keys[i] }},
		{"connections", len(r.Connections), func(i int) any { return &r.Connections[i] }},
		{"findings", len(r.Findings), func(i int) any { return &r.Findings[i] }},
		{"waived", len(r.Waived), func(i int) any { return &r.Waived[i] }},
	}
}

// batchSize is how many items are encoded at a time.
const batchSize = 64

// batch is the text of some items.
type batch struct {
	text []byte
	err  error
}

// writeItems writes the texts of as many items. They are encoded on all
// processors, since nothing else about them takes as long: start makes, for each,
// what appends those of a range.
func writeItems(w io.Writer, count int, start func() func(text []byte, from, to int) ([]byte, error)) error {
	used := sync.Pool{New: func() any { return new(batch) }}
	work := func() parallel.Work[*batch] {
		encode := start()
		return func(piece int) *batch {
			b := used.Get().(*batch)
			b.text, b.err = encode(b.text[:0], piece*batchSize, min((piece+1)*batchSize, count))
			return b
		}
	}
	return parallel.InOrder((count+batchSize-1)/batchSize, work, func(b *batch) error {
		if b.err != nil {
			return b.err
		}
		_, err := w.Write(b.text)
		used.Put(b)
		return err
	})
}

func filledCertificate(c audit.Certificate) *audit.Certificate {
	c.References = notNull(c.References)
	c.Subject = filledName(c.Subject)
	c.Issuer = filledName(c.Issuer)
	c.DNSNames = notNull(c.DNSNames)
	c.IPAddresses = notNull(c.IPAddresses)
	c.KeyUsages = notNull(c.KeyUsages)
	c.ExtKeyUsages = notNull(c.ExtKeyUsages)
	return &c
}

func filledRequest(q audit.Request) *audit.Request {
	q.Subject = filledName(q.Subject)
	q.DNSNames = notNull(q.DNSNames)
	q.IPAddresses = notNull(q.IPAddresses)
	q.KeyUsages = notNull(q.KeyUsages)
	q.ExtKeyUsages = notNull(q.ExtKeyUsages)
	q.Usages = notNull(q.Usages)
	return &q
}

func filledName(n audit.Name) audit.Name {
	n.Organizations = notNull(n.Organizations)
	n.OrganizationalUnits = notNull(n.OrganizationalUnits)
	return n
}

func notNull[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
