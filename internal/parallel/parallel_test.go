package parallel

import (
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// withProcessors sets the number of processors for one test.
func withProcessors(t *testing.T, n int) {
	t.Helper()
	before := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

func TestInOrder(t *testing.T) {
	for _, processors := range []int{1, 2, 7} {
		withProcessors(t, processors)
		for _, n := range []int{0, 1, 2, 5, 1000} {
			var got []int
			err := InOrder(n, func() Work[int] {
				return func(i int) int {
					if i%17 == 0 {
						time.Sleep(time.Millisecond) // others overtake it
					}
					return i * i
				}
			}, func(square int) error {
				got = append(got, square)
				return nil
			})
			if err != nil || len(got) != n {
				t.Fatalf("%d processors: %d results of %d, %v", processors, len(got), n, err)
			}
			for i, square := range got {
				if square != i*i {
					t.Fatalf("%d processors: result %d is %d", processors, i, square)
				}
			}
		}
	}
}

func TestInOrderIsBounded(t *testing.T) {
	const processors = 2
	withProcessors(t, processors)
	var done, taken, most atomic.Int64
	err := InOrder(500, func() Work[int] {
		return func(i int) int {
			most.Store(max(most.Load(), done.Add(1)-taken.Load()))
			return i
		}
	}, func(int) error {
		taken.Add(1)
		time.Sleep(10 * time.Microsecond)
		return nil
	})
	if room := int64((ahead + 2) * processors); err != nil || most.Load() > room {
		t.Errorf("%d results waited, %v; there is room for %d", most.Load(), err, room)
	}
}

func TestInOrderEnds(t *testing.T) {
	full := errors.New("no room")
	for _, processors := range []int{1, 2, 7} {
		withProcessors(t, processors)
		var done atomic.Int64
		taken := 0
		err := InOrder(1_000_000, func() Work[int] {
			return func(i int) int {
				done.Add(1)
				return i
			}
		}, func(int) error {
			if taken++; taken == 10 {
				return full
			}
			return nil
		})
		if !errors.Is(err, full) || taken != 10 || done.Load() > 1000 {
			t.Errorf("%d processors: %v after %d results, %d pieces done", processors, err, taken, done.Load())
		}
	}
}

func TestEach(t *testing.T) {
	for _, processors := range []int{1, 2, 7} {
		withProcessors(t, processors)
		for _, n := range []int{0, 1, 2, 1000} {
			calls := make([]atomic.Int64, n)
			Each(n, func(i int) { calls[i].Add(1) })
			for i := range calls {
				if got := calls[i].Load(); got != 1 {
					t.Fatalf("%d processors: piece %d of %d was done %d times", processors, i, n, got)
				}
			}
		}
	}
}

// A panic ends the call, not the program, and tells where it happened.
func TestPanics(t *testing.T) {
	explode := func(i int) int {
		if i == 3 {
			panic("piece 3")
		}
		return i
	}
	calls := map[string]func(){
		"Carry": func() { Carry(func() int { return explode(3) })() },
		"Each":  func() { Each(10, func(i int) { explode(i) }) },
		"InOrder": func() {
			_ = InOrder(10, func() Work[int] { return explode }, func(int) error { return nil })
		},
		"start of InOrder": func() {
			_ = InOrder(10, func() Work[int] { explode(3); return explode }, func(int) error { return nil })
		},
	}
	for name, call := range calls {
		withProcessors(t, 2)
		got := func() (fault any) {
			defer func() { fault = recover() }()
			call()
			return nil
		}()
		if text, _ := got.(string); !strings.HasPrefix(text, "piece 3\n") || !strings.Contains(text, "parallel_test.go") {
			t.Errorf("%s: the panic is %q", name, got)
		}
	}
}
