package bench

import (
	"fmt"
	"strings"
	"time"
)

// table collects measures as a table of Markdown.
type table struct{ rows []string }

// add adds what was measured on one input. The first command is the floor that
// the others are held against.
func (t *table) add(input string, commands []command, measures []measure) {
	floor := measures[0]
	for i, c := range commands {
		m := measures[i]
		t.rows = append(t.rows, fmt.Sprintf("| %s | %s | %s | %s | %.1f MiB | %.2f |", input, c.name,
			milliseconds(m.wall), milliseconds(m.cpu), float64(m.peak)/1024, float64(m.wall)/float64(floor.wall)))
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
