package consent_test

import (
	"errors"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

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
