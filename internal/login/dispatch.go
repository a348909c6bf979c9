package login

import (
	"errors"
	"fmt"
	"net/http"

	"ecluse/internal/idp"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

var _ idp.Gateway = (*Flow)(nil)

// Start takes over the browser for an authentic request. A request that came by GET is answered at once when nothing
// has to be asked; one that came by a cross-site POST first comes back by GET, because only then does the browser show
// its cookies.
func (f *Flow) Start(w http.ResponseWriter, r *http.Request, request idp.Request) error {
	if r.Method == http.MethodHead {
		return web.BadRequest(errHead)
	}
	t := f.newTransaction(request)
	if r.Method != http.MethodGet {
		if err := f.save(r.Context(), t); err != nil {
			return err
		}
		return f.again(w, r, t)
	}
	t.Browser = f.browser(w, r)
	if err := f.takeEntry(r.Context(), t); err != nil {
		return err
	}
	return f.dispatch(w, r, t)
}

// Registry is the present view of what is registered.
func (f *Flow) Registry() (*registry.Snapshot, error) { return f.Live.Current() }

// again sends the browser to the dispatcher.
func (f *Flow) again(w http.ResponseWriter, r *http.Request, t *transaction) error {
	return f.Kit.Redirect(w, r, "/flow/"+t.ID, http.StatusSeeOther)
}

// dispatch takes the steps that need nobody, until one needs a page, a source or the service.
func (f *Flow) dispatch(w http.ResponseWriter, r *http.Request, t *transaction) error {
	v, err := f.look(w, r, t)
	if err == nil {
		v, err = f.deciding(r.Context(), v)
	}
	if err != nil {
		return err
	}
	f.refuseClosed(t, v)
	step := f.next(t, v)
	switch step {
	case stepSource, stepBegin, stepPlace, stepDecide: // what they store or answer is written with the mark, and fail asks for it
	default:
		if err := f.once(r.Context(), t); err != nil {
			return err
		}
	}
	switch step {
	case stepRefuse:
		return f.refuse(w, r, t, v)
	case stepPassive:
		return f.fail(w, r, t, v, &failure{Kind: idp.PassiveFailed, Code: "passive"})
	case stepSource:
		return f.chooseSource(w, r, t, v)
	case stepBegin:
		return f.beginSource(w, r, t, v)
	case stepRecognise:
		return f.recognise(w, r, t, v)
	case stepPage:
		return f.showPage(w, r, t)
	case stepPlace:
		return f.choosePlace(w, r, t, v)
	default:
		return f.charter(w, r, t, v)
	}
}

// look reads what the hop will keep to. Choices made under another session do not carry over to this one.
func (f *Flow) look(w http.ResponseWriter, r *http.Request, t *transaction) (view, error) {
	snapshot, err := f.Live.Current()
	if err != nil {
		return view{}, web.Unavailable(err)
	}
	s, err := f.session(r)
	if err != nil {
		return view{}, web.Unavailable(err)
	}
	id := ""
	if s != nil {
		id = s.ID
		if t.Entry.Back == (web.WayBack{}) {
			t.Entry.Back = s.Entry.Back
		}
	}
	if t.Session != id {
		t.Session, t.Place = id, nil
		t.Said.Act, t.Said.Digest = "", ""
	}
	f.seen.keep(snapshot)
	v := view{snapshot: snapshot, session: s}
	v.audience = audience(v, t)
	v.shared = s != nil && f.shared(r, snapshot, t.Entry, s)
	return v, nil
}

// refuseClosed makes sure that nobody is asked for a password, or let through, for a service that is closed or a source
// or establishment that is not registered.
func (f *Flow) refuseClosed(t *transaction, v view) {
	if t.Failure != nil {
		return
	}
	if err := policy.Open(v.snapshot, f.Now(), t.Request.ServiceID); err != nil {
		t.Failure = denied(err)
		return
	}
	if source := t.hintedSource(); source != "" {
		if _, known := v.snapshot.Source(source); !known {
			t.Failure = &failure{Kind: idp.Denied, Code: string(policy.UnknownSource)}
			return
		}
	}
	if uai := t.hintedUAI(); uai != "" {
		if _, known := v.snapshot.Establishment(uai); !known {
			t.Failure = &failure{Kind: idp.Denied, Code: string(policy.UnknownPlace)}
		}
	}
}

// denied reads a refusal of package policy; anything else is our own fault.
func denied(err error) *failure {
	refusal, ok := err.(*policy.Refusal) //nolint:errorlint // package policy documents the type
	if !ok {
		return &failure{Kind: idp.Internal, Code: "internal"}
	}
	return &failure{Kind: idp.Denied, Refusal: refusal, Code: string(refusal.Reason)}
}

// Mount declares the routes.
func (f *Flow) Mount(mux *web.Mux) {
	for _, route := range []web.Route{
		{Method: http.MethodGet, Pattern: "/go/{service}", Handler: f.enter},
		{Method: http.MethodGet, Pattern: arrivePath, Handler: f.arrive},
		{Method: http.MethodGet, Pattern: "/flow/{txn}", Handler: f.hopGet},
		{Method: http.MethodPost, Pattern: "/flow/{txn}/source", Handler: f.hopPost("source", f.sourceChosen)},
		{Method: http.MethodPost, Pattern: "/flow/{txn}/recognise", Handler: f.hopPost("recognise", f.recognised)},
		{Method: http.MethodPost, Pattern: "/flow/{txn}/notme", Handler: f.saysNotMe},
		{Method: http.MethodPost, Pattern: "/flow/{txn}/place", Handler: f.hopPost("place", f.placeChosen)},
		{Method: http.MethodPost, Pattern: "/flow/{txn}/charter", Handler: f.hopPost("charter", f.charterAnswered)},
		{Method: http.MethodPost, Pattern: "/flow/{txn}/inform", Handler: f.hopPost("inform", f.informed)},
		{Method: http.MethodPost, Pattern: "/flow/{txn}/back", Handler: f.hopPost("back", f.backAsked)},
		{Method: http.MethodGet, Pattern: "/signout", Handler: f.askSignOut},
		{Method: http.MethodPost, Pattern: "/signout", Handler: f.signOut},
		{Method: http.MethodGet, Pattern: nextPath, Handler: f.goOn},
		{Method: http.MethodGet, Pattern: replyPath, Handler: f.replyGet},
		{Method: http.MethodGet, Pattern: askedPath + "{leaving}", Handler: f.leaveGet},
		{Method: http.MethodPost, Pattern: askedPath + "{leaving}", Handler: f.leavePost},
		{Method: http.MethodGet, Pattern: accountPath + "{id}", Handler: f.leaveSource},
		{Method: http.MethodGet, Pattern: wishPath + "{service}", Handler: f.askWish},
		{Method: http.MethodPost, Pattern: wishPath + "{service}", Handler: f.wish},
	} {
		mux.Handle(route)
	}
	f.mountAgreements(mux)
	for id, connector := range f.Connectors {
		connector.Mount(mux, "/source/"+id, host{flow: f, source: id})
	}
	for _, protocol := range f.Protocols {
		protocol.Mount(mux, f)
	}
}

// hopGet goes on with a transaction. Its answer leaves once, so that a HEAD, which shows nobody anything, must not be it.
func (f *Flow) hopGet(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodHead {
		return web.BadRequest(errHead)
	}
	t, err := f.load(w, r)
	if errors.Is(err, errUsed) {
		return f.used(w, r, t)
	}
	if err != nil {
		return err
	}
	return f.settle(w, r, t, f.dispatch(w, r, t))
}

// hopPost wraps a step's form: the transaction is this browser's, the form was made for this step, and what it changed
// is stored before the dispatcher looks again.
func (f *Flow) hopPost(step string, take func(*http.Request, *transaction, view) error) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		t, v, err := f.posted(w, r, step)
		if errors.Is(err, errUsed) {
			return f.used(w, r, t)
		}
		if err == nil {
			v, err = f.deciding(r.Context(), v)
		}
		if err != nil {
			return err
		}
		if err := take(r, t, v); err != nil {
			return err
		}
		if err := f.save(r.Context(), t); err != nil {
			return f.settle(w, r, t, fmt.Errorf("step %s: %w", step, err))
		}
		return f.again(w, r, t)
	}
}

// posted reads the transaction of a form and what the hop will keep to. One that was answered already comes with errUsed.
func (f *Flow) posted(w http.ResponseWriter, r *http.Request, step string) (*transaction, view, error) {
	t, err := f.load(w, r)
	if err != nil {
		return t, view{}, err
	}
	if err := f.checkHop(t, step, r); err != nil {
		return nil, view{}, err
	}
	v, err := f.look(w, r, t)
	return t, v, err
}

// usedPage says that a step is done, and leads onward.
type usedPage struct {
	web.Frame
	Service string
	Onward  string // the service's tile, when it has one
	Home    string
}

// used answers the back button and the second click: nothing is wrong, and nothing happens twice.
func (f *Flow) used(w http.ResponseWriter, r *http.Request, t *transaction) error {
	v, err := f.look(w, r, t)
	if err != nil {
		return err
	}
	page := usedPage{Frame: frame(t, v), Home: f.Home}
	if service, known := v.snapshot.Service(t.Request.ServiceID); known {
		page.Service = service.Name.In(string(f.Kit.Lang(r)))
		if service.Start != "" {
			page.Onward = t.Entry.tile(service.ID)
		}
	}
	return f.Kit.Render(w, r, http.StatusOK, "login/used", page)
}
