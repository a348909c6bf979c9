package portal

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/charter"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
	"ecluse/internal/web"
)

//go:embed data
var dataFiles embed.FS

// DataPages are the pages on which somebody sees and takes what is known of them here, and their texts.
func DataPages() web.Contribution { return below("data", dataFiles) }

// Sitting is somebody who is signed in on this browser, for the pages on which they do something about themself.
type Sitting struct {
	Who    person.Person
	Around web.Frame
	Began  time.Time
	Ends   time.Time // when the session ends of itself, if nobody uses it before
	Last   time.Time // when it ends in any case
	Shared bool      // on a device that passes from hand to hand
	Recent bool      // they proved who they are a short while ago
	Kept   bool      // their source was asked for a proof and could not ask again

	Proof  func(act string, about ...string) string      // for a form of this session, good for one act
	Proves func(proof, act string, about ...string) bool // tells whether a form carries it
}

// Answer is what somebody said of one declaration of a service, or the controller for them.
type Answer struct {
	Service     string
	Declaration string // empty for the controller, who speaks of the service
	Version     int
	Act         string // informed, agreed, refused, withdrawn; of the controller closed, opened
	At          time.Time
	Paper       bool   // it was said on paper, which the school attests
	Instead     string // of a closing: what to do in its place
}

// Answers keeps what people say. package login and app fill it: no receipt comes here.
type Answers interface {
	// Said lists a person's own answers at services, and what a controller closed for them, oldest first.
	Said(ctx context.Context, who person.Person, services []string, lang string) ([]Answer, error)
	// Withdraw takes back every yes of the person at a service, and ends the later answers of running sign-ins. Said twice it
	// is said once.
	Withdraw(ctx context.Context, who person.Person, service string) error
}

// LeftAt is what became of somebody's session at one service.
type LeftAt struct {
	Service string // its name; empty when it is not known any more
	Ended   bool
}

// Reports keeps what people ask of whoever answers for their data, and what they say was not them; *rights.Book does.
type Reports interface {
	Of(ctx context.Context, p rights.Party) ([]rights.Held, error)
	Report(ctx context.Context, p rights.Party, r rights.Report) (made rights.Request, fresh bool, err error)
}

// DataConfig is what the pages of one's data are made of. All is required.
type DataConfig struct {
	Kit        *web.Kit
	Live       *registry.Live
	Words      *dictionary.Dictionary
	Events     audit.Reader
	Keys       Keys
	Now        func() time.Time
	Sitting    func(*http.Request) (s Sitting, ok bool, err error)
	Answers    Answers
	Reports    Reports
	Favourites Favourites
	Charters   *charter.Book
	About      func(handle string) string // as RightsConfig's, so that links lead to what they name
	// Leave ends every session of whoever is signed in on this browser, everywhere; ref is the release that was not theirs.
	Leave func(w http.ResponseWriter, r *http.Request, ref string) ([]LeftAt, error)
	Enter string                   // where nobody becomes somebody and comes back
	Again func(rest string) string // where somebody proves anew who they are, and comes back to what stands below these pages
}

const (
	dataHome = "/mes-donnees"
	takeBack = "/retirer"
	fetch    = "telecharger"
	fetchAll = "tout"
)

type dataPages struct{ DataConfig }

// MountData adds the routes:
//
//	GET  /mes-donnees                     which services were sent what and why, what was answered, this session
//	GET  /mes-donnees/{service}/retirer   asks before an agreement is taken back; POST does it
//	GET  /mes-donnees/tout                everything that is known of the person here, to read and to print
//	GET  /mes-donnees/telecharger         the same for a program
//	POST /mes-donnees/partout             ends all sessions of the person, everywhere
//	GET  /historique/{ref}/pas-moi        "this was not me", of one line; POST does it
//
// A child of an école sees none of them and is led to the history: it is told there to show the screen to a grown-up.
func MountData(mux *web.Mux, c DataConfig) {
	p := &dataPages{c}
	get, post := http.MethodGet, http.MethodPost
	for _, route := range []web.Route{
		{Method: get, Pattern: dataHome, Handler: p.known(p.home)},
		{Method: get, Pattern: dataHome + "/{service}" + takeBack, Handler: p.known(p.askWithdrawal)},
		{Method: post, Pattern: dataHome + "/{service}" + takeBack, Handler: p.known(p.withdraw)},
		{Method: get, Pattern: dataHome + "/" + fetchAll, Handler: p.known(p.everything)},
		{Method: get, Pattern: dataHome + "/" + fetch, Handler: p.known(p.download)},
		{Method: get, Pattern: dataHome + "/partout", Handler: p.known(p.toHome)},
		{Method: post, Pattern: dataHome + "/partout", Handler: p.known(p.leave)},
		{Method: get, Pattern: home + "/{ref}/pas-moi", Handler: p.known(p.askNotMe)},
		{Method: post, Pattern: home + "/{ref}/pas-moi", Handler: p.known(p.notMe)},
	} {
		mux.Handle(route)
	}
}

// owner is whoever looks at their own data, as one request sees them.
type owner struct {
	web.Frame
	Sitting
	own  []string // the handles of all their keys, that of today first
	view *registry.Snapshot
	lang string
	as   web.Audience // in whose words
}

// nobodyPage is shown to nobody.
type nobodyPage struct {
	web.Frame
	Enter string
}

// known finds who is signed in. A child is led to its own page, and nobody is shown the way in.
func (p *dataPages) known(f func(http.ResponseWriter, *http.Request, owner) error) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		s, ok, err := p.Sitting(r)
		if err != nil {
			return web.Unavailable(err)
		}
		if !ok {
			return p.Kit.Render(w, r, http.StatusOK, "data/nobody", nobodyPage{Frame: web.Frame{Here: dataHome}, Enter: p.Enter})
		}
		view, err := p.Live.Current()
		if err != nil {
			return web.Unavailable(err)
		}
		if s.Around.Audience == web.Child || schoolchild(view, s.Who, p.Now()) {
			return p.Kit.Redirect(w, r, home, http.StatusSeeOther)
		}
		o := owner{Frame: s.Around, Sitting: s, view: view, lang: string(p.Kit.Lang(r)), as: p.Kit.Wording(r, s.Around)}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			o.Here = dataHome
		}
		if o.own, err = p.Keys.Own(r.Context(), s.Who); err == nil && len(o.own) == 0 {
			err = errors.New("nobody's handle")
		}
		if err != nil {
			return web.Unavailable(fmt.Errorf("my data: %w", err))
		}
		return f(w, r, o)
	}
}

func (p *dataPages) toHome(w http.ResponseWriter, r *http.Request, _ owner) error {
	return p.Kit.Redirect(w, r, dataHome, http.StatusSeeOther)
}

// reader reads the journal for the owner.
func (p *dataPages) reader(o owner) reader {
	return reader{
		Config: Config{Kit: p.Kit, Live: p.Live, Words: p.Words, Events: p.Events, Keys: p.Keys, Now: p.Now}, view: o.view, who: o.Who, lang: o.lang, as: o.as,
	}
}

// leftPage tells what was ended, and of an incident who was told.
type leftPage struct {
	web.Frame
	Services []LeftAt
	Incident string // its reference; empty when somebody merely left
	Source   string // the name of what vouches for them
	Due      time.Time
	Enter    string
}

// leave ends every session of whoever asks.
func (p *dataPages) leave(w http.ResponseWriter, r *http.Request, o owner) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	if !o.Proves(form.Get("preuve"), "everywhere") {
		return p.toHome(w, r, o)
	}
	services, err := p.Leave(w, r, "")
	if err != nil {
		return web.Unavailable(err) // nobody is told that it is over while it is not
	}
	return p.Kit.Render(w, r, http.StatusOK, "data/left", p.leftBy(o, services))
}

// leftBy is what is left to say to somebody who is signed in no more.
func (p *dataPages) leftBy(o owner, services []LeftAt) leftPage {
	around := o.Frame
	around.Tabs, around.SignOut = nil, ""
	source, _ := o.view.Source(o.Who.Authn.Source)
	return leftPage{Frame: around, Services: services, Source: source.Name.In(o.lang), Enter: p.Enter}
}
