// Package federation keeps metadata that others publish about themselves: whole federations (one signed document of many
// entities, at an address or in a file), MDQ servers, and single entities at an address of their own. It verifies, keeps
// the last good copy of each on disk, keeps it fresh in the background, and gives the metadata of one entity when asked.
//
//	a document -> verified and indexed in one pass -> a generation: one file, document and index, renamed into its place
//	Entity     -> a look into the index in memory, one read of the entity's bytes, held to their digest
//
// Nothing is fetched because somebody outside asked for something: what is unknown costs a look into memory. Only in the first
// seconds of a gateway, whoever asks for what was never had yet waits for the attempt that is under way. What an MDQ
// server or an address is asked for follows from what is registered (Config.Wanted), and happens in the background.
//
// A kept copy is good as long as its validUntil and the source's max_age allow; behind that the answer is no. Whether an
// entity may receive anything is none of this package's business: it says what the entity publishes, never what it may have.
//
// The package does not own what metadata means (package saml) nor how a document is fetched (package fetch).
package federation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"ecluse/internal/fetch"
	"ecluse/internal/saml"
)

var (
	// ErrUnknownSource means that no source of metadata has this name.
	ErrUnknownSource = errors.New("no source of metadata has this name")
	// ErrUnknownEntity means that the source, as it is kept, does not name this entity.
	ErrUnknownEntity = errors.New("the source does not name this entity")
	// ErrNothingKept means that the source has not been had yet.
	ErrNothingKept = errors.New("nothing of the source has been had yet")
	// ErrStale means that what is kept has ended, or was last confirmed too long ago.
	ErrStale = errors.New("what is kept is too old")
	// ErrUnusable means that the source names the entity, and that it cannot be used.
	ErrUnusable = errors.New("the entity cannot be used")
)

// Pair is an entity of a source; Source is a name of the configuration, or an address when At is set.
type Pair struct {
	Source, EntityID string
	At               bool // Source is the address of the entity's own metadata
}

// Config is what a federation is made of. Folder, Now and Log are required.
type Config struct {
	Folder  string // keeps the copies; it must exist
	Sources []Source
	Now     func() time.Time
	Log     *slog.Logger
	// Wanted lists the entities that registered bindings name, for MDQ servers and addresses; nil lists none.
	Wanted func() []Pair
	// Outside is what the client for addresses of single entities may do.
	Outside fetch.Config
	// LocalHTTP accepts plain http for loopback addresses in a single entity's metadata, in the demo.
	LocalHTTP bool
	// Patience is how long after Start somebody waits for what was never had; firstMoment when zero.
	Patience time.Duration
	// ReadOnly looks into the folder of a gateway that runs, and writes nothing there.
	ReadOnly bool
}

// Federation is safe for concurrent use.
type Federation struct {
	config  Config
	sources []*followed
	singles *singles
	stop    context.CancelFunc
	running sync.WaitGroup
}

// New opens what is kept of every source. It asks nobody outside for anything and leaves out nothing silently: a copy that
// cannot be used is said in the source's status.
func New(c Config) (*Federation, error) {
	if c.Folder == "" || c.Now == nil || c.Log == nil {
		return nil, errors.New("federation: folder, clock and log are required")
	}
	if info, err := os.Stat(c.Folder); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("federation: there is no folder %s", c.Folder)
	}
	f := &Federation{config: c, stop: func() {}}
	f.singles = newSingles(c)
	for _, s := range c.Sources {
		if s.MDQ != "" {
			continue // an MDQ server has singles alone
		}
		f.sources = append(f.sources, open(s, c))
	}
	if c.ReadOnly {
		f.singles.recall()
	}
	return f, nil
}

// Start keeps everything fresh until Close.
func (f *Federation) Start() {
	ctx, stop := context.WithCancel(context.Background())
	first, over := context.WithTimeout(ctx, cmp.Or(f.config.Patience, firstMoment))
	f.stop = func() { over(); stop() }
	f.singles.first = first
	f.singles.recall()
	for _, s := range f.sources {
		s.moment.begin(first)
		f.running.Go(func() { s.follow(ctx) })
	}
	f.running.Go(func() { f.singles.follow(ctx) })
}

// Close ends the background work and closes the files.
func (f *Federation) Close() error {
	f.stop()
	f.running.Wait()
	var problems []error
	for _, s := range f.sources {
		problems = append(problems, s.close())
	}
	f.singles.close()
	return errors.Join(problems...)
}

// Refresh asks for a newer copy of everything once, now.
func (f *Federation) Refresh(ctx context.Context) error {
	var problems []error
	for _, s := range f.sources {
		problems = append(problems, s.refresh(ctx))
	}
	return errors.Join(append(problems, f.singles.refresh(ctx))...)
}

// Has tells whether there is a source of this name.
func (f *Federation) Has(source string) bool {
	return slices.ContainsFunc(f.config.Sources, func(s Source) bool { return s.Name == source })
}

// Entity gives the metadata of one entity of a source as a document of its own, and a word that changes with it. The error
// wraps one of this package's: what has ended, is too old or cannot be used is not given. It never fetches, and waits in the first
// seconds after Start alone.
func (f *Federation) Entity(source, entityID string) (xml []byte, version string, err error) {
	for _, s := range f.sources {
		if s.source.Name == source {
			return s.entity(entityID)
		}
	}
	if f.Has(source) {
		return f.singles.entity(Pair{Source: source, EntityID: entityID})
	}
	return nil, "", fmt.Errorf("%w: %q", ErrUnknownSource, source)
}

// At gives the metadata of one entity that is at an address of its own, like Entity.
func (f *Federation) At(address, entityID string) (xml []byte, version string, err error) {
	return f.singles.entity(Pair{Source: address, EntityID: entityID, At: true})
}

// Fares tells when what is kept of an entity was last sent or confirmed by its source, zero for never, and why the last
// attempt at a newer copy failed; nothing when it did not.
func (f *Federation) Fares(source, entityID string) (confirmed time.Time, failed string) {
	for _, s := range f.sources {
		if s.source.Name == source {
			status := s.status()
			return status.Confirmed, status.Error
		}
	}
	return f.singles.fares(Pair{Source: source, EntityID: entityID})
}

// Status says how each source stands, in the order of the configuration, addresses of single entities last.
func (f *Federation) Status() []Status {
	var out []Status
	for _, source := range f.config.Sources {
		i := slices.IndexFunc(f.sources, func(s *followed) bool { return s.source.Name == source.Name })
		if i >= 0 {
			out = append(out, f.sources[i].status())
			continue
		}
		out = append(out, f.singles.statusOf(source.Name))
	}
	return append(out, f.singles.addresses()...)
}

// Status is how a source stands.
type Status struct {
	Name       string
	Kind       string // url, file, mdq or address
	Entities   int    // that can be used
	LeftOut    int    // that cannot, or that the filter leaves out
	Problems   []string
	Confirmed  time.Time // when the source last sent or confirmed what is kept; zero: never
	ValidUntil time.Time // zero: not said
	Signer     string    // fingerprint of the certificate whose key signed
	Usable     bool      // entities are given
	Error      string    // of the last attempt; empty when it went well
	Changes    []string  // what the last generations changed in entities that are in use, for a person to look at
}

// Age is how long ago the copy was confirmed.
func (s Status) Age(now time.Time) time.Duration {
	if s.Confirmed.IsZero() {
		return 0
	}
	return now.Sub(s.Confirmed)
}

// options are how metadata of single entities is read.
func (c Config) options() []saml.MetadataOption {
	if c.LocalHTTP {
		return []saml.MetadataOption{saml.AllowLocalHTTP()}
	}
	return nil
}
