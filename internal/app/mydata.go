package app

import (
	"context"
	"net/http"
	"strings"

	"ecluse/internal/consent"
	"ecluse/internal/login"
	"ecluse/internal/person"
	"ecluse/internal/portal"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/web"
)

// dataWord is the word of the pages of one's data among one's own pages.
const dataWord = "data"

// mountData adds the pages on which somebody sees and takes what is known of them here.
func (g *gateway) mountData(reasons consent.Looks) {
	portal.MountData(g.mux, portal.DataConfig{
		Kit: g.kit, Live: g.live, Words: g.words, Events: g.db.Audit(), Keys: histories{reasons, g.ring, g.people()}, Now: g.now,
		Sitting: g.sitting, Answers: answers{g.flow}, Reports: g.requests(doors{g.flow.Doors(), g.live}),
		Favourites: &sqldb.Favourites{DB: g.db}, Charters: g.flow.Charters, About: g.aboutWhom,
		Leave: func(w http.ResponseWriter, r *http.Request, ref string) ([]portal.LeftAt, error) {
			left, err := g.flow.LeaveEverywhere(w, r, ref)
			out := make([]portal.LeftAt, len(left))
			for i, l := range left {
				out[i] = portal.LeftAt(l)
			}
			return out, err
		},
		Enter: login.ArriveAt(dataWord), Again: func(rest string) string { return login.AgainAt(dataWord, rest) },
	})
}

// withdrawAt is where somebody takes back their own agreement at a service.
func withdrawAt(service string) string {
	return login.OwnPages()[dataWord] + "/" + service + "/retirer"
}

func (g *gateway) sitting(r *http.Request) (portal.Sitting, bool, error) {
	s, ok, err := g.flow.Sitting(r)
	if err != nil || !ok {
		return portal.Sitting{}, false, err
	}
	return portal.Sitting{
		Who: s.Who, Around: s.Around, Began: s.Began, Ends: s.Ends, Last: s.Last, Shared: s.Shared, Recent: s.Recent, Kept: s.Kept,
		Proof: s.Proof, Proves: s.Proves,
	}, true, nil
}

// answers are the receipts of sign-ins, as their own person reads them.
type answers struct{ flow *login.Flow }

// Said implements portal.Answers. Of what others said nothing is shown but what a controller closed.
func (a answers) Said(ctx context.Context, who person.Person, services []string, lang string) ([]portal.Answer, error) {
	ledger := a.flow.Book.Ledger()
	me, err := ledger.Myself(ctx, who)
	if err != nil {
		return nil, err
	}
	said, err := ledger.Said(ctx, me.Of, services...)
	if err != nil {
		return nil, err
	}
	var out []portal.Answer
	for _, r := range said {
		if r.Voice != consent.Self && r.Voice != consent.Controller {
			continue
		}
		out = append(out, portal.Answer{
			Service: r.Service, Declaration: r.Declaration, Version: r.Version, Act: string(r.Act), At: r.At, Paper: r.Paper != nil,
			Instead: strings.TrimSpace(r.Instead.In(lang)),
		})
	}
	return out, nil
}

// Withdraw implements portal.Answers. The rights to later answers go after the word is kept: it refuses them already.
func (a answers) Withdraw(ctx context.Context, who person.Person, service string) error {
	ledger := a.flow.Book.Ledger()
	me, err := ledger.Myself(ctx, who)
	if err != nil {
		return err
	}
	if _, err := ledger.Withdraw(ctx, me, service, consent.Around{Ref: string(web.NewRef())}); err != nil {
		return err
	}
	return a.flow.ForgetAt(ctx, who, service)
}
