package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// addOne reads the row n and writes its successor: wrong if another writer can
// come in between.
func addOne(ctx context.Context, tx *sql.Tx) error {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT n FROM scratch WHERE id = 'n'`).Scan(&n); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE scratch SET n = $1 WHERE id = 'n'`, n+1)
	return err
}

func TestReadThenWriteLosesNothing(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, other := openAt(t, location, Options{}), openAt(t, location, Options{})
			if err := d.write(t.Context(), insert("n", 0)); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			ways := []func(context.Context, work) error{d.write, d.grouped, other.write, other.grouped}
			const each = 20
			for _, way := range ways {
				for range 2 {
					wg.Go(func() {
						for range each {
							if err := way(t.Context(), addOne); err != nil {
								t.Errorf("add one: %v", err)
							}
						}
					})
				}
			}
			wg.Wait()
			var n int
			if err := d.reader().QueryRowContext(t.Context(), `SELECT n FROM scratch WHERE id = 'n'`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			if want := len(ways) * 2 * each; n != want {
				t.Errorf("got %d after %d additions", n, want)
			}
		})
	}
}

func TestReadSeesOneInstantAndWritesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		count := func(ctx context.Context, tx *sql.Tx) (n int, err error) {
			return n, tx.QueryRowContext(ctx, `SELECT count(*) FROM scratch`).Scan(&n)
		}
		err := d.read(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
			before, err := count(ctx, tx)
			if err != nil {
				return err
			}
			if err := d.write(t.Context(), insert("between", 0)); err != nil {
				return err
			}
			after, err := count(ctx, tx)
			if before != after {
				t.Errorf("one read saw %d rows, then %d", before, after)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.read(t.Context(), insert("from a read", 0)); err == nil {
			t.Error("a read wrote")
		}
	})
}

func TestWriteUndoesWhatFails(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		mine := errors.New("mine")
		for name, way := range map[string]func(context.Context, work) error{"write": d.write, "grouped": d.grouped} {
			err := way(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
				if err := insert(name, 0)(ctx, tx); err != nil {
					return err
				}
				return mine
			})
			if !errors.Is(err, mine) {
				t.Errorf("%s: got %v, want the function's error", name, err)
			}
		}
		if found := ids(t, d); len(found) != 0 {
			t.Errorf("rows stayed: %v", found)
		}
	})
}

// stall keeps the group busy until release is called, so that what comes
// meanwhile forms one batch.
func stall(t *testing.T, d *DB) (release func()) {
	t.Helper()
	began, end, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		var once sync.Once
		done <- d.grouped(context.Background(), func(context.Context, *sql.Tx) error {
			once.Do(func() { close(began) })
			<-end
			return nil
		})
	}()
	<-began
	return func() {
		close(end)
		if err := <-done; err != nil {
			t.Errorf("stalled write: %v", err)
		}
	}
}

// lineUp waits until n writes wait for their turn.
func lineUp(d *DB, n int) {
	for {
		d.group.mu.Lock()
		waiting := len(d.group.waiting)
		d.group.mu.Unlock()
		if waiting >= n {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func TestGroupedFailureUndoesNothingOfTheOthers(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		if err := d.grouped(t.Context(), insert("taken", 0)); err != nil {
			t.Fatal(err)
		}
		mine := errors.New("mine")
		jobs := map[string]struct {
			fn   work
			want string // of the error; empty for success
		}{
			"good":      {insert("good", 0), ""},
			"duplicate": {insert("taken", 1), "scratch"},
			"own error": {func(ctx context.Context, tx *sql.Tx) error {
				return errors.Join(insert("own error", 0)(ctx, tx), mine)
			}, "mine"},
			"panic":    {func(context.Context, *sql.Tx) error { panic("at the disco") }, "at the disco"},
			"good too": {insert("good too", 0), ""},
		}
		release := stall(t, d)
		var wg sync.WaitGroup
		for name, job := range jobs {
			wg.Go(func() {
				err := d.grouped(t.Context(), job.fn)
				if job.want == "" && err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if job.want != "" && (err == nil || !strings.Contains(err.Error(), job.want)) {
					t.Errorf("%s: got %v, want an error about %s", name, err, job.want)
				}
			})
		}
		lineUp(d, len(jobs))
		release()
		wg.Wait()
		if found := ids(t, d); len(found) != 3 || !found["good"] || !found["good too"] || !found["taken"] {
			t.Errorf("found %v, want the good rows and the one of before", found)
		}
	})
}

func TestGroupedReturnsAfterCommit(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, other := openAt(t, location, Options{}), openAt(t, location, Options{})
			var wg sync.WaitGroup
			for i := range 200 {
				wg.Go(func() {
					id := fmt.Sprint(i)
					if err := d.grouped(t.Context(), insert(id, i)); err != nil {
						t.Error(err)
						return
					}
					var n int
					err := other.reader().QueryRowContext(t.Context(), `SELECT n FROM scratch WHERE id = $1`, id).Scan(&n)
					if err != nil || n != i {
						t.Errorf("another handle sees %d, %v after the write of %d returned", n, err, i)
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestGroupedCallerMayLeaveTheLine(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		release := stall(t, d)
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() { left <- d.grouped(ctx, insert("left", 0)) }()
		stayed := make(chan error, 1)
		lineUp(d, 1)
		go func() { stayed <- d.grouped(t.Context(), insert("stayed", 0)) }()
		lineUp(d, 2)
		cancel()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the context's error", err)
		}
		release()
		if err := <-stayed; err != nil {
			t.Error(err)
		}
		if found := ids(t, d); found["left"] || !found["stayed"] {
			t.Errorf("found %v, want only the row of the caller who stayed", found)
		}
	})
}

func TestGroupedIsNotCutOffInMidBatch(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		ctx, cancel := context.WithCancel(t.Context())
		err := d.grouped(ctx, func(ctx context.Context, tx *sql.Tx) error {
			cancel()
			return insert("kept", 0)(ctx, tx)
		})
		if err != nil || !ids(t, d)["kept"] {
			t.Errorf("got %v, want the row written although the caller's context ended", err)
		}
	})
}

func TestCloseWaitsForGroupedWrites(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keep := openAt(t, location, Options{})
			d, err := Open(t.Context(), location, Options{})
			if err != nil {
				t.Fatal(err)
			}
			release := stall(t, d)
			waited := make(chan error, 1)
			go func() { waited <- d.grouped(context.Background(), insert("accepted", 0)) }()
			lineUp(d, 1)
			closed := make(chan error, 1)
			go func() { closed <- d.Close() }()
			release()
			if err := errors.Join(<-waited, <-closed); err != nil {
				t.Error(err)
			}
			if !ids(t, keep)["accepted"] {
				t.Error("a write that was accepted before Close is lost")
			}
		})
	}
}

func TestRetryGivesUpWithTheContext(t *testing.T) {
	t.Parallel()
	conflict := errors.New("conflict")
	d := &DB{engine: engine{conflict: func(err error) bool { return errors.Is(err, conflict) }}}
	ctx, cancel := context.WithCancel(t.Context())
	runs := 0
	err := d.retry(ctx, func() error {
		if runs++; runs == 3 {
			cancel()
		}
		return conflict
	})
	if !errors.Is(err, context.Canceled) || runs != 3 {
		t.Errorf("got %v after %d runs, want the context's error after 3", err, runs)
	}
}
