package report

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kube-cert-audit/audit"
	"kube-cert-audit/internal/display"
	"kube-cert-audit/rules"
)

// htmlContent is what a browser makes of a page.
type htmlContent struct {
	text     string
	elements map[string]int
	starts   []xml.StartElement
}

// readHTML reads a page, of which the style and the script must be ours.
func readHTML(t *testing.T, page string) htmlContent {
	t.Helper()
	if display.Lines(page) != page {
		t.Errorf("hidden characters:\n%s", page)
	}
	rest := page
	for _, part := range []string{"<style>" + htmlStyle + "</style>", "<script>" + htmlScript + "</script>"} {
		if strings.Count(rest, part) != 1 {
			t.Fatalf("not once in the page:\n%s", part)
		}
		rest = strings.Replace(rest, part, "", 1)
	}
	d := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(rest, "<!DOCTYPE html>")))
	d.Strict, d.AutoClose, d.Entity = false, append(slices.Clone(xml.HTMLAutoClose), "wbr"), xml.HTMLEntity
	content := htmlContent{elements: map[string]int{}}
	for depth := 0; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if depth != 0 {
				t.Errorf("%d elements are not closed", depth)
			}
			return content
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			content.elements[token.Name.Local]++
			content.starts = append(content.starts, token.Copy())
		case xml.EndElement:
			depth--
		case xml.CharData:
			content.text += string(token)
		default:
			t.Errorf("a %T", token)
		}
	}
}

// htmlElements are all that pages have, the style and the script aside.
func htmlElements() []string {
	return []string{
		"html", "head", "meta", "title", "body", "a", "header", "p", "nav", "ul", "li", "button", "main", "section", "h1", "h2", "h3", "strong", "span",
		"dl", "div", "dt", "dd", "article", "code", "pre", "table", "caption", "thead", "tbody", "tr", "th", "td", "wbr", "label", "input", "select", "option",
		"svg", "g", "desc", "text", "path", "rect",
	}
}

// checkHTML reports elements and attributes that are not ours, or not in the numbers
// that the report calls for, and texts that are lost.
func checkHTML(t *testing.T, r *audit.Report) {
	t.Helper()
	content := readHTML(t, render(t, "html", r, Options{}))
	for _, e := range content.starts {
		if !slices.Contains(htmlElements(), e.Name.Local) {
			t.Errorf("an element %s", e.Name.Local)
		}
		for _, a := range e.Attr {
			name := a.Name.Local
			if strings.HasPrefix(name, "on") || slices.Contains([]string{"style", "src", "srcset", "action", "formaction", "background"}, name) {
				t.Errorf("an attribute %s of %s", name, e.Name.Local)
			}
			if name == "href" && !strings.HasPrefix(a.Value, "#") {
				t.Errorf("a link to %s", a.Value)
			}
		}
	}
	want := map[string]int{"h1": 1, "main": 1}
	if r.Kind != audit.KindInspect && len(r.Connections) > 0 {
		want["desc"] = 1
	}
	for name, n := range want {
		if content.elements[name] != n {
			t.Errorf("%d elements %s, want %d", content.elements[name], name, n)
		}
	}
	rows := 0
	for _, e := range content.starts {
		if slices.ContainsFunc(e.Attr, func(a xml.Attr) bool { return a.Name.Local == "data-status" }) {
			rows++
		}
	}
	if n := len(sheetRows(r)) + len(r.Keys) + len(r.Connections); rows != n {
		t.Errorf("%d rows, want %d", rows, n)
	}
	checkHTMLTexts(t, r, content.text)
}

func checkHTMLTexts(t *testing.T, r *audit.Report, text string) {
	t.Helper()
	var texts []string
	for _, f := range r.Findings {
		texts = append(texts, display.Text(f.Message), display.Text(f.Impact), strings.TrimRight(display.Lines(f.Fix), "\n"), display.Text(f.Path))
	}
	for _, w := range r.Waived {
		texts = append(texts, display.Text(w.Message), display.Text(w.Waiver.Reason), w.Severity.String())
	}
	rows := sheetRows(r)
	for i := range rows {
		for _, column := range sheetColumns() {
			texts = append(texts, column.certificate(&rows[i]).String())
		}
	}
	for i := range r.Connections {
		texts = append(texts, words(r.Connections[i].Name).String(), words(r.Connections[i].Reason).String())
	}
	for i := range r.Keys {
		texts = append(texts, path(r.Keys[i].Path).String())
	}
	for _, s := range texts {
		if !strings.Contains(text, s) && !strings.Contains(text, strings.ToUpper(s)) {
			t.Errorf("%q is lost", s)
		}
	}
}

func TestHTML(t *testing.T) {
	incomplete := fixture()
	incomplete.Coverage.Denied = 2
	for _, r := range []*audit.Report{fixture(), inspectFixture(), incomplete, new(audit.Report), fuzzReport("</script><script>", `"><img src=x onerror=alert(1)>`)} {
		checkHTML(t, r)
	}
	text := readHTML(t, render(t, "html", incomplete, Options{})).text
	if !strings.Contains(text, "This report is incomplete: 2 files not read for lack of permission. ") {
		t.Errorf("what was not read is not told:\n%s", text)
	}
}

// TestHTMLHasNoEmptySection: what a report knows nothing of has neither a heading nor a link.
func TestHTMLHasNoEmptySection(t *testing.T) {
	for name, r := range map[string]*audit.Report{"fixture": fixture(), "inspect": inspectFixture(), "empty": new(audit.Report)} {
		content := readHTML(t, render(t, "html", r, Options{}))
		var ids, links []string
		for _, e := range content.starts {
			for _, a := range e.Attr {
				switch {
				case a.Name.Local == "href":
					links = append(links, strings.TrimPrefix(a.Value, "#"))
				case a.Name.Local == "id" && e.Name.Local == "section":
					ids = append(ids, a.Value)
				}
			}
		}
		want := map[string][]string{
			"fixture": {"verdict", "findings", "waived", "timeline", "map", "connections", "certificates", "keys"},
			"inspect": {"verdict", "findings", "timeline", "certificates", "keys"},
			"empty":   {"verdict", "findings"},
		}[name]
		if diff := cmp.Diff(want, ids); diff != "" {
			t.Errorf("%s, sections (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(want, links); diff != "" {
			t.Errorf("%s, links (-want +got):\n%s", name, diff)
		}
		if strings.Contains(content.text, "connection") && name != "fixture" && r.Kind == audit.KindInspect {
			t.Errorf("%s speaks of connections:\n%s", name, content.text)
		}
	}
}

// TestHTMLPolicy: the policy allows the style and the script of the page, by the hash of
// what stands between their tags, and nothing else.
func TestHTMLPolicy(t *testing.T) {
	page := render(t, "html", fixture(), Options{})
	between := func(from, to string) string {
		_, rest, _ := strings.Cut(page, from)
		text, _, found := strings.Cut(rest, to)
		if !found {
			t.Fatalf("no %s", from)
		}
		return text
	}
	got := html.UnescapeString(between(`<meta http-equiv="Content-Security-Policy" content="`, `">`))
	if want := contentPolicy(between("<style>", "</style>"), between("<script>", "</script>")); got != want {
		t.Errorf("policy %s, want %s", got, want)
	}
	pattern := `^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; script-src 'sha256-[A-Za-z0-9+/]{43}='; base-uri 'none'; form-action 'none'$`
	if !regexp.MustCompile(pattern).MatchString(got) {
		t.Errorf("policy %s", got)
	}
	if want := "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"; !strings.Contains(contentPolicy("", "x"), "style-src "+want) {
		t.Errorf("the hash of nothing is not %s", want)
	}
}

// TestHTMLContrast: every colour of a text is told apart from what it stands on, in both
// themes, as WCAG 2 asks of small letters.
func TestHTMLContrast(t *testing.T) {
	on := map[string][]string{
		"text": {"page", "panel", "warning-panel"}, "muted": {"page", "panel"}, "link": {"page"},
		"error": {"page", "panel", "error-panel"}, "warning": {"page", "panel", "warning-panel"},
		"info": {"page", "panel", "info-panel"}, "ok": {"page", "panel", "ok-panel"},
	}
	colours := map[string][2]string{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\);`).FindAllStringSubmatch(htmlStyle, -1) {
		colours[m[1]] = [2]string{m[2], m[3]}
	}
	if n := len(regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(`).FindAllString(htmlStyle, -1)); n != 2*len(colours) {
		t.Errorf("%d colours in the style, of which %d have a name", n, 2*len(colours))
	}
	for text, grounds := range on {
		for _, ground := range grounds {
			for theme, name := range []string{"light", "dark"} {
				if got := contrast(t, colours[text][theme], colours[ground][theme]); got < 4.5 {
					t.Errorf("%s on %s, %s: contrast %.2f", text, ground, name, got)
				}
			}
		}
	}
	if got := contrast(t, "000000", "ffffff"); got != 21 {
		t.Errorf("black on white is %v, want 21", got)
	}
}

// contrast returns the contrast of two colours, by the formula of WCAG 2.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	luminance := func(colour string) float64 {
		sum := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			if len(colour) != 6 {
				t.Fatalf("no colour %q", colour)
			}
			n, err := strconv.ParseUint(colour[2*i:2*i+2], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			c := float64(n) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			sum += weight * c
		}
		return sum
	}
	x, y := luminance(a)+0.05, luminance(b)+0.05
	return max(x, y) / min(x, y)
}

func TestByImpact(t *testing.T) {
	finding := func(s rules.Severity, impact, fix string) audit.Finding {
		return audit.Finding{Severity: s, Impact: impact, Fix: fix}
	}
	groups, remarks := byImpact([]audit.Finding{
		finding(rules.Error, "a", "x"), finding(rules.Error, "b", "x"), finding(rules.Error, "a", "y"),
		finding(rules.Warning, "c", ""), finding(rules.Warning, "a", "x"), finding(rules.Info, "a", "x"),
	})
	var got []string
	for _, g := range groups {
		line := g.Impact + " " + g.Severity.String()
		for _, m := range g.Mends {
			line += fmt.Sprintf(" %s:%d", m.Fix, len(m.Findings))
		}
		got = append(got, line)
	}
	if diff := cmp.Diff([]string{"a error x:2 y:1", "b error x:1", "c warning :1"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(remarks) != 1 {
		t.Errorf("%d remarks", len(remarks))
	}
}

func TestHTMLOrder(t *testing.T) {
	c := certificate("etcd", "Server", "/a", "a", time.Hour)
	request := requestRow(&audit.Request{Type: audit.TypeRequest})
	if got, want := endOrder(&c), strconv.FormatInt(c.NotAfter.Unix(), 10); got != want {
		t.Errorf("a certificate is sorted by %s, want %s", got, want)
	}
	if got := endOrder(&request); got != "Infinity" {
		t.Errorf("a request is sorted by %s", got)
	}
	last := -1
	for _, s := range []rules.Status{"error", "warning", "info", "ok"} {
		if rank(s) <= last {
			t.Errorf("%s is sorted as %d behind %d", s, rank(s), last)
		}
		last = rank(s)
	}
}
