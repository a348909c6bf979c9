package stepup_test

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/roles"
	"ecluse/internal/stepup"
	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/store/storetest"
)

var (
	me      = stepup.Who{Handle: "h-me", Session: "s-1"}
	another = stepup.Who{Handle: "h-other", Session: "s-2"}
)

// house is what several replicas share.
type house struct {
	db      *sqldb.DB
	ring    *keys.Ring
	tickets store.Tickets
	clock   atomic.Int64
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{ring: keystest.Ring(t)}
	h.set(time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC))
	template := storetest.NewTemplate(func(location string) error {
		db, err := sqldb.Open(context.Background(), location, sqldb.Options{})
		if err != nil {
			return err
		}
		return db.Close()
	})
	db, err := sqldb.Open(t.Context(), template.SQLite(t), sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	h.db, h.tickets = db, store.Sealed(memdb.New(h.now), h.ring)
	return h
}

func (h *house) now() time.Time       { return time.Unix(h.clock.Load(), 0).UTC() }
func (h *house) set(now time.Time)    { h.clock.Store(now.Unix()) }
func (h *house) wait(d time.Duration) { h.set(h.now().Add(d)) }

// replica is the book of one process.
func (h *house) replica(t *testing.T, writer string) *stepup.Book {
	t.Helper()
	journal := audittest.Journal(t, h.db.Audit(), h.ring, writer, h.now)
	b, err := stepup.New(stepup.Config{
		Store: &sqldb.Factors{DB: h.db, Journal: journal}, Tickets: h.tickets, Keys: h.ring, Journal: journal, Now: h.now,
		Issuer: "ecluse.example", Origin: "https://ecluse.example",
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func entry() audit.Entry {
	return audit.Entry{Class: audit.ClassAdmin, Action: "factor_add", Outcome: audit.Done, Actor: me.Handle}
}

// enrolled gives somebody a code and its secret; the first code is used up, so the clock goes on.
func (h *house) enrolled(t *testing.T, b *stepup.Book, w stepup.Who) string {
	t.Helper()
	e, err := b.BeginCode(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	secret := strings.ReplaceAll(e.Secret, " ", "")
	if _, err := b.EnrolCode(t.Context(), w, e.ID, h.code(t, secret, 0), "téléphone", entry()); err != nil {
		t.Fatal(err)
	}
	h.wait(2 * time.Minute)
	return secret
}

func (h *house) code(t *testing.T, secret string, steps int) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, h.now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func spends(t *testing.T, b *stepup.Book, w stepup.Who, key string) bool {
	t.Helper()
	_, ok, err := b.Spend(t.Context(), roles.Caller{Handle: w.Handle, Session: w.Session}, key)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestACodeConfirmsOneActOnceInItsSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.replica(t, "one")
	secret := h.enrolled(t, b, me)
	if spends(t, b, me, "act") {
		t.Fatal("nothing was shown and it counts")
	}
	if err := b.ShowCode(t.Context(), me, "act", h.code(t, secret, 0)); err != nil {
		t.Fatal(err)
	}
	for name, who := range map[string]stepup.Who{
		"somebody else": another, "another session": {Handle: me.Handle, Session: "s-9"}, "no session": {Handle: me.Handle},
	} {
		if spends(t, b, who, "act") {
			t.Errorf("it counts for %s", name)
		}
	}
	if spends(t, b, me, "another act") {
		t.Error("it counts for another act")
	}
	if _, ok, _ := b.Spend(t.Context(), roles.Caller{Handle: me.Handle, Session: me.Session, Scopes: []string{"decide"}}, "act"); ok {
		t.Error("it counts for a token")
	}
	means, ok, err := b.Spend(t.Context(), roles.Caller{Handle: me.Handle, Session: me.Session}, "act")
	if means != "totp" || !ok || err != nil {
		t.Errorf("%q, %t, %v", means, ok, err)
	}
	if spends(t, b, me, "act") {
		t.Error("it counts twice")
	}
}

func TestAStepUpIsOverAfterFiveMinutes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.replica(t, "one")
	secret := h.enrolled(t, b, me)
	for _, one := range []struct {
		after time.Duration
		want  bool
	}{{5*time.Minute - time.Second, true}, {5 * time.Minute, false}} {
		if err := b.ShowCode(t.Context(), me, "act", h.code(t, secret, 0)); err != nil {
			t.Fatal(err)
		}
		h.wait(one.after)
		if got := spends(t, b, me, "act"); got != one.want {
			t.Errorf("after %v: %t", one.after, got)
		}
	}
}

func TestACodeThatWasUsedIsRefusedAlsoByAnotherReplica(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one, two := h.replica(t, "one"), h.replica(t, "two")
	secret := h.enrolled(t, one, me)
	code := h.code(t, secret, 0)
	var group sync.WaitGroup
	var right atomic.Int32
	for _, b := range []*stepup.Book{one, two, one, two} {
		group.Go(func() {
			switch err := b.ShowCode(t.Context(), me, "act", code); {
			case err == nil:
				right.Add(1)
			case !errors.Is(err, stepup.ErrWrong):
				t.Error(err)
			}
		})
	}
	group.Wait()
	if right.Load() != 1 {
		t.Errorf("the code was right %d times", right.Load())
	}
	if err := two.ShowCode(t.Context(), me, "act", h.code(t, secret, -1)); !errors.Is(err, stepup.ErrWrong) {
		t.Errorf("the code before one that was used: %v", err)
	}
	if err := two.ShowCode(t.Context(), me, "act", h.code(t, secret, 1)); err != nil {
		t.Errorf("the next code: %v", err)
	}
}

func TestAClockMayBeOneStepWrongEitherWayAndNoMore(t *testing.T) {
	t.Parallel()
	for steps, want := range map[int]error{-2: stepup.ErrWrong, -1: nil, 0: nil, 1: nil, 2: stepup.ErrWrong} {
		h := newHouse(t)
		b := h.replica(t, "one")
		secret := h.enrolled(t, b, me)
		if err := b.ShowCode(t.Context(), me, "act", h.code(t, secret, steps)); !errors.Is(err, want) {
			t.Errorf("%d steps: %v, want %v", steps, err, want)
		}
	}
}

func TestTheCodeOfSomebodyElseIsWrong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.replica(t, "one")
	h.enrolled(t, b, me)
	theirs := h.enrolled(t, b, another)
	if err := b.ShowCode(t.Context(), me, "act", h.code(t, theirs, 0)); !errors.Is(err, stepup.ErrWrong) {
		t.Errorf("%v", err)
	}
	if err := b.ShowCode(t.Context(), stepup.Who{Handle: "h-none", Session: "s"}, "act", "abcdef"); !errors.Is(err, stepup.ErrNone) {
		t.Errorf("somebody without a code: %v", err)
	}
}

func TestCodesAreNotTriedForeverAtAllReplicasTogether(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one, two := h.replica(t, "one"), h.replica(t, "two")
	secret := h.enrolled(t, one, me)
	wrong := func(n int) string { return fmt.Sprintf("faux%02d", n) }
	for i := range 5 {
		b := []*stepup.Book{one, two}[i%2]
		if err := b.ShowCode(t.Context(), me, "act", wrong(i)); !errors.Is(err, stepup.ErrWrong) {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	if err := two.ShowCode(t.Context(), me, "act", h.code(t, secret, 0)); !errors.Is(err, stepup.ErrTooMany) {
		t.Errorf("the right one after five wrong ones: %v", err)
	}
	h.wait(10 * time.Minute)
	if err := two.ShowCode(t.Context(), me, "act", h.code(t, secret, 0)); err != nil {
		t.Errorf("ten minutes later: %v", err)
	}
	if err := one.ShowCode(t.Context(), me, "act", wrong(7)); !errors.Is(err, stepup.ErrWrong) {
		t.Errorf("a right one begins the count anew: %v", err)
	}
}

func TestADayHasItsOwnLimitOfGuesses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.replica(t, "one")
	secret := h.enrolled(t, b, me)
	for i := range 39 { // the enrolment was one
		if err := b.ShowCode(t.Context(), me, "act", "abcdef"); !errors.Is(err, stepup.ErrWrong) {
			t.Fatalf("guess %d: %v", i, err)
		}
		if i%4 == 3 {
			h.wait(10 * time.Minute)
		}
	}
	h.wait(10 * time.Minute)
	if err := b.ShowCode(t.Context(), me, "act", h.code(t, secret, 0)); !errors.Is(err, stepup.ErrTooMany) {
		t.Errorf("%v", err)
	}
}

func TestAnEnrolmentIsOfItsSessionAndWantsAFirstRightCode(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.replica(t, "one")
	ctx := t.Context()
	e, err := b.BeginCode(ctx, me)
	if err != nil {
		t.Fatal(err)
	}
	secret := strings.ReplaceAll(e.Secret, " ", "")
	if raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret); err != nil || len(raw) != 20 {
		t.Errorf("a secret of %d bytes, %v", len(raw), err)
	}
	if want := "otpauth://totp/ecluse.example:bureau?secret=" + secret + "&issuer=ecluse.example"; e.URI != want {
		t.Errorf("the address is %s", e.URI)
	}
	if text := fmt.Sprintf("%v %+v %#v", e, e, e); strings.Contains(text, secret) || strings.Contains(text, e.Secret) {
		t.Error("an enrolment prints its secret")
	}
	if _, err := b.EnrolCode(ctx, another, e.ID, h.code(t, secret, 0), "x", entry()); !errors.Is(err, stepup.ErrOver) {
		t.Errorf("another session: %v", err)
	}
	if _, err := b.Enrolling(ctx, another, e.ID); !errors.Is(err, stepup.ErrOver) {
		t.Errorf("another session looks: %v", err)
	}
	if _, err := b.EnrolCode(ctx, me, e.ID, "abcdef", "x", entry()); !errors.Is(err, stepup.ErrWrong) {
		t.Errorf("a wrong code: %v", err)
	}
	if all, _ := b.Factors(ctx, me.Handle); len(all) != 0 {
		t.Errorf("%d means before a right code", len(all))
	}
	again, err := b.Enrolling(ctx, me, e.ID)
	if err != nil || again.Secret != e.Secret {
		t.Errorf("after a wrong code: %v", err)
	}
	code := h.code(t, secret, 0)
	if _, err := b.EnrolCode(ctx, me, e.ID, code, "téléphone", entry()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.EnrolCode(ctx, me, e.ID, code, "téléphone", entry()); !errors.Is(err, stepup.ErrOver) {
		t.Errorf("twice: %v", err)
	}
	all, err := b.Factors(ctx, me.Handle)
	if err != nil || len(all) != 1 || all[0].Name != "téléphone" || all[0].Means != stepup.TOTP || all[0].Sealed != nil {
		t.Errorf("%+v, %v", all, err)
	}
	if err := b.ShowCode(ctx, me, "act", code); !errors.Is(err, stepup.ErrWrong) {
		t.Errorf("the code of the enrolment again: %v", err)
	}
}

func TestASecretIsSealedAndOpensAtItsOwnPlaceOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.replica(t, "one")
	secret := h.enrolled(t, b, me)
	all, err := b.Store.Of(t.Context(), me.Handle)
	if err != nil || len(all) != 1 || strings.Contains(string(all[0].Sealed), secret) {
		t.Fatalf("%v, or the secret is in clear", err)
	}
	moved := all[0]
	moved.ID, moved.Handle = "moved", another.Handle
	if err := b.Store.Add(t.Context(), moved, entry()); err != nil {
		t.Fatal(err)
	}
	if err := b.ShowCode(t.Context(), another, "act", h.code(t, secret, 0)); err == nil || errors.Is(err, stepup.ErrWrong) {
		t.Errorf("a secret that was moved to somebody else: %v", err)
	}
}

func TestWhatWasTypedWaitsForItsSessionAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.replica(t, "one")
	ctx := t.Context()
	asked := stepup.Asked{Who: me, Act: roles.Approve, Word: "declaration_approve", On: "lire v1", Key: "k", Path: "/bureau/x", Form: []byte("motif=oui")}
	id, err := b.Ask(ctx, asked)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Waiting(ctx, another, id); !errors.Is(err, stepup.ErrOver) {
		t.Errorf("somebody else: %v", err)
	}
	if got, err := b.Waiting(ctx, me, id); err != nil || string(got.Form) != "motif=oui" || got.Path != asked.Path {
		t.Errorf("%v, %v", got, err)
	}
	if err := b.Done(ctx, id); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Waiting(ctx, me, id); !errors.Is(err, stepup.ErrOver) {
		t.Errorf("after it was done: %v", err)
	}
	for _, bad := range []string{"", strings.Repeat("x", 5000)} {
		if _, err := b.Waiting(ctx, me, bad); !errors.Is(err, stepup.ErrOver) {
			t.Errorf("a name of %d characters: %v", len(bad), err)
		}
	}
}

func TestNothingIsGrantedToWhoHasNoSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.replica(t, "one")
	for _, w := range []stepup.Who{{}, {Handle: "h"}, {Session: "s"}} {
		if err := b.Grant(t.Context(), w, "act", stepup.Source); !errors.Is(err, stepup.ErrOver) {
			t.Errorf("%+v: %v", w, err)
		}
	}
	if err := b.Grant(t.Context(), me, "", stepup.Source); !errors.Is(err, stepup.ErrOver) {
		t.Errorf("no act: %v", err)
	}
}

func TestAGatewayAtABareAddressOffersCodesAndNoKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.replica(t, "one").Config
	c.Issuer, c.Origin = "127.0.0.1", "http://127.0.0.1:8080"
	b, err := stepup.New(c)
	if err != nil || b.OffersKeys() {
		t.Fatalf("%v, or it offers keys", err)
	}
	if _, _, err := b.BeginKey(t.Context(), me); !errors.Is(err, stepup.ErrNoKeys) {
		t.Errorf("%v", err)
	}
	h.enrolled(t, b, me)
}
