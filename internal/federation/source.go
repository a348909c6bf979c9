package federation

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"time"

	"ecluse/internal/fetch"
	"ecluse/internal/saml"
)

// Source is one source of metadata. Exactly one of URL, File and MDQ says where it is.
type Source struct {
	Name    string
	URL     string // of a signed document
	File    string // beside us; signed when Signers are named, and else as good as whoever may write it
	MDQ     string // base address of a metadata query server
	Signers []saml.Certificate

	Refresh     time.Duration // how often it is asked for
	MaxAge      time.Duration // how long a copy is used that nobody confirmed
	MaxBytes    int64         // of a document
	MaxValidity time.Duration // a document that is good for longer is refused

	Registrars []string // only entities that one of these registered; empty: all
	Roles      saml.Roles

	Outside fetch.Config // where the client may go
}

// The settings of a source that need not be said.
const (
	DefaultRefresh     = time.Hour
	DefaultMaxAge      = 7 * 24 * time.Hour
	DefaultMaxBytes    = 200 << 20
	DefaultMaxValidity = 30 * 24 * time.Hour

	mostBytes = 1 << 30
	patience  = 10 * time.Minute // for a whole download
	retry     = time.Minute      // how soon a source is asked again that failed
)

// IsName tells whether a text can be the name of a source: it is the name of files too.
func IsName(s string) bool { return nameForm.MatchString(s) }

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

func (s Source) kind() string {
	switch {
	case s.URL != "":
		return "url"
	case s.File != "":
		return "file"
	}
	return "mdq"
}

// rules are what a document of the source must be now.
func (s Source) rules(now time.Time) saml.AggregateRules {
	fetched := s.File == ""
	return saml.AggregateRules{
		Signers: s.Signers, Bytes: s.MaxBytes, Ends: fetched || len(s.Signers) > 0, Longest: s.MaxValidity, Now: now,
	}
}

// mark changes with everything on which it depends whether and how a document is taken: a kept copy that was taken under
// another mark is read anew.
func (s Source) mark() string {
	signers := make([]string, len(s.Signers))
	for i, c := range s.Signers {
		signers[i] = c.Fingerprint
	}
	slices.Sort(signers)
	said, err := json.Marshal([]any{s.URL, s.File, signers, s.MaxBytes, s.MaxValidity, s.Registrars, s.Roles})
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(said)
	return hex.EncodeToString(sum[:])
}

// passes tells whether the filter lets an entity in.
func (s Source) passes(e saml.EntityAt) bool {
	if s.Roles != 0 && e.Roles&s.Roles == 0 {
		return false
	}
	return len(s.Registrars) == 0 || slices.Contains(s.Registrars, e.Registrar)
}
