package sqldb

import (
	"context"
	"database/sql"
	"errors"
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

// group gathers small writes. The first caller writes its own at once; whoever
// arrives meanwhile is in the next batch, which the first of them writes for all.
// A batch runs on the goroutine of one who would wait for it anyway: nobody has
// to be woken for a write that comes alone.
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
	lead chan []*job // the batch that this caller is to write, its own job among them
}

// errUnfinished is the outcome of a batch whose run panicked.
var errUnfinished = errors.New("the transaction was not finished")

// grouped runs fn in a transaction shared with other callers and returns after
// its COMMIT, or with fn's error and nothing of fn written.
func (d *DB) grouped(ctx context.Context, fn work) error {
	j := &job{ctx: ctx, fn: fn}
	batch, err := d.group.add(j)
	if err != nil {
		return err
	}
	if batch == nil {
		select {
		case <-j.done:
		case batch = <-j.lead:
		case <-ctx.Done():
			if d.group.withdraw(j) {
				return ctx.Err()
			}
			select {
			case <-j.done:
			case batch = <-j.lead:
			}
		}
	}
	if batch != nil {
		d.group.write(batch)
	}
	return j.err
}

// add gives j to its caller to write when nobody else does, or a place in the line.
func (g *group) add(j *job) (batch []*job, err error) {
	if err := j.ctx.Err(); err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed:
		return nil, errClosed
	case !g.running:
		g.running = true
		g.idle.Add(1)
		return []*job{j}, nil
	}
	j.done, j.lead = make(chan struct{}), make(chan []*job, 1)
	g.waiting = append(g.waiting, j)
	return nil, nil
}

// write runs a batch, tells those who wait for it, and hands the next one on. A
// batch that was not finished is nobody's success, and is in nobody's way.
func (g *group) write(batch []*job) {
	finished := false
	defer func() {
		for _, j := range batch {
			if !finished {
				j.err = errUnfinished
			}
			if j.done != nil {
				close(j.done)
			}
		}
		g.handOn()
	}()
	g.run(batch)
	finished = true
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

// handOn gives the first of those who wait a batch to write, or marks the group idle.
func (g *group) handOn() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.running = false
		g.idle.Done()
		return
	}
	n := min(len(g.waiting), maxBatch)
	batch := g.waiting[:n:n]
	g.waiting = append([]*job(nil), g.waiting[n:]...)
	batch[0].lead <- batch
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
	ctx, cancel := d.batchContext()
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

// batchContext bounds a batch on PostgreSQL. On SQLite a batch is bounded by
// patience and by busy_timeout, and statements that could be interrupted would
// each cost a goroutine.
func (d *DB) batchContext() (context.Context, context.CancelFunc) {
	if d.engine.batches {
		return context.Background(), func() {}
	}
	return context.WithTimeout(context.Background(), batchTime)
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
// the batch may run on another caller's goroutine.
func (j *job) call(batch context.Context, tx *sql.Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("grouped write panicked: %v", p)
		}
	}()
	ctx := context.WithoutCancel(j.ctx)
	if batch.Done() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(batch, cancel)()
	}
	return j.fn(ctx, tx)
}
