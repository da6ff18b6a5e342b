//go:build linux

package hostfs

import (
	"slices"
	"sync"
	"time"

	"kube-cert-audit/internal/parallel"
)

// Try returns what work makes of the files of a view, and does not wait for files
// that hang. When an operation of work does not answer by its deadline, work is
// left behind where it is and begun anew: what it asked for before is answered
// from memory, and the operation that hung with the reason TimedOut. So work must
// have no effects but its result, and use the view that it is given. On a view
// without deadlines it just runs. A panic of work comes to the caller.
//
// Operations outside of Try keep the deadlines as well. But each changes the
// goroutine and back, which costs more than the rest of it: an audit takes a tenth
// longer then, and not measurably with Try.
func Try[T any](f *FS, work func(*FS) T) T {
	if f.patience == nil || f.attempt != nil {
		return work(f)
	}
	known := map[question]answer{}
	for {
		view := *f
		view.attempt = &attempt{patience: f.patience, known: known, learnt: map[question]answer{}}
		done := make(chan func() T, 1) // of room for one: nobody may be waiting any more
		go func() { done <- parallel.Carry(func() T { return work(&view) }) }()
		if result, ok := await(view.attempt, done); ok {
			return result
		}
		known = view.attempt.memory()
	}
}

// await waits for the end of an attempt. It returns false where one of its
// operations is to be left behind.
func await[T any](a *attempt, done <-chan func() T) (result T, ok bool) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	up := a.patience.ctx.Done()
	for {
		select {
		case outcome := <-done:
			return outcome(), true
		case <-ticker.C:
		case <-up:
			up = nil // what is not running by now does not begin
		}
		if a.isStuck() {
			return result, false
		}
	}
}

// attempt is one run of the work of Try.
type attempt struct {
	patience *patience
	known    map[question]answer // from earlier attempts; nobody writes to it any more

	mu      sync.Mutex
	over    bool // left behind
	running []*operation
	learnt  map[question]answer
	kept    int // bytes of files in learnt
}

// question is an operation, and answer what it came to.
type question struct {
	operation string
	path      string
	limit     int64
}

type answer struct {
	value any
	err   error
}

// operation is a question that waits for its answer.
type operation struct {
	path            string
	granted, waited time.Duration
}

// maxKept bounds the bytes of files that an attempt remembers for the next one,
// far above those of a node. What is beyond is read again.
const maxKept = 8 << 20

// inTime answers a question by the operation, within its deadline if the view has any.
func inTime[T any](f *FS, q question, operate func() (T, error)) (T, error) {
	if f.patience == nil {
		return operate()
	}
	if f.attempt == nil {
		a := Try(f, func(view *FS) answer {
			value, err := inTime(view, q, operate)
			return answer{value, err}
		})
		return a.value.(T), a.err
	}
	if a, ok := f.attempt.known[q]; ok {
		return a.value.(T), a.err
	}
	o, err := f.attempt.begin(q.path)
	if err != nil {
		return *new(T), err
	}
	value, err := operate()
	f.attempt.end(o, q, answer{value, err})
	return value, err
}

// begin notes that an operation is running, or returns why it must not.
func (a *attempt) begin(file string) (*operation, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return nil, timeIsUp(file) // nobody waits for the answer
	}
	granted, err := a.patience.grant(file)
	if err != nil {
		return nil, err
	}
	o := &operation{path: file, granted: granted}
	a.running = append(a.running, o)
	return o, nil
}

// end remembers what an operation came to.
func (a *attempt) end(o *operation, q question, answer answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return
	}
	i := slices.Index(a.running, o)
	a.running = slices.Delete(a.running, i, i+1)
	if f, ok := answer.value.(*File); ok && f != nil {
		if a.kept += len(f.Data); a.kept > maxKept {
			return
		}
	}
	a.learnt[q] = answer
}

// isStuck reports whether an operation ran out of time since it was last looked
// at. The attempt is over then.
func (a *attempt) isStuck() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, o := range a.running {
		o.waited += tick
		if o.waited >= o.granted || a.patience.ctx.Err() != nil {
			a.patience.giveUp(o)
			a.over = true
		}
	}
	return a.over
}

// memory returns what is known after an attempt that is over.
func (a *attempt) memory() map[question]answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	for q, answer := range a.known {
		a.learnt[q] = answer
	}
	return a.learnt
}
