package federation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"ecluse/internal/fetch"
)

// followed is a document that is kept fresh.
type followed struct {
	source Source
	config Config
	client *fetch.Client // nil for a file

	one    sync.Mutex // held by whoever refreshes
	moment moment

	mu      sync.RWMutex
	held    *generation // nil: none
	failed  string      // of the last attempt
	stamp   string      // of the file that was read last
	changes []string
}

// Endings of the files of a source in the folder.
const (
	keptEnding      = ".metadata"
	confirmedEnding = ".confirmed"
	newPattern      = ".new-*"
)

func open(s Source, c Config) *followed {
	f := &followed{source: s, config: c}
	if s.URL != "" {
		outside := s.Outside
		outside.Timeout, outside.MaxBytes = patience, s.MaxBytes
		f.client = fetch.New(outside)
	}
	held, err := f.recall()
	f.held = held
	if c, err := f.readConfirmed(); err == nil {
		f.changes, f.failed = c.Changes, c.Failed
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		f.failed = err.Error()
	}
	return f
}

func (f *followed) path(ending string) string {
	return filepath.Join(f.config.Folder, f.source.Name+ending)
}

// recall opens the kept copy. One that was taken under other settings is read anew, under those of now.
func (f *followed) recall() (*generation, error) {
	g, err := load(f.path(keptEnding))
	if err != nil {
		return nil, err
	}
	same := func(c confirmed) bool {
		return c.ETag == g.about.Confirm.ETag && c.LastModified == g.about.Confirm.LastModified
	}
	if c, err := f.readConfirmed(); err == nil && same(c) && c.At.After(g.about.Confirm.At) {
		g.about.Confirm.At = c.At
	}
	if g.about.Mark == f.source.mark() {
		return g, nil
	}
	defer g.file.Close()
	if f.config.ReadOnly {
		return nil, errors.New("the kept copy was taken under other settings; the gateway reads it anew")
	}
	again, err := f.keep(io.NewSectionReader(g.file, 0, g.about.Document), g.about.Confirm)
	if err != nil {
		return nil, fmt.Errorf("the kept copy is not good under the present settings: %w", err)
	}
	return again, nil
}

// keep makes a document the source's copy: written into a file of its own, verified and indexed there, and only then
// renamed over the last one. A crash at any moment leaves the last good one.
func (f *followed) keep(document io.Reader, c confirmed) (*generation, error) {
	file, err := os.CreateTemp(f.config.Folder, f.source.Name+newPattern)
	if err != nil {
		return nil, err
	}
	g, err := f.fill(file, document, c)
	if err != nil {
		return nil, errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	return g, nil
}

func (f *followed) fill(file *os.File, document io.Reader, c confirmed) (*generation, error) {
	if _, err := io.Copy(file, io.LimitReader(document, f.source.MaxBytes+1)); err != nil {
		return nil, err
	}
	return f.settle(file, c)
}

// settle verifies and indexes what stands in a new file, and gives it the source's name.
func (f *followed) settle(file *os.File, c confirmed) (*generation, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	g, err := write(file, f.source, f.config.Now(), c)
	if err != nil {
		return nil, err
	}
	if err := os.Rename(file.Name(), f.path(keptEnding)); err != nil {
		return nil, err
	}
	return g, syncFolder(f.config.Folder)
}

// syncFolder brings a renaming to the disk.
func syncFolder(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f *followed) readConfirmed() (confirmed, error) {
	var c confirmed
	text, err := os.ReadFile(f.path(confirmedEnding))
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	return c, err
}

// refresh asks for a newer copy. An error leaves the last good one in its place.
func (f *followed) refresh(ctx context.Context) error {
	f.one.Lock()
	defer f.one.Unlock()
	var err error
	if f.client == nil {
		err = f.readFile()
	} else {
		err = f.download(ctx)
	}
	f.mu.Lock()
	if f.failed = ""; err != nil {
		f.failed = err.Error()
	}
	f.mu.Unlock()
	if err == nil {
		return nil
	}
	var last confirmed
	if g := f.present(); g != nil {
		last = g.about.Confirm
	}
	return fmt.Errorf("metadata %s: %w", f.source.Name, errors.Join(err, f.note(last, err.Error())))
}

// download writes what is at the address into a new file.
func (f *followed) download(ctx context.Context) error {
	last := f.present()
	var had confirmed
	if last != nil {
		had = last.about.Confirm
	}
	file, err := os.CreateTemp(f.config.Folder, f.source.Name+newPattern)
	if err != nil {
		return err
	}
	discard := func(err error) error { return errors.Join(err, file.Close(), os.Remove(file.Name())) }
	got, same, err := f.client.Download(ctx, f.source.URL, fetch.Copy{ETag: had.ETag, LastModified: had.LastModified}, file)
	switch {
	case err != nil:
		return discard(err)
	case same:
		had.At = f.config.Now().UTC()
		return discard(f.confirm(last, had))
	}
	next, err := f.settle(file, confirmed{At: f.config.Now().UTC(), ETag: got.ETag, LastModified: got.LastModified})
	if err != nil {
		return discard(err)
	}
	return f.replace(next)
}

// confirm notes that what is kept is still what the source has.
func (f *followed) confirm(g *generation, c confirmed) error {
	f.mu.Lock()
	g.about.Confirm = c
	f.mu.Unlock()
	return f.note(c, "")
}

// note writes beside the copy what is known of it that changes more often: whoever looks into the folder reads it there.
func (f *followed) note(c confirmed, failed string) error {
	f.mu.RLock()
	c.Changes, c.Failed = f.changes, failed
	f.mu.RUnlock()
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(f.config.Folder, f.source.Name+newPattern)
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // gone already when all went well
	_, err = file.Write(text)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), f.path(confirmedEnding))
}

// readFile takes the operator's file, when it is another than last time. It is copied first: whoever writes it again
// changes nothing under us.
func (f *followed) readFile() error {
	file, err := os.Open(f.source.File)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	now := f.config.Now().UTC()
	stamp := fmt.Sprint(info.Size(), info.ModTime().UnixNano())
	if g := f.present(); g != nil && (f.stamp == stamp || g.about.Confirm.ETag == stamp) {
		f.stamp = stamp
		return f.confirm(g, confirmed{At: now, ETag: stamp})
	}
	next, err := f.keep(file, confirmed{At: now, ETag: stamp})
	if err != nil {
		return err
	}
	f.stamp = stamp
	return f.replace(next)
}

func (f *followed) present() *generation {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.held
}

// replace puts a new generation in the place of the last one. Nobody reads in that any more once it is closed: reads hold mu.
func (f *followed) replace(next *generation) error {
	changes := f.compare(f.present(), next)
	f.mu.Lock()
	if f.held != nil {
		_ = f.held.file.Close() // it was read only
	}
	f.held = next
	f.tell(changes)
	c := next.about.Confirm
	f.mu.Unlock()
	return f.confirm(next, c)
}

func (f *followed) close() error {
	if f.client != nil {
		f.client.Close()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.held == nil {
		return nil
	}
	err := f.held.file.Close()
	f.held = nil
	return err
}

// entity gives one entity, unless what is kept is too old.
func (f *followed) entity(entityID string) (xml []byte, version string, err error) {
	if f.present() == nil {
		f.moment.wait()
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	now := f.config.Now()
	if err := f.usable(now); err != nil {
		return nil, "", fmt.Errorf("metadata %s: %w", f.source.Name, err)
	}
	xml, version, err = f.held.entity(entityID, now)
	if err != nil {
		return nil, "", fmt.Errorf("metadata %s: %w", f.source.Name, err)
	}
	return xml, version, nil
}

// usable tells why nothing of what is kept is given. The caller holds mu.
func (f *followed) usable(now time.Time) error {
	switch {
	case f.held == nil:
		return ErrNothingKept
	case !f.held.about.ValidUntil.IsZero() && !now.Before(f.held.about.ValidUntil):
		return fmt.Errorf("%w: it has expired on %s", ErrStale, f.held.about.ValidUntil.Format(time.RFC3339))
	case now.Sub(f.held.about.Confirm.At) > f.source.MaxAge:
		return fmt.Errorf("%w: it was last confirmed on %s", ErrStale, f.held.about.Confirm.At.Format(time.RFC3339))
	}
	return nil
}

func (f *followed) status() Status {
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := Status{Name: f.source.Name, Kind: f.source.kind(), Error: f.failed, Changes: f.changes}
	if f.held == nil {
		return s
	}
	a := f.held.about
	s.Entities, s.LeftOut, s.Problems, s.Signer = a.Entities, a.LeftOut, a.Problems, a.Signer
	s.Confirmed, s.ValidUntil, s.Usable = a.Confirm.At, a.ValidUntil, f.usable(f.config.Now()) == nil
	return s
}

// follow keeps the copy fresh.
func (f *followed) follow(ctx context.Context) {
	f.sweep()
	failing := false
	for ctx.Err() == nil {
		err := f.refresh(ctx)
		f.moment.end()
		wait := f.source.Refresh
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			wait = min(retry, wait)
			if !failing {
				f.config.Log.WarnContext(ctx, "metadata could not be refreshed", "source", f.source.Name, "error", err)
			}
		case failing:
			f.config.Log.InfoContext(ctx, "metadata is fresh again", "source", f.source.Name)
		}
		failing = err != nil
		pause(ctx, wait)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// sweep removes what a crash left of a copy that was not finished. The gateway that serves from the folder alone does so.
func (f *followed) sweep() {
	left, err := filepath.Glob(f.path(newPattern))
	if err != nil {
		return
	}
	for _, name := range left {
		_ = os.Remove(name) // whatever stays is in nobody's way
	}
}
