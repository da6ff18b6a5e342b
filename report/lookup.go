package report

import (
	"fmt"
	"strings"
)

// Lookup returns the format of that name.
func Lookup(name string) (Format, error) { return LookupIn(Formats(), name) }

// LookupIn returns that of some formats which has the name.
func LookupIn[T any](formats []FormatOf[T], name string) (FormatOf[T], error) {
	var names []string
	nearest, least := "", 3 // a name three edits away is no misspelling of it
	for _, f := range formats {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
		if d := distance(strings.ToLower(name), f.Name); d < least {
			nearest, least = f.Name, d
		}
	}
	hint := ""
	if nearest != "" {
		hint = fmt.Sprintf("; did you mean %s?", nearest)
	}
	return FormatOf[T]{}, fmt.Errorf("output format %q is none of %s%s", name, strings.Join(names, ", "), hint)
}

// distance returns the number of bytes to insert, remove or replace to make b
// of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
