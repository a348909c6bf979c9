package samlsp

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"ecluse/internal/fetch"
	"ecluse/internal/saml"
)

// Entities are the metadata that others publish and that are kept for us, verified and fresh, as they are for services.
type Entities interface {
	// Has tells whether there is a source of metadata of this name.
	Has(source string) bool
	// Entity gives the metadata of one entity of a source, and a word that changes with it. What is unknown, has ended or was
	// confirmed too long ago is an error, which says so. It never fetches.
	Entity(source, entityID string) (xml []byte, version string, err error)
	// Fares tells when what is kept was last confirmed, and why the last attempt at a newer copy failed.
	Fares(source, entityID string) (confirmed time.Time, failed string)
}

// theirs is the provider's metadata as it is known now. It is safe for concurrent use.
type theirs struct {
	settings *Settings
	entities Entities // where metadata_from is said
	client   *fetch.Client
	now      func() time.Time
	log      *slog.Logger

	source *fetch.Source // nil where metadata is at hand
	held   atomic.Pointer[held]

	failing atomic.Bool   // the last attempt to get a newer one
	tried   chan struct{} // closed behind the first attempt of follow; nil before follow
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// held is one good copy.
type held struct {
	saml.IDPFacts
	keys    []crypto.PublicKey
	fetched time.Time // when it was last confirmed; zero where it is at hand, or kept with that of others
	version string    // of what is kept with that of others
}

const (
	// retry is how soon metadata is asked for again when it could not be had.
	retry = time.Minute
	// patience is how long somebody who comes in the first moment of a gateway waits for the first copy.
	patience = 5 * time.Second
)

func newTheirs(s *Settings, entities Entities, client *fetch.Client, now func() time.Time, log *slog.Logger) *theirs {
	t := &theirs{settings: s, entities: entities, client: client, now: now, log: log, stop: func() {}}
	if s.MetadataFrom != "" {
		return t
	}
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
	h, err := t.settings.hold(doc, t.now())
	if err != nil {
		return err
	}
	h.fetched = fetched
	t.held.Store(h)
	return nil
}

func (s *Settings) hold(doc []byte, now time.Time) (*held, error) {
	facts, err := s.read(doc, now)
	if err != nil {
		return nil, err
	}
	return &held{IDPFacts: facts, keys: saml.Keys(facts.SigningKeys)}, nil
}

// published is the provider as it stands in the metadata that is kept of others. Whether that is still good is asked each time;
// it is parsed when it has changed.
func (t *theirs) published() (*held, error) {
	doc, version, err := t.entities.Entity(t.settings.MetadataFrom, t.settings.IDP)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", away("its metadata"), err)
	}
	h := t.held.Load()
	if h == nil || h.version != version {
		if h, err = t.settings.hold(doc, t.now()); err != nil {
			return nil, fmt.Errorf("%w: %w", away("its metadata cannot be used"), err)
		}
		h.version = version
		t.held.Store(h)
	}
	if h.ended(t.now()) {
		return nil, away("its metadata has ended")
	}
	return h, nil
}

// current is the last good copy. One that has ended is none.
func (t *theirs) current() (*held, error) {
	if t.entities != nil {
		return t.published()
	}
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

// soon is current for somebody who waits in a browser: where there is no copy yet because the first attempt is under way, that
// attempt is awaited, not refused.
func (t *theirs) soon(ctx context.Context) (*held, error) {
	if t.tried != nil && t.held.Load() == nil {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-t.tried:
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	return t.current()
}

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
	t.stop, t.tried = stop, make(chan struct{})
	t.done.Go(func() {
		next := t.once(ctx)
		close(t.tried)
		for ; ; next = t.once(ctx) {
			timer := time.NewTimer(next)
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
		return min(retry, t.settings.MetadataRefresh)
	}
	return t.settings.MetadataRefresh
}

func (t *theirs) close() {
	t.stop()
	t.done.Wait()
	t.client.Close()
}
