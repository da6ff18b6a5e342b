package main

import (
	"fmt"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const manPage = "../../docs/kube-cert-audit.1"

// manDate is the day of the page: not that on which it is made, so that it only
// changes when its text does.
const manDate = "2026-11-25"

// TestManPage holds the man page to what it is made of: doc.go, the commands, and the
// examples in their help texts.
func TestManPage(t *testing.T) {
	want := manText(t)
	if *update {
		if err := os.WriteFile(manPage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(manPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what doc.go and the commands say: make golden", manPage)
	}
	mandoc, err := exec.LookPath("mandoc")
	if err != nil {
		t.Skip("there is no mandoc in PATH (Debian: mandoc) to judge the page by")
	}
	if out, err := exec.Command(mandoc, "-T", "lint", manPage).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("mandoc: %v\n%s", err, out)
	}
	shown, err := exec.Command(mandoc, "-T", "ascii", "-O", "width=78", manPage).Output()
	if err != nil {
		t.Fatal(err)
	}
	text := plainTerminal(string(shown))
	for line := range strings.Lines(text) {
		if len(line) > 80 {
			t.Errorf("more than a terminal has columns: %q", line)
		}
	}
	for _, want := range []string{"kube-cert-audit [audit] [--root DIR]", "--warn-within SPAN", "KUBE_CERT_AUDIT_FAIL_ON", "EXIT CODES"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in the page", want)
		}
	}
}

// plainTerminal takes the strokes that a printer would repeat out of a text.
func plainTerminal(text string) string {
	var b strings.Builder
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		if i+1 < len(runes) && runes[i+1] == '\b' {
			i++
			continue
		}
		b.WriteRune(runes[i])
	}
	return b.String()
}

// manText returns the page.
func manText(t *testing.T) string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", manual, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{name: programName, now: now()}
	m := &man{}
	fmt.Fprintf(&m.b, ".TH %s 1 %s %s \"User Commands\"\n", strings.ToUpper(programName), manDate, programName)
	m.b.WriteString(".nh\n.ad l\n") // a flag that is parted at the end of a line cannot be copied
	m.macro("SH", "NAME")
	m.text(programName + " - " + p.app(nil, nil).Usage)
	blocks := new(comment.Parser).Parse(file.Doc.Text()).Content
	m.macro("SH", "SYNOPSIS")
	m.calls(usageOf(t, blocks))
	m.macro("SH", "DESCRIPTION")
	for _, b := range blocks {
		if code, ok := b.(*comment.Code); ok && code.Text == usageOf(t, blocks) {
			continue
		}
		if h, ok := b.(*comment.Heading); ok && plain(h.Text) == "Usage" {
			continue // what follows goes on with the description
		}
		m.block(b)
	}
	m.macro("SH", "COMMANDS")
	for _, c := range p.commands() {
		m.term(c.name, c.title)
	}
	m.macro("SH", "EXAMPLES")
	for _, c := range p.commands() {
		for line := range strings.Lines(strings.TrimPrefix(strings.TrimSpace(c.help), "Examples:\n")) {
			call, remark, _ := strings.Cut(strings.TrimSpace(line), "  ")
			m.term(call, strings.TrimSpace(remark))
		}
	}
	m.macro("SH", "SEE ALSO")
	m.text("kubectl(1), openssl-x509(1ssl), https://kubernetes.io/docs/setup/best-practices/certificates/")
	return m.b.String()
}

// usageOf returns the calls that doc.go begins with.
func usageOf(t *testing.T, blocks []comment.Block) string {
	t.Helper()
	for _, b := range blocks {
		if code, ok := b.(*comment.Code); ok {
			return code.Text
		}
	}
	t.Fatal("doc.go shows no calls")
	return ""
}

// man is a page in the macros of man(7).
type man struct {
	b     strings.Builder
	fresh bool // a section has just begun
}

func (m *man) macro(name string, args ...string) {
	m.fresh = name == "SH"
	m.b.WriteString("." + name)
	for _, arg := range args {
		m.b.WriteString(" \"" + strings.ReplaceAll(roff(arg), `"`, `\(dq`) + "\"")
	}
	m.b.WriteByte('\n')
}

// text writes a text, in lines of no more than 80 bytes where words allow.
func (m *man) text(text string) {
	line := ""
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' })
	for _, word := range words {
		if longer := strings.TrimPrefix(line+" "+word, " "); line == "" || len(roff(longer)) <= 80 {
			line = longer
			continue
		}
		m.b.WriteString(roff(line) + "\n")
		line = word
	}
	m.b.WriteString(roff(line) + "\n")
}

// term writes a term with what it means.
func (m *man) term(term, meaning string) {
	if meaning == "" {
		m.macro("PP")
		m.macro("B", term)
		return
	}
	m.macro("TP")
	m.macro("B", term)
	m.text(meaning)
}

// block writes a part of the manual.
func (m *man) block(b comment.Block) {
	switch b := b.(type) {
	case *comment.Heading:
		m.macro("SH", strings.ToUpper(plain(b.Text)))
	case *comment.Paragraph:
		if !m.fresh {
			m.macro("PP")
		}
		m.fresh = false
		m.text(plain(b.Text))
	case *comment.Code:
		m.terms(b.Text)
	}
}

// terms writes a list, of which each term is followed by a tab or the end of its line,
// and its meaning goes on behind tabs.
func (m *man) terms(text string) {
	term, meaning := "", []string{}
	flush := func() {
		if term != "" {
			m.term(term, strings.Join(meaning, "\n"))
		}
		term, meaning = "", nil
	}
	for line := range strings.Lines(text) {
		before, after, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if before != "" {
			flush()
			term = before
		}
		if after = strings.TrimLeft(after, "\t"); after != "" {
			meaning = append(meaning, after)
		}
	}
	flush()
}

// calls writes the ways to call the program; what is in brackets is not parted.
func (m *man) calls(text string) {
	for _, call := range strings.Split(strings.TrimSpace(text), "\n"+programName) {
		words := strings.Join(strings.Fields(strings.TrimPrefix(call, programName)), " ")
		m.macro("HP", "4")
		var b strings.Builder
		depth := 0
		for _, r := range words {
			switch {
			case r == '[':
				depth++
			case r == ']':
				depth--
			case r == ' ' && depth > 0:
				r = '\u00a0'
			}
			b.WriteRune(r)
		}
		m.text(programName + " " + b.String())
	}
}

// plain returns a text without its marks.
func plain(text []comment.Text) string {
	var b strings.Builder
	for _, t := range text {
		switch t := t.(type) {
		case comment.Plain:
			b.WriteString(string(t))
		case comment.Italic:
			b.WriteString(string(t))
		case *comment.Link:
			b.WriteString(plain(t.Text))
		case *comment.DocLink:
			b.WriteString(plain(t.Text))
		}
	}
	return b.String()
}

// roff returns a text of which nothing is a command of roff, and every mark is shown
// as what it is.
func roff(text string) string {
	var b strings.Builder
	atStart := true
	for _, r := range text {
		if atStart && (r == '.' || r == '\'') {
			b.WriteString(`\&`)
		}
		atStart = r == '\n'
		switch r {
		case '\\':
			b.WriteString(`\e`)
		case '-':
			b.WriteString(`\-`)
		case '\'':
			b.WriteString(`\(aq`)
		case '`':
			b.WriteString(`\(ga`)
		case '^':
			b.WriteString(`\(ha`)
		case '~':
			b.WriteString(`\(ti`)
		case '\u00a0':
			b.WriteString(`\ `)
		default:
			if r > '~' || r < ' ' && r != '\n' {
				fmt.Fprintf(&b, `\[u%04X]`, r)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

func TestRoff(t *testing.T) {
	for text, want := range map[string]string{
		".SH x":           `\&.SH x`,
		"a\n.so /x":       "a\n" + `\&.so /x`,
		"'br":             `\&\(aqbr`,
		`\fBx\(aq`:        `\efBx\e(aq`,
		"--root":          `\-\-root`,
		"a…\x1b[2J":       `a\[u2026]\[u001B][2J`,
		"`~^":             `\(ga\(ti\(ha`,
		"plain, \"as\" .": `plain, "as" .`,
	} {
		if got := roff(text); got != want {
			t.Errorf("roff(%q) = %q, want %q", text, got, want)
		}
	}
	m := &man{}
	m.macro("B", `a "b" \`)
	if got := m.b.String(); got != `.B "a \(dqb\(dq \e"`+"\n" {
		t.Errorf("macro: %q", got)
	}
}
