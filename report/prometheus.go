package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

const (
	maxLabelValue = 256  // bytes; what is longer is of no use in a query
	maxMetrics    = 5000 // certificates with metrics: each has three series
)

// writePrometheus writes metrics in the text format of Prometheus, as the textfile
// collector of node_exporter reads it. Certificates have the names and labels of
// x509-certificate-exporter, so that dashboards and alerts made for that work.
//
// The text is written by hand: the library of Prometheus links an HTTP stack into
// the program, for a format of two kinds of lines.
func writePrometheus(w io.Writer, r *audit.Report, _ Options) error {
	out := bufio.NewWriter(w)
	for _, f := range append(certificateFamilies(r), ownFamilies(r)...) {
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", f.name, f.help, f.name)
		for _, s := range f.series {
			fmt.Fprintf(out, "%s%s %d\n", f.name, s.labels, s.value)
		}
	}
	return out.Flush()
}

// family is a metric, of which every series has other labels: one that came twice
// would cost the reader all the metrics of the file.
type family struct {
	name, help string
	series     []series
}

type series struct {
	labels string // with braces, or empty
	value  int64
}

// certificateFamilies returns the metrics that x509-certificate-exporter has.
func certificateFamilies(r *audit.Report) []family {
	all := []family{
		{name: "x509_cert_not_after", help: "Unix time of the end of the certificate"},
		{name: "x509_cert_not_before", help: "Unix time of the start of the certificate"},
		{name: "x509_cert_expired", help: "Whether the certificate has expired"},
	}
	certificates := measured(r.Certificates)
	for _, c := range certificates[:min(len(certificates), maxMetrics)] {
		for i, value := range []int64{c.NotAfter.Unix(), c.NotBefore.Unix(), number(c.SecondsLeft < 0)} {
			all[i].series = append(all[i].series, series{c.labels, value})
		}
	}
	left := int64(max(0, len(certificates)-maxMetrics))
	return append(all, gauge("truncated", "Number of certificates without metrics, for there are too many", series{"", left}))
}

// measuredCertificate is a certificate with the labels that tell it from others.
type measuredCertificate struct {
	*audit.Certificate
	labels string
}

// measured returns each certificate once, in whatever roles it is used, and the
// first to expire first where there are too many.
func measured(all []audit.Certificate) []measuredCertificate {
	owners := map[string]string{} // fingerprint, by labels; empty where there are two
	for i := range all {
		labels, owner := certificateLabels(&all[i], ""), all[i].FingerprintSHA256
		if known, ok := owners[labels]; ok && known != owner {
			owner = ""
		}
		owners[labels] = owner
	}
	var kept []measuredCertificate
	seen := map[string]bool{}
	for i := range all {
		c := &all[i]
		labels := certificateLabels(c, "")
		if owners[labels] != c.FingerprintSHA256 {
			labels = certificateLabels(c, c.FingerprintSHA256[:min(8, len(c.FingerprintSHA256))])
		}
		if !seen[labels] {
			seen[labels] = true
			kept = append(kept, measuredCertificate{c, labels})
		}
	}
	if len(kept) > maxMetrics {
		slices.SortStableFunc(kept, func(a, b measuredCertificate) int { return a.NotAfter.Compare(b.NotAfter) })
	}
	return kept
}

// certificateLabels returns the labels of a certificate, which are those of
// x509-certificate-exporter, no more and no less. The discriminator tells apart what
// agrees in all others.
func certificateLabels(c *audit.Certificate, discriminator string) string {
	kind, key, _ := strings.Cut(c.Embedded, " ")
	return labels(
		label{"discriminator", discriminator},
		label{"embedded_key", key},
		label{"embedded_kind", kind},
		label{"filename", c.Path[strings.LastIndex(c.Path, "/")+1:]},
		label{"filepath", c.Path},
		label{"issuer_C", c.Issuer.Country},
		label{"issuer_CN", c.Issuer.CommonName},
		label{"issuer_L", c.Issuer.Locality},
		label{"issuer_O", firstOf(c.Issuer.Organizations)},
		label{"issuer_OU", firstOf(c.Issuer.OrganizationalUnits)},
		label{"issuer_ST", c.Issuer.Province},
		label{"serial_number", c.SerialNumber},
		label{"subject_C", c.Subject.Country},
		label{"subject_CN", c.Subject.CommonName},
		label{"subject_L", c.Subject.Locality},
		label{"subject_O", firstOf(c.Subject.Organizations)},
		label{"subject_OU", firstOf(c.Subject.OrganizationalUnits)},
		label{"subject_ST", c.Subject.Province},
	)
}

// ownFamilies returns what the program alone knows.
func ownFamilies(r *audit.Report) []family {
	c := r.Coverage
	all := []family{
		gauge("findings", "Number of findings by severity and check", findingSeries(r.Findings)...),
		gauge("findings_waived", "Number of findings that a waiver puts aside", waivedSeries(r.Waived)...),
		gauge("references", "Number of references to files, or of files, by what became of them",
			series{labels(label{"outcome", "examined"}), int64(c.Examined)},
			series{labels(label{"outcome", "unreadable"}), int64(c.Unreadable)},
			series{labels(label{"outcome", "unverifiable"}), int64(c.Unverifiable)}),
		gauge("last_run_success", "Whether nothing was left out for lack of permission or of time", series{"", number(complete(c))}),
		gauge("last_run_timestamp_seconds", "Unix time of the instant that was judged for", series{"", r.At.Unix()}),
	}
	if r.Kind == audit.KindInspect { // which knows neither of a node nor of connections
		return all
	}
	node := labels(label{"layout", r.Node.Layout}, label{"node", r.Node.Name}, label{"version", r.Node.Version})
	return append(all,
		gauge("connection_failed", "Whether the connection would fail, unless waived or rated milder", connectionSeries(r.Connections)...),
		gauge("connections", "Number of connections by status", statusSeries(r.Connections)...),
		gauge("node_info", "The node that was audited", series{node, 1}))
}

// gauge returns a metric under the name of the program.
func gauge(name, help string, all ...series) family {
	return family{"kube_cert_audit_" + name, help, all}
}

// findingSeries counts findings. What a check may find, with the severities that the
// user may give it, is there as 0, so that an alert ends when it is mended.
func findingSeries(findings []audit.Finding) []series {
	counts := map[string]int64{}
	for _, c := range rules.Checks() {
		for _, severity := range severities() {
			counts[findingLabels(c.ID, severity)] = 0
		}
	}
	for i := range findings {
		counts[findingLabels(findings[i].Check, findings[i].Severity)]++
	}
	return sorted(counts)
}

func waivedSeries(all []audit.Waived) []series {
	counts := map[string]int64{}
	for i := range all {
		counts[findingLabels(all[i].Check, all[i].Severity)]++
	}
	return sorted(counts)
}

func findingLabels(check string, severity rules.Severity) string {
	return labels(label{"rule", check}, label{"severity", severity.String()})
}

// connectionSeries tells of each connection. The same one may stand there several
// times; it has failed if one of them has.
func connectionSeries(connections []audit.Connection) []series {
	failed := map[string]int64{}
	for _, c := range connections {
		key := labels(
			label{"connection", c.Name},
			label{"presenter", c.Presenter.Component},
			label{"presenter_filepath", c.Presenter.Path},
			label{"server_name", c.ServerName},
			label{"usage", c.Usage},
			label{"verifier", c.Verifier.Component},
			label{"verifier_filepath", c.Verifier.Path},
		)
		failed[key] = max(failed[key], number(c.Status == rules.Status(rules.Error.String())))
	}
	return sorted(failed)
}

func statusSeries(connections []audit.Connection) []series {
	counts := map[string]int64{labels(label{"status", string(rules.OK)}): 0}
	for _, severity := range severities() {
		counts[labels(label{"status", severity.String()})] = 0
	}
	for _, c := range connections {
		counts[labels(label{"status", string(c.Status)})]++
	}
	return sorted(counts)
}

func severities() []rules.Severity { return []rules.Severity{rules.Info, rules.Warning, rules.Error} }

func sorted(values map[string]int64) []series {
	var all []series
	for labels, value := range values {
		all = append(all, series{labels, value})
	}
	slices.SortFunc(all, func(a, b series) int { return cmp.Compare(a.labels, b.labels) })
	return all
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

type label struct{ name, value string }

// labels returns labels as they stand behind the name of a metric. An empty one is
// left out: to Prometheus, it is absent.
func labels(all ...label) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`) // a line end is none any more
	var b strings.Builder
	for _, l := range all {
		if l.value == "" {
			continue
		}
		b.WriteByte(",{"[number(b.Len() == 0)])
		fmt.Fprintf(&b, `%s="%s"`, l.name, escape.Replace(shorten(display.Text(l.value), maxLabelValue)))
	}
	if b.Len() > 0 {
		b.WriteByte('}')
	}
	return b.String()
}

// shorten returns the beginning of a text that has more bytes than it may have.
func shorten(s string, most int) string {
	const ellipsis = "…"
	if len(s) <= most {
		return s
	}
	end := most - len(ellipsis)
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + ellipsis
}

// firstOf returns the first of some values, empty where there is none.
func firstOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
