package login

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// arrive begins a sign-in that is for no service: somebody wants to see a page of ours. It is a transaction like any other
// but for its end: nothing is asked of gate and engine, nothing leaves, and the browser comes to the page. It stands on the
// gateway's own register entry: where that is nowhere in force, nobody is asked for a password.
func (f *Flow) arrive(w http.ResponseWriter, r *http.Request) error {
	page, known := onward(r.URL.Query().Get("vers"), r.URL.Query().Get("suite"))
	if !known {
		return web.BadRequest(errors.New("a page that nobody may be brought to"))
	}
	if r.Method == http.MethodHead {
		return web.BadRequest(errHead)
	}
	t := f.newTransaction(idp.Request{ServiceID: registry.House})
	t.Page, t.Browser = page, f.browser(w, r)
	v, err := f.look(w, r, t)
	if err != nil {
		return err
	}
	if t.Entry.Source = r.URL.Query().Get("source"); len(f.sources(t, v)) == 0 {
		t.Entry.Source = "" // where a discovery service sends people is a wish and no condition
	}
	t.Entry.UAI = f.School(r)
	if school, known := v.snapshot.Establishment(t.Entry.UAI); !known || school.ClosedAt(f.Now(), v.snapshot.Zone()) || len(f.sources(t, v)) == 0 {
		t.Entry.UAI = "" // a poster is a wish and no condition
	}
	if r.URL.Query().Get("preuve") != "" { // anybody may say so: it makes us ask more and never less
		f.proveAgain(t, v)
	}
	return f.dispatch(w, r, t)
}

// OwnPages lists the words by which a sign-in may be for a page of ours, and its path.
func OwnPages() map[string]string {
	return map[string]string{
		"sites": "/mes-sites", "history": "/historique", "requests": "/mes-droits",
		"agreements": "/accords", "charter": "/charte", "children": "/mes-enfants", "data": "/mes-donnees",
	}
}

func ownPage(word string) (path string, known bool) {
	path, known = OwnPages()[word]
	return path, known
}

// ArriveAt is the address at which nobody becomes somebody, and comes to a page of ours.
func ArriveAt(word string) string { return arrivePath + "?vers=" + word }

const arrivePath = "/entrer"

// showPage brings the browser to the page, signed in or not. The transaction is used up.
func (f *Flow) showPage(w http.ResponseWriter, r *http.Request, t *transaction) error {
	if t.stored {
		if err := f.Tickets.Delete(r.Context(), kindTransaction, t.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return web.Unavailable(err)
		}
	}
	return f.Kit.Redirect(w, r, t.Page, http.StatusSeeOther)
}

// schoolCookie remembers, for a lesson or two, the school whose poster was photographed. It holds a UAI, which is public.
func schoolCookie() web.Cookie { return web.Cookie{Name: "ecole", MaxAge: 4 * time.Hour} }

// RememberSchool preselects a school on this browser for a while; the empty one is forgotten.
func (f *Flow) RememberSchool(w http.ResponseWriter, uai person.UAI) {
	if uai == "" {
		f.Kit.Cookies().Clear(w, schoolCookie())
		return
	}
	f.Kit.Cookies().Set(w, schoolCookie(), string(uai))
}

// School is the school that was preselected on this browser; empty for none, and for what is no UAI. Whether it is
// registered is for the caller to see.
func (f *Flow) School(r *http.Request) person.UAI {
	said, _ := f.Kit.Cookies().Read(r, schoolCookie())
	if len(said) > len("0280101H") {
		return ""
	}
	return person.UAI(said)
}

// Foresee says what sign-ins of somebody would let out, service by service, each by its first binding, and lets nothing
// out: a release has the number of a key that is new, and is in no journal. What was said of agreement is read once, for
// all. The error for a place is a refusal of gate or engine, consent.ErrParents or consent.ErrClosed.
func (f *Flow) Foresee(ctx context.Context, s *registry.Snapshot, who person.Person) (func(policy.Place, registry.Service) (attrs.Release, error), error) {
	who, err := f.speaking(ctx, who)
	if err != nil {
		return nil, err
	}
	ledger := f.Book.Ledger()
	me, err := ledger.Myself(ctx, who)
	if err != nil {
		return nil, err
	}
	var services []string
	for _, service := range s.Services() {
		services = append(services, service.ID)
	}
	all, err := ledger.Said(ctx, me.Of, services...)
	if err != nil {
		return nil, err
	}
	said := map[string][]consent.Receipt{}
	for _, r := range all {
		said[r.Service] = append(said[r.Service], r)
	}
	return func(place policy.Place, service registry.Service) (attrs.Release, error) {
		release, err := f.would(s, who, place, service)
		if err != nil {
			return attrs.Release{}, err
		}
		question := consent.Asks(who, release.Profile(), release.Declaration(), release.Rules(), s, f.Now().In(release.At().Location())).At(release.Establishment().UAI)
		switch question.Weigh(said[service.ID]).Answer {
		case consent.Shut:
			return attrs.Release{}, consent.ErrClosed
		case consent.Parents:
			return attrs.Release{}, consent.ErrParents
		default:
			return release, nil
		}
	}, nil
}

// would asks gate and engine.
func (f *Flow) would(s *registry.Snapshot, who person.Person, place policy.Place, service registry.Service) (attrs.Release, error) {
	i := slices.IndexFunc(service.Bindings, func(b registry.Binding) bool { _, spoken := f.Protocols[b.Protocol]; return spoken })
	if i < 0 {
		return attrs.Release{}, &policy.Refusal{Reason: policy.UnknownService, Service: service.ID}
	}
	binding := service.Bindings[i]
	said, err := f.ask(s, who, place, idp.Request{Protocol: binding.Protocol, ServiceID: service.ID, Handle: binding.Handle}, "", nil)
	return said.release, err
}
