package stepup

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ecluse/internal/roles"
	"ecluse/internal/store"
)

// The kinds of tickets.
const (
	kindAsked    store.Kind = "step-asked"    // an act that waits, with what was typed
	kindGranted  store.Kind = "step-up"       // what was shown for one act
	kindEnrol    store.Kind = "step-enrol"    // a means that is being enrolled
	kindCeremony store.Kind = "step-ceremony" // the challenge of a key
	kindGuess    store.Kind = "step-guess"    // wrong codes of one handle
	kindLost     store.Kind = "step-lost"     // who lost their means, by the word that they tell
)

// Asked is an act that waits for a step-up, with what was posted, so that it is done again afterwards as it was.
type Asked struct {
	Who  Who       `json:"who"`
	Act  roles.Act `json:"act"`
	Word string    `json:"word"`
	On   string    `json:"on"`
	Key  string    `json:"key"`
	Path string    `json:"path"` // where it was posted
	Form []byte    `json:"form"` // as a form is posted
}

// String shows nothing of what was typed.
func (Asked) String() string { return "[asked]" }

// GoString shows nothing of what was typed.
func (Asked) GoString() string { return "[asked]" }

// Ask keeps an act while its step-up is shown, and gives the name under which it waits.
func (b *Book) Ask(ctx context.Context, a Asked) (id string, err error) {
	id = rand.Text()
	return id, b.put(ctx, kindAsked, id, a, askedFor)
}

// Waiting gives back an act that waits, to the session that asked; ErrOver to any other and for none.
func (b *Book) Waiting(ctx context.Context, w Who, id string) (Asked, error) {
	var a Asked
	if err := b.get(ctx, kindAsked, id, &a); err != nil {
		return Asked{}, err
	}
	if !w.known() || a.Who != w {
		return Asked{}, ErrOver
	}
	return a, nil
}

// Done forgets an act that waited.
func (b *Book) Done(ctx context.Context, id string) error {
	return b.Tickets.Delete(ctx, kindAsked, id)
}

// grantName ties a grant to who, to the session and to the act.
func grantName(w Who, key string) string { return w.Session + "\x00" + w.Handle + "\x00" + key }

// Grant says that somebody showed a means for one act. It counts once, within five minutes.
func (b *Book) Grant(ctx context.Context, w Who, key string, means Means) error {
	if !w.known() || key == "" {
		return ErrOver
	}
	return b.put(ctx, kindGranted, grantName(w, key), means, grantedFor)
}

// Spend implements desk.StepUps: of several that spend at once, on whatever replica, exactly one has it.
func (b *Book) Spend(ctx context.Context, c roles.Caller, key string) (means string, ok bool, err error) {
	w := Who{c.Handle, c.Session}
	if !w.known() || c.Scopes != nil {
		return "", false, nil
	}
	t, err := b.Tickets.Take(ctx, kindGranted, grantName(w, key))
	if errors.Is(err, store.ErrNotFound) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("step-up: %w", err)
	}
	err = json.Unmarshal(t.Value, &means)
	return means, err == nil, err
}

func (b *Book) put(ctx context.Context, kind store.Kind, name string, value any, life time.Duration) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	if err := b.Tickets.Put(ctx, store.Ticket{Kind: kind, Name: name, Value: text, Expires: b.Now().Add(life)}); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	return nil
}

func (b *Book) get(ctx context.Context, kind store.Kind, name string, into any) error {
	return b.read(kind, into)(b.Tickets.Get(ctx, kind, name))
}

func (b *Book) take(ctx context.Context, kind store.Kind, name string, into any) error {
	return b.read(kind, into)(b.Tickets.Take(ctx, kind, name))
}

// read turns a ticket into what it holds; one that is not there, or never could be, is over.
func (b *Book) read(kind store.Kind, into any) func(store.Ticket, error) error {
	return func(t store.Ticket, err error) error {
		if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
			return ErrOver
		}
		if err == nil {
			err = json.Unmarshal(t.Value, into)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		return nil
	}
}

// Granted tells whether somebody showed a means for an act and has not used it.
func (b *Book) Granted(ctx context.Context, w Who, key string) (bool, error) {
	var means Means
	err := b.get(ctx, kindGranted, grantName(w, key), &means)
	if errors.Is(err, ErrOver) {
		return false, nil
	}
	return err == nil, err
}
