package federation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"ecluse/internal/fetch"
	"ecluse/internal/saml"
)

const (
	lookEvery   = 30 * time.Second // how soon what was just registered is asked for
	longestOne  = 1 << 20          // bytes of one entity's metadata
	entityShort = 10 * time.Second // for asking for one
)

// singles are entities that are asked for one by one: of MDQ servers, and at addresses of their own. Only those that
// registered bindings name are.
type singles struct {
	config  Config
	clients map[string]*fetch.Client // by the name of the MDQ server; "" for addresses
	first   context.Context          // of the first moment of a gateway; nil before it

	one  sync.Mutex // held by whoever refreshes
	mu   sync.RWMutex
	held map[Pair]*single
}

// single is one entity that is kept fresh.
type single struct {
	source *fetch.Source
	moment moment
	failed string
	asked  time.Time // when the source was last asked

	xml       []byte // nil: none
	version   string
	confirmed time.Time
	until     time.Time
}

func newSingles(c Config) *singles {
	s := &singles{config: c, clients: map[string]*fetch.Client{}, held: map[Pair]*single{}}
	client := func(outside fetch.Config) *fetch.Client {
		outside.Timeout, outside.MaxBytes = entityShort, longestOne
		return fetch.New(outside)
	}
	for _, source := range c.Sources {
		if source.MDQ != "" {
			s.clients[source.Name] = client(source.Outside)
		}
	}
	s.clients[""] = client(c.Outside)
	return s
}

// of gives the settings under which a pair is followed.
func (s *singles) of(p Pair) (Source, bool) {
	if p.At {
		return Source{Refresh: DefaultRefresh, MaxAge: DefaultMaxAge}, true
	}
	i := slices.IndexFunc(s.config.Sources, func(o Source) bool { return o.Name == p.Source && o.MDQ != "" })
	if i < 0 {
		return Source{}, false
	}
	return s.config.Sources[i], true
}

// address is where an entity's metadata is. An MDQ server has it under the entityID, every reserved character escaped
// (Metadata Query Protocol 3.1.1).
func (s *singles) address(p Pair, of Source) string {
	if p.At {
		return p.Source
	}
	return strings.TrimSuffix(of.MDQ, "/") + "/entities/" + url.QueryEscape(p.EntityID)
}

// pairs are the entities to follow.
func (s *singles) pairs() []Pair {
	if s.config.Wanted == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.config.Wanted()), func(p Pair) bool {
		_, mine := s.of(p)
		return !mine
	})
}

// make begins to follow one entity, with the last good copy of it if there is one.
func (s *singles) make(p Pair) *single {
	of, _ := s.of(p)
	name := p.Source
	if p.At {
		name = ""
	}
	one := &single{source: &fetch.Source{
		Client: s.clients[name], URL: s.address(p, of), Keep: fetch.Dir(s.config.Folder), Now: s.config.Now,
		Check: func(doc []byte) error {
			_, err := s.read(p, of, doc)
			return err
		},
	}}
	if s.first != nil && s.first.Err() == nil {
		one.moment.begin(s.first)
	}
	s.take(p, of, one, one.source.Last())
	return one
}

// read verifies a document and finds the one entity in it.
func (s *singles) read(p Pair, of Source, doc []byte) (saml.EntityAt, error) {
	rules := saml.AggregateRules{
		Signers: of.Signers, Bytes: longestOne, Ends: !p.At, Longest: of.MaxValidity, Now: s.config.Now(),
	}
	var found []saml.EntityAt
	_, err := saml.ReadAggregate(bytes.NewReader(doc), rules, func(e saml.EntityAt) error {
		found = append(found, e)
		return nil
	})
	switch {
	case err != nil:
		return saml.EntityAt{}, err
	case len(found) != 1 || found[0].EntityID != p.EntityID:
		return saml.EntityAt{}, fmt.Errorf("%w: the document is not that of %s", ErrUnusable, p.EntityID)
	case found[0].Problem != "":
		return saml.EntityAt{}, fmt.Errorf("%w: %s", ErrUnusable, found[0].Problem)
	case !of.passes(found[0]):
		return saml.EntityAt{}, fmt.Errorf("%w: the source's filter leaves it out", ErrUnusable)
	}
	return found[0], nil
}

// take puts a good copy in the place of the last one.
func (s *singles) take(p Pair, of Source, one *single, c fetch.Copy) {
	if c.Body == nil {
		return
	}
	e, err := s.read(p, of, c.Body)
	if err != nil {
		return
	}
	alone, same := e.Alone(c.Body[e.Offset : e.Offset+e.Length])
	if !same {
		return
	}
	if one.xml != nil && one.version != versionOf(e.Sum[:], e.Context) {
		for _, what := range changed(p.EntityID, one.xml, alone, s.config.Now(), s.config.options()) {
			s.config.Log.Warn("metadata in use has changed: look at it", "source", p.Source, "change", what)
		}
	}
	one.xml, one.version, one.confirmed, one.until = alone, versionOf(e.Sum[:], e.Context), c.Fetched, e.ValidUntil
}

// recall begins to follow what is registered, from the kept copies alone.
func (s *singles) recall() {
	for _, p := range s.pairs() {
		s.add(p)
	}
}

func (s *singles) add(p Pair) *single {
	s.mu.RLock()
	one := s.held[p]
	s.mu.RUnlock()
	if one != nil {
		return one
	}
	one = s.make(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[p] = one
	return one
}

// refresh asks for everything that is registered, and forgets what no longer is.
func (s *singles) refresh(ctx context.Context) error { return s.refreshThose(ctx, true) }

func (s *singles) refreshThose(ctx context.Context, all bool) error {
	s.one.Lock()
	defer s.one.Unlock()
	pairs := s.pairs()
	s.mu.Lock()
	maps.DeleteFunc(s.held, func(p Pair, _ *single) bool { return !slices.Contains(pairs, p) })
	s.mu.Unlock()
	var problems []error
	for _, p := range pairs {
		of, _ := s.of(p)
		one := s.add(p)
		if ctx.Err() == nil && (all || s.due(one, of)) {
			problems = append(problems, s.ask(ctx, p, of, one))
		}
	}
	return errors.Join(problems...)
}

func (s *singles) due(one *single, of Source) bool {
	wait := of.Refresh
	if one.failed != "" {
		wait = min(retry, wait)
	}
	return s.config.Now().Sub(one.asked) >= wait
}

// ask is the one place where a single entity's metadata is fetched.
func (s *singles) ask(ctx context.Context, p Pair, of Source, one *single) error {
	defer one.moment.end()
	c, err := one.source.Refresh(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	was := one.failed
	one.asked, one.failed = s.config.Now(), ""
	s.take(p, of, one, c)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("metadata %s of %s: %w", p.Source, p.EntityID, err)
	if one.failed = err.Error(); was == "" && ctx.Err() == nil {
		s.config.Log.WarnContext(ctx, "metadata could not be refreshed", "source", p.Source, "error", err)
	}
	return err
}

func (s *singles) follow(ctx context.Context) {
	for ctx.Err() == nil {
		_ = s.refreshThose(ctx, false) // each is logged, and stands in the status
		pause(ctx, lookEvery)
	}
}

func (s *singles) close() {
	for _, c := range s.clients {
		c.Close()
	}
}

// entity gives one entity as it is kept.
func (s *singles) entity(p Pair) (xml []byte, version string, err error) {
	of, known := s.of(p)
	if !known {
		return nil, "", fmt.Errorf("%w: %q", ErrUnknownSource, p.Source)
	}
	if s.config.ReadOnly {
		s.add(p)
	}
	s.await(p)
	s.mu.RLock()
	defer s.mu.RUnlock()
	one, now := s.held[p], s.config.Now()
	switch {
	case one == nil:
		err = ErrUnknownEntity
	case one.xml == nil:
		err = ErrNothingKept
	case !one.until.IsZero() && !now.Before(one.until):
		err = fmt.Errorf("%w: it has expired on %s", ErrStale, one.until.Format(time.RFC3339))
	case now.Sub(one.confirmed) > of.MaxAge:
		err = fmt.Errorf("%w: it was last confirmed on %s", ErrStale, one.confirmed.Format(time.RFC3339))
	default:
		return one.xml, one.version, nil
	}
	return nil, "", fmt.Errorf("metadata %s: %w", p.Source, err)
}

// await waits for the first attempt at an entity that was never had.
func (s *singles) await(p Pair) {
	s.mu.RLock()
	one := s.held[p]
	never := one != nil && one.xml == nil
	s.mu.RUnlock()
	if never {
		one.moment.wait()
	}
}

// fares is Federation.Fares.
func (s *singles) fares(p Pair) (confirmed time.Time, failed string) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if one := s.held[p]; one != nil {
		return one.confirmed, one.failed
	}
	return time.Time{}, ""
}

// statusOf sums up an MDQ server: the oldest copy is its age.
func (s *singles) statusOf(name string) Status {
	return s.sum(Status{Name: name, Kind: "mdq"}, func(p Pair) bool { return !p.At && p.Source == name })
}

// addresses gives one status for all addresses of single entities, where there are any.
func (s *singles) addresses() []Status {
	sum := s.sum(Status{Name: "addresses", Kind: "address"}, func(p Pair) bool { return p.At })
	if sum.Entities == 0 && sum.LeftOut == 0 {
		return nil
	}
	return []Status{sum}
}

func (s *singles) sum(out Status, mine func(Pair) bool) Status {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for p, one := range s.held {
		if !mine(p) {
			continue
		}
		if one.failed != "" && out.Error == "" {
			out.Error = one.failed
		}
		if one.xml == nil {
			out.LeftOut++
			continue
		}
		out.Entities++
		if out.Confirmed.IsZero() || one.confirmed.Before(out.Confirmed) {
			out.Confirmed = one.confirmed
		}
		if !one.until.IsZero() && (out.ValidUntil.IsZero() || one.until.Before(out.ValidUntil)) {
			out.ValidUntil = one.until
		}
	}
	out.Usable = out.Entities > 0
	return out
}
