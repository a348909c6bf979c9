package registry_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/registry"
)

// shelf is a registry.Store in memory whose reads can be made to fail.
type shelf struct {
	mu       sync.Mutex
	contents registry.Contents
	fail     error
	changed  *registry.Contents // what Since answers; a revision alone when nil
	loads    int
	asked    []int64 // after which revisions Since was asked
	inside   atomic.Int32
	together atomic.Bool
}

func (s *shelf) enter() func() {
	if s.inside.Add(1) > 1 {
		s.together.Store(true)
	}
	s.mu.Lock()
	return func() {
		s.mu.Unlock()
		s.inside.Add(-1)
	}
}

func (s *shelf) Revision(context.Context) (int64, error) {
	defer s.enter()()
	return s.contents.Revision, s.fail
}

func (s *shelf) Load(context.Context) (registry.Contents, error) {
	defer s.enter()()
	s.loads++
	return s.contents, s.fail
}

func (s *shelf) Apply(context.Context, registry.Change, audit.Entry) (int64, error) {
	return 0, errors.New("not used here")
}

func (s *shelf) set(revision int64, fail error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.contents.Revision, s.fail = revision, fail
}

// hands is a clock that moves when told.
type hands struct{ at atomic.Int64 }

func (h *hands) now() time.Time           { return time.Unix(0, h.at.Load()) }
func (h *hands) advance(by time.Duration) { h.at.Add(int64(by)) }

func TestViewIsStaleTenSecondsAfterTheLastLook(t *testing.T) {
	t.Parallel()
	store, clock := &shelf{contents: contents()}, &hands{}
	live := &registry.Live{Store: store, Zone: time.UTC, Now: clock.now}
	if _, err := live.Current(); !errors.Is(err, registry.ErrStale) {
		t.Fatalf("before the first look: %v, want ErrStale", err)
	}
	if err := live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("no route")
	store.set(7, broken)
	clock.advance(registry.MaxAge - 1)
	if err := live.Refresh(t.Context()); !errors.Is(err, broken) {
		t.Errorf("a failed look says %v", err)
	}
	if s, err := live.Current(); err != nil || s.Revision() != 7 {
		t.Errorf("just before ten seconds: %v", err)
	}
	clock.advance(1)
	if s, err := live.Current(); !errors.Is(err, registry.ErrStale) || s != nil {
		t.Errorf("at ten seconds: %v, want ErrStale and no view", err)
	}
	store.set(7, nil)
	if err := live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := live.Current(); err != nil {
		t.Errorf("after a look that succeeded: %v", err)
	}
}

func TestAgeCountsFromTheBeginningOfALook(t *testing.T) {
	t.Parallel()
	store, clock := &shelf{contents: contents()}, &hands{}
	live := &registry.Live{Store: slow{store, func() { clock.advance(registry.MaxAge / 2) }}, Zone: time.UTC, Now: clock.now}
	if err := live.Refresh(t.Context()); err != nil { // two reads: as old as MaxAge when it ends
		t.Fatal(err)
	}
	if _, err := live.Current(); !errors.Is(err, registry.ErrStale) {
		t.Errorf("a look that took ten seconds counts as fresh: %v", err)
	}
	if err := live.Refresh(t.Context()); err != nil { // one read, since nothing has changed
		t.Fatal(err)
	}
	clock.advance(registry.MaxAge / 2)
	if _, err := live.Current(); !errors.Is(err, registry.ErrStale) {
		t.Errorf("a look without a change counts from its end: %v", err)
	}
}

// slow lets time pass in each read.
type slow struct {
	registry.Store
	pass func()
}

func (s slow) Revision(ctx context.Context) (int64, error) {
	s.pass()
	return s.Store.Revision(ctx)
}

func (s slow) Load(ctx context.Context) (registry.Contents, error) {
	s.pass()
	return s.Store.Load(ctx)
}

func TestChangeIsSeenAtTheNextLook(t *testing.T) {
	t.Parallel()
	store, clock := &shelf{contents: contents()}, &hands{}
	live := &registry.Live{Store: store, Zone: time.UTC, Now: clock.now}
	if err := live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	before, _ := live.Current()
	if err := live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if same, _ := live.Current(); same != before || store.loads != 1 {
		t.Errorf("without a change the contents were loaded %d times, want 1", store.loads)
	}
	suspended := service()
	suspended.Suspended = true
	store.contents.Revision, store.changed = 8, &registry.Contents{Revision: 8, Services: []registry.Service{suspended}}
	if now, _ := live.Current(); now.Revision() != 7 {
		t.Error("the view changed without a look")
	}
	if err := live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	after, err := live.Current()
	if err != nil || after.Revision() != 8 {
		t.Fatalf("after the look: %v", err)
	}
	if v, _ := after.Service("lire"); !v.Suspended {
		t.Error("the suspension is not seen")
	}
	if v, _ := before.Service("lire"); v.Suspended {
		t.Error("the older view changed")
	}
	if len(after.Services()) != 2 || store.loads != 1 || len(store.asked) != 1 || store.asked[0] != 7 {
		t.Errorf("%d services; %d loads, changes asked for after %v", len(after.Services()), store.loads, store.asked)
	}
}

func TestALoadThatFailsLeavesTheOldViewToGrowOld(t *testing.T) {
	t.Parallel()
	store, clock := &shelf{contents: contents()}, &hands{}
	live := &registry.Live{Store: loadless{store}, Zone: time.UTC, Now: clock.now}
	if err := live.Refresh(t.Context()); err == nil {
		t.Fatal("no error although nothing could be loaded")
	}
	if _, err := live.Current(); !errors.Is(err, registry.ErrStale) {
		t.Errorf("%v, want ErrStale", err)
	}
}

type loadless struct{ registry.Store }

func (loadless) Load(context.Context) (registry.Contents, error) {
	return registry.Contents{}, errors.New("cut")
}

func TestConcurrentLooksTakeTurnsAndNeverGoBack(t *testing.T) {
	t.Parallel()
	store, clock := &shelf{contents: contents()}, &hands{}
	live := &registry.Live{Store: store, Zone: time.UTC, Now: clock.now}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var last int64
			for range 50 {
				if err := live.Refresh(t.Context()); err != nil {
					t.Error(err)
					return
				}
				s, err := live.Current()
				if err != nil || s.Revision() < last {
					t.Errorf("revision %d after %d: %v", s.Revision(), last, err)
					return
				}
				last = s.Revision()
			}
		})
	}
	for i := range int64(50) {
		store.set(8+i, nil)
	}
	wg.Wait()
	if err := live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s, _ := live.Current(); s.Revision() != 57 {
		t.Errorf("revision %d at the end, want 57", s.Revision())
	}
	if store.together.Load() {
		t.Error("two looks were under way together")
	}
}

func TestRunLooksUntilItIsToldToStop(t *testing.T) {
	t.Parallel()
	store, clock := &shelf{contents: contents()}, &hands{}
	store.set(7, errors.New("cut"))
	failed := make(chan error, 16)
	live := &registry.Live{Store: store, Zone: time.UTC, Now: clock.now, Failed: func(err error) {
		select {
		case failed <- err:
		default:
		}
	}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		live.Run(ctx)
	}()
	if err := <-failed; err == nil {
		t.Error("a failed look without an error")
	}
	cancel()
	<-done
}

func (s *shelf) Since(_ context.Context, after int64) (registry.Contents, error) {
	defer s.enter()()
	s.asked = append(s.asked, after)
	if s.changed != nil {
		return *s.changed, s.fail
	}
	return registry.Contents{Revision: s.contents.Revision}, s.fail
}

func (s *shelf) File(context.Context, string) (registry.File, bool, error) {
	return registry.File{}, false, nil
}

// distant is a store whose answers are on their way for a while.
type distant struct {
	*shelf
	way time.Duration
}

func (d distant) Revision(ctx context.Context) (int64, error) {
	time.Sleep(d.way)
	return d.shelf.Revision(ctx)
}

func (d distant) Since(ctx context.Context, after int64) (registry.Contents, error) {
	time.Sleep(d.way)
	return d.shelf.Since(ctx, after)
}

// TestAnActIsSeenWithinASecondWhereverBetweenTwoLooksItComes has a clock of its own, and answers that take a tenth of a second.
func TestAnActIsSeenWithinASecondWhereverBetweenTwoLooksItComes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := distant{&shelf{contents: contents()}, 100 * time.Millisecond}
		live := &registry.Live{Store: store, Zone: time.UTC, Now: time.Now}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); live.Run(ctx) }()
		defer func() { cancel(); <-done }()
		time.Sleep(time.Second)
		for i := range 100 {
			time.Sleep(37 * time.Millisecond)
			revision := int64(100 + i)
			store.set(revision, nil)
			time.Sleep(time.Second)
			if s, err := live.Current(); err != nil || s.Revision() != revision {
				t.Fatalf("act %d is not seen after a second: %v", i, err)
			}
		}
	})
}

// TestRunLooksBeforeItWaits starts where a long start has made the view too old, and lets no time pass.
func TestRunLooksBeforeItWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, clock := &shelf{contents: contents()}, &hands{}
		live := &registry.Live{Store: store, Zone: time.UTC, Now: clock.now}
		if err := live.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		clock.advance(registry.MaxAge)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go live.Run(ctx)
		synctest.Wait()
		if _, err := live.Current(); err != nil {
			t.Errorf("before the first tick: %v", err)
		}
	})
}

func TestWhoeverWaitsForAnotherViewIsToldOfEachOne(t *testing.T) {
	t.Parallel()
	s := &shelf{contents: registry.Contents{Revision: 1}}
	l := &registry.Live{Store: s, Zone: time.UTC, Now: time.Now}
	told := func(of <-chan struct{}) bool {
		select {
		case <-of:
			return true
		default:
			return false
		}
	}
	for revision, changes := range []bool{1: true, 2: true, 3: false} {
		if revision == 0 {
			continue
		}
		if revision < 3 {
			s.set(int64(revision), nil)
		}
		before, other := l.Changed(), l.Changed()
		if told(before) {
			t.Fatalf("told before look %d", revision)
		}
		if err := l.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if told(before) != changes || told(other) != changes || told(l.Changed()) {
			t.Errorf("look %d: told %t and %t", revision, told(before), told(other))
		}
	}
	waiting := l.Changed()
	s.set(4, errors.New("down"))
	if err := l.Refresh(t.Context()); err == nil || told(waiting) {
		t.Errorf("a look that failed: %v, told %t", err, told(waiting))
	}
	s.set(4, nil)
	if err := l.Refresh(t.Context()); err != nil || !told(waiting) {
		t.Errorf("the look after it: %v, told %t", err, told(waiting))
	}
}
