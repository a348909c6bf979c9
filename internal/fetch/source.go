package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Copy is a document as it was last good.
type Copy struct {
	URL          string    `json:"url"`
	ETag         string    `json:"etag,omitempty"`
	LastModified string    `json:"last_modified,omitempty"`
	Fetched      time.Time `json:"fetched"` // when the server last sent or confirmed it
	Body         []byte    `json:"-"`
}

// Keeper keeps the last good copy of each address over a restart. Dir is one.
type Keeper interface {
	// Load returns the copy of an address, or an error that is fs.ErrNotExist
	// when there is none that can be trusted.
	Load(url string) (Copy, error)
	// Save replaces the copy of its address, wholly or not at all.
	Save(c Copy) error
}

// Source follows one document. Its fields are set before its first use, after
// which it is safe for concurrent use.
type Source struct {
	Client *Client
	URL    string
	Keep   Keeper             // may be nil: then nothing survives a restart
	Check  func([]byte) error // what makes a copy good; nil takes any
	Now    func() time.Time

	mu   sync.Mutex
	last Copy
}

// Refresh asks for the document and returns the newest good copy. When it
// returns an error with a copy, the copy is an older one, or one that could not
// be kept, and Fetched says how old it is; whether that is still good enough is
// the caller's to decide. Without any copy the copy is zero. A document that
// Check refuses replaces nothing.
func (s *Source) Refresh(ctx context.Context) (Copy, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recall()
	p, err := s.Client.get(ctx, s.URL, s.conditions())
	if err != nil {
		return s.last, err
	}
	next := s.last
	if !p.same {
		if err := s.check(p.body); err != nil {
			return s.last, fmt.Errorf("document from %s: %w", hostOf(s.URL), err)
		}
		next = Copy{URL: s.URL, Body: p.body, ETag: p.header.Get("ETag"), LastModified: p.header.Get("Last-Modified")}
	}
	next.Fetched = s.Now().UTC()
	s.last = next
	if s.Keep != nil {
		if err := s.Keep.Save(next); err != nil {
			return next, fmt.Errorf("keep the document from %s: %w", hostOf(s.URL), err)
		}
	}
	return next, nil
}

// Last returns the last good copy without asking anybody: what a start uses
// before its first refresh. It is zero when there is none.
func (s *Source) Last() Copy {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recall()
	return s.last
}

// recall takes the kept copy at first use. One that Check no longer accepts is
// as good as none.
func (s *Source) recall() {
	if s.last.Body != nil || s.Keep == nil {
		return
	}
	kept, err := s.Keep.Load(s.URL)
	if err == nil && kept.URL == s.URL && s.check(kept.Body) == nil {
		s.last = kept
	}
}

func (s *Source) check(body []byte) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return errors.New("the document is empty")
	}
	if s.Check == nil {
		return nil
	}
	return s.Check(body)
}

// conditions asks for a newer document than the last one.
func (s *Source) conditions() http.Header {
	if s.last.Body == nil {
		return make(http.Header)
	}
	return conditions(s.last)
}
