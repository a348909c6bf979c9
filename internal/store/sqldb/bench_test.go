package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"ecluse/internal/store"
)

func benchSQLite(b *testing.B) *DB {
	b.Helper()
	return openAt(b, "sqlite:"+b.TempDir()+"/bench.db", Options{})
}

func BenchmarkSQLitePut(b *testing.B) {
	t := benchSQLite(b).Tickets()
	value, end := make([]byte, 600), time.Now().Add(time.Hour)
	for i := 0; b.Loop(); i++ {
		if err := t.Put(b.Context(), store.Ticket{Kind: "code", Name: strconv.Itoa(i), Value: value, Expires: end}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSQLiteGet(b *testing.B) {
	t := benchSQLite(b).Tickets()
	ticket := store.Ticket{Kind: "code", Name: "a", Value: make([]byte, 600), Expires: time.Now().Add(time.Hour)}
	if err := t.Put(b.Context(), ticket); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := t.Get(b.Context(), "code", "a"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSQLitePutTake(b *testing.B) {
	t := benchSQLite(b).Tickets()
	ticket := store.Ticket{Kind: "code", Name: "a", Value: make([]byte, 600), Expires: time.Now().Add(time.Hour)}
	for b.Loop() {
		if err := t.Put(b.Context(), ticket); err != nil {
			b.Fatal(err)
		}
		if _, err := t.Take(b.Context(), "code", "a"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSQLiteWrites shows what the group commit is for: the time per write
// falls as more callers write at once, while a transaction each stays as dear.
func BenchmarkSQLiteWrites(b *testing.B) {
	for _, callers := range []int{2, 16, 64} {
		for _, way := range []string{"grouped", "alone"} {
			b.Run(fmt.Sprintf("%s/callers=%d", way, callers), func(b *testing.B) {
				d := benchSQLite(b)
				write := map[string]func(context.Context, work) error{"grouped": d.grouped, "alone": d.write}[way]
				var next atomic.Int64
				b.SetParallelism(callers / 2) // of two processors
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						i := next.Add(1)
						err := write(b.Context(), func(ctx context.Context, tx *sql.Tx) error {
							_, err := tx.ExecContext(ctx, `INSERT INTO scratch (id, n) VALUES ($1, $2)`, strconv.FormatInt(i, 10), i)
							return err
						})
						if err != nil {
							b.Error(err)
							return
						}
					}
				})
			})
		}
	}
}
