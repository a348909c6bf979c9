package tally

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// every is how long a count of the present month is good enough.
const every = 6 * time.Hour

// Book counts months when somebody asks for them, behind the page, and gives what was counted.
type Book struct {
	Store Store
	Live  *registry.Live
	Now   func() time.Time

	mu      sync.Mutex
	begun   time.Time
	stopped bool
	cancel  context.CancelFunc
	done    sync.WaitGroup
}

// Ask begins a count behind whoever asks, when the last is not of today. It waits no longer than for a small journal.
func (b *Book) Ask(ctx context.Context) {
	b.mu.Lock()
	now := b.Now()
	if b.stopped || !b.begun.IsZero() && now.Sub(b.begun) < every {
		b.mu.Unlock()
		return
	}
	b.begun = now
	behind, cancel := context.WithCancel(context.WithoutCancel(ctx))
	b.cancel = cancel
	over := make(chan struct{})
	b.done.Go(func() {
		defer close(over)
		defer cancel()
		if err := b.Count(behind); err != nil {
			b.mu.Lock()
			b.begun = time.Time{} // whoever asks next tries again
			b.mu.Unlock()
		}
	})
	b.mu.Unlock()
	select {
	case <-over:
	case <-ctx.Done():
	case <-time.After(wait):
	}
}

const wait = time.Second

// Close ends a count that is under way.
func (b *Book) Close() error {
	b.mu.Lock()
	b.stopped = true
	if b.cancel != nil {
		b.cancel()
	}
	b.mu.Unlock()
	b.done.Wait()
	return nil
}

// Count counts what was not counted: months that were over when they were counted stay.
func (b *Book) Count(ctx context.Context) error {
	s, err := b.Live.Current()
	if err != nil {
		return fmt.Errorf("tally: %w", err)
	}
	first, err := b.Store.First(ctx)
	if err != nil || first.IsZero() {
		return err
	}
	kept, err := b.Store.Kept(ctx)
	if err != nil {
		return err
	}
	now := b.Now()
	at := first.In(s.Zone())
	for begin := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, s.Zone()); !begin.After(now); begin = begin.AddDate(0, 1, 0) {
		end := begin.AddDate(0, 1, 0)
		if last, ok := kept[MonthOf(begin)]; ok && !last.Before(end) {
			continue
		}
		found, err := b.Store.Find(ctx, begin, end)
		if err != nil {
			return err
		}
		if err := b.Store.Keep(ctx, MonthOf(begin), now, counts(s, MonthOf(begin), now, found)); err != nil {
			return err
		}
	}
	return nil
}

// counts are a month's numbers, of each academy.
func counts(s *registry.Snapshot, month string, now time.Time, found []Found) []Count {
	of := map[person.UAI]string{}
	var academies []string
	for _, e := range s.Establishments() {
		of[e.UAI] = e.Academy
		academies = append(academies, e.Academy)
	}
	slices.Sort(academies)
	academies = slices.Compact(academies)
	small := s.Rules(now).SmallGroup
	var out []Count
	for _, academy := range academies {
		in := func(uai person.UAI) bool { return of[uai] == academy }
		out = append(out, Hide(month, academy, Of(found, in, len(academies) == 1), small)...)
	}
	return out
}

// Counted is until when the newest month was counted; zero for never.
func (b *Book) Counted(ctx context.Context) (time.Time, error) {
	kept, err := b.Store.Kept(ctx)
	var last time.Time
	for _, at := range kept {
		if at.After(last) {
			last = at
		}
	}
	return last, err
}
