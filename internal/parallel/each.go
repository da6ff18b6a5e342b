package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Each calls work on the pieces from 0 to n-1, in no order, and returns when all
// are done. A panic of work comes to the caller.
func Each(n int, work func(piece int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	outcomes := make([]func() bool, min(n, runtime.GOMAXPROCS(0)))
	for worker := range outcomes {
		all.Go(func() {
			outcomes[worker] = Carry(func() bool {
				for i := next.Add(1) - 1; int(i) < n; i = next.Add(1) - 1 {
					work(int(i))
				}
				return true
			})
		})
	}
	all.Wait()
	for _, outcome := range outcomes {
		outcome()
	}
}
