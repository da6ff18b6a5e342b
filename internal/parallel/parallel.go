// Package parallel does many small pieces of work on all processors without
// letting that show: results come in the order of the pieces, and only so many
// of them are ahead of the one that is due. It knows nothing of the work.
package parallel

import (
	"runtime"
	"sync"
)

// ahead is how many pieces, for each processor, may be done or in work before
// their turn. It keeps all busy while one is slow, and memory bounded.
const ahead = 4

// Work is what one processor does: it has no need to share what it keeps from
// piece to piece.
type Work[T any] func(piece int) T

// InOrder calls a Work, of which start makes one for each processor, on the
// pieces from 0 to n-1, and take on the results, one after the other and in
// order. The first error of take ends it, and so does a panic of a Work or of start,
// which comes to the caller.
func InOrder[T any](n int, start func() Work[T], take func(T) error) error {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers < 2 {
		return inTurn(n, start, take)
	}
	stop := make(chan struct{})
	todo, due := make(chan piece[T]), make(chan piece[T], ahead*workers)
	var all sync.WaitGroup
	defer all.Wait()
	defer close(stop)
	all.Go(func() { share(n, todo, due, stop) })
	for range workers {
		all.Go(func() {
			var work Work[T]
			for p := range todo {
				p.result <- Carry(func() T {
					if work == nil {
						work = start()
					}
					return work(p.index)
				})
			}
		})
	}
	for p := range due {
		if err := take((<-p.result)()); err != nil {
			return err
		}
	}
	return nil
}

// piece is one piece of work, with a place for its result.
type piece[T any] struct {
	index  int
	result chan func() T
}

// share hands out the pieces, as far as there is room for their results.
func share[T any](n int, todo, due chan<- piece[T], stop <-chan struct{}) {
	defer close(todo)
	defer close(due)
	for i := range n {
		p := piece[T]{i, make(chan func() T, 1)}
		select {
		case due <- p:
			todo <- p
		case <-stop:
			return
		}
	}
}

// inTurn does everything where it is called.
func inTurn[T any](n int, start func() Work[T], take func(T) error) error {
	work := start()
	for i := range n {
		if err := take(work(i)); err != nil {
			return err
		}
	}
	return nil
}
