package portal

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
	"ecluse/internal/web"
)

// requestView is a request as its own person reads it.
type requestView struct {
	Ref        string
	URL        string
	Kind       rights.Kind
	Service    string // empty for the gateway itself
	School     string
	Child      string // the first name of the child; of one for whom the guest may ask no more it is not known
	ForChild   bool
	Opened     time.Time
	Due        time.Time
	Overdue    bool
	State      rights.State
	Outcome    rights.Outcome
	Office     string
	Answered   time.Time
	Until      time.Time     // until when the answer can be read
	By         registry.Role // whose function answers there
	Controller registry.Controller

	Words, Contact, Longer, Answer string
	Instead                        string // what to do in the place of the service
	InsteadURL                     string
	Paused                         bool // nothing is sent until the answer
	Shut                           bool // nothing is sent any more
	Waiting                        bool // what was asked to stop or to go on does not yet
	Waits                          bool // an answer is owed
	CanDrop, CanRead, CanTakeBack  bool
}

func (p *rightsPages) shown(g guest, h rights.Held) requestView {
	zone := g.view.Zone()
	v := requestView{
		Ref: h.Ref, URL: rightsHome + "/" + h.Ref, Kind: h.Kind, Service: g.service(h.Service), School: g.school(h.UAI), By: g.answers(h.UAI), ForChild: h.Child,
		Opened: h.Opened, Due: h.Due.Starts(zone), Overdue: h.Overdue(p.Now(), zone), State: h.State, Outcome: h.Outcome, Office: h.Office,
		Answered: h.AnsweredAt, Words: h.Words, Contact: h.Contact, Longer: h.Longer, Answer: h.Contents.Answer, Instead: h.Instead.Text,
		Paused: h.Door == rights.Paused, Shut: h.Stands(), Waiting: !h.Settled,
		Waits: h.Pending(), CanDrop: h.Pending() && h.Kind != rights.Incident, CanRead: h.State == rights.Answered, CanTakeBack: h.Stands(),
	}
	if h.State == rights.Answered {
		v.Until = rights.ReadUntil(h.AnsweredAt, zone).Starts(zone)
	}
	if s, ok := g.view.Service(h.Instead.Service); ok {
		v.Instead, v.InsteadURL = s.Name.In(g.lang), s.Start
	}
	if entry, ok := g.view.Declaration(h.Declaration, h.Version); ok {
		v.Controller = entry.Controller
	}
	if k := p.kidOf(g, h); k != nil {
		v.Child = k.Label
	} else if h.Child {
		v.CanTakeBack = false // who no longer acts for the child takes nothing back for them
	}
	return v
}

// answers is the function that answers requests about a school, as at the desk: that of whoever is responsible there, whoever
// wrote the declaration.
func (g guest) answers(uai person.UAI) registry.Role {
	school, _ := g.view.Establishment(uai)
	return school.Controller()
}

// kidOf is the child whom a request is about; nil when it is about the guest, or about one for whom they may ask no more.
func (p *rightsPages) kidOf(g guest, h rights.Held) *kid {
	for i, k := range g.kids {
		if h.Child && slices.ContainsFunc(k.handles, func(handle string) bool { return p.About(handle) == h.Whom }) {
			return &g.kids[i]
		}
	}
	return nil
}

// issued is one line of the list of what was sent.
type issued struct {
	At      time.Time // zero for a child's: their parents do not read when they were where
	Service string
	Names   []string
}

// onePage is one request.
type onePage struct {
	web.Frame
	Request requestView
	Done    string // envoye, deja, or nothing
	Fiche   []issued
	Listed  bool // the answer gives the list of what was sent
}

func (p *rightsPages) one(w http.ResponseWriter, r *http.Request, g guest) error {
	h, err := p.found(r, g)
	if err != nil {
		return err
	}
	page := onePage{Frame: g.Frame, Request: p.shown(g, h), Done: r.URL.Query().Get("fait")}
	page.Here = page.Request.URL
	k := p.kidOf(g, h)
	if h.Fiche && h.State == rights.Answered && (k != nil || !h.Child) {
		page.Listed = true
		if page.Fiche, err = p.fiche(r.Context(), g, h, k); err != nil {
			return web.Unavailable(err)
		}
	}
	return p.Kit.Render(w, r, http.StatusOK, "rights/one", page)
}

// found is the guest's request that an address names. Somebody else's is not told from one that is none.
func (p *rightsPages) found(r *http.Request, g guest) (rights.Held, error) {
	ref, err := web.ParseRef(r.PathValue("ref"))
	if err != nil {
		return rights.Held{}, web.NotFound(err)
	}
	h, err := p.Requests.One(r.Context(), g.party(nil), string(ref))
	if errors.Is(err, rights.ErrUnknown) {
		return h, web.NotFound(err)
	}
	if err != nil {
		return h, web.Unavailable(err)
	}
	return h, nil
}

// fiche lists everything that was sent, by the names of what was: to the service that the request is about, or to every one
// where it is about the gateway, in its establishment.
func (p *rightsPages) fiche(ctx context.Context, g guest, h rights.Held, k *kid) ([]issued, error) {
	service := h.Service
	if service == registry.House {
		service = ""
	}
	entries, err := p.sent(ctx, g, k, service)
	if err != nil {
		return nil, err
	}
	entries = slices.DeleteFunc(entries, func(e audit.Entry) bool { return person.UAI(e.UAI) != h.UAI })
	var out []issued
	for _, e := range entries {
		line := issued{At: e.At, Service: g.service(e.Service)}
		for _, name := range e.Attributes {
			line.Names = append(line.Names, p.label(g, name))
		}
		if k == nil {
			out = append(out, line)
			continue
		}
		line.At = time.Time{}
		out = joined(out, line)
	}
	return out, nil
}

// joined adds a line to that of the same service.
func joined(list []issued, line issued) []issued {
	i := slices.IndexFunc(list, func(o issued) bool { return o.Service == line.Service })
	if i < 0 {
		return append(list, line)
	}
	for _, name := range line.Names {
		if !slices.Contains(list[i].Names, name) {
			list[i].Names = append(list[i].Names, name)
		}
	}
	return list
}

func (p *rightsPages) label(g guest, name string) string {
	if entry, ok := p.Words.Entry(dictionary.Name(name)); ok {
		return entry.Label.In(g.lang)
	}
	return name
}

// The acts on a request, as addresses name them.
const (
	actDrop     = "annuler"
	actRead     = "lu"
	actTakeBack = "reprendre"
)

// confirmPage asks before an act.
type confirmPage struct {
	web.Frame
	Request requestView
	Act     string
}

func (p *rightsPages) confirm(w http.ResponseWriter, r *http.Request, g guest) error {
	h, err := p.found(r, g)
	if err != nil {
		return err
	}
	page := confirmPage{Frame: g.Frame, Request: p.shown(g, h), Act: r.PathValue("acte")}
	page.Here = page.Request.URL
	may, known := map[string]bool{actDrop: page.Request.CanDrop, actRead: page.Request.CanRead, actTakeBack: page.Request.CanTakeBack}[page.Act]
	switch {
	case !known:
		return web.NotFound(errors.New("no such act"))
	case !may: // done already, by the button or by time: the request says how it stands
		return p.Kit.Redirect(w, r, page.Request.URL, http.StatusSeeOther)
	}
	return p.Kit.Render(w, r, http.StatusOK, "rights/confirm", page)
}

// act does it. Done twice it is done once, and what can no longer be done shows the request as it stands.
func (p *rightsPages) act(w http.ResponseWriter, r *http.Request, g guest) error {
	h, err := p.found(r, g)
	if err != nil {
		return err
	}
	var do func(context.Context, rights.Party, string) (rights.Request, error)
	switch r.PathValue("acte") {
	case actDrop:
		do = p.Requests.Drop
	case actRead:
		do = p.Requests.Done
	case actTakeBack:
		do = p.Requests.TakeBack
	default:
		return web.NotFound(errors.New("no such act"))
	}
	made, err := do(r.Context(), g.party(p.kidOf(g, h)), h.Ref)
	if err != nil && made.Ref == "" && !errors.Is(err, rights.ErrUnknown) {
		return web.Unavailable(err)
	}
	return p.Kit.Redirect(w, r, rightsHome+"/"+h.Ref+"?fait="+r.PathValue("acte"), http.StatusSeeOther)
}
