package consent_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ecluse/internal/consent"
	"ecluse/internal/registry"
)

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
