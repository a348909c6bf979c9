package consent_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// keys knows which keys mean one person: all that were ever put in one list.
type keys [][]person.Key

func (k keys) Handles(_ context.Context, own person.Key) ([]string, error) {
	out := []string{own.Handle(hasher{})}
	for _, list := range k {
		for _, key := range list {
			if key == own {
				for _, other := range list {
					if other != own {
						out = append(out, other.Handle(hasher{}))
					}
				}
			}
		}
	}
	return out, nil
}

var (
	mother = person.Key{Authority: "ent", ID: "MARQUE-M"}
	father = person.Key{Authority: "ent", ID: "MARQUE-F"}
)

// joint is a child of eight at a service that asks the child and a holder of parental authority.
func joint() *scene {
	s := newScene(registry.Consent).free().pupil("2018-01-01")
	s.declaration.Basis.Parents = registry.AnswerYes
	return s
}

func (s *scene) parent(key person.Key, authority person.Tri) person.Person {
	return person.Person{Key: key, Wards: []person.Ward{{Child: s.person.Key, UAI: ecole, Authority: authority}}}
}

func (s *scene) holder(t testing.TB, key person.Key) consent.Speaker {
	t.Helper()
	who, err := s.book.Ledger().HolderOf(t.Context(), s.parent(key, person.Yes), s.person.Key)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func (s *scene) question() consent.Question {
	return consent.Asks(s.person, person.Pupil, s.declaration, s.rulesNow(), nil, s.now)
}

func (s *scene) rulesNow() registry.Rules {
	return registry.Rules{Version: 1, ConsentAge: 15, Majority: 18}
}

// says has a holder answer on their own page: the question of a child whose age their session does not know.
func (s *scene) says(t testing.TB, key person.Key, act consent.Act) {
	t.Helper()
	q := consent.Asks(person.Person{}, person.Pupil, s.declaration, s.rulesNow(), nil, s.now)
	if err := s.book.Ledger().Say(t.Context(), s.holder(t, key), q, act, consent.Around{}); err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(time.Second)
}

func (s *scene) paper(t testing.TB, signed consent.Signed) {
	t.Helper()
	signed.Child = s.person.Key
	if signed.Paper.UAI == "" {
		signed.Paper.UAI = ecole
	}
	if signed.Paper.Document == "" {
		signed.Paper.Document = "2026-12"
	}
	if signed.Paper.Day.IsZero() {
		signed.Paper.Day = registry.Date{Year: s.now.Year(), Month: s.now.Month(), Day: s.now.Day()}
	}
	r, err := s.book.Ledger().Attested(signed, s.declaration, s.zone)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.book.Ledger().File(t.Context(), audit.Entry{}, r); err != nil {
		t.Fatal(err)
	}
	s.now = s.now.AddDate(0, 0, 1)
}

// child answers the page of a sign-in.
func (s *scene) child(t testing.TB, act consent.Act) {
	t.Helper()
	r := s.release(t)
	said := consent.Said{Act: act, Digest: r.Digest()}
	var err error
	if act == consent.Refused {
		err = s.book.Refuse(t.Context(), s.person, r, said, consent.Around{})
	} else {
		_, err = s.book.Clear(t.Context(), s.person, r, said, consent.Around{})
	}
	if err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(time.Second)
}

// answer is where a sign-in stands, in a word.
func (s *scene) answer(t testing.TB) consent.Answer {
	t.Helper()
	need, err := s.needs(t)
	switch {
	case errors.Is(err, consent.ErrParents):
		return consent.Parents
	case errors.Is(err, consent.ErrClosed):
		return consent.Shut
	case err != nil:
		t.Fatal(err)
	case need.Act == consent.Passed:
		return consent.Stands
	case !need.Declined.IsZero():
		return consent.Declined
	}
	return consent.Missing
}

func (s *scene) want(t testing.TB, want consent.Answer, when string) {
	t.Helper()
	got := s.answer(t)
	if got != want {
		t.Errorf("%s: %s, want %s", when, got, want)
	}
	entries := len(s.store.entries)
	if c, err := s.clear(t, ""); (err == nil) != (want == consent.Stands) || c.Empty() == (want == consent.Stands) {
		t.Errorf("%s: cleared in silence: %v", when, err)
	}
	s.store.entries = s.store.entries[:entries]
}

func TestAChildAndAHolderBothSayYes(t *testing.T) {
	t.Parallel()
	s := joint()
	s.want(t, consent.Parents, "nobody spoke")
	if _, err := s.clear(t, consent.Agreed); !errors.Is(err, consent.ErrParents) {
		t.Errorf("a child's own yes: %v", err)
	}
	s.says(t, mother, consent.Agreed)
	s.want(t, consent.Missing, "the mother agreed")
	s.child(t, consent.Agreed)
	s.want(t, consent.Stands, "both agreed")

	s.says(t, father, consent.Refused)
	s.want(t, consent.Parents, "the father said no")
	s.says(t, mother, consent.Agreed)
	s.want(t, consent.Parents, "the mother's yes is not the father's")
	s.says(t, father, consent.Agreed)
	s.want(t, consent.Stands, "the father took his no back")

	s.declaration.Version, s.declaration.Retention.FR = 2, "dix ans"
	s.want(t, consent.Parents, "another substance")
	s.says(t, father, consent.Agreed)
	s.want(t, consent.Missing, "the child has not agreed to it")
	s.child(t, consent.Refused)
	s.want(t, consent.Declined, "the child said no")
	s.child(t, consent.Agreed)
	s.want(t, consent.Stands, "the child took it back")
}

func TestAWithdrawalPrevailsWhoeverMakesIt(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]person.Key{"the holder who agreed": mother, "the other one": father, "the child": {}} {
		s := joint()
		s.says(t, mother, consent.Agreed)
		s.child(t, consent.Agreed)
		l, want := s.book.Ledger(), consent.Parents
		who, err := l.Myself(t.Context(), s.person)
		if !key.IsZero() {
			who = s.holder(t, key)
		} else {
			want = consent.Declined
		}
		for i := range 3 {
			about, err2 := l.Withdraw(t.Context(), who, "lire", consent.Around{Ref: "ABC"})
			if err != nil || err2 != nil || (len(about) == 1) != (i == 0) {
				t.Errorf("%s, time %d: %q, %v, %v", name, i+1, about, err, err2)
			}
			s.now = s.now.Add(time.Second)
		}
		s.want(t, want, name)
		if e := s.store.entries[len(s.store.entries)-1]; e.Action != "agreement" || e.Reason != "withdrawn" || e.Ref != "ABC" {
			t.Errorf("%s: entry %+v", name, e)
		}
		if got, _ := l.Withdraw(t.Context(), who, "calcul", consent.Around{}); got != nil {
			t.Errorf("%s: something is taken back of another service", name)
		}
	}
}

// TestAWithdrawalOfSeveralDeclarationsHasAnEntryForEach: as somebody does who is asked in two establishments.
func TestAWithdrawalOfSeveralDeclarationsHasAnEntryForEach(t *testing.T) {
	t.Parallel()
	s := joint()
	s.says(t, mother, consent.Agreed)
	s.says(t, father, consent.Agreed)
	s.child(t, consent.Agreed)
	l := s.book.Ledger()
	who, err := l.Myself(t.Context(), s.person)
	if err != nil {
		t.Fatal(err)
	}
	again := s.store.receipts[len(s.store.receipts)-1]
	again.Declaration, again.Version = "elsewhere", 7
	s.store.receipts = append(s.store.receipts, again)
	before := len(s.store.entries)
	about, err := l.Withdraw(t.Context(), who, "lire", consent.Around{Ref: "ABC"})
	entries := s.store.entries[before:]
	if err != nil || len(about) != 2 || len(entries) != 2 {
		t.Fatalf("%q with %d entries, %v", about, len(entries), err)
	}
	for i, e := range entries {
		if e.Declaration != about[i] || e.Reason != "withdrawn" || e.Ref != "ABC" || e.Subject == "" || (e.Declaration == "elsewhere") != (e.Version == 7) {
			t.Errorf("%+v", e)
		}
	}
	s.store.fail = errors.New("disk")
	s.store.receipts = s.store.receipts[:len(s.store.receipts)-2]
	if _, err := l.Withdraw(t.Context(), who, "lire", consent.Around{}); !errors.Is(err, s.store.fail) {
		t.Errorf("a store that fails: %v", err)
	}
}

// TestInformationCannotBeWithdrawn: what rests on a public mission is objected to, by another way.
func TestInformationCannotBeWithdrawn(t *testing.T) {
	t.Parallel()
	s := newScene(registry.PublicInterest).pupil("2018-01-01")
	s.child(t, consent.Informed)
	who, _ := s.book.Ledger().Myself(t.Context(), s.person)
	if got, err := s.book.Ledger().Withdraw(t.Context(), who, "lire", consent.Around{}); got != nil || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if err := s.book.Ledger().Say(t.Context(), who, s.question(), consent.Refused, consent.Around{}); !errors.Is(err, consent.ErrNotAsked) {
		t.Errorf("a no to an information: %v", err)
	}
	if r := s.release(t); s.book.Refuse(t.Context(), s.person, r, consent.Said{Act: consent.Refused, Digest: r.Digest()}, consent.Around{}) != nil ||
		len(s.store.receipts) != 1 {
		t.Error("turning back from an information is kept as a no")
	}
	s.want(t, consent.Stands, "afterwards")
}

func TestOnlyAHolderWhomTheSourceNamesSpeaksForAChild(t *testing.T) {
	t.Parallel()
	s := joint()
	l := s.book.Ledger()
	for name, c := range map[string]struct {
		who   person.Person
		child person.Key
	}{
		"authority unknown":   {s.parent(mother, person.Unknown), s.person.Key},
		"no authority":        {s.parent(mother, person.No), s.person.Key},
		"another child":       {s.parent(mother, person.Yes), person.Key{Authority: "ac", ID: "other"}},
		"nobody's child":      {s.parent(mother, person.Yes), person.Key{}},
		"somebody, no parent": {person.Person{Key: father}, s.person.Key},
	} {
		if _, err := l.HolderOf(t.Context(), c.who, c.child); !errors.Is(err, consent.ErrNoAuthority) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.declaration.Basis.Parents = ""
	q := consent.Asks(person.Person{}, person.Pupil, s.declaration, s.rulesNow(), nil, s.now)
	if err := l.Say(t.Context(), s.holder(t, mother), q, consent.Agreed, consent.Around{}); !errors.Is(err, consent.ErrNotAsked) {
		t.Errorf("a declaration that has no holder asked: %v", err)
	}
	s.declaration.Basis.Parents = registry.AnswerYes
	s.says(t, mother, consent.Agreed)
	s.declaration.Basis.Parents = registry.AnswerNo
	s.want(t, consent.Parents, "a yes under a declaration that asks no holder")
}

func TestEveryHolderWhereTheDeclarationSaysSo(t *testing.T) {
	t.Parallel()
	all := func() *scene {
		s := joint()
		s.declaration.Basis.AllHolders = registry.AnswerYes
		return s
	}
	s := all()
	s.says(t, mother, consent.Agreed)
	s.want(t, consent.Parents, "one of them")
	s.says(t, mother, consent.Agreed)
	s.want(t, consent.Parents, "the same twice")
	s.says(t, father, consent.Agreed)
	s.want(t, consent.Missing, "two whom one authority names")

	s = all()
	s.says(t, mother, consent.Agreed)
	s.says(t, person.Key{Authority: "educonnect", ID: "1"}, consent.Agreed)
	s.want(t, consent.Parents, "two accounts that may be one person's")
	s.paper(t, consent.Signed{Voice: consent.Holder, Act: consent.Agreed})
	s.want(t, consent.Parents, "and a paper that does not say that all signed")
	s.paper(t, consent.Signed{Voice: consent.Holder, Act: consent.Agreed, Paper: consent.Paper{Everyone: true}})
	s.want(t, consent.Missing, "the school says that all signed")
	s.says(t, father, consent.Refused)
	s.want(t, consent.Parents, "then one of them says no")
	s.now = s.now.AddDate(0, 0, 1)
	s.paper(t, consent.Signed{Voice: consent.Holder, Act: consent.Agreed, Paper: consent.Paper{Everyone: true}})
	s.want(t, consent.Missing, "and all sign again")
}

func TestAPaperIsAVoiceAndSaysWhoAttests(t *testing.T) {
	t.Parallel()
	s := joint()
	s.paper(t, consent.Signed{Voice: consent.Holder, Act: consent.Agreed, Paper: consent.Paper{Office: "directeur d'école", By: "h1", UAI: ecole}})
	s.paper(t, consent.Signed{Voice: consent.Self, Act: consent.Agreed})
	s.want(t, consent.Stands, "a holder and the child signed")
	if r := s.store.receipts[0]; r.Paper == nil || r.Paper.Office != "directeur d'école" || r.Paper.By != "h1" || r.Paper.UAI != ecole ||
		r.Paper.Document != "2026-12" || r.Paper.Day.String() != "2026-11-22" || !r.At.Equal(time.Date(2026, 11, 22, 0, 0, 0, 0, s.zone)) {
		t.Errorf("receipt %+v", r)
	}
	if text := fmt.Sprintf("%#v", s.store.receipts); strings.Contains(text, "MARQUE") {
		t.Error("a receipt names somebody")
	}
	s.paper(t, consent.Signed{Voice: consent.Holder, Act: consent.Refused})
	s.want(t, consent.Parents, "a holder, not said which, said no")
	s.paper(t, consent.Signed{Voice: consent.Holder, Act: consent.Agreed})
	s.want(t, consent.Parents, "of two papers that name nobody the second may be the other holder's")
	s.paper(t, consent.Signed{Voice: consent.Holder, Act: consent.Agreed, Paper: consent.Paper{Everyone: true}})
	s.want(t, consent.Stands, "all signed")
	s.paper(t, consent.Signed{Voice: consent.Holder, Holder: mother, Act: consent.Withdrawn})
	s.want(t, consent.Parents, "the mother withdrew on paper")
	s.says(t, mother, consent.Agreed)
	s.want(t, consent.Stands, "and said yes herself")
	s.paper(t, consent.Signed{Voice: consent.Self, Act: consent.Refused})
	s.want(t, consent.Declined, "the child said no on paper")
}

// TestAYesOnPaperCountsWhereItIsKept: nobody attests for the pupils of another establishment; a no is a no everywhere.
func TestAYesOnPaperCountsWhereItIsKept(t *testing.T) {
	t.Parallel()
	s := joint()
	s.paper(t, consent.Signed{Voice: consent.Holder, Act: consent.Agreed, Paper: consent.Paper{UAI: "0280001A"}})
	s.want(t, consent.Parents, "a yes that another school attests")
	s.paper(t, consent.Signed{Voice: consent.Holder, Act: consent.Agreed})
	s.want(t, consent.Missing, "and the pupil's own")
	s.paper(t, consent.Signed{Voice: consent.Holder, Act: consent.Refused, Paper: consent.Paper{UAI: "0280001A"}})
	s.want(t, consent.Parents, "a no that another school attests")
}

// TestAPaperOfBeforeDoesNotUndoWhatWasSaidSince: papers are filed late.
func TestAPaperOfBeforeDoesNotUndoWhatWasSaidSince(t *testing.T) {
	t.Parallel()
	s := joint()
	day := registry.Date{Year: 2026, Month: 11, Day: 22}
	s.says(t, mother, consent.Agreed)
	s.says(t, mother, consent.Refused)
	s.paper(t, consent.Signed{Voice: consent.Holder, Holder: mother, Act: consent.Agreed, Paper: consent.Paper{Day: day}})
	s.want(t, consent.Parents, "a yes on paper of the day on which she said no here")
	s.paper(t, consent.Signed{Voice: consent.Holder, Holder: mother, Act: consent.Agreed, Paper: consent.Paper{Day: day.Add(1)}})
	s.want(t, consent.Missing, "a yes on paper of the day after")
	for name, signed := range map[string]consent.Signed{
		"of tomorrow":    {Paper: consent.Paper{Day: day.Add(9)}},
		"without a day":  {Paper: consent.Paper{Day: registry.Date{}}},
		"of a voice":     {Voice: consent.Controller},
		"of an act":      {Act: consent.Informed},
		"all and one":    {Holder: mother, Paper: consent.Paper{Day: day, Everyone: true}},
		"all the selves": {Voice: consent.Self, Paper: consent.Paper{Day: day, Everyone: true}},
	} {
		signed.Child, signed.Paper.Document, signed.Paper.UAI = s.person.Key, "1", ecole
		if signed.Voice == "" {
			signed.Voice = consent.Holder
		}
		if signed.Act == "" {
			signed.Act = consent.Agreed
		}
		if strings.HasPrefix(name, "of a") {
			signed.Paper.Day = day
		}
		if _, err := s.book.Ledger().Attested(signed, s.declaration, s.zone); !errors.Is(err, consent.ErrPaper) {
			t.Errorf("a paper %s: %v", name, err)
		}
	}
}

func TestAClosingIsForOnePersonWhateverTheDeclaration(t *testing.T) {
	t.Parallel()
	s := newScene(registry.PublicInterest)
	s.child(t, consent.Informed)
	l := s.book.Ledger()
	file := func(r consent.Receipt) {
		if err := l.File(t.Context(), audit.Entry{}, r); err != nil {
			t.Fatal(err)
		}
		s.now = s.now.Add(time.Second)
	}
	of := s.person.Key.Handle(hasher{})
	file(l.Close(of, "lire", registry.Text{FR: "le livre sur papier"}))
	s.want(t, consent.Shut, "closed")
	var closing *consent.Closing
	if _, err := s.needs(t); !errors.As(err, &closing) || closing.Instead.FR != "le livre sur papier" {
		t.Errorf("%v: what to do instead is not said", closing)
	}
	s.declaration.ID = "another"
	s.want(t, consent.Shut, "another declaration")
	other := newScene(registry.PublicInterest)
	other.store, other.person.Key.ID = s.store, "somebody else"
	other.book.Store = s.store
	other.want(t, consent.Missing, "somebody else")
	s.declaration.ID = "lire-d"
	file(l.Open(of, "lire"))
	s.want(t, consent.Stands, "opened again")
	s.now = s.now.Add(-time.Second)
	file(l.Close(of, "lire", registry.Text{}))
	s.want(t, consent.Shut, "closed at the very moment at which it was opened")
}

// TestWhatWasSaidIsFoundUnderEveryKeyOfAPerson: a change of ENT asks nobody again, and lifts nobody's no.
func TestWhatWasSaidIsFoundUnderEveryKeyOfAPerson(t *testing.T) {
	t.Parallel()
	s := joint()
	child2, mother2 := person.Key{Authority: "ent-b", ID: "L"}, person.Key{Authority: "ent-b", ID: "M"}
	s.book.People = keys{{s.person.Key, child2}, {mother, mother2}}
	s.says(t, mother, consent.Agreed)
	s.child(t, consent.Agreed)
	s.person.Key = child2
	s.want(t, consent.Stands, "the child comes by another key")
	s.says(t, mother2, consent.Refused)
	s.want(t, consent.Parents, "the mother says no by her other key")
	s.says(t, mother2, consent.Agreed)
	s.want(t, consent.Stands, "and yes again")
	who := s.holder(t, mother)
	if got, err := s.book.Ledger().Standing(t.Context(), who, s.question()); err != nil || got.Answer != consent.Stands || !got.May() {
		t.Errorf("by her first key she finds %+v, %v", got.Answer, err)
	}
	s.declaration.Basis.AllHolders = registry.AnswerYes
	s.want(t, consent.Parents, "one mother by two keys is not two people")
	s.person.Key = person.Key{Authority: "ent-b", ID: "another child"}
	s.want(t, consent.Parents, "another child")
}

// TestANoIsTakenBackByWhicheverKey: who said no by one account says yes by another, and is one voice.
func TestANoIsTakenBackByWhicheverKey(t *testing.T) {
	t.Parallel()
	s := joint()
	mother2 := person.Key{Authority: "ent-b", ID: "M"}
	s.book.People = keys{{mother, mother2}}
	s.says(t, mother, consent.Refused)
	s.says(t, mother2, consent.Agreed)
	s.want(t, consent.Missing, "she said yes by her other key")
}

// TestOneHolderByThreeKeysIsNotTwoPeople: a word that is filed under names of before is nobody else's.
func TestOneHolderByThreeKeysIsNotTwoPeople(t *testing.T) {
	t.Parallel()
	s := joint()
	s.declaration.Basis.AllHolders = registry.AnswerYes
	mother2, mother3 := person.Key{Authority: "ent-b", ID: "M"}, person.Key{Authority: "ent-c", ID: "M"}
	s.says(t, mother, consent.Agreed)
	s.says(t, mother2, consent.Agreed)
	s.book.People = keys{{mother, mother2, mother3}} // found to be one person
	s.says(t, mother3, consent.Refused)
	s.says(t, mother3, consent.Agreed)
	s.want(t, consent.Parents, "the mother by her third key")
	s.says(t, person.Key{Authority: "ent-c", ID: "F"}, consent.Agreed)
	s.want(t, consent.Missing, "and the father, whom the same authority names")
}

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

// TestANoOnPaperHoldsUntilTheEveningOfItsDay: of a yes here and a no on paper of one day, nobody knows which came first.
func TestANoOnPaperHoldsUntilTheEveningOfItsDay(t *testing.T) {
	t.Parallel()
	s := joint()
	s.says(t, mother, consent.Agreed) // at noon
	s.paper(t, consent.Signed{Voice: consent.Holder, Holder: mother, Act: consent.Refused})
	s.want(t, consent.Parents, "a no on paper of the same day")
	if at := s.store.receipts[1].At; at.After(s.now) {
		t.Errorf("it was said in the future, at %s", at)
	}
	s.says(t, mother, consent.Agreed)
	s.want(t, consent.Missing, "a yes on the day after")
}

// TestWhatAChildAnswersAloneIsAskedOfNobodyElse: the holder's list does not say that there is such an answer.
func TestWhatAChildAnswersAloneIsAskedOfNobodyElse(t *testing.T) {
	t.Parallel()
	s := joint().pupil("2011-11-24")
	other := s.declaration
	other.ID, other.ServiceID = "other-d", "other"
	ask := func() []consent.Standing {
		q := func(d registry.Declaration) consent.Question {
			return consent.Asks(person.Person{}, person.Pupil, d, s.rulesNow(), nil, s.now)
		}
		got, err := s.book.Ledger().Standings(t.Context(), s.holder(t, mother), q(s.declaration), q(other))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	s.says(t, mother, consent.Agreed)
	s.child(t, consent.Agreed)
	if got := ask(); len(got) != 2 || got[0].Answer != consent.Stands || got[1].Answer != consent.Missing {
		t.Errorf("while a child: %+v", got)
	}
	s.now = s.now.AddDate(0, 0, 2)
	s.child(t, consent.Agreed)
	if got := ask(); len(got) != 1 || got[0].Declaration.ServiceID != "other" {
		t.Errorf("afterwards: %d", len(got))
	}
}

// TestAHolderLearnsNothingOfWhatOthersSaid: their page says what they said and no more.
func TestAHolderLearnsNothingOfWhatOthersSaid(t *testing.T) {
	t.Parallel()
	s := joint()
	l := s.book.Ledger()
	before, err := l.Standing(t.Context(), s.holder(t, mother), s.question())
	if err != nil {
		t.Fatal(err)
	}
	s.says(t, father, consent.Refused)
	s.paper(t, consent.Signed{Voice: consent.Self, Act: consent.Refused})
	if err := l.File(t.Context(), audit.Entry{}, l.Close(s.person.Key.Handle(hasher{}), "lire", registry.Text{FR: "x"})); err != nil {
		t.Fatal(err)
	}
	after, err := l.Standing(t.Context(), s.holder(t, mother), s.question())
	if err != nil || after.Answer != consent.Missing || after.Answer != before.Answer || after.Own != before.Own || after.Instead != before.Instead {
		t.Errorf("before %+v, after %+v, %v", before, after, err)
	}
	who, _ := l.Myself(t.Context(), s.person)
	if own, _ := l.Standing(t.Context(), who, s.question()); own.Answer != consent.Shut || own.Instead.FR != "x" {
		t.Errorf("the child reads %+v", own.Answer)
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
