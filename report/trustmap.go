package report

import (
	"fmt"
	"slices"
	"strings"

	"kube-cert-audit/audit"
	"kube-cert-audit/rules"
)

// What the map measures, in units of the picture.
const (
	mapWidth    = 1200
	sideWidth   = 330 // of a box at the left or right
	issuerWidth = 290
	issuerX     = (mapWidth - issuerWidth) / 2
	verifierX   = mapWidth - sideWidth
	bend        = 60 // how far a line keeps its direction before it turns

	// maxMapped bounds the lines: the table has all connections.
	maxMapped = 120
)

// trustMap is a picture of the connections: at the left who presents which certificate,
// in the middle the issuer that it names, at the right who verifies it against which
// file. Each connection has a line of its own through all three, with its number.
type trustMap struct {
	Width, Height int
	Columns       []mapHeading
	Presenters    []*mapBox
	Issuers       []*mapBox
	Verifiers     []*mapBox
	Lines         []mapLine
	Left          int // how many connections there was no room for
}

// mapLine is one connection.
type mapLine struct {
	*audit.Connection
	Number int
	Look   rules.Status // how the line is drawn
	// The two halves of the line, and what stands between them.
	In, Out string
	X, Y    int
	Label   mapText
}

// mapHeading is what a column is called.
type mapHeading struct {
	X    int
	Name string
}

// newTrustMap returns nil for a report without connections.
func newTrustMap(r *audit.Report) *trustMap {
	if len(r.Connections) == 0 {
		return nil
	}
	presenters, issuers, verifiers := newMapColumn(0, sideWidth), newMapColumn(issuerX, issuerWidth), newMapColumn(verifierX, sideWidth)
	type path struct{ from, through, to *mapRow }
	var paths []path
	m := &trustMap{Width: mapWidth, Columns: []mapHeading{{0, "PRESENTS"}, {issuerX, "SIGNED BY"}, {verifierX, "VERIFIES AGAINST"}}}
	named := issuerNames(r.Certificates)
	for _, number := range mapped(r.Connections) {
		c := &r.Connections[number-1]
		m.Lines = append(m.Lines, mapLine{Connection: c, Number: number, Look: look(c)})
		issuer := named[c.Presenter.Path]
		paths = append(paths, path{
			presenters.row(c.Presenter.Component, c.Presenter.Path), issuers.row(issuer, fmt.Sprint(number)), verifiers.row(c.Verifier.Component, c.Verifier.Path),
		})
	}
	m.Left = len(r.Connections) - len(paths)

	// Each column follows the one beside it, so that few lines cross.
	issuers.stack()
	for _, p := range paths {
		p.from.pull(p.through.Y)
		p.to.pull(p.through.Y)
	}
	presenters.arrange()
	verifiers.arrange()
	for _, p := range paths {
		p.through.pull(p.from.Y)
		p.through.pull(p.to.Y)
	}
	issuers.arrange()
	for _, p := range paths {
		p.to.pull(p.through.Y)
	}
	verifiers.arrange()

	for i, p := range paths {
		m.Lines[i].In = curve(sideWidth, p.from.Y, issuerX, p.through.Y)
		m.Lines[i].Out = curve(issuerX+issuerWidth, p.through.Y, verifierX, p.to.Y)
		m.Lines[i].X, m.Lines[i].Y = issuerX, p.through.Y
		m.Lines[i].Label = newMapText(lineLabel(&m.Lines[i]), issuerWidth, head)
	}
	m.Presenters, m.Issuers, m.Verifiers = presenters.boxes, issuers.boxes, verifiers.boxes
	m.Height = max(presenters.height, issuers.height, verifiers.height)
	return m
}

// mapped returns the numbers, from 1, of the connections that the map has room for:
// those that fail before others, all in the order of the report.
func mapped(connections []audit.Connection) []int {
	numbers := make([]int, len(connections))
	for i := range connections {
		numbers[i] = i + 1
	}
	if len(numbers) <= maxMapped {
		return numbers
	}
	slices.SortStableFunc(numbers, func(a, b int) int {
		return rank(look(&connections[a-1])) - rank(look(&connections[b-1]))
	})
	numbers = numbers[:maxMapped]
	slices.Sort(numbers)
	return numbers
}

// look returns how a connection is drawn: what fails is broken, though the user may have
// waived it or rated it milder.
func look(c *audit.Connection) rules.Status {
	switch {
	case c.Outcome == audit.Fails:
		return "error"
	case c.Outcome == audit.Unknown:
		return "info"
	case c.Status == "info":
		return rules.OK
	}
	return c.Status
}

// issuerNames returns what the certificates that are presented say who signed them, by
// their paths. Of a file with several, that is the first, and no CA where there is another.
func issuerNames(certificates []audit.Certificate) map[string]string {
	presented := map[string]*audit.Certificate{}
	for i := range certificates {
		c := &certificates[i]
		if known := presented[c.Path]; known == nil || known.IsCA && !c.IsCA {
			presented[c.Path] = c
		}
	}
	names := map[string]string{}
	for path, c := range presented {
		names[path] = list(issuer(c)).String()
	}
	return names
}

// lineLabel tells of a connection what does not stand at its ends.
func lineLabel(l *mapLine) string {
	mark := map[rules.Status]string{"error": "✕ fails: ", "warning": "! ", "info": "? "}[l.Look]
	return strings.TrimSpace(fmt.Sprintf("%d %s%s %s", l.Number, mark, l.Usage, l.ServerName))
}

// curve returns the line between two points, level at both.
func curve(x, y, toX, toY int) string {
	return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x, y, x+bend, y, toX-bend, toY, toX, toY)
}
