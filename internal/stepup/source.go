package stepup

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/store"
)

const kindSource store.Kind = "step-source" // somebody on their way to their source, for one act

// atSource is how long a source may take to ask for its factor.
const atSource = 15 * time.Minute

// Away is somebody who is sent to their identity source to show its strong factor for an act that waits.
type Away struct {
	Who      Who       `json:"who"`
	Waiting  string    `json:"waiting"` // the name under which the act waits
	Key      string    `json:"key"`
	Source   string    `json:"source"`
	Contexts []string  `json:"contexts"` // the source's words for a strong factor
	At       time.Time `json:"at"`       // when the question was put
}

// Said is what a source answered.
type Said struct {
	Source  string
	Handles []string  // under which the desk knows whoever was there
	Context string    // in which way they proved it
	At      time.Time // when they did, in the source's words
	Why     Why       // why there is no proof; empty when there is one
}

// Why is why a source's answer confirms nothing.
type Why string

// The reasons. Other, Weak, Stale and Rejected are journaled: an answer came, and would not do.
const (
	Other       Why = "other"       // somebody else's account, or another source
	Weak        Why = "weak"        // no way that is registered as a strong factor, or none named
	Stale       Why = "stale"       // an old proof
	Rejected    Why = "rejected"    // an answer that may not be used
	Unavailable Why = "unavailable" // no answer
	Cancelled   Why = "cancelled"   // the person gave up
)

// Whys lists them.
func Whys() []Why { return []Why{Other, Weak, Stale, Rejected, Unavailable, Cancelled} }

// SendAway notes that the session that asked for an act goes to its source for it. The word brings it back once; it stands in
// no address.
func (b *Book) SendAway(ctx context.Context, w Who, waiting, source string, contexts []string) (word string, err error) {
	asked, err := b.Waiting(ctx, w, waiting)
	if err != nil {
		return "", err
	}
	if source == "" || len(contexts) == 0 {
		return "", ErrNone
	}
	word = rand.Text()
	return word, b.put(ctx, kindSource, word, Away{w, waiting, asked.Key, source, contexts, b.Now()}, atSource)
}

// ComeBack takes a source's answer under the word of SendAway, once. It confirms the one act when the same person was there, at
// the same source, in one of the ways that were asked for, after the question was put; otherwise why says what stood against
// it, and nothing is confirmed. waiting is the name under which the act waits. ErrOver for a word that was used or is over.
func (b *Book) ComeBack(ctx context.Context, word string, s Said) (waiting string, why Why, err error) {
	var a Away
	if err := b.take(ctx, kindSource, word, &a); err != nil {
		return "", "", err
	}
	if why = a.judge(s); why == "" {
		return a.Waiting, "", b.Grant(ctx, a.Who, a.Key, Source)
	}
	if slices.Contains([]Why{Unavailable, Cancelled}, why) {
		return a.Waiting, why, nil
	}
	_, err = b.Journal.Append(ctx, audit.Entry{
		Class: audit.ClassAdmin, Action: "step_up_source", Outcome: audit.Refused, Reason: string(why), Actor: a.Who.Handle, Source: a.Source,
	})
	return a.Waiting, why, err
}

// judge compares an answer with its question. A source may tell whole seconds.
func (a Away) judge(s Said) Why {
	switch {
	case s.Why != "":
		return s.Why
	case s.Source != a.Source, a.Who.Handle == "", !slices.Contains(s.Handles, a.Who.Handle):
		return Other
	case s.Context == "", !slices.Contains(a.Contexts, s.Context):
		return Weak
	case s.At.Before(a.At.Truncate(time.Second)):
		return Stale
	default:
		return ""
	}
}
