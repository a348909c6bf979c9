package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"
)

const (
	// maxBatch bounds the writes of one transaction, and so how long the first
	// of them waits for the last.
	maxBatch = 256
	// batchTime bounds one batch with its retries; the callers wait for it
	// whatever becomes of their own contexts.
	batchTime = 20 * time.Second
)

// group gathers small writes. The first one starts a goroutine that runs
// batches until nobody waits; whoever arrives during a batch is in the next.
type group struct {
	run func([]*job)

	mu      sync.Mutex
	waiting []*job
	running bool
	closed  bool
	idle    sync.WaitGroup
}

// job is one caller's write.
type job struct {
	ctx  context.Context
	fn   work
	err  error
	done chan struct{}
}

// grouped runs fn in a transaction shared with other callers and returns after
// its COMMIT, or with fn's error and nothing of fn written.
func (d *DB) grouped(ctx context.Context, fn work) error {
	j := &job{ctx: ctx, fn: fn, done: make(chan struct{})}
	if err := d.group.add(j); err != nil {
		return err
	}
	select {
	case <-j.done:
	case <-ctx.Done():
		if d.group.withdraw(j) {
			return ctx.Err()
		}
		<-j.done
	}
	return j.err
}

func (g *group) add(j *job) error {
	if err := j.ctx.Err(); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return errClosed
	}
	g.waiting = append(g.waiting, j)
	if !g.running {
		g.running = true
		g.idle.Add(1)
		go g.drain()
	}
	return nil
}

// withdraw takes j out of the line and reports whether it still stood there.
func (g *group) withdraw(j *job) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, w := range g.waiting {
		if w == j {
			g.waiting = append(g.waiting[:i:i], g.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// drain runs batches until nobody waits.
func (g *group) drain() {
	defer g.idle.Done()
	for {
		batch := g.next()
		if batch == nil {
			return
		}
		g.run(batch)
		for _, j := range batch {
			close(j.done)
		}
	}
}

// next takes the first of those who wait, or marks the group idle.
func (g *group) next() []*job {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.running = false
		return nil
	}
	n := min(len(g.waiting), maxBatch)
	batch := g.waiting[:n:n]
	g.waiting = append([]*job(nil), g.waiting[n:]...)
	return batch
}

// close refuses new writes and waits for those that were accepted.
func (g *group) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.idle.Wait()
}

// runBatch writes all jobs in one transaction and sets the outcome of each.
func (d *DB) runBatch(batch []*job) {
	ctx, cancel := context.WithTimeout(context.Background(), batchTime)
	defer cancel()
	err := d.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if len(batch) == 1 {
			return runAlone(ctx, tx, batch[0])
		}
		for _, j := range batch {
			if err := d.runInSavepoint(ctx, tx, j); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		return
	}
	for _, j := range batch {
		if j.err == nil {
			j.err = err
		}
	}
}

// runAlone needs no savepoint: if the only job fails there is nothing to keep.
func runAlone(ctx context.Context, tx *sql.Tx, j *job) error {
	j.err = nil
	return j.call(ctx, tx)
}

// runInSavepoint runs one job so that its failure leaves the others' rows. It
// returns an error only when the whole batch must be given up or run again.
func (d *DB) runInSavepoint(ctx context.Context, tx *sql.Tx, j *job) error {
	j.err = nil
	if _, err := tx.ExecContext(ctx, "SAVEPOINT job"); err != nil {
		return fmt.Errorf("savepoint: %w", err)
	}
	err := j.call(ctx, tx)
	if err != nil && d.engine.conflict(err) {
		return err
	}
	if err != nil {
		if _, rerr := tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT job"); rerr != nil {
			return fmt.Errorf("roll back to savepoint: %w after: %w", rerr, err)
		}
		j.err = err
	}
	if _, err := tx.ExecContext(ctx, "RELEASE SAVEPOINT job"); err != nil {
		return fmt.Errorf("release savepoint: %w", err)
	}
	return nil
}

// call runs the job's function with the caller's values but not its end, which
// would break the connection under everybody's feet. A panic becomes an error:
// the batch runs on a goroutine of its own, where nobody could recover it.
func (j *job) call(batch context.Context, tx *sql.Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("grouped write panicked: %v", p)
		}
	}()
	ctx, cancel := context.WithCancel(context.WithoutCancel(j.ctx))
	defer cancel()
	defer context.AfterFunc(batch, cancel)()
	return j.fn(ctx, tx)
}
