package sqldb

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/rights"
)

func (o *office) isShut(who string) bool {
	_, shut := o.doors.shut[who+" lire"]
	return shut
}

func TestAnObjectionPausesIsAcceptedAndIsTakenBack(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		o := rightsOn(t, d, ring, "w")
		o.file(t, camille, wish("R1", rights.Objection, true))
		if !o.isShut("camille before") {
			t.Fatal("it does not stop meanwhile")
		}
		o.answer(t, "R1", rights.Accepted, rights.Contents{Instead: rights.Instead{Service: "calcul"}})
		if o.doors.shut["camille before lire"].Service != "calcul" {
			t.Error("what to do instead is not said")
		}
		for range 2 {
			if r, err := o.Done(t.Context(), camille, "R1"); err != nil || !r.Stands() || !o.isShut("camille before") {
				t.Fatalf("read: %v, stands %v", err, r.Stands())
			}
		}
		if _, err := o.TakeBack(t.Context(), lina, "R1"); !errors.Is(err, rights.ErrUnknown) {
			t.Errorf("somebody else takes it back: %v", err)
		}
		for range 2 {
			if r, err := o.TakeBack(t.Context(), camille, "R1"); err != nil || r.Stands() || r.Sealed != "" || o.isShut("camille before") {
				t.Errorf("taken back: %v, sealed %q", err, r.Sealed)
			}
		}
		if _, err := o.TakeBack(t.Context(), camille, "R9"); !errors.Is(err, rights.ErrUnknown) {
			t.Errorf("one that is none: %v", err)
		}
		r := o.file(t, camille, wish("R2", rights.Access, true))
		if r.Door != rights.Untouched || o.isShut("camille before") {
			t.Error("an access stops something")
		}
		if _, err := o.TakeBack(t.Context(), camille, "R2"); !errors.Is(err, rights.ErrState) {
			t.Errorf("an access is taken back: %v", err)
		}
	})
}

func TestWhatOneRequestKeepsShutNoOtherOneOpens(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		o := rightsOn(t, d, ring, "w")
		o.file(t, lina, wish("R1", rights.Objection, true))
		o.file(t, parent, wish("R2", rights.Objection, true)) // the same child, by another key
		if _, err := o.Drop(t.Context(), lina, "R1"); err != nil || !o.isShut("lina") {
			t.Fatalf("%v; the child opens what the parent's request keeps shut: %v", err, !o.isShut("lina"))
		}
		o.answer(t, "R2", rights.Refused, rights.Contents{Answer: "non"})
		if o.isShut("lina") {
			t.Error("it stays shut and nobody asks for that any more")
		}
		// a child's own requests are not read by a parent, nor the other way round
		for name, p := range map[string]rights.Party{"R2": lina, "R1": parent} {
			if _, err := o.One(t.Context(), p, name); !errors.Is(err, rights.ErrUnknown) {
				t.Errorf("%s is read: %v", name, err)
			}
		}
		// another child of the same parent
		o.file(t, parent, wish("R3", rights.Objection, false))
		o.answer(t, "R3", rights.Accepted, rights.Contents{})
		sibling := rights.Party{Own: parent.Own, Child: []string{"léo"}}
		if _, err := o.TakeBack(t.Context(), sibling, "R3"); !errors.Is(err, rights.ErrUnknown) || !o.isShut("lina") {
			t.Errorf("taken back for a sibling: %v", err)
		}
	})
}

func TestWhatIsShutWhileItIsOpenedStaysShut(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		o, other := rightsOn(t, d, ring, "one"), rightsOn(t, d, ring, "other")
		o.file(t, lina, wish("R1", rights.Objection, true))
		o.doors.opened = func() {
			o.doors.opened = nil
			r, _, err := other.File(t.Context(), parent, wish("R2", rights.Objection, true)) // on another replica
			if err != nil || r.Ref != "R2" {
				t.Errorf("%v: %v", r, err)
			}
		}
		if _, err := o.Drop(t.Context(), lina, "R1"); err != nil || !o.isShut("lina") {
			t.Errorf("%v, shut %v, did %q", err, o.isShut("lina"), o.doors.did)
		}
	})
}

func TestADoorThatCouldNotBeMovedIsMovedLater(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		o := rightsOn(t, d, ring, "w")
		o.doors.fail = errors.New("no answer")
		r, fresh, err := o.File(t.Context(), camille, wish("R1", rights.Objection, true))
		if !errors.Is(err, o.doors.fail) || !fresh || r.Ref != "R1" || r.Settled {
			t.Fatalf("%v, fresh %v", err, fresh)
		}
		if _, fresh, err := o.File(t.Context(), camille, wish("R1", rights.Objection, true)); err == nil || fresh {
			t.Errorf("sent again: fresh %v, %v", fresh, err)
		}
		if _, err := o.Drop(t.Context(), camille, "R1"); err == nil {
			t.Error("dropped without a word about the door")
		}
		if h, err := o.One(t.Context(), camille, "R1"); err != nil || h.Settled || h.Words != "" || len(h.Who) == 0 {
			t.Errorf("%v: it cannot be found any more whose door it is, or the words are still there", err)
		}
		if err := o.Sweep(t.Context(), 3); !errors.Is(err, o.doors.fail) {
			t.Errorf("sweep: %v", err)
		}
		later := o.clock.AddDate(20, 0, 0)
		entry := audit.Entry{Class: audit.ClassSystem, Action: "right_purge", Outcome: audit.Done}
		if n, err := o.store.Purge(t.Context(), later, later, entry); n != 0 || err != nil {
			t.Errorf("%d removed whose door is still to be moved, %v", n, err)
		}
		o.doors.fail = nil
		if err := o.Sweep(t.Context(), 3); err != nil || strings.Join(o.doors.did, " ") != "open" {
			t.Errorf("sweep: %v, did %q", err, o.doors.did)
		}
		if h, err := o.One(t.Context(), camille, "R1"); err != nil || !h.Settled || h.Sealed != "" {
			t.Errorf("%v: settled %v, sealed %q", err, h.Settled, h.Sealed)
		}
		if err := o.Sweep(t.Context(), 3); err != nil || len(o.doors.did) != 1 {
			t.Errorf("again: %v, did %q", err, o.doors.did)
		}
		o.Doors = nil
		if _, _, err := o.File(t.Context(), camille, wish("R2", rights.Objection, true)); err == nil {
			t.Error("a pause that nobody can make is said to be made")
		}
	})
}

// Whoever files requests is killed in mid-work. Every request that was acknowledged is there with what was written, each has
// its entry in the journal, and no entry is without its request.
func TestKillLosesNoRequest(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onKills(t, requestUntilKilled, func(t *testing.T, d *DB, k killing) {
		acknowledged := map[string]bool{}
		for round := range 4 {
			for _, ref := range k.after(t, round, 1+round*9, time.Duration((1+round*9)%4)*time.Millisecond) {
				acknowledged[ref] = true
			}
		}
		o := rightsOn(t, d, ring, "beside")
		for ref := range acknowledged {
			h, err := o.One(t.Context(), rights.Party{Own: []string{"person of " + ref}}, ref)
			if err != nil || h.Words != "parce que MARQUE" {
				t.Errorf("%s was acknowledged: %v", ref, err)
			}
		}
		var rows int64
		if err := d.reader().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM rights`).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		if r := verified(t, d, ring); !r.OK() || r.Entries != rows || rows < int64(len(acknowledged)) {
			t.Errorf("%d requests, %d acknowledged, %d entries, problems %v", rows, len(acknowledged), r.Entries, r.Problems)
		}
	})
}

func requestUntilKilled(t *testing.T, d *DB, _ string) {
	o := rightsOn(t, d, journalRing(t), audit.WriterID("child"))
	untilKilled(3, func(int, int) (string, error) {
		ref := audit.WriterID("k")
		_, _, err := o.File(context.Background(), rights.Party{Own: []string{"person of " + ref}}, wish(ref, rights.Erasure, false))
		return ref, err
	})
}
