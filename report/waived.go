package report

import (
	"fmt"

	"kube-cert-audit/audit"
)

// waived lists the findings that the user put aside, with why and for how long. They
// ask for nothing, so that they stand in no place of a finding; whole tells as well
// what was found.
func (p *page) waived(all []audit.Waived, whole bool) {
	switch len(all) {
	case 0:
		return
	case 1:
		p.line("1 finding is waived:")
	default:
		p.line(fmt.Sprintf("%d findings are waived:", len(all)))
	}
	for i := range all {
		w := &all[i]
		p.field(bodyIndent, fixIndent, visible(w.Check)+"  "+words(w.Component).String()+"  ", path(w.Path))
		p.paragraph(fixIndent, fixIndent, w.Severity.String()+", "+waivedUntil(&w.Waiver))
		if whole {
			p.paragraph(fixIndent, fixIndent, fmt.Sprintf("%s (the waiver: %s)", w.Message, source(w.Waiver.Source)))
		}
	}
	p.gap()
}

// waivedUntil returns why a finding is put aside, and for how long.
func waivedUntil(w *audit.Waiver) string {
	return fmt.Sprintf("waived until %s: %s", w.Expires, w.Reason)
}
