package charter_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ecluse/internal/audit"
	"ecluse/internal/charter"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

type hasher struct{}

func (hasher) Derive(purpose string, parts ...string) []byte {
	mac := hmac.New(sha512.New, []byte("key"))
	fmt.Fprintf(mac, "%q %q", purpose, parts)
	return mac.Sum(nil)
}

// drawer is a charter.Store in memory; only what a Book asks of it does anything.
type drawer struct {
	charter.Store
	rows    []charter.Acknowledgement
	entries []audit.Entry
	fail    error
}

func (d *drawer) Acknowledged(_ context.Context, handles []string, version string) (time.Time, bool, error) {
	for _, r := range d.rows {
		if slices.Contains(handles, r.Handle) && r.Version == version {
			return r.At, true, d.fail
		}
	}
	return time.Time{}, false, d.fail
}

func (d *drawer) Acknowledge(_ context.Context, a charter.Acknowledgement, e audit.Entry) error {
	if d.fail == nil {
		d.rows, d.entries = append(d.rows, a), append(d.entries, e)
	}
	return d.fail
}

var (
	lina = person.Key{Authority: "ac", ID: "MARQUE-lina"}
	same = person.Key{Authority: "ent", ID: "MARQUE-lina at school"} // another source's key for the same person
	noah = person.Key{Authority: "ac", ID: "MARQUE-noah"}
)

func book(d *drawer, now *time.Time) *charter.Book {
	return &charter.Book{
		Store: d, Keys: hasher{}, Now: func() time.Time { return *now },
		Handles: func(_ context.Context, own person.Key) ([]string, error) {
			if own == noah {
				return []string{noah.Handle(hasher{})}, nil
			}
			out := []string{own.Handle(hasher{})}
			for _, k := range []person.Key{lina, same} {
				if k != own {
					out = append(out, k.Handle(hasher{}))
				}
			}
			return out, nil
		},
	}
}

func required(tb testing.TB, now time.Time) charter.Due {
	tb.Helper()
	c := academy()
	c.Mode = registry.CharterRequire
	return charter.DueAt(view(tb, c), now, college, person.Pupil)
}

func TestWhoHasReadIsNotAskedAgainAndNobodyElseIsSpared(t *testing.T) {
	t.Parallel()
	now, d := at("2026-11-22"), &drawer{}
	b, due := book(d, &now), required(t, at("2026-11-22"))
	if err := b.Acknowledge(t.Context(), lina, due, due.Text.Version, "ABC-123"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		who  person.Key
		want charter.Duty
	}{"herself": {lina, charter.Nothing}, "under another key": {same, charter.Nothing}, "somebody else": {noah, charter.Require}} {
		if got, err := b.Asks(t.Context(), c.who, due); got != c.want || err != nil {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	for name, change := range map[string]func(*charter.Due){
		"the next year":   func(d *charter.Due) { d.Year++ },
		"another version": func(d *charter.Due) { d.Text.Version = "another" },
		"another school":  func(d *charter.Due) { d.School.UAI = other },
	} {
		next := due
		change(&next)
		if got, err := b.Asks(t.Context(), lina, next); got != charter.Require || err != nil {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	if at, found, err := b.When(t.Context(), same, due); !found || !at.Equal(now) || err != nil {
		t.Errorf("when: %v, %v, %v", at, found, err)
	}
}

func TestASecondTimeFilesNothing(t *testing.T) {
	t.Parallel()
	now, d := at("2026-11-22"), &drawer{}
	b, due := book(d, &now), required(t, now)
	for _, key := range []person.Key{lina, lina, same} {
		if err := b.Acknowledge(t.Context(), key, due, due.Text.Version, ""); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.rows) != 1 || len(d.entries) != 1 {
		t.Errorf("%d rows, %d entries", len(d.rows), len(d.entries))
	}
}

func TestWhatIsNotTheVersionThatHoldsIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	now, d := at("2026-11-22"), &drawer{}
	b, due := book(d, &now), required(t, now)
	for _, version := range []string{"", "older"} {
		if err := b.Acknowledge(t.Context(), lina, due, version, ""); !errors.Is(err, charter.ErrChanged) {
			t.Errorf("version %q: %v", version, err)
		}
	}
	if err := b.Acknowledge(t.Context(), lina, charter.Due{}, "", ""); !errors.Is(err, charter.ErrChanged) {
		t.Errorf("where no charter holds: %v", err)
	}
	if err := b.Acknowledge(t.Context(), person.Key{}, due, due.Text.Version, ""); err == nil {
		t.Error("nobody acknowledges")
	}
	if len(d.rows) != 0 {
		t.Errorf("%d rows are filed", len(d.rows))
	}
}

func TestWhatCannotBeReadIsNotTakenForAnAcknowledgement(t *testing.T) {
	t.Parallel()
	now, d := at("2026-11-22"), &drawer{fail: errors.New("disk")}
	b, due := book(d, &now), required(t, now)
	if got, err := b.Asks(t.Context(), lina, due); got != charter.Require || !errors.Is(err, d.fail) {
		t.Errorf("asks: %s, %v", got, err)
	}
	if err := b.Acknowledge(t.Context(), lina, due, due.Text.Version, ""); !errors.Is(err, d.fail) {
		t.Errorf("acknowledge: %v", err)
	}
	d.fail, b.Handles = nil, func(context.Context, person.Key) ([]string, error) { return nil, errors.New("book") }
	if got, err := b.Asks(t.Context(), lina, due); got != charter.Require || err == nil {
		t.Errorf("without the key book: %s, %v", got, err)
	}
	if got, err := b.Asks(t.Context(), person.Key{}, due); got != charter.Require || err == nil {
		t.Errorf("nobody: %s, %v", got, err)
	}
}

func TestNeitherRowNorEntryNamesAnybodyOrCanBeJoined(t *testing.T) {
	t.Parallel()
	now, d := at("2026-11-22"), &drawer{}
	b, due := book(d, &now), required(t, now)
	elsewhere, later := due, due
	elsewhere.School.UAI, later.Year = other, due.Year+1
	for _, due := range []charter.Due{due, elsewhere, later} {
		if err := b.Acknowledge(t.Context(), lina, due, due.Text.Version, "ABC-123"); err != nil {
			t.Fatal(err)
		}
	}
	handles := map[string]bool{}
	for i, r := range d.rows {
		handles[r.Handle] = true
		e := d.entries[i]
		if text := fmt.Sprintf("%#v %#v", r, e); strings.Contains(text, "MARQUE") || strings.Contains(text, "academy teen") {
			t.Errorf("the key or the text is written: %s", text)
		}
		if len(r.Handle) != 64 || e.Subject == r.Handle || r.Handle == lina.Handle(hasher{}) || e.Subject != charter.JournalSubject(hasher{}, lina.Handle(hasher{})) {
			t.Errorf("row and entry can be joined: %s, %s", r.Handle, e.Subject)
		}
		if e.Action != "charter_acknowledged" || e.Ref != "ABC-123" || e.UAI != string(r.UAI) || e.Detail["charter"] != r.Version || e.Detail["how"] != "screen" {
			t.Errorf("entry %+v", e)
		}
	}
	if len(handles) != 3 {
		t.Error("two schools or two years of one person share a handle")
	}
	if a := d.rows[0]; a.Group != charter.Pupils || !a.At.Equal(now) || a.Year != 2026 {
		t.Errorf("row %+v", a)
	}
	marks := map[string]bool{b.Mark(lina, due, "2026-11-22"): true, b.Mark(lina, due, "2026-11-23"): true, b.Mark(lina, elsewhere, "2026-11-22"): true, b.Mark(noah, due, "2026-11-22"): true}
	if len(marks) != 4 || handles[b.Mark(lina, due, "2026-11-22")] {
		t.Error("a mark stands for more than one putting off")
	}
}

// TestNeverAskedTwiceForOneVersionYearAndSchoolNorEverSpared draws years of sign-ins of one person, under two keys, in two
// schools, while texts, modes and places change, and asks each time whether the page came exactly when it had to.
func TestNeverAskedTwiceForOneVersionYearAndSchoolNorEverSpared(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		now, d := at("2026-09-01"), &drawer{}
		b := book(d, &now)
		whole, own := academy(), registry.Charter{UAI: college}
		read := map[string]bool{}
		for range rapid.IntRange(1, 25).Draw(rt, "events") {
			switch rapid.IntRange(0, 5).Draw(rt, "event") {
			case 0:
				now = now.AddDate(0, 0, rapid.IntRange(1, 200).Draw(rt, "days"))
			case 1:
				whole.Teen = text(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "academy's"))
			case 2:
				own.Teen = text(rapid.SampledFrom([]string{"", "a", "d"}).Draw(rt, "school's"))
			case 3:
				whole.Mode = rapid.SampledFrom([]registry.CharterMode{"", registry.CharterRequire, registry.CharterShown, "?"}).Draw(rt, "mode")
			case 4:
				whole.Begins = rapid.SampledFrom([]registry.YearDay{"", "08-15", "02-15"}).Draw(rt, "begins")
			}
			uai := rapid.SampledFrom([]person.UAI{college, other}).Draw(rt, "school")
			who := rapid.SampledFrom([]person.Key{lina, same}).Draw(rt, "key")
			due := charter.DueAt(view(t, whole, own), now, uai, person.Pupil)
			says := whole.Teen
			if uai == college && !own.Teen.IsZero() {
				says = own.Teen
			}
			about := fmt.Sprint(uai, due.Year, says.Version())
			duty, err := b.Asks(t.Context(), who, due)
			wants := charter.Remind
			switch {
			case read[about] || whole.Mode == registry.CharterShown:
				wants = charter.Nothing
			case whole.Mode != "":
				wants = charter.Require
			}
			if err != nil || duty != wants {
				rt.Fatalf("%s: %s, %v; want %s", about, duty, err, wants)
			}
			if duty == charter.Nothing || rapid.Bool().Draw(rt, "puts it off") {
				continue
			}
			if err := b.Acknowledge(t.Context(), who, due, due.Text.Version, ""); err != nil {
				rt.Fatal(err)
			}
			read[about] = true
		}
		if len(d.rows) != len(read) || len(d.entries) != len(read) {
			rt.Fatalf("%d rows and %d entries of %d acknowledgements", len(d.rows), len(d.entries), len(read))
		}
	})
}
