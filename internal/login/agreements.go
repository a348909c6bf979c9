package login

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/consent"
	"ecluse/internal/guardian"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// The pages on which whoever holds parental authority answers for a child. They are of today's session: the source said who
// the children are and that the authority is held, and nothing about it is kept. They say which services ask, what each
// would be sent and what this reader answered; nothing of what the child does, where they go to school, or what anybody else
// answered.
const agreementsPath = "/accords"

// mountAgreements declares the routes.
func (f *Flow) mountAgreements(mux *web.Mux) {
	for _, route := range []web.Route{
		{Method: http.MethodGet, Pattern: agreementsPath, Handler: f.listAgreements},
		{Method: http.MethodGet, Pattern: agreementsPath + "/{child}/{service}", Handler: f.showAgreement},
		{Method: http.MethodGet, Pattern: agreementsPath + "/{child}/{service}/retirer", Handler: f.askWithdrawal},
		{Method: http.MethodPost, Pattern: agreementsPath + "/{child}/{service}", Handler: f.answerAgreement},
	} {
		mux.Handle(route)
	}
}

// petition is one service that asks the holders of a child.
type petition struct {
	ward  person.Ward
	child int // its place among the session's wards
	grant policy.Grant
	consent.Question
}

// path is the page of it. It names nobody: a child is a place in this session's list.
func (a petition) path() string {
	return agreementsPath + "/" + strconv.Itoa(a.child) + "/" + a.Declaration.ServiceID
}

// askings lists what the holders of one ward are asked: by the declarations that would let the child's own sign-in in, as far
// as that is known here. The child's age is not, so that it hides nothing.
func (f *Flow) askings(s *registry.Snapshot, p person.Person, i int) []petition {
	ward, now := p.Wards[i], f.Now().In(s.Zone())
	if !guardian.Speaks(ward, now) {
		return nil
	}
	var out []petition
	for _, service := range s.Services() {
		if !slices.ContainsFunc(s.Declarations(service.ID), asksHolders) {
			continue
		}
		grant, open := guardian.Enters(s, now, p.Authn.Source, ward, person.AgeFacts{Adult: person.Yes}, service.ID)
		if !open {
			continue
		}
		q := consent.Asks(person.Person{}, person.Pupil, grant.Declaration(), grant.Rules(), s, now).At(ward.UAI)
		if q.Mode == consent.Joint && q.Holders {
			out = append(out, petition{ward, i, grant, q})
		}
	}
	return out
}

func asksHolders(d registry.Declaration) bool {
	switch d.Basis.Kind {
	case registry.PublicInterest, registry.LegalObligation, registry.Contract, registry.LegitimateInterest:
		return false
	}
	return d.Basis.Parents == registry.AnswerYes
}

// agreementsPage lists what is asked, child by child.
type agreementsPage struct {
	web.Frame
	Known    bool   // somebody is signed in
	Enter    string // where nobody becomes somebody
	Children []agreementChild
}

type agreementChild struct {
	Name string // as the guardian calls the child; empty when the source does not say
	Asks []agreementLine
}

type agreementLine struct {
	URL, Service, Sentence string
	Answer                 consent.Answer
	At                     time.Time
	Changed                bool
}

// agreementsEnter brings whoever is not signed in back here.
const agreementsEnter = "/entrer?vers=agreements"

func (f *Flow) listAgreements(w http.ResponseWriter, r *http.Request) error {
	s, view, err := f.reader(r)
	if err != nil {
		return err
	}
	page := agreementsPage{Enter: agreementsEnter}
	if s == nil {
		return f.Kit.Render(w, r, http.StatusOK, "login/agreements", page)
	}
	if page.Frame, err = f.ownFrame(r, s, agreementsPath); err != nil {
		return err
	}
	page.Known = true
	for i, ward := range s.Person.Wards {
		standings, asks, err := f.standings(r.Context(), view, s.Person, i)
		if err != nil {
			return err
		}
		if len(asks) == 0 {
			continue
		}
		child := agreementChild{Name: ward.Label}
		for j, a := range asks {
			service := a.grant.Service()
			child.Asks = append(child.Asks, agreementLine{
				URL: a.path(), Service: service.Name.In(string(f.Kit.Lang(r))), Sentence: service.Sentence.In(string(f.Kit.Lang(r))),
				Answer: standings[j].Answer, At: standings[j].Own.At.In(view.Zone()), Changed: standings[j].Changed,
			})
		}
		page.Children = append(page.Children, child)
	}
	return f.Kit.Render(w, r, http.StatusOK, "login/agreements", page)
}

// standings gives what one ward's holders are asked, with where this reader stands with each.
func (f *Flow) standings(ctx context.Context, s *registry.Snapshot, p person.Person, i int) ([]consent.Standing, []petition, error) {
	asks := f.askings(s, p, i)
	if len(asks) == 0 {
		return nil, nil, nil
	}
	ledger := f.Book.Ledger()
	who, err := ledger.HolderOf(ctx, p, p.Wards[i].Child)
	if err != nil {
		return nil, nil, web.Unavailable(err)
	}
	qs := make([]consent.Question, len(asks))
	for j, a := range asks {
		qs[j] = a.Question
	}
	standings, err := ledger.Standings(ctx, who, qs...)
	if err != nil {
		return nil, nil, web.Unavailable(err)
	}
	left := slices.DeleteFunc(asks, func(a petition) bool { // what the child answers alone is asked of nobody else
		return !slices.ContainsFunc(standings, func(s consent.Standing) bool {
			return s.Declaration.ServiceID == a.Declaration.ServiceID
		})
	})
	return standings, left, nil
}

// reader is whoever is signed in, with the authority that they hold today, nil for nobody; and the register.
func (f *Flow) reader(r *http.Request) (*session, *registry.Snapshot, error) {
	s, err := f.session(r)
	if err != nil {
		return nil, nil, web.Unavailable(err)
	}
	view, err := f.Live.Current()
	if err != nil {
		return nil, nil, web.Unavailable(err)
	}
	if s, err = f.today(r.Context(), s); err != nil {
		return nil, nil, web.Unavailable(err)
	}
	return s, view, nil
}

// kinds prints what would be sent of a child: words and reasons, and no value. Nothing is known of the child here.
func kinds(a petition, words *dictionary.Dictionary, in spoken) (sent []sentItem, kept []keptItem) {
	declared := map[dictionary.Name]bool{}
	for _, item := range a.grant.Items() {
		entry, known := words.Entry(item.Attr)
		if !known || entry.Names && !a.grant.Nominative() {
			continue // declared, and held back all the same
		}
		declared[item.Attr] = true
		sent = append(sent, sentItem{Attr: string(item.Attr), Label: in.label(entry), Why: item.Justification.In(in.lang)})
	}
	for _, entry := range words.Feared() {
		if !declared[entry.Attr] {
			kept = append(kept, keptItem{Label: in.label(*entry)})
		}
	}
	return sent, kept
}
