package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/store/storetest"
)

const (
	secretName  = "name-4711"
	secretValue = "value-4712"
)

// spy keeps the last ticket that reached the store behind.
type spy struct {
	store.Tickets
	last  store.Ticket
	names []string
}

func (s *spy) Put(ctx context.Context, t store.Ticket) error {
	s.last = t
	s.names = append(s.names, t.Name)
	return s.Tickets.Put(ctx, t)
}

func (s *spy) Get(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	s.names = append(s.names, name)
	return s.Tickets.Get(ctx, kind, name)
}

func (s *spy) Take(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	s.names = append(s.names, name)
	return s.Tickets.Take(ctx, kind, name)
}

func (s *spy) Delete(ctx context.Context, kind store.Kind, name string) error {
	s.names = append(s.names, name)
	return s.Tickets.Delete(ctx, kind, name)
}

func (s *spy) Increment(ctx context.Context, kind store.Kind, name string, ttl time.Duration) (int64, error) {
	s.names = append(s.names, name)
	return s.Tickets.Increment(ctx, kind, name, ttl)
}

func (s *spy) Write(ctx context.Context, ops ...store.Op) error {
	for _, op := range ops {
		s.last = op.Ticket
		s.names = append(s.names, op.Ticket.Name)
	}
	return s.Tickets.Write(ctx, ops...)
}

// sealedTicket puts one secret ticket through the wrapper.
func sealedTicket(t *testing.T) (*spy, store.Tickets, store.Ticket) {
	t.Helper()
	behind := &spy{Tickets: memdb.New(time.Now)}
	sealed := store.Sealed(behind, storetest.NewSealer())
	ticket := store.Ticket{Kind: "session", Name: secretName, Value: []byte(secretValue), Expires: time.Now().Add(time.Hour)}
	if err := sealed.Put(t.Context(), ticket); err != nil {
		t.Fatal(err)
	}
	return behind, sealed, ticket
}

func TestSealedHidesNamesAndValues(t *testing.T) {
	t.Parallel()
	behind, sealed, ticket := sealedTicket(t)
	if _, err := sealed.Get(t.Context(), "session", secretName); err != nil {
		t.Error(err)
	}
	if _, err := sealed.Take(t.Context(), "session", secretName); err != nil {
		t.Error(err)
	}
	if _, err := sealed.Increment(t.Context(), "session", secretName, time.Hour); err != nil {
		t.Error(err)
	}
	if err := sealed.Delete(t.Context(), "session", secretName); err != nil {
		t.Error(err)
	}
	for _, name := range behind.names {
		if strings.Contains(name, secretName) || name != behind.names[0] {
			t.Errorf("the store behind was asked for %q", name)
		}
	}
	if len(behind.names) != 5 || bytes.Contains(behind.last.Value, ticket.Value) {
		t.Errorf("the store behind saw %d names and the value %q", len(behind.names), behind.last.Value)
	}
}

func TestSealedHidesWhatIsWrittenTogether(t *testing.T) {
	t.Parallel()
	behind, sealed, ticket := sealedTicket(t)
	behind.names = nil
	for _, do := range []store.Verb{store.Delete, store.Create, store.Take, store.Put} {
		op := store.Op{Do: do, Ticket: ticket}
		if err := sealed.Write(t.Context(), op); err != nil {
			t.Error(err)
		}
		if bytes.Contains(behind.last.Value, ticket.Value) || (do == store.Delete || do == store.Take) && behind.last.Value != nil {
			t.Errorf("to %s a ticket the store behind saw the value %q", do, behind.last.Value)
		}
	}
	for _, name := range behind.names {
		if strings.Contains(name, secretName) || name != behind.names[0] {
			t.Errorf("the store behind was asked for %q", name)
		}
	}
	if got, err := sealed.Get(t.Context(), "session", secretName); err != nil || string(got.Value) != secretValue {
		t.Errorf("got %q, %v", got.Value, err)
	}
}

func TestSealedRefusesWhatWasMovedOrChanged(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(s *store.Ticket){
		"value":       func(s *store.Ticket) { s.Value[len(s.Value)/2] ^= 1 },
		"cut short":   func(s *store.Ticket) { s.Value = s.Value[:3] },
		"empty":       func(s *store.Ticket) { s.Value = nil },
		"longer life": func(s *store.Ticket) { s.Expires = s.Expires.Add(time.Millisecond) },
	} {
		behind, sealed, _ := sealedTicket(t)
		stored := behind.last
		stored.Value = bytes.Clone(stored.Value)
		change(&stored)
		if err := behind.Tickets.Put(t.Context(), stored); err != nil {
			t.Fatal(err)
		}
		got, err := sealed.Get(t.Context(), "session", secretName)
		if !errors.Is(err, store.ErrUnsealed) || got.Value != nil {
			t.Errorf("get of a ticket with another %s: got %q, %v, want ErrUnsealed", name, got.Value, err)
		}
		got, err = sealed.Take(t.Context(), "session", secretName)
		if !errors.Is(err, store.ErrUnsealed) || got.Value != nil {
			t.Errorf("take of a ticket with another %s: got %q, %v, want ErrUnsealed", name, got.Value, err)
		}
	}
}

func TestSealedValueOpensInItsPlaceOnly(t *testing.T) {
	t.Parallel()
	behind, sealed, ticket := sealedTicket(t)
	moved := behind.last
	// The other places are named as long as the first, so that nothing but the
	// word itself tells them apart.
	for what, to := range map[string]store.Ticket{
		"another name": {Kind: "session", Name: "eman-4711", Expires: ticket.Expires},
		"another kind": {Kind: "noisses", Name: secretName, Expires: ticket.Expires},
	} {
		// The wrapper writes a ticket of its own there, so that we learn the name
		// behind; then the stolen value takes its place.
		if err := sealed.Put(t.Context(), to); err != nil {
			t.Fatal(err)
		}
		there := behind.last
		there.Value = moved.Value
		if err := behind.Tickets.Put(t.Context(), there); err != nil {
			t.Fatal(err)
		}
		if _, err := sealed.Get(t.Context(), to.Kind, to.Name); !errors.Is(err, store.ErrUnsealed) {
			t.Errorf("a value moved to %s: got %v, want ErrUnsealed", what, err)
		}
	}
	if got, err := sealed.Get(t.Context(), "session", secretName); err != nil || string(got.Value) != secretValue {
		t.Errorf("the value in its place: got %q, %v", got.Value, err)
	}
	stranger := store.Sealed(behind.Tickets, storetest.NewSealer())
	if _, err := stranger.Get(t.Context(), "session", secretName); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("with other keys: got %v, want ErrNotFound", err)
	}
}

func TestNothingPrintsNamesOrValues(t *testing.T) {
	t.Parallel()
	_, sealed, ticket := sealedTicket(t)
	delivery := store.Delivery{ID: "7", Topic: "logout", Body: []byte(secretValue)}
	ticket.Kind = "absent"
	_, err := sealed.Get(t.Context(), ticket.Kind, ticket.Name)
	printed := fmt.Sprint(ticket, &ticket, delivery, err, ticket.LogValue(), delivery.LogValue(), store.Op{Do: store.Put, Ticket: ticket}) +
		fmt.Sprintf("%+v %#v", store.Op{Do: store.Put, Ticket: ticket}, []store.Op{{Ticket: ticket}}) +
		fmt.Sprintf("%v %+v %#v %s %q %v %+v %#v", ticket, ticket, ticket, ticket, ticket, delivery, delivery, delivery)
	for _, secret := range []string{secretName, secretValue, fmt.Sprint([]byte(secretValue)), fmt.Sprintf("%#v", []byte(secretValue))} {
		if strings.Contains(printed, secret) {
			t.Errorf("printed %s", printed)
		}
	}
}

func TestKindIsALowerCaseWord(t *testing.T) {
	t.Parallel()
	for kind, want := range map[store.Kind]bool{
		"session": true, "code2": true, "oidc-code": true, "a": true,
		store.Kind(strings.Repeat("k", 32)): true, store.Kind(strings.Repeat("k", 33)): false,
		"": false, "Session": false, "2fa": false, "-a": false, "a b": false, "a:b": false, "é": false, "a\x00": false,
	} {
		if got := kind.Valid(); got != want {
			t.Errorf("kind %q: got %t, want %t", kind, got, want)
		}
	}
}
