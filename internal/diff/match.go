package diff

import "strings"

// pair is what one thing is in the two reports; nil where it is not there.
type pair[T any] struct{ older, newer *T }

func (p pair[T]) change() Change {
	switch {
	case p.older == nil:
		return New
	case p.newer == nil:
		return Gone
	}
	return Changed
}

// match finds the items of two lists that are one thing: those of one identity, the
// same ones first, and then in their order. An identity is made with what paths are
// known by. The pairs come in the order of the newer list, and behind them what is gone.
func match[T any](older, newer []T, moved places, identity func(item *T, place func(string) string) string, content func(*T) string) []pair[T] {
	before := func(item *T) string { return identity(item, moved.of) }
	after := func(item *T) string { return identity(item, place) }
	exactly := func(identity func(*T) string) func(*T) string {
		return func(item *T) string { return key(identity(item), content(item)) }
	}
	pairs := make([]pair[T], len(newer))
	for i := range newer {
		pairs[i].newer = &newer[i]
	}
	taken := make([]bool, len(older))
	for _, by := range []struct{ older, newer func(*T) string }{{exactly(before), exactly(after)}, {before, after}} {
		free := map[string][]int{} // those of the older list that are not taken, in their order
		for i := range older {
			if !taken[i] {
				at := by.older(&older[i])
				free[at] = append(free[at], i)
			}
		}
		for i := range pairs {
			if pairs[i].older != nil {
				continue
			}
			if at := by.newer(&newer[i]); len(free[at]) > 0 {
				first := free[at][0]
				pairs[i].older, taken[first], free[at] = &older[first], true, free[at][1:]
			}
		}
	}
	for i := range older {
		if !taken[i] {
			pairs = append(pairs, pair[T]{older: &older[i]})
		}
	}
	return pairs
}

// key joins the parts of an identity. No part has a NUL that could make two of one: JSON
// texts may, but then a report was not written by this program.
func key(parts ...string) string { return strings.Join(parts, "\x00") }
