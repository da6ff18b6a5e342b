package report

import (
	"slices"

	"kube-cert-audit/audit"
)

// sheetRows returns the rows of the sheet: the certificates, then what is to
// become one.
func sheetRows(r *audit.Report) []audit.Certificate {
	if len(r.Requests) == 0 {
		return r.Certificates
	}
	rows := slices.Clone(r.Certificates)
	for i := range r.Requests {
		rows = append(rows, requestRow(&r.Requests[i]))
	}
	return rows
}

// requestRow returns a request as a row of the sheet, in which all that only a
// certificate has is empty.
func requestRow(q *audit.Request) audit.Certificate {
	return audit.Certificate{
		Type: q.Type, Path: q.Path, Embedded: q.Embedded, Position: q.Position, Source: q.Source,
		Subject: q.Subject, DNSNames: q.DNSNames, IPAddresses: q.IPAddresses,
		KeyAlgorithm: q.KeyAlgorithm, SignatureAlgorithm: q.SignatureAlgorithm,
		KeyUsages: q.KeyUsages, ExtKeyUsages: q.ExtKeyUsages, IsCA: q.IsCA, Status: q.Status,
	}
}

// isRequest reports whether a row of the sheet is that of a request, which has no
// validity.
func isRequest(c *audit.Certificate) bool {
	return c.Type == audit.TypeRequest && c.NotBefore.IsZero() && c.NotAfter.IsZero()
}

// ends returns the expiration of a row; that of a request is for its signer to
// decide.
func ends(c *audit.Certificate) cell {
	if isRequest(c) {
		return cell{none}
	}
	return expiration(c.NotAfter, c.SecondsLeft)
}

// validFrom and validUntil return the validity of a row, empty for a request.
func validFrom(c *audit.Certificate) string {
	if isRequest(c) {
		return ""
	}
	return instant(c.NotBefore)
}

func validUntil(c *audit.Certificate) string {
	if isRequest(c) {
		return ""
	}
	return instant(c.NotAfter)
}
