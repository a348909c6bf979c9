package login

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ecluse/internal/consent"
	"ecluse/internal/guardian"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// today is a session with the authority over children that its person holds today, which is less than the source said where
// a child came of age meanwhile or a school closed the view. It is a copy: what is kept is what the source said, so that what
// is opened again is there again.
func (f *Flow) today(ctx context.Context, s *session) (*session, error) {
	if s == nil {
		return nil, nil
	}
	said := s.source()
	who, err := f.speaking(ctx, said)
	if err != nil {
		return nil, err
	}
	out := *s
	out.Person, out.wards = who, said.Wards
	return &out, nil
}

// speaking is a person with the authority that they hold today. Whoever holds none is as they were.
func (f *Flow) speaking(ctx context.Context, who person.Person) (person.Person, error) {
	if !slices.ContainsFunc(who.Wards, func(w person.Ward) bool { return w.Authority == person.Yes }) {
		return who, nil
	}
	view, err := f.Live.Current()
	if err != nil {
		return person.Person{}, err
	}
	wards, err := f.Guardians.Today(ctx, who, f.Now().In(view.Zone()))
	if err != nil {
		return person.Person{}, fmt.Errorf("who may speak for a child: %w", err)
	}
	who.Wards = wards
	return who, nil
}

// deciding is a view of a hop for the steps that decide: with the authority of today.
func (f *Flow) deciding(ctx context.Context, v view) (view, error) {
	s, err := f.today(ctx, v.session)
	if err != nil {
		return view{}, web.Unavailable(err)
	}
	v.session = s
	return v, nil
}

// named is an establishment's name, where a page may name it to somebody.
func named(s *registry.Snapshot, who person.Person, uai person.UAI) string {
	school, known := s.Establishment(uai)
	if !known || !guardian.Names(who, uai) {
		return ""
	}
	return school.Name
}

// sees tells whether somebody may look at what concerns any of their wards, which are those of today.
func (f *Flow) sees(who person.Person) bool {
	view, err := f.Live.Current()
	if err != nil {
		return false
	}
	now := f.Now().In(view.Zone())
	return slices.ContainsFunc(who.Wards, func(w person.Ward) bool { return guardian.Sees(who, w, now) })
}

// Said is where a guardian stands with what one service asks of them for a child.
type Said struct {
	URL    string // the page on which they answer
	Answer consent.Answer
	At     time.Time // when they answered; zero where they never did
}

// AskedFor says what a visitor is asked for one of their wards, by its place among them, and what they answered themselves:
// by service and declaration. It tells nothing of the child: at the age at which a pupil answers alone nothing is asked, by
// that age and not by what the pupil said.
func (f *Flow) AskedFor(ctx context.Context, view *registry.Snapshot, who person.Person, ward int) (map[string]Said, error) {
	out := map[string]Said{}
	asks, now := f.askings(view, who, ward), f.Now().In(view.Zone())
	asks = slices.DeleteFunc(asks, func(a petition) bool {
		alone := consent.Asks(person.Person{Age: a.ward.Age}, person.Pupil, a.grant.Declaration(), a.grant.Rules(), view, now).At(a.ward.UAI)
		return !alone.Holders || alone.Alone
	})
	if len(asks) == 0 {
		return out, nil
	}
	ledger := f.Book.Ledger()
	speaker, err := ledger.HolderOf(ctx, who, who.Wards[ward].Child)
	if err != nil {
		return nil, err
	}
	for _, a := range asks {
		at, err := ledger.Standing(ctx, speaker, a.Question)
		if err != nil {
			return nil, err
		}
		said := Said{URL: a.path(), Answer: at.Answer}
		if !at.Own.At.IsZero() {
			said.At = at.Own.At.In(view.Zone())
		}
		out[a.Declaration.ServiceID+" "+a.Declaration.ID] = said
	}
	return out, nil
}
