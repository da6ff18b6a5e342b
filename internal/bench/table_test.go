package bench

import (
	"fmt"
	"strings"
	"time"
)

// table collects measures as a table of Markdown.
type table struct {
	floor string // the command that the others are held against
	rows  []string
}

// add adds what was measured on one input.
func (t *table) add(input string, commands []command, measures []measure) {
	var base measure
	for i, c := range commands {
		if c.name == t.floor {
			base = measures[i]
		}
	}
	for i, c := range commands {
		m := measures[i]
		t.rows = append(t.rows, fmt.Sprintf("| %s | %s | %s | %s | %.1f MiB | %.2f |", input, c.name,
			milliseconds(m.wall), milliseconds(m.cpu), float64(m.peak)/1024, float64(m.wall)/float64(base.wall)))
	}
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

// String returns the table.
func (t *table) String() string {
	head := "| input | command | wall | CPU | peak memory | wall / floor |\n|---|---|---|---|---|---|\n"
	return head + strings.Join(t.rows, "\n") + "\n"
}
