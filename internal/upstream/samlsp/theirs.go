package samlsp

import (
	"context"
	"crypto"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"ecluse/internal/fetch"
	"ecluse/internal/saml"
)

// theirs is the provider's metadata as it is known now. It is safe for concurrent use.
type theirs struct {
	settings *Settings
	client   *fetch.Client
	now      func() time.Time
	log      *slog.Logger

	source *fetch.Source // nil where metadata is at hand
	held   atomic.Pointer[held]

	failing atomic.Bool // the last attempt to get a newer one
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// held is one good copy.
type held struct {
	saml.IDPFacts
	keys    []crypto.PublicKey
	fetched time.Time // when it was last confirmed; zero where it is at hand
}

// retry is how soon metadata is asked for again when it could not be had.
const retry = time.Minute

func newTheirs(s *Settings, client *fetch.Client, now func() time.Time, log *slog.Logger) *theirs {
	t := &theirs{settings: s, client: client, now: now, log: log, stop: func() {}}
	if s.MetadataURL == "" {
		_ = t.take(s.metadata, time.Time{}) // the settings were checked with it
		return t
	}
	t.source = &fetch.Source{Client: client, URL: s.MetadataURL, Now: now, Check: func(doc []byte) error {
		_, err := s.read(doc, now())
		return err
	}}
	if s.MetadataFolder != "" {
		t.source.Keep = fetch.Dir(s.MetadataFolder)
	}
	if kept := t.source.Last(); kept.Body != nil {
		_ = t.take(kept.Body, kept.Fetched)
	}
	return t
}

func (t *theirs) take(doc []byte, fetched time.Time) error {
	facts, err := t.settings.read(doc, t.now())
	if err != nil {
		return err
	}
	t.held.Store(&held{IDPFacts: facts, keys: saml.Keys(facts.SigningKeys), fetched: fetched})
	return nil
}

// current is the last good copy. One that has ended is none.
func (t *theirs) current() (*held, error) {
	h := t.held.Load()
	switch {
	case h == nil:
		return nil, away("its metadata has not been had yet")
	case h.ended(t.now()):
		return nil, away("its metadata has ended")
	}
	return h, nil
}

func (h *held) ended(now time.Time) bool { return !h.ValidUntil.IsZero() && !now.Before(h.ValidUntil) }

// refresh asks for a newer copy. An error leaves the last good one in its place.
func (t *theirs) refresh(ctx context.Context) error {
	if t.source == nil {
		return nil
	}
	kept, err := t.source.Refresh(ctx)
	if kept.Body != nil {
		err = errors.Join(err, t.take(kept.Body, kept.Fetched))
	}
	return err
}

// follow keeps the copy fresh until close.
func (t *theirs) follow() {
	if t.source == nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	t.stop = stop
	t.done.Go(func() {
		for {
			timer := time.NewTimer(t.once(ctx))
			select {
			case <-timer.C:
			case <-ctx.Done():
				timer.Stop()
				return
			}
		}
	})
}

// once refreshes, says when that begins or ceases to fail, and gives how long to wait.
func (t *theirs) once(ctx context.Context) time.Duration {
	err := t.refresh(ctx)
	if ctx.Err() != nil {
		return 0
	}
	switch was := t.failing.Swap(err != nil); {
	case err != nil && !was:
		t.log.WarnContext(ctx, "a source's metadata could not be refreshed", "error", err)
	case err == nil && was:
		t.log.InfoContext(ctx, "a source's metadata is fresh again")
	}
	if err != nil {
		return min(retry, time.Duration(t.settings.MetadataRefresh))
	}
	return time.Duration(t.settings.MetadataRefresh)
}

func (t *theirs) close() {
	t.stop()
	t.done.Wait()
	t.client.Close()
}
