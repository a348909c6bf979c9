package portal

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
	"ecluse/internal/web"
)

// How much of the journal is read for one person: pages of audit.MaxLimit entries, on one look and for a copy of everything.
const (
	fewPages  = 2
	manyPages = 10
)

// held is one service that was sent something of a person, or that they answered.
type held struct {
	ID       string
	Name     string
	Gone     bool // the register does not know it any more
	Last     time.Time
	School   string
	Kinds    []string
	Purposes []string
	Basis    registry.BasisKind
	Said     Answer // the newest of their own answers
	Shut     bool   // the controller closed it for them
	Instead  string
	Withdraw string // where the yes is taken back; empty where there is none
	Object   string // where an objection is made; empty where the law gives none
	Ask      string // where something else is asked

	uai person.UAI
}

// findings is what the journal and the receipts hold of one person.
type findings struct {
	releases []audit.Entry // the newest first
	more     bool          // there are older ones, which were not read
	answers  []Answer
	names    []string // the services that were looked for
}

// find reads releases and answers under every key of the person: the releases in one query a page, whatever the number of
// services. extra are services that the register may not know any more.
func (p *dataPages) find(ctx context.Context, o owner, pages int, extra ...string) (findings, error) {
	var out findings
	for _, s := range o.view.Services() {
		out.names = append(out.names, s.ID)
	}
	for _, id := range extra {
		if id != "" && !slices.Contains(out.names, id) {
			out.names = append(out.names, id)
		}
	}
	q := audit.Query{Outcome: audit.Released, AnyOf: []string{}, Limit: audit.MaxLimit}
	for _, id := range out.names {
		for _, handle := range o.own {
			q.AnyOf = append(q.AnyOf, p.Keys.Sent(handle, id))
		}
	}
	for range pages {
		page, err := p.Events.List(ctx, q)
		if err != nil {
			return findings{}, fmt.Errorf("my data: %w", err)
		}
		out.releases = append(out.releases, page.Entries...)
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	out.more = q.After != ""
	var err error
	if out.answers, err = p.Answers.Said(ctx, o.Who, out.names, o.lang); err != nil {
		return findings{}, fmt.Errorf("my data: %w", err)
	}
	return out, nil
}

// others are the services by which somebody is known here and that the register may have lost: what they marked and what they
// asked about.
func (p *dataPages) others(ctx context.Context, o owner) (marked []string, asked []rights.Held, err error) {
	subjects := make([]string, len(o.own))
	for i, handle := range o.own {
		subjects[i] = p.Keys.Marked(handle)
	}
	if marked, err = p.Favourites.Marked(ctx, subjects); err != nil {
		return nil, nil, fmt.Errorf("my data: %w", err)
	}
	if asked, err = p.Reports.Of(ctx, rights.Party{Own: o.own}); err != nil {
		return nil, nil, fmt.Errorf("my data: %w", err)
	}
	return marked, asked, nil
}

// gather finds everything for a number of pages of the journal.
func (p *dataPages) gather(ctx context.Context, o owner, pages int) (f findings, marked []string, asked []rights.Held, err error) {
	if marked, asked, err = p.others(ctx, o); err != nil {
		return f, nil, nil, err
	}
	extra := slices.Clone(marked)
	for _, h := range asked {
		if !h.Child { // what is asked for a child says nothing of whoever asks
			extra = append(extra, h.Service)
		}
	}
	f, err = p.find(ctx, o, pages, extra...)
	return f, marked, asked, err
}

// services lists what was found by service, the last used first.
func (p *dataPages) services(o owner, f findings) []held {
	var out []held
	at := map[string]int{}
	of := func(id string) *held {
		i, known := at[id]
		if !known {
			i, at[id] = len(out), len(out)
			out = append(out, p.held(o, id))
		}
		return &out[i]
	}
	r := p.reader(o)
	for _, e := range f.releases {
		h := of(e.Service)
		if h.Last.IsZero() { // the newest comes first
			h.Last, h.uai, h.School = e.At, person.UAI(e.UAI), r.school(e.UAI)
			if d, known := o.view.Declaration(e.Declaration, e.Version); known {
				h.Basis = d.Basis.Kind
				for _, text := range d.Purposes {
					h.Purposes = append(h.Purposes, text.In(o.lang))
				}
			}
		}
		for _, name := range e.Attributes {
			if label := r.label(name); !slices.Contains(h.Kinds, label) {
				h.Kinds = append(h.Kinds, label)
			}
		}
	}
	for _, a := range f.answers {
		of(a.Service).hears(a)
	}
	for i := range out {
		out[i].Withdraw = ""
		if standing(f.answers, out[i].ID) {
			out[i].Withdraw = dataHome + "/" + url.PathEscape(out[i].ID) + takeBack
		}
		p.offer(o, &out[i])
	}
	slices.SortStableFunc(out, func(a, b held) int { return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.Name, b.Name)) })
	return out
}

// held is a service by its name; one that the register does not know goes by its word there.
func (p *dataPages) held(o owner, id string) held {
	s, known := o.view.Service(id)
	if !known {
		return held{ID: id, Name: id, Gone: true}
	}
	return held{ID: id, Name: s.Name.In(o.lang)}
}

// hears takes what was said last: answers come oldest first.
func (h *held) hears(a Answer) {
	switch a.Act {
	case "closed", "opened":
		h.Shut, h.Instead = a.Act == "closed", a.Instead
	default:
		h.Said = a
	}
}

// standing tells whether somebody has a yes to take back at a service: of any declaration, the last that they said of it.
func standing(answers []Answer, service string) bool {
	last := map[string]string{}
	for _, a := range answers {
		if a.Service == service && a.Declaration != "" {
			last[a.Declaration] = a.Act
		}
	}
	for _, act := range last {
		if act == "agreed" {
			return true
		}
	}
	return false
}

// offer says what the law gives: what holds today is what is asked about.
func (p *dataPages) offer(o owner, h *held) {
	h.Ask = rightsHome
	if h.Gone || h.uai == "" {
		return
	}
	basis := h.Basis
	if d, holds := inForce(o.view, h.ID, h.uai, p.Now()); holds {
		basis = d.Basis.Kind
	}
	h.Ask = askAbout(h.ID, placeWord(p.About, o.Who, h.uai))
	if rights.WayOf(basis) == rights.Object && h.ID != registry.House {
		h.Object = h.Ask + "&quoi=" + string(rights.Objection)
	}
}

// askAbout is the form about one service in one establishment.
func askAbout(service, place string) string {
	return rightsAsk + "?" + url.Values{"service": {service}, "etablissement": {place}}.Encode()
}

// dataPage is what somebody finds of themself.
type dataPage struct {
	web.Frame
	Sitting
	Services []held
	More     bool
	Source   string
	Leave    string // the proof of the form that ends all sessions
}

func (p *dataPages) home(w http.ResponseWriter, r *http.Request, o owner) error {
	f, _, _, err := p.gather(r.Context(), o, fewPages)
	if err != nil {
		return web.Unavailable(err)
	}
	source, _ := o.view.Source(o.Who.Authn.Source)
	return p.Kit.Render(w, r, http.StatusOK, "data/home", dataPage{
		Frame: o.Frame, Sitting: o.Sitting, Services: p.services(o, f), More: f.more, Source: source.Name.In(o.lang), Leave: o.Proof("everywhere"),
	})
}
