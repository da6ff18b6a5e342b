package main

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// progressEvery is how often the progress is shown: what is done before the first
// time needs none.
const progressEvery = 300 * time.Millisecond

// progress is a line on a terminal that says how far the work has come. It is
// never part of an output: it is gone when that is written.
type progress struct {
	w           io.Writer // nil where there is nobody to see it
	read, files atomic.Int64

	stop  chan struct{}
	shows sync.WaitGroup
}

// newProgress returns a progress that is shown where stderr is a terminal.
func (p *process) newProgress() *progress {
	if _, isTerminal := size(p.stderr); !isTerminal || p.getenv("TERM") == "dumb" {
		return new(progress)
	}
	ticker := time.NewTicker(progressEvery)
	shown := showProgress(p.stderr, ticker.C)
	shown.shows.Go(func() {
		<-shown.stop
		ticker.Stop()
	})
	return shown
}

// showProgress returns a progress that is shown on w at every tick.
func showProgress(w io.Writer, ticks <-chan time.Time) *progress {
	p := &progress{w: w, stop: make(chan struct{})}
	p.shows.Go(func() {
		shown := false
		for {
			select {
			case <-ticks:
				if files := p.files.Load(); files > 0 {
					fmt.Fprintf(w, "\r%s: %d of %d files\x1b[K", programName, p.read.Load(), files)
					shown = true
				}
			case <-p.stop:
				if shown {
					fmt.Fprint(w, "\r\x1b[K")
				}
				return
			}
		}
	})
	return p
}

// set says how many of how many files were read.
func (p *progress) set(read, files int) {
	p.read.Store(int64(read))
	p.files.Store(int64(files))
}

// end takes the line away.
func (p *progress) end() {
	if p.w == nil {
		return
	}
	close(p.stop)
	p.shows.Wait()
}
