package consent_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// TestAYesToAnEarlierVersionLiftsNoNoToALaterOne: a form of before, signed once more, answers nothing that is asked now.
func TestAYesToAnEarlierVersionLiftsNoNoToALaterOne(t *testing.T) {
	t.Parallel()
	for name, signed := range map[string]consent.Signed{
		"by her who said no": {Holder: mother}, "by all of them": {Paper: consent.Paper{Everyone: true}},
	} {
		s := joint()
		before, now := s.declaration, s.declaration
		now.Version, now.Retention.FR = 2, "dix ans"
		s.declaration = now
		s.says(t, mother, consent.Refused)
		s.now = s.now.AddDate(0, 0, 1)
		signed.Voice, signed.Act = consent.Holder, consent.Agreed
		s.declaration = before
		s.paper(t, signed)
		s.declaration = now
		s.says(t, father, consent.Agreed)
		s.want(t, consent.Parents, name)
		s.paper(t, signed)
		s.want(t, consent.Missing, name+", and then to what is asked now")
	}
}

// TestAYesTakesNoYesAway: one more paper that names nobody leaves what all of them signed.
func TestAYesTakesNoYesAway(t *testing.T) {
	t.Parallel()
	s := joint()
	s.declaration.Basis.AllHolders = registry.AnswerYes
	s.paper(t, consent.Signed{Voice: consent.Holder, Act: consent.Agreed, Paper: consent.Paper{Everyone: true}})
	s.want(t, consent.Missing, "all signed")
	s.paper(t, consent.Signed{Voice: consent.Holder, Act: consent.Agreed})
	s.want(t, consent.Missing, "and one of them once more")
	before := s.declaration
	s.declaration.Version, s.declaration.Retention.FR = 2, "dix ans"
	s.paper(t, consent.Signed{Voice: consent.Holder, Act: consent.Agreed, Paper: consent.Paper{Everyone: true}})
	now := s.declaration
	s.declaration = before
	s.paper(t, consent.Signed{Voice: consent.Holder, Act: consent.Agreed, Paper: consent.Paper{Everyone: true}})
	s.declaration = now
	s.want(t, consent.Missing, "and all of them a form of before")
	s.paper(t, consent.Signed{Voice: consent.Holder, Act: consent.Refused})
	s.want(t, consent.Parents, "and then one of them no more")
}

// TestANoIsToWhatWasAsked: another substance is another question, and a no to what was not shown is none.
func TestANoIsToWhatWasAsked(t *testing.T) {
	t.Parallel()
	s := newScene(registry.Consent)
	r := s.release(t)
	if err := s.book.Refuse(t.Context(), s.person, r, consent.Said{Act: consent.Refused, Digest: "another"}, consent.Around{}); err != nil || s.store.receipts != nil {
		t.Errorf("a no to something else is kept: %v", err)
	}
	s.child(t, consent.Refused)
	s.child(t, consent.Refused) // the form sent twice
	if len(s.store.receipts) != 1 {
		t.Errorf("%d receipts of one no", len(s.store.receipts))
	}
	s.want(t, consent.Declined, "the no")
	s.declaration.Version, s.declaration.Retention.FR = 2, "dix ans"
	if need, err := s.needs(t); err != nil || need.Act != consent.Agreed || !need.Changed || !need.Declined.IsZero() {
		t.Errorf("another substance: %+v, %v", need, err)
	}
}

// TestHardCase11WhoComesOfAgeIsAskedAloneAndAnew: on the day itself; and what others said for them counts no more.
func TestHardCase11WhoComesOfAgeIsAskedAloneAndAnew(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prescribed registry.Answer
		years      int
	}{"nobody prescribes it": {registry.AnswerNo, 15}, "it is prescribed": {registry.AnswerYes, 18}, "nobody said": {"", 18}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			birthday := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
			s := joint()
			s.pupil(birthday.AddDate(-c.years, 0, 0).Format(time.DateOnly))
			s.declaration.Basis.Prescribed = c.prescribed
			s.says(t, mother, consent.Agreed)
			s.child(t, consent.Agreed)
			s.now = birthday.Add(-time.Millisecond)
			s.want(t, consent.Stands, "the last moment of childhood")
			s.now = birthday
			if need, err := s.needs(t); err != nil || need.Act != consent.Agreed || need.Mode != consent.Consent || need.Changed {
				t.Errorf("on the birthday: %+v, %v; want to ask, and nothing has changed", need, err)
			}
			s.want(t, consent.Missing, "on the birthday")
			s.child(t, consent.Agreed)
			s.says(t, mother, consent.Refused)
			s.want(t, consent.Stands, "nobody else is asked any more")
			who, _ := s.book.Ledger().Myself(t.Context(), s.person)
			if _, err := s.book.Ledger().Withdraw(t.Context(), who, "lire", consent.Around{}); err != nil {
				t.Fatal(err)
			}
			s.want(t, consent.Declined, "their own word is taken back")
			s.person.Age = person.AgeFacts{}
			s.want(t, consent.Parents, "the age is not known any more")
		})
	}
}

// TestHardCase11ANoOfChildhoodIsAskedAgainOnceAlone: of age, one is asked anew, also where one's parents had said no.
func TestHardCase11ANoOfChildhoodIsAskedAgainOnceAlone(t *testing.T) {
	t.Parallel()
	s := joint().pupil("2011-11-24")
	s.says(t, mother, consent.Agreed)
	s.child(t, consent.Refused)
	s.says(t, mother, consent.Refused)
	s.want(t, consent.Parents, "before")
	s.now = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	s.want(t, consent.Missing, "fifteen")
}

// TestHardCase38NothingThatWasSaidEndsWithAYear: contracts end on 15 August, classes on 31 August, declarations on days of
// their own; what somebody said ends with none of them.
func TestHardCase38NothingThatWasSaidEndsWithAYear(t *testing.T) {
	t.Parallel()
	s := joint()
	s.declaration.Until = registry.Date{Year: 2027, Month: 8, Day: 15}
	s.says(t, mother, consent.Agreed)
	s.child(t, consent.Agreed)
	for version, day := range []string{"2026-12-31", "2027-01-01", "2027-08-15", "2027-08-16", "2027-08-31", "2027-09-01", "2028-09-01"} {
		var err error
		if s.now, err = time.Parse(time.DateOnly, day); err != nil {
			t.Fatal(err)
		}
		if !s.now.Before(s.declaration.Until.Ends(time.UTC)) { // renewed with a day of its own
			s.declaration.Version, s.declaration.Until = version+2, registry.Date{Year: 2029, Month: 7, Day: 4}
		}
		s.want(t, consent.Stands, day)
	}
}

// TestTheLastWordIsTheNewestWhateverTheClocksSay: two replicas may not agree on the time.
func TestTheLastWordIsTheNewestWhateverTheClocksSay(t *testing.T) {
	t.Parallel()
	s := joint()
	stop := func() { s.now = time.Date(2026, 11, 22, 11, 59, 0, 0, time.UTC) }
	s.says(t, mother, consent.Agreed)
	s.child(t, consent.Agreed)
	stop()
	s.says(t, mother, consent.Refused)
	stop()
	s.want(t, consent.Parents, "her no")
	s.says(t, mother, consent.Agreed)
	stop()
	who, _ := s.book.Ledger().Myself(t.Context(), s.person)
	if got, err := s.book.Ledger().Withdraw(t.Context(), who, "lire", consent.Around{}); len(got) != 1 || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	s.want(t, consent.Declined, "the child's withdrawal")
	s.child(t, consent.Agreed)
	stop()
	s.want(t, consent.Stands, "the child's yes")
	s.declaration.Retention.FR = "dix ans"
	s.says(t, mother, consent.Agreed)
	stop()
	s.child(t, consent.Refused)
	s.want(t, consent.Declined, "the child's no")
}

// TestNeverAskedAgainWithoutAReasonNorSparedWithOne draws lives of many voices and holds each sign-in to a plain account.
func TestNeverAskedAgainWithoutAReasonNorSparedWithOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := joint().pupil("2011-11-24") // fifteen in two days
		all := rapid.Bool().Draw(rt, "all holders")
		if all {
			s.declaration.Basis.AllHolders = registry.AnswerYes
		}
		second := person.Key{Authority: "ent-b", ID: "L"}
		first := s.person.Key
		s.book.People = keys{{first, second}}
		type word struct {
			act       consent.Act
			substance string
			alone     bool
		}
		var own word
		holders := map[person.Key]word{}
		closed := false
		grown := func() bool { return !s.now.Before(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)) }
		want := func() consent.Answer {
			now := s.declaration.Substance()
			if closed {
				return consent.Shut
			}
			if !grown() {
				yes, no := 0, false
				for _, w := range holders {
					no = no || w.act != consent.Agreed
					if w.substance == now {
						yes++
					}
				}
				if no || yes == 0 || all && yes < 2 {
					return consent.Parents
				}
			}
			switch {
			case own.substance != now || grown() && !own.alone:
				return consent.Missing
			case own.act == consent.Agreed:
				return consent.Stands
			default:
				return consent.Declined
			}
		}
		for range rapid.IntRange(1, 25).Draw(rt, "events") {
			who := rapid.SampledFrom([]person.Key{mother, father}).Draw(rt, "who")
			act := rapid.SampledFrom([]consent.Act{consent.Agreed, consent.Refused}).Draw(rt, "act")
			switch rapid.IntRange(0, 8).Draw(rt, "event") {
			case 0:
				s.declaration.Version++
			case 1:
				s.declaration.Version++
				s.declaration.Retention.FR = rapid.SampledFrom([]string{"un an", "deux ans", "trois ans"}).Draw(rt, "retention")
			case 2, 3:
				s.says(t, who, act)
				holders[who] = word{act, s.declaration.Substance(), false}
			case 4, 5:
				if state := want(); state == consent.Missing || state == consent.Declined {
					s.child(t, act)
					own = word{act, s.declaration.Substance(), grown()}
				}
			case 6:
				l, of := s.book.Ledger(), s.person.Key.Handle(hasher{})
				r := l.Close(of, "lire", registry.Text{})
				if closed {
					r = l.Open(of, "lire")
				}
				if err := l.File(t.Context(), audit.Entry{}, r); err != nil {
					rt.Fatal(err)
				}
				closed = !closed
				s.now = s.now.Add(time.Second)
			case 7:
				s.person.Key = rapid.SampledFrom([]person.Key{first, second}).Draw(rt, "key")
			case 8:
				s.now = s.now.Add(18 * time.Hour)
			}
			if got := s.answer(t); got != want() {
				rt.Fatalf("%s, want %s", got, want())
			}
		}
	})
}
