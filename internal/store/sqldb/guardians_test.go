package sqldb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/guardian"
	"ecluse/internal/keys"
	"ecluse/internal/person"
)

const closingSchool, otherSchool = person.UAI("0280202T"), person.UAI("0280303C")

// guardiansOn is a book of closings on a database. Several keys mean one person as the map says.
func guardiansOn(t *testing.T, d *DB, ring *keys.Ring, writer string, same map[person.Key][]person.Key) *guardian.Book {
	t.Helper()
	journal := audittest.Journal(t, d.Audit(), ring, writer, time.Now)
	return &guardian.Book{
		Store: &Guardians{DB: d, Journal: journal}, Keys: ring, Now: time.Now,
		Handles: func(_ context.Context, own person.Key) ([]string, error) {
			out := []string{own.Handle(ring)}
			for _, k := range same[own] {
				out = append(out, k.Handle(ring))
			}
			return out, nil
		},
	}
}

func guardianEntry(action string) audit.Entry {
	return audit.Entry{Class: audit.ClassAdmin, Action: action, Outcome: audit.Done, Actor: "desk:x", UAI: string(closingSchool)}
}

func closingOf(uai person.UAI) guardian.Closing {
	return guardian.Closing{UAI: uai, Office: "directeur d'école", By: "h", Reason: guardian.Court}
}

// holds tells whether a guardian still holds authority over a child.
func holds(t *testing.T, b *guardian.Book, g, c person.Key) bool {
	t.Helper()
	wards, err := b.Today(t.Context(), person.Person{Key: g, Wards: []person.Ward{{Child: c, Authority: person.Yes}}}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return wards[0].Authority == person.Yes
}

func TestAViewThatIsClosedUnderOneKeyIsClosedUnderAll(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		ent, edu := named("ent", "nadia"), named("educonnect", "nadia")
		child, other, brother := named("ent", "lina"), named("educonnect", "lina"), named("ent", "tom")
		same := map[person.Key][]person.Key{ent: {edu}, edu: {ent}, child: {other}, other: {child}}
		b, replica := guardiansOn(t, d, ring, "w", same), guardiansOn(t, d, ring, "replica", same)
		apart := guardiansOn(t, d, ring, "apart", nil)
		father := named("ent", "marc")
		fresh, seen, err := b.Close(t.Context(), guardian.Pair{Guardian: ent, Child: child}, closingOf(closingSchool), guardianEntry("guardian_close"))
		if err != nil || !fresh || seen {
			t.Fatalf("fresh %v, seen %v, %v", fresh, seen, err)
		}
		for name, g := range map[string]person.Key{"ent": ent, "educonnect": edu} {
			for _, c := range []person.Key{child, other} {
				if holds(t, replica, g, c) {
					t.Errorf("the guardian of %s still holds authority", name)
				}
				if holds(t, apart, g, c) {
					t.Errorf("the guardian of %s holds it again once the keys are no longer known to be one's", name)
				}
			}
			if !holds(t, replica, g, brother) {
				t.Errorf("%s: the view of another child is closed", name)
			}
		}
		if !holds(t, b, father, child) {
			t.Error("another guardian's view is closed")
		}
		if fresh, _, err := b.Close(t.Context(), guardian.Pair{Guardian: edu, Child: other}, closingOf(closingSchool), guardianEntry("guardian_close")); fresh || err != nil {
			t.Errorf("closed again under other keys: %v %v", fresh, err)
		}
		if n := entriesOf(t, d, "guardian_close"); n != 1 {
			t.Errorf("%d entries of one closing", n)
		}
		if list, err := b.Closings(t.Context(), closingSchool); err != nil || len(list) != 1 || list[0].Reason != guardian.Court || list[0].Office == "" {
			t.Errorf("%+v %v", list, err)
		}
		if opened, _, err := b.Open(t.Context(), guardian.Pair{Guardian: edu, Child: other}, closingSchool, guardian.Over, guardianEntry("guardian_open")); !opened || err != nil {
			t.Errorf("opened %v %v", opened, err)
		}
		if !holds(t, replica, ent, child) || !holds(t, apart, edu, other) {
			t.Error("what was opened is closed")
		}
		if opened, _, err := b.Open(t.Context(), guardian.Pair{Guardian: ent, Child: child}, closingSchool, guardian.Over, guardianEntry("guardian_open")); opened || err != nil {
			t.Errorf("opened twice: %v %v", opened, err)
		}
		if n := entriesOf(t, d, "guardian_open"); n != 1 {
			t.Errorf("%d entries of one opening", n)
		}
	})
}

func TestAKeyThatWasFoundAfterTheClosingIsClosedToo(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		ent, edu, child := named("ent", "nadia"), named("educonnect", "nadia"), named("ent", "lina")
		same := map[person.Key][]person.Key{}
		b, pair := guardiansOn(t, d, ring, "w", same), guardian.Pair{Guardian: ent, Child: child}
		if _, _, err := b.Close(t.Context(), pair, closingOf(closingSchool), guardianEntry("guardian_close")); err != nil {
			t.Fatal(err)
		}
		if !holds(t, b, edu, child) {
			t.Fatal("somebody else is closed")
		}
		same[ent], same[edu] = []person.Key{edu}, []person.Key{ent}
		if holds(t, b, edu, child) {
			t.Error("the key that was found later is open")
		}
		if fresh, _, err := b.Close(t.Context(), pair, closingOf(closingSchool), guardianEntry("guardian_close")); !fresh || err != nil {
			t.Errorf("a key that was found is filed beside: %v %v", fresh, err)
		}
		if list, err := b.Closings(t.Context(), closingSchool); err != nil || len(list) != 1 {
			t.Errorf("one closing is listed as %d (%v)", len(list), err)
		}
	})
}

func TestWhatTwoSchoolsClosedEachOpensForItself(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		g, c := named("ent", "nadia"), named("ent", "lina")
		b, pair := guardiansOn(t, d, ring, "w", nil), guardian.Pair{Guardian: named("ent", "nadia"), Child: named("ent", "lina")}
		for _, uai := range []person.UAI{closingSchool, otherSchool} {
			if fresh, _, err := b.Close(t.Context(), pair, closingOf(uai), guardianEntry("guardian_close")); !fresh || err != nil {
				t.Fatal(fresh, err)
			}
		}
		if opened, _, err := b.Open(t.Context(), pair, closingSchool, guardian.Over, guardianEntry("guardian_open")); !opened || err != nil {
			t.Fatal(opened, err)
		}
		if holds(t, b, g, c) {
			t.Error("one school opened what the other closed")
		}
		if opened, _, err := b.Open(t.Context(), pair, otherSchool, guardian.Over, guardianEntry("guardian_open")); !opened || err != nil || !holds(t, b, g, c) {
			t.Error(opened, err)
		}
	})
}

func TestTheTableOfClosingsNamesNobody(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		g, c := named("ent", "nadia"), named("ent", "lina")
		b := guardiansOn(t, d, ring, "w", nil)
		if _, _, err := b.Close(t.Context(), guardian.Pair{Guardian: g, Child: c}, closingOf(closingSchool), guardianEntry("guardian_close")); err != nil {
			t.Fatal(err)
		}
		var pair, mark string
		if err := d.reader().QueryRowContext(t.Context(), `SELECT pair, mark FROM guardian_closings`).Scan(&pair, &mark); err != nil {
			t.Fatal(err)
		}
		for _, never := range []string{"nadia", "lina", g.Handle(ring), c.Handle(ring)} {
			if strings.Contains(pair+mark, never) {
				t.Errorf("it says %s", never)
			}
		}
		if r := verified(t, d, ring); !r.OK() || r.Entries != 1 {
			t.Errorf("%d entries, %v", r.Entries, r.Problems)
		}
	})
}

func TestNoViewIsClosedOrOpenedWithoutItsEntry(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		g, c := named("ent", "nadia"), named("ent", "lina")
		b, pair := guardiansOn(t, d, ring, "w", nil), guardian.Pair{Guardian: g, Child: c}
		bad := audit.Entry{Class: "no class", Action: "guardian_close"}
		if _, _, err := b.Close(t.Context(), pair, closingOf(closingSchool), bad); err == nil || !holds(t, b, g, c) {
			t.Errorf("closed without an entry: %v", err)
		}
		if _, _, err := b.Close(t.Context(), pair, closingOf(closingSchool), guardianEntry("guardian_close")); err != nil {
			t.Fatal(err)
		}
		if _, _, err := b.Open(t.Context(), pair, closingSchool, guardian.Over, bad); err == nil || holds(t, b, g, c) {
			t.Errorf("opened without an entry: %v", err)
		}
		if _, _, err := b.Close(t.Context(), guardian.Pair{Guardian: g, Child: g}, closingOf(closingSchool), guardianEntry("guardian_close")); err == nil {
			t.Error("somebody is their own guardian")
		}
		if _, _, err := b.Close(t.Context(), guardian.Pair{Child: c}, closingOf(closingSchool), guardianEntry("guardian_close")); err == nil {
			t.Error("nobody's view is closed")
		}
	})
}

func TestClosingsGoOnceNoChildOfThatTimeIsAMinor(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		g, c := named("ent", "nadia"), named("ent", "lina")
		b := guardiansOn(t, d, ring, "w", nil)
		if _, _, err := b.Close(t.Context(), guardian.Pair{Guardian: g, Child: c}, closingOf(closingSchool), guardianEntry("guardian_close")); err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		b.Now = func() time.Time { return now.AddDate(18, 0, -1) }
		if err := b.Forget(t.Context()); err != nil || holds(t, b, g, c) {
			t.Fatalf("forgotten early: %v", err)
		}
		b.Now = func() time.Time { return now.AddDate(18, 0, 1) }
		for range 2 {
			if err := b.Forget(t.Context()); err != nil || !holds(t, b, g, c) {
				t.Fatalf("not forgotten: %v", err)
			}
		}
		if n := entriesOf(t, d, "guardians_purge"); n != 1 {
			t.Errorf("%d entries", n)
		}
	})
}

func TestWhoseKeysTheBookHasAreSeen(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		people := bookOn(t, d, ring, "people")
		g, c := named("ent-a", "nadia"), named("ent-a", "lina")
		b := guardiansOn(t, d, ring, "w", nil)
		b.Handles = people.Handles
		pair := guardian.Pair{Guardian: g, Child: c}
		for i, known := range []person.Key{g, c} {
			if _, seen, err := b.Close(t.Context(), pair, closingOf(closingSchool), guardianEntry("guardian_close")); seen || err != nil {
				t.Errorf("%d of two seen: %v %v", i, seen, err)
			}
			if _, err := people.Know(t.Context(), "ent", known); err != nil {
				t.Fatal(err)
			}
		}
		if _, seen, err := b.Close(t.Context(), pair, closingOf(closingSchool), guardianEntry("guardian_close")); !seen || err != nil {
			t.Errorf("both seen: %v %v", seen, err)
		}
	})
}

func TestManyPairsAreAskedForAtOnce(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		b := guardiansOn(t, d, ring, "w", nil)
		g := named("ent", "nadia")
		p := person.Person{Key: g}
		for i := range 2*mostHandles + 1 {
			p.Wards = append(p.Wards, person.Ward{Child: named("ent", fmt.Sprint(i)), Authority: person.Yes})
		}
		last := p.Wards[len(p.Wards)-1].Child
		if _, _, err := b.Close(t.Context(), guardian.Pair{Guardian: g, Child: last}, closingOf(closingSchool), guardianEntry("guardian_close")); err != nil {
			t.Fatal(err)
		}
		wards, err := b.Today(t.Context(), p, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(wards, func(w person.Ward) bool { return w.Authority != person.Yes })
		if i != len(wards)-1 || p.Wards[i].Authority != person.Yes {
			t.Errorf("ward %d is closed, of %d; or the person was changed", i, len(wards))
		}
	})
}

// Whoever closes and opens views is killed in mid-work 4 times. What was acknowledged last of each pair stands, and every
// closing has its entry.
func TestKillLosesNoClosingOfAView(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onKills(t, closeUntilKilled, func(t *testing.T, d *DB, k killing) {
		b := guardiansOn(t, d, ring, "beside", nil)
		closed := map[string]bool{}
		for round := range 4 {
			for _, line := range k.after(t, round, 1+round*9, time.Duration(round)*time.Millisecond) {
				who, word, _ := strings.Cut(line, " ")
				closed[who] = word == "closed"
			}
		}
		if len(closed) == 0 {
			t.Fatal("nothing was acknowledged")
		}
		for who, is := range closed {
			if is && holds(t, b, named("ent", who), named("ent", "child-of-"+who)) {
				t.Errorf("%s: closed, acknowledged and open", who)
			}
		}
		var rows int
		if err := d.reader().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM guardian_closings`).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		if entries := entriesOf(t, d, "guardian_close") - entriesOf(t, d, "guardian_open"); entries != rows {
			t.Errorf("%d closings stand, and the journal has %d more of closing than of opening", rows, entries)
		}
		if r := verified(t, d, ring); !r.OK() {
			t.Error(r.Problems)
		}
	})
}

// closeUntilKilled closes a view, and opens every third one again.
func closeUntilKilled(t *testing.T, d *DB, round string) {
	b := guardiansOn(t, d, journalRing(t), "killed-"+round, nil)
	untilKilled(4, func(caller, i int) (string, error) {
		who := fmt.Sprintf("%s-%d-%d", round, caller, i)
		pair := guardian.Pair{Guardian: named("ent", who), Child: named("ent", "child-of-"+who)}
		fresh, _, err := b.Close(context.Background(), pair, closingOf(closingSchool), guardianEntry("guardian_close"))
		if err != nil || !fresh {
			return "", errors.Join(err, fmt.Errorf("fresh %v", fresh))
		}
		if i%3 != 2 {
			return who + " closed", nil
		}
		_, _, err = b.Open(context.Background(), pair, closingSchool, guardian.Over, guardianEntry("guardian_open"))
		return who + " opened", err
	})
}
