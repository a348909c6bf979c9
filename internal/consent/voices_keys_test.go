package consent_test

import (
	"context"
	"errors"
	"testing"
	"time"

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
