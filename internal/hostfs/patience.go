//go:build linux

package hostfs

import (
	"context"
	"fmt"
	"path"
	"sync"
	"time"
)

const (
	// leastPatience is what an operation gets at least below a folder where others
	// got stuck: much for a file on a disk, little as the share of one in many.
	leastPatience = 50 * time.Millisecond
	// tick is how often operations are looked at, longer than most audits take.
	// Ticks are counted, not clocks compared: while the whole machine stands
	// still, no time passes.
	tick = leastPatience / 2
)

// patience bounds the time that operations take. A system call that is stuck, as
// on a network file system whose server is gone, cannot be called back: it is
// left behind with the goroutine that waits for it.
type patience struct {
	ctx     context.Context // ends all operations
	perFile time.Duration

	mu    sync.Mutex
	left  bool                     // something was left behind
	stuck map[string]*Error        // by path: what got stuck is not tried again
	short map[string]time.Duration // by folder: what is left of perFile below it, where something got stuck
}

func newPatience(ctx context.Context, perFile time.Duration) *patience {
	return &patience{ctx: ctx, perFile: perFile, stuck: map[string]*Error{}, short: map[string]time.Duration{}}
}

// grant returns the time that an operation gets, or why it gets none.
func (p *patience) grant(file string) (time.Duration, error) {
	if p.ctx.Err() != nil {
		return 0, timeIsUp(file)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.stuck) == 0 {
		return p.perFile, nil
	}
	if e := p.stuck[file]; e != nil {
		return 0, e
	}
	if short, ok := p.short[p.folderOf(file)]; ok {
		return short, nil
	}
	return p.perFile, nil
}

// folderOf returns the outermost of the folders above a file in which something
// got stuck, else its own.
func (p *patience) folderOf(file string) string {
	folder := path.Dir(file)
	for dir := folder; dir != path.Dir(dir); dir = path.Dir(dir) {
		if _, ok := p.short[dir]; ok {
			folder = dir
		}
	}
	return folder
}

// giveUp leaves an operation behind, and halves what the next one below that
// folder gets: a file system that hangs must not cost the full time for each of
// its files.
func (p *patience) giveUp(o *operation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = true
	if p.ctx.Err() != nil {
		return // that is the reason for all
	}
	p.stuck[o.path] = &Error{
		Path: o.path, Reason: TimedOut, Detail: fmt.Sprintf("no answer within %v", o.granted.Round(time.Millisecond)),
	}
	p.short[p.folderOf(o.path)] = min(p.perFile, max(o.granted/2, leastPatience))
}

func timeIsUp(file string) *Error {
	return &Error{Path: file, Reason: TimedOut, Detail: "the time for all files is up"}
}

// hasLeft reports whether an operation was left behind that may still go on.
func (p *patience) hasLeft() bool {
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.left
}
