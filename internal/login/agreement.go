package login

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"ecluse/internal/consent"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// agreementPage is one service that asks the holders of one child: what it would be sent, and what this reader answered.
type agreementPage struct {
	web.Frame
	Action string // where the forms go
	Which  string // the proof that they are about what was shown
	List   string // the way back to the list

	Child, Service, Sentence string

	Answer   consent.Answer // stands, declined or missing
	Act      consent.Act    // what the reader said last; empty when they said nothing
	At       time.Time
	OnPaper  bool // and said it on paper
	Changed  bool
	Changes  []changeLine
	All      bool // every holder is asked
	Withdraw bool // the page asks whether the yes is really taken back

	Number     bool // the service gets an opaque number
	Sent       []sentItem
	NotSent    []keptItem
	Purposes   []string
	Controller registry.Controller
	Supplier   string
	Basis      registry.BasisKind
	Retention  string
	Recipients []string
	Hosting    []string
	Reference  string
	Ref        string
}

// askedAt finds what a path is about, with where the reader stands; ok is false when this session has no such thing to answer.
func (f *Flow) askedAt(ctx context.Context, s *session, view *registry.Snapshot, r *http.Request) (a petition, at consent.Standing, ok bool, err error) {
	i, err := strconv.Atoi(r.PathValue("child"))
	if err != nil || s == nil || i < 0 || i >= len(s.Person.Wards) {
		return a, at, false, nil
	}
	standings, asks, err := f.standings(ctx, view, s.Person, i)
	for j, one := range asks {
		if one.Declaration.ServiceID == r.PathValue("service") {
			return one, standings[j], true, err
		}
	}
	return a, at, false, err
}

// petitionProof ties a form to what its page showed.
func (f *Flow) petitionProof(s *session, a petition) string {
	child := a.ward.Child
	return f.Keys.MAC("login agreement", s.ID, child.Authority, child.ID, a.Declaration.ServiceID, a.Declaration.ID, a.Declaration.Substance())
}

func (f *Flow) showAgreement(w http.ResponseWriter, r *http.Request) error {
	return f.agreement(w, r, false)
}

// askWithdrawal asks on a page of its own, before anything is taken back.
func (f *Flow) askWithdrawal(w http.ResponseWriter, r *http.Request) error {
	return f.agreement(w, r, true)
}

func (f *Flow) agreement(w http.ResponseWriter, r *http.Request, withdraw bool) error {
	s, view, err := f.reader(r)
	if err != nil {
		return err
	}
	a, at, ok, err := f.askedAt(r.Context(), s, view, r)
	switch {
	case err != nil:
		return err
	case !ok, withdraw && !at.May(): // answered already, in another tab or by the same form sent twice
		return f.Kit.Redirect(w, r, agreementsPath, http.StatusSeeOther)
	}
	around, err := f.ownFrame(r, s, a.path())
	if err != nil {
		return err
	}
	page := f.agreementPage(s, view, a, at, around, f.spoken(r, around))
	page.Withdraw = withdraw
	if withdraw {
		page.Here += "/retirer"
	}
	return f.Kit.Render(w, r, http.StatusOK, "login/agreement", page)
}

func (f *Flow) agreementPage(s *session, view *registry.Snapshot, a petition, at consent.Standing, around web.Frame, in spoken) agreementPage {
	service, d, lang := a.grant.Service(), a.Declaration, in.lang
	page := agreementPage{
		Frame: around, Action: a.path(), Which: f.petitionProof(s, a), List: agreementsPath,
		Child: a.ward.Label, Service: service.Name.In(lang), Sentence: service.Sentence.In(lang),
		Answer: at.Answer, Act: at.Own.Act, OnPaper: at.Own.Paper != nil, Changed: at.Changed, All: a.All,
		Number: !a.grant.Nominative(), Purposes: said(d.Purposes, lang), Controller: d.Controller, Supplier: d.Supplier.Name,
		Basis: d.Basis.Kind, Retention: d.Retention.In(lang), Recipients: said(d.Recipients, lang), Hosting: d.Hosting,
		Reference: d.ID + " v" + strconv.Itoa(d.Version),
	}
	if !at.Own.At.IsZero() {
		page.At = at.Own.At.In(view.Zone())
	}
	page.Changes = changed(at.Changes, f.Engine.Dictionary, page.Audience, in)
	page.Sent, page.NotSent = kinds(a, f.Engine.Dictionary, in)
	return page
}

// answerAgreement takes a yes, a no or its withdrawal. What has changed since the page was shown is shown again; the same
// answer sent twice is one.
func (f *Flow) answerAgreement(w http.ResponseWriter, r *http.Request) error {
	s, view, err := f.reader(r)
	if err != nil {
		return err
	}
	a, _, ok, err := f.askedAt(r.Context(), s, view, r)
	if err != nil {
		return err
	}
	if !ok {
		return f.Kit.Redirect(w, r, agreementsPath, http.StatusSeeOther)
	}
	child := a.ward.Child
	if f.Keys.CheckMAC(r.PostFormValue("which"), "login agreement", s.ID, child.Authority, child.ID, a.Declaration.ServiceID, a.Declaration.ID, a.Declaration.Substance()) {
		if err := f.speak(r.Context(), s.Person, a, consent.Act(r.PostFormValue("act"))); err != nil {
			return web.Unavailable(err) // nobody is told that it is kept while it is not
		}
	}
	return f.Kit.Redirect(w, r, a.path(), http.StatusSeeOther)
}

// speak files what the holder said. Any other word says nothing.
func (f *Flow) speak(ctx context.Context, p person.Person, a petition, act consent.Act) error {
	ledger := f.Book.Ledger()
	who, err := ledger.HolderOf(ctx, p, a.ward.Child)
	if err != nil {
		return err
	}
	around := consent.Around{Ref: string(web.NewRef())}
	switch act {
	case consent.Agreed, consent.Refused:
		if err = ledger.Say(ctx, who, a.Question, act, around); errors.Is(err, consent.ErrNotAsked) {
			return nil
		}
	case consent.Withdrawn:
		_, err = ledger.Withdraw(ctx, who, a.Declaration.ServiceID, around)
	}
	return err
}
