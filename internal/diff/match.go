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
// same ones first, and then in their order. The pairs come in the order of the newer
// list, and behind them what is gone.
func match[T any](older, newer []T, identity, content func(*T) string) []pair[T] {
	pairs := make([]pair[T], len(newer))
	for i := range newer {
		pairs[i].newer = &newer[i]
	}
	taken := make([]bool, len(older))
	for _, by := range []func(*T) string{
		func(item *T) string { return key(identity(item), content(item)) }, identity,
	} {
		free := map[string][]int{} // those of the older list that are not taken, in their order
		for i := range older {
			if !taken[i] {
				free[by(&older[i])] = append(free[by(&older[i])], i)
			}
		}
		for i := range pairs {
			if pairs[i].older != nil {
				continue
			}
			if at := by(&newer[i]); len(free[at]) > 0 {
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
